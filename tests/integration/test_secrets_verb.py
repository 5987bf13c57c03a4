"""Secrets: the verb, the history, other scanners' reports, and that nothing shows a value."""

import base64
import json
import sys
from pathlib import Path

import pytest
from tests.integration.conftest import runner
from tests.unit.collect.secret_samples import BASE62, Maker, in_words, keys, tokens

from weighbridge.collect.secrets import find_secrets
from weighbridge.history import added
from weighbridge.model.canonical import thaw
from weighbridge.model.errors import UsageError
from weighbridge.snapshot.take import take_snapshot

sys.path.insert(0, str(Path(__file__).parent))
from git_tools import Git, new_repository

MAKE = Maker(21)
GITHUB, NPM = MAKE.crc("ghp"), MAKE.crc("npm")
CHOSEN = f"Tr4ck{MAKE.of(BASE62, 6)}!q"


@pytest.fixture
def git(tmp_path: Path) -> Git:
    return new_repository(tmp_path / "model")


def found(folder: Path, **asked: object) -> list[dict[str, object]]:
    evidence = [thaw(e.data) for e in find_secrets(take_snapshot(folder), **asked)]
    return [facts for facts in evidence if facts["part"] == "secret"]


def summary(folder: Path, **asked: object) -> dict[str, object]:
    return thaw(find_secrets(take_snapshot(folder), **asked)[0].data)


def commit(git: Git, **files: str) -> str:
    for name, text in files.items():
        (git.top / name).write_text(text)
    return git.commit()


def report(tmp_path: Path, tool: str = "gitleaks", **changes: object) -> Path:
    result = {"ruleId": "generic-api-key", "level": "error", "message": {"text": f"holds {GITHUB}"},
              "locations": [{"physicalLocation": {"artifactLocation": {"uri": "serve.py"},
              "region": {"startLine": 7, "snippet": {"text": GITHUB}}}}]}  # fmt: skip
    result |= changes
    run = {"tool": {"driver": {"name": tool, "semanticVersion": "v8.24.0"}}, "results": [result]}
    path = tmp_path / "report.sarif"
    path.write_text(json.dumps({"version": "2.1.0", "runs": [run]}))
    return path


# -- what is hostile ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    ["", "[]", "{}", '{"version": "2.1.0", "runs": {}}', '{"version": "2.1.0", "runs": [1]}',
     '{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "ruff"}}}]}',
     '{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "gitleaks"}}, "results": 1}]}',
     "[" * 5000],
    ids=range(8),
)  # fmt: skip
def test_a_report_of_no_scanner_of_secrets_is_refused(tmp_path, body) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    (tmp_path / "report.sarif").write_text(body)
    with pytest.raises(UsageError):
        find_secrets(take_snapshot(tmp_path), reports=[tmp_path / "report.sarif"])


@pytest.mark.parametrize(
    "changes",
    [{"ruleId": GITHUB * 9}, {"ruleId": 5}, {"locations": []}, {"locations": [[]]}, {"level": []},
     {"locations": [{"physicalLocation": {"region": {"startLine": -(2**80)}}}]},
     {"partialFingerprints": {"commitSha": GITHUB}}],
    ids=range(7),
)  # fmt: skip
def test_a_result_that_says_nothing_usable_still_counts(tmp_path, changes) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    facts = find_secrets(take_snapshot(tmp_path), reports=[report(tmp_path, **changes)])
    assert len(facts) == 2
    assert GITHUB[4:20] not in repr(facts)


def test_bounds_on_the_history_are_told(git, monkeypatch) -> None:
    commit(git, a="x = 1\n" * 2000, b="y = 2\n")
    commit(git, a="x = 1\n")
    monkeypatch.setattr(added, "MAX_BLOB_BYTES", 5000)
    said = summary(git.top, history=True)
    assert (said["commits"], said["blobs"]) == (2, 2)
    assert "a in the history is longer than 5000 bytes" in said["gaps"][0]


def test_a_folder_without_a_history_says_so(tmp_path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    assert "history" in summary(tmp_path, history=True)["gaps"][0]
    assert summary(tmp_path)["gaps"] == []


def test_a_damaged_history_is_a_gap(git) -> None:
    commit(git, a="x = 1\n")
    commit(git, a="x = 2\n")
    parent = git("rev-parse", "HEAD~1").strip()
    broken = git.top / ".git" / "objects" / parent[:2] / parent[2:]
    broken.chmod(0o644)
    broken.write_bytes(b"no object")
    assert "not read to its end" in summary(git.top, history=True)["gaps"][0]


# -- what is found --------------------------------------------------------------------------------


def test_a_secret_that_was_removed_is_found_in_the_history_only(git) -> None:
    first = commit(git, **{"a.py": "x = 1\n", "b.py": f"token = '{GITHUB}'\n"})
    commit(git, **{"b.py": "token = None\n", "c.py": f"t = '{NPM}'\n"})
    assert [f["rule"] for f in found(git.top)] == ["npm-token"]
    past = [f for f in found(git.top, history=True) if f["commit"]]
    assert [(f["rule"], f["path"], f["commit"], f["line"]) for f in past] == [
        ("github-token", "b.py", first, 1)
    ]


def test_a_content_is_read_once_and_what_is_there_now_is_told_once(git) -> None:
    commit(git, **{"a.py": f"t = '{NPM}'\n"})
    commit(git, **{"b.py": f"t = '{NPM}'\n"})
    commit(git, **{"a.py": f"t = '{NPM}'\nx = 1\n"})
    facts = found(git.top, history=True)
    assert [(f["path"], f["commit"]) for f in facts] == [("a.py", ""), ("b.py", "")]
    assert len({f["fingerprint"] for f in facts}) == 1
    assert summary(git.top, history=True)["blobs"] == 2


def test_a_report_of_another_scanner_is_evidence_with_its_name(tmp_path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    path = report(tmp_path)
    (facts,) = found(tmp_path, reports=[path])[-1:]
    assert (facts["source"], facts["rule"]) == ("gitleaks v8.24.0", "generic-api-key")
    assert (facts["path"], facts["line"], facts["validated"]) == ("serve.py", 7, "reported")
    assert summary(tmp_path, reports=[path])["imported"][0]["results"] == 1


@pytest.mark.parametrize("format_", ["text", "json", "sarif"])
def test_the_verb_says_where_and_never_what(tmp_path, format_) -> None:
    model = tmp_path / "model"
    model.mkdir()
    (model / "train.py").write_text(f"x = 1\nTOKEN = '{GITHUB}'\npassword = '{CHOSEN}'\n")
    run = runner(tmp_path)
    done = run("secrets", model, "--format", format_)
    assert done.returncode == 1, done.stderr
    assert "train.py" in done.stdout
    assert GITHUB[4:12] not in done.stdout + done.stderr
    assert CHOSEN[:6] not in done.stdout + done.stderr
    if format_ == "sarif":
        results = json.loads(done.stdout)["runs"][0]["results"]
        lines = [r["locations"][0]["physicalLocation"]["region"]["startLine"] for r in results]
        assert lines == [2, 3]


def test_the_verbs_exit_codes(tmp_path) -> None:
    clean = tmp_path / "clean"
    clean.mkdir()
    (clean / "a.py").write_text("x = 1\n")
    run = runner(tmp_path)
    assert run("secrets", clean).returncode == 0
    assert run("secrets", clean, "--history").returncode == 3
    assert run("secrets", clean, clean, "--import-sarif", report(tmp_path)).returncode == 1
    assert run("secrets", clean, "--format", "xml").returncode == 2
    assert run("secrets", tmp_path / "none").returncode == 2


def test_neither_pack_nor_console_holds_a_value(tmp_path) -> None:
    model = tmp_path / "model"
    model.mkdir()
    make = Maker(99)
    plain = tokens(make)
    text = "\n".join(f"value_{i} = '{value}'" for i, (_, value) in enumerate(plain))
    (model / "train.py").write_text(text)
    cell = {"cell_type": "code", "source": text, "metadata": {}, "outputs": []}
    (model / "run.ipynb").write_text(json.dumps({"nbformat": 4, "metadata": {}, "cells": [cell]}))
    words = in_words(make)
    (model / "config.yaml").write_text("\n".join(f"k{i}: >\n  {w[1]}" for i, w in enumerate(words)))
    (model / "id.pem").write_text(keys(make)[0][1])
    (model / "README.md").write_text(f"---\nlicense: mit\n---\n# A model\n\n{text}\n")
    values = [value for _, value in plain] + [value for *_, value in words]
    values.append(keys(Maker(99))[0][1].split("\n")[1])
    run = runner(tmp_path)
    done = run("audit", model, "--offline", "--out", "pack", "--policy", "strict")
    assert done.returncode == 1, done.stderr
    assert "leaked-secret" in done.stdout
    files = [path for path in (tmp_path / "pack").rglob("*") if path.is_file()]
    assert len(files) > 3
    shown = {path.name: path.read_bytes() for path in files}
    shown |= {"stdout": done.stdout.encode(), "stderr": done.stderr.encode()}
    for value in values:
        core = value[5:21].encode()
        for form in (core, base64.b64encode(core)[4:-4]):
            held = [name for name, data in shown.items() if form in data]
            assert not held, f"{value[:5]} is in {held}"
