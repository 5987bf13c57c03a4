"""A pack with East Asian text, verified where the fonts are and where they are not."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from tests.unit.seal.seal_checks import Seal, checked, failed

from weighbridge import __version__
from weighbridge.model.errors import ExitCode
from weighbridge.model.record import AuditRecord
from weighbridge.report import pdf
from weighbridge.report.pdf import east_asian
from weighbridge.seal import drawing
from weighbridge.seal.keys import LocalKey
from weighbridge.seal.outcome import CheckState, Reason, SealReport
from weighbridge.seal.seal_file import read_seal
from weighbridge.testing.seal_samples import sample_record

FONTS = "jp:c2f3b4d4 kr:194018e6 sc:a3041811 tc:864727d2"


def record_of(name: str) -> AuditRecord:
    sample = sample_record()
    subject = dataclasses.replace(sample.subject, name=name)
    return dataclasses.replace(sample, tool_version=__version__, subject=subject)


def content(report: SealReport) -> tuple[CheckState, str]:
    (check,) = [check for check in report.checks if check.name == "pdf content"]
    return check.state, check.detail


def said(folder: Path) -> dict[str, str]:
    _, statement = read_seal((folder / "audit.sigstore.json").read_bytes())
    return dict(statement.drawn_with)


@pytest.fixture
def hide(monkeypatch: pytest.MonkeyPatch):
    def hidden(folder: Path | None = None) -> None:
        monkeypatch.setattr(east_asian, "_folder", lambda: folder)

    return hidden


@pytest.mark.parametrize("lie", ["none", FONTS, "", "jp:00000000"])
def test_whatever_the_seal_says_of_fonts_other_pages_do_not_hold(
    seal: Seal, key: LocalKey, monkeypatch: pytest.MonkeyPatch, lie: str
) -> None:
    named = dict(drawing.libraries(record_of("模型")))
    named["east-asian-fonts"] = lie
    if not lie:
        del named["east-asian-fonts"]
    monkeypatch.setattr("weighbridge.seal.pack.libraries", lambda _: tuple(sorted(named.items())))
    pack = seal(record=record_of("模型"), pdf=lambda _: pdf.render(record_of("别的")))
    report = checked(pack.folder, key, draw=pdf.render)
    assert report.exit_code is not ExitCode.HOLDS
    assert content(report)[0] in (CheckState.FAILED, CheckState.INCONCLUSIVE)


def test_drawn_with_fonts_and_verified_with_them(seal: Seal, key: LocalKey) -> None:
    pack = seal(record=record_of("模型"), pdf=pdf.render)
    assert said(pack.folder)["east-asian-fonts"] == FONTS
    assert pack.notes == ()
    report = checked(pack.folder, key, draw=pdf.render)
    assert report.exit_code is ExitCode.HOLDS
    alone = checked(pack.folder / "report.pdf", key, draw=pdf.render)
    assert alone.exit_code is ExitCode.HOLDS


def test_drawn_with_fonts_and_verified_without_says_what_to_do(
    seal: Seal, key: LocalKey, hide
) -> None:
    pack = seal(record=record_of("模型"), pdf=pdf.render)
    hide()
    report = checked(pack.folder, key, draw=pdf.render)
    assert (report.exit_code, report.reason) == (ExitCode.INCONCLUSIVE, Reason.INCOMPLETE)
    state, detail = content(report)
    assert state is CheckState.INCONCLUSIVE
    assert FONTS in detail
    assert "no fonts for it are installed: pip install 'weighbridge[cjk]'" in detail
    alone = checked(pack.folder / "report.pdf", key, draw=pdf.render)
    assert (alone.exit_code, alone.reason) == (ExitCode.INCONCLUSIVE, Reason.INCOMPLETE)
    assert "weighbridge[cjk]" in content(alone)[1]


def test_drawn_without_fonts_holds_everywhere(
    seal: Seal, key: LocalKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as hidden:
        hidden.setattr(east_asian, "_folder", lambda: None)
        pack = seal(record=record_of("模型"), pdf=pdf.render)
        assert said(pack.folder)["east-asian-fonts"] == "none"
        (note,) = pack.notes
        assert "escapes, because no fonts for it are installed: pip install" in note
        assert checked(pack.folder, key, draw=pdf.render).exit_code is ExitCode.HOLDS
    for path in (pack.folder, pack.folder / "report.pdf"):
        report = checked(path, key, draw=pdf.render)
        assert report.exit_code is ExitCode.HOLDS, content(report)


def test_other_files_in_the_fonts_place_are_named(
    seal: Seal, key: LocalKey, hide, tmp_path: Path
) -> None:
    pack = seal(record=record_of("模型"), pdf=pdf.render)
    other = tmp_path / "site" / east_asian._FILES["sc"].path
    other.parent.mkdir(parents=True)
    other.write_bytes(b"\0" * 100)
    hide(tmp_path / "site")
    report = checked(pack.folder, key, draw=pdf.render)
    assert report.reason is Reason.INCOMPLETE
    assert "are not those that this version knows" in content(report)[1]
    assert "are not those that this version knows" in drawing.without_fonts(record_of("模型"))


def test_a_pack_without_such_text_does_not_hang_on_fonts(seal: Seal, key: LocalKey, hide) -> None:
    for name in ("plain", "é Ж", "emoji \U0001f600"):
        record = record_of(name)
        assert drawing.libraries(record) == drawing.libraries()
        assert drawing.without_fonts(record) == ""
    pack = seal(record=record_of("é Ж"), pdf=pdf.render)
    assert "east-asian-fonts" not in said(pack.folder)
    hide()
    assert checked(pack.folder, key, draw=pdf.render).exit_code is ExitCode.HOLDS


def test_fonts_that_a_plain_records_seal_names_are_not_believed(
    seal: Seal, key: LocalKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = (*drawing.libraries(), ("east-asian-fonts", "\u202ex"))
    monkeypatch.setattr("weighbridge.seal.pack.libraries", lambda _: tuple(sorted(named)))
    report = checked(seal(record=record_of("plain"), pdf=pdf.render).folder, key, draw=pdf.render)
    assert report.reason is Reason.INCOMPLETE
    assert "east-asian-fonts \\u202ex" in content(report)[1]
    assert failed(report) == []
