"""The weight files as components, shards as parts of one, and the files that fields come from."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from weighbridge.model.artifact import Artifact, Presence
from weighbridge.model.facts.structure import ModelFacts
from weighbridge.model.facts.weights import WeightFacts
from weighbridge.report.cyclonedx.material import Material, file_ref
from weighbridge.report.cyclonedx.part import Part
from weighbridge.report.cyclonedx.sources import Sources
from weighbridge.report.cyclonedx.values import MAX_NAME, clean, hashes, reference

# The Hub's libraries name the parts of a model ``model-00001-of-00002.safetensors``.
_SHARD = re.compile(
    r"(?P<stem>.*)-(?P<number>\d{5})-of-(?P<total>\d{5})(?P<end>\.[A-Za-z0-9_.]+)\Z"
)


def weight_parts(material: Material, sources: Sources) -> list[Part]:
    """One component a weight file; of a model in several files, one for it, with these inside.

    The group is a nested assembly, which readers of either version show as a tree. Its hashes are
    those of its parts.
    """
    groups, alone = _grouped(material)
    structures = {facts["name"]: facts for facts in material.structures}
    parts = [_file(artifact, material, sources) for artifact in alone]
    for name, artifacts in sorted(groups.items()):
        parts.append(_group(name, artifacts, structures.get(name), material, sources))
    return parts


def source_parts(material: Material, paths: Iterable[str]) -> list[Part]:
    """The other files that fields of the document were read from."""
    weights = {artifact.path for artifact in material.weights}
    found = (material.artifacts.get(path) for path in sorted(set(paths) - weights))
    parts = []
    for artifact in found:
        if artifact is not None:
            part = _plain(artifact)
            part.note("role", "source of fields of this document")
            parts.append(part)
    return parts


def _grouped(material: Material) -> tuple[dict[str, list[Artifact]], list[Artifact]]:
    """Files by the model that they are parts of, and those that are a model by themselves.

    The index says it where it was read; else the names do.
    """
    owner: dict[str, str] = {}
    for facts in material.structures:
        if facts["file_count"] > 1:
            owner.update(dict.fromkeys(facts["files"], facts["name"]))
    by_pattern: dict[str, str] = {}
    for path, name in owner.items():
        if pattern := _pattern(path):
            by_pattern.setdefault(pattern, name)
    groups: dict[str, list[Artifact]] = {}
    for artifact in material.weights:
        pattern = _pattern(artifact.path)
        name = owner.get(artifact.path) or by_pattern.get(pattern, pattern)
        groups.setdefault(name or "", []).append(artifact)
    alone = groups.pop("", [])
    return groups, alone


def _pattern(path: str) -> str:
    """``model-*-of-00002.safetensors`` for one of its parts; empty for any other name."""
    match = _SHARD.match(path)
    return f"{match['stem']}-*-of-{match['total']}{match['end']}" if match else ""


def _group(
    name: str,
    artifacts: list[Artifact],
    facts: ModelFacts | None,
    material: Material,
    sources: Sources,
) -> Part:
    from cyclonedx.model.component import Component, ComponentType

    part = Part(
        Component(
            name=clean(name, MAX_NAME),
            type=ComponentType.MACHINE_LEARNING_MODEL,
            bom_ref=reference("weights", name),
            description=f"{len(artifacts)} files that are the weights of one model",
        ),
        children=[_file(artifact, material, sources) for artifact in artifacts],
    )
    part.note("files", str(len(artifacts)))
    part.note("size", str(sum(artifact.size for artifact in artifacts)))
    if facts is not None:
        part.note("whole", "true" if facts["whole"] else "false")
        part.note("tensors", str(facts["tensors"]))
        if facts["parameters"] >= 0:
            part.note("parameters", str(facts["parameters"]))
        for row in facts["dtypes"]:
            part.note("dtype", f"{row['dtype']}: {row['parameters']} parameters")
        sources.found(part.ref, ("properties",), "weights", "",
                      "computed from the headers of the files")  # fmt: skip
    return part


def _file(artifact: Artifact, material: Material, sources: Sources) -> Part:
    part = _plain(artifact)
    facts = material.weight_facts.get(artifact.path)
    if facts is not None:
        _describe(part, facts)
    if artifact.presence is Presence.CONTENT:
        sources.found(part.ref, ("hashes",), "hashes", "", "computed from the file's bytes")
    elif artifact.digests:
        sources.found(part.ref, ("hashes",), "hashes", artifact.path,
                      "declared by the pointer that lies in the file's place")  # fmt: skip
    return part


def _describe(part: Part, facts: WeightFacts) -> None:
    known: dict[str, Any] = {"tensors": facts["tensors"], "parameters": facts["parameters"]}
    for name, count in known.items():
        if count >= 0:
            part.note(name, str(count))
    for dtype in facts["dtypes"]:
        part.note("dtype", dtype)
    part.note("read-to-its-end", "true" if facts["complete"] else "false")


def _plain(artifact: Artifact) -> Part:
    from cyclonedx.model.component import Component, ComponentType

    part = Part(
        Component(
            name=clean(artifact.path, MAX_NAME),
            type=ComponentType.FILE,
            bom_ref=file_ref(artifact.path),
            hashes=hashes(str(digest) for digest in artifact.digests),
        )
    )
    part.note("format", artifact.kind.value)
    part.note("presence", artifact.presence.value)
    part.note("size", str(artifact.size))
    return part
