"""The packages that the model stands on, and the advisories that are known of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from weighbridge.model.digest import Digest
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.record import AuditRecord
from weighbridge.report.html.markup import (
    ANY_OUTCOME,
    Column,
    Html,
    cell,
    code,
    el,
    head,
    join,
    lines,
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
_Rules = dict[Digest, list[str]]


def material(record: AuditRecord) -> Html:
    """Advisories first: they are what a reader looks for."""
    asked = [e for e in record.evidence if e.kind is EvidenceKind.VULNERABILITY]
    sources = [e for e in record.evidence if e.kind is EvidenceKind.PACKAGES]
    rules = _rules(record)
    return join([
        el("h3", "Known vulnerabilities"),
        _advisories(asked, rules),
        el("h3", "Packages"),
        _packages(sources, asked, rules),
    ])  # fmt: skip


def _rules(record: AuditRecord) -> _Rules:
    """The rules that rest on a piece of evidence, by its digest."""
    found: _Rules = {}
    for result in record.results:
        for digest in result.evidence:
            found.setdefault(digest, []).append(result.rule)
    return found


def _advisories(asked: list[Evidence], rules: _Rules) -> Html:
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
                           (_advisory(*one, rules.get(one[0].digest, ())) for one in rows),
                           filters="advisories"))  # fmt: skip
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


def _severity(advisory: Mapping[str, Any]) -> str:
    """As the filters know it; malicious packages are the worst there is."""
    if advisory.get("malicious") is True:
        return _SEVERITY[0]
    named = said(advisory, "severity")
    return named if named in _SEVERITY else ""


def _advisory(item: Evidence, advisory: Mapping[str, Any], rules: Sequence[str]) -> Html:
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
        data_r=lines(rules) if rules else None,
        data_s=_severity(advisory) or None,
        data_o=ANY_OUTCOME,
    )  # fmt: skip


def _unanswered(item: Evidence) -> Html:
    state = tone(item.state.value, STATE[item.state])
    return row(head(code(shorten(item.about))), cell(state), cell(item.reason))


def _packages(sources: list[Evidence], asked: list[Evidence], rules: _Rules) -> Html:
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
        about: dict[str, list[Evidence]] = {}
        for item in asked:
            about.setdefault(item.about, []).append(item)
        parts.append(table("packages-table", "Packages", heads,
                           (_package(p, e, about.get(key, ()), rules)
                            for key, (p, e) in found.items()), filters="packages"))  # fmt: skip
    return join(parts)


def _merged(sources: list[Evidence]) -> Iterator[tuple[str, tuple[Mapping[str, Any], Evidence]]]:
    """Every package once, as the first source that names this version of it has it."""
    met: set[str] = set()
    for item in sources:
        for package in mappings(item.data.get("packages")):
            key = f"{said(package, 'name')}=={said(package, 'version')}"
            if key not in met:
                met.add(key)
                yield key, (package, item)


def _package(
    package: Mapping[str, Any], source: Evidence, answers: Sequence[Evidence], rules: _Rules
) -> Html:
    """A package; its severities for the filters are those of the advisories on it."""
    where = source.about or source.source
    known = [one for item in answers for one in mappings(item.data.get("advisories"))]
    severities = [one for one in dict.fromkeys(map(_severity, known)) if one]
    resting = [rule for item in (source, *answers) for rule in rules.get(item.digest, ())]
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
        data_r=lines(dict.fromkeys(resting)) if resting else None,
        data_s=lines(severities) if severities else None,
        data_o=ANY_OUTCOME,
    )


def mappings(value: object) -> Iterator[Mapping[str, Any]]:
    """The objects of a list in a payload; nothing where there is none."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        yield from (one for one in value if isinstance(one, Mapping))


def _texts(value: object) -> list[str]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return []
    return [one for one in value if isinstance(one, str)]
