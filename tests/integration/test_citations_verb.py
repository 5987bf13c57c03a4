"""``weighbridge citations`` as a user calls it: the record, drafted and filled in, ends at 0."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.integration.conftest import Run

COMMIT = "0123456789abcdef0123456789abcdef01234567"
OTHER = "89abcdef0123456789abcdef0123456789abcdef"
CARD = """---
model_name: Example-1.0
datasets:
- example/corpus
model-index:
- name: Example
  results:
  - dataset: {type: example/bench, name: Bench, revision: %s}
    metrics: [{type: accuracy, value: 1}]
---
# Example
"""
# what a person writes in place of each comment
FILLED = {
    "# license:": "license: CC-BY-4.0",
    "# revision:": f'revision: "{OTHER}"',
    "# doi:": "doi: 10.5555/corpus",
    "# accessed:": "accessed: 2026-11-02",
    "# purpose:": "purpose: training",
}


@pytest.fixture
def run(run_here: Run) -> Run:
    """Nothing here needs a process of its own."""
    return run_here


def repository(folder: Path, record: str = "") -> Path:
    model = folder / "model"
    (model / "src").mkdir(parents=True)
    (model / "README.md").write_text(CARD % OTHER)
    (model / "src" / "train.py").write_text(
        "from datasets import load_dataset\n\n"
        f'load_dataset("example/corpus", revision="{COMMIT}")\n'
    )
    if record:
        (model / "datasets.yaml").write_text(record)
    return model


def filled(text: str) -> str:
    for comment, line in FILLED.items():
        text = text.replace(comment, line)
    return text


def test_from_failing_to_passing_by_fix_and_what_a_person_fills_in(run, tmp_path) -> None:
    mine = "# ours, by hand\n- id: in-house   # reviews\n  license: 'MIT'\n"
    mine += f'  sha256: "{"a" * 64}"\n  citation: Quality Department (2026). Reviews.\n'
    mine += "  accessed: 2026-10-01\n  purpose: evaluation"
    model = repository(tmp_path, mine)
    before = run("citations", model, "--policy", "strict")
    assert before.returncode == 1
    assert "license       missing (unlicensed-dataset)" in before.stdout
    assert "complete: 1 · to be filled: 2" in before.stdout

    drafted = run("citations", model, "--policy", "strict", "--fix")
    assert drafted.returncode == 1, "a draft is no citation"
    assert "Drafted in" in drafted.stdout
    assert "2 entries" in drafted.stdout
    text = (model / "datasets.yaml").read_text()
    assert text.startswith(mine + "\n- id: example/bench\n")
    places = "# named in README.md:4, src/train.py:3"
    assert f'- id: example/corpus\n  {places}\n  revision: "{COMMIT}"' in text
    assert f'  revision: "{OTHER}"' in text

    again = run("citations", model, "--policy", "strict", "--fix")
    assert "Drafted" not in again.stdout
    assert (model / "datasets.yaml").read_text() == text

    (model / "datasets.yaml").write_text(filled(text))
    after = run("citations", model, "--policy", "strict")
    assert after.returncode == 0, after.stdout
    assert "complete: 3 · to be filled: 0" in after.stdout
    audit = run("audit", model, "--offline", "--format", "json")
    outcomes = {r["rule"]: r["outcome"] for r in json.loads(audit.stdout)["results"]}
    assert {outcomes[f"{word}-dataset"] for word in ("uncited", "unlicensed", "unpinned")} == {
        "pass"
    }


@pytest.mark.parametrize(
    ("record", "says"),
    [
        ("- id: example/corpus\n  licence: MIT\n", "datasets.yaml:2 is broken"),
        ("- id: !!python/object/apply:os.system [echo]\n", "is broken"),
        ("- id: example/corpus\n  citation: '@misc{a, title={x}'\n", "never closed"),
        ("- id: a\n- id: a\n", "recorded twice"),
        ("\x00", "is broken"),
    ],
)
def test_a_broken_record_is_never_written_to(run, tmp_path, record: str, says: str) -> None:
    model = repository(tmp_path, record)
    done = run("citations", model, "--fix")
    assert done.returncode == 2
    assert says in done.stderr
    assert (model / "datasets.yaml").read_text() == record
    shown = run("citations", model)
    assert shown.returncode == 3, "a record that is unread may hold what is missing"


@pytest.mark.parametrize("inside", [True, False])
def test_a_link_is_not_written_through(run, tmp_path, inside: bool) -> None:
    model = repository(tmp_path)
    target = (model if inside else tmp_path) / "elsewhere.yaml"
    target.write_text("- id: in-house\n")
    (model / "datasets.yaml").symlink_to(target)
    done = run("citations", model, "--fix")
    assert done.returncode == 2
    assert target.read_text() == "- id: in-house\n"
    assert (model / "datasets.yaml").is_symlink()


def test_where_nothing_can_be_written_it_is_said(run, tmp_path) -> None:
    model = repository(tmp_path)
    (model / "datasets.yaml").mkdir()
    (model / "datasets.yaml" / "x.txt").write_text("x")
    done = run("citations", model, "--fix")
    assert done.returncode == 2
    assert "cannot be written" in done.stderr
    assert sorted(p.name for p in model.iterdir()) == ["README.md", "datasets.yaml", "src"]


def test_a_file_and_several(run, tmp_path) -> None:
    model = repository(tmp_path, "- id: example/corpus\n")
    (model / "src" / "eval.py").write_text(
        'from datasets import load_dataset\nload_dataset("example/other")\n'
    )
    one = json.loads(run("citations", model / "src" / "train.py", "-f", "json").stdout)
    assert [d["id"] for d in one["subjects"][0]["datasets"]] == ["example/corpus"]
    both = run("citations", model / "src" / "train.py", model / "src" / "eval.py", "-f", "json")
    ids = [d["id"] for d in json.loads(both.stdout)["subjects"][0]["datasets"]]
    assert ids == ["example/corpus", "example/other"]
    fixed = run("citations", model / "src" / "eval.py", "--fix")
    assert "example/other" in (model / "datasets.yaml").read_text()
    assert fixed.returncode == 1


def test_what_a_record_points_at_is_read_for_one_file_too(run, tmp_path) -> None:
    record = (
        f'- id: example/corpus\n  license: MIT\n  revision: "{COMMIT}"\n  doi: 10.5555/c\n'
        "  license_file: terms/corpus.txt\n"
        "- id: in-house\n  license: MIT\n  citation: Us (2026). Reviews.\n  dvc: data/r.csv.dvc\n"
    )
    model = repository(tmp_path, record)
    (model / "terms").mkdir()
    (model / "terms" / "corpus.txt").write_text("As agreed.\n")
    (model / "data").mkdir()
    for name in ("r", "other"):
        pointer = f"outs:\n- md5: {'b' * 32}\n  path: {name}.csv\n"
        (model / "data" / f"{name}.csv.dvc").write_text(pointer)
    done = run("citations", model / "src" / "train.py", "-f", "json")
    assert done.returncode == 0, done.stdout
    found = {d["id"]: d for d in json.loads(done.stdout)["subjects"][0]["datasets"]}
    assert set(found) == {"example/corpus", "in-house"}, "other DVC files were not asked about"
    assert found["example/corpus"]["needs"]["license_file"]["value"].startswith("terms/corpus.txt")
    git = runner(model, "git")
    assert git("init", "-q").returncode == 0
    assert git("add", ".").returncode == 0
    hook = runner(model, sys.executable, "-m", "weighbridge")
    done = hook("hook", "dataset-citations", "src/train.py")
    assert done.returncode == 0, done.stdout
    (model / "terms" / "corpus.txt").unlink()
    assert git("add", ".").returncode == 0
    assert hook("hook", "dataset-citations", "src/train.py").returncode == 3


def runner(folder: Path, *command: str):
    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command, *arguments], cwd=folder, capture_output=True, text=True, check=False
        )

    return call


def test_exit_codes(run, tmp_path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "config.json").write_text("{}")
    assert run("citations", empty).returncode == 0
    (empty / "t.py").write_text("from datasets import load_dataset\nload_dataset(x)\n")
    assert run("citations", empty).returncode == 3
    assert run("citations", tmp_path / "none").returncode == 2
    assert run("citations", empty, "-f", "xml").returncode == 2
    assert run("citations", "").returncode == 2
    assert run("citations").returncode == 2
    assert run("citations", empty, "--dataset", "no/such").returncode == 2


def test_text_fits_a_terminal(run, tmp_path) -> None:
    done = run("citations", repository(tmp_path))
    assert max(map(len, done.stdout.splitlines())) <= 80


@pytest.mark.parametrize(
    "format_",
    ["text", "json", "bibtex", "cff", "croissant", "ai-act-template", "ab-2013",
     "data-provenance", "ai-act-template-json"],
)  # fmt: skip
def test_no_format_passes_controls_on(run, tmp_path, format_: str) -> None:
    model = tmp_path / "model"
    model.mkdir()
    (model / "README.md").write_text(
        '---\ndatasets:\n- "https://x.org/\\e[31m\\u202e<img src=x>](y)"\n---\n'
    )
    (model / "datasets.yaml").write_text('- id: "a/\\e]0;x\\a{b}"\n  license: "\\x9b|<b>`"\n')
    done = run("citations", model, "--format", format_)
    assert done.returncode in (1, 3), done.stderr
    for stream in (done.stdout, done.stderr):
        assert all(c.isprintable() or c == "\n" for c in stream)
    if format_ in ("ai-act-template", "ab-2013"):
        assert "<img" not in done.stdout.replace("\\<img", "")


def test_exports_say_what_is_empty(run, tmp_path) -> None:
    model = repository(tmp_path, "- id: example/corpus\n  doi: 10.5555/corpus\n")
    done = run("citations", model, "-f", "bibtex", "-o", tmp_path / "out.bib")
    assert "example/corpus: license, pin, accessed, purpose" in done.stderr
    assert "no record: example/bench" in done.stderr
    assert (tmp_path / "out.bib").read_text().startswith("@misc{example-corpus,")


def test_a_training_content_record(run, tmp_path) -> None:
    model = repository(tmp_path)
    done = run("citations", model, "-f", "ai-act-template")
    assert done.returncode == 1
    assert "1.1. Provider: name (`provider.name`)" in done.stdout
    assert "Example-1.0 (README.md\\:2)" in done.stdout
    (model / "training-content.yaml").write_text("provider: {nmae: x}\n")
    broken = run("citations", model, "-f", "ai-act-template")
    assert broken.returncode == 2
    assert "'name' is meant" in broken.stderr
