"""The listing as evidence, and what the rules on integrity make of it."""

import datetime as dt
import os
from pathlib import Path
from typing import Any

from weighbridge.collect import files
from weighbridge.collect.context import CollectContext
from weighbridge.model.evidence import Evidence, EvidenceState
from weighbridge.model.finding import Outcome
from weighbridge.model.rule import Case
from weighbridge.rules.integrity import content_not_present, unreadable_files
from weighbridge.snapshot.take import take_snapshot

DAY = dt.date(2026, 11, 20)
POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'ab' * 32}\nsize 999\n"


def collect(folder: Path) -> tuple[Evidence, ...]:
    context = CollectContext(snapshot=take_snapshot(folder), as_of=DAY, offline=True)
    return tuple(files.collect(context))


def outcome(rule: Any, evidence: tuple[Evidence, ...]) -> Outcome:
    subject: Any = None
    found: Outcome = rule.check(Case(subject, DAY, evidence, rule.META.defaults)).outcome
    return found


def test_a_folder_in_order(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "w.bin").write_bytes(b"\x80\x04N.")
    (listing,) = collect(tmp_path)
    assert listing.data["files"] == 2
    assert listing.data["bytes"] == 6
    assert listing.data["kinds"] == {"json": 1, "pickle": 1}
    assert listing.data["presence"] == {"content": 2, "pointer": 0, "missing": 0}
    assert outcome(unreadable_files, (listing,)) is Outcome.PASS
    assert outcome(content_not_present, (listing,)) is Outcome.PASS


def test_problems_and_pointers(tmp_path: Path) -> None:
    (tmp_path / "w.bin").write_text(POINTER)
    os.mkfifo(tmp_path / "pipe")
    evidence = collect(tmp_path)
    listing, pipe = evidence
    assert listing.data["away"] == (
        {
            "path": "w.bin",
            "presence": "pointer",
            "digest": "sha256:" + "ab" * 32,
            "weight": True,
        },
    )
    assert listing.data["bytes"] == 0
    assert (pipe.about, pipe.state) == ("pipe", EvidenceState.UNAVAILABLE)
    assert outcome(unreadable_files, evidence) is Outcome.UNKNOWN
    assert outcome(content_not_present, evidence) is Outcome.UNKNOWN
    (tmp_path / "link").symlink_to("/etc/passwd")
    assert outcome(unreadable_files, collect(tmp_path)) is Outcome.FAIL
