"""One screen for a person at a terminal: the verdict, what fails, what was not checked, counts."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterator

from weighbridge.edge.text import visible
from weighbridge.model.finding import Finding, Outcome
from weighbridge.model.policy import Mode
from weighbridge.model.record import AuditRecord, RuleResult
from weighbridge.report.summary import (
    OUTCOME_WORDS,
    VERDICT_WORDS,
    gate_words,
    loosened,
    not_checked,
    severity_of,
    timestamp_words,
)

NAME = "console"
FILENAME = "report.txt"
MEDIA_TYPE = "text/plain; charset=utf-8"

MAX_LINES = 40  # of the whole screen
MAX_RULES = 14  # rules shown before the rest is counted
MAX_PER_RULE = 4
MAX_NOT_CHECKED = 5
MAX_REASONS = 3

_COLOR = {"red": "\x1b[31m", "green": "\x1b[32m", "yellow": "\x1b[33m", "bold": "\x1b[1m",
          "dim": "\x1b[2m"}  # fmt: skip
_RESET = "\x1b[0m"
_OUTCOME_COLOR = {Outcome.FAIL: "red", Outcome.ERROR: "red", Outcome.UNKNOWN: "yellow",
                  Outcome.MANUAL: "yellow"}  # fmt: skip
_SHOWN = (Outcome.FAIL, Outcome.ERROR, Outcome.UNKNOWN, Outcome.MANUAL)


def render(record: AuditRecord, *, color: bool = False, width: int = 80) -> bytes:
    """The report in UTF-8, no line wider than ``width`` columns.

    Args:
        record: what to show.
        color: write ANSI colors; our own words are ASCII either way.
        width: columns of the terminal, at least 40.
    """
    screen = _Screen(record, color=color, width=max(width, 40))
    return ("\n".join(screen.lines()) + "\n").encode("utf-8", "backslashreplace")


class _Screen:
    def __init__(self, record: AuditRecord, *, color: bool, width: int) -> None:
        self.record = record
        self.color = color
        self.width = width

    def lines(self) -> list[str]:
        head, unchecked, foot = list(self.head()), list(self.unchecked()), list(self.foot())
        room = MAX_LINES - len(head) - len(unchecked) - len(foot)
        return [*head, *self.findings(room), *unchecked, *foot]

    def head(self) -> Iterator[str]:
        record = self.record
        gate = "green" if record.verdict.open else "red"
        words = VERDICT_WORDS[record.verdict.exit_code]
        yield self.paint("bold", self.fit(f"weighbridge: {visible(record.subject.name)}  "
                                          f"{record.subject.digest.short}"))  # fmt: skip
        yield self.paint(gate, self.fit(f"Gate {gate_words(record)}. {words}."))
        for reason in record.verdict.reasons[:MAX_REASONS]:
            yield self.fit(f"  - {visible(reason)}")
        rest = len(record.verdict.reasons) - MAX_REASONS
        if rest > 0:
            yield f"  - and {rest} more reason{'s' if rest > 1 else ''}"
        yield ""

    def findings(self, room: int) -> Iterator[str]:
        """Grouped by rule, those that close the gate first, then by outcome and severity.

        Every rule has its line; findings fill what is left of ``room`` lines.
        """
        rank = _SHOWN.index
        groups = [r for r in self.record.results if r.outcome in _SHOWN and r.mode is not Mode.OFF]
        groups.sort(key=lambda r: (not r.closes_gate, rank(r.outcome), -r.severity.rank))
        room -= min(len(groups), MAX_RULES) + 2
        share = max(1, min(MAX_PER_RULE, room // (3 * max(len(groups), 1))))
        for result in groups[:MAX_RULES]:
            findings = [f for f in result.findings if not f.waiver]
            findings.sort(key=lambda f: (rank(f.outcome), -severity_of(result, f).rank))
            shown: list[str] = []
            count = 0
            for finding in findings[:share]:
                follows = findings[count - 1] if count else None
                lines = list(self.finding_lines(result, finding, follows))
                if len(shown) + len(lines) > room:
                    break
                shown += lines
                count += 1
            if not findings and result.note and room:
                shown.append(self.fit(f"    {visible(result.note)}"))
            room -= len(shown)
            yield self.rule_line(result, len(findings), count)
            yield from shown
        if len(groups) > MAX_RULES:
            yield f"and {len(groups) - MAX_RULES} more rules (see the report)"
        if groups:
            yield ""

    def rule_line(self, result: RuleResult, findings: int, shown: int) -> str:
        word = OUTCOME_WORDS[result.outcome].upper()
        remarks = []
        if findings > shown:
            remarks.append(f"{shown} of {findings} findings shown")
        if not result.closes_gate:
            remarks.append("does not close the gate")
        mark = f"  ({'; '.join(remarks)})" if remarks else ""
        text = self.fit(f"{word:<8}{result.severity.value:<9}{visible(result.rule)}{mark}")
        return self.paint(_OUTCOME_COLOR[result.outcome], text)

    def finding_lines(
        self, result: RuleResult, finding: Finding, follows: Finding | None
    ) -> Iterator[str]:
        """Where and what on at most two lines; what to do on one, unless it was just said."""
        severity = severity_of(result, finding)
        tag = f"[{severity.value}] " if severity is not result.severity else ""
        place = visible(_cut_middle(str(finding.location), self.width * 3 // 5))
        where = f"{place}: " if finding.location else ""
        yield from self.wrapped(f"{tag}{where}{visible(finding.message)}", "    ", 2)
        if finding.remedy and not (follows and follows.remedy == finding.remedy):
            yield self.fit(f"      > {visible(finding.remedy)}")

    def unchecked(self) -> Iterator[str]:
        """What stays undecided and is not already shown above as a rule's finding."""
        items = [n for n in not_checked(self.record) if n.kind not in ("unknown", "error")]
        off = [n.what for n in items if n.kind == "rule-off"]
        rest = [n for n in items if n.kind not in ("rule-off", "manual")]
        if not off and not rest:
            return
        yield self.paint("bold", "Not checked")
        for item in rest[:MAX_NOT_CHECKED]:
            yield self.fit(f"  {item.kind}: {visible(item.what)}: {visible(item.reason)}")
        if len(rest) > MAX_NOT_CHECKED:
            yield f"  and {len(rest) - MAX_NOT_CHECKED} more (see the report)"
        if off:
            yield self.fit(f"  rules turned off ({len(off)}): {', '.join(map(visible, off))}")
        yield ""

    def foot(self) -> Iterator[str]:
        record = self.record
        counts = [f"{n} {OUTCOME_WORDS[o]}" for o, n in record.counts().items() if n]
        rules = f"Rules: {', '.join(counts) or 'none'}. Files: {len(record.artifacts)}."
        yield from self.wrapped(rules, "", 2)
        policy = f"{visible(record.policy.id)} {visible(record.policy.version)}"
        offline = ", offline" if record.offline else ""
        yield self.fit(f"Policy {policy}, as of {record.as_of.isoformat()}{offline}.")
        looser = len(loosened(record))
        if looser:
            yield self.fit(
                f"Settings looser than in the policies it extends: {looser} (see report)."
            )
        yield self.fit(f"{visible(timestamp_words(record))}.")
        yield self.paint("dim", self.fit(f"Record {record.digest}"))

    def wrapped(self, text: str, prefix: str, most: int) -> Iterator[str]:
        """At most ``most`` lines; what does not fit ends in dots."""
        room = self.width - len(prefix)
        lines = textwrap.wrap(text, room, max_lines=most, placeholder=" ...") or [""]
        for number, line in enumerate(lines):
            yield self.fit((prefix if number == 0 else " " * len(prefix)) + line)

    def fit(self, text: str) -> str:
        """The text cut to the terminal's columns."""
        if _columns(text) <= self.width:
            return text
        kept, used = [], 0
        for character in text:
            used += _columns(character)
            if used > self.width - 3:
                break
            kept.append(character)
        return "".join(kept) + "..."

    def paint(self, name: str, text: str) -> str:
        return f"{_COLOR[name]}{text}{_RESET}" if self.color else text


def _columns(text: str) -> int:
    """Terminal columns: wide East Asian characters take two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def _cut_middle(text: str, most: int) -> str:
    """Long paths keep their beginning and their file name."""
    if len(text) <= most:
        return text
    tail = (most - 3) * 2 // 3
    return f"{text[: most - 3 - tail]}...{text[-tail:]}"
