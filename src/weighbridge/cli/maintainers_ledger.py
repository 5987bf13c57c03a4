"""Baselines and a ledger: kept beside it by their digest, and found again by its newest entry.

A ledger's folder holds nothing but the ledger, so that every strange file in it shows. Baselines
lie in a folder of its name with ``.baselines`` after it, each named by its document's SHA-256.
"""

from __future__ import annotations

import dataclasses
import sys
from dataclasses import dataclass
from pathlib import Path

from weighbridge.cli.paths import read_small, write_result
from weighbridge.edge.text import visible
from weighbridge.ledger.entry import Entry, EntryKind
from weighbridge.ledger.log import append
from weighbridge.model.digest import Digest, sha256
from weighbridge.model.errors import HostileInput, UsageError
from weighbridge.model.evidence import Evidence, EvidenceKind
from weighbridge.signing.maintainers_snapshot import MAX_FILE_BYTES, SUFFIX, ReadSnapshot


@dataclass(frozen=True, slots=True)
class Found:
    """A baseline's entry: its index, what it says, and the file that holds the document."""

    index: int
    entry: Entry
    file: Path

    def marked(self, evidence: Evidence) -> Evidence:
        """The evidence on the baseline as a whole, with the entry's index; other evidence as it is.

        Raises:
            HostileInput: what was read is not what the entry names: the file changed meanwhile.
        """
        if evidence.kind is not EvidenceKind.BASELINE or evidence.about or not evidence.data:
            return evidence
        if evidence.data["digest"] != str(self.entry.record):
            raise HostileInput(f"{visible(str(self.file), 200)} changed while it was read")
        return dataclasses.replace(evidence, data={**evidence.data, "entry": self.index})


def folder_of(ledger: Path) -> Path:
    """Where the baselines of a ledger lie."""
    whole = ledger.resolve()
    return whole.with_name(f"{whole.name}.baselines")


def keep(ledger: Path, read: ReadSnapshot, data: bytes) -> tuple[Path, int]:
    """Keep a signed snapshot beside a ledger and append its entry; gives both places.

    Raises:
        UsageError: it cannot be written.
        WeighbridgeError: see :func:`weighbridge.ledger.log.append`.
    """
    from weighbridge.seal.keys import sealing_folder

    folder = folder_of(ledger)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{str(folder)!r} cannot be made: {error.strerror}") from error
    path = folder / f"{read.digest.value}{SUFFIX}"
    # the file first: an entry whose file is not there could not be used
    write_result(path, data)
    done = append(ledger, Entry.of_baseline(read.snapshot, sha256(data)), sealing_folder())
    return path, done.index


def newest_baseline(ledger: Path) -> Found:
    """The newest entry of a baseline, after verifying the ledger, with its file.

    The ledger is computed again from its entries, so that the entry is included under the signed
    checkpoint; and it must continue what this user's key signed last, if it is theirs.

    Raises:
        HostileInput: the ledger was changed, or the file is not the one that the entry names.
        UsageError: it has no baseline, or the newest one's file is not kept.
    """
    from weighbridge.cli.ledger import _verified
    from weighbridge.ledger.verify import read_entries

    report = _verified(ledger, "", [])
    if report.problems or report.checkpoint is None:
        raise HostileInput(f"the ledger does not hold: {visible('; '.join(report.problems), 500)}")
    for note in report.notes:
        print(f"weighbridge: the ledger: {visible(note, 500)}.", file=sys.stderr)  # noqa: T201
    newest: tuple[int, Entry] | None = None
    for index, entry in enumerate(read_entries(ledger, report.checkpoint)):
        if entry.kind is EntryKind.BASELINE:
            newest = index, entry
    if newest is None:
        raise UsageError(
            f"{visible(str(ledger), 200)} has no baseline",
            remedy="Make one with 'weighbridge maintainers snapshot SUBJECT --ledger DIR'.",
        )
    index, entry = newest
    path = folder_of(ledger) / f"{entry.record.value}{SUFFIX}"
    data = read_small(path, MAX_FILE_BYTES, f"the baseline of entry {index}")
    _check(path, sha256(data), entry)
    return Found(index, entry, path)


def _check(path: Path, digest: Digest, entry: Entry) -> None:
    if digest != entry.seal:
        raise HostileInput(
            f"{visible(str(path), 200)} is not the file that the ledger names: it was changed"
        )
