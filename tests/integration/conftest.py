"""Running the command as a user does."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """``run("audit", folder, …)``: the command in a process of its own, in ``tmp_path``."""
    return runner(tmp_path)


def runner(folder: Path) -> Run:
    """The command in a process of its own, in a folder."""

    def run(*arguments: object, prefix: tuple[str, ...] = (), **variables: str):
        return subprocess.run(
            [*prefix, sys.executable, "-m", "weighbridge", *map(str, arguments)],
            capture_output=True,
            text=True,
            cwd=folder,
            env={**os.environ, **variables},
            timeout=120,
            check=False,
        )

    return run


@pytest.fixture
def model(tmp_path: Path) -> Callable[[str], Path]:
    """``model("tiny-chat")``: a copy of a fixture model, outside any git repository."""

    def copy(case: str) -> Path:
        return Path(shutil.copytree(ROOT / "fixtures" / "models" / case, tmp_path / case))

    return copy


@pytest.fixture
def policies() -> Path:
    return ROOT / "policies"
