"""What is made again of a pack is begun early, and counts only for the bytes that are checked."""

from __future__ import annotations

import dataclasses

import pytest
from tests.unit.seal.seal_checks import failed

from weighbridge import __version__
from weighbridge.model.errors import ExitCode, HostileInput
from weighbridge.seal.again import Again
from weighbridge.seal.keys import LocalKey
from weighbridge.seal.verify import verify_pack
from weighbridge.testing.seal_samples import sample_pdf, sample_record

RECORD = dataclasses.replace(sample_record(), tool_version=__version__)


def same(record):
    return record


@pytest.mark.parametrize("processors", [1, 2])
def test_files_changed_after_the_beginning_are_what_is_judged(
    seal, key: LocalKey, monkeypatch: pytest.MonkeyPatch, processors: int
) -> None:
    """Begun with a good pack: the record that lies there when it is checked is another."""
    monkeypatch.setattr("weighbridge.edge.sharing._processors", lambda: processors)
    folder = seal(record=RECORD).folder
    other = dataclasses.replace(RECORD, offline=not RECORD.offline)
    with Again(sample_pdf, same) as again:
        again.begin_folder(folder)
        (folder / "audit.json").write_bytes(other.to_bytes())
        report = verify_pack(folder, signer=key.fingerprint, again=again)
    assert {"files", "record", "pdf content"} <= set(failed(report))


def test_what_was_begun_early_is_used(seal, key: LocalKey) -> None:
    folder = seal(record=RECORD).folder
    with Again(sample_pdf, same) as again:
        again.begin_folder(folder)
        begun = (again.drawn, again.replayed)
        assert None not in begun
        report = verify_pack(folder, signer=key.fingerprint, again=again)
        assert (again.drawn, again.replayed) == begun
    assert report.exit_code is ExitCode.HOLDS
    assert (again.drawn, again.replayed) == (None, None)


@pytest.mark.parametrize("missing", ["audit.json", "report.pdf"])
def test_beginning_with_a_broken_folder_waits_for_the_check(
    seal, key: LocalKey, missing: str
) -> None:
    folder = seal(record=RECORD).folder
    (folder / missing).unlink()
    with Again(sample_pdf, same) as again:
        again.begin_folder(folder)
        assert (again.drawn, again.replayed) == (None, None)
        report = verify_pack(folder, signer=key.fingerprint, again=again)
    assert "files" in failed(report)


def test_a_record_that_went_away_takes_what_was_begun_with_it(seal, key: LocalKey) -> None:
    folder = seal(record=RECORD).folder
    with Again(sample_pdf, same) as again:
        again.begin_folder(folder)
        (folder / "audit.json").unlink()
        report = verify_pack(folder, signer=key.fingerprint, again=again)
        assert (again.drawn, again.replayed) == (None, None)
    assert "record" in failed(report)


def test_nothing_is_begun_with_what_is_no_record() -> None:
    with Again(sample_pdf, same) as again:
        with pytest.raises(HostileInput):
            again.begin(b"%PDF-", b"{}")
        assert (again.drawn, again.replayed) == (None, None)


def test_another_versions_record_is_neither_drawn_nor_evaluated() -> None:
    with Again(sample_pdf, same) as again:
        record = dataclasses.replace(RECORD, tool_version="0.0.0")
        assert again.begin(b"%PDF-", record.to_bytes()) == record
        assert (again.drawn, again.replayed) == (None, None)
