"""Exit codes that cannot be made to lie: by variables, by streams, by what a shell leaves empty."""

import io
import json
import os
import pickle
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

AUDIT = ("--offline", "--as-of", "2026-11-20")
COMMAND = (sys.executable, "-m", "weighbridge")
FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.is_char_device(), reason="there is no /dev/full here")


@pytest.mark.parametrize("name", ["VERSION", "HELP", "AUDIT_HELP"])
def test_no_variable_replaces_the_audit(run, model, name: str) -> None:
    done = run("audit", model("unsigned_fail"), *AUDIT, **{f"WEIGHBRIDGE_{name}": "1"})
    assert done.returncode == 1, done.stdout
    assert "violated" in done.stdout


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("AUDIT_VERSION", "AUDIT_REVISION"),
        ("AUDIT_POLCY", "AUDIT_POLICY"),
        ("AUDIT_FORMAT_", "AUDIT_FORMAT"),
        ("ADUIT_POLICY", "AUDIT_POLICY"),
        ("CACHEDIR", "CACHE_DIR"),
        ("NONSENSE", ""),
    ],
)
def test_a_variable_that_nothing_reads_is_an_error(run, model, name: str, meant: str) -> None:
    done = run("audit", model("tiny-chat"), *AUDIT, **{f"WEIGHBRIDGE_{name}": "strict"})
    assert (done.returncode, done.stdout) == (2, "")
    assert f"no flag has the variable WEIGHBRIDGE_{name}" in done.stderr
    assert (f"Did you mean WEIGHBRIDGE_{meant}?" in done.stderr) is bool(meant)


def test_variables_of_a_cluster_and_of_other_verbs_are_none_of_ours(run, model) -> None:
    names = ("PORT", "PORT_80_TCP_ADDR", "SERVICE_HOST", "CACHE_DIR", "SIGN_KEY",
             "RULES_LIST_FORMAT")  # fmt: skip
    variables = {f"WEIGHBRIDGE_{name}": "/tmp" for name in names}
    done = run("audit", model("tiny-chat"), *AUDIT, **variables)
    assert "no flag has the variable" not in done.stderr
    assert done.returncode != 2


@pytest.mark.parametrize(
    "command",
    [
        ("rules", "list"),
        ("rules", "explain", "untrusted-signer"),
        ("clauses", "list"),
        ("policy", "show", "baseline"),
    ],
)
def test_each_format_has_a_variable_of_its_own_name(run, command: tuple[str, ...]) -> None:
    variable = f"WEIGHBRIDGE_{command[0]}_{command[1]}_FORMAT".upper()
    assert run(*command, **{variable: "json"}).stdout.startswith("{")


@pytest.mark.parametrize("arguments", [("",), (".", "--revision", "")])
def test_an_empty_argument_is_no_default(run_here, model, arguments: tuple[str, ...]) -> None:
    model("tiny-chat")
    done = run_here("audit", *arguments, *AUDIT)
    assert done.returncode == 2
    assert "is empty" in done.stderr


@pytest.mark.parametrize("command", [("audit", "MODEL", *AUDIT), ("rules", "list"), ("--help",)])
def test_a_reader_that_goes_away_is_no_verdict(model, command: tuple[str, ...]) -> None:
    folder = str(model("tiny-chat"))
    read, write = os.pipe()
    os.close(read)
    arguments = [folder if a == "MODEL" else a for a in command]
    done = subprocess.run([*COMMAND, *arguments], stdout=write, stderr=subprocess.PIPE, check=False)
    os.close(write)
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr


@needs_full
def test_a_full_disk_is_no_verdict(model) -> None:
    folder = str(model("tiny-chat"))
    with FULL.open("wb") as full:
        done = subprocess.run([*COMMAND, "audit", folder, *AUDIT], stdout=full,
                              stderr=subprocess.PIPE, check=False)  # fmt: skip
        assert done.returncode == 2
        assert b"Traceback" not in done.stderr
        assert b"cannot be written" in done.stderr
        for arguments in (("audit", "no-such-model"), ("audit", folder, "--policy", "nope")):
            unheard = subprocess.run([*COMMAND, *arguments], stderr=full, check=False)
            assert unheard.returncode == 2


def test_closed_streams_count_as_dev_null(model) -> None:
    shell = f'"{sys.executable}" -m weighbridge audit "$0" --offline'
    codes = [
        subprocess.run(["sh", "-c", f"{shell} {closed}", str(model(name))], check=False).returncode
        for name, closed in (("tiny-chat", ">&- 2>&-"), ("unsigned_fail", ">&-"))
    ]
    assert codes == [0, 1]


def test_text_that_the_terminal_cannot_show(run) -> None:
    done = run("rules", "explain", "unsafe-content", PYTHONIOENCODING="latin-1")
    assert done.returncode == 0
    assert "Traceback" not in done.stderr


def test_a_device_is_written_to_and_not_replaced(run, model, tmp_path) -> None:
    target = tmp_path / "nowhere"
    target.symlink_to("/dev/null")
    done = run("audit", model("unsigned_fail"), *AUDIT, "-o", target)
    assert done.returncode == 1
    assert target.is_symlink()
    assert Path("/dev/null").is_char_device()
    shown = run("audit", tmp_path / "unsigned_fail", *AUDIT, "-f", "json", "-o", "/dev/stdout")
    assert json.loads(shown.stdout)["verdict"]["exit_code"] == 1


def test_an_out_folder_whose_name_is_too_long(run_here, model) -> None:
    done = run_here("audit", model("tiny-chat"), *AUDIT, "--out", "x" * 300)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "cannot be used" in done.stderr


def test_a_strangers_configuration_is_not_used(run, model, tmp_path) -> None:
    folder = model("malformed_fail")
    (folder / "loose.yaml").write_text(
        "schema: 1\nid: loose\nversion: '1'\nowner: mallory\nextends: baseline\n"
        "gate: {fail_on: critical, because: mine}\n"
    )
    (folder / "weighbridge.yaml").write_text("policies: [./loose.yaml]\n")
    (folder / "x.py").write_text("")
    command = [*COMMAND, "audit", ".", *AUDIT]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "inside of what is audited" in done.stderr
    assert run("audit", folder, *AUDIT).returncode == 1  # from outside nobody looks for it
    named = subprocess.run([*command, "--config", "weighbridge.yaml"], cwd=folder,
                           capture_output=True, text=True, check=False)  # fmt: skip
    assert "Configuration: weighbridge.yaml" in named.stderr


def test_a_pack_inside_of_the_model_is_said(run_here, model) -> None:
    folder = model("tiny-chat")
    assert "inside of the model" in run_here("audit", folder, *AUDIT, "--out", folder / "p").stderr
    assert "inside of the model" not in run_here("audit", folder, *AUDIT, "--out", "p").stderr


class _Trace:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return print, ("loaded",)


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_weights_in_an_archive_are_not_passed_over(run_here, model, mode: str) -> None:
    folder = model("tiny-chat")
    data = pickle.dumps({"state": _Trace()})
    info = tarfile.TarInfo("model_weights.ckpt")
    info.size = len(data)
    with tarfile.open(folder / "model.nemo", mode) as archive:
        archive.addfile(info, io.BytesIO(data))
    (folder / "model.sig").unlink()
    done = run_here("audit", folder, *AUDIT, "-f", "json")
    assert done.returncode == 1
    rules = {r["rule"]: r for r in json.loads(done.stdout)["results"]}
    assert "builtins.print" in json.dumps(rules["unsafe-content"]["findings"])
    assert "model.nemo" in json.dumps(rules["unsigned-weights"]["findings"])


def test_a_record_with_other_files_does_not_replay(run_here, model, tmp_path) -> None:
    run_here("audit", model("unsigned_fail"), "--out", "pack", *AUDIT)
    path = tmp_path / "pack" / "audit.json"
    record = json.loads(path.read_bytes())
    record["artifacts"] = record["artifacts"][1:]
    path.write_text(json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False))
    done = run_here("replay", "pack")
    assert done.returncode == 1
    assert "subject:" in done.stdout


def test_replay_does_not_wait_for_a_fifo(run, tmp_path) -> None:
    os.mkfifo(tmp_path / "audit.json")
    assert run("replay", tmp_path / "audit.json").returncode == 2


def test_the_format_has_a_variable_of_its_own_name(run, model) -> None:
    done = run("audit", model("tiny-chat"), "--offline", WEIGHBRIDGE_AUDIT_FORMAT="json")
    assert done.stdout.startswith("{")
