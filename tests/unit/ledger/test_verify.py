"""Whatever is done to a ledger's files is noticed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from tests.unit.ledger.conftest import Kept, entry

from weighbridge.ledger.checkpoint import MAX_ENTRIES, Checkpoint
from weighbridge.ledger.folder import LedgerFolder
from weighbridge.ledger.keys import log_key
from weighbridge.ledger.log import read_verifier
from weighbridge.ledger.merkle import leaf_hash, root
from weighbridge.ledger.note import VerifierKey
from weighbridge.ledger.tiles import Tiles, grown
from weighbridge.ledger.verify import read_entries, verify_ledger
from weighbridge.model.errors import ExitCode, UsageError


def rewrite(kept: Kept, numbers: list[int]) -> None:
    """A ledger of other entries under the same name and key, as a dishonest owner could make."""
    verifier = read_verifier(LedgerFolder(kept.path))
    assert verifier is not None
    shutil.rmtree(kept.path / "tile")
    entries = [entry(number).to_bytes() for number in numbers]
    for name, data in grown(Tiles(LedgerFolder(kept.path), 0), entries):
        (kept.path / name).parent.mkdir(parents=True, exist_ok=True)
        (kept.path / name).write_bytes(data)
    head = Checkpoint(verifier.name, len(entries), root([leaf_hash(e) for e in entries]))
    (kept.path / "checkpoint").write_bytes(head.sign(log_key(kept.keys)))


@pytest.mark.slow
def test_every_flipped_byte_is_noticed(kept: Kept) -> None:
    kept.append(0, 1)
    assert kept.verify().exit_code is ExitCode.HOLDS
    key = kept.verify().key
    for path in kept.files():
        data = path.read_bytes()
        for at in range(len(data)):
            changed = bytearray(data)
            changed[at] ^= (1, 0x20, 0x80)[at % 3]
            path.write_bytes(bytes(changed))
            report = verify_ledger(kept.path, trusted=key)
            assert report.exit_code is ExitCode.VIOLATED, (path, at)
        path.write_bytes(data)
    assert kept.verify().exit_code is ExitCode.HOLDS


@pytest.mark.parametrize(
    "numbers",
    [[0, 1], [0, 9, 2], [1, 0, 2], [0, 2, 1], [1, 2, 3], [0, 1, 9, 2], []],
    ids=["lost", "rewritten", "reordered", "last two swapped", "shifted", "put in", "emptied"],
)
def test_history_made_anew_under_the_same_key_shows_against_an_older_checkpoint(
    kept: Kept, numbers: list[int]
) -> None:
    kept.append(0, 1, 2)
    older = kept.checkpoint()
    rewrite(kept, numbers)
    assert kept.verify(memory=False).exit_code is ExitCode.HOLDS  # by itself it is in order
    assert kept.verify(older, memory=False).exit_code is ExitCode.VIOLATED
    assert kept.verify().exit_code is ExitCode.VIOLATED  # its owner's key folder remembers


def test_what_was_continued_holds_against_every_older_checkpoint(kept: Kept) -> None:
    older = []
    for number in range(5):
        kept.append(number)
        older.append(kept.checkpoint())
    assert kept.verify(*older).exit_code is ExitCode.HOLDS


def test_a_checkpoint_of_another_ledger_is_a_problem(kept: Kept, tmp_path: Path) -> None:
    kept.append(0)
    other = Kept(tmp_path / "other")
    other.append(0)
    assert kept.verify(other.checkpoint()).exit_code is ExitCode.VIOLATED


@pytest.mark.parametrize("name", ["tile/0/000.p/2", "tile/entries/000.p/2", "log.vkey"])
def test_a_missing_file_is_a_problem(kept: Kept, name: str) -> None:
    kept.append(0, 1)
    (kept.path / name).unlink()
    assert verify_ledger(kept.path).exit_code is ExitCode.VIOLATED


@pytest.mark.parametrize("name", ["note.txt", "tile/0/abc", "tile/0/000.p/02", "a/b/c/d/e/f/g/h"])
def test_what_is_not_of_a_ledger_is_a_problem(kept: Kept, name: str) -> None:
    kept.append(0)
    (kept.path / name).parent.mkdir(parents=True, exist_ok=True)
    (kept.path / name).write_bytes(b"x")
    assert kept.verify().exit_code is ExitCode.VIOLATED


@pytest.mark.parametrize("name", ["checkpoint", "log.vkey", "tile/0/000.p/1", "tile/entries"])
def test_a_link_or_a_fifo_is_not_opened(kept: Kept, tmp_path: Path, name: str) -> None:
    kept.append(0)
    place, elsewhere = kept.path / name, tmp_path / "elsewhere"
    shutil.move(place, elsewhere)
    place.symlink_to(elsewhere)
    assert verify_ledger(kept.path).exit_code is ExitCode.VIOLATED
    place.unlink()
    os.mkfifo(place)
    assert verify_ledger(kept.path).exit_code is ExitCode.VIOLATED


@pytest.mark.parametrize("name", ["checkpoint", "tile/0/000.p/1", "tile/entries/000.p/1"])
def test_a_huge_file_is_not_read_to_its_end(kept: Kept, name: str) -> None:
    kept.append(0)
    os.truncate(kept.path / name, 2**40)  # sparse
    assert kept.verify().exit_code is ExitCode.VIOLATED


def test_a_size_that_no_files_are_there_for_ends_at_the_first_missing_one(kept: Kept) -> None:
    kept.append(0)
    report = kept.verify()
    assert report.key is not None
    claimed = Checkpoint(report.key.name, MAX_ENTRIES, b"r" * 32).sign(log_key(kept.keys))
    (kept.path / "checkpoint").write_bytes(claimed)
    report = kept.verify(memory=False)
    assert report.exit_code is ExitCode.VIOLATED
    assert "tile/entries/000 of the ledger is missing" in report.problems[0]


def test_a_key_that_is_not_known_leaves_it_open(kept: Kept) -> None:
    kept.append(0)
    report = verify_ledger(kept.path)
    assert report.exit_code is ExitCode.INCONCLUSIVE
    assert report.key is not None
    assert verify_ledger(kept.path, trusted=report.key).exit_code is ExitCode.HOLDS
    other = VerifierKey("example.com/other", report.key.public)
    assert verify_ledger(kept.path, trusted=other).exit_code is ExitCode.VIOLATED


def test_what_is_no_ledger_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not a ledger"):
        verify_ledger(tmp_path)


def test_entries_are_read_back(kept: Kept) -> None:
    kept.append(0, 1)
    head = kept.verify().checkpoint
    assert head is not None
    assert list(read_entries(kept.path, head)) == [entry(0), entry(1)]
