"""Evidence on the projects of a subject, or of those alone whose pin changed since a revision."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

from weighbridge.model.canonical import canonical
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState

if TYPE_CHECKING:
    from pathlib import Path

    from weighbridge.collect.context import CollectContext, Collector

# Which projects there are is read off these; the rest is asked about them.
NAMED_BY = frozenset(
    {
        EvidenceKind.MODEL,
        EvidenceKind.PACKAGES,
        EvidenceKind.INSTALLATION,
        EvidenceKind.LICENSE,
        EvidenceKind.DATASET,
        EvidenceKind.LINEAGE,
    }
)
ASKED = frozenset({EvidenceKind.VULNERABILITY, EvidenceKind.BASELINE, EvidenceKind.PROJECT})

MAX_BLOB_BYTES = 32 * 2**20

Found = Mapping[EvidenceKind, tuple[Evidence, ...]]
Pins = Mapping[str, frozenset[bytes]]


def named(context: CollectContext) -> dict[EvidenceKind, tuple[Evidence, ...]]:
    """What says which projects there are."""
    from weighbridge.collect.gather import gather

    return gather(context, NAMED_BY)


def asked(
    context: CollectContext, earlier: Found, kinds: Collection[EvidenceKind]
) -> tuple[Evidence, ...]:
    """What the services say of the projects that evidence names.

    A collector that breaks is a defect, and ends the run: nothing may be concluded.
    """
    from weighbridge.collect.registry import COLLECTORS
    from weighbridge.collect.secret_redact import redacted

    found = dict(earlier)
    evidence: list[Evidence] = []
    for name, given in COLLECTORS.items():
        if not set(kinds).intersection(given):
            continue
        collector = cast("Collector", importlib.import_module(name))
        seen = collector.collect(dataclasses.replace(context, earlier=dict(found)))
        mine = tuple(redacted(item) for item in seen)
        for kind in given:
            found[kind] = tuple(one for one in mine if one.kind is kind)
        evidence += mine
    return tuple(evidence)


def at_revision(
    context: CollectContext, subject: Path, revision: str
) -> dict[EvidenceKind, tuple[Evidence, ...]]:
    """What named the projects at a git revision of the subject; no service is asked.

    Raises:
        SubjectError: there is no such revision, or the subject is not there in it.
    """
    from weighbridge.collect.gather import gather
    from weighbridge.snapshot.take import take_snapshot
    from weighbridge.snapshot.tree import Bounds

    # what names projects is small; what only large weights name counts as changed, and is asked
    then = take_snapshot(subject, revision=revision, bounds=Bounds(blob_bytes=MAX_BLOB_BYTES))
    services = dataclasses.replace(context.services, hub="")
    before = dataclasses.replace(
        context, snapshot=then, offline=True, services=services, environments=()
    )
    return gather(before, NAMED_BY - {EvidenceKind.INSTALLATION})


def pins(found: Found) -> Pins:
    """For each project by its purl without a version, all that pins it: versions, hashes, commits.

    What an environment has installed is no pin of the subject's.
    """
    table: dict[str, set[bytes]] = {}
    for about, pin in _pins(found):
        if about:
            table.setdefault(about, set()).add(canonical(pin))
    return {about: frozenset(all_of_it) for about, all_of_it in table.items()}


def changed(now: Pins, then: Pins) -> frozenset[str]:
    """The projects that are pinned otherwise than they were, those that are new included."""
    return frozenset(about for about, all_of_it in now.items() if then.get(about) != all_of_it)


def _pins(found: Found) -> Iterator[tuple[str, list[Any]]]:
    for one in _observed(found, EvidenceKind.PACKAGES):
        if not one.about.startswith("environment:"):
            for package in one.data["packages"]:
                pin = [one.about, package["version"], package["specifier"], package["origin"],
                       sorted(package["hashes"]), package["url"]]  # fmt: skip
                yield _package(package), pin
    for one in _observed(found, EvidenceKind.MODEL):
        for base in one.data["base_models"]:
            yield _hub("model", base["id"]), ["base", base["revision"]]
    for one in _observed(found, EvidenceKind.LINEAGE):
        for node in one.data["nodes"][1:]:
            yield _hub(node["kind"], node["id"]), ["lineage", node["revision"]]
    for one in _observed(found, EvidenceKind.DATASET):
        for use in one.data["used_in"]:
            pin = [use["path"], use["revision"], one.data["pin"]]
            yield _hub("dataset", one.data["id"]), pin


def _package(package: Mapping[str, Any]) -> str:
    from weighbridge.collect.project_wanted import python_about

    return python_about(package["name"])


def _hub(kind: str, name: str) -> str:
    """A repository's purl; empty for what is of no Hub, such as a package or a folder."""
    from weighbridge.collect.model_names import is_hub_id
    from weighbridge.collect.project_wanted import hub_about

    if kind not in ("model", "adapter", "dataset") or not is_hub_id(name):
        return ""
    return hub_about("datasets" if kind == "dataset" else "models", name)


def _own(facts: Mapping[str, Any]) -> str:
    return _hub("model", f"{facts['namespace']}/{facts['name']}".lstrip("/"))


def only(found: Found, projects: Collection[str]) -> dict[EvidenceKind, tuple[Evidence, ...]]:
    """The same evidence with these projects alone, so that nobody is asked about others."""
    keep: Mapping[EvidenceKind, Any] = {
        EvidenceKind.PACKAGES: ("packages", lambda p: _package(p) in projects),
        EvidenceKind.LINEAGE: (
            "nodes",
            lambda n: n["key"] == "subject" or _hub(n["kind"], n["id"]) in projects,
        ),
        EvidenceKind.MODEL: ("base_models", lambda b: _hub("model", b["id"]) in projects),
    }
    table = dict(found)
    for kind, (field, wanted) in keep.items():
        table[kind] = tuple(_with(one, field, wanted) for one in found.get(kind, ()))
    table[EvidenceKind.MODEL] = tuple(
        one
        if one.state is not EvidenceState.OBSERVED or _own(one.data) in projects
        else dataclasses.replace(one, data={**one.data, "namespace": "", "purl": ""})
        for one in table[EvidenceKind.MODEL]
    )
    table[EvidenceKind.DATASET] = tuple(
        one
        for one in found.get(EvidenceKind.DATASET, ())
        if one.state is not EvidenceState.OBSERVED or _hub("dataset", one.data["id"]) in projects
    )
    return table


def _with(one: Evidence, field: str, keep: Any) -> Evidence:
    if one.state is not EvidenceState.OBSERVED:
        return one
    kept = [item for item in one.data[field] if keep(item)]
    return dataclasses.replace(one, data={**one.data, field: kept})


def _observed(found: Found, kind: EvidenceKind) -> Iterable[Evidence]:
    return (one for one in found.get(kind, ()) if one.state is EvidenceState.OBSERVED)
