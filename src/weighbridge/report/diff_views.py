"""The comparison of two audits for programs, as JSON, and for CI servers, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from weighbridge.model.canonical import Json
from weighbridge.model.errors import ExitCode
from weighbridge.report.diff import Change, Difference, Kind
from weighbridge.report.json_v1 import dump
from weighbridge.report.markdown import plain
from weighbridge.report.summary import shorten

SCHEMA = "weighbridge.report-diff/1"
MAX_EACH = 200  # lines of one kind in Markdown; the rest is counted

RESULT_WORDS = {
    ExitCode.HOLDS: "Nothing got worse",
    ExitCode.VIOLATED: "Something got worse",
    ExitCode.INCONCLUSIVE: "Nothing is known to be worse, and something is newly unknown",
}
TITLES = {
    Kind.WORSE: "Worse",
    Kind.UNKNOWN: "Newly unknown",
    Kind.BETTER: "Better",
    Kind.ASKED: "Newly asked",
    Kind.DROPPED: "No longer asked",
    Kind.OTHER: "Otherwise changed",
}


def as_json(found: Difference) -> bytes:
    """Versioned; fields are added within version 1, never renamed or removed."""
    return dump(
        {
            "schema": SCHEMA,
            "old": found.old,
            "new": found.new,
            "exit_code": int(found.exit_code),
            "changes": [_json(change) for change in found.changes],
            "clauses": [
                {
                    "clause": one.clause,
                    "title": one.title,
                    "meaning": one.meaning,
                    "rules": [
                        {"rule": rule, "old": was, "new": now} for rule, was, now in one.rules
                    ],
                    "standing": None
                    if one.standing is None
                    else {"old": one.standing[0], "new": one.standing[1]},
                }
                for one in found.clauses
            ],
            "facts": [{"what": f.what, "old": f.old, "new": f.new} for f in found.facts],
        }
    )


def _json(change: Change) -> Json:
    return {
        "kind": change.kind.value,
        "rule": change.rule,
        "text": change.text,
        "place": change.place or None,
        "fingerprint": change.fingerprint or None,
        "count": change.count,
    }


def as_markdown(found: Difference) -> bytes:
    """GitHub Flavored Markdown, with nothing of the subject's in it active."""
    return ("\n".join(_markdown(found)) + "\n").encode("utf-8")


def _markdown(found: Difference) -> Iterator[str]:
    yield "## Weighbridge: two audits compared"
    yield ""
    yield f"**{RESULT_WORDS[found.exit_code]}.** Record `{found.old}`, then `{found.new}`."
    for kind, title in TITLES.items():
        changes = found.of(kind)
        if not changes:
            continue
        yield from ("", f"### {title}: {len(changes)}", "")
        yield from (_line(change) for change in changes[:MAX_EACH])
        if len(changes) > MAX_EACH:
            yield f"- and {len(changes) - MAX_EACH} more"
    if found.clauses:
        yield from ("", "| clause | rule | was | is |", "| --- | --- | --- | --- |")
        for one in found.clauses:
            rows = [*one.rules, *([("the law itself", *one.standing)] if one.standing else [])]
            for row in rows:
                yield "| " + " | ".join(plain(cell) for cell in (one.clause, *row)) + " |"
    if found.facts:
        yield from ("", "| what they rest on | was | is |", "| --- | --- | --- |")
        for fact in found.facts:
            yield f"| {plain(fact.what)} | {plain(fact.old)} | {plain(fact.new)} |"


def _line(change: Change) -> str:
    rule = f"**{plain(change.rule)}** " if change.rule else ""
    place = f"{plain(shorten(change.place))}: " if change.place else ""
    times = f" ({change.count} times)" if change.count > 1 else ""
    return f"- {rule}{place}{plain(change.text)}{times}"
