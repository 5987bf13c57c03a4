"""Each dataset that the subject names, with what is recorded of it."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from weighbridge.collect.context import CollectContext
from weighbridge.collect.dataset_records import (
    CFF_NAME,
    MAX_BYTES,
    NAMES,
    Record,
    dvc_hash,
    parse_citation_cff,
    parse_datasets_yaml,
    pinned_by_dvc,
)
from weighbridge.collect.dataset_uses import DatasetUse, Part, Unread, Uses, find_uses
from weighbridge.edge.yaml import MalformedYaml
from weighbridge.model.artifact import Artifact, Presence
from weighbridge.model.errors import HostileInput
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.dataset import DatasetFacts, DatasetPlace
from weighbridge.snapshot.snapshot import Snapshot

__all__ = ["KINDS", "NAME", "DatasetUse", "Unread", "Uses", "collect", "evidence_of", "find_uses"]

NAME = "datasets"
KINDS: tuple[EvidenceKind, ...] = (EvidenceKind.DATASET,)
MAX_LICENSE_BYTES = 2**20
_COLLECTOR = f"{NAME}@1"


def collect(ctx: CollectContext) -> tuple[Evidence, ...]:
    """One piece of evidence a dataset, one a place that could not be read; else ``absent``."""
    return evidence_of(ctx.snapshot)


def evidence_of(snapshot: Snapshot) -> tuple[Evidence, ...]:
    """What :func:`collect` finds; it needs nothing but the files, so a hook can call it."""
    uses = find_uses(snapshot)
    records, broken, spoken_for = read_records(snapshot, uses)
    records += [record for record in uses.records if record.path not in spoken_for]
    by_id: dict[str, list[DatasetUse]] = {}
    for use in uses.uses:
        if use.path in spoken_for:
            continue
        by_id.setdefault(use.id, []).append(use)
    merged = _merged(records)
    # what datasets.yaml lists was used by its author's own word; a reference in CITATION.cff may be
    # there for any reason, and only fills in what is known of a dataset that is named
    listed = {record.id for record in records if _rank(record.path) == 0}
    texts = _LicenseTexts(snapshot)
    evidence = [
        _observed(name, by_id.get(name, ()), merged.get(name), texts)
        for name in sorted(by_id.keys() | listed)
    ]
    evidence += [_unread(u.path, u.member, u.line, u.reason, u.part) for u in uses.unread]
    evidence += broken
    if evidence:
        return tuple(evidence)
    reason = (
        f"no model card, script or notebook names a dataset ({uses.files} files were looked at)"
    )
    return (
        Evidence(
            EvidenceKind.DATASET, "", EvidenceState.ABSENT, "snapshot", _COLLECTOR, reason
        ),
    )  # fmt: skip


def read_records(
    snapshot: Snapshot, uses: Uses
) -> tuple[list[Record], list[Evidence], frozenset[str]]:
    """What is recorded of datasets, the records that could not be read, and the ``.dvc`` files
    that records point at: their data goes by the record's id.

    A record counts at the top of the subject, and in each folder above a place that names a
    dataset: a file of the same name elsewhere belongs to something else.
    """
    folders = {""}
    for use in uses.uses:
        folder = use.path.rpartition("/")[0]
        while folder and folder not in folders:
            folders.add(folder)
            folder = folder.rpartition("/")[0]
    records: list[Record] = []
    broken = [
        _unread(problem.path, "", 0, problem.detail, "record")
        for problem in snapshot.problems
        if _parser(problem.path, folders) is not None
    ]
    paths = {artifact.path: artifact for artifact in snapshot.artifacts}
    spoken_for: set[str] = set()
    for artifact in snapshot.artifacts:
        parse = _parser(artifact.path, folders)
        if parse is None:
            continue
        try:
            found = parse(_text(snapshot, artifact), source=artifact.path)
            for record in found:
                _check_license_file(record, paths)
            records += [_with_dvc(record, snapshot, paths) for record in found]
            spoken_for.update(_dvc_path(record) for record in found if record.dvc)
        except MalformedYaml as error:
            reason = error.message.partition(": ")[2] or error.message
            broken.append(_unread(artifact.path, "", error.line, reason, "record"))
        except HostileInput as error:
            broken.append(_unread(artifact.path, "", 0, error.message, "record"))
        except OSError as error:
            reason = f"it cannot be read: {error.strerror}"
            broken.append(_unread(artifact.path, "", 0, reason, "record"))
    return records, broken, frozenset(spoken_for)


def pointed_at(snapshot: Snapshot) -> frozenset[str]:
    """The files that records name: whoever takes only some files must take these, too."""
    found: set[str] = set()
    for artifact in snapshot.artifacts:
        if artifact.path.rpartition("/")[2] not in NAMES:
            continue
        try:
            records = parse_datasets_yaml(_text(snapshot, artifact), source=artifact.path)
        except (HostileInput, OSError):
            continue  # said when it is read as evidence
        for record in records:
            found.update(
                _beside(record, path) for path in (record.dvc, record.license_file) if path
            )
    return frozenset(found)


_Parser = Callable[..., tuple[Record, ...]]


def _parser(path: str, folders: set[str]) -> _Parser | None:
    folder, _, name = path.rpartition("/")
    if folder not in folders:
        return None
    if name in NAMES:
        return parse_datasets_yaml
    return parse_citation_cff if name == CFF_NAME else None


def _text(snapshot: Snapshot, artifact: Artifact) -> str:
    if artifact.presence is not Presence.CONTENT:
        raise HostileInput(f"it is a {artifact.presence}: its text is not here")
    data = snapshot.read(artifact, MAX_BYTES)
    try:
        return data.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        raise HostileInput(f"it is not UTF-8 text (byte {error.start})") from error


def _with_dvc(record: Record, snapshot: Snapshot, paths: Mapping[str, Artifact]) -> Record:
    """Follow ``dvc:`` to the file in the subject that holds the hash."""
    if not record.dvc:
        return record
    path = _dvc_path(record)
    artifact = paths.get(path)
    if artifact is None:
        raise MalformedYaml(record.path, record.line, f"the file '{record.dvc}' is not there")
    return pinned_by_dvc(record, dvc_hash(_text(snapshot, artifact), source=path))


def _dvc_path(record: Record) -> str:
    return _beside(record, record.dvc)


def _beside(record: Record, path: str) -> str:
    """A path that counts from the folder of a record."""
    folder = record.path.rpartition("/")[0]
    return f"{folder}/{path}" if folder else path


def _merged(records: Iterable[Record]) -> dict[str, Record]:
    """One record a dataset: ``datasets.yaml`` first, the others where that leaves a gap."""
    merged: dict[str, Record] = {}
    for record in sorted(records, key=lambda r: (_rank(r.path), r.path, r.line)):
        earlier = merged.get(record.id)
        if earlier is None:
            merged[record.id] = record
            continue
        pinned = earlier if earlier.pin_kind not in ("", "branch-or-tag") else record
        merged[record.id] = replace(
            earlier,
            license=earlier.license or record.license,
            citation=earlier.citation or record.citation,
            doi=earlier.doi or record.doi,
            url=earlier.url or record.url,
            accessed=earlier.accessed or record.accessed,
            pin=pinned.pin or earlier.pin,
            pin_kind=pinned.pin_kind or earlier.pin_kind,
        )
    return merged


def _rank(path: str) -> int:
    """What people write of datasets goes before what tools keep of them."""
    name = path.rpartition("/")[2]
    return 0 if name in NAMES else 1 if name == CFF_NAME else 2


def _check_license_file(record: Record, paths: Mapping[str, Artifact]) -> None:
    if record.license_file and _beside(record, record.license_file) not in paths:
        problem = f"the file '{record.license_file}' is not there"
        raise MalformedYaml(record.path, record.line, problem)


class _LicenseTexts:
    """The texts that records point at, each read once: datasets share licenses."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.known: dict[str, tuple[str, str]] = {}

    def of(self, record: Record | None) -> tuple[str, str, str]:
        """The text's path, its SHA-256 and the licenses that it is; empty where there is none."""
        if record is None or not record.license_file:
            return "", "", ""
        path = _beside(record, record.license_file)
        if path not in self.known:
            self.known[path] = self._read(path)
        return path, *self.known[path]

    def _read(self, path: str) -> tuple[str, str]:
        from weighbridge.licensing.text import identify

        artifact = self.snapshot.find(path)
        digest = artifact.digest() if artifact else None
        if artifact is None or digest is None or artifact.presence is not Presence.CONTENT:
            return "", ""
        try:
            data = self.snapshot.read(artifact, MAX_LICENSE_BYTES)
            found = identify(data.removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace"))
        except (HostileInput, OSError):
            return digest.value, ""  # the digest holds; which text it is, nobody can say
        return digest.value, " OR ".join(sorted({*found.ids, *found.also}))


def _observed(
    name: str, uses: Iterable[DatasetUse], record: Record | None, texts: _LicenseTexts
) -> Evidence:
    used = list(uses)
    license_file, license_sha256, license_text = texts.of(record)
    facts: DatasetFacts = {
        "id": name,
        "used_in": [
            {
                "path": use.path,
                "member": use.member,
                "line": use.line,
                "kind": use.kind,
                "revision": use.revision,
            }
            for use in used
        ],
        "license": record.license if record else "",
        "license_id": "",
        "license_status": "",
        "citation": record.citation if record else "",
        "doi": record.doi if record else "",
        "url": record.url if record else "",
        "accessed": record.accessed if record else "",
        "purpose": record.purpose if record else "",
        "pin": record.pin if record else "",
        "pin_kind": record.pin_kind if record else "",
        "recorded_in": record.path if record else "",
        "recorded_line": record.line if record else 0,
        "license_file": license_file,
        "license_sha256": license_sha256,
        "license_text": license_text,
    }
    if record and record.license:
        from weighbridge.licensing.ids import resolve

        resolution = resolve(record.license)
        facts["license_id"] = resolution.id
        facts["license_status"] = resolution.status
    source = used[0].path if used else facts["recorded_in"]
    return Evidence(
        EvidenceKind.DATASET, name, EvidenceState.OBSERVED, f"file:{source}", _COLLECTOR, data=facts
    )


def _unread(path: str, member: str, line: int, reason: str, part: Part) -> Evidence:
    place: DatasetPlace = {"part": part, "path": path, "member": member, "line": line}
    about = ":".join(str(p) for p in (path, member.replace(" ", "-"), line) if p)
    return Evidence(
        EvidenceKind.DATASET,
        about,
        EvidenceState.UNAVAILABLE,
        f"file:{path}",
        _COLLECTOR,
        reason,
        place,
    )
