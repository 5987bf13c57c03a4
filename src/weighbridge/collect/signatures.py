"""A model's signatures: who signed, whether it verifies, and what differs from what was signed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, cast

from weighbridge.collect.context import CollectContext
from weighbridge.edge.text import visible
from weighbridge.model.artifact import WEIGHT_SUFFIXES
from weighbridge.model.errors import HostileInput
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.signature import (
    DifferenceFacts,
    SignatureFacts,
    SignatureSummary,
)

if TYPE_CHECKING:
    from weighbridge.signing.bundle import Bundle
    from weighbridge.signing.compare import Difference
    from weighbridge.signing.discover import SignatureFile
    from weighbridge.signing.oms import OmsVerification

NAME = "signatures"
KINDS = (EvidenceKind.SIGNATURE,)

_COLLECTOR = "signatures@1"
# a certificate counts on the day of the audit while it is valid at that day's end
_END_OF_DAY = dt.time(23, 59, 59, tzinfo=dt.UTC)
_NO_SIGNATURE = "no signature file lies at the top level of the model"


def collect(ctx: CollectContext) -> Iterable[Evidence]:
    """Evidence about every signature file, and about the model's weights as they are named there.

    Raises:
        ConfigurationError: a trusted signer's key cannot be used.
    """
    from weighbridge.signing.discover import find_signatures
    from weighbridge.signing.fingerprints import is_needed, keys_beside

    found = find_signatures(ctx.snapshot)
    at_hand = keys_beside(ctx.snapshot) if is_needed(ctx.trust) else ()
    weights = tuple(sorted(a.path for a in ctx.snapshot.artifacts if a.is_weight))
    evidence = [
        _one(ctx, file, found.paths, frozenset(weights), at_hand) for file in found.signatures
    ]
    named = {path for one in evidence for path in _named(one)}
    summary: SignatureSummary = {
        "signatures": [file.path for file in found.signatures],
        "other_files": list(found.others),
        "weights": list(weights),
        "uncovered": [path for path in weights if path not in named],
    }
    yield Evidence(
        EvidenceKind.SIGNATURE, "", EvidenceState.OBSERVED, "subject", _COLLECTOR, data=summary
    )
    if not found.signatures:
        yield Evidence(
            EvidenceKind.SIGNATURE, "", EvidenceState.ABSENT, "subject", _COLLECTOR, _NO_SIGNATURE
        )
    yield from evidence


def _one(
    ctx: CollectContext,
    file: SignatureFile,
    signature_paths: tuple[str, ...],
    weights: frozenset[str],
    at_hand: tuple[bytes, ...],
) -> Evidence:
    if file.data is None:
        return _unavailable(file.path, file.reason)
    from weighbridge.signing.errors import UnsupportedSignature
    from weighbridge.signing.oms import verify_oms

    try:
        verified = verify_oms(
            file.taken_apart(),
            ctx.snapshot,
            ctx.trust,
            signature_paths=signature_paths,
            at=dt.datetime.combine(ctx.as_of, _END_OF_DAY),
            timestamp_roots=ctx.timestamp_roots,
            at_hand=at_hand,
        )
    except UnsupportedSignature as error:
        return _observed(file.path, _opaque_facts(file.data, error))
    except HostileInput as error:
        return _unavailable(file.path, visible(error.message))
    return evidence_of(file.path, verified, weights)


def _named(evidence: Evidence) -> Iterator[str]:
    """The paths that a signature which is not plainly wrong names, whatever lies there now."""
    if evidence.state is not EvidenceState.OBSERVED:
        return
    facts = cast(SignatureFacts, evidence.data)
    if facts["signature_state"] != "invalid":
        yield from facts["covered"]
        yield from (d["path"] for d in facts["differences"] if d["expected"])


def _observed(path: str, facts: SignatureFacts) -> Evidence:
    return Evidence(
        EvidenceKind.SIGNATURE,
        path,
        EvidenceState.OBSERVED,
        f"file:{path}",
        _COLLECTOR,
        data=facts,
    )


def _unavailable(path: str, reason: str) -> Evidence:
    return Evidence(
        EvidenceKind.SIGNATURE,
        path,
        EvidenceState.UNAVAILABLE,
        f"file:{path}",
        _COLLECTOR,
        reason,
    )


def _facts(verified: OmsVerification, weights: frozenset[str]) -> SignatureFacts:
    from weighbridge.signing.facts import signing_facts
    from weighbridge.signing.manifest import PREDICATE_TYPE

    manifest, comparison = verified.manifest, verified.comparison
    return {
        "predicate_type": PREDICATE_TYPE,
        "mode": verified.bundle.mode,
        "hint": verified.bundle.hint,
        "signature_state": verified.state.value,
        "reason": verified.reason,
        "opaque": False,
        "valid_for": [
            {"name": signer.name, "fingerprint": str(signer.fingerprint)}
            for signer in verified.valid_for
        ],
        "model_name": manifest.model_name,
        "hash_type": manifest.hash_type,
        "root_digest": str(manifest.root),
        "root_consistent": manifest.root_consistent,
        "covered": list(comparison.covered),
        "by_pointer": list(comparison.by_pointer),
        "differences": [_difference(d, weights) for d in comparison.differences],
        "ignored": [{"path": i.path, "reason": i.reason} for i in comparison.ignored],
        "signing": signing_facts(verified.signature),
    }


def evidence_of(path: str, verified: OmsVerification, weights: Iterable[str] = ()) -> Evidence:
    """A signature that was verified, as the evidence that rules read."""
    return _observed(path, _facts(verified, frozenset(weights)))


def _difference(difference: Difference, weights: frozenset[str]) -> DifferenceFacts:
    names = (difference.path, difference.other)
    return {
        "path": difference.path,
        "cause": difference.cause.value,
        "expected": str(difference.expected or ""),
        "actual": str(difference.actual or ""),
        "other": difference.other,
        "detail": difference.detail,
        "weight": any(n in weights or n.lower().endswith(WEIGHT_SUFFIXES) for n in names if n),
    }


def _opaque_facts(data: bytes, error: HostileInput) -> SignatureFacts:
    """What can be said of a signature of an unsupported kind. Its list of files is not read."""
    from weighbridge.signing.errors import LegacyManifest, UnrelatedSignature
    from weighbridge.signing.facts import signing_facts
    from weighbridge.signing.manifest import LEGACY_PREDICATE_TYPE

    predicate_type = ""
    if isinstance(error, UnrelatedSignature):
        predicate_type = error.predicate_type
    elif isinstance(error, LegacyManifest):
        predicate_type = LEGACY_PREDICATE_TYPE
    unrelated = isinstance(error, UnrelatedSignature)
    bundle = _bundle(data)
    return {
        "predicate_type": predicate_type,
        "mode": bundle.mode if bundle else "",
        "hint": bundle.hint if bundle else "",
        "signature_state": "unrelated" if unrelated else "unsupported",
        "reason": visible(error.message),
        "opaque": True,
        "valid_for": [],
        "model_name": "",
        "hash_type": "",
        "root_digest": "",
        "root_consistent": False,
        "covered": [],
        "by_pointer": [],
        "differences": [],
        "ignored": [],
        "signing": signing_facts(None),
    }


def _bundle(data: bytes) -> Bundle | None:
    """The bundle, None where even that is of a kind that cannot be read."""
    from weighbridge.signing.bundle import Bundle
    from weighbridge.signing.errors import UnsupportedSignature

    try:
        return Bundle.from_bytes(data)
    except UnsupportedSignature:
        return None
