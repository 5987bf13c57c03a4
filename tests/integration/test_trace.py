"""Clauses traced through repositories that git made, and through damaged and hostile ones."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.integration.conftest import Run

sys.path.insert(0, str(Path(__file__).parent))
from git_tools import Git, new_key, new_repository

KEY = "EU-AIA Art. 15(5)"
BIDI = "\u202e"


@pytest.fixture
def run(run_here: Run) -> Run:
    """Nothing here needs a process of its own."""
    return run_here


def say(git: Git, message: str, *, key: Path | None = None) -> str:
    """Commit nothing, with a message."""
    who = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER")
           for what, value in (("NAME", "Ada"), ("EMAIL", "ada@example.org"))}  # fmt: skip
    signing = ["-c", "gpg.format=ssh", "-c", f"user.signingkey={key}"] if key else []
    flags = ["-S"] if key else []
    git(*signing, "commit", "-q", "--allow-empty", "-m", message, *flags, **who)
    return git("rev-parse", "HEAD")


@pytest.fixture
def git(tmp_path: Path) -> Git:
    return new_repository(tmp_path / "repo")


def traced(run: Run, git: Git, *options: object) -> tuple[int, dict[str, Any]]:
    done = run("trace", git.top, "--format", "json", *options)
    assert "defect" not in done.stderr, done.stderr
    return done.returncode, json.loads(done.stdout)


def test_a_commit_of_an_unknown_clause_fails_and_is_told_which_was_meant(
    git: Git, run: Run
) -> None:
    bad = say(git, "Title\n\nLegal-Ref: EU-AIA Art. 15(55)")
    code, trace = traced(run, git)
    assert code == 1
    assert [(u["where"], u["suggestion"]) for u in trace["unknown"]] == [
        (bad, "Did you mean 'EU-AIA Art. 15(5)'?")
    ]


def test_an_orphan_clause_fails_and_a_named_one_holds(git: Git, run: Run) -> None:
    say(git, "Title\n\nLegal-Ref: eu-aia/Art-15(5); EU-AIA Art. 15(4)\nRefs: REQ-1, #7")
    assert traced(run, git, "--clauses", KEY)[0] == 0
    wanted = git.top.parent / "wanted.txt"
    wanted.write_text(f"# ours\n{KEY}\nEU-PLD Art. 9\n")
    code, trace = traced(run, git, "--clauses", wanted)
    assert (code, trace["orphans"]) == (1, ["EU-PLD Art. 9"])
    named = {c["key"] for c in trace["clauses"] if c["commits"]}
    assert named == {KEY, "EU-AIA Art. 15(4)"}
    assert [value for value, _ in trace["references"]] == ["#7", "REQ-1"]


def test_signatures_stand_beside_commits_and_a_wrong_one_fails(git: Git, run: Run) -> None:
    key = new_key(git.top.parent)
    good = say(git, f"Good\n\nLegal-Ref: {KEY}", key=key)
    git("-c", "gpg.format=ssh", "-c", f"user.signingkey={key}", "tag", "-s", "-m", "v1", "v1",
        GIT_COMMITTER_NAME="Ada", GIT_COMMITTER_EMAIL="ada@example.org")  # fmt: skip
    allowed = git.top.parent / "allowed"
    allowed.write_text(f"ada@example.org {key.with_suffix('.pub').read_text()}")
    code, trace = traced(run, git, "--allowed-signers", allowed)
    (commit,) = next(c for c in trace["clauses"] if c["key"] == KEY)["commits"]
    assert (code, commit["id"], commit["verified"]) == (0, good, True)
    assert commit["tags"] == ["v1 (signed by ada@example.org)"]
    raw = git("cat-file", "commit", "HEAD").replace("Good", "Evil") + "\n"
    (git.top.parent / "raw").write_text(raw)
    forged = git("hash-object", "-t", "commit", "-w", str(git.top.parent / "raw"))
    git("update-ref", "refs/heads/main", forged)
    code, trace = traced(run, git, "--allowed-signers", allowed)
    assert (code, trace["wrong_signatures"]) == (1, [forged])


def test_a_tag_whose_signature_is_wrong_fails(git: Git, run: Run) -> None:
    key = new_key(git.top.parent)
    say(git, f"Title\n\nLegal-Ref: {KEY}")
    git("-c", "gpg.format=ssh", "-c", f"user.signingkey={key}", "tag", "-s", "-m", "Good", "v1",
        GIT_COMMITTER_NAME="Ada", GIT_COMMITTER_EMAIL="ada@example.org")  # fmt: skip
    raw = git("cat-file", "tag", "v1").replace("Good", "Evil") + "\n"
    (git.top.parent / "raw").write_text(raw)
    git("update-ref", "refs/tags/v1",
        git("hash-object", "-t", "tag", "-w", str(git.top.parent / "raw")))  # fmt: skip
    code, trace = traced(run, git)
    assert code == 1
    assert trace["clauses"][0]["commits"][0]["wrong_tags"] == ["v1"]


def test_tests_are_found_by_mark_and_by_rule(git: Git, run: Run) -> None:
    say(git, f"Title\n\nLegal-Ref: {KEY}")
    (git.top / "tests").mkdir()
    (git.top / "tests" / "test_model.py").write_text(
        f"# Legal-Ref: {KEY}\n@mark\ndef test_one():\n    assert True\n\n\nRULE = 1\n"
        f'def test_two():\n    """What.\n\n    Legal-Ref: {KEY}\n    """\n'
        '    x("unsigned-weights")\n'
        "# Legal-Ref: Nobody Art. 1\n"
    )  # fmt: skip
    (git.top / "tests" / "test_link.py").symlink_to("/etc/passwd")
    code, trace = traced(run, git)
    tests = {(t["line"], t["name"], t["names"]) for t in trace["clauses"][0]["tests"]}
    assert tests == {(1, "test_one", "Legal-Ref"), (11, "test_two", "Legal-Ref"),
                     (13, "test_two", "unsigned-weights")}  # fmt: skip
    assert [u["where"] for u in trace["unknown"]] == ["tests/test_model.py:14"]
    assert code == 1


def test_records_of_packs_say_how_the_clause_s_rules_ended(git: Git, run: Run) -> None:
    (git.top / "model.safetensors").write_bytes(b"\x02\0\0\0\0\0\0\0{}")
    git("add", "-A")
    say(git, f"Title\n\nLegal-Ref: {KEY}")
    packs = git.top.parent / "packs"
    packs.mkdir()
    run("audit", git.top, "--offline", "--out", packs / "one")
    code, trace = traced(run, git, "--packs", packs)
    (record,) = next(c for c in trace["clauses"] if c["key"] == KEY)["records"]
    assert (code, record["pack"]) == (0, "one")
    assert ["unsigned-weights", "fail"] in record["outcomes"]
    (packs / "two").mkdir()
    (packs / "two" / "audit.json").write_text("{")
    code, trace = traced(run, git, "--packs", packs)
    assert (code, len(trace["problems"])) == (3, 1)


def test_a_shallow_clone_cannot_say_and_an_unknown_clause_still_fails(git: Git, run: Run) -> None:
    say(git, f"Old\n\nLegal-Ref: {KEY}")
    say(git, "New")
    git("clone", "-q", "--depth", "1", f"file://{git.top}", str(git.top.parent / "shallow"))
    shallow = Git(git.top.parent / "shallow")
    code, trace = traced(run, shallow, "--clauses", KEY)
    assert (code, trace["limits"]) == (3, ["the clone is shallow: older commits are not here"])
    say(shallow, "Bad\n\nLegal-Ref: EU-AIA Art. 15(55)")
    assert traced(run, shallow, "--clauses", KEY)[0] == 1


def test_grafts_and_replaced_commits_are_not_followed_and_told(git: Git, run: Run) -> None:
    first = say(git, f"Named\n\nLegal-Ref: {KEY}")
    second = say(git, "Second")
    assert traced(run, git, "--clauses", KEY)[0] == 0
    git("replace", "--graft", second)  # without its parent
    code, trace = traced(run, git, "--clauses", KEY)
    assert code == 3
    assert "replace" in trace["limits"][0]
    assert [c["id"] for c in trace["clauses"][0]["commits"]] == [first]


def test_borrowed_objects_are_refused_by_name(git: Git, run: Run) -> None:
    say(git, f"Title\n\nLegal-Ref: {KEY}")
    git("clone", "-q", "--shared", str(git.top), str(git.top.parent / "shared"))
    done = run("trace", git.top.parent / "shared")
    assert done.returncode == 2
    assert "borrows objects from elsewhere" in done.stderr


def test_a_missing_commit_makes_it_inconclusive(git: Git, run: Run) -> None:
    first = say(git, "First")
    say(git, f"Title\n\nLegal-Ref: {KEY}")
    (git.top / ".git" / "objects" / first[:2] / first[2:]).unlink()
    code, trace = traced(run, git, "--clauses", KEY)
    assert code == 3
    assert first in trace["limits"][0]


def test_since_leaves_out_what_was_there(git: Git, run: Run) -> None:
    say(git, "Old\n\nLegal-Ref: EU-AIA Art. 15(55)")
    git("tag", "v1")
    new = say(git, f"New\n\nLegal-Ref: {KEY}")
    code, trace = traced(run, git, "--since", "v1", "--clauses", "EU-AIA")
    assert (code, trace["commits"], trace["orphans"]) == (0, 1, [])
    assert [c["id"] for row in trace["clauses"] for c in row["commits"]] == [new]
    assert run("trace", git.top, "--since", "nowhere").returncode == 2


def test_no_text_of_a_stranger_steers_a_view(git: Git, run: Run) -> None:
    say(git, f"<script>x</script> {BIDI}\x1b[2J`*\n\nLegal-Ref: {KEY}\nRefs: <img src=x>{BIDI}")
    page = run("trace", git.top, "--format", "html").stdout
    assert "<script>" not in page
    assert "<img" not in page
    assert "http" not in page.replace("http-equiv", "")
    for view in (page, run("trace", git.top).stdout, run("trace", git.top, "--changelog").stdout):
        assert BIDI not in view
        assert "\x1b" not in view
        assert "\\u202e" in view
    assert f"## {KEY}" in run("trace", git.top, "--changelog").stdout


@pytest.mark.parametrize(
    "options",
    [("--format", "xml"), ("--changelog", "--format", "json"), ("--clauses", "EU-AIAA"),
     ("--packs", "nowhere"), ("--allowed-signers", "nowhere"), ("--policy", "nowhere")],
)  # fmt: skip
def test_wrong_options_are_errors(git: Git, run: Run, options: tuple[str, ...]) -> None:
    say(git, "Title")
    done = run("trace", git.top, *options)
    assert done.returncode == 2
    assert "defect" not in done.stderr
