"""``weighbridge report documentation`` on a pack."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from weighbridge.audit import AuditRequest, run_audit
from weighbridge.cli.report import app
from weighbridge.model.errors import HostileInput, UsageError


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    model = tmp_path / "model"
    model.mkdir()
    (model / "README.md").write_text("# M\n\n## Intended use\n\nDrafts that a clerk reads.\n")
    record = run_audit(AuditRequest(model, dt.date(2026, 11, 20), offline=True)).record
    folder = tmp_path / "pack"
    folder.mkdir()
    (folder / "audit.json").write_bytes(record.to_bytes())
    return folder


def test_what_is_no_pack_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "audit.json").write_text("{")
    result = CliRunner().invoke(app, ["documentation", str(tmp_path)])
    assert isinstance(result.exception, HostileInput)
    result = CliRunner().invoke(app, ["documentation", str(tmp_path / "none.json")])
    assert isinstance(result.exception, UsageError)
    result = CliRunner().invoke(app, ["documentation", str(tmp_path), "-f", "docx"])
    assert isinstance(result.exception, UsageError)


def test_a_pack_is_shown_in_both_forms(pack: Path) -> None:
    shown = CliRunner().invoke(app, ["documentation", str(pack)])
    assert shown.exit_code == 0
    assert "| Use | Intended uses | Drafts that a clerk reads." in shown.output
    shown = CliRunner().invoke(app, ["documentation", str(pack / "audit.json"), "-f", "json"])
    form = {row["field"]: row for row in json.loads(shown.output)["form"]}
    assert form["intended-use"]["state"] == "filled"
    assert form["flop"]["state"] == "gap"
