"""What ``weighbridge maintainers diff`` found, for a terminal, for programs, and as Markdown."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from weighbridge.cli.layout import wrapped
from weighbridge.cli.paths import read_small
from weighbridge.edge.text import visible
from weighbridge.model.digest import Digest
from weighbridge.model.errors import ExitCode, HostileInput
from weighbridge.model.maintainers_changes import (
    Change,
    ChangeKind,
    ProjectChanges,
    compare,
    exit_code,
)
from weighbridge.model.maintainers_snapshot import MaintainersSnapshot
from weighbridge.signing.maintainers_snapshot import MAX_FILE_BYTES, ReadSnapshot, read_snapshot

SCHEMA = "weighbridge.maintainers-diff/1"
MAX_CHANGES = 40  # of one project, as a person reads them; JSON has all
_WIDE = max(len(kind) for kind in ChangeKind)
_SAYS = {
    ExitCode.HOLDS: "Nothing that a signal fires on.",
    ExitCode.VIOLATED: "Signals fire on changes. Look at them before anything is accepted.",
    ExitCode.INCONCLUSIVE: "No signal fires, and something that was told is not told any more.",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """Two snapshots with their documents' digests, and what is different between them."""

    old: MaintainersSnapshot
    new: MaintainersSnapshot
    digests: tuple[Digest, Digest]
    projects: tuple[ProjectChanges, ...]

    @property
    def exit_code(self) -> ExitCode:
        """1 where a signal fires, 3 where something became unavailable, else 0."""
        return exit_code(self.projects)


def compared(old: Path, new: Path) -> Difference:
    """Two files held against each other, as of the day of the later one.

    Raises:
        UsageError: a file cannot be read.
        HostileInput: one of them is no snapshot.
    """
    before = _read(old, None)
    after = _read(new, before.snapshot)
    as_of = dt.date.fromisoformat(after.snapshot.taken[:10])
    changes = compare(before.snapshot, after.snapshot, as_of)
    return Difference(before.snapshot, after.snapshot, (before.digest, after.digest), changes)


def rendered(found: Difference, format_: str) -> bytes:
    """The difference in one of the formats."""
    if format_ == "json":
        return _json(found)
    lines = _markdown(found) if format_ == "markdown" else _console(found)
    return ("\n".join(lines) + "\n").encode("utf-8", "backslashreplace")


def _read(path: Path, known: MaintainersSnapshot | None) -> ReadSnapshot:
    data = read_small(path, MAX_FILE_BYTES, "the snapshot")
    try:
        return read_snapshot(data, known, strict=False)
    except HostileInput as error:
        where = visible(str(path), 200)
        raise HostileInput(f"{where} is no maintainers snapshot: {error.message}") from error


def _console(found: Difference) -> Iterator[str]:
    yield wrapped(f"From {found.old.taken} to {found.new.taken}: {_count(found)}.")
    for project in found.projects:
        yield ""
        yield visible(project.about, 200)
        for reading in project.fired:
            what = f"{visible(reading.signal, 60)}: {visible(reading.what, 500)}"
            yield wrapped(what, 4, "  ! ")
        for change in project.changes[:MAX_CHANGES]:
            lead = f"    {change.kind.value:<{_WIDE}}  "
            yield wrapped(visible(change.what, 500), len(lead), lead)
        if len(project.changes) > MAX_CHANGES:
            yield f"    and {len(project.changes) - MAX_CHANGES} more; --format json has all"
    yield ""
    yield _SAYS[found.exit_code]


def _markdown(found: Difference) -> Iterator[str]:
    from weighbridge.report.markdown import plain

    yield "## Weighbridge: maintainers"
    yield ""
    yield f"From {found.old.taken} to {found.new.taken}: {_count(found)}."
    yield f"**{_SAYS[found.exit_code]}**"
    for project in found.projects:
        yield from ("", f"### {plain(project.about, 200)}", "")
        for reading in project.fired:
            yield f"- **{plain(reading.signal, 60)}**: {plain(reading.what)}"
        for change in project.changes[:MAX_CHANGES]:
            yield f"- {change.kind.value}: {plain(change.what)}"
        if len(project.changes) > MAX_CHANGES:
            yield f"- and {len(project.changes) - MAX_CHANGES} more"


def _count(found: Difference) -> str:
    changed = len(found.projects)
    known = {project.about for project in found.old.projects}
    both = sum(project.about in known for project in found.new.projects)
    return f"in both: {both} projects; different: {changed}"


def _json(found: Difference) -> bytes:
    body = {
        "schema": SCHEMA,
        "exit_code": int(found.exit_code),
        "old": {"taken": found.old.taken, "digest": str(found.digests[0])},
        "new": {"taken": found.new.taken, "digest": str(found.digests[1])},
        "projects": [
            {
                "about": project.about,
                "signals": [
                    {"signal": r.signal, "release": r.release, "key": r.key, "what": r.what}
                    for r in project.fired
                ],
                "changes": [_change(change) for change in project.changes],
            }
            for project in found.projects
        ],
    }
    text = json.dumps(body, indent=2, ensure_ascii=True).replace("\x7f", "\\u007f")
    return text.encode() + b"\n"


def _change(change: Change) -> dict[str, str]:
    return {"kind": change.kind.value, "what": change.what}
