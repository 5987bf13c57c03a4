"""What an attestation is bound to, and whether it speaks of the files that are here.

The digest is ``dirHash1`` over all of the subject's files, as the subject's own digest is, but for
those that come after the fact: the model's signatures (see
:mod:`weighbridge.signing.discover`) and the attestations. So a model may be signed, and further
people may attest, without a statement losing its subject. It binds names as well as content, which
the root digest of OMS does not: a renamed file makes another subject.

Only a file that is named ``*.attestation.json`` and reads, byte for byte, as an attestation is left
out. No framework loads that name, and a file of that name with any other content counts as a file.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from weighbridge.edge.text import visible
from weighbridge.model.artifact import Artifact
from weighbridge.model.digest import Digest, directory_digest
from weighbridge.model.errors import HostileInput
from weighbridge.model.policy import TrustedSigner
from weighbridge.signing import dsse
from weighbridge.signing.attestation import (
    MAX_FILE_BYTES,
    SUFFIX,
    Attestation,
    ReadAttestation,
    read_attestation,
)
from weighbridge.signing.discover import find_signatures
from weighbridge.signing.errors import CannotSign
from weighbridge.signing.signers import Signer
from weighbridge.signing.trust import check_signature
from weighbridge.signing.verdict import SignatureVerdict
from weighbridge.snapshot.snapshot import ContentUnavailable, Snapshot

MAX_FILES = 1_000  # attestations in one subject; those beyond count as files of it


class Bound(enum.StrEnum):
    """Whether an attestation speaks of this subject."""

    THIS = "this"
    ANOTHER = "another"
    UNDETERMINED = "undetermined"  # not every file of the subject could be read


@dataclass(frozen=True, slots=True)
class AttestationFile:
    """A file that is, or by its name should be, an attestation.

    ``read`` is None where it could not be read as one, and ``reason`` then says why.
    """

    path: str
    data: bytes
    read: ReadAttestation | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AttestedSubject:
    """A subject as attestations see it: their digest of it, and what of it nobody could read."""

    digest: Digest
    gaps: tuple[str, ...]

    def bound(self, attestation: Attestation) -> tuple[Bound, str]:
        """Whether an attestation is bound to these files, with the reason where it is not."""
        if self.gaps:
            more = f" and {len(self.gaps) - 1} more" if len(self.gaps) > 1 else ""
            return Bound.UNDETERMINED, f"{visible(self.gaps[0], 200)}{more} could not be read"
        if attestation.subject_digest == self.digest:
            return Bound.THIS, ""
        made_for = f"{attestation.subject_name!r} ({attestation.subject_digest.short})"
        return Bound.ANOTHER, f"it was made for {made_for}, and this is {self.digest.short}"


@dataclass(frozen=True, slots=True)
class VerifiedAttestation:
    """What is known of one attestation; its expiry is judged by whoever has a date."""

    read: ReadAttestation
    signature: SignatureVerdict
    bound: Bound
    bound_reason: str


def find_attestations(snapshot: Snapshot) -> tuple[AttestationFile, ...]:
    """The files of a subject that are named as attestations, by path; :data:`MAX_FILES` at most."""
    named = [a for a in snapshot.artifacts if a.path.endswith(SUFFIX)]
    return tuple(_file(snapshot, artifact) for artifact in named[:MAX_FILES])


def beyond_the_bound(snapshot: Snapshot) -> int:
    """How many files are named as attestations and were not looked at."""
    named = sum(artifact.path.endswith(SUFFIX) for artifact in snapshot.artifacts)
    return max(0, named - MAX_FILES)


def attested_subject(
    snapshot: Snapshot, found: Sequence[AttestationFile] | None = None
) -> AttestedSubject:
    """The subject's digest for attestations.

    Args:
        snapshot: the files, all of them read.
        found: its attestation files, where they are known.
    """
    files = find_attestations(snapshot) if found is None else found
    left_out = {file.path for file in files if file.read is not None}
    left_out.update(find_signatures(snapshot).paths)
    known: list[tuple[str, Digest]] = []
    gaps = {problem.path for problem in snapshot.problems} | {*snapshot.unread}
    for artifact in snapshot.artifacts:
        if artifact.path in left_out:
            continue
        digest = artifact.digest()
        if digest is None:
            gaps.add(artifact.path)
        else:
            known.append((artifact.path, digest))
    return AttestedSubject(directory_digest(known), tuple(sorted(gaps - left_out)))


def sign_attestation(attestation: Attestation, signer: Signer) -> bytes:
    """The attestation's file."""
    data = signer.sign(dsse.IN_TOTO, attestation.to_bytes()).to_bytes()
    read_attestation(data)  # what would not be believed must not be handed out
    return data


def refuse_gaps(subject: AttestedSubject) -> None:
    """Refuse to attest to a subject of which a part could not be read.

    Raises:
        CannotSign: naming the first of what could not be read.
    """
    if subject.gaps:
        shown = ", ".join(repr(visible(path, 200)) for path in subject.gaps[:5])
        raise CannotSign(
            f"not every file of the subject could be read: {shown}",
            remedy="Remove or repair these; nobody can attest to what was not read.",
        )


def verify_attestation(
    read: ReadAttestation,
    subject: AttestedSubject,
    signers: Sequence[TrustedSigner],
    *,
    at: dt.datetime | None = None,
    timestamp_roots: Sequence[str] = (),
    at_hand: Sequence[bytes] = (),
) -> VerifiedAttestation:
    """Judge an attestation's signature and its binding. Arguments as for a model's signature.

    Raises:
        HostileInput: a certificate cannot be read.
        ConfigurationError: a trusted signer's key or root cannot be used.
    """
    verdict = check_signature(
        read.bundle, signers, at=at, timestamp_roots=timestamp_roots, at_hand=at_hand
    )
    bound, reason = subject.bound(read.attestation)
    return VerifiedAttestation(read, verdict, bound, reason)


def file_states(
    attestation: Attestation, beside: Mapping[str, Digest], unread: Collection[str] = ()
) -> dict[str, str]:
    """For each evidence file: ``same``, ``changed``, ``not-here`` or ``unread``.

    Args:
        attestation: which names them.
        beside: the SHA-256 of files in the attestation's folder, by name.
        unread: names of files that are there and could not be hashed.
    """
    states = {}
    for file in attestation.evidence:
        there = beside.get(file.name)
        if there is not None:
            states[file.name] = "same" if there == file.digest else "changed"
        else:
            states[file.name] = "unread" if file.name in unread else "not-here"
    return states


def _file(snapshot: Snapshot, artifact: Artifact) -> AttestationFile:
    try:
        data = snapshot.read(artifact, MAX_FILE_BYTES)
    except (ContentUnavailable, HostileInput, OSError) as error:
        return AttestationFile(artifact.path, b"", None, f"it could not be read: {error}")
    return taken_apart(artifact.path, data)


def taken_apart(path: str, data: bytes) -> AttestationFile:
    """A file's bytes as an attestation, or why they are none."""
    try:
        return AttestationFile(path, data, read_attestation(data))
    except HostileInput as error:
        return AttestationFile(path, data, None, visible(error.message))
