"""No command runs a line of what it audits."""

import shutil
import sys
from pathlib import Path

import pytest
from tests.integration.conftest import runner

ATTEST = (
    *("--name", "Ann", "--role", "Lead", "--statement", "Tested.", "--key", "key.pem"),
    *("--as-of", "2026-11-20", "--expires", "2027-11-20", "--evidence", "MODEL/setup.py"),
)
COMMANDS = (
    ("audit", "MODEL", "--out", "pack", "--environment", "MODEL/site-packages"),
    ("audit", "MODEL"),
    ("sign", "MODEL", "--key", "key.pem"),
    ("attest", "bias-testing", "MODEL", *ATTEST, "-o", "new.attestation.json"),
    ("attest", "check", "a.attestation.json", "MODEL", "--key", "key.pem.pub"),
    ("audit", "MODEL", "--policy", "governance", "--attestations", "."),
    ("report", "maturity", "pack"),
    ("verify", "MODEL", "--key", "key.pub.pem"),
    ("inspect", "MODEL"),
    ("inspect", "MODEL/payload.bin", "MODEL/setup.py", "MODEL/config.json", "MODEL/policy.yaml"),
    ("sbom", "MODEL", "--environment", "MODEL/site-packages"),
    ("sbom", "check", "MODEL/requirements.txt", "pack/sbom.cdx.json"),
    ("vulnerabilities", "MODEL", "--offline", "--environment", "MODEL/site-packages"),
    ("lineage", "MODEL", "--offline"),
    ("maintainers", "MODEL", "--offline", "--environment", "MODEL/site-packages"),
    ("maintainers", "snapshot", "MODEL", "--offline", "--key", "key.pem", "-o", "new.json"),
    ("maintainers", "diff", "MODEL/config.json", "MODEL/payload.bin"),
    ("secrets", "MODEL"),
    ("licenses", "MODEL", "--environment", "MODEL/site-packages", "--write-notice", "NOTICE"),
    ("citations", "MODEL", "--fix"),
    ("citations", "MODEL", "--format", "ai-act-template"),
    ("trace", "MODEL", "--packs", "."),
    ("report", "verify", "pack"),
    ("ledger", "append", "pack", "--ledger", "MODEL/ledger"),
    ("audit", "MODEL", "--offline", "--out", "new", "--ledger", "ledger"),
    ("ledger", "verify", "MODEL"),
    ("replay", "pack"),
    ("policy", "check", "MODEL/policy.yaml"),
    ("hook", "signed-weights", "MODEL/payload.bin"),
    ("hook", "dataset-citations", "MODEL/setup.py"),
    ("hook", "secrets", "MODEL/setup.py"),
)


def plant(folder: Path, marker: Path) -> None:
    """Every file that some tool would run, each leaving a trace if it does."""
    trace = f"open({str(marker)!r}, 'a').write(__name__)\n"
    site = folder / "site-packages"
    info = site / "innocent-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: innocent\nVersion: 1.0\n")
    for name in ("setup.py", "conftest.py", "sitecustomize.py", "usercustomize.py", "train.py",
                 "modeling_evil.py", "__init__.py", "weighbridge.py"):  # fmt: skip
        (folder / name).write_text(trace)
        (site / name).write_text(trace)
    (site / "evil.pth").write_text(f"import os; {trace}")
    (folder / "evil.pth").write_text(f"import os; {trace}")
    (site / "evil.start").write_text("sitecustomize:run\n")
    (info / "RECORD").write_text("evil.pth,,\nsitecustomize.py,,\n")
    (folder / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "setup"\nbackend-path = ["."]\n'
    )
    (folder / "requirements.txt").write_text("-e .\n./\ninnocent @ file:.\n")
    (folder / "config.json").write_text('{"auto_map": {"AutoModel": "modeling_evil.Model"}}')
    (folder / "policy.yaml").write_text(
        f"schema: 1\nx: !!python/object/apply:builtins.exec [{trace!r}]\n"
    )
    call = f"cbuiltins\nexec\n(V{trace.strip()}\ntR.".encode()
    (folder / "payload.bin").write_bytes(call)
    (folder / "payload.safetensors").write_bytes(b"\x80\x02" + call)


@pytest.fixture(scope="module")
def planted(tmp_path_factory) -> tuple[Path, Path]:
    """A folder with the trap, a key and a pack; and where the trap would leave its trace."""
    base = tmp_path_factory.mktemp("planted")
    folder, marker = base / "MODEL", base / "marker"
    folder.mkdir()
    plant(folder, marker)
    run = runner(base)
    run("sign", "--generate-key", "key.pem")
    run("audit", folder, "--offline", "--out", "pack")
    run("attest", "bias-testing", folder, *ATTEST, "-o", "a.attestation.json")
    assert (base / "a.attestation.json").is_file()
    return base, marker


@pytest.fixture
def canary(planted, tmp_path) -> Path:
    """A copy of the folder to run in; where a trace would be."""
    base, marker = planted
    shutil.copytree(base, tmp_path, dirs_exist_ok=True)
    return marker


def test_the_trap_works(tmp_path) -> None:
    """The canary itself: run, it leaves its trace."""
    import subprocess

    folder, marker = tmp_path / "MODEL", tmp_path / "marker"
    folder.mkdir()
    plant(folder, marker)
    subprocess.run([sys.executable, "setup.py"], cwd=folder, check=True)
    assert marker.exists()


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_command_runs_the_subject(command, canary, run) -> None:
    done = run(*command)
    assert done.returncode in (0, 1, 2, 3)
    assert "this is a defect" not in done.stderr, done.stderr
    assert not canary.exists()


def test_every_verb_is_covered() -> None:
    from weighbridge.cli.main import VERBS

    reads_no_subject = {"rules", "clauses"}
    assert {command[0] for command in COMMANDS} == set(VERBS) - reads_no_subject
