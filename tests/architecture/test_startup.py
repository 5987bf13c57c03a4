"""`weighbridge --help` stays cheap: the modules it may not load, and what it costs."""

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

FORBIDDEN = {
    "asn1crypto", "blake3", "cryptography", "cyclonedx", "dulwich", "huggingface_hub",
    "jsonschema_rs", "license_expression", "pikepdf", "pip_audit", "pydantic", "pyhanko",
    "reportlab", "requests", "rfc3161_client", "rich", "sigstore", "tuf", "urllib3", "yaml",
}  # fmt: skip


# What a plain `weighbridge inspect` of one file can do without; each costs a millisecond or more.
UNUSED_BY_INSPECT = {
    "threading", "unicodedata", "weighbridge.model.facts.weights", "weighbridge.model.policy",
    "weighbridge.rules.weights.contradicting_architecture",
    "weighbridge.rules.weights.inconsistent_shards",
}  # fmt: skip


def loaded_by(*arguments: str) -> set[str]:
    """The packages and modules, by their full names, that a command imports."""
    code = (
        "import sys, json\n"
        "from weighbridge.cli.main import main\n"
        f"sys.argv = ['weighbridge', *{list(arguments)!r}]\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(json.dumps(sorted(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(done.stderr.splitlines()[-1]))


def test_help_loads_nothing_heavy() -> None:
    assert loaded_by("--help") & FORBIDDEN == set()
    assert loaded_by("--version") & FORBIDDEN == set()


def test_the_version_is_told_without_typer() -> None:
    assert loaded_by("--version") & (FORBIDDEN | {"typer", "click", "inspect", "pathlib"}) == set()


def test_the_modules_named_exist() -> None:
    """A misspelt name in the lists would make the tests here vacuous."""
    import importlib.util

    named = FORBIDDEN | UNUSED_BY_INSPECT
    assert {name for name in named if importlib.util.find_spec(name) is None} == set()


# Of those below, pydantic is typer's; what a verb itself does with it is not meant.
@pytest.mark.parametrize("line", ["rules list", "secrets {}", "replay {}", "report verify {}"])
def test_a_verb_takes_its_values_without_pydantic(line: str, tmp_path: Path) -> None:
    words = [word.format(tmp_path) for word in line.split()]
    assert "pydantic" not in loaded_by(*words)


def test_inspecting_a_pickle_loads_nothing_heavy(tmp_path) -> None:
    (tmp_path / "model.pkl").write_bytes(b"\x80\x04K\x01.")
    loaded = loaded_by("inspect", str(tmp_path / "model.pkl"))
    assert loaded & (FORBIDDEN | {"typer", "click", "zstandard", "lz4", "jinja2"}) == set()
    assert loaded & UNUSED_BY_INSPECT == set()
    assert "weighbridge.weights.pickle.stream" in loaded  # it was looked into
    assert "textwrap" not in loaded_by("inspect", "--format", "json", str(tmp_path / "model.pkl"))


def test_help_costs_at_most_150_ms_of_cpu() -> None:
    # CPU time, the best of several: what others on the machine do is not counted
    assert min(_cpu_of_help() for _ in range(5)) <= 0.150


def _cpu_of_help() -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "weighbridge", "--help"], capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
