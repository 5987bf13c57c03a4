"""The matrix of clauses and commits as one HTML page: no script, no style or image from elsewhere.

Every text goes through :func:`_text`, which makes control and direction marks visible and escapes
what is markup.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator

from weighbridge.edge.text import visible
from weighbridge.model.trace import Trace, TracedClause, TracedCommit

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = (
    "body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:80rem;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}"
    "th,td{border:1px solid #9994;padding:.4rem .6rem;text-align:left;vertical-align:top}"
    "th{background:#8882}code{font-size:.9em}.bad{color:#b00020;font-weight:600}"
    "ul{margin:0;padding-left:1.1rem}td{overflow-wrap:anywhere}:root{color-scheme:light dark}"
    "@media(prefers-color-scheme:dark){.bad{color:#ff8a80}}"
)

_HEADINGS = (
    "<table><thead><tr><th>Clause</th><th>Commits</th><th>Rules</th><th>Tests</th>"
    "<th>Audit records</th></tr></thead><tbody>"
)


def render(trace: Trace) -> bytes:
    """An HTML document in UTF-8; the same trace gives the same bytes."""
    head = (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{html.escape(_POLICY)}">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>Clauses and commits</title><style>{_STYLE}</style></head><body>"
    )
    parts = [
        head,
        "<h1>Clauses and commits</h1>",
        f"<p>{_text(_summary(trace))}</p>",
        _mistakes(trace),
        _HEADINGS,
        *(_row(clause, trace) for clause in trace.clauses),
        "</tbody></table>",
        _references(trace),
        "<p>Records are read, their seals not checked. Not legal advice.</p></body></html>\n",
    ]
    return "\n".join(part for part in parts if part).encode("utf-8", "backslashreplace")


def _summary(trace: Trace) -> str:
    since = f" since {trace.since} (orphans are not judged)" if trace.since else ""
    return (
        f"{trace.commits} commits read up to {trace.head[:12]}{since}; {len(trace.orphans)} orphan "
        f"clauses, {len(trace.unknown)} unknown references, "
        f"{len(trace.wrong_signatures)} wrong signatures."
    )


def _mistakes(trace: Trace) -> str:
    items = [
        f"Unknown clause {one.value} in {one.where}: {one.suggestion}" for one in trace.unknown
    ]
    items += [f"Wrong signature on {one.id}: {one.reason}" for one in trace.wrong_signatures]
    items += [f"No commit names {clause.key}" for clause in trace.orphans]
    items += [f"Not all commits were seen: {limit}" for limit in trace.limits]
    items += [f"Not read: {problem}" for problem in trace.problems]
    return f'<div class="bad">{_list(_text(item) for item in items)}</div>' if items else ""


def _row(clause: TracedClause, trace: Trace) -> str:
    commits = _list(_commit(commit) for commit in clause.commits)
    if clause in trace.orphans:
        commits = '<span class="bad">none</span>'
    rules = (_text(" ".join(w for w in (r.id, r.strength, r.mode) if w)) for r in clause.rules)
    tests = (_text(f"{t.path}:{t.line} {t.name} [{t.names}]") for t in clause.tests)
    records = (
        _text(
            f"{r.as_of} {r.pack} ({r.subject}, {r.record[:19]}): "
            + ", ".join(f"{rule} {outcome}" for rule, outcome in r.outcomes)
        )
        for r in clause.records
    )
    key = (
        f"<strong>{_text(clause.key)}</strong><br>{_text(clause.title)} ({_text(clause.standing)})"
    )
    cells = (key, commits, _list(rules), _list(tests), _list(records))
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _commit(commit: TracedCommit) -> str:
    kind = ' class="bad"' if commit.wrong else ""
    said = f"{commit.date[:10]} {commit.subject} ({commit.author})"
    tags = f" {_text(', '.join(commit.tags))}" if commit.tags else ""
    return (
        f"<code>{_text(commit.id[:12])}</code> {_text(said)} "
        f"<span{kind}>{_text(commit.signed)}</span>{tags}"
    )


def _references(trace: Trace) -> str:
    if not trace.references:
        return ""
    items: Iterator[str] = (
        _text(f"{value}: {', '.join(one[:12] for one in ids)}") for value, ids in trace.references
    )
    return f"<h2>Other references</h2>{_list(items)}"


def _list(items: Iterable[str]) -> str:
    joined = "".join(f"<li>{item}</li>" for item in items)
    return f"<ul>{joined}</ul>" if joined else ""


def _text(text: str) -> str:
    return html.escape(visible(text), quote=True)
