"""Weight files: what is inside, and what loading them would do. Bytes only; nothing is loaded."""

from __future__ import annotations

from collections.abc import Iterator

from weighbridge.collect.context import CollectContext
from weighbridge.model.artifact import Artifact, Presence
from weighbridge.model.errors import HostileInput
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.weights import WeightFacts
from weighbridge.weights.inspect import inspect_file
from weighbridge.weights.inspection import Inspection

NAME = "weights"
KINDS = (EvidenceKind.WEIGHTS,)
_COLLECTOR = "weights@1"


def collect(ctx: CollectContext) -> Iterator[Evidence]:
    """One evidence a weight file, in the order of their paths; one in all if there is none."""
    found = False
    for artifact in ctx.snapshot.artifacts:
        if artifact.is_weight:
            found = True
            yield _inspect(ctx, artifact)
    if not found:
        yield Evidence(
            EvidenceKind.WEIGHTS, "", EvidenceState.ABSENT, "snapshot", _COLLECTOR,
            reason="The subject holds no weight file.",
        )  # fmt: skip


def _inspect(ctx: CollectContext, artifact: Artifact) -> Evidence:
    if artifact.presence is not Presence.CONTENT:
        return _unavailable(
            artifact, f"content not present: the file is a {artifact.presence.value}"
        )
    try:
        with ctx.snapshot.open(artifact) as stream:
            seen = inspect_file(stream, artifact.size, artifact.kind, artifact.path)
    except HostileInput as error:
        return _unavailable(artifact, str(error))
    except OSError as error:
        return _unavailable(artifact, f"the file cannot be read: {error.strerror or error}")
    except Exception as error:  # noqa: BLE001 - see below
        # The one boundary where an analyser's own defect is caught. It is not hidden: the file
        # stands as unavailable with the error's type, so every rule about it ends as unknown, and
        # one hostile file cannot keep the others from being looked at.
        return _unavailable(artifact, f"the analyser broke on this file ({type(error).__name__})")
    state = EvidenceState.OBSERVED if seen.complete else EvidenceState.UNAVAILABLE
    reason = "" if seen.complete else f"not read completely: {seen.incomplete_reason}"
    return Evidence(
        EvidenceKind.WEIGHTS, artifact.path, state, f"file:{artifact.path}", _COLLECTOR,
        reason=reason, data=facts(seen, artifact.size),
    )  # fmt: skip


def _unavailable(artifact: Artifact, reason: str) -> Evidence:
    return Evidence(
        EvidenceKind.WEIGHTS, artifact.path, EvidenceState.UNAVAILABLE, f"file:{artifact.path}",
        _COLLECTOR, reason=reason,
    )  # fmt: skip


def facts(seen: Inspection, size: int) -> WeightFacts:
    """The payload for one inspection."""
    return {
        "format": seen.format,
        "size": size,
        "bytes_read": seen.bytes_read,
        "complete": seen.complete,
        "uninspected": seen.uninspected,
        "gaps": seen.gaps,
        "operations": tuple(
            {
                "verdict": o.verdict.value, "action": o.action, "name": o.name,
                "rendered": o.rendered, "effect": o.effect, "offset": o.offset,
                "opcode": o.opcode, "member": o.member,
            }
            for o in seen.operations
        ),
        "operations_dropped": seen.operations_dropped,
        "allowed": tuple({"name": name, "count": count} for name, count in seen.allowed),
        "issues": tuple(
            {"code": i.code, "message": i.message, "offset": i.offset, "member": i.member}
            for i in seen.issues
        ),
        "tensors": seen.tensors,
        "parameters": seen.parameters,
        "dtypes": seen.dtypes,
    }  # fmt: skip
