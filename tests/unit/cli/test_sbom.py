"""``weighbridge sbom`` and ``sbom check``: exit codes, hostile files, 80 columns."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from weighbridge.report.sbom_check import MAX_BYTES

GOOD = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "README.md").write_text("---\nlicense: mit\n---\n# Mine\n")
    (folder / "requirements.txt").write_text("left==1.0\n")
    return folder


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    site = tmp_path / "env" / "lib" / "python3.11" / "site-packages"
    info = site / "left-1.0.dist-info"
    info.mkdir(parents=True)
    (tmp_path / "env" / "pyvenv.cfg").write_text("home = /usr\n")
    (info / "METADATA").write_text(
        "Metadata-Version: 2.4\nName: left\nVersion: 1.0\nLicense-Expression: MIT\n"
    )
    (info / "RECORD").write_text("left-1.0.dist-info/METADATA,,\nleft-1.0.dist-info/RECORD,,\n")
    return tmp_path / "env"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("good.json", json.dumps(GOOD).encode(), 0),
        ("wrong.json", json.dumps(GOOD | {"colour": 1}).encode(), 1),
        ("null.json", b"\0\0\0", 1),
        ("deep.json", b"[" * 100_000, 3),
        ("future.json", json.dumps(GOOD | {"specVersion": "2.0"}).encode(), 3),
        ("future.xml", b'<bom xmlns="http://cyclonedx.org/schema/bom/2.0"/>', 3),
    ],
)
def test_check_exits_as_the_document_is(call, tmp_path, name, content, code) -> None:
    (tmp_path / name).write_bytes(content)
    exit_code, out, err = call("sbom", "check", name)
    assert (exit_code, err) == (code, "")
    assert name in out


def test_a_huge_file_is_not_read(call, tmp_path) -> None:
    with (tmp_path / "huge.json").open("wb") as stream:
        stream.truncate(MAX_BYTES + 1)  # a hole: nothing of it lies on the disk
    code, out, _ = call("sbom", "check", "huge.json")
    assert code == 3
    assert str(MAX_BYTES) in out


@pytest.mark.parametrize("name", ["missing.json", "folder", "no\0file"])
def test_what_is_no_file_is_an_error(call, tmp_path, name) -> None:
    (tmp_path / "folder").mkdir()
    code, _, err = call("sbom", "check", name)
    assert code == 2
    assert "this is a defect" not in err


def test_the_worst_of_several_decides_and_an_error_outranks(call, tmp_path) -> None:
    (tmp_path / "good.json").write_text(json.dumps(GOOD))
    (tmp_path / "wrong.json").write_text("{}")
    (tmp_path / "future.json").write_text(json.dumps(GOOD | {"specVersion": "9.9"}))
    assert call("sbom", "check", "good.json", "future.json")[0] == 3
    assert call("sbom", "check", "good.json", "future.json", "wrong.json")[0] == 1
    assert call("sbom", "check", "wrong.json", "gone.json")[0] == 2
    code, out, _ = call("sbom", "check", "good.json", "wrong.json", "--format", "json")
    body = json.loads(out)
    assert code == body["exitCode"] == 1
    assert [d["exitCode"] for d in body["documents"]] == [0, 1]
    assert body["documents"][1]["messages"][0]["code"] == "format"


@pytest.mark.parametrize("form", ["cyclonedx", "cyclonedx-xml", "spdx"])
def test_what_is_made_is_valid_by_our_own_check(call, model, environment, form) -> None:
    made = ("sbom", model, "--environment", environment, "--format", form, "--output", "made")
    assert call(*made)[0] == 0
    code, out, _ = call("sbom", "check", "made")
    assert code == 0
    assert "HOLDS" in out
    assert "left" in Path("made").read_text()


def test_spec_versions_and_the_long_form(call, model) -> None:
    code, out, _ = call("sbom", "make", model, "--spec-version", "1.7", "--as-of", "2026-01-02")
    assert code == 0
    document = json.loads(out)
    assert document["specVersion"] == "1.7"
    assert document["metadata"]["timestamp"].startswith("2026-01-02T00:00:00")
    assert call("sbom", "--as-of", "2026-01-02", "--spec-version", "1.7", model)[1] == out


def test_files_have_both_hashes(call, model) -> None:
    _, out, _ = call("sbom", model, "--format", "spdx")
    files = [n for n in json.loads(out)["@graph"] if n["type"] == "software_File"]
    assert len(files) == 2
    for file in files:
        assert {h["algorithm"] for h in file["verifiedUsing"]} == {"sha256", "sha512"}


def test_a_source_that_cannot_be_read_is_told_and_is_no_success(call, model) -> None:
    (model / "requirements.txt").write_text("left==1.0\n-r gone.txt\n")
    code, out, err = call("sbom", model)
    assert code == 3
    assert "requirements.txt" in err
    assert json.loads(out)["bomFormat"] == "CycloneDX"


def test_the_g7_elements_are_printed_with_their_reasons(call, model) -> None:
    code, out, _ = call("sbom", model, "--g7")
    assert code == 0
    assert "of 50 elements are filled" in out.splitlines()[0]
    assert "unknown: " in out
    assert all(len(line) <= 80 for line in out.splitlines())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--format", "spxd"), "Did you mean spdx?"),
        (("--spec-version", "1.5"), "One of 1.6, 1.7."),
        (("--format", "spdx", "--spec-version", "1.6"), "One of 3.0.1."),
        (("--as-of", "soon"), "YYYY-MM-DD"),
        (("--environment", "nowhere"), "is no folder"),
        (("--output", "no/such/folder/x"), "cannot be written"),
    ],
)
def test_what_cannot_be_is_a_usage_error_with_a_remedy(call, model, arguments, said) -> None:
    code, out, err = call("sbom", model, *arguments)
    assert (code, out) == (2, "")
    assert said in err


def test_nothing_to_look_at_is_an_error(call) -> None:
    assert call("sbom", "nowhere")[0] == 2
    assert call("sbom", "")[0] == 2
    assert call("sbom")[0] == 2
    assert call("sbom", "check")[0] == 2


@pytest.mark.parametrize("arguments", [(), ("make",), ("check",)])
def test_help_fits_80_columns(call, arguments) -> None:
    code, out, _ = call("sbom", *arguments, "--help")
    assert code == 0
    assert all(len(line) <= 80 for line in out.splitlines())


def test_what_is_stated_stands_in_the_document(call, model) -> None:
    words = ("--author", "Ann", "--supplier", "Lab", "--released", "2026-01-01")
    code, out, err = call("sbom", model, *words, "--model-version", "2")
    assert code == 0, err
    bom = json.loads(out)
    assert bom["metadata"]["authors"] == [{"name": "Ann"}]
    assert bom["metadata"]["component"]["supplier"]["name"] == "Lab"
    assert bom["metadata"]["component"]["version"] == "2"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--released", "soon"), "not a date"),
        (("--author", "Ann", "--format", "spdx"), "CycloneDX only"),
    ],
)
def test_what_cannot_be_stated_is_a_usage_error(call, model, arguments, said) -> None:
    code, _, err = call("sbom", model, *arguments)
    assert code == 2
    assert said in err
