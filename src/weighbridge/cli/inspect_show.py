"""What ``weighbridge inspect`` says: as text for a person, as JSON for a program."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from weighbridge import __version__
from weighbridge.cli.inspect_files import Inspected, exit_code
from weighbridge.edge.text import visible
from weighbridge.model.artifact import Artifact
from weighbridge.model.errors import ExitCode
from weighbridge.model.evidence import Evidence, EvidenceState
from weighbridge.model.finding import Finding, Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from weighbridge.cli.inspect_numbers import FileNumbers
    from weighbridge.model.facts.weights import WeightFacts

SCHEMA = "urn:weighbridge:inspect:1"
WIDTH = 80
UNSAFE, MALFORMED, NOT_READ, CLEAN = "unsafe", "malformed", "not read", "clean"
_VERDICTS = {
    ExitCode.HOLDS: "CLEAN: nothing was found, and all was read.",
    ExitCode.VIOLATED: "NOT CLEAN: do not load what is named above.",
    ExitCode.INCONCLUSIVE: "INCONCLUSIVE: what was not read may hold anything.",
}


def state(inspected: Inspected, path: str) -> str:
    """One word for a file: the worst that is to be said of it."""
    found = inspected.of(path)
    failed = {rule for rule, finding in found if finding.outcome is Outcome.FAIL}
    if failed - {"malformed-weights"}:
        return UNSAFE
    if failed:
        return MALFORMED
    return NOT_READ if found else CLEAN


def as_json(inspected: Inspected, numbers: Mapping[str, FileNumbers] | None = None) -> str:
    """One object; the files in the order in which they were given and found.

    With ``numbers`` by path, each file says what its tensors' look like.
    """
    severities = {j.rule.META.id: j.rule.META.severity for j in inspected.judged}
    pairs = list(zip(inspected.artifacts, inspected.evidence, strict=True))
    body = {
        "schema": SCHEMA,
        "tool_version": __version__,
        "files": [_file(inspected, a, e, severities, numbers) for a, e in pairs],
        "problems": [
            {"path": p.path, "kind": p.kind.value, "detail": p.detail} for p in inspected.problems
        ],
        "not_weights": inspected.others,
        "exit_code": int(exit_code(inspected)),
    }
    return json.dumps(body, indent=2) + "\n"


def _file(
    inspected: Inspected,
    artifact: Artifact,
    evidence: Evidence,
    severities: dict[str, Severity],
    numbers: Mapping[str, FileNumbers] | None,
) -> dict[str, Any]:
    facts = cast("WeightFacts | None", evidence.data or None)
    digest = artifact.digest()
    body: dict[str, Any] = {
        "path": artifact.path,
        "kind": artifact.kind.value,
        "size": artifact.size,
        "sha256": digest.value if digest else None,
        "state": state(inspected, artifact.path),
        "read_completely": evidence.state is EvidenceState.OBSERVED,
        "not_read": list(facts["gaps"]) if facts else [evidence.reason] if evidence.reason else [],
        "findings": [
            _finding(rule, finding, severities[rule])
            for rule, finding in inspected.of(artifact.path)
        ],
    }
    if facts:
        body |= {
            "tensors": facts["tensors"],
            "parameters": facts["parameters"] if facts["parameters"] >= 0 else None,
            "dtypes": list(facts["dtypes"]),
            "bytes_read": facts["bytes_read"],
            "remarks": [
                {**r, "offset": r["offset"] if r["offset"] >= 0 else None}
                for r in facts.get("remarks", ())
            ],
        }
    if numbers is not None:
        found = numbers.get(artifact.path)
        body["numbers"] = found.as_json() if found else None
    return body


def _finding(rule: str, finding: Finding, severity: Severity) -> dict[str, Any]:
    place = finding.location
    return {
        "rule": rule,
        "outcome": finding.outcome.value,
        "severity": (finding.severity or severity).value,
        "name": finding.key,
        "message": finding.message,
        "remedy": finding.remedy,
        "member": place.member if place else "",
        "offset": place.byte_offset if place and place.byte_offset >= 0 else None,
    }


def as_text(inspected: Inspected, numbers: Mapping[str, FileNumbers] | None = None) -> str:
    """For a terminal of 80 columns: a file's line, its findings and numbers under it, the sum."""
    severities = {j.rule.META.id: j.rule.META.severity for j in inspected.judged}
    lines: list[str] = []
    states: list[str] = []
    for artifact, evidence in zip(inspected.artifacts, inspected.evidence, strict=True):
        states.append(state(inspected, artifact.path))
        lines.append(_headline(artifact, evidence, states[-1]))
        for rule, finding in inspected.of(artifact.path):
            if finding.outcome is Outcome.FAIL or rule == "uninspected-weights":
                lines += _finding_lines(rule, finding, severities[rule])
        lines += _remark_lines(evidence)
        found = (numbers or {}).get(artifact.path)
        lines += [_wrapped(f"note: {note}", "  ") for note in (found.notes() if found else ())]
    lines += [_wrapped(f"{p.path or '.'}: {p.detail}", "! ") for p in inspected.problems]
    counts = [f"{states.count(s)} {s}" for s in (UNSAFE, MALFORMED, NOT_READ, CLEAN) if s in states]
    lines.append("")
    lines.append(
        f"{counted(len(states), 'file')} inspected: {', '.join(counts)}."
        if states
        else "No weight file found."
    )
    if inspected.others:
        others = counted(inspected.others, "other file")
        lines.append(f"{others} {'is' if inspected.others == 1 else 'are'} no weights: left alone.")
    lines.append(_VERDICTS[exit_code(inspected)])
    return "\n".join(lines).lstrip("\n") + "\n"


def counted(number: int, noun: str) -> str:
    """``1 tensor``, ``1,234 tensors``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _headline(artifact: Artifact, evidence: Evidence, word: str) -> str:
    facts = cast("WeightFacts | None", evidence.data or None)
    parts = [f"{visible(artifact.path)}: {word}", artifact.kind.value]
    if facts and facts["tensors"]:
        parts.append(counted(facts["tensors"], "tensor"))
    if facts and facts["parameters"] >= 0:
        dtypes = ", ".join(facts["dtypes"][:4])
        parts.append(f"{counted(facts['parameters'], 'parameter')} ({dtypes})")
    digest = artifact.digest()
    if digest:
        parts.append(f"sha256 {digest.value}")
    return _wrapped(", ".join(parts), "")


def _finding_lines(rule: str, finding: Finding, severity: Severity) -> list[str]:
    place = finding.location
    where = ""
    if place:
        where = f"{place.member}" + (f"@{place.byte_offset}" if place.byte_offset >= 0 else "")
    label = (finding.severity or severity).value if finding.outcome is Outcome.FAIL else "not read"
    head = f"{label}{f' at {where}' if where else ''}: {finding.message} [{rule}]"
    return [_wrapped(head, "  "), _wrapped(finding.remedy, "    ")]


def _remark_lines(evidence: Evidence) -> list[str]:
    """Information that changes nothing of a file's state, each with its method."""
    facts = cast("WeightFacts | None", evidence.data or None)
    lines: list[str] = []
    for remark in facts.get("remarks", ()) if facts else ():
        place = f" in {remark['member']}" if remark["member"] else ""
        said = f"note{place}: {remark['message']}; method: {remark['method']}"
        lines.append(_wrapped(said, "  "))
    return lines


def _wrapped(text: str, indent: str) -> str:
    import textwrap

    return textwrap.fill(
        visible(text),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=" " * len(indent) + ("  " if indent.strip() or not indent else ""),
        break_on_hyphens=False,
        break_long_words=False,
    )
