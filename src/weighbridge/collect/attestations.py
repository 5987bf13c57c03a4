"""Attestations: who stated what on which control, whether it is signed, and for which subject.

They are looked for in the subject, by the name ``*.attestation.json``, and in the folder that was
given, by content. An evidence file is compared where one of its name lies beside the attestation.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from weighbridge.collect.context import CollectContext
from weighbridge.model.digest import Digest
from weighbridge.model.errors import HostileInput
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.attestation import AttestationFacts

if TYPE_CHECKING:
    from weighbridge.collect.attestation_folder import HeldAttestation
    from weighbridge.signing.attested import (
        AttestationFile,
        AttestedSubject,
        VerifiedAttestation,
    )
    from weighbridge.snapshot.snapshot import Snapshot

NAME = "attestations"
KINDS = (EvidenceKind.ATTESTATION,)

_COLLECTOR = "attestations@1"
# a certificate counts on the day of the audit while it is valid at that day's end
_END_OF_DAY = dt.time(23, 59, 59, tzinfo=dt.UTC)
_NONE = "no attestation was found in the subject"


def collect(ctx: CollectContext) -> Iterable[Evidence]:
    """Evidence about every attestation.

    Raises:
        ConfigurationError: a trusted signer's key cannot be used.
    """
    from weighbridge.signing.attested import attested_subject, find_attestations
    from weighbridge.signing.fingerprints import is_needed, keys_beside

    found = find_attestations(ctx.snapshot)
    subject = attested_subject(ctx.snapshot, found)
    at_hand = keys_beside(ctx.snapshot) if is_needed(ctx.trust) else ()
    evidence = [_of_subject(ctx, file, subject, at_hand) for file in found]
    evidence += _beyond(ctx.snapshot)
    if ctx.services.attestations is not None:
        from weighbridge.collect.attestation_folder import held_attestations

        for held in held_attestations(ctx.services.attestations):
            evidence.append(_of_folder(ctx, held, subject, at_hand))
    yield from evidence
    if not evidence:
        also = ", nor in the folder that was given" if ctx.services.attestations else ""
        yield Evidence(
            EvidenceKind.ATTESTATION, "", EvidenceState.ABSENT, "subject", _COLLECTOR, _NONE + also
        )


def _of_subject(
    ctx: CollectContext,
    file: AttestationFile,
    subject: AttestedSubject,
    at_hand: tuple[bytes, ...],
) -> Evidence:
    source = f"file:{file.path}"
    if file.read is None:
        return _unavailable(file.path, source, file.reason)
    beside, unread = _beside(ctx.snapshot, file.path)
    return _judged(ctx, file, subject, at_hand, source, beside, unread)


def _of_folder(
    ctx: CollectContext,
    held: HeldAttestation,
    subject: AttestedSubject,
    at_hand: tuple[bytes, ...],
) -> Evidence:
    source = f"attestations:{held.file.path}"
    raw = (ctx.store.put(held.file.data),) if held.file.data else ()
    if held.file.read is None:
        return _unavailable(held.file.path, source, held.file.reason, raw)
    return _judged(ctx, held.file, subject, at_hand, source, held.beside, held.unread, raw)


def _judged(
    ctx: CollectContext,
    file: AttestationFile,
    subject: AttestedSubject,
    at_hand: tuple[bytes, ...],
    source: str,
    beside: Mapping[str, Digest],
    unread: Iterable[str],
    raw: tuple[Digest, ...] = (),
) -> Evidence:
    from weighbridge.signing.attested import file_states, verify_attestation

    assert file.read is not None
    try:
        verified = verify_attestation(
            file.read,
            subject,
            ctx.trust,
            at=dt.datetime.combine(ctx.as_of, _END_OF_DAY),
            timestamp_roots=ctx.timestamp_roots,
            at_hand=at_hand,
        )
    except HostileInput as error:
        from weighbridge.edge.text import visible

        return _unavailable(file.path, source, visible(error.message), raw)
    states = file_states(file.read.attestation, beside, frozenset(unread))
    return Evidence(
        EvidenceKind.ATTESTATION,
        file.path,
        EvidenceState.OBSERVED,
        source,
        _COLLECTOR,
        data=facts_of(verified, states),
        raw=raw,
    )


def facts_of(verified: VerifiedAttestation, states: Mapping[str, str]) -> AttestationFacts:
    """An attestation that was verified, as the evidence that rules read.

    Args:
        verified: the attestation.
        states: of its evidence files, as :func:`weighbridge.signing.attested.file_states`.
    """
    from weighbridge.signing.facts import signing_facts

    bundle, made = verified.read
    return {
        "control": made.control,
        "statement": made.statement,
        "person": {"name": made.name, "role": made.role, "email": made.email},
        "made": made.made.isoformat(),
        "expires": made.expires.isoformat(),
        "tool_version": made.tool_version,
        "subject_name": made.subject_name,
        "subject_digest": str(made.subject_digest),
        "bound": verified.bound.value,
        "bound_reason": verified.bound_reason,
        "signature_state": verified.signature.state.value,
        "reason": verified.signature.reason,
        "mode": bundle.mode,
        "hint": bundle.hint,
        "valid_for": [
            {"name": signer.name, "fingerprint": str(signer.fingerprint)}
            for signer in verified.signature.valid_for
        ],
        "evidence": [
            {"name": f.name, "sha256": f.digest.value, "size": f.size, "state": states[f.name]}
            for f in made.evidence
        ],
        "signing": signing_facts(verified.signature),
    }


def _beside(snapshot: Snapshot, path: str) -> tuple[dict[str, Digest], list[str]]:
    """The SHA-256 of the files in an attestation's folder by name, and those that have none."""
    folder = path.rpartition("/")[0]
    known: dict[str, Digest] = {}
    unread: list[str] = []
    for artifact in snapshot.artifacts:
        inside, _, name = artifact.path.rpartition("/")
        if inside == folder:
            digest = artifact.digest()
            if digest is None:
                unread.append(name)
            else:
                known[name] = digest
    unread += [p.path.rpartition("/")[2] for p in snapshot.problems
               if p.path.rpartition("/")[0] == folder]  # fmt: skip
    return known, unread


def _beyond(snapshot: Snapshot) -> Iterator[Evidence]:
    from weighbridge.signing.attested import MAX_FILES, beyond_the_bound

    if more := beyond_the_bound(snapshot):
        reason = f"{more} attestations beyond the bound of {MAX_FILES} were not looked at"
        yield _unavailable("", "subject", reason)


def _unavailable(path: str, source: str, reason: str, raw: tuple[Digest, ...] = ()) -> Evidence:
    return Evidence(
        EvidenceKind.ATTESTATION,
        path,
        EvidenceState.UNAVAILABLE,
        source,
        _COLLECTOR,
        reason,
        raw=raw,
    )
