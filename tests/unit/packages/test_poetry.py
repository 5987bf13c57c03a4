"""poetry.lock and pdm.lock: extras, groups, and the project file beside them."""

from __future__ import annotations

import time

import pytest

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.packages.pdm_lock import parse_pdm_lock
from weighbridge.packages.poetry import parse_poetry_lock
from weighbridge.packages.poetry_project import Project, exact, python_specifier, read_project
from weighbridge.packages.pyproject import parse_pyproject
from weighbridge.packages.source import PackageSource

A = "a" * 64
LOCK = """
[[package]]
name = "Requests"
version = "2.31.0"
optional = false
groups = ["main"]
[package.dependencies]
urllib3 = ">=1.21.1,<3"
PySocks = {version = ">=1.5.6", optional = true, markers = "extra == 'socks'"}
chardet = {version = ">=3", optional = true}
[package.extras]
socks = ["PySocks (>=1.5.6,!=1.5.7)"]
"use.chardet" = ["chardet (>=3)"]
[[package]]
name = "asker"
version = "1"
groups = ["main"]
dependencies = {requests = {version = "*", extras = ["socks"], markers = "MARKER"}}
[[package]]
name = "urllib3"
version = "2.0"
groups = ["main", "dev"]
[[package]]
name = "pysocks"
version = "1.7"
groups = ["main"]
[[package]]
name = "chardet"
version = "5"
groups = ["main"]
[[package]]
name = "pytest"
version = "8"
groups = ["dev", "test"]
markers = {dev = "sys_platform == 'win32'"}
[[package]]
name = "only-extra"
version = "1"
optional = true
groups = ["main"]
[[package]]
name = "windows"
version = "1"
groups = ["main", "dev"]
markers = {main = "sys_platform == 'win32'", dev = "sys_platform == 'win32'"}
[metadata]
lock-version = "2.1"
python-versions = "^3.12"
"""


def read(text: str, project: Project | None = None) -> PackageSource:
    return parse_poetry_lock("poetry.lock", text.encode(), project)


def requires(source: PackageSource) -> dict[str, tuple[str, ...]]:
    return {p.name: p.requires for p in source.packages if p.requires}


def test_an_extra_adds_its_edge_only_where_an_active_edge_asks_for_it() -> None:
    active = read(LOCK.replace("MARKER", "sys_platform == 'linux'"))
    assert requires(active) == {"requests": ("pysocks", "urllib3"), "asker": ("requests",)}
    inactive = read(LOCK.replace("MARKER", "sys_platform == 'win32'"))
    assert requires(inactive) == {"requests": ("urllib3",)}


def test_the_project_file_tells_who_is_direct_and_which_extras_it_asks_for() -> None:
    project = read_project(
        "pyproject.toml",
        b'[project]\ndependencies = ["Requests[Use_Chardet]>=2"]\n'
        b'[tool.poetry.group.test.dependencies]\nPyTest = {version = "^8", extras = []}\n',
    )
    source = read(LOCK.replace("MARKER", "sys_platform == 'win32'"), project)
    assert requires(source) == {"requests": ("chardet", "urllib3")}
    assert {p.name for p in source.packages if p.direct} == {"requests", "pytest"}
    assert all(p.direct is None for p in read(LOCK.replace("MARKER", "")).packages)
    assert read_project("pyproject.toml", b"= =") is None


def test_groups_are_labeled_and_optional_entries_are_inactive() -> None:
    source = read(LOCK.replace("MARKER", ""))
    groups = {p.name: p.groups for p in source.packages if p.groups}
    assert groups == {"pytest": ("test",)}
    assert source.inactive == 2
    assert source.environment["python_version"] == "3.12"
    old = LOCK.replace("MARKER", "").replace('groups = ["main"]', 'category = "dev"')
    assert {p.groups for p in read(old).packages if p.name == "requests"} == {("dev",)}


def test_an_index_of_its_own_and_a_missing_package_are_told() -> None:
    source = read(
        '[[package]]\nname = "a"\nversion = "1"\n[package.dependencies]\ngone = "*"\n'
        '[package.source]\ntype = "legacy"\nurl = "https://u:hunter2@other.invalid/simple"\n'
        '[metadata]\nlock-version = "2.0"\n'
    )
    assert [(i.kind, i.incomplete) for i in source.issues] == [("unread", True), ("index", False)]
    assert "hunter2" not in repr(source)


def test_a_cycle_of_ten_thousand_packages_is_read() -> None:
    text = "".join(
        f'[[package]]\nname = "p{i}"\nversion = "1"\ngroups = ["main"]\n'
        f'[package.dependencies]\np{(i + 1) % 10_000} = ">=1"\n'
        for i in range(10_000)
    )
    started = time.process_time()
    source = read(text + '[metadata]\nlock-version = "2.1"\n')
    assert time.process_time() - started < 15
    assert len(source.packages) == 10_000
    assert source.packages[-1].requires == ("p0",)


def test_a_graph_made_to_explode_stops_at_a_bound() -> None:
    many = "".join(f'[[package]]\nname = "a"\nversion = "{i}"\n' for i in range(5_000))
    extras = ", ".join(f'"x{i}"' for i in range(1_000))
    asker = (
        '[[package]]\nname = "b"\nversion = "1"\n[package.dependencies]\n'
        f"a = {{version = '*', extras = [{extras}]}}\n"
    )
    with pytest.raises(BoundExceeded, match="steps"):
        read(many + asker + '[metadata]\nlock-version = "2.1"\n')


@pytest.mark.parametrize(
    ("constraint", "specifier"),
    [
        ("^3.11", ">=3.11,<4"), ("~3.10", ">=3.10,<3.11"), ("~3", ">=3,<4"), ("*", ""),
        ("^0.2.3", ">=0.2.3,<0.3"), ("^0.0.3", ">=0.0.3,<0.0.4"), ("3.11.*", "==3.11.*"),
        (">=3.9, <4.0", ">=3.9,<4.0"), (">= 3.9 < 4", ">=3.9,<4"),
        (">=2.7,<2.8 || >=3.6", ">=3.6"), ("nonsense", "nonsense"), ("~=3.9", "~=3.9"),
    ],
)  # fmt: skip
def test_poetry_constraints_in_pep_440(constraint: str, specifier: str) -> None:
    assert python_specifier(constraint) == specifier


@pytest.mark.parametrize(
    ("constraint", "version"),
    [("1.2.3", "1.2.3"), ("==1.2", "1.2"), ("=1.2", "1.2"), ("^1.2", ""), ("1.*", ""), ("*", ""),
     (">=1,<2", ""), ("x" * 5_000, ""), ("1!!2", "")],
)  # fmt: skip
def test_a_bare_version_is_exact_in_poetry(constraint: str, version: str) -> None:
    assert exact(constraint) == version


def test_the_dependencies_of_a_poetry_project_are_ranges() -> None:
    source = parse_pyproject(
        "pyproject.toml",
        b"[tool.poetry.dependencies]\npython = '^3.10'\ntorch = '2.1.0'\nNum_py = '^1.26'\n"
        b"win = {version = '1', markers = \"sys_platform == 'win32'\"}\n"
        b"maybe = {version = '1', optional = true}\nold = {version = '1', python = '<3.8'}\n"
        b"repo = {git = 'https://u:hunter2@host.invalid/r', rev = 'main'}\n"
        b"here = {path = '../here', develop = true}\n"
        b"[tool.poetry.group.dev.dependencies]\npytest = '*'\n",
    )
    assert source is not None
    assert [(p.name, p.version, p.specifier, p.origin) for p in source.packages] == [
        ("torch", "2.1.0", "2.1.0", "index"), ("num-py", "", "^1.26", "index"),
        ("repo", "", "@ https://host.invalid/r", "vcs"),
        ("here", "", "@ ../here", "editable"),
    ]  # fmt: skip
    assert source.inactive == 3
    assert [(i.kind, i.incomplete) for i in source.issues] == [("unread", True)]


PDM = f"""
[metadata]
groups = ["default", "dev"]
lock_version = "4.5.0"
[[metadata.targets]]
requires_python = ">=3.12"
[[package]]
name = "Requests"
version = "2.31.0"
groups = ["default"]
dependencies = ["urllib3<3,>=1.21.1", "win; sys_platform == 'win32'"]
files = [{{file = "r.whl", hash = "sha256:{A}"}}]
[[package]]
name = "requests"
version = "2.31.0"
extras = ["socks"]
groups = ["default"]
dependencies = ["PySocks!=1.5.7,>=1.5.6", "requests==2.31.0"]
[[package]]
name = "pysocks"
version = "1.7"
groups = ["default"]
[[package]]
name = "urllib3"
version = "2"
groups = ["default", "dev"]
[[package]]
name = "pytest"
version = "8"
groups = ["dev"]
marker = "python_version >= '3.12'"
[[package]]
name = "win"
version = "1"
groups = ["default"]
marker = "sys_platform == 'win32'"
[[package]]
name = "repo"
version = "1"
git = "https://host.invalid/r"
revision = "{"0" * 40}"
"""


def test_a_pdm_lock() -> None:
    source = parse_pdm_lock("pdm.lock", PDM.encode())
    assert [(p.name, p.requires, p.groups, p.origin) for p in source.packages] == [
        ("requests", ("pysocks", "urllib3"), (), "index"), ("pysocks", (), (), "index"),
        ("urllib3", (), (), "index"), ("pytest", (), ("dev",), "index"), ("repo", (), (), "vcs"),
    ]  # fmt: skip
    assert source.packages[0].hashes == (f"sha256:{A}",)
    assert (source.inactive, source.issues) == (1, ())


@pytest.mark.parametrize(
    ("old", "new"),
    [('"4.5.0"', '"5.0"'), ('"4.5.0"', "4"), ('lock_version = "4.5.0"', ""),
     ('name = "pytest"', 'name = "py test"'), ('"urllib3<3', '1, "urllib3<3'),
     ('requires_python = ">=3.12"', "requires_python = 3"), ('version = "8"', 'version = "x y"')],
)  # fmt: skip
def test_other_pdm_locks_are_refused(old: str, new: str) -> None:
    assert old in PDM
    with pytest.raises(HostileInput):
        parse_pdm_lock("pdm.lock", PDM.replace(old, new, 1).encode())


def test_a_requirement_in_a_pdm_lock_that_cannot_be_read_is_told() -> None:
    source = parse_pdm_lock("pdm.lock", PDM.replace("urllib3<3,>=1.21.1", "url lib").encode())
    assert [(i.kind, i.incomplete) for i in source.issues] == [("unparsed", True)]
