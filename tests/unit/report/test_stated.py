"""What somebody states of a model: told as theirs, and never in place of what the files say."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from tests import fine_tune
from tests.unit.report import cyclonedx_records as make

from weighbridge.audit import AuditRequest, take_inventory
from weighbridge.model.errors import UsageError
from weighbridge.model.record import AuditRecord
from weighbridge.report.cyclonedx import render_as, validate
from weighbridge.report.cyclonedx.document import build
from weighbridge.report.cyclonedx.stated import Stated
from weighbridge.report.g7 import elements

STATED = Stated("Ann Bee <ann@lab.example>", "The Harbor Lab", "1.2", dt.date(2026, 3, 1))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> AuditRecord:
    """The fixture as a plain folder: no repository and no snapshot says anything of it."""
    folder: Path = fine_tune.build(tmp_path_factory.mktemp("plain") / "model")
    return take_inventory(
        AuditRequest(folder, dt.date(2026, 11, 20), algorithms=("sha512",))
    ).record


def test_another_version_than_that_of_the_files_is_refused() -> None:
    record = make.record_of(make.model_of())
    known = build(record, "1.6").json["metadata"]["component"]["version"]
    with pytest.raises(UsageError, match="by its own files"):
        build(record, "1.6", stated=Stated(version=f"{known}-other"))
    again = build(record, "1.6", stated=Stated(version=known)).json
    assert make.properties(again["metadata"]["component"], "stated") == []


@pytest.mark.parametrize("text", ["\u202e<script>\x00", "x" * 5_000, "@", "<>"])
def test_odd_text_makes_no_invalid_document(plain: AuditRecord, text: str) -> None:
    stated = Stated(text, text, text)
    for version in ("1.6", "1.7"):
        spec: Any = version
        validate(render_as(plain, spec_version=spec, format="json", stated=stated))
        xml = render_as(plain, spec_version=spec, format="xml", stated=stated)
        make.parse_xml(xml, version)


def test_a_plain_folder_fills_forty_with_what_is_stated(plain: AuditRecord) -> None:
    bare, full = (
        {e.key for e in elements(plain, build(plain, "1.6", stated=stated).json) if e.filled}
        for stated in (Stated(), STATED)
    )
    assert full - bare == {
        "metadata.author", "system.producer", "system.version", "system.timestamp",
        "models.producer", "models.version", "models.timestamp",
    }  # fmt: skip
    assert len(full) >= 40


def test_it_is_told_as_stated(plain: AuditRecord) -> None:
    bom = make.load(render_as(plain, spec_version="1.7", format="json", stated=STATED))
    model = bom["metadata"]["component"]
    assert bom["metadata"]["authors"] == [{"name": "Ann Bee", "email": "ann@lab.example"}]
    assert (model["supplier"]["name"], model["version"]) == ("The Harbor Lab", "1.2")
    assert make.properties(model, "stated") == ["released", "supplier", "version"]
    assert make.properties(model, "released") == ["2026-03-01"]
    cited = {pointer: c["note"] for c in bom["citations"] for pointer in c["pointers"]}
    assert cited["/metadata/component/supplier"] == "stated by whoever had this document made"


def test_it_is_another_document_of_the_same_record(plain: AuditRecord) -> None:
    serials = [
        build(plain, "1.6", stated=stated).json["serialNumber"]
        for stated in (Stated(), STATED, STATED, Stated(author="Cee"))
    ]
    assert serials[1] == serials[2]
    assert len(set(serials)) == 3
    assert serials[0] == build(plain, "1.6").json["serialNumber"]
