"""The matrix on a console, as JSON, and the changes by clause."""

from __future__ import annotations

import json
from collections.abc import Iterator

from weighbridge.cli.layout import wrapped
from weighbridge.edge.text import paragraph, visible
from weighbridge.model.codec import to_json
from weighbridge.model.trace import Trace, TracedClause, TracedCommit

SCHEMA = "weighbridge.trace/1"
_SHOWN = 20  # commits, tests or records of one clause on a console; JSON and HTML have all
_NONE = "none"


def as_json(trace: Trace) -> bytes:
    """Indented ASCII JSON: every field, and what follows from them."""
    body = to_json(trace)
    assert isinstance(body, dict)
    value = {
        "schema": SCHEMA,
        **body,
        "orphans": [clause.key for clause in trace.orphans],
        "wrong_signatures": [commit.id for commit in trace.wrong_signatures],
        "exit_code": int(trace.exit_code),
    }
    text = json.dumps(value, indent=2, ensure_ascii=True) + "\n"
    return text.replace("\x7f", "\\u007f").encode("ascii")


def as_text(trace: Trace) -> bytes:
    """The matrix, a block for each clause, then what is wrong, then what could not be said."""
    lines = [line for clause in trace.clauses for line in _clause(clause, trace)]
    if trace.references:
        lines += ["Other references"]
        lines += [f"  {value}: {_ids(ids)}" for value, ids in trace.references[:_SHOWN]]
        lines += _more(len(trace.references))
        lines += [""]
    return _encode([*lines, *_end(trace)])


def as_changelog(trace: Trace) -> bytes:
    """The changes by clause, as Markdown: a heading for each clause, a line for each commit."""
    lines = ["# Changes by clause", ""]
    for clause in trace.clauses:
        if not clause.commits:
            continue
        lines += [f"## {clause.key}: {_markdown(clause.title)}", ""]
        for commit in clause.commits:
            lines.append(
                f"- {commit.date[:10] or 'undated'} `{commit.id[:12]}` {_markdown(commit.subject)} "
                f"({_markdown(commit.author)}; {_markdown(commit.signed)})"
            )
        lines.append("")
    if len(lines) == 2:
        lines += ["No commit names a clause.", ""]
    return _encode([*lines, *(_markdown(line) for line in _end(trace))])


def _clause(clause: TracedClause, trace: Trace) -> Iterator[str]:
    yield wrapped(f"{clause.key}: {clause.title} ({clause.standing})")
    if clause in trace.orphans:
        yield "  commits  NONE: no commit names this clause"
    else:
        yield from _part("commits", [_commit(commit) for commit in clause.commits])
    rules = [f"{r.id} ({', '.join(w for w in (r.strength, r.mode) if w)})" for r in clause.rules]
    yield from _part("rules", rules)
    tests = [f"{t.path}:{t.line} {t.name or '(file)'} [{t.names}]" for t in clause.tests]
    yield from _part("tests", tests)
    records = [
        f"{r.as_of} {r.pack} ({r.subject}): {', '.join(f'{rule} {o}' for rule, o in r.outcomes)}"
        for r in clause.records
    ]
    yield from _part("records", records)
    yield ""


def _commit(commit: TracedCommit) -> str:
    tags = f" [{', '.join(commit.tags)}]" if commit.tags else ""
    return f"{commit.id[:12]} {commit.date[:10]} {commit.signed}: {commit.subject}{tags}"


def _part(name: str, items: list[str]) -> Iterator[str]:
    """Lines of one kind, the first with its name before it."""
    for number, item in enumerate(items[:_SHOWN] or [_NONE]):
        lead = f"  {name:<9}" if not number else " " * 11
        yield wrapped(visible(item), 13, lead)
    yield from _more(len(items))


def _more(count: int) -> list[str]:
    return [f"{'':11}and {count - _SHOWN} more"] if count > _SHOWN else []


def _ids(ids: tuple[str, ...]) -> str:
    more = f" and {len(ids) - 5} more" if len(ids) > 5 else ""
    return ", ".join(one[:12] for one in ids[:5]) + more


def _end(trace: Trace) -> Iterator[str]:
    """What closes every view: mistakes with what to do, then the count."""
    for one in trace.unknown:
        where = one.where[:12] if ":" not in one.where else one.where
        yield wrapped(
            f"UNKNOWN CLAUSE {visible(one.value, 200)} in {visible(where)} "
            f"({visible(one.subject, 80)}). {one.suggestion}"
        )
    for commit in trace.wrong_signatures:
        what = f"tag {', '.join(commit.wrong_tags)} on " if commit.wrong_tags else ""
        why = "" if commit.wrong_tags else f": {visible(commit.reason)}"
        yield wrapped(f"WRONG SIGNATURE: {visible(what)}{commit.id[:12]}{why}.")
    for clause in trace.orphans:
        yield f"ORPHAN CLAUSE {clause.key}: no commit names it"
    for limit in trace.limits:
        yield wrapped(f"Not all commits were seen: {visible(limit)}.")
    for problem in trace.problems[:_SHOWN]:
        yield wrapped(f"Not read: {visible(problem)}.")
    seen = f"{trace.commits} commits read"
    seen += f" since {visible(trace.since)}; orphans are not judged" if trace.since else ""
    named = sum(bool(clause.commits) for clause in trace.clauses)
    yield wrapped(
        f"{seen}; {named} clauses named by commits, {len(trace.orphans)} orphans, "
        f"{len(trace.unknown)} unknown. Records are read, their seals not checked. "
        "Not legal advice."
    )


def _markdown(text: str) -> str:
    """Text in which nothing is markup."""
    shown = visible(" ".join(text.split()))
    return "".join(f"\\{c}" if c in "\\`*_[]<>#|!" else c for c in shown)


def _encode(lines: list[str]) -> bytes:
    return ("\n".join(paragraph(line) for line in lines) + "\n").encode("utf-8", "backslashreplace")
