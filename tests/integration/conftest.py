"""Running the command as a user does."""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from tempfile import TemporaryFile

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
def run_here(tmp_path: Path) -> Run:
    """:func:`run` in this process, which saves the start of one: for what needs no own process."""
    return runner_here(tmp_path)


def runner_here(folder: Path) -> Run:
    """The command in this process, in a folder: same arguments and answer as :func:`runner`."""

    def run(*arguments: object, **variables: str) -> subprocess.CompletedProcess[str]:
        from weighbridge.cli.main import main

        words = ["weighbridge", *map(str, arguments)]
        code: object = 0
        with (
            TemporaryFile("w+", encoding="utf-8") as out,
            TemporaryFile("w+", encoding="utf-8") as told,
            _as_process(folder, words, variables), redirect_stdout(out), redirect_stderr(told),
        ):  # fmt: skip
            try:
                main()
            except SystemExit as end:
                code = end.code or 0
            texts = [(stream.seek(0), stream.read())[1] for stream in (out, told)]
        assert isinstance(code, int), "a text in place of an exit code"
        return subprocess.CompletedProcess(words, code, *texts)

    return run


@contextmanager
def _as_process(folder: Path, words: list[str], variables: dict[str, str]) -> Iterator[None]:
    """What a process has of its own, put back at the end: arguments, folder, variables."""
    argv, before, here, thresholds = sys.argv, dict(os.environ), Path.cwd(), gc.get_threshold()
    sys.argv = words
    os.chdir(folder)
    os.environ.update(variables)
    try:
        yield
    finally:
        sys.argv = argv
        os.chdir(here)
        os.environ.clear()
        os.environ.update(before)
        gc.set_threshold(*thresholds)


@pytest.fixture
def model(tmp_path: Path) -> Callable[[str], Path]:
    """``model("tiny-chat")``: a copy of a fixture model, outside any git repository."""

    def copy(case: str) -> Path:
        return Path(shutil.copytree(ROOT / "fixtures" / "models" / case, tmp_path / case))

    return copy


@pytest.fixture
def policies() -> Path:
    return ROOT / "policies"
