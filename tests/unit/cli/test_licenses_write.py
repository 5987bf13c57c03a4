"""``weighbridge licenses --write-notice``, ``--lock`` and ``--write-lock``."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from weighbridge.cli.licenses import app
from weighbridge.licensing.lock import read_lock
from weighbridge.model.errors import UsageError

CARD = """---
license: llama3.1
base_model: meta-llama/Llama-3.1-8B
base_model_relation: finetune
---
# Tiny
"""


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "README.md").write_text(CARD)
    monkeypatch.chdir(tmp_path)
    return folder


def run(*words: str):
    return CliRunner().invoke(app, [*words, "--offline"])


def document(model: Path, *words: str) -> dict:
    result = run(str(model), "--format", "json", "--distribute", "weights", *words)
    return json.loads(result.stdout)


def test_the_obligations_are_held_against_the_folder(model: Path) -> None:
    before = {row["word"]: row["status"] for row in document(model)["release"]}
    assert before == {
        "badge": "unmet", "license-copy": "unmet", "name-prefix": "unmet",
        "notice-sentence": "unmet",
    }  # fmt: skip
    (model / "README.md").write_text(CARD.replace("# Tiny", "# Llama-Tiny\n\nBuilt with Llama\n"))
    after = {row["word"]: row["status"] for row in document(model)["release"]}
    assert (after["badge"], after["name-prefix"]) == ("met", "met")
    assert "changes" not in document(model)


def test_a_notice_is_drafted_once_and_then_fulfills(model: Path) -> None:
    notice = model / "NOTICE"
    notice.write_bytes(b"Ours.\r\n")
    document(model, "--write-notice", str(notice))
    drafted = notice.read_bytes()
    assert drafted.startswith(b"Ours.\r\n")
    assert b"Llama 3.1 is licensed under the Llama 3.1 Community License" in drafted
    again = document(model, "--write-notice", str(notice))
    assert notice.read_bytes() == drafted
    status = {row["word"]: row["status"] for row in again["release"]}
    assert status["notice-sentence"] == "met"


def test_internal_use_writes_no_notice(model: Path, tmp_path: Path) -> None:
    run(str(model), "--distribute", "internal", "--write-notice", "NOTICE")
    assert not (tmp_path / "NOTICE").exists()


@pytest.mark.parametrize("content", [b"\xff\xfe\0", b"x" * (2**20 + 1)], ids=["binary", "large"])
def test_what_is_no_text_is_never_added_to(model: Path, content: bytes) -> None:
    (model / "old").write_bytes(content)
    result = run(str(model), "--write-notice", str(model / "old"))
    assert isinstance(result.exception, UsageError)
    assert (model / "old").read_bytes() == content


def test_a_lock_is_written_and_compared(model: Path, tmp_path: Path) -> None:
    document(model, "--write-lock", "kept.lock")
    assert read_lock((tmp_path / "kept.lock").read_bytes())["tags"] == ["llama3.1"]
    assert document(model, "--lock", "kept.lock")["changes"] == []
    (model / "README.md").write_text(CARD.replace("llama3.1", "llama3.3"))
    changed = document(model, "--lock", "kept.lock")["changes"]
    assert [change["kind"] for change in changed] == ["tag"]
    result = run(str(model), "--lock", "kept.lock")
    assert result.exit_code == 1
    assert "'llama3.1' and is 'llama3.3'" in " ".join(result.stdout.split())


@pytest.mark.parametrize("content", [None, b"{", b"[]"])
def test_a_lock_that_is_none_ends_the_run(model: Path, tmp_path: Path, content) -> None:
    if content is not None:
        (tmp_path / "kept.lock").write_bytes(content)
    result = run(str(model), "--lock", "kept.lock")
    assert isinstance(result.exception, UsageError)


def test_a_file_that_cannot_be_written_is_an_error(model: Path) -> None:
    result = run(str(model), "--write-lock", "no/such/folder/kept.lock")
    assert isinstance(result.exception, UsageError)


def test_the_configuration_may_name_a_lock_outside_of_the_model(tmp_path: Path) -> None:
    from weighbridge.cli.config import load_config
    from weighbridge.cli.services import services

    (tmp_path / "weighbridge.yaml").write_text("license_lock: kept/licenses.lock\n")
    found = services(load_config(tmp_path))
    assert found.license_lock == tmp_path / "kept" / "licenses.lock"
    assert services(load_config(tmp_path / "elsewhere")).license_lock is None
