"""What ``weighbridge citations`` found, as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from weighbridge.cli.citations_fix import Fixed
from weighbridge.cli.layout import wrapped
from weighbridge.edge.text import paragraph, visible
from weighbridge.model.evidence import Evidence, EvidenceState
from weighbridge.model.facts.dataset import DatasetPlace
from weighbridge.model.finding import Finding, Outcome
from weighbridge.model.policy import Policy
from weighbridge.model.record import RuleResult
from weighbridge.report.citations import Cited, Need

SCHEMA = "weighbridge.citations/1"
_PLACES = 3
_LABELS = {"license_file": "license text", "accessed": "accessed"}


@dataclass(frozen=True, slots=True)
class Shown:
    """One folder: its datasets, what the rules concluded, the policy's rules."""

    name: str
    evidence: tuple[Evidence, ...]
    results: tuple[RuleResult, ...]
    datasets: tuple[Cited, ...]
    policy: Policy

    def unread(self) -> Iterator[tuple[Finding, ...]]:
        """What could not be read, told once and not once a rule."""
        missed = {e.digest for e in self.evidence if e.state is not EvidenceState.OBSERVED}
        told: dict[object, Finding] = {}
        for result in self.results:
            for finding in result.findings:
                if not finding.evidence or set(finding.evidence) & missed:
                    told.setdefault(finding.evidence or finding.key, finding)
        yield from ((finding,) for finding in told.values())


def exported(shown: Sequence[Shown]) -> tuple[list[object], list[str]]:
    """The facts of what is recorded, one a dataset, and the ids of what is not."""
    facts: dict[str, object] = {}
    unrecorded: dict[str, None] = {}
    for one in shown:
        for dataset in one.datasets:
            if dataset.facts["recorded_in"]:
                facts.setdefault(dataset.facts["id"], dataset.facts)
            else:
                unrecorded[dataset.facts["id"]] = None
    return list(facts.values()), [name for name in unrecorded if name not in facts]


def as_text(shown: Sequence[Shown], fixed: Sequence[Fixed]) -> bytes:
    """What was drafted, each dataset that lacks something with what to do, then the counts."""
    lines = list(fixed_lines(fixed))
    if lines:
        lines.append("")
    for one in shown:
        if len(shown) > 1:
            lines += [f"{visible(one.name)}:", ""]
        lines += _subject(one)
    return paragraph("\n".join(lines), 1_000).encode("utf-8", "backslashreplace") + b"\n"


def fixed_lines(fixed: Sequence[Fixed]) -> Iterator[str]:
    """What was written, and what was not."""
    for one in fixed:
        if one.entries or one.keys:
            entries, keys = len(one.entries), len(one.keys)
            told = [f"{entries} {'entry' if entries == 1 else 'entries'}"] if entries else []
            told += [f"{keys} {'value' if keys == 1 else 'values'} in entries that were there"] * (
                keys > 0
            )
            yield wrapped(f"Drafted in {visible(one.path, 200)}: {' and '.join(told)}.")
            for name, key in one.keys[:20]:
                yield wrapped(f"{visible(name, 120)}: {key}", 4, "  ")
        for sentence in one.left[:20]:
            yield wrapped(f"Not written: {visible(sentence, 400)}.")
        if len(one.left) > 20:
            yield f"Not written: {len(one.left) - 20} more."


def _subject(one: Shown) -> Iterator[str]:
    open_ = [dataset for dataset in one.datasets if not dataset.complete]
    done = [dataset for dataset in one.datasets if dataset.complete]
    for dataset in open_:
        yield from _dataset(dataset)
        yield ""
    if done:
        yield "Complete:"
        for dataset in done:
            pin = next(need.value for need in dataset.needs if need.name == "pin")
            license_ = next(need.value for need in dataset.needs if need.name == "license")
            words = ", ".join(visible(text, 80) for text in (license_, pin) if text)
            yield wrapped(
                f"{visible(dataset.facts['id'], 120)} ({words or 'nothing asked'})", 4, "  "
            )
        yield ""
    unread = [finding for group in one.unread() for finding in group]
    for finding in unread:
        yield wrapped(visible(finding.message, 500), 4, "  ? ")
        yield wrapped(f"To do: {visible(finding.remedy)}", 4, "    ")
    if unread:
        yield ""
    if not one.datasets and not unread:
        yield "Nothing names a dataset."
    if not one.policy.rules:
        yield f"The policy {visible(one.policy.id)} asks nothing of datasets."
    yield (
        f"Datasets: {len(one.datasets)} · complete: {len(done)} · to be filled: {len(open_)}"
        f" · places not read: {len(unread)}"
    )


def _dataset(dataset: Cited) -> Iterator[str]:
    facts = dataset.facts
    yield visible(facts["id"], 200)
    places = [visible(place, 120) for place in dataset.places[:_PLACES]]
    more = len(dataset.places) - len(places)
    if places:
        tail = f" and {more} more" if more else ""
        yield wrapped(", ".join(places) + tail, 16, "  used in       ")
    if facts["recorded_in"]:
        line = f":{facts['recorded_line']}" if facts["recorded_line"] else ""
        yield wrapped(f"{visible(facts['recorded_in'], 200)}{line}", 16, "  recorded in   ")
    for need in dataset.needs:
        yield from _need(need)
    for finding in dataset.findings:
        yield wrapped(f"To do: {visible(finding.remedy, 400)}", 4, "  ")


def _need(need: Need) -> Iterator[str]:
    label = f"  {_LABELS.get(need.name, need.name):<14}"
    if need.value:
        yield wrapped(visible(need.value, 200), 16, label)
        if need.missing:
            yield wrapped(f"not enough for {need.rule}: {visible(_short(need), 400)}", 16)
    elif need.missing:
        unknown = all(finding.outcome is Outcome.UNKNOWN for finding in need.findings)
        yield f"{label}{'not known' if unknown else 'missing'} ({need.rule})"
    elif need.rule:
        yield f"{label}-"
    elif need.name != "license_file":
        yield f"{label}- (no rule asks for it)"


def _short(need: Need) -> str:
    return need.findings[0].message


def as_json(shown: Sequence[Shown], fixed: Sequence[Fixed]) -> bytes:
    """Every dataset with its needs, what could not be read, and what was drafted, in ASCII."""
    document = {
        "schema": SCHEMA,
        "subjects": [_subject_json(one) for one in shown],
        "drafted": [
            {
                "file": one.path,
                "entries": list(one.entries),
                "keys": [{"id": name, "key": key} for name, key in one.keys],
                "not_written": list(one.left),
            }
            for one in fixed
        ],
    }
    text = json.dumps(document, indent=2, ensure_ascii=True).replace("\x7f", "\\u007f")
    return text.encode() + b"\n"


def _subject_json(one: Shown) -> dict[str, Any]:
    unread = [
        {"reason": e.reason, **cast(DatasetPlace, dict(e.data))}
        for e in one.evidence
        if e.state is EvidenceState.UNAVAILABLE
    ]
    return {
        "name": one.name,
        "policy": one.policy.id,
        "rules": [{"rule": result.rule, "outcome": result.outcome.value} for result in one.results],
        "counts": {
            "datasets": len(one.datasets),
            "complete": sum(dataset.complete for dataset in one.datasets),
            "to_be_filled": sum(not dataset.complete for dataset in one.datasets),
            "not_read": len(unread),
        },
        "datasets": [_dataset_json(dataset) for dataset in one.datasets],
        "not_read": unread,
    }


def _dataset_json(dataset: Cited) -> dict[str, Any]:
    facts = dataset.facts
    return {
        "id": facts["id"],
        "complete": dataset.complete,
        "used_in": [dict(use) for use in facts["used_in"]],
        "recorded_in": facts["recorded_in"],
        "recorded_line": facts["recorded_line"],
        "needs": {
            need.name: {
                "value": need.value or None,
                "demanded_by": need.rule or None,
                "missing": need.missing,
            }
            for need in dataset.needs
        },
        "license_status": facts["license_status"],
        "findings": [
            {"message": f.message, "remedy": f.remedy, "place": str(f.location or "")}
            for f in dataset.findings
        ],
    }
