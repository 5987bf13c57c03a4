"""The GitHub action's audit step, run with bash as the runner would."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())


def audit_step() -> dict:
    return next(step for step in ACTION["runs"]["steps"] if step["id"] == "audit")


@pytest.mark.parametrize(("case", "code"), [("tiny-chat", 0), ("unsigned_fail", 1)])
def test_the_step_ends_with_the_audits_exit_code(case, code, tmp_path, model) -> None:
    given = {name: value["default"] for name, value in ACTION["inputs"].items()}
    given |= {"subject": str(model(case)), "offline": "true"}
    variables = {
        name: given[template.removeprefix("${{ inputs.").removesuffix(" }}")]
        for name, template in audit_step()["env"].items()
    }
    tools = tmp_path / "weighbridge" / "bin"
    tools.mkdir(parents=True)
    (tools / "weighbridge").symlink_to(Path(sys.executable).parent / "weighbridge")
    output = tmp_path / "output"
    done = subprocess.run(
        ["bash", "-e", "-c", audit_step()["run"]],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, **variables, "RUNNER_TEMP": str(tmp_path), "GITHUB_OUTPUT": str(output)},
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    assert output.read_text() == f"exit-code={code}\npack={tmp_path}/weighbridge-pack\n"
    assert (tmp_path / "weighbridge-pack" / "audit.json").is_file()


def test_inputs_are_never_pasted_into_the_script() -> None:
    assert all("${{" not in step["run"] for step in ACTION["runs"]["steps"])
