"""The main job, end to end, on the models of ``fixtures/models``."""

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.integration.conftest import Run, runner

ROOT = Path(__file__).parents[2]
EXPECTED = json.loads((ROOT / "fixtures" / "models" / "expected.json").read_text())
AS_OF = "2026-11-20"


@pytest.fixture
def run(run_here: Run) -> Run:
    """Most of what is here needs no process of its own."""
    return run_here


@pytest.mark.parametrize("case", EXPECTED)
def test_a_fixture_model_ends_as_expected(case, run, model, policies) -> None:
    expected = EXPECTED[case]
    done = run("audit", model(case), "--policy", policies / f"{expected['policy']}.yaml",
               "--offline", "--as-of", AS_OF, "--format", "json")  # fmt: skip
    assert done.returncode == expected["exit_code"], done.stdout + done.stderr
    report = json.loads(done.stdout)
    outcomes = {r["rule"]: r["outcome"] for r in report["results"]}
    for outcome in ("fail", "unknown"):
        for rule in expected[outcome]:
            assert outcomes[rule] == outcome, rule
    if not expected["fail"]:
        assert [r for r, o in outcomes.items() if o == "fail"] == []


def test_every_model_is_expected_and_says_what_is_wrong_with_it() -> None:
    models = {p.name for p in (ROOT / "fixtures" / "models").iterdir() if p.is_dir()}
    assert models - {"__pycache__"} == set(EXPECTED)
    for name, expected in EXPECTED.items():
        readme = (ROOT / "fixtures" / "models" / name / "README.md").read_text()
        assert ("What is wrong" in readme) == bool(expected["fail"] or "broken" in name)


def test_the_tampered_model_is_explained_in_the_pdf(run, model, policies, tmp_path) -> None:
    out = tmp_path / "pack"
    done = run("audit", model("tampered_fail"), "--policy", policies / "baseline.yaml",
               "--out", out, "--offline", "--as-of", AS_OF)  # fmt: skip
    assert done.returncode == 1, done.stderr
    text = subprocess.run(
        ["pdftotext", "-layout", out / "report.pdf", "-"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    for named in (
        "model-00002-of-00002.safetensors",
        "os.system",
        "example/uncited-questions",
        "Art. 15(5)",
        "LLM04:2026",
    ):
        assert named in text, named
    verified = run("report", "verify", out)
    assert verified.returncode == 0, verified.stdout + verified.stderr


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("rules: [", "line"),
        ("schema: 1\nid: x\nversion: '1'\nowner: me\nruels: {}\n", "ruels"),
        ("schema: 1\nid: x\nversion: '1'\nowner: me\nrules: {unsigned-weight: {}}\n",
         "unsigned-weights"),
    ],
)  # fmt: skip
def test_a_broken_policy_exits_2_and_writes_nothing(text, says, run, model, tmp_path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(text)
    done = run("audit", model("tiny-chat"), "--policy", policy, "--out", "pack", "--offline")
    assert done.returncode == 2
    assert "policy.yaml" in done.stderr
    assert says in done.stderr or "policy.yaml:" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "pack").exists()
    assert done.stdout == ""


def test_replay_gives_the_same_bytes_everywhere(model, policies, tmp_path) -> None:
    run = runner(tmp_path)
    out = tmp_path / "pack"
    run("audit", model("tampered_fail"), "--policy", policies / "baseline.yaml", "--out", out,
        "--offline", "--as-of", AS_OF)  # fmt: skip
    digests = set()
    cut_off = ("unshare", "-rn") if _can_unshare() else ()
    for seed, zone, locale in (("0", "UTC", "C"), ("4242", "Pacific/Kiritimati", "C.UTF-8")):
        done = run("replay", out, prefix=cut_off, PYTHONHASHSEED=seed, TZ=zone, LC_ALL=locale)
        assert done.returncode == 0, done.stdout + done.stderr
        digests.add(done.stdout)
    assert len(digests) == 1


def _can_unshare() -> bool:
    tool = shutil.which("unshare")
    return bool(tool) and subprocess.run(["unshare", "-rn", "true"], check=False).returncode == 0


def test_two_audits_give_the_same_record(model, tmp_path) -> None:
    run = runner(tmp_path)
    folder = model("tampered_fail")
    records = []
    for seed, zone, out in (("1", "UTC", "a"), ("77", "America/St_Johns", "b")):
        run("audit", folder, "--out", out, "--offline", "--as-of", AS_OF,
            PYTHONHASHSEED=seed, TZ=zone)  # fmt: skip
        records.append((tmp_path / out / "audit.json").read_bytes())
        names = ("results.sarif", "sbom.cdx.json")
        records += [(tmp_path / out / name).read_bytes() for name in names]
    assert records[:3] == records[3:]


def test_a_changed_record_does_not_replay(run, model, tmp_path) -> None:
    run("audit", model("unsigned_fail"), "--out", "pack", "--offline", "--as-of", AS_OF)
    path = tmp_path / "pack" / "audit.json"
    record = json.loads(path.read_bytes())
    for result in record["results"]:
        if result["rule"] == "unsigned-weights":
            result.update(outcome="pass", findings=[], closes_gate=False)
    record["verdict"] = {"exit_code": 0, "open": True, "reasons": []}
    path.write_text(json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False))
    done = run("replay", "pack")
    assert done.returncode == 1
    assert "unsigned-weights" in done.stdout
    assert run("report", "verify", "pack").returncode == 1


def test_the_fixtures_are_what_their_script_builds(tmp_path) -> None:
    import importlib.util

    spec = importlib.util.spec_from_file_location("build", ROOT / "fixtures/models/build.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    script.build(tmp_path, lambda _folder: None)
    committed = ROOT / "fixtures" / "models"
    for built in sorted(tmp_path.rglob("*")):
        if built.is_file():
            assert built.read_bytes() == (committed / built.relative_to(tmp_path)).read_bytes()
    listed = {p.relative_to(committed) for c in EXPECTED for p in (committed / c).rglob("*")}
    extra = listed - {p.relative_to(tmp_path) for p in tmp_path.rglob("*")}
    assert {p.name for p in extra} <= {"model.sig"}


def test_a_trusted_signer_is_recognized(run, model) -> None:
    done = run("audit", model("tiny-chat"), "--policy", ROOT / "fixtures/models/trusting.yaml",
               "--offline", "--as-of", AS_OF, "--format", "json")  # fmt: skip
    outcomes = {r["rule"]: r["outcome"] for r in json.loads(done.stdout)["results"]}
    assert outcomes["untrusted-signer"] == "pass"


def test_strict_wants_a_timestamp_and_says_so(run, model, policies, tmp_path) -> None:
    done = run("audit", model("offline_unknown"), "--policy", policies / "strict.yaml", "--out",
               "pack", "--offline", "--as-of", AS_OF)  # fmt: skip
    assert done.returncode == 3
    assert "timestamp" in done.stdout
    record = json.loads((tmp_path / "pack" / "audit.json").read_bytes())
    assert record["timestamp"]["state"] == "not_requested"
    assert any("timestamp" in reason for reason in record["verdict"]["reasons"])


def test_an_output_file_is_whole_or_not_there(run, model, tmp_path) -> None:
    done = run("audit", model("tiny-chat"), "--offline", "--format", "sarif", "-o", "r.sarif")
    assert done.returncode == 0
    assert done.stdout == ""
    assert json.loads((tmp_path / "r.sarif").read_text())["version"] == "2.1.0"
    done = run("audit", model("unsigned_fail"), "--offline", "-o", "no/such/folder/x")
    assert done.returncode == 2
    assert "no/such/folder" in done.stderr
    assert "Traceback" not in done.stderr


def test_configuration_is_read_and_typos_are_errors(run, model, tmp_path, policies) -> None:
    folder = model("tiny-chat")
    (tmp_path / "weighbridge.yaml").write_text("offlien: true\n")
    done = run("audit", folder)
    assert done.returncode == 2
    assert "weighbridge.yaml:1" in done.stderr
    assert "offline" in done.stderr
    (tmp_path / "weighbridge.yaml").write_text("offline: true\npolicies: [strict]\n")
    assert run("audit", folder, "--as-of", AS_OF).returncode == 3
    assert run("audit", folder, "--policy", "baseline").returncode == 0
    (tmp_path / "weighbridge.yaml").unlink()
    offline = run("audit", folder, WEIGHBRIDGE_AUDIT_OFFLINE="1", WEIGHBRIDGE_AUDIT_AS_OF=AS_OF)
    assert offline.returncode == 0, offline.stderr


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_the_local_key_is_private(run, model, tmp_path) -> None:
    run("audit", model("tiny-chat"), "--offline", "--out", "pack",
        WEIGHBRIDGE_CONFIG_DIR=str(tmp_path / "cfg"))  # fmt: skip
    folder = tmp_path / "cfg" / "sealing"
    assert folder.stat().st_mode & 0o777 == 0o700
    modes = {p.name: p.stat().st_mode & 0o777 for p in folder.iterdir()}
    assert modes["sealing-key.pem"] == 0o600


@pytest.mark.parametrize("how", ["flag", "configuration"])
def test_the_bill_of_materials_has_sha512_where_it_is_asked_for(run, model, tmp_path, how) -> None:
    folder = model("tiny-chat")
    options = ["--sha512"] if how == "flag" else ["--config", "asked.yaml"]
    (tmp_path / "asked.yaml").write_text("sha512: true\n")
    run("audit", folder, "--offline", "--out", "pack", *options)
    bom = json.loads((tmp_path / "pack" / "sbom.cdx.json").read_text())
    files = [part for part in _components(bom) if part["type"] == "file"]
    assert files
    for part in files:
        data = (folder / part["name"]).read_bytes()
        assert {"alg": "SHA-512", "content": hashlib.sha512(data).hexdigest()} in part["hashes"]


def _components(bom: dict) -> list[dict]:
    found, waiting = [], list(bom["components"])
    while waiting:
        part = waiting.pop()
        found.append(part)
        waiting += part.get("components", [])
    return found
