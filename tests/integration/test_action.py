"""The GitHub action's audit step, run with bash as the runner would."""

import os
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())


def audit_step() -> dict:
    return next(step for step in ACTION["runs"]["steps"] if step["id"] == "audit")


def step(tmp_path: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    """The audit step, with its output in ``output`` and its summary in ``summary``."""
    given = {name: value["default"] for name, value in ACTION["inputs"].items()}
    given |= {"offline": "true", **inputs}
    variables = {
        name: given[template.removeprefix("${{ inputs.").removesuffix(" }}")]
        for name, template in audit_step()["env"].items()
    }
    tools = tmp_path / "weighbridge" / "bin"
    tools.mkdir(parents=True)
    (tools / "weighbridge").symlink_to(Path(sys.executable).parent / "weighbridge")
    return subprocess.run(
        ["bash", "-e", "-c", audit_step()["run"]],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, **variables, "RUNNER_TEMP": str(tmp_path),
             "GITHUB_OUTPUT": str(tmp_path / "output"),
             "GITHUB_STEP_SUMMARY": str(tmp_path / "summary")},
    )  # fmt: skip


def check_exit_code(done: subprocess.CompletedProcess[str], code: int, folder: Path) -> None:
    assert done.returncode == code, done.stderr
    pack = folder / "weighbridge-pack"
    assert (folder / "output").read_text() == f"exit-code={code}\npack={pack}\n"
    assert (pack / "audit.json").is_file()


def test_the_step_ends_with_the_audits_exit_code(tmp_path, model) -> None:
    check_exit_code(step(tmp_path, subject=str(model("tiny-chat"))), 0, tmp_path)


def test_a_violation_ends_with_1_a_summary_and_annotations(tmp_path, model) -> None:
    done = step(tmp_path, subject=str(model("unsigned_fail")))
    check_exit_code(done, 1, tmp_path)
    summary = (tmp_path / "summary").read_text()
    assert summary.startswith("## Weighbridge: unsigned&#95;fail\n")
    assert "**Gate CLOSED.**" in summary
    lines = done.stdout.splitlines()
    (begin,) = (i for i, line in enumerate(lines) if line.startswith("::stop-commands::"))
    end = lines.index(f"::{lines[begin].removeprefix('::stop-commands::')}::")
    assert any(line.startswith("::error title=unsigned-weights") for line in lines[end:])
    assert not any(line.startswith("::error") for line in lines[:end])


def test_where_the_audit_goes_wrong_there_is_nothing_to_show(tmp_path) -> None:
    done = step(tmp_path, subject=str(tmp_path / "absent"))
    assert done.returncode == 2
    assert (tmp_path / "output").read_text().startswith("exit-code=2\n")
    assert not (tmp_path / "summary").exists()


def test_inputs_are_never_pasted_into_the_script() -> None:
    assert all("${{" not in step["run"] for step in ACTION["runs"]["steps"])
