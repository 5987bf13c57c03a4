"""``weighbridge citations --fix``: what is known goes into ``datasets.yaml``, and nothing else."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from weighbridge.model.errors import UsageError

if TYPE_CHECKING:
    from weighbridge.cli.citations_subject import Target
    from weighbridge.collect.dataset_drafts import Draft


@dataclass(frozen=True, slots=True)
class Fixed:
    """What was written into one file; ``left`` are sentences on what could not be."""

    path: str
    entries: tuple[str, ...]
    keys: tuple[tuple[str, str], ...]
    left: tuple[str, ...]


def fix_records(found: tuple[Target, ...]) -> tuple[Fixed, ...]:
    """Draft and write the records of all folders. Nothing is written unless all can be drafted.

    Raises:
        UsageError: a record is broken, is no plain file of the folder, changed meanwhile, or cannot
            be written.
    """
    planned = [(target, draft) for target in found for draft in _drafted(target)]
    places = [(_place(target.root, draft), draft) for target, draft in planned]
    for place, draft in places:
        if draft.entries or draft.keys:
            _write(place, draft)
    return tuple(
        Fixed(str(place), draft.entries, draft.keys, draft.left) for place, draft in places
    )


def _drafted(target: Target) -> tuple[Draft, ...]:
    from weighbridge.collect.dataset_drafts import drafts
    from weighbridge.collect.datasets import evidence_of
    from weighbridge.edge.text import visible
    from weighbridge.model.errors import HostileInput
    from weighbridge.model.evidence import EvidenceState
    from weighbridge.model.facts.dataset import DatasetPlace

    snapshot = target.snapshot()
    evidence = evidence_of(snapshot)
    for item in evidence:
        place = cast(DatasetPlace, item.data)
        if item.state is EvidenceState.UNAVAILABLE and place.get("part") == "record":
            line = f":{place['line']}" if place["line"] else ""
            raise UsageError(
                f"{visible(place['path'])}{line} is broken: {visible(item.reason)}",
                remedy="Repair it first: what it holds must not be drafted a second time.",
            )
    try:
        return drafts(snapshot, evidence)
    except HostileInput as error:
        raise UsageError(f"nothing was drafted: {error.message}") from error


def _place(root: Path, draft: Draft) -> Path:
    """The file to write, by its real name.

    Raises:
        UsageError: it is a link, or lies outside of the folder.
    """
    path = root / draft.path
    try:
        top, folder = root.resolve(strict=True), path.parent.resolve(strict=True)
        if path.is_symlink() or not folder.is_relative_to(top):
            raise UsageError(
                f"{str(path)!r} is a link, and what it leads to is not written",
                remedy="Put a file there, or call weighbridge where the file lies.",
            )
    except OSError as error:
        raise UsageError(f"{str(path)!r} cannot be written: {error.strerror}") from error
    return path


def _write(path: Path, draft: Draft) -> None:
    """Write the draft where the file still is what was read.

    Raises:
        UsageError: it changed, or cannot be written.
    """
    from weighbridge.cli.paths import write_result
    from weighbridge.collect.dataset_records import MAX_BYTES

    if len(draft.after) > MAX_BYTES:
        raise UsageError(f"{str(path)!r} would be larger than {MAX_BYTES} bytes")
    mode = 0o644
    try:
        now = path.read_bytes() if path.is_file() else None
        if now is not None:
            mode = stat.S_IMODE(path.stat().st_mode)
    except OSError as error:
        raise UsageError(f"{str(path)!r} cannot be read: {error.strerror}") from error
    if now != draft.before:
        raise UsageError(f"{str(path)!r} changed while it was read", remedy="Run it again.")
    write_result(path, draft.after, mode=mode)
