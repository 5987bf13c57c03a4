"""Secrets that only other branches, tags, stashes or a rewritten history still hold; real git."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from tests.unit.collect.secret_samples import Maker

from weighbridge.collect.secrets import find_secrets
from weighbridge.history import added, references
from weighbridge.history.added import AddedBlobs, added_blobs
from weighbridge.model.canonical import thaw
from weighbridge.snapshot.take import take_snapshot

sys.path.insert(0, str(Path(__file__).parent))
from git_tools import Git, new_repository

MAKE = Maker(77)
WHO = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Al"), ("EMAIL", "al@example.org"), ("DATE", "1780000000 +0000"))
}


@pytest.fixture
def git(tmp_path: Path) -> Git:
    """A repository whose main branch never held a secret."""
    git = new_repository(tmp_path / "model")
    write(git, "a.py", "x = 1\n")
    git.commit(day=1)
    return git


def write(git: Git, name: str, text: str) -> None:
    (git.top / name).write_text(text)


def planted(git: Git, name: str = "b.py", *, day: int = 2) -> str:
    """Commit a token, then its removal; the id of the first."""
    write(git, name, f"token = '{MAKE.crc('ghp')}'\n")
    first = git.commit(day=day)
    (git.top / name).unlink()
    git.commit(day=day + 1)
    return first


def back(git: Git) -> None:
    git("checkout", "-q", "-f", "main")


def searched(git: Git) -> tuple[list[tuple[str, str, str]], dict]:
    items = [thaw(e.data) for e in find_secrets(take_snapshot(git.top), history=True)]
    summary = next(item for item in items if item["part"] == "summary")
    past = [item for item in items if item["part"] == "secret"]
    return sorted((i["path"], i["commit"], i["reference"]) for i in past), summary


def gaps(git: Git) -> str:
    return "\n".join(searched(git)[1]["gaps"])


# -- hostile and broken ---------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "\0" * 41, "no id at all\n", "z" * 40, "ab12\n"])
def test_a_broken_reference_is_a_gap_and_hides_no_other(git, text) -> None:
    git("checkout", "-q", "-b", "side")
    first = planted(git)
    back(git)
    (git.top / ".git" / "refs" / "heads" / "broken").write_text(text)
    found, summary = searched(git)
    assert found == [("b.py", first, "refs/heads/side")]
    assert any("refs/heads/broken was not walked" in gap for gap in summary["gaps"])


def test_a_reference_to_a_commit_that_is_not_there(git) -> None:
    planted(git)
    (git.top / ".git" / "refs" / "heads" / "lost").write_text("ab" * 20 + "\n")
    found, summary = searched(git)
    assert [reference for _, _, reference in found] == [""]
    assert "refs/heads/lost was not walked" in summary["gaps"][0]


def test_a_pipe_and_a_device_among_the_references_block_nothing(git) -> None:
    import os

    os.mkfifo(git.top / ".git" / "refs" / "heads" / "pipe")
    (git.top / ".git" / "refs" / "heads" / "null").symlink_to("/dev/null")
    said = gaps(git)
    assert "refs/heads/pipe was not walked" in said
    assert "refs/heads/null was not walked" in said


def test_a_name_with_control_characters_is_shown_and_not_obeyed(git) -> None:
    (git.top / ".git" / "refs" / "heads" / "e\x1b[2Jvil\n").write_text("nothing")
    assert "\\x1b" in gaps(git)
    assert "\x1b" not in gaps(git)


def test_a_damaged_commit_on_a_branch_ends_that_line_alone(git) -> None:
    git("checkout", "-q", "-b", "bad")
    bad = planted(git, "c.py")
    git("checkout", "-q", "-b", "good", "main")
    first = planted(git)
    back(git)
    broken = git.top / ".git" / "objects" / bad[:2] / bad[2:]
    broken.chmod(0o644)
    broken.write_bytes(b"no object")
    found, summary = searched(git)
    assert ("b.py", first, "refs/heads/good") in found
    assert "not read to its end" in summary["gaps"][0]


def test_a_commit_with_more_lost_parents_than_can_be_looked_for(git, monkeypatch) -> None:
    monkeypatch.setattr(added, "_MAX_BROKEN", 20)
    tree = git("rev-parse", "HEAD^{tree}")
    parents = "".join(f"parent {number:040x}\n" for number in range(1, 500))
    text = f"tree {tree}\n{parents}author a <a> 1 +0000\ncommitter a <a> 1 +0000\n\nm\n"
    path = git.top.parent / "commit"
    path.write_text(text)
    made = git("hash-object", "-t", "commit", "-w", "--literally", str(path))
    git("update-ref", "refs/heads/octopus", made)
    said = gaps(git)
    assert "20 unreadable commits" in said
    assert len(said.splitlines()) < 50


def test_a_tag_of_no_commit_is_a_gap_and_tags_of_tags_are_followed(git) -> None:
    git("checkout", "-q", "-b", "side")
    first = planted(git)
    git("tag", "-a", "-m", "inner", "inner", **WHO)
    git("tag", "-a", "-m", "outer", "outer", "inner", **WHO)
    git("tag", "-d", "inner")
    back(git)
    git("branch", "-q", "-D", "side")
    git("tag", "blob", git("rev-parse", "HEAD:a.py"))
    found, summary = searched(git)
    assert found == [("b.py", first, "refs/tags/outer")]
    assert [gap for gap in summary["gaps"] if "refs/tags/blob was not walked" in gap]


def test_bounds_hold_over_all_references_together(git, monkeypatch) -> None:
    for number in range(6):
        git("checkout", "-q", "--orphan", f"branch{number}")
        planted(git, f"f{number}.py", day=10 * number + 2)
    back(git)
    told = AddedBlobs()
    seen = list(added_blobs(take_snapshot(git.top), str, told, everywhere=True, max_commits=5))
    assert told.commits == 5
    assert "only the newest 5 commits" in told.gaps[0]
    assert {one.path for one in seen} == {"f5.py", "f4.py", "a.py"}, "the newest first"
    monkeypatch.setattr(references, "MAX_REFERENCES", 3)
    assert "only 3 references were followed" in gaps(git)
    monkeypatch.setattr(added, "MAX_COMMIT_BYTES", 100)
    assert "the commits of the history" in gaps(git)


def test_a_damaged_log_of_stashes_is_told(git) -> None:
    for number in range(2):
        write(git, "a.py", f"x = {number + 5}\n")
        git("stash", "-q", **WHO)
    log = git.top / ".git" / "logs" / "refs" / "stash"
    log.write_text("garbage\n" + log.read_text())
    assert "not all older stashes" in gaps(git)
    log.write_text("x" * (references.MAX_LOG_BYTES + 1))
    assert "older stashes were not walked" in gaps(git)


# -- what is found --------------------------------------------------------------------------------


def test_a_file_that_a_side_branch_added_and_deleted(git) -> None:
    git("checkout", "-q", "-b", "side")
    first = planted(git)
    back(git)
    assert searched(git)[0] == [("b.py", first, "refs/heads/side")]
    (finding,) = [
        e.data for e in find_secrets(take_snapshot(git.top), history=True) if e.about == "b.py"
    ]
    assert finding["masked"].startswith("ghp_")


def test_an_orphan_branch_shares_nothing_with_the_newest_commit(git) -> None:
    git("checkout", "-q", "--orphan", "pages")
    first = planted(git)
    back(git)
    found, summary = searched(git)
    assert found == [("b.py", first, "refs/heads/pages")]
    assert (summary["commits"], summary["references"]) == (3, 3)


def test_packed_references_and_remote_branches(git) -> None:
    git("checkout", "-q", "-b", "side")
    first = planted(git)
    back(git)
    git("update-ref", "refs/remotes/origin/topic", "side")
    git("branch", "-q", "-D", "side")
    git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/gone")
    git("pack-refs", "--all")
    git("gc", "-q")
    found, summary = searched(git)
    assert found == [("b.py", first, "refs/remotes/origin/topic")]
    assert summary["gaps"] == [], "a symbolic reference that leads to none loses nothing"


def test_stashes_the_older_ones_and_their_untracked_files_too(git) -> None:
    for number in range(3):
        write(git, "a.py", f"token = '{MAKE.crc('ghp')}'\n")
        write(git, f"new{number}.py", f"token = '{MAKE.crc('npm')}'\n")
        git("stash", "-q", "--include-untracked", **WHO)
    found, summary = searched(git)
    where = {(path, reference) for path, _, reference in found}
    assert where == {
        ("a.py", "refs/stash"), ("a.py", "stash@{1}"), ("a.py", "stash@{2}"),
        ("new2.py", "refs/stash"), ("new1.py", "stash@{1}"), ("new0.py", "stash@{2}"),
    }  # fmt: skip
    assert summary["gaps"] == []


def test_what_a_rewritten_history_was_kept_under(git) -> None:
    first = planted(git)
    git("update-ref", "refs/original/refs/heads/main", "HEAD")
    git("reset", "-q", "--hard", "HEAD~2")
    assert searched(git)[0] == [("b.py", first, "refs/original/refs/heads/main")]


def test_a_commit_of_the_newest_one_is_named_under_no_other_reference(git) -> None:
    first = planted(git)
    git("tag", "v1")
    git("branch", "copy")
    found, summary = searched(git)
    assert found == [("b.py", first, "")]
    assert (summary["commits"], summary["references"]) == (3, 4)


def test_branches_of_a_repository_whose_own_branch_has_no_commit_yet(git) -> None:
    first = planted(git)
    git("checkout", "-q", "--orphan", "empty")
    assert searched(git)[0] == [("b.py", first, "refs/heads/main")]
    assert searched(git)[1]["gaps"] == []


def test_a_merge_is_compared_with_all_its_parents(git) -> None:
    git("checkout", "-q", "-b", "side")
    first = planted(git)
    back(git)
    git("merge", "-q", "--no-ff", "-m", "m", "side", **WHO)
    git("branch", "-q", "-D", "side")
    assert searched(git)[0] == [("b.py", first, "")]


def test_a_revision_is_searched_alone(git) -> None:
    git("checkout", "-q", "-b", "side")
    planted(git)
    back(git)
    snapshot = take_snapshot(git.top, revision="main")
    evidence = [thaw(e.data) for e in find_secrets(snapshot, history=True)]
    assert [item["part"] for item in evidence] == ["summary"]
    assert (evidence[0]["commits"], evidence[0]["references"]) == (1, 1)


def test_the_finding_names_the_reference(git, monkeypatch, capsys) -> None:
    git("checkout", "-q", "-b", "side")
    planted(git)
    back(git)
    from weighbridge.cli.main import main

    monkeypatch.setattr(sys, "argv", ["weighbridge", "secrets", str(git.top), "--history"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    said = " ".join(capsys.readouterr().out.split())
    assert "under refs/heads/side" in said
    assert "of 3 commits under 3 references" in said
