"""Weight files: what is inside, and what loading them would do. Bytes only; nothing is loaded."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from weighbridge.edge import sharing
from weighbridge.model.artifact import Artifact, Kind, Presence
from weighbridge.model.errors import HostileInput
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.snapshot.content import DiskOpener
from weighbridge.snapshot.snapshot import Snapshot
from weighbridge.weights.inspect import inspect_file
from weighbridge.weights.inspection import Inspection

if TYPE_CHECKING:
    from weighbridge.collect.context import CollectContext
    from weighbridge.model.facts.weights import WeightFacts

NAME = "weights"
KINDS = (EvidenceKind.WEIGHTS,)
_COLLECTOR = "weights@2"
# Files that tell a loader what to do: which code to import, which template to render, which file
# comes next. transformers, diffusers, PEFT, sentence-transformers, NeMo, MLflow; graphs of Keras
# (model.json), PaddlePaddle (inference.json) and TensorFlow 1 (.meta); packages of Core ML.
_OBEYED = (
    r"(?i)(\A|/)((config|tokenizer_config|generation_config|processor_config|preprocessor_config"
    r"|video_preprocessor_config|adapter_config|model_index|modules|chat_template"
    r"|config_sentence_transformers|sentence_bert_config|[^/]*\.index|model|inference)\.json"
    r"|[^/]*\.mlpackage/manifest\.json|[^/]*(ckpt|model)[^/]*\.meta|[^/]*(graph|model)[^/]*\.pbtxt"
    r"|[^/]*\.jinja2?|(config|model_config|hparams)\.ya?ml|mlmodel)\Z"
)
# Kinds that are read from end to end; of the others, a header or a directory says where to look.
_READ_THROUGH = frozenset({
    Kind.PICKLE, Kind.TORCH_LEGACY, Kind.GZIP, Kind.BZIP2, Kind.XZ, Kind.ZSTD, Kind.LZ4,
})  # fmt: skip
_HEAVY = 16 * 2**20  # bytes of them beside the largest file: a second, if they are dense pickles


class Look(NamedTuple):
    """One file to look into. ``about``: what the evidence calls it."""

    snapshot: Snapshot
    artifact: Artifact
    about: str


def collect(ctx: CollectContext) -> Iterator[Evidence]:
    """One evidence a weight file, in the order of their paths; one in all if there is none."""
    snapshot = ctx.snapshot
    looks = [Look(snapshot, a, a.path) for a in snapshot.artifacts if is_inspected(a)]
    yield from inspect_all(looks)
    if not looks:
        yield Evidence(
            EvidenceKind.WEIGHTS, "", EvidenceState.ABSENT, "snapshot", _COLLECTOR,
            reason="The subject holds no weight file.",
        )  # fmt: skip


def is_inspected(artifact: Artifact) -> bool:
    """Whether a file of a folder is looked into: it holds weights, or its name says that a
    framework would load it as such, or obey it while it loads them."""
    return artifact.is_weight or re.search(_OBEYED, artifact.path) is not None


def inspect_all(looks: Sequence[Look]) -> Iterator[Evidence]:
    """The evidence about each, in that order; several are looked into at a time where it pays."""
    if not all(isinstance(look.snapshot.opener, DiskOpener) for look in looks):
        # what else opens files (git's objects) holds some open, which a copy would share
        yield from map(inspect_artifact, looks)
        return
    sizes = sorted(a.size for _, a, _ in looks if a.kind in _READ_THROUGH)
    found = sharing.share(len(looks), lambda n: _said(looks[n]), heavy=sum(sizes[:-1]) >= _HEAVY)
    for look, said in zip(looks, found, strict=True):
        if isinstance(said, sharing.Lost):
            reason = f"the analyser's process was ended on this file (signal {said.signal})"
            said = {"reason": reason}  # noqa: PLW2901
        yield _evidence(look, said)


def inspect_artifact(look: Look) -> Evidence:
    """The evidence about one file, whatever it is."""
    return _evidence(look, _said(look))


def _evidence(look: Look, said: sharing.Result) -> Evidence:
    state = EvidenceState.UNAVAILABLE if "reason" in said else EvidenceState.OBSERVED
    return Evidence(
        EvidenceKind.WEIGHTS, look.about, state, f"file:{look.about}", _COLLECTOR,
        reason=said.get("reason", ""), data=said.get("data", {}),
    )  # fmt: skip


def _said(look: Look) -> sharing.Result:
    """The part of the evidence that takes looking: its ``data``, its ``reason``, or both."""
    artifact = look.artifact
    if artifact.presence is not Presence.CONTENT:
        return {"reason": f"content not present: the file is a {artifact.presence.value}"}
    try:
        with look.snapshot.open(artifact) as stream:
            seen = inspect_file(stream, artifact.size, artifact.kind, artifact.path)
    except HostileInput as error:
        return {"reason": str(error)}
    except OSError as error:
        return {"reason": f"the file cannot be read: {error.strerror or error}"}
    except Exception as error:  # noqa: BLE001 - see below
        # The one boundary where an analyser's own defect is caught. It is not hidden: the file
        # stands as unavailable with the error's type, so every rule about it ends as unknown, and
        # one hostile file cannot keep the others from being looked at.
        return {"reason": f"the analyser broke on this file ({type(error).__name__})"}
    found: sharing.Result = {"data": facts(seen, artifact.size)}
    if not seen.complete:
        found["reason"] = f"not read completely: {seen.incomplete_reason}"
    return found


def facts(seen: Inspection, size: int) -> WeightFacts:
    """The payload for one inspection."""
    found: WeightFacts = {
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
    if seen.remarks:
        found["remarks"] = tuple(
            {
                "kind": r.kind, "message": r.message, "method": r.method, "offset": r.offset,
                "member": r.member,
            }
            for r in seen.remarks
        )  # fmt: skip
    return found
