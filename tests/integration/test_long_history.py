"""A history of 100,000 commits, made by git: bounded in time, and what was left out is named."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import time
from pathlib import Path

import pytest

from weighbridge.collect import maintainers
from weighbridge.collect.context import CollectContext
from weighbridge.collect.secrets import find_secrets
from weighbridge.history.history import MAX_COMMITS
from weighbridge.model.evidence import EvidenceState
from weighbridge.snapshot.take import take_snapshot

sys.path.insert(0, str(Path(__file__).parent))
from git_tools import EPOCH, Git, new_repository

COMMITS = 100_000
EVERY = 1_000  # of the commits one touches weights

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def git(tmp_path_factory: pytest.TempPathFactory) -> Git:
    git = new_repository(tmp_path_factory.mktemp("long") / "model")
    lines = []
    for number in range(COMMITS):
        name = "model.bin" if number % EVERY == 0 else "notes.txt"
        content = f"{number}\n"
        lines.append(
            f"commit refs/heads/main\ncommitter A <a@example.org> {EPOCH + number} +0000\n"
            f"data 2\nx\nM 100644 inline {name}\ndata {len(content)}\n{content}"
        )
    done = subprocess.run(["git", "fast-import", "--quiet"], cwd=git.top, check=True,
                          input="".join(lines).encode(), capture_output=True)  # fmt: skip
    assert done.returncode == 0
    git("checkout", "-q", "main")
    return git


def test_who_changed_the_weights_is_told_as_far_as_was_looked(git: Git) -> None:
    began = time.process_time()
    context = CollectContext(snapshot=take_snapshot(git.top), as_of=dt.date(2026, 8, 1),
                             offline=True)  # fmt: skip
    summary, *touches = maintainers.collect(context)
    assert time.process_time() - began < 60
    assert summary.state is EvidenceState.OBSERVED
    assert (summary.data["commits"], summary.data["complete"]) == (MAX_COMMITS, False)
    # the oldest that was read is not held against the one before it
    assert len(touches) == MAX_COMMITS // EVERY - 1
    assert [one.data["current"] for one in touches].count(True) == 1


def test_what_was_not_searched_for_secrets_is_said(git: Git) -> None:
    began = time.process_time()
    found = find_secrets(take_snapshot(git.top), history=True)
    assert time.process_time() - began < 60
    gaps = [gap for one in found for gap in one.data.get("gaps", ())]
    assert gaps == ["only the newest 10000 commits were read"]
