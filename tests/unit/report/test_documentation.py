"""The Model Documentation Form and Annex XI: every field filled with its place, or a gap."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from tests import fine_tune
from tests.unit.report import cyclonedx_records as make

from weighbridge.audit import AuditRequest, run_audit
from weighbridge.model.record import AuditRecord
from weighbridge.report import documentation
from weighbridge.report.documentation import json_view
from weighbridge.report.documentation.fields import FIELDS, POINTS, filled
from weighbridge.report.documentation.values import in_powers


@pytest.fixture(scope="module")
def tuned(tmp_path_factory: pytest.TempPathFactory) -> AuditRecord:
    folder: Path = fine_tune.build_hub_cache(tmp_path_factory.mktemp("hub"))
    return run_audit(AuditRequest(folder, dt.date(2026, 11, 20), offline=True)).record


def form_of(record: AuditRecord) -> dict[str, Any]:
    document = json.loads(json_view.render(record))
    return {row["field"]: row for row in document["form"]}


def test_a_record_of_nothing_is_gaps_with_what_to_write() -> None:
    record = make.record_of(artifacts=())
    document = json.loads(json_view.render(record))
    assert not document["documents_collected"]
    assert {row["field"] for row in document["form"] if row["state"] == "filled"} == set()
    assert all(row["write"].endswith(".") for row in document["form"])
    assert {row["state"] for row in document["annex_xi"]} == {"gap"}
    assert "holds nothing on documents" in documentation.render(record).decode()


def test_ids_are_unique_and_points_are_made_of_fields() -> None:
    names = [field.id for field in FIELDS]
    assert len(set(names)) == len(names)
    assert {name for point in POINTS for name in point.fields} <= set(names)
    assert len({point.id for point in POINTS}) == len(POINTS)


def test_hashes_and_parameters_are_computed_from_the_weights(tuned: AuditRecord) -> None:
    form = form_of(tuned)
    hashes = {row["where"]: row["value"] for row in form["authenticity"]["values"]}
    for path in (*fine_tune.SHARDS, fine_tune.GGUF):
        artifact = next(one for one in tuned.artifacts if one.path == path)
        assert hashes[path] == str(artifact.digest())
    assert {row["basis"] for row in form["authenticity"]["values"]} == {"computed"}
    counted = form["parameters"]["values"][0]
    assert counted["basis"] == "computed"
    assert counted["value"].startswith("6.22*10^3 (")


def test_what_nobody_wrote_stays_a_gap(tuned: AuditRecord) -> None:
    form = form_of(tuned)
    for field in ("union-date", "flop", "training-time", "data-count", "acceptable-use"):
        assert form[field]["state"] == "gap"
        assert form[field]["write"]
    assert form["intended-use"]["values"][0]["where"].startswith("README.md:")


def test_a_point_is_partly_filled_where_a_field_is_missing(tuned: AuditRecord) -> None:
    points = {row["point"]: row for row in json_view.document(tuned)["annex_xi"]}  # type: ignore
    assert points["1(1)(d)"]["state"] == "filled"
    assert points["1(1)(a)"]["state"] == "partly"
    assert points["1(2)(d)"]["state"] == "gap"
    assert len(points["1(2)(d)"]["write"]) == 3


def test_the_two_forms_agree_and_come_out_the_same(tuned: AuditRecord) -> None:
    text = documentation.render(tuned).decode()
    counts: Any = json_view.document(tuned)["counts"]
    assert f"{counts['filled']} fields are filled and {counts['gaps']} are gaps" in text
    assert text.count("**gap**") == counts["gaps"]
    assert documentation.render(tuned).decode() == text
    assert counts["filled"] + counts["gaps"] == len(filled(tuned)) == len(FIELDS)


def test_text_of_a_stranger_is_not_active(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(
        "---\nlicense: '<img src=x> [a](javascript:x) | `'\n---\n# M\n\n## Intended use\n\n"
        "| <script>alert(1)</script> | @everyone and three more words |\n"
    )
    (tmp_path / "config.json").write_text("{}")
    record = run_audit(AuditRequest(tmp_path, dt.date(2026, 11, 20), offline=True)).record
    text = documentation.render(record).decode()
    for active in ("<img", "<script", "](javascript", "@everyone"):
        assert active not in text
    rows = [line for line in text.split("\n") if line.startswith("|")]
    assert all(line.count("|") == 6 for line in rows)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("7300000000", "7.30*10^9 (7300000000)"), ("0", "0"), ("7B", "7B"),
     ("9" * 30, "9" * 30)],
)  # fmt: skip
def test_parameters_have_three_significant_figures(text: str, expected: str) -> None:
    assert in_powers(text) == expected
