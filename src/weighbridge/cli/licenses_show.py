"""What ``weighbridge licenses`` found, as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from weighbridge.cli.layout import wrapped
from weighbridge.edge.text import paragraph, visible
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.license import LicenseFacts
from weighbridge.model.licensing.graph import Lineage
from weighbridge.model.licensing.use import Use
from weighbridge.model.licensing.verdict import Answer, Verdict
from weighbridge.model.subject import Subject

SCHEMA = "weighbridge.licenses/1"
_MAX_WAYS = 40  # lines of lineage; a large environment has hundreds
_STATEMENTS = (
    ("declared", "Declared"),
    ("detected", "License files"),
    ("prose", "In prose"),
)
_HEADINGS = (
    (Answer.CONFLICT, "Conflicts"),
    (Answer.UNDETERMINED, "Undetermined"),
    (Answer.OBLIGATION, "Obligations"),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """All that is shown of a subject."""

    subject: Subject
    evidence: tuple[Evidence, ...]
    lineage: Lineage
    use: Use
    verdicts: tuple[Verdict, ...]

    def stated(self) -> Iterator[tuple[str, LicenseFacts]]:
        """Every statement on the subject's own license, with the file it stands in."""
        for evidence in self.evidence:
            kind_fits = evidence.kind is EvidenceKind.LICENSE
            if kind_fits and evidence.state is EvidenceState.OBSERVED:
                yield evidence.about, cast(LicenseFacts, evidence.data)


def as_json(shown: Shown) -> bytes:
    """The statements, the graph, the stated use and every verdict, in ASCII."""
    use = shown.use
    document = {
        "schema": SCHEMA,
        "subject": {"name": shown.subject.name, "digest": str(shown.subject.digest)},
        "use": {
            "purpose": use.purpose.value if use.purpose else None,
            "activities": sorted(use.activities),
            "territory": sorted(use.territory),
            "users": use.users,
            "revenue": use.revenue,
        },
        "licenses": [
            {"file": file, "line": facts["line"], "how": facts["role"], "raw": facts["raw"],
             "id": facts["id"], "status": facts["status"]}
            for file, facts in shown.stated()
        ],
        "counts": {
            answer.value: sum(v.answer is answer for v in shown.verdicts) for answer in Answer
        },
        "verdicts": [_as_json(verdict) for verdict in shown.verdicts],
        "ancestors": len(shown.lineage.nodes) - 1,
    }  # fmt: skip
    text = json.dumps(document, indent=2, ensure_ascii=True).replace("\x7f", "\\u007f")
    return text.encode() + b"\n"


def as_text(shown: Shown) -> bytes:
    """Statements, ways to ancestors, then the verdicts, the worst first."""
    lines = [*_statements(shown), "", *_ways(shown), ""]
    for answer, heading in _HEADINGS:
        found = [verdict for verdict in shown.verdicts if verdict.answer is answer]
        if found:
            lines += [f"{heading} ({len(found)})", ""]
            for verdict in found:
                lines += [*_verdict(verdict), ""]
    counts = [f"{heading.lower()}: {_count(shown, answer)}" for answer, heading in _HEADINGS]
    lines.append(" · ".join(counts).capitalize())
    lines.append(wrapped(
        "This reads licenses by clause and is no legal advice; the basis says how firm it is."
    ))  # fmt: skip
    return paragraph("\n".join(lines), 1_000).encode("utf-8", "backslashreplace") + b"\n"


def _statements(shown: Shown) -> Iterator[str]:
    """The three facts, each by itself: what is declared, what the files are, what prose says."""
    stated = list(shown.stated())
    for role, name in _STATEMENTS:
        said = [
            f"{visible(facts['id'] or facts['raw'], 120)}"
            f"{'' if facts['id'] else ' (no license that is known)'}"
            f" in {visible(file, 120)}{':' + str(facts['line']) if facts['line'] else ''}"
            for file, facts in stated
            if facts["role"] == role
        ]
        yield wrapped(", ".join(said) or "-", 15, f"{name}:".ljust(15))


def _ways(shown: Shown) -> Iterator[str]:
    """One line an ancestor: the way to it, and its license."""
    shown_ways = 0
    seen: set[str] = set()
    for path in shown.lineage.paths():
        if path.end["key"] in seen:
            continue
        seen.add(path.end["key"])
        shown_ways += 1
        if shown_ways > _MAX_WAYS:
            continue
        licenses = sorted({said["id"] or said["raw"] for said in path.end["licenses"]})
        known = ", ".join(licenses) or "license not known"
        yield wrapped(f"{visible(path.text(), 400)} [{visible(known, 200)}]", 4, "  ")
    if not shown_ways:
        yield "Nothing is named that the model was made from."
    if shown_ways > _MAX_WAYS:
        yield f"  and {shown_ways - _MAX_WAYS} more"


def _verdict(verdict: Verdict) -> Iterator[str]:
    yield wrapped(visible(verdict.message, 1_500), 4, "  - ")
    if verdict.steps[1:]:
        yield wrapped(f"Way: {visible(verdict.path, 600)}", 6, "    ")
    clause = " · ".join(filter(None, (
        verdict.license, verdict.word, f"{verdict.text} {verdict.where}".strip(),
        f"basis: {verdict.basis.value}" if verdict.basis else "",
    )))  # fmt: skip
    yield wrapped(f"Clause: {visible(clause, 400)}", 6, "    ")
    yield wrapped(f"To do: {visible(verdict.remedy, 600)}", 6, "    ")


def _count(shown: Shown, answer: Answer) -> int:
    return sum(verdict.answer is answer for verdict in shown.verdicts)


def _as_json(verdict: Verdict) -> dict[str, Any]:
    return {
        "answer": verdict.answer.value,
        "node": verdict.node,
        "license": verdict.license,
        "word": verdict.word,
        "clause": {
            "where": verdict.where,
            "text": verdict.text,
            "sha256": verdict.text_sha256,
            "basis": verdict.basis.value if verdict.basis else None,
        },
        "value": verdict.value,
        "asks": list(verdict.asks),
        "path": verdict.path,
        "steps": list(verdict.steps),
        "message": verdict.message,
        "remedy": verdict.remedy,
        "file": verdict.path_file,
        "line": verdict.line,
    }
