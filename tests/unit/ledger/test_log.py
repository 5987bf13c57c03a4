"""Appending: what is refused, what a killed writer leaves, tiles of many entries."""

from __future__ import annotations

import itertools
import os
import shutil
import threading
from pathlib import Path

import pytest
from tests.unit.ledger import naive
from tests.unit.ledger.conftest import Kept, entry

from weighbridge.ledger.errors import LedgerDamaged, LedgerError
from weighbridge.ledger.folder import LedgerFolder
from weighbridge.ledger.keys import KEY_FILE
from weighbridge.ledger.log import append
from weighbridge.ledger.merkle import (
    consistency_path,
    consistent,
    includes,
    inclusion_path,
    leaf_hash,
)
from weighbridge.ledger.tiles import Tiles, grown, parse_name, tile_name, unpack_bundle
from weighbridge.model.errors import BoundExceeded, ExitCode, HostileInput, UsageError

# every call by which the ledger changes what is on the disk
CHANGES = ("replace", "fsync", "unlink", "mkdir", "rmdir", "link")


class Killed(BaseException):
    """The process ended here."""


def kill_at(monkeypatch: pytest.MonkeyPatch, step: int) -> list[str]:
    """From the n-th change on nothing reaches the disk any more; gives the calls that were made."""
    made: list[str] = []

    def wrapped(name: str, real):
        def call(*args, **options):
            if len(made) >= step:
                raise Killed(name)
            made.append(name)
            return real(*args, **options)

        return call

    for name in CHANGES:
        monkeypatch.setattr(os, name, wrapped(name, getattr(os, name)))
    return made


def appended_until_killed(kept: Kept, number: int, step: int) -> bool:
    """Whether the append was cut off."""
    with pytest.MonkeyPatch.context() as patch:
        kill_at(patch, step)
        try:
            kept.append(number)
        except Killed:
            return True
    return False


@pytest.mark.parametrize("before", [0, 1, pytest.param(255, marks=pytest.mark.slow)])
def test_killed_at_any_step_nothing_is_lost(tmp_path: Path, before: int) -> None:
    base = Kept(tmp_path / "base")
    if before:
        base.append(*range(before))
    # of the 510 partial files that the 256th entry makes superfluous, some are enough
    for step in itertools.chain(range(24), itertools.count(24, 173)):
        kept = Kept(tmp_path / f"step-{step}")
        if before:
            shutil.copytree(tmp_path / "base", tmp_path / f"step-{step}")
        cut = appended_until_killed(kept, 1000, step)
        if before:
            earlier = (base.path / "checkpoint").read_bytes()
            report = kept.verify(earlier)
            assert not report.problems, (step, report)
        # another entry than the one that was cut off: either is signed, or only the new one
        kept.append(2000)
        kept.append(1000)
        report = kept.verify(*([earlier] if before else []))
        assert report.exit_code is ExitCode.HOLDS, (step, report)
        assert report.checkpoint is not None
        assert report.checkpoint.size == before + 2
        shutil.rmtree(tmp_path / f"step-{step}")
        if not cut:
            break
    assert step >= 17


def test_the_head_that_was_signed_is_published_by_the_next_append(kept: Kept) -> None:
    """Killed between signing and publishing: what was signed may never be contradicted."""
    kept.append(0)
    older = kept.checkpoint()
    kept.append(1)
    (kept.path / "checkpoint").write_bytes(older)
    report = kept.verify()
    assert report.exit_code is ExitCode.INCONCLUSIVE
    assert "the next append publishes" in " ".join(report.notes)
    assert kept.append(2) == [2]
    assert kept.verify(older).exit_code is ExitCode.HOLDS


def test_a_half_written_file_of_a_killed_writer_is_no_matter(kept: Kept) -> None:
    kept.append(0)
    (kept.path / ".new").write_bytes(b"half")
    assert kept.verify().exit_code is ExitCode.HOLDS
    assert kept.append(1) == [1]
    assert not (kept.path / ".new").exists()


def test_nothing_is_appended_to_a_ledger_put_back(kept: Kept, tmp_path: Path) -> None:
    kept.append(0)
    shutil.copytree(kept.path, tmp_path / "old")
    kept.append(1)
    shutil.rmtree(kept.path)
    shutil.move(tmp_path / "old", kept.path)
    with pytest.raises(LedgerDamaged):
        kept.append(2)
    assert "taken away" in " ".join(kept.verify().problems)


def test_nothing_is_appended_to_a_damaged_ledger(kept: Kept) -> None:
    kept.append(0, 1)
    bundle = kept.path / "tile/entries/000.p/2"
    bundle.write_bytes(bundle.read_bytes().replace(b"baseline", b"Baseline"))
    before = kept.checkpoint()
    with pytest.raises(LedgerDamaged):
        kept.append(2)
    assert kept.checkpoint() == before


def test_a_lost_checkpoint_does_not_begin_the_ledger_anew(kept: Kept) -> None:
    kept.append(0)
    (kept.path / "checkpoint").unlink()
    assert kept.append(1) == [1]  # it came back from beside the key
    (kept.path / "checkpoint").unlink()
    for memory in kept.keys.glob("*.checkpoint"):
        memory.unlink()
    with pytest.raises(LedgerDamaged, match="taken away"):
        kept.append(2)


def test_another_key_is_refused(kept: Kept, tmp_path: Path) -> None:
    kept.append(0)
    with pytest.raises(LedgerError, match="another key"):
        append(kept.path, entry(1), tmp_path / "others")


def test_a_key_that_others_can_read_is_refused(kept: Kept) -> None:
    kept.append(0)
    (kept.keys / KEY_FILE).chmod(0o644)
    with pytest.raises(LedgerError, match="open to other users"):
        kept.append(1)
    (kept.keys / KEY_FILE).chmod(0o600)
    (kept.keys / KEY_FILE).write_text("no key")
    with pytest.raises(LedgerError, match="is not a key"):
        kept.append(1)


def test_a_folder_of_something_else_is_refused(kept: Kept) -> None:
    kept.path.mkdir()
    (kept.path / "thesis.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"thesis\.txt"):
        kept.append(0)
    assert not (kept.path / "checkpoint").exists()


@pytest.mark.parametrize("name", ["tile", "tile/entries", "tile/0", "checkpoint", ".lock"])
def test_no_link_is_written_through(kept: Kept, tmp_path: Path, name: str) -> None:
    kept.append(0)
    place, elsewhere = kept.path / name, tmp_path / "elsewhere"
    shutil.move(place, elsewhere)
    before = sorted(p.name for p in elsewhere.rglob("*"))
    place.symlink_to(elsewhere)
    with pytest.raises(HostileInput):
        kept.append(1)
    assert sorted(p.name for p in elsewhere.rglob("*")) == before


def test_an_entry_past_its_bound_is_refused(kept: Kept) -> None:
    with pytest.raises(BoundExceeded):
        append(kept.path, entry(0, "m" * 20_000), kept.keys)
    with pytest.raises(HostileInput, match="not Unicode"):
        append(kept.path, entry(0, "\udc80"), kept.keys)
    assert not kept.path.exists()


def test_the_same_entry_is_appended_once(kept: Kept) -> None:
    assert kept.append(0, 1, 0) == [0, 1, 0]


def test_writers_wait_for_each_other(kept: Kept) -> None:
    threads = [threading.Thread(target=kept.append, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report = kept.verify()
    assert report.exit_code is ExitCode.HOLDS
    assert report.checkpoint is not None
    assert report.checkpoint.size == 8


def test_partial_tiles_go_when_the_full_one_is_there(kept: Kept) -> None:
    kept.append(*range(257))
    names = {p.relative_to(kept.path).as_posix() for p in kept.files()}
    assert names == {
        "checkpoint", "log.vkey", "tile/0/000", "tile/0/001.p/1", "tile/1/000.p/1",
        "tile/entries/000", "tile/entries/001.p/1",
    }  # fmt: skip
    assert kept.verify().exit_code is ExitCode.HOLDS


def test_a_tree_of_70000_has_the_tiles_that_the_specification_counts(tmp_path: Path) -> None:
    entries = [b"%d" % n for n in range(70_000)]
    folder = LedgerFolder(tmp_path)
    names = []
    for name, data in grown(Tiles(folder, 0), entries):
        names.append(name)
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    assert sum(n.startswith("tile/0/") for n in names) == 273 + 1
    assert {"tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"} <= set(names)
    assert sum(n.startswith("tile/") for n in names) == 2 * 274 + 3
    tiles, leaves = Tiles(folder, 70_000), [leaf_hash(e) for e in entries]
    head = tiles.subtree(0, 70_000)
    assert head == naive.mth(entries)
    for index in (0, 255, 256, 65_535, 65_536, 69_999):
        path = inclusion_path(index, 70_000, tiles.subtree)
        assert includes(leaves[index], index, 70_000, path, head)
    for old in (1, 255, 256, 257, 65_536, 69_888, 69_999):
        path = consistency_path(old, 70_000, tiles.subtree)
        assert consistent(old, naive.mth(entries[:old]), 70_000, head, path)


def test_tile_names_are_those_of_the_specification() -> None:
    assert tile_name(0, 1_234_067) == "tile/0/x001/x234/067"
    assert tile_name("entries", 5, 17) == "tile/entries/005.p/17"
    assert parse_name("tile/0/x001/x234/067") == ("0", 1_234_067, 256)
    for wrong in ("tile/0/5", "tile/00/005", "tile/0/x000/005", "tile/0/005.p/0", "tile/0/005/",
                  "tile/0/005.p/256", "tile/0/005.p/017", "tile/0/001/005",
                  "tile/0/٠٠٥"):  # fmt: skip
        assert parse_name(wrong) is None, wrong


@pytest.mark.parametrize("data", [b"\x00", b"\x00\x02a", b"\x00\x01ab", b"\xff\xff" + b"a" * 9])
def test_a_bundle_that_ends_inside_of_an_entry_is_refused(data: bytes) -> None:
    with pytest.raises(LedgerDamaged):
        unpack_bundle(data)
