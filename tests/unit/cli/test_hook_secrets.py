"""The pre-commit hook on secrets judges what is staged, and only the files it is given."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.integration.conftest import runner
from tests.unit.collect.secret_samples import Maker

sys.path.insert(0, str(Path(__file__).parents[2] / "integration"))
from git_tools import new_repository


def test_a_staged_token_blocks_and_one_only_on_disk_does_not(tmp_path) -> None:
    git = new_repository(tmp_path / "model")
    run = runner(git.top)
    token = Maker(3).crc("ghp")
    (git.top / "a.py").write_text(f"t = '{token}'\n")
    (git.top / "b.py").write_text("x = 1\n")
    git("add", "-A")
    (git.top / "a.py").write_text("t = None\n")
    (git.top / "b.py").write_text(f"t = '{token}'\n")
    done = run("hook", "secrets", "a.py", "b.py")
    assert done.returncode == 1, done.stderr
    assert "a.py:1" in done.stdout
    assert "b.py" not in done.stdout
    assert token[4:12] not in done.stdout + done.stderr
    assert run("hook", "secrets", "b.py").returncode == 0
