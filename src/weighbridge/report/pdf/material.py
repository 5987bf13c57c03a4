"""The bill of materials in short: what the model consists of and runs on, by kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from weighbridge.model.evidence import EvidenceKind, EvidenceState
from weighbridge.model.record import AuditRecord
from weighbridge.report.pdf.flow import Flow, Text
from weighbridge.report.pdf.glyphs import BOLD, MONO
from weighbridge.report.pdf.style import AMBER, BODY, INK, MUTED, RED
from weighbridge.report.pdf.table import Column, Row, table
from weighbridge.report.pdf.words import count
from weighbridge.report.summary import shorten, size_words

_LICENSES = 12
_SOURCES = 100


def material(flow: Flow, record: AuditRecord, title: str) -> None:
    """Components by kind, their licenses, and how many have advisories."""
    flow.heading(1, title)
    packages = _packages(record)
    rows = list(_kinds(record, packages))
    if not rows:
        flow.paragraph(Text("The subject has no parts that were recorded.", size=BODY))
        return
    flow.paragraph(Text("The whole of it: weighbridge sbom, as CycloneDX or SPDX.", size=BODY,
                        color=MUTED))  # fmt: skip
    columns = (Column("Kind", 150, heads=True), Column("Count", 60), Column("Of these", 281))
    table(flow, columns, rows)
    _vulnerable(flow, record)
    licenses = Counter(_text(p, "spdx") or _text(p, "license") or "not stated" for p in packages)
    if licenses:
        flow.heading(2, "Licenses of packages", follows=50.0)
        table(flow, (Column("License", 391, heads=True), Column("Packages", 100)),
              _license_rows(licenses))  # fmt: skip
    sources = list(_sources(record))
    if sources:
        flow.heading(2, "Where packages were read", follows=50.0)
        read = (Column("Source", 231, heads=True), Column("Format", 90), Column("Packages", 70),
                Column("State", 100))  # fmt: skip
        table(flow, read, sources[:_SOURCES])


def _kinds(record: AuditRecord, packages: list[Mapping[str, Any]]) -> Iterator[Row]:
    kinds: dict[str, list[int]] = {}
    for artifact in record.artifacts:
        name = "weight files" if artifact.is_weight else "other files"
        kinds.setdefault(name, []).append(artifact.size)
    for name, sizes in sorted(kinds.items(), reverse=True):
        yield _kind(name, len(sizes), size_words(sum(sizes)))
    if packages:
        pinned = sum(p.get("pinned") is True for p in packages)
        hashed = sum(bool(p.get("hashes")) for p in packages)
        said = f"{pinned} with one exact version, {hashed} with a hash"
        yield _kind("packages, by name and version", len(packages), said)
    for name, kind in (("datasets", EvidenceKind.DATASET), ("environments",
                       EvidenceKind.INSTALLATION)):  # fmt: skip
        about = {e.about for e in record.evidence
                 if e.kind is kind and e.state is EvidenceState.OBSERVED}  # fmt: skip
        if about:
            yield _kind(name, len(about), "")


def _kind(name: str, number: int, note: str) -> Row:
    return Row([[Text(name, BOLD)], [Text(f"{number:,}")], [Text(note, color=MUTED)]])


def _packages(record: AuditRecord) -> list[Mapping[str, Any]]:
    """Every package once by its URL, or by name and version, as the first source has it."""
    found: dict[str, Mapping[str, Any]] = {}
    for item in record.evidence:
        if item.kind is EvidenceKind.PACKAGES and item.state is EvidenceState.OBSERVED:
            for package in _mappings(item.data.get("packages")):
                key = _text(package, "purl") or (
                    f"{_text(package, 'name')}=={_text(package, 'version')}"
                )
                found.setdefault(key, package)
    return list(found.values())


def _vulnerable(flow: Flow, record: AuditRecord) -> None:
    """How many parts somebody was asked about, and how many of these have advisories."""
    asked = [e for e in record.evidence if e.kind is EvidenceKind.VULNERABILITY]
    answered = [e for e in asked if e.state is EvidenceState.OBSERVED]
    hit = {e.about for e in answered if any(True for _ in _mappings(e.data.get("advisories")))}
    if not asked:
        said, color = "Nobody was asked for advisories on any part.", AMBER
    else:
        unanswered = len({e.about for e in asked} - {e.about for e in answered})
        said = (
            f"Advisories were asked for {count(len({e.about for e in asked}), 'part')}: "
            f"{len(hit)} {'has' if len(hit) == 1 else 'have'} some, for {unanswered} no answer "
            "could be had."
        )
        color = RED if hit else AMBER if unanswered else INK
    flow.paragraph(Text(said, BOLD, BODY, color))


def _license_rows(licenses: Counter[str]) -> Iterator[Row]:
    ordered = sorted(licenses.items(), key=lambda one: (-one[1], one[0]))
    for name, number in ordered[:_LICENSES]:
        yield Row([[Text(name, limit=200)], [Text(f"{number:,}")]])
    rest = ordered[_LICENSES:]
    if rest:
        number = sum(value for _, value in rest)
        yield Row([[Text(f"{len(rest)} others", color=MUTED)], [Text(f"{number:,}")]])


def _sources(record: AuditRecord) -> Iterator[Row]:
    for item in record.evidence:
        if item.kind is EvidenceKind.PACKAGES:
            listed = list(_mappings(item.data.get("packages")))
            state = [Text(item.state.value)]
            if item.reason:
                state.append(Text(item.reason, size=6.6, color=MUTED, limit=200))
            yield Row([
                [Text(shorten(item.about or item.source), MONO, 6.6)],
                [Text(_text(item.data, "format") or "not known")],
                [Text(f"{len(listed):,}")],
                state,
            ])  # fmt: skip


def _mappings(value: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Sequence) and not isinstance(value, str):
        yield from (one for one in value if isinstance(one, Mapping))


def _text(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key)
    return value if isinstance(value, str) else ""
