"""Audit records below a folder, and what each says of clauses. Seals are not checked here."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from weighbridge.model.errors import HostileInput, UsageError

if TYPE_CHECKING:
    from weighbridge.model.record import AuditRecord
    from weighbridge.model.trace import TracedRecord

MAX_PACKS = 1000
_MAX_DEPTH = 4
_MAX_BYTES = 64 * 2**20
_RECORD = "audit.json"


def records_by_clause(folder: str, problems: list[str]) -> dict[str, list[TracedRecord]]:
    """Each clause's key with the records that bear on it, older audits first.

    Raises:
        UsageError: there is no such folder.
    """
    top = Path(folder)
    if not top.is_dir():
        raise UsageError(f"{folder} is not a folder", remedy="Name the folder that holds packs.")
    table: dict[str, list[TracedRecord]] = {}
    read = 0
    for path in _records(top, problems):
        record = _read(path, top, problems)
        if record is not None:
            read += 1
            for key, found in _of_record(record, path.parent.relative_to(top).as_posix()):
                table.setdefault(key, []).append(found)
    if not read:
        problems.append(f"no audit record could be read in {folder}")
    for found_here in table.values():
        found_here.sort(key=lambda one: (one.as_of, one.pack))
    return table


def _records(top: Path, problems: list[str]) -> Iterator[Path]:
    found = 0
    for folder, folders, names in os.walk(top):
        folders.sort()
        if len(Path(folder).relative_to(top).parts) >= _MAX_DEPTH:
            folders.clear()
        if _RECORD in names:
            folders.clear()  # what lies in a pack is the pack's own
            found += 1
            if found > MAX_PACKS:
                problems.append(f"only {MAX_PACKS} packs were read")
                return
            yield Path(folder, _RECORD)


def _read(path: Path, top: Path, problems: list[str]) -> AuditRecord | None:
    from weighbridge.model.record import AuditRecord
    from weighbridge.snapshot.git_objects import read_regular

    shown = path.relative_to(top).as_posix()
    try:
        return AuditRecord.from_bytes(read_regular(path, _MAX_BYTES))
    except HostileInput as error:
        problems.append(f"{shown}: {error.message}")
    except OSError as error:
        problems.append(f"{shown} cannot be read: {error.strerror}")
    return None


def _of_record(record: AuditRecord, pack: str) -> Iterator[tuple[str, TracedRecord]]:
    from weighbridge.model.trace import TracedRecord

    outcomes = {result.rule: result.outcome.value for result in record.results}
    for clause in record.clauses:
        linked = tuple(
            (link.rule, outcomes[link.rule]) for link in clause.links if link.rule in outcomes
        )
        if linked:
            yield (
                clause.key,
                TracedRecord(
                    pack=pack,
                    record=str(record.digest),
                    subject=record.subject.name,
                    revision=record.subject.revision,
                    as_of=record.as_of.isoformat(),
                    outcomes=linked,
                ),
            )
