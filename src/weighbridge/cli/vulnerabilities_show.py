"""What ``weighbridge vulnerabilities`` found, as a table and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from weighbridge.cli.layout import columns, wrapped
from weighbridge.edge.text import paragraph, visible
from weighbridge.model.affected import Affected, Looked, Standing, affected, looked_up
from weighbridge.model.record import AuditRecord

SCHEMA = "weighbridge.vulnerabilities/1"
_NAMED = 5
_WORST_FIRST = ("critical", "high", "medium", "low", "")
_UNTOLD = (
    "An OSV source answers an unknown or private package like one without advisories; "
    "--index-url pip tells them apart."
)


def as_json(record: AuditRecord) -> bytes:
    """Everything that was looked up with its state, and every weakness, in ASCII."""
    things = looked_up(record.evidence)
    document = {
        "schema": SCHEMA,
        "subject": {"name": record.subject.name, "digest": str(record.subject.digest)},
        "as_of": record.as_of.isoformat(),
        "offline": record.offline,
        "counts": {standing.value: _count(things, standing) for standing in Standing},
        "looked_up": [
            {
                "about": thing.about,
                "kind": thing.kind,
                "state": thing.standing.value,
                "source_knows_package": thing.known or None,
                "sources": list(thing.sources),
                "reasons": list(thing.reasons),
            }
            for thing in things
        ],
        "vulnerabilities": [_as_json(one) for one in _sorted(affected(record.evidence))],
    }
    text = json.dumps(document, indent=2, ensure_ascii=True).replace("\x7f", "\\u007f")
    return text.encode() + b"\n"


def as_text(record: AuditRecord) -> bytes:
    """A table of the weaknesses, what was not assessed and why, and the three counts."""
    things = looked_up(record.evidence)
    found = _sorted(affected(record.evidence))
    lines: list[str] = []
    if found:
        head = ("PACKAGE", "VERSION", "ID", "SEVERITY", "FIXED IN", "COMES IN BY")
        lines += [*columns([head, *(_row(one) for one in found)]), ""]
    lines += _not_assessed(things)
    if not things:
        lines.append("Nothing to look up: no packages are recorded, and no advisories on models")
        lines.append("are given. Name the environment that the model runs in: --environment DIR.")
    lines.append(
        f"Vulnerable: {_count(things, Standing.VULNERABLE)}"
        f" · not vulnerable: {_count(things, Standing.NOT_VULNERABLE)}"
        f" · not assessed: {_count(things, Standing.NOT_ASSESSED)}"
    )
    if any(_by_osv_alone(thing) for thing in things):
        lines.append(wrapped(_UNTOLD))
    return paragraph("\n".join(lines), 1_000).encode("utf-8", "backslashreplace") + b"\n"


def _row(one: Affected) -> tuple[str, ...]:
    fixed = ", ".join(one.fixed_versions[:3]) or "-"
    severity = one.severity or "unknown"
    name, version = one.package, one.version
    if one.kind == "embedded":
        name = one.about
    elif one.kind != "package":
        name, version = f"{one.about} ({one.kind})", version.partition(":")[2][:12] or version[:12]
    return (
        visible(name, 60), visible(version, 40) or "-", visible(one.id, 40),
        f"{severity} {one.score}".strip(), visible(fixed, 60), visible(one.way, 200) or "-",
    )  # fmt: skip


def _not_assessed(things: Sequence[Looked]) -> Iterator[str]:
    """One paragraph a reason, also where another source knew of a weakness."""
    by_reason: dict[str, list[str]] = {}
    for thing in things:
        for reason in thing.reasons:
            by_reason.setdefault(reason, []).append(thing.about or "all packages")
    for reason, names in sorted(by_reason.items()):
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        shown = ", ".join(visible(name, 80) for name in names[:_NAMED])
        yield wrapped(f"{shown}{more}: {visible(reason, 500)}.", 2, "Not assessed: ")
    if by_reason:
        yield ""


def _by_osv_alone(thing: Looked) -> bool:
    silent = thing.standing is Standing.NOT_VULNERABLE and thing.kind == "package"
    return silent and not thing.known


def _sorted(found: Sequence[Affected]) -> list[Affected]:
    """The worst first, malice before all."""
    return sorted(found, key=lambda one: (
        not one.malicious, _WORST_FIRST.index(one.severity), one.about, one.id,
    ))  # fmt: skip


def _count(things: Sequence[Looked], standing: Standing) -> int:
    return sum(thing.standing is standing for thing in things)


def _as_json(one: Affected) -> dict[str, Any]:
    return {
        "about": one.about,
        "kind": one.kind,
        "package": one.package,
        "version": one.version,
        "id": one.id,
        "aliases": list(one.aliases),
        "summary": one.summary,
        "severity": one.severity or "unknown",
        "score": one.score,
        "vector": one.vector,
        "malicious": one.malicious,
        "fixed_versions": list(one.fixed_versions),
        "comes_in_by": one.way,
        "location": str(one.location) if one.location else "",
        "urls": list(one.urls),
        "sources": list(one.sources),
    }
