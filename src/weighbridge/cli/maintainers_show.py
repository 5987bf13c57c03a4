"""What ``weighbridge maintainers SUBJECT`` found, for a terminal and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from weighbridge.cli.layout import columns, wrapped
from weighbridge.cli.maintainers_check import DECIDES, Checked
from weighbridge.cli.maintainers_score import scores
from weighbridge.edge.text import paragraph, visible
from weighbridge.model.canonical import thaw
from weighbridge.model.cooldown import Age, Aged
from weighbridge.model.errors import ExitCode
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.finding import Outcome
from weighbridge.model.record import RuleResult

SCHEMA = "weighbridge.maintainers/2"  # 2: the score of each project
_NAMED = 10
_SAYS = {
    ExitCode.HOLDS: "Nothing speaks for a takeover.",
    ExitCode.VIOLATED: "Look at these before you use them.",
    ExitCode.INCONCLUSIVE: "Too little is known to say that nothing speaks for a takeover.",
    ExitCode.ERROR: "A rule broke: nothing may be concluded.",
}
_AGES = {
    Age.YOUNG: "too young",
    Age.FIX: "young, and a security fix",
    Age.UNKNOWN: "of unknown age",
}


def as_json(found: Checked) -> bytes:
    """Everything that was asked and concluded, in ASCII."""
    record, whole = found.record, found.baseline
    scored = scores(record)
    body = {
        "schema": SCHEMA,
        "exit_code": int(found.exit_code),
        "subject": {"name": record.subject.name, "digest": str(record.subject.digest)},
        "as_of": record.as_of.isoformat(),
        "offline": record.offline,
        "baseline": None if whole is None else {
            "state": whole.state.value, "reason": whole.reason, "facts": thaw(whole.data) or None,
        },
        "changed_since": found.since or None,
        "changed": None if found.changed is None else sorted(found.changed),
        "projects": [
            _project(one, found) | {"score": scored.get(one.about)} for one in found.projects
        ],
        "cooldown": {
            "hours": found.hours,
            "releases": [
                {"about": a.about, "release": a.release, "age": a.age.value, "hours": a.hours,
                 "fixes": list(a.fixes)}
                for a in found.ages
            ],
        },
        "rules": [_rule(result) for result in record.results],
    }  # fmt: skip
    text = json.dumps(body, indent=2, ensure_ascii=True).replace("\x7f", "\\u007f")
    return text.encode() + b"\n"


def as_console(found: Checked) -> bytes:
    """What was found, the weightiest first, what could not be judged, and what it amounts to."""
    lines = [*_findings(found), *_cooldown(found), *_open(found), *_asked(found)]
    lines.append(_SAYS[found.exit_code])
    text = "\n".join(paragraph(line, 1_000) for line in lines)
    return text.encode("utf-8", "backslashreplace") + b"\n"


def _findings(found: Checked) -> Iterator[str]:
    failing = [
        (result, finding)
        for result in found.record.results
        for finding in result.findings
        if finding.outcome is Outcome.FAIL
    ]
    failing.sort(key=lambda one: (_weight(one[0]), one[1].key, one[0].rule))
    for result, finding in failing:
        severity = (finding.severity or result.severity).value
        yield wrapped(f"{result.rule}: {visible(finding.message, 1_000)}", 10, f"{severity:<8}  ")
        if result.severity in DECIDES:
            yield wrapped(visible(finding.remedy, 500), 10, "          ")
    if failing:
        yield ""


def _weight(result: RuleResult) -> int:
    """0 for the weightiest; single signals come last."""
    return (*reversed(DECIDES), None).index(result.severity if result.severity in DECIDES else None)


def _cooldown(found: Checked) -> Iterator[str]:
    shown = [one for one in found.ages if one.age in _AGES]
    if shown:
        yield f"Releases younger than {found.hours} hours, or of unknown age"
        yield from columns([_aged(one) for one in shown])
        yield ""


def _aged(one: Aged) -> tuple[str, ...]:
    age = f"{one.hours} h" if one.hours >= 0 else "-"
    fixes = f": {', '.join(visible(name, 60) for name in one.fixes)}" if one.fixes else ""
    name = f"  {visible(one.about, 60)} {visible(one.release[:12], 40)}"
    return (name, age, _AGES[one.age] + fixes)


def _open(found: Checked) -> Iterator[str]:
    """What could not be judged: one paragraph for each thing that is wrong, however many rules."""
    open_: dict[str, set[str]] = {}
    for result in found.record.results:
        for finding in result.findings:
            if finding.outcome is not Outcome.FAIL:
                open_.setdefault(finding.message, set()).add(result.rule)
        if result.outcome is Outcome.ERROR:
            open_.setdefault(result.note or "the rule broke", set()).add(result.rule)
    single: dict[str, int] = {}
    decides = {r.rule for r in found.record.results if r.severity in DECIDES}
    for message, rules in open_.items():
        if len(rules) > 1 or rules & decides:
            yield wrapped(visible(message, 500), 2, "Not judged: ")
        else:
            (rule,) = rules
            single[rule] = single.get(rule, 0) + 1
    if single:
        counts = ", ".join(f"{rule} {count}" for rule, count in sorted(single.items()))
        yield wrapped(f"{counts} (--format json has each)", 2, "Signals that nobody tells of: ")
    if open_:
        yield ""


def _asked(found: Checked) -> Iterator[str]:
    if found.changed is not None:
        count = len(found.changed)
        names = ", ".join(visible(name, 100) for name in sorted(found.changed)[:_NAMED])
        more = f" and {count - _NAMED} more" if count > _NAMED else ""
        yield wrapped(f"Pinned otherwise than at {visible(found.since, 100)}: "
                      f"{names + more if count else 'no project'}.", 2)  # fmt: skip
    seen = sum(one.state is EvidenceState.OBSERVED for one in found.projects)
    accepted = {e.about for e in found.record.evidence if e.kind is EvidenceKind.BASELINE}
    known = sum(one.about in accepted for one in found.projects)
    yield f"Projects asked about: {seen} of {len(found.projects)} · accepted before: {known}"
    whole = found.baseline
    if whole is None or whole.state is EvidenceState.ABSENT:
        yield wrapped("No baseline: what changed for all releases at once cannot be seen. "
                      "'weighbridge maintainers snapshot' makes one.")  # fmt: skip
    elif whole.state is EvidenceState.OBSERVED:
        entry = whole.data["entry"]
        kept = f", entry {entry} of the ledger" if entry >= 0 else ""
        yield wrapped(f"Baseline: {whole.data['digest'][:19]} of {whole.data['taken']}, accepted "
                      f"by {visible(whole.data['signer'], 200)}{kept}")  # fmt: skip
    else:
        yield wrapped(f"Baseline: {visible(whole.reason, 500)}.")


def _project(one: Evidence, found: Checked) -> dict[str, Any]:
    accepted = any(
        e.about == one.about and e.state is EvidenceState.OBSERVED
        for e in found.record.evidence
        if e.kind is EvidenceKind.BASELINE
    )
    observed = one.state is EvidenceState.OBSERVED
    return {
        "about": one.about,
        "state": one.state.value,
        "reason": one.reason,
        "release": one.data["release"] if observed else "",
        "accepted_before": accepted,
        "asked": thaw(one.data["asked"]) if observed else [],
        "evidence": str(one.digest),
    }


def _rule(result: RuleResult) -> dict[str, Any]:
    return {
        "rule": result.rule,
        "outcome": result.outcome.value,
        "severity": result.severity.value,
        "note": result.note,
        "findings": [
            {
                "outcome": finding.outcome.value,
                "severity": (finding.severity or result.severity).value,
                "key": finding.key,
                "message": finding.message,
                "remedy": finding.remedy,
            }
            for finding in result.findings
        ],
    }
