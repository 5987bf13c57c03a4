"""A model that nobody answers for, and the same one after people have attested, with real keys."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import subprocess

import pytest
from tests.integration.conftest import Run

from weighbridge.model.controls import CONTROLS

ROLE = "Head of Governance"
POLICY = """\
schema: 1
id: ours
version: "1"
owner: us
extends: governance
trust:
  - {name: release, key_file: release.pem.pub}
  - {name: governance, key_file: people.pem.pub, paths: ["attestations/**"]}
"""


@pytest.fixture
def run(run_here: Run) -> Run:
    """Nothing here needs a process of its own."""
    return run_here


@pytest.fixture
def ready(run, model, tmp_path):
    """The fixture model ``tiny-chat`` signed by a key of ours, a policy and a person's key."""
    folder = model("tiny-chat")
    for key in ("release.pem", "people.pem"):
        assert run("sign", "--generate-key", key).returncode == 0
    signed = run("sign", folder, "--key", "release.pem", "--force")
    assert signed.returncode == 0, signed.stderr
    (tmp_path / "ours.yaml").write_text(POLICY)
    (tmp_path / "said").mkdir()
    (tmp_path / "said" / "report.pdf").write_bytes(b"report")
    return folder


def attest(run, folder, control, *more):
    done = run("attest", control, folder, "--name", "Ann Example", "--role", ROLE,
               "--statement", f"Looked at {control}.", "--key", "people.pem",
               "--as-of", "2026-11-20", "--expires", "2027-11-20",
               "--output", f"said/{control}.attestation.json", *more)  # fmt: skip
    assert done.returncode == 0, done.stderr


def audit(run, folder, *more, as_of="2026-11-21"):
    done = run("audit", folder, "--policy", "ours.yaml", "--offline", "--as-of", as_of,
               "--attestations", "said", "--format", "json", *more)  # fmt: skip
    body = json.loads(done.stdout)
    controls = {r["rule"]: r for r in body["results"] if r["family"] == "controls"}
    assert set(controls) == {control.id for control in CONTROLS}
    return done.returncode, controls


def outcomes(controls):
    return {result["outcome"] for result in controls.values()}


@pytest.mark.slow
def test_from_manual_to_pass_attested_and_back(run, ready, tmp_path) -> None:
    code, controls = audit(run, ready)
    assert code == 3
    assert outcomes(controls) == {"manual"}
    assert all(result["closes_gate"] for result in controls.values())

    for control in CONTROLS:
        attest(run, ready, control.id, "--evidence", "said/report.pdf")
    code, controls = audit(run, ready, "--out", "pack")
    assert code == 0, controls
    assert outcomes(controls) == {"pass"}
    for result in controls.values():
        assert result["attested_by"] == [
            {"name": "Ann Example", "role": ROLE, "made": "2026-11-20", "expires": "2027-11-20"}
        ]

    replayed = run("replay", "pack")
    assert replayed.returncode == 0, replayed.stdout
    verified = run("report", "verify", "pack")
    assert verified.returncode == 0, verified.stdout
    held = {path.read_bytes() for path in (tmp_path / "pack/evidence/sha256").iterdir()}
    assert (tmp_path / "said/bias-testing.attestation.json").read_bytes() in held
    shown = run("report", "maturity", "pack")
    assert shown.returncode == 0, shown.stderr
    assert "bias-testing: pass (attested) by Ann Example" in shown.stdout
    if shutil.which("pdftotext"):
        text = subprocess.run(["pdftotext", "-layout", str(tmp_path / "pack/report.pdf"), "-"],
                              capture_output=True, text=True, check=True).stdout  # fmt: skip
        assert "attested" in text
        assert "Ann Example" in text

    after, controls = audit(run, ready, as_of="2027-11-21")
    assert after == 1
    assert outcomes(controls) == {"fail"}

    (ready / "config.json").write_bytes((ready / "config.json").read_bytes() + b"\n")
    _, controls = audit(run, ready)
    assert outcomes(controls) == {"fail"}
    assert {f["key"].partition(":")[0] for r in controls.values() for f in r["findings"]} == {
        "another-subject"
    }


def test_in_the_model_it_is_found_and_signed_with_it(run, ready) -> None:
    inside = ready / "attestations" / "bias.attestation.json"
    attest(run, ready, "bias-testing", "--output", inside)
    assert run("sign", ready, "--key", "release.pem", "--force").returncode == 0
    code, controls = audit(run, ready)
    assert code == 3  # the others are still open
    assert controls["bias-testing"]["outcome"] == "pass"
    done = run("verify", ready, "--trust", "ours.yaml")
    assert done.returncode == 0, done.stdout


def test_the_release_key_of_weights_alone_does_not_attest(run, ready, tmp_path) -> None:
    narrow = POLICY.replace("release.pem.pub}", 'release.pem.pub, paths: ["*.safetensors"]}')
    (tmp_path / "ours.yaml").write_text(narrow)
    attest(run, ready, "bias-testing", "--key", "release.pem")
    _, controls = audit(run, ready)
    assert controls["bias-testing"]["outcome"] == "fail"
    assert "does not let release sign" in controls["bias-testing"]["findings"][0]["message"]


def test_a_bill_of_materials_does_not_speak_of_attestations(run, ready) -> None:
    attest(run, ready, "bias-testing", "--output", ready / "a.attestation.json")
    done = run("sbom", ready, "--as-of", dt.date(2026, 11, 21).isoformat())
    assert done.returncode in (0, 3), done.stderr
    assert "Ann Example" not in done.stdout
