"""The files of installed environments: changed, unlisted, run at start-up, embedded, attested.

Everything is read as files; no interpreter of an environment is ever started. One piece of evidence
for each environment given, and one for the subject where distributions with provenance lie in it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from weighbridge.collect.context import CollectContext
from weighbridge.collect.provenance import check_provenance, roots_of
from weighbridge.edge.text import visible
from weighbridge.model.artifact import Artifact, Presence
from weighbridge.model.errors import HostileInput
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.installation import (
    MAX_COMPONENTS,
    MAX_ENTRIES,
    EmbeddedComponentFacts,
    EmbeddedSbomFacts,
    HookFacts,
    InstallationFacts,
    ProvenanceFacts,
    RecordedFacts,
)
from weighbridge.packages.ahead import recording
from weighbridge.packages.embedded import Component, EmbeddedSbom, read_embedded
from weighbridge.packages.installed import Place, open_regular, place_of, read_inside
from weighbridge.packages.provenance import MAX_BYTES, attested_name
from weighbridge.packages.recorded import Recorded, Recording
from weighbridge.packages.startup import Hook, find_hooks

NAME = "installation"
KINDS: tuple[EvidenceKind, ...] = (EvidenceKind.INSTALLATION,)
_COLLECTOR = f"{NAME}@1"
MAX_DIFFERENCES = 20_000  # listed in all packages of an environment
MAX_PROVENANCE = 1_000
_BUFFER = 2**20
_SUBJECT = "subject"


def collect(ctx: CollectContext) -> Iterator[Evidence]:
    """One observation an environment, or why it could not be read.

    Raises:
        ConfigurationError: a trust root of the policy cannot be used.
    """
    roots = roots_of(ctx.trust)
    attested = tuple(_of_subject(ctx, roots))
    if attested:
        facts = _facts(Recording((), (), {}), (), (), (), attested)
        yield _observed(_SUBJECT, _SUBJECT, facts)
    for number, folder in enumerate(ctx.environments, 1):
        label = f"environment:{number}"
        try:
            yield _observed(label, label, _of_environment(folder, roots))
        except HostileInput as error:
            yield _missing(label, EvidenceState.UNAVAILABLE, visible(error.message))
        except OSError as error:
            reason = f"the environment cannot be read: {error.strerror}"
            yield _missing(label, EvidenceState.UNAVAILABLE, reason)
    if not ctx.environments:
        reason = "no environment was given, so there are no installed files to look at"
        yield _missing("", EvidenceState.ABSENT, reason)


def _of_environment(folder: Path, roots: tuple[str, ...]) -> InstallationFacts:
    embedded = read_embedded(folder)
    recorded = recording(folder)
    return _facts(
        recorded,
        find_hooks(folder, recorded.owners),
        embedded.sboms,
        embedded.components,
        tuple(_provenance(place_of(folder), recorded, roots)),
    )


def _provenance(
    place: Place, recorded: Recording, roots: tuple[str, ...]
) -> Iterator[ProvenanceFacts]:
    """Provenance files in an environment: no RECORD lists them."""
    found = [path for path in recorded.unlisted if attested_name(path)]
    for path in found[:MAX_PROVENANCE]:
        try:
            data = read_inside(place, f"{place.folder}/{path}", MAX_BYTES)
            digest = _sha256(place, f"{place.folder}/{attested_name(path)}")
        except (HostileInput, OSError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            yield _unread(path, reason or "it cannot be read")
            continue
        yield check_provenance(path, data, digest, roots)


def _sha256(place: Place, path: str) -> str:
    """A file's SHA-256 in hex, empty where there is no such file."""
    try:
        real = os.path.realpath(path, strict=True)
        if not place.holds(real) or not Path(real).is_file():
            return ""
        with os.fdopen(open_regular(real), "rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except FileNotFoundError:
        return ""


def _of_subject(ctx: CollectContext, roots: tuple[str, ...]) -> Iterator[ProvenanceFacts]:
    found = [a for a in ctx.snapshot.artifacts if attested_name(a.path)]
    for artifact in found[:MAX_PROVENANCE]:
        try:
            data = ctx.snapshot.read(artifact, MAX_BYTES)
        except HostileInput as error:
            yield _unread(artifact.path, error.message)
            continue
        beside = ctx.snapshot.find(attested_name(artifact.path))
        yield check_provenance(artifact.path, data, _digest_of(beside), roots)


def _digest_of(artifact: Artifact | None) -> str:
    if artifact is None or artifact.presence is not Presence.CONTENT:
        return ""
    return next((d.value for d in artifact.digests if d.algorithm == "sha256"), "")


def _unread(path: str, reason: str) -> ProvenanceFacts:
    return {
        "package": "",
        "version": "",
        "file": visible(path),
        "sha256": "",
        "state": "unread",
        "publisher": "",
        "reason": visible(reason),
    }


def _facts(
    recording: Recording,
    hooks: tuple[Hook, ...],
    sboms: tuple[EmbeddedSbom, ...],
    components: tuple[Component, ...],
    provenance: tuple[ProvenanceFacts, ...],
) -> InstallationFacts:
    room = MAX_DIFFERENCES
    recorded: list[RecordedFacts] = []
    for one in recording.packages:
        recorded.append(_recorded(one, min(room, MAX_ENTRIES)))
        room -= len(recorded[-1]["differences"])
    return {
        "recorded": recorded,
        "unlisted": [visible(path) for path in recording.unlisted[:MAX_ENTRIES]],
        "unlisted_count": len(recording.unlisted),
        "hooks": [_hook(hook) for hook in hooks[:MAX_ENTRIES]],
        "sboms": [_sbom(sbom) for sbom in sboms[:MAX_ENTRIES]],
        "components": [_component(one) for one in components[:MAX_COMPONENTS]],
        "component_count": len(components),
        "provenance": list(provenance),
    }


def _recorded(one: Recorded, room: int) -> RecordedFacts:
    return {
        "package": one.package,
        "version": one.version,
        "state": one.state,
        "reason": one.reason,
        "record_sha256": one.record_sha256,
        "files": one.files,
        "verified": one.verified,
        "unhashed": one.unhashed,
        "differences": [{"path": d.path, "what": d.what} for d in one.differences[:room]],
        "difference_count": len(one.differences),
    }


def _hook(hook: Hook) -> HookFacts:
    return {
        "path": visible(hook.path),
        "kind": hook.kind,
        "package": hook.package,
        "sha256": hook.sha256,
        "verdict": hook.verdict,
        "reasons": list(hook.reasons),
        "lines": list(hook.lines),
    }


def _sbom(sbom: EmbeddedSbom) -> EmbeddedSbomFacts:
    return {
        "package": sbom.package,
        "path": sbom.path,
        "format": sbom.format,
        "format_version": sbom.format_version,
        "sha256": sbom.sha256,
        "components": sbom.components,
        "reason": sbom.reason,
    }


def _component(one: Component) -> EmbeddedComponentFacts:
    return {
        "package": one.package,
        "sbom": one.sbom,
        "ref": one.ref,
        "type": one.type,
        "name": one.name,
        "version": one.version,
        "purl": one.purl,
        "license": one.license,
        "hashes": list(one.hashes),
        "requires": list(one.requires),
    }


def _observed(about: str, source: str, facts: InstallationFacts) -> Evidence:
    return Evidence(
        EvidenceKind.INSTALLATION,
        about,
        EvidenceState.OBSERVED,
        source,
        _COLLECTOR,
        data={**facts},
    )


def _missing(about: str, state: EvidenceState, reason: str) -> Evidence:
    return Evidence(EvidenceKind.INSTALLATION, about, state, about or _SUBJECT, _COLLECTOR, reason)
