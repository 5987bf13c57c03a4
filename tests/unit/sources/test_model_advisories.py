"""The overlay of advisories about models: hostile files first, then what matches what."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from weighbridge.collect.context import RawStore
from weighbridge.model.digest import Digest
from weighbridge.sources.model_advisories import Overlay, read_overlay, split_purl

OLD, NEW, SHA = "a" * 40, "b" * 40, "c" * 64
PURL = "pkg:huggingface/acme/tiny"
FIXTURE = Path(__file__).parents[3] / "fixtures" / "model-advisories"


def model_advisory(*affected: Any, **more: Any) -> dict[str, Any]:
    return {"schema_version": "1.7.0", "id": "ACME-0000-1", "affected": list(affected), **more}


def entry(purl: str = "", *, versions: Any = None, **specific: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"ecosystem_specific": specific} if specific else {}
    if purl:
        found["package"] = {"ecosystem": "huggingface", "name": purl[16:], "purl": purl}
    return found if versions is None else {**found, "versions": versions}


def overlay(folder: Path, *records: Any) -> Overlay:
    for number, record in enumerate(records):
        data = record if isinstance(record, bytes) else json.dumps(record).encode()
        (folder / f"{number}.json").write_bytes(data)
    return read_overlay(folder)


@pytest.mark.parametrize(
    "record",
    [
        b"", b"[]", b"{", b'{"id": 7}', b'{"id": ""}',
        model_advisory(entry(PURL), schema_version="2.0"),
        model_advisory(),
        model_advisory(7),
        model_advisory({}),
        model_advisory(entry("pkg:pypi/torch")),
        model_advisory(entry("pkg:huggingface/")),
        model_advisory({"package": 7}),
        model_advisory(entry(PURL, versions="1")),
        model_advisory(entry(PURL, versions=["main"])),
        model_advisory(entry(sha256=["short"])),
        model_advisory(entry(sha256=SHA)),
        model_advisory({**entry(PURL), "ranges": [{"type": "GIT", "events": []}]}),
        model_advisory(entry(PURL), aliases="CVE-0000-1"),
    ],
)  # fmt: skip
def test_one_that_cannot_be_read_is_said_and_the_others_count(tmp_path: Path, record: Any) -> None:
    found = overlay(tmp_path, record, {**model_advisory(entry(PURL)), "id": "ACME-0000-2"})
    assert found.gap
    assert [one.advisory.id for one in found.advisories] == ["ACME-0000-2"]


def test_no_folder_and_an_empty_one_are_gaps(tmp_path: Path) -> None:
    assert "not a folder" in read_overlay(tmp_path / "nothing").gap
    assert "holds no JSON files" in read_overlay(tmp_path).gap


@pytest.mark.parametrize(
    ("purl", "expected"),
    [
        ("pkg:huggingface/acme/tiny@" + OLD, ("acme/tiny", OLD)),
        ("pkg:huggingface/ACME/Tiny@" + OLD.upper(), ("acme/tiny", OLD)),
        ("pkg:huggingface/gpt%32", ("gpt2", "")),
        ("pkg:huggingface/acme/tiny?repository_url=x#y", ("acme/tiny", "")),
        ("pkg:pypi/torch@1", ("", "")),
        ("", ("", "")),
    ],
)
def test_package_urls(purl: str, expected: tuple[str, str]) -> None:
    assert split_purl(purl) == expected


@pytest.mark.parametrize(
    ("affected", "purl", "expected"),
    [
        (entry(PURL), PURL, True),
        (entry(PURL), f"{PURL}@{OLD}", True),
        (entry(PURL), "pkg:huggingface/Acme/TINY", True),
        (entry(PURL), "pkg:huggingface/acme/tiny-2", False),
        (entry(PURL), "", False),
        (entry(PURL, versions=[OLD]), f"{PURL}@{OLD}", True),
        (entry(PURL, versions=[OLD]), f"{PURL}@{NEW}", False),
        (entry(PURL, versions=[OLD]), PURL, None),
        (entry(f"{PURL}@{OLD}"), f"{PURL}@{OLD}", True),
        (entry(f"{PURL}@{OLD}"), f"{PURL}@{NEW}", False),
        # digests say exactly which files are meant, so the name alone says nothing
        (entry(PURL, sha256=[SHA]), PURL, False),
        (entry(PURL, sha256=[SHA], versions=[OLD]), f"{PURL}@{OLD}", True),
    ],
)
def test_which_models_are_affected(
    tmp_path: Path, affected: Any, purl: str, expected: bool | None
) -> None:
    (one,) = overlay(tmp_path, model_advisory(affected)).advisories
    assert one.affects_model(purl) is expected


def test_which_files_are_affected(tmp_path: Path) -> None:
    (one,) = overlay(tmp_path, model_advisory(entry(sha256=[SHA.upper()]))).advisories
    assert one.affects_file(Digest("sha256", SHA))
    assert not one.affects_file(Digest("sha256", "d" * 64))
    assert not one.affects_file(Digest("blake3", SHA))
    assert not one.names_models


def test_what_an_advisory_says(tmp_path: Path) -> None:
    body = model_advisory(
        entry(PURL, fixed_revisions=[NEW]), summary="a\nb", aliases=["MAL-0000-1"],
        withdrawn="2026-01-01T00:00:00Z",
    )  # fmt: skip
    (one,) = overlay(tmp_path, body).advisories
    found = one.advisory
    assert (found.id, found.aliases, found.summary) == ("MAL-0000-1", ("ACME-0000-1",), "a b")
    assert (found.severity, found.malicious, found.fixed_versions) == ("critical", True, (NEW,))
    assert one.withdrawn


def test_the_shipped_example_is_read_and_stored() -> None:
    store = RawStore()
    found = read_overlay(FIXTURE, store.put)
    assert found.gap == ""
    assert [one.advisory.id for one in found.advisories] == ["EXAMPLE-0000-1", "EXAMPLE-0000-2"]
    assert all(digest in store.blobs for one in found.advisories for digest in one.raw)
