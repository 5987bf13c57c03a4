"""The cases that a license check has to get right, through the whole pipeline.

Each folder of ``fixtures/lineage`` holds a subject, the cards of its ancestors, and what must come
out: the conflicts as ancestor, license, clause and basis; what stays undetermined; obligations that
must be among those told. Names end in ``_conflict`` or ``_undetermined``; the others are negative
controls.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from weighbridge.cli.licenses import app
from weighbridge.model.errors import UsageError

ROOT = Path(__file__).parents[2]
CASES = sorted(path.parent for path in (ROOT / "fixtures/lineage").glob("*/expected.json"))
EXIT = {"conflict": 1, "undetermined": 3}


def run(case: Path, tmp_path: Path, expected: dict[str, Any], *options: str) -> tuple[int, str]:
    subject = tmp_path / "model"
    shutil.copytree(case / "input", subject)
    if expected.get("apache_license"):
        shutil.copy(ROOT / "LICENSE", subject / "LICENSE")
    words = [str(subject), "--offline", *expected.get("options", ()), *options]
    for flag in ("cards", "environment"):
        if (case / flag).is_dir():
            words += [f"--{flag}", str(case / flag)]
    result = CliRunner().invoke(app, words)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stdout


def test_there_are_cases_of_each_kind() -> None:
    kinds = {case.name.rpartition("_")[2] for case in CASES}
    assert {"conflict", "undetermined"} <= kinds
    assert len(CASES) >= 30


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case(case: Path, tmp_path: Path) -> None:
    expected = json.loads((case / "expected.json").read_text())
    code, out = run(case, tmp_path, expected, "--format", "json")
    document = json.loads(out)
    assert out.isascii()
    verdicts = document["verdicts"]
    found = {
        answer: [v for v in verdicts if v["answer"] == answer] for answer in document["counts"]
    }
    assert [
        f"{v['node']} {v['license']} {v['word']} {v['clause']['basis']}" for v in found["conflict"]
    ] == expected["conflicts"]
    assert [
        " ".join((v["node"], v["word"], *v["asks"])) for v in found["undetermined"]
    ] == expected["undetermined"]
    assert set(expected["obligations"]) <= {v["word"] for v in found["obligation"]}
    assert code == expected["exit_code"] == EXIT.get(case.name.rpartition("_")[2], 0)
    for conflict in found["conflict"]:
        assert conflict["path"].startswith(("A model", "Distilled chat 8B", "Health chat"))
        assert conflict["steps"][-1] == conflict["node"]
        assert conflict["file"]
        assert conflict["clause"]["where"] or conflict["clause"]["text"] != "license"


def test_the_text_shows_ways_clauses_and_what_to_do(tmp_path: Path) -> None:
    case = ROOT / "fixtures/lineage/llama31_to_apache_conflict"
    code, out = run(case, tmp_path, {})
    assert code == 1
    assert max(map(len, out.splitlines())) <= 80
    for words in (
        "Declared:      Apache-2.0 in README.md:2",
        "License files: -",
        "Conflicts (1)",
        "Way: A model -finetune-> meta-llama/Llama-3.1-8B",
        "basis: text",
        "State it with --users.",
        "'Built with Llama'",
        "no legal advice",
    ):
        assert words in out


def test_what_was_stated_is_not_asked_again(tmp_path: Path) -> None:
    case = ROOT / "fixtures/lineage/llama31_to_apache_conflict"
    code, out = run(case, tmp_path, {}, "--users", "700000001", "-f", "json")
    assert code == 1
    document = json.loads(out)
    assert document["use"]["users"] == 700_000_001
    assert {v["word"] for v in document["verdicts"] if v["answer"] == "conflict"} == {
        "field-of-use",
        "users-cap",
    }
    assert not [v for v in document["verdicts"] if v["asks"] == ["users"]]


@pytest.mark.parametrize(
    "options",
    [
        ("--use", "fun"),
        ("--distribute", "everywhere"),
        ("--territory", "Europe"),
        ("--territory", "D1"),
        ("--users", "-5"),
        ("--format", "xml"),
        ("--cards", "/nowhere/at/all"),
    ],
)
def test_words_that_mean_nothing_are_refused(options: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("---\nlicense: mit\n---\n# A model\n")
    with pytest.raises(UsageError):
        CliRunner().invoke(app, [str(tmp_path), "--offline", *options], catch_exceptions=False)


def test_a_card_that_cannot_be_read_is_never_all_right(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_bytes(b"---\nlicense: [mit\n---\n# A model\n")
    result = CliRunner().invoke(app, [str(tmp_path), "--offline"])
    assert result.exit_code == 3


def test_the_result_is_the_same_under_any_hash_seed(tmp_path: Path) -> None:
    import os
    import subprocess
    import sys

    case = ROOT / "fixtures/lineage/nc_weights_to_apache_conflict"
    outs = set()
    for seed in ("1", "2"):
        words = [sys.executable, "-m", "weighbridge", "licenses", str(case / "input"), "--offline",
                 "--cards", str(case / "cards"), "-f", "json"]  # fmt: skip
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(words, capture_output=True, env=environment, check=False)
        assert done.returncode == 1
        outs.add(done.stdout)
    assert len(outs) == 1
