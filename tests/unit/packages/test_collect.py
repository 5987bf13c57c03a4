"""The packages collector: one piece of evidence a source, and what is missing said as such."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from weighbridge.collect import packages
from weighbridge.collect.context import CollectContext
from weighbridge.model.codec import from_json, to_json
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState


def collect(snapshot, environments: tuple[Path, ...] = ()) -> tuple[Evidence, ...]:
    context = CollectContext(
        snapshot, dt.date(2026, 11, 20), offline=True, environments=environments
    )
    evidence = packages.collect(context)
    for item in evidence:
        assert item.kind is EvidenceKind.PACKAGES
        assert item.collector == "packages@1"
        assert from_json(Evidence, to_json(item)) == item
    return evidence


def test_no_source_is_absent_and_nothing_else(make_snapshot) -> None:
    (evidence,) = collect(make_snapshot({"model.bin": b"x"}))
    assert (evidence.about, evidence.state) == ("", EvidenceState.ABSENT)


def test_each_source_has_evidence_of_its_own(make_snapshot) -> None:
    evidence = collect(
        make_snapshot(
            {
                "requirements.txt": "torch==2.1.0\n-r ../x\n",
                "dev-requirements.txt": "torch==2.2.0\n",
                "uv.lock": "version = 7",
                "setup.py": "",
            }
        )
    )
    states = {e.about: e.state for e in evidence}
    assert states == {
        "dev-requirements.txt": EvidenceState.OBSERVED,
        "requirements.txt": EvidenceState.OBSERVED,
        "setup.py": EvidenceState.UNSUPPORTED,
        "uv.lock": EvidenceState.UNAVAILABLE,
    }
    by_about = {e.about: e for e in evidence}
    (torch,) = by_about["requirements.txt"].data["packages"]
    assert (torch["purl"], torch["line"]) == ("pkg:pypi/torch@2.1.0", 1)
    (issue,) = by_about["requirements.txt"].data["issues"]
    assert (issue["kind"], issue["incomplete"], issue["line"]) == ("include-outside", True, 2)
    assert "7" in by_about["uv.lock"].reason


def test_environments_are_numbered_and_hold_no_path(make_snapshot, tmp_path: Path) -> None:
    info = tmp_path / "torch-2.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: torch\nVersion: 2.1.0\n")
    evidence = collect(make_snapshot({}), (tmp_path, tmp_path / "missing"))
    assert [(e.about, e.state) for e in evidence] == [
        ("environment:1", EvidenceState.OBSERVED), ("environment:2", EvidenceState.UNAVAILABLE),
    ]  # fmt: skip
    assert not any(str(tmp_path) in str(to_json(e)) for e in evidence)


def test_too_many_packages_in_all_are_unavailable_and_not_cut(make_snapshot) -> None:
    many = "\n".join(f"p{i}==1" for i in range(11_000))
    (evidence,) = collect(make_snapshot({"a-requirements.txt": many, "b-requirements.txt": many}))
    assert evidence.state is EvidenceState.UNAVAILABLE
    assert "20000 packages" in evidence.reason
