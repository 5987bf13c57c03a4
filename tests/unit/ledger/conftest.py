"""Ledgers of a few entries under a key of their own."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest

from weighbridge.ledger.entry import Entry, EntryKind
from weighbridge.ledger.folder import LedgerFolder
from weighbridge.ledger.keys import existing_key, public_bytes, remembered
from weighbridge.ledger.log import append, read_verifier
from weighbridge.ledger.verify import LedgerReport, verify_ledger
from weighbridge.model.digest import sha256
from weighbridge.model.errors import ExitCode


def entry(number: int, name: str = "tiny-model") -> Entry:
    return Entry(
        kind=EntryKind.AUDIT,
        record=sha256(f"record {number}".encode()),
        seal=sha256(f"seal {number}".encode()),
        subject_name=name,
        subject_digest=sha256(b"subject"),
        verdict=ExitCode.HOLDS,
        as_of=dt.date(2026, 11, 20),
        policy_id="baseline",
        policy_version="1",
    )


class Kept:
    """A ledger's folder and the folder of its key."""

    def __init__(self, base: Path) -> None:
        self.path = base / "ledger"
        self.keys = base / "keys"

    def append(self, *numbers: int) -> list[int]:
        return [append(self.path, entry(number), self.keys).index for number in numbers]

    def checkpoint(self) -> bytes:
        return (self.path / "checkpoint").read_bytes()

    def verify(self, *since: bytes, memory: bool = True) -> LedgerReport:
        """As its owner does; without ``memory``, as one who only knows the key."""
        key = existing_key(self.keys)
        assert key is not None
        last = None
        if memory:
            verifier = read_verifier(LedgerFolder(self.path))
            assert verifier is not None
            last = remembered(self.keys, verifier.name)
        return verify_ledger(self.path, own=public_bytes(key), since=since, last=last)

    def files(self) -> list[Path]:
        return sorted(p for p in self.path.rglob("*") if p.is_file() and p.name != ".lock")


@pytest.fixture(autouse=True)
def no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """What reaches a disk at which time is not seen from here, and waiting for it takes minutes."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path)
