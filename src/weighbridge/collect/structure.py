"""Index, configuration and card of each model against the tensors that its files hold.

Headers only: no tensor is read, and nothing is loaded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, cast

from weighbridge.collect.context import CollectContext
from weighbridge.collect.structure_declared import SIZES, Held, architecture_of, hold
from weighbridge.collect.structure_headers import Headers, format_of
from weighbridge.collect.structure_models import Folder, Model, find_models, is_index
from weighbridge.edge.text import visible
from weighbridge.model.artifact import Artifact
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.structure import (
    MAX_ENTRIES,
    ArchitectureFacts,
    DisagreementFacts,
    MismatchFacts,
    ModelFacts,
    NotComparedFacts,
    ShardsFacts,
)
from weighbridge.weights.architecture import Architecture, Mismatch
from weighbridge.weights.shards import Disagreement

NAME = "structure"
KINDS = (EvidenceKind.STRUCTURE,)
MAX_FOLDERS = 500
_COLLECTOR = f"{NAME}@1"
_TEXT = 200  # characters of a value that a file gave
_LARGEST = 2**53 - 1  # the largest number that canonical JSON holds
Gap = tuple[str, str, bool]
Format = Literal["safetensors", "gguf", "torch", "other"]


def collect(ctx: CollectContext) -> Iterator[Evidence]:
    """Two pieces of evidence a folder, in the order of their paths; one in all if there is none."""
    folders: dict[str, list[Artifact]] = {}
    for artifact in ctx.snapshot.artifacts:
        if format_of(artifact) or is_index(artifact.path):
            folders.setdefault(artifact.path.rpartition("/")[0], []).append(artifact)
    away = {
        problem.path: f"it cannot be read: {problem.detail}" for problem in ctx.snapshot.problems
    }
    away |= dict.fromkeys(ctx.snapshot.unread, "it was not asked for")
    for position, path in enumerate(sorted(folders)):
        if position == MAX_FOLDERS:
            yield Evidence(
                EvidenceKind.STRUCTURE, path, EvidenceState.UNAVAILABLE, f"file:{path}",
                _COLLECTOR, reason=f"more than {MAX_FOLDERS} folders hold weights",
            )  # fmt: skip
            return
        folder = Folder(ctx.snapshot, path, tuple(folders[path]), away, Headers(ctx.snapshot))
        yield from _evidence(folder)
    if not folders:
        yield Evidence(
            EvidenceKind.STRUCTURE, "", EvidenceState.ABSENT, "snapshot", _COLLECTOR,
            reason="The subject holds no weight file whose header lists tensors.",
        )  # fmt: skip


def _evidence(folder: Folder) -> Iterator[Evidence]:
    find_models(folder)
    found = {model.name: architecture_of(folder, model) for model in folder.models}
    held = hold(folder, found)
    yield _about(folder, _shards(folder), folder.gaps)
    yield _about(folder, _architecture(folder, found, held), held.gaps)


def _about(folder: Folder, facts: ShardsFacts | ArchitectureFacts, gaps: Sequence[Gap]) -> Evidence:
    unread = [f"{path}: {why}" for path, why, is_unread in dict.fromkeys(gaps) if is_unread]
    more = f" (and {len(unread) - 1} more)" if len(unread) > 1 else ""
    return Evidence(
        EvidenceKind.STRUCTURE,
        folder.path or ".",
        EvidenceState.UNAVAILABLE if unread else EvidenceState.OBSERVED,
        f"file:{folder.path or '.'}",
        _COLLECTOR,
        reason=visible(unread[0], 2 * _TEXT) + more if unread else "",
        data=facts,
    )


def _shards(folder: Folder) -> ShardsFacts:
    gaps = _gaps(folder.gaps)
    return {
        "part": "shards",
        "disagreements": [_disagreement(at, one) for at, one in _chosen(folder.disagreements)],
        "disagreement_count": len(folder.disagreements),
        "compared": [{"path": path, "what": []} for path in folder.compared[:MAX_ENTRIES]],
        "compared_count": len(folder.compared),
        "not_compared": gaps[:MAX_ENTRIES],
        "not_compared_count": len(gaps),
    }


def _architecture(
    folder: Folder, found: Mapping[str, Architecture], held: Held
) -> ArchitectureFacts:
    gaps = _gaps(held.gaps)
    return {
        "part": "architecture",
        "models": [_model(model, found[model.name]) for model in folder.models[:MAX_ENTRIES]],
        "model_count": len(folder.models),
        "mismatches": [_mismatch(*one) for one in held.mismatches[:MAX_ENTRIES]],
        "mismatch_count": len(held.mismatches),
        "compared": [
            {"path": path, "what": list(what)} for path, what in held.compared[:MAX_ENTRIES]
        ],
        "compared_count": len(held.compared),
        "not_compared": gaps[:MAX_ENTRIES],
        "not_compared_count": len(gaps),
    }


def _gaps(gaps: Sequence[Gap]) -> list[NotComparedFacts]:
    """Each once, those that could not be read first."""
    once = sorted(dict.fromkeys(gaps), key=lambda gap: not gap[2])
    return [
        {"path": path, "why": visible(why, 2 * _TEXT), "unread": unread}
        for path, why, unread in once
    ]


def _model(model: Model, found: Architecture) -> ModelFacts:
    return {
        "name": model.name,
        "format": cast(Format, model.format),
        "files": [artifact.path for artifact in model.files[:MAX_ENTRIES]],
        "file_count": len(model.files),
        "whole": not model.why,
        "layout": found.layout,
        "tensors": found.tensors,
        "parameters": min(found.parameters, _LARGEST),
        "exact": found.exact,
        "dtypes": [
            {"dtype": dtype, "parameters": min(count, _LARGEST)}
            for dtype, count in found.dtypes[:MAX_ENTRIES]
        ],
        "sizes": {
            name: min(size, _LARGEST) for name in SIZES if (size := getattr(found, name)) >= 0
        },
    }


def _chosen(found: Sequence[tuple[str, Disagreement]]) -> list[tuple[str, Disagreement]]:
    """Those that are kept: some of every kind, however many there are of one."""
    if len(found) <= MAX_ENTRIES:
        return list(found)
    counts: dict[str, int] = {}
    ranked: list[tuple[int, int]] = []
    for position, (_, one) in enumerate(found):
        counts[one.kind] = counts.get(one.kind, 0) + 1
        ranked.append((counts[one.kind], position))
    return [found[position] for _, position in sorted(sorted(ranked)[:MAX_ENTRIES], key=_second)]


def _second(pair: tuple[int, int]) -> int:
    return pair[1]


def _disagreement(at: str, one: Disagreement) -> DisagreementFacts:
    return {
        "kind": one.kind,
        "at": at,
        "file": visible(one.file, _TEXT),
        "subject": visible(one.subject, _TEXT),
        "said": visible(one.said, _TEXT),
        "found": visible(one.found, _TEXT),
    }


def _mismatch(at: str, line: int, one: Mismatch) -> MismatchFacts:
    return {
        "what": one.what,
        "at": at,
        "line": line,
        "declared": visible(one.declared, _TEXT),
        "declared_in": visible(one.declared_in, 2 * _TEXT),
        "found": visible(one.found, _TEXT),
        "found_in": one.found_in,
    }
