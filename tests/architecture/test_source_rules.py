"""Rules of the house that no linter has."""

import ast
import functools
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "weighbridge"
MODULES = sorted(SOURCE.rglob("*.py"))
LONGEST = 330  # "about 300 lines"


def name(path: Path) -> str:
    return str(path.relative_to(SOURCE))


@functools.cache
def imports_and_calls(path: Path) -> tuple[set[str], set[str]]:
    """What a module imports, and which functions it calls by a plain name."""
    found: set[str] = set()
    calls: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            calls.add(node.func.id)
    return found, calls


def imports(path: Path) -> set[str]:
    return imports_and_calls(path)[0]


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_only_sources_and_testing_open_sockets(path: Path) -> None:
    if path.relative_to(SOURCE).parts[0] in ("sources", "testing"):
        return
    openers = {"socket", "ssl", "requests", "urllib.request", "http.client", "urllib3", "asyncio"}
    assert imports(path) & openers == set()


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_nothing_can_start_a_program_or_run_code(path: Path) -> None:
    if path.relative_to(SOURCE).parts[0] == "testing":
        return
    found, calls = imports_and_calls(path)
    assert found & {"subprocess", "multiprocessing", "pty", "runpy", "code"} == set()
    assert calls & {"eval", "exec", "compile", "__import__"} == set()


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_fits_a_readers_head(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST


def test_rules_read_no_clock_and_no_file() -> None:
    impure = {"os", "time", "pathlib", "random", "locale", "io", "datetime.datetime"}
    for path in (SOURCE / "rules").rglob("*.py"):
        if path.name == "registry.py":
            continue
        assert imports(path) & impure == set(), path
        assert "today(" not in path.read_text(), path
        assert ".now(" not in path.read_text(), path


def test_the_import_contracts_hold_and_have_no_exceptions() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    assert "ignore_imports" not in text
    done = subprocess.run(["lint-imports", "--no-cache"], cwd=ROOT, capture_output=True, text=True,
                          env=_with_venv_path(), check=False)  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:]


def _with_venv_path() -> dict[str, str]:
    import os
    import sys

    return {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
