"""The packages that the model stands on, and the advisories that are known of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.record import AuditRecord
from weighbridge.report.html.markup import (
    Column,
    Html,
    cell,
    code,
    el,
    head,
    join,
    row,
    small,
    table,
    tone,
)
from weighbridge.report.html.people import said
from weighbridge.report.html.tones import STATE
from weighbridge.report.pdf.words import count
from weighbridge.report.summary import shorten

_SEVERITY = ("critical", "high", "medium", "low")
_SEVERITY_TONE = dict(zip(_SEVERITY, ("solid", "red", "amber", "blue"), strict=True))
_FIXED = 4  # versions that are named


def material(record: AuditRecord) -> Html:
    """Advisories first: they are what a reader looks for."""
    asked = [e for e in record.evidence if e.kind is EvidenceKind.VULNERABILITY]
    sources = [e for e in record.evidence if e.kind is EvidenceKind.PACKAGES]
    return join([
        el("h3", "Known vulnerabilities"),
        _advisories(asked),
        el("h3", "Packages"),
        _packages(sources),
    ])  # fmt: skip


def _advisories(asked: list[Evidence]) -> Html:
    if not asked:
        return el("p", "Nobody was asked for advisories on any part.", class_="cut")
    answered = {e.about for e in asked if e.state is EvidenceState.OBSERVED}
    open_ = {e.about for e in asked} - answered
    rows = [
        (e, advisory)
        for e in asked
        if e.state is EvidenceState.OBSERVED
        for advisory in mappings(e.data.get("advisories"))
    ]
    rows.sort(key=lambda one: _rank(one[1]))
    hit = len({e.about for e, _ in rows})
    words = f"Advisories were asked for {count(len(answered | open_), 'part')}: {hit} with some"
    words += f", for {len(open_)} no answer could be had." if open_ else "."
    parts = [el("p", words, class_="cut" if open_ else None)]
    if rows:
        columns = (Column("Part"), Column("Advisory"), Column("Severity"), Column("What it is"),
                   Column("Fixed in"))  # fmt: skip
        parts.append(table("advisories-table", "Advisories", columns,
                           (_advisory(*one) for one in rows)))  # fmt: skip
    if open_:
        reasons = {e.about: e for e in asked if e.about in open_}
        left = (Column("Part"), Column("State"), Column("Reason"))
        parts.append(table("unanswered-table", "Parts without an answer", left,
                           (_unanswered(e) for e in reasons.values())))  # fmt: skip
    return join(parts)


def _rank(advisory: Mapping[str, Any]) -> tuple[bool, int]:
    named = said(advisory, "severity")
    rank = _SEVERITY.index(named) if named in _SEVERITY else len(_SEVERITY)
    return advisory.get("malicious") is not True, rank


def _advisory(item: Evidence, advisory: Mapping[str, Any]) -> Html:
    named = said(advisory, "severity")
    malicious = advisory.get("malicious") is True
    kind = "solid" if malicious else _SEVERITY_TONE.get(named, "gray")
    words = "malicious" if malicious else named or "not rated"
    score = said(advisory, "score")
    aliases = ", ".join(_texts(advisory.get("aliases"))[:6])
    fixed = _texts(advisory.get("fixed_versions"))
    more = f" and {len(fixed) - _FIXED} more" if len(fixed) > _FIXED else ""
    return row(
        head(code(shorten(item.about)), value=item.about),
        cell(code(said(advisory, "id")), small(aliases) if aliases else None),
        cell(tone(words, kind), small(f"CVSS {score}") if score else None,
             value=_rank(advisory)[1] if not malicious else -1),
        cell(said(advisory, "summary")),
        cell(", ".join(fixed[:_FIXED]) + more or "no fixed version is named"),
    )  # fmt: skip


def _unanswered(item: Evidence) -> Html:
    state = tone(item.state.value, STATE[item.state])
    return row(head(code(shorten(item.about))), cell(state), cell(item.reason))


def _packages(sources: list[Evidence]) -> Html:
    if not sources:
        return el("p", "No source of packages was found.")
    columns = (Column("Source"), Column("Format"), Column("Packages"), Column("State"))
    rows = [
        row(
            head(code(shorten(e.about or e.source))),
            cell(said(e.data, "format") or "not known"),
            cell(f"{sum(1 for _ in mappings(e.data.get('packages'))):,}"),
            cell(tone(e.state.value, STATE[e.state]), small(e.reason) if e.reason else None),
        )
        for e in sources
    ]
    parts = [table("sources-table", "Where packages were read", columns, rows)]
    found = dict(_merged(sources))
    if found:
        heads = (Column("Package"), Column("Version"), Column("License"), Column("Hashes"),
                 Column("From"))  # fmt: skip
        parts.append(table("packages-table", "Packages", heads,
                           (_package(p, where) for p, where in found.values())))  # fmt: skip
    return join(parts)


def _merged(sources: list[Evidence]) -> Iterator[tuple[str, tuple[Mapping[str, Any], str]]]:
    """Every package once, as the first source that names this version of it has it."""
    met: set[str] = set()
    for item in sources:
        for package in mappings(item.data.get("packages")):
            key = f"{said(package, 'name')}=={said(package, 'version')}"
            if key not in met:
                met.add(key)
                yield key, (package, item.about or item.source)


def _package(package: Mapping[str, Any], where: str) -> Html:
    exact = said(package, "version")
    asked = said(package, "specifier")
    version: Html | str = exact or join([tone("no exact version", "amber"), small(asked)])
    license_ = said(package, "spdx") or said(package, "license")
    hashes = len(_texts(package.get("hashes")))
    return row(
        head(el("bdi", said(package, "name") or said(package, "url"))),
        cell(version),
        cell(license_ or tone("not stated", "gray")),
        cell(f"{hashes}" if hashes else tone("none", "gray"), value=hashes),
        cell(code(shorten(where, 120))),
    )


def mappings(value: object) -> Iterator[Mapping[str, Any]]:
    """The objects of a list in a payload; nothing where there is none."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        yield from (one for one in value if isinstance(one, Mapping))


def _texts(value: object) -> list[str]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return []
    return [one for one in value if isinstance(one, str)]
