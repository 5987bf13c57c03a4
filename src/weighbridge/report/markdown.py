"""The result as GitHub Flavored Markdown, for a CI step's summary: short, and nothing in it active.

Text from the subject is written with entities, so that it is no markup, no link, no mention and no
reference to an issue. A step's summary may have 1 MiB (GitHub); what is cut is counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from weighbridge.edge.text import visible
from weighbridge.model.finding import Finding, Outcome
from weighbridge.model.record import AuditRecord, RuleResult
from weighbridge.report.summary import (
    OUTCOME_WORDS,
    VERDICT_WORDS,
    gate_words,
    not_checked,
    severity_of,
    shorten,
    timestamp_words,
)

NAME = "markdown"
FILENAME = "summary.md"
MEDIA_TYPE = "text/markdown"

MAX_BYTES = 900_000
MAX_FINDINGS = 100
MAX_NOT_CHECKED = 50

_ACTIVE = re.compile(r"[&<>\"'`*_{}\[\]()#+!|~\\@:=$^]|(?<=www)\.")
_WORST = (Outcome.FAIL, Outcome.ERROR, Outcome.UNKNOWN, Outcome.MANUAL)


def render(record: AuditRecord) -> bytes:
    """The whole file, in UTF-8."""
    lines = [*_head(record), *_rules(record), *_findings(record), *_unchecked(record)]
    kept, size = [], 0
    for number, line in enumerate(lines):
        size += len(line.encode("utf-8")) + 1
        if size > MAX_BYTES:
            kept += ["", f"{len(lines) - number} more lines stand in the pack's `report.pdf`."]
            break
        kept.append(line)
    return ("\n".join(kept) + "\n").encode("utf-8")


def plain(text: object, limit: int = 600) -> str:
    """Text from a stranger, as Markdown that shows it and does nothing else."""
    return _ACTIVE.sub(lambda found: f"&#{ord(found[0])};", visible(str(text), limit))


def _head(record: AuditRecord) -> Iterator[str]:
    yield f"## Weighbridge: {plain(record.subject.name)}"
    yield ""
    yield f"**Gate {gate_words(record)}.** {VERDICT_WORDS[record.verdict.exit_code]}."
    yield ""
    yield from (f"- {plain(reason)}" for reason in record.verdict.reasons[:10])
    if len(record.verdict.reasons) > 10:
        yield f"- and {len(record.verdict.reasons) - 10} more reasons"
    yield ""
    policy = f"{plain(record.policy.id)} {plain(record.policy.version)}"
    yield f"Policy {policy}, judged as of {record.as_of.isoformat()}. {timestamp_words(record)}."
    yield ""
    yield f"Subject `{record.subject.digest}`, record `{record.digest}`."


def _rules(record: AuditRecord) -> Iterator[str]:
    counts = [(o, n) for o, n in record.counts().items() if n]
    yield ""
    yield "Rules: " + ", ".join(f"{n} {OUTCOME_WORDS[o]}" for o, n in counts) + "."
    shown = [r for r in record.results if r.outcome in _WORST or r.waivers]
    if not shown:
        return
    yield from ("", "| rule | outcome | severity | closes the gate | findings |",
                "| --- | --- | --- | --- | ---: |")  # fmt: skip
    for result in sorted(shown, key=_weight):
        closes = "yes" if result.closes_gate else "no"
        cells = (result.rule, OUTCOME_WORDS[result.outcome], result.severity, closes,
                 len(result.findings))  # fmt: skip
        yield "| " + " | ".join(plain(cell) for cell in cells) + " |"


def _weight(result: RuleResult) -> tuple[bool, int, str]:
    return not result.closes_gate, -result.severity.rank, result.rule


def _findings(record: AuditRecord) -> Iterator[str]:
    found = [(r, f) for r in sorted(record.results, key=_weight) for f in r.findings]
    if not found:
        return
    yield from ("", "<details><summary>What was found, and what to do</summary>", "")
    for result, finding in found[:MAX_FINDINGS]:
        yield _finding(result, finding)
    if len(found) > MAX_FINDINGS:
        yield f"- {len(found) - MAX_FINDINGS} more findings stand in the pack's `report.pdf`."
    yield from ("", "</details>")


def _finding(result: RuleResult, finding: Finding) -> str:
    place = f" {plain(shorten(str(finding.location)))}:" if finding.location else ""
    waived = f" Waived by {plain(finding.waiver)}." if finding.waiver else ""
    head = f"{plain(result.rule)}, {finding.outcome}, {severity_of(result, finding)}"
    return f"- **{head}**{place} {plain(finding.message)} {plain(finding.remedy)}{waived}"


def _unchecked(record: AuditRecord) -> Iterator[str]:
    rows = not_checked(record)
    if not rows:
        return
    yield from ("", f"<details><summary>Not checked: {len(rows)}</summary>", "")
    for row in rows[:MAX_NOT_CHECKED]:
        yield f"- {plain(row.what)}: {plain(row.reason)}"
    if len(rows) > MAX_NOT_CHECKED:
        yield f"- and {len(rows) - MAX_NOT_CHECKED} more"
    yield from ("", "</details>")
