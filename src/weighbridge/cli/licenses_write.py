"""What ``weighbridge licenses`` does beside judging: obligations, a draft of NOTICE, the lock."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from weighbridge.cli.layout import wrapped
from weighbridge.edge.files import write_atomic
from weighbridge.edge.text import visible
from weighbridge.model.errors import ExitCode, HostileInput, UsageError, worst
from weighbridge.model.evidence import Evidence, EvidenceKind
from weighbridge.model.licensing.fulfillment import Fulfillment, fulfillments
from weighbridge.model.licensing.graph import Lineage
from weighbridge.model.licensing.locked import Change, Changed, compare, observed, unread
from weighbridge.model.licensing.obligations import demands
from weighbridge.model.licensing.released import Release
from weighbridge.model.licensing.terms import Terms
from weighbridge.model.licensing.use import Use

MAX_NOTICE_BYTES = 2**20


def write_notice(path: Path, lineage: Lineage, terms: Mapping[str, Terms], use: Use) -> None:
    """Draft NOTICE for a use, onto what it holds already.

    Raises:
        UsageError: what lies there is no text that could be added to.
    """
    from weighbridge.report.notice import draft

    existing = _text(path)
    drafted = draft(demands(lineage, terms, use), existing)
    added = len(drafted.splitlines()) - len(existing.splitlines())
    if drafted != existing:
        _write(path, drafted.encode())
    said = f"{added} lines added" if added else "nothing is missing in it"
    blanks = "; fill in what stands between < and >" if added and "<" in drafted else ""
    print(f"{visible(str(path))}: {said}{blanks}.", file=sys.stderr)  # noqa: T201


def compared(path: Path, evidence: Iterable[Evidence]) -> tuple[Change, ...]:
    """What differs from a lock.

    Raises:
        UsageError: it is no lock.
    """
    from weighbridge.licensing.lock import MAX_BYTES, read_lock

    data = _bytes(path, MAX_BYTES)
    if data is None:
        raise UsageError(
            f"--lock: {visible(str(path))} is not there", remedy="Write one with --write-lock."
        )
    try:
        then = read_lock(data, source=visible(path.name))
    except HostileInput as error:
        raise UsageError(f"--lock: {error.message}", remedy="Restore the lock.") from error
    found = tuple(evidence)
    return compare(then, observed(found), unread(found))


def write_lock(path: Path, evidence: Iterable[Evidence]) -> None:
    """Keep what was found."""
    from weighbridge.licensing.lock import write_lock as rendered

    _write(path, rendered(observed(evidence)))
    print(f"License lock: {visible(str(path))}", file=sys.stderr)  # noqa: T201


def fulfilled(
    evidence: Iterable[Evidence], lineage: Lineage, terms: Mapping[str, Terms], use: Use
) -> tuple[Fulfillment, ...]:
    """What the model's files show of each obligation of the use."""
    found = tuple(evidence)
    (release,) = (e for e in found if e.kind is EvidenceKind.RELEASE)
    licenses = (e for e in found if e.kind is EvidenceKind.LICENSE)
    return fulfillments(demands(lineage, terms, use), Release.of(release, licenses))


def with_more(
    data: bytes,
    format_: str,
    results: tuple[Fulfillment, ...],
    changes: tuple[Change, ...] | None,
) -> bytes:
    """The result with the state of the obligations, and with what differs from the lock.

    Args:
        data: the result.
        format_: ``text`` or ``json``.
        results: one an obligation.
        changes: none where there is no lock to compare with.
    """
    if format_ == "json":
        document = {**json.loads(data), "release": [_release_row(result) for result in results]}
        if changes is not None:
            document["changes"] = [
                {"kind": c.kind.value, "about": c.about, "message": c.message} for c in changes
            ]
        text = json.dumps(document, indent=2, ensure_ascii=True).replace("\x7f", "\\u007f")
        return text.encode() + b"\n"
    lines = [""]
    if results:
        lines += ["In the folder", ""]
        lines += [wrapped(_release_line(r), 4, "  ") for r in results]
    if changes is not None:
        lines += (
            ["", "Since the license lock", ""] if changes else ["", "As the license lock has it."]
        )
        lines += [wrapped(visible(c.message, 2_000), 4, "  - ") for c in changes]
    return data + "\n".join([*lines, ""]).encode("utf-8", "backslashreplace")


def _release_row(result: Fulfillment) -> dict[str, object]:
    duty = result.obligation
    return {
        "status": result.status.value,
        "word": duty.word.value,
        "license": duty.license,
        "where": duty.where,
        "value": duty.value,
        "found": result.found,
        "remedy": result.remedy,
        "path": result.location.path if result.location else "",
        "line": result.location.line if result.location else 0,
    }


def _release_line(result: Fulfillment) -> str:
    duty = result.obligation
    return visible(f"{result.status}: {duty.word} ({duty.license_name}): {result.found}", 1_000)


def changed_code(changes: tuple[Change, ...]) -> ExitCode:
    """1 for any change, else 3 for anything that could not be compared, else 0."""
    return worst(
        ExitCode.INCONCLUSIVE if change.kind is Changed.UNKNOWN else ExitCode.VIOLATED
        for change in changes
    )


def _text(path: Path) -> str:
    data = _bytes(path, MAX_NOTICE_BYTES)
    try:
        return (data or b"").decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"--write-notice: {visible(str(path))} is not UTF-8 text, and nothing is added to it",
            remedy="Name another file, or save it as UTF-8.",
        ) from error


def _bytes(path: Path, limit: int) -> bytes | None:
    """A file's content; none where there is no file."""
    if not path.exists():
        return None
    if not path.is_file():
        raise UsageError(f"{visible(str(path))} is not a file", remedy="Name a file.")
    try:
        with path.open("rb") as stream:
            data = stream.read(limit + 1)
    except OSError as error:
        raise UsageError(
            f"{visible(str(path))} cannot be read: {error.strerror}", remedy="Name a file."
        ) from error
    if len(data) > limit:
        raise UsageError(
            f"{visible(str(path))} is larger than {limit} bytes", remedy="Name another file."
        )
    return data


def _write(path: Path, data: bytes) -> None:
    try:
        write_atomic(path, data)
    except OSError as error:
        raise UsageError(
            f"{visible(str(path))} cannot be written: {error.strerror}",
            remedy="Make its folder, or name another file.",
        ) from error
