"""Dates, keys and pointers in repositories that git made, judged by the rules on git's records."""

import datetime as dt
import hashlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from weighbridge.collect import maintainers
from weighbridge.collect.context import CollectContext
from weighbridge.model.evidence import Evidence
from weighbridge.model.finding import Outcome
from weighbridge.model.rule import Case
from weighbridge.rules.history import backdated_commit, changed_signing_key, swapped_pointer
from weighbridge.snapshot.take import take_snapshot

sys.path.insert(0, str(Path(__file__).parent))
from git_tools import Git, new_key, new_repository

START = dt.date(2026, 5, 28)  # day 0 of git_tools
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize {}\n"


@pytest.fixture
def git(tmp_path: Path) -> Git:
    return new_repository(tmp_path / "model")


def weigh(git: Git, content: str, name: str = "model.safetensors") -> None:
    (git.top / name).write_text(content)


def pointer(content: str) -> str:
    return POINTER.format(hashlib.sha256(content.encode()).hexdigest(), len(content))


def collect(git: Git) -> list[Evidence]:
    context = CollectContext(snapshot=take_snapshot(git.top), as_of=START, offline=True)
    return list(maintainers.collect(context))


def judged(rule: Any, git: Git, *, day: int, **params: Any) -> list[tuple[str, Outcome]]:
    subject: Any = None
    case = Case(subject, START + dt.timedelta(days=day), tuple(collect(git)),
                {**rule.META.defaults, **params})  # fmt: skip
    return [(f.key.rpartition(":")[0], f.outcome) for f in rule.check(case).findings]


def test_a_commit_dated_before_its_parent(git: Git) -> None:
    weigh(git, "one")
    git.commit(day=100)
    weigh(git, "two")
    git.commit(day=20)
    assert judged(backdated_commit, git, day=150) == [("before-parent", Outcome.FAIL)]
    weigh(git, "three")
    git.commit(day=101)
    assert judged(backdated_commit, git, day=150) == []
    assert judged(backdated_commit, git, day=50) == [("after-audit", Outcome.FAIL)]


def test_a_new_key_of_somebody_who_signed_with_another(git: Git) -> None:
    old, new = new_key(git.top.parent, "old"), new_key(git.top.parent, "new")
    weigh(git, "one")
    git.commit(day=0, key=old)
    assert judged(changed_signing_key, git, day=1) == []
    (git.top / "README.md").write_text("innocent\n")
    git.commit(day=200, key=new)  # the key is not older for having signed something else first
    weigh(git, "two")
    git.commit(day=201, key=new)
    assert judged(changed_signing_key, git, day=210) == [("changed", Outcome.FAIL)]
    assert judged(changed_signing_key, git, day=240) == []
    shown = subprocess.run(["ssh-keygen", "-l", "-f", str(new)], capture_output=True, text=True,
                           check=True).stdout.split()[1]  # fmt: skip
    day_of = (START + dt.timedelta(days=150)).isoformat()
    revoked = judged(changed_signing_key, git, day=240, revoked_keys=(f"{shown} {day_of}",))
    assert revoked == [("revoked", Outcome.FAIL)]
    later = (START + dt.timedelta(days=220)).isoformat()
    unsure = judged(changed_signing_key, git, day=240, revoked_keys=(f"{shown} {later}",))
    assert unsure == [("revoked", Outcome.UNKNOWN)]


def test_a_pointer_bent_by_a_newcomer_and_by_its_author(git: Git) -> None:
    weigh(git, pointer("one"))
    git.commit("alice", day=0)
    weigh(git, pointer("two"))
    git.commit("alice", day=1)
    assert judged(swapped_pointer, git, day=9) == []
    same = judged(swapped_pointer, git, day=9, same_size=True)
    assert same == [("same-size:model.safetensors", Outcome.FAIL)]
    weigh(git, pointer("six"))
    git.commit("bob", day=2)
    assert judged(swapped_pointer, git, day=9) == [("by-newcomer", Outcome.FAIL)]


def test_a_conversion_to_lfs_that_changes_the_content(git: Git) -> None:
    weigh(git, "one")
    git.commit(day=0)
    weigh(git, pointer("one"))
    git.commit(day=1)
    assert judged(swapped_pointer, git, day=9) == []
    weigh(git, "three")
    git.commit(day=2)
    weigh(git, pointer("other"))
    git.commit(day=3)
    found = judged(swapped_pointer, git, day=9)
    assert found == [("converted:model.safetensors", Outcome.FAIL)]


def test_dvc_pointers_count_as_the_weights_they_name(git: Git) -> None:
    weigh(git, "one")
    git.commit(day=0)
    (git.top / "model.safetensors").unlink()
    for content, expected in (("one", []), ("two", [])):
        md5 = hashlib.md5(content.encode(), usedforsecurity=False).hexdigest()
        weigh(git, f"outs:\n- md5: {md5}\n  size: 3\n  hash: md5\n  path: model.safetensors\n",
              "model.safetensors.dvc")  # fmt: skip
        git.commit(day=1)
        assert judged(swapped_pointer, git, day=9) == expected
    (change,) = collect(git)[1].data["pointers"]
    assert (change["was"], change["now"], change["old_size"]) == ("dvc", "dvc", 3)
    git.commit("bob", day=2)
    weigh(git, f"outs:\n- md5: {'0' * 32}\n  size: 3\n  hash: md5\n  path: model.safetensors\n",
          "model.safetensors.dvc")  # fmt: skip
    git.commit("bob", day=3)
    assert judged(swapped_pointer, git, day=9) == [("by-newcomer", Outcome.FAIL)]


def test_replaced_commits_leave_the_history_incomplete(git: Git) -> None:
    weigh(git, "one")
    git.commit(day=0)
    weigh(git, "two")
    git("replace", "--graft", git.commit(day=1))
    summary = collect(git)[0].data
    assert summary["complete"] is False
    assert summary["commits"] == 2
