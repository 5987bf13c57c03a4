"""``weighbridge vulnerabilities`` as a user calls it: the four exit codes, and what is said."""

from __future__ import annotations

import json
import socketserver
import zipfile
from pathlib import Path
from typing import Any

import pytest
from tests.integration.conftest import Run, runner

from weighbridge.report.cyclonedx_schema import validate
from weighbridge.testing.osv import FakeOsv, Mode, advisory
from weighbridge.testing.package_index import FakeIndex, weakness

VERB = "vulnerabilities"
DATE = ("--as-of", "2026-01-03")
RECORDS = [
    advisory("PYSEC-0000-1", "jinja2", fixed="2.11.3", aliases=["CVE-0000-1"], severity="HIGH"),
    advisory("MAL-0000-1", "tourch", summary="Made up: a name made to be mistyped"),
]
LOCK = """version = 1
requires-python = ">=3.11"
[[package]]
name = "app"
version = "0.1"
source = { virtual = "." }
dependencies = [{ name = "flask" }]
[[package]]
name = "flask"
version = "1.0"
source = { registry = "https://index.example/simple" }
dependencies = [{ name = "jinja2" }]
[[package]]
name = "jinja2"
version = "2.11.2"
source = { registry = "https://index.example/simple" }
"""


@pytest.fixture
def run(run_here: Run) -> Run:
    """Most of what is here needs no process of its own."""
    return run_here


def subject(folder: Path, requirements: str = "", lock: str = "") -> Path:
    model = folder / "model"
    model.mkdir()
    (model / "config.json").write_text("{}")
    if requirements:
        (model / "requirements.txt").write_text(requirements)
    if lock:
        (model / "uv.lock").write_text(lock)
    return model


def database(folder: Path, *records: dict[str, Any]) -> Path:
    (folder / "db" / "PyPI").mkdir(parents=True)
    with zipfile.ZipFile(folder / "db" / "PyPI" / "all.zip", "w") as archive:
        for record in records:
            archive.writestr(f"{record['id']}.json", json.dumps(record))
    return folder / "db"


def test_a_known_weakness_is_1_and_says_how_it_comes_in(run, tmp_path) -> None:
    model = subject(tmp_path, lock=LOCK)
    with FakeOsv(RECORDS) as osv:
        done = run(VERB, model, *DATE, "--osv-url", osv.url)
    assert done.returncode == 1, done.stderr
    (row,) = [line for line in done.stdout.splitlines() if line.startswith("jinja2")]
    assert row.split() == ["jinja2", "2.11.2", "PYSEC-0000-1", "high", "2.11.3", "flask", ">",
                           "jinja2"]  # fmt: skip
    assert "Vulnerable: 1 · not vulnerable: 1 · not assessed: 0" in done.stdout


def test_nothing_known_is_0_and_says_what_that_is_worth(run, tmp_path) -> None:
    model = subject(tmp_path, "jinja2==3.0\nours==1.0\n")
    with FakeOsv(RECORDS) as osv:
        done = run(VERB, model, *DATE, "--osv-url", osv.url)
    assert done.returncode == 0, done.stderr
    assert "Vulnerable: 0 · not vulnerable: 2 · not assessed: 0" in done.stdout
    assert "answers an unknown or private package like one without" in done.stdout


@pytest.mark.parametrize(
    "mode",
    [m for m in Mode if m not in (Mode.HONEST, Mode.EMPTY, Mode.LABELLED_HTML, Mode.TRICKLE,
                                  Mode.SLOW)],
)  # fmt: skip
def test_a_service_that_fails_is_3_and_no_traceback(run, tmp_path, monkeypatch, mode: Mode) -> None:
    # The stand-in is in this process too; that we hung up is none of what the command says.
    monkeypatch.setattr(socketserver.BaseServer, "handle_error", lambda *_: None)
    model = subject(tmp_path, "jinja2==2.11.2\n")
    with FakeOsv(RECORDS, mode=mode) as osv:
        done = run(VERB, model, *DATE, "--osv-url", osv.url)
    assert done.returncode == 3, done.stdout + done.stderr
    assert "Not assessed: jinja2==2.11.2: " in done.stdout
    assert "not vulnerable: 0 · not assessed: 1" in done.stdout
    assert "Traceback" not in done.stderr


def test_what_examined_nothing_is_3(run, tmp_path) -> None:
    done = run(VERB, subject(tmp_path), *DATE, "--offline")
    assert done.returncode == 3
    assert "Nothing to look up" in done.stdout
    done = run(VERB, tmp_path / "model", *DATE, "--offline", "--environment", tmp_path / "no")
    assert done.returncode == 3, done.stdout + done.stderr


def test_an_open_requirement_and_an_offline_run_are_3(run, tmp_path) -> None:
    model = subject(tmp_path, "jinja2>=2\n")
    with FakeOsv(RECORDS) as osv:
        assert run(VERB, model, *DATE, "--osv-url", osv.url).returncode == 3
    (model / "requirements.txt").write_text("jinja2==2.11.2\n")
    done = run(VERB, model, *DATE, "--offline")
    assert done.returncode == 3
    assert "offline: advisories were not asked" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("nothing",),
        ("",),
        ("model", "--format", "xml"),
        ("model", "--osv-database", "nothing"),
        ("model", "--model-advisories", "nothing"),
        ("model", "--output", "nothing/x.json"),
        ("model", "--as-of", "tomorrow"),
        ("model", "--severity", "high"),
    ],
)
def test_an_error_is_2(run, tmp_path, arguments: tuple[str, ...]) -> None:
    subject(tmp_path)
    done = run(VERB, *arguments, "--offline")
    assert done.returncode == 2, done.stdout
    assert "Traceback" not in done.stderr


def test_a_local_database_answers_offline(run, tmp_path) -> None:
    model = subject(tmp_path, "jinja2==2.11.2\ntourch==1.0\n")
    folder = database(tmp_path, *RECORDS)
    done = run(VERB, model, *DATE, "--offline", "--osv-database", folder)
    assert done.returncode == 1, done.stderr
    rows = [line.split()[0] for line in done.stdout.splitlines() if "-0000-1 " in line]
    assert rows == ["tourch", "jinja2"], "malice comes first"
    (model / "requirements.txt").write_text("jinja2==3.0\n")
    assert run(VERB, model, *DATE, "--offline", "--osv-database", folder).returncode == 0
    old = run(VERB, model, "--as-of", "2026-02-01", "--offline", "--osv-database", folder)
    assert old.returncode == 3
    assert "31 days ago" in " ".join(old.stdout.split())
    (tmp_path / "weighbridge.yaml").write_text("osv_database: db\nosv_database_days: 40\n")
    assert run(VERB, model, "--as-of", "2026-02-01", "--offline").returncode == 0


def test_an_index_tells_a_private_package_from_a_clean_one(run, tmp_path) -> None:
    model = subject(tmp_path, "clean==1.0\nours==1.0\ntorch==2.1.0\n")
    releases = {("clean", "1.0"): [], ("torch", "2.1.0"): [weakness("PYSEC-0000-9")]}
    with FakeOsv() as osv, FakeIndex(releases) as index:
        flags = ("--osv-url", osv.url, "--format", "json")
        done = run(VERB, model, *DATE, *flags, "--index-url", index.simple_url)
        by_pip = run(VERB, model, *DATE, *flags, "--index-url", "pip",
                     PIP_INDEX_URL=index.simple_url)  # fmt: skip
    found = json.loads(done.stdout)
    assert {row["about"]: row["state"] for row in found["looked_up"]} == {
        "clean==1.0": "not-vulnerable",
        "ours==1.0": "not-assessed",
        "torch==2.1.0": "vulnerable",
    }
    assert found["counts"] == {"vulnerable": 1, "not-vulnerable": 1, "not-assessed": 1}
    assert (done.returncode, by_pip.returncode) == (1, 1)
    assert by_pip.stdout == done.stdout


def test_advisories_about_the_model_itself(run, tmp_path) -> None:
    import hashlib

    model = subject(tmp_path, "")
    (model / "model.bin").write_bytes(b"weights")
    folder = tmp_path / "ours"
    folder.mkdir()
    body = {
        "id": "ACME-0000-1",
        "summary": "Made up",
        "affected": [{"ecosystem_specific": {"sha256": [hashlib.sha256(b"weights").hexdigest()]}}],
    }
    (folder / "a.json").write_text(json.dumps(body))
    done = run(VERB, model, *DATE, "--offline", "--model-advisories", folder)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "model.bin (weights)" in done.stdout
    (model / "model.bin").write_bytes(b"others")
    assert run(VERB, model, *DATE, "--offline", "--model-advisories", folder).returncode == 0


def test_an_advisory_about_the_model_that_this_one_was_made_from(run, tmp_path) -> None:
    model = subject(tmp_path)
    (model / "README.md").write_text("---\nbase_model: Acme/Tiny\n---\n# Ours\n")
    folder = tmp_path / "ours"
    folder.mkdir()
    package = {"ecosystem": "huggingface", "name": "acme/tiny", "purl": "pkg:huggingface/acme/tiny"}
    body = {"id": "ACME-0000-1", "affected": [{"package": package}]}
    (folder / "a.json").write_text(json.dumps(body))
    flags = (*DATE, "--offline", "--model-advisories", folder, "--format", "json")
    done = run(VERB, model, *flags)
    assert done.returncode == 1, done.stdout + done.stderr
    found = json.loads(done.stdout)
    (one,) = found["vulnerabilities"]
    assert (one["kind"], one["id"]) == ("base-model", "ACME-0000-1")
    # which model this is itself, nothing says: an advisory that goes by names was not compared
    assert [row["state"] for row in found["looked_up"]] == ["not-assessed", "vulnerable"]
    (model / "README.md").write_text("# Ours\n")
    assert run(VERB, model, *flags).returncode == 3


def test_vex_is_valid_and_the_exit_code_stays(run, tmp_path) -> None:
    model = subject(tmp_path, lock=LOCK)
    out = tmp_path / "vex.cdx.json"
    with FakeOsv(RECORDS) as osv:
        done = run(VERB, model, *DATE, "--osv-url", osv.url, "-f", "vex", "-o", out)
    assert (done.returncode, done.stdout) == (1, ""), done.stderr
    data = out.read_bytes()
    validate(data)
    assert [v["id"] for v in json.loads(data)["vulnerabilities"]] == ["PYSEC-0000-1"]


def test_nothing_of_the_subject_runs(tmp_path) -> None:
    run = runner(tmp_path)
    model = subject(tmp_path, "jinja2==3.0\n")
    for name in ("sitecustomize.py", "pip.py", "pip_audit.py", "conftest.py", "setup.py", "x.pth"):
        (model / name).write_text("import pathlib; pathlib.Path('ran').write_text('x')\n")
    with FakeOsv() as osv, FakeIndex({("jinja2", "3.0"): []}) as index:
        done = run(VERB, model, *DATE, "--osv-url", osv.url, "--index-url", "pip",
                   "--environment", model, PIP_INDEX_URL=index.simple_url)  # fmt: skip
    assert done.returncode in (0, 3), done.stderr
    assert not list(tmp_path.rglob("ran"))
