"""Lock files: what they tell, other versions, and keys made to take forever."""

from __future__ import annotations

import time

import pytest

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.packages.locks import parse_pylock
from weighbridge.packages.poetry import parse_poetry_lock
from weighbridge.packages.pyproject import parse_pyproject
from weighbridge.packages.source import MalformedSource
from weighbridge.packages.toml import load_toml
from weighbridge.packages.uv_lock import parse_uv_lock

A, B = "a" * 64, "b" * 64

PYLOCK = f"""
lock-version = "1.0"
created-by = "a-tool"
[[packages]]
name = "torch"
version = "2.1.0"
dependencies = [{{name = "numpy"}}]
[[packages.wheels]]
name = "torch-2.1.0-py3-none-any.whl"
url = "https://mirror.invalid/torch-2.1.0-py3-none-any.whl"
hashes = {{sha256 = "{A}"}}
[packages.sdist]
name = "torch-2.1.0.tar.gz"
url = "https://mirror.invalid/torch-2.1.0.tar.gz"
hashes = {{sha256 = "{B}", md5 = "{"0" * 32}"}}
[[packages]]
name = "numpy"
version = "1.26.4"
[packages.sdist]
name = "numpy-1.26.4.tar.gz"
url = "https://mirror.invalid/numpy-1.26.4.tar.gz"
hashes = {{md5 = "{"0" * 32}"}}
[[packages]]
name = "colorama"
version = "0.4.6"
marker = "sys_platform == 'win32'"
[packages.sdist]
name = "colorama-0.4.6.tar.gz"
url = "https://mirror.invalid/colorama-0.4.6.tar.gz"
hashes = {{sha256 = "{B}"}}
[[packages]]
name = "local"
[packages.vcs]
type = "git"
url = "https://host.invalid/local"
commit-id = "{"0" * 40}"
"""

UV_LOCK = f"""
version = 1
revision = 3
requires-python = ">=3.11"
[[package]]
name = "project"
version = "0.1.0"
source = {{ virtual = "." }}
dependencies = [
    {{ name = "torch" }},
    {{ name = "colorama", marker = "sys_platform == 'win32'" }},
]
[package.dev-dependencies]
dev = [{{ name = "pytest" }}]
[[package]]
name = "torch"
version = "2.1.0"
source = {{ registry = "https://mirror.invalid/simple" }}
dependencies = [{{ name = "numpy", version = "1.26.4" }}]
sdist = {{ url = "x", hash = "sha256:{A}" }}
wheels = [{{ url = "y", hash = "sha256:{B}" }}]
[[package]]
name = "numpy"
version = "1.26.4"
source = {{ registry = "https://mirror.invalid/simple" }}
[[package]]
name = "numpy"
version = "2.0.0"
source = {{ registry = "https://mirror.invalid/simple" }}
[[package]]
name = "colorama"
version = "0.4.6"
source = {{ registry = "https://mirror.invalid/simple" }}
[[package]]
name = "pytest"
version = "8.0.0"
source = {{ git = "https://host.invalid/pytest?rev=main#{"0" * 40}" }}
"""

POETRY_LOCK = f"""
[[package]]
name = "torch"
version = "2.1.0"
optional = false
files = [{{file = "torch.whl", hash = "sha256:{A}"}}]
[package.dependencies]
Numpy = ">=1"
colorama = {{version = "*", markers = "sys_platform == \\"win32\\""}}
sometimes = [{{version = "1", markers = "python_version < \\"3\\""}}, {{version = "2"}}]
[[package]]
name = "colorama"
version = "0.4.6"
markers = 'sys_platform == "win32"'
files = []
[metadata]
lock-version = "2.1"
content-hash = "0"
"""


def test_pylock() -> None:
    source = parse_pylock("pylock.toml", PYLOCK.encode())
    torch, numpy, local = source.packages
    assert (torch.version, torch.pinned, torch.direct) == ("2.1.0", True, None)
    assert torch.hashes == (f"sha256:{A}", f"sha256:{B}")
    assert torch.requires == ("numpy",)
    assert numpy.hashes == ()
    assert (local.origin, local.version, local.pinned) == ("vcs", "", True)
    assert source.inactive == 1


def test_uv_lock_follows_the_graph_of_the_declared_environment() -> None:
    source = parse_uv_lock("uv.lock", UV_LOCK.encode())
    by_name = {p.name: p for p in source.packages}
    assert sorted(by_name) == ["numpy", "pytest", "torch"]
    assert by_name["numpy"].version == "1.26.4"
    assert by_name["torch"].hashes == (f"sha256:{A}", f"sha256:{B}")
    assert by_name["torch"].requires == ("numpy",)
    assert (by_name["torch"].direct, by_name["numpy"].direct) == (True, False)
    assert by_name["pytest"].origin == "vcs"
    assert source.inactive == 2
    assert source.format_version == "1.3"


def test_poetry_lock() -> None:
    source = parse_poetry_lock("poetry.lock", POETRY_LOCK.encode())
    (torch,) = source.packages
    assert (torch.version, torch.hashes) == ("2.1.0", (f"sha256:{A}",))
    assert torch.requires == ()
    assert source.inactive == 1
    assert [i.detail.split(",")[0] for i in source.issues] == [
        "torch requires numpy", "torch requires sometimes",
    ]  # fmt: skip
    assert all(issue.incomplete for issue in source.issues)


def test_old_poetry_locks_keep_their_hashes_in_the_metadata() -> None:
    text = (
        '[[package]]\nname = "torch"\nversion = "2.1.0"\n'
        '[metadata]\nlock-version = "1.1"\n'
        f'[metadata.files]\ntorch = [{{file = "t", hash = "sha256:{A}"}}]\n'
    )
    (torch,) = parse_poetry_lock("poetry.lock", text.encode()).packages
    assert torch.hashes == (f"sha256:{A}",)


@pytest.mark.parametrize(
    ("parser", "text"),
    [
        (parse_pylock, PYLOCK.replace('lock-version = "1.0"', 'lock-version = "2.0"')),
        (parse_pylock, PYLOCK.replace('lock-version = "1.0"', "")),
        (parse_uv_lock, UV_LOCK.replace("version = 1", "version = 2", 1)),
        (parse_uv_lock, UV_LOCK.replace("version = 1", "version = true", 1)),
        (parse_uv_lock, UV_LOCK.replace("version = 1", "", 1)),
        (parse_poetry_lock, POETRY_LOCK.replace('"2.1"', '"3.0"')),
        (parse_poetry_lock, POETRY_LOCK.replace('lock-version = "2.1"', "")),
        (parse_poetry_lock, ""),
    ],
)
def test_other_versions_are_refused(parser, text: str) -> None:
    with pytest.raises(MalformedSource, match=r"version .* (is|are) understood"):
        parser("lock", text.encode())


def test_a_later_minor_version_is_read_and_told() -> None:
    text = PYLOCK.replace('"1.0"', '"1.7"')
    source = parse_pylock("pylock.toml", text.encode())
    assert [i.kind for i in source.issues] == ["newer-format"]
    assert len(source.packages) == 3


@pytest.mark.parametrize(
    ("parser", "old", "new"),
    [
        (parse_pylock, 'name = "torch"', 'name = "../evil"'),
        (parse_pylock, 'version = "2.1.0"', 'version = "not a version"'),
        (parse_pylock, "torch-2.1.0-py3-none-any.whl", "numpy-2.1.0-py3-none-any.whl"),
        (parse_uv_lock, 'name = "torch"', "name = 1"),
        (parse_uv_lock, 'version = "2.1.0"', "version = [1]"),
        (parse_uv_lock, 'name = "numpy", version = "1.26.4"', 'name = "missing"'),
        (parse_uv_lock, "{ virtual = \".\" }", '"text"'),
        (parse_poetry_lock, 'name = "torch"', 'name = "to rch"'),
        (parse_poetry_lock, 'version = "2.1.0"', ""),
        (parse_poetry_lock, "[{file", "[1, {file"),
    ],
)  # fmt: skip
def test_malformed_entries_are_refused(parser, old: str, new: str) -> None:
    text = {parse_pylock: PYLOCK, parse_uv_lock: UV_LOCK, parse_poetry_lock: POETRY_LOCK}[parser]
    assert old in text
    with pytest.raises(HostileInput):
        parser("lock", text.replace(old, new).encode())


@pytest.mark.parametrize(
    "data",
    [
        b".".join([b"a"] * 5000) + b" = 1",
        b"\n".join(b".".join([b"k%d" % i] * 3000) + b"=1" for i in range(60)),
        b"[" + b".".join(b"a%d" % i for i in range(1000)) + b"]\n"
        + b"".join(b"x%d=1\n" % i for i in range(100_000)),
        b"a=" + b"[" * 5000,
        b"a='" + b"x" * (17 * 2**20),
        b"\xff",
        b"a=1\na=2",
        b"n=" + b"9" * 10_000,
    ],
)  # fmt: skip
def test_toml_made_to_take_forever_is_refused_at_once(data: bytes) -> None:
    started = time.process_time()
    with pytest.raises((MalformedSource, BoundExceeded)):
        load_toml("lock", data)
    assert time.process_time() - started < 5


def test_a_large_honest_lock_is_read() -> None:
    wheels = ",".join(
        f'{{ url = "https://mirror.invalid/a/torch-2.1.0-cp{i}-manylinux_2_17.whl", '
        f'hash = "sha256:{A}" }}'
        for i in range(300)
    )
    entries = "".join(
        f'[[package]]\nname = "p{i}"\nversion = "1.0.{i}"\nsource = {{ registry = "m" }}\n'
        for i in range(3_000)
    )
    text = (
        f'version = 1\n[[package]]\nname="torch"\nversion="2.1.0"\nwheels = [{wheels}]\n{entries}'
    )
    assert len(parse_uv_lock("uv.lock", text.encode()).packages) == 3_001


def test_pyproject_says_what_it_does_not_tell() -> None:
    text = (
        '[project]\nname = "x"\ndynamic = ["dependencies"]\n'
        'dependencies = ["torch", "bad requirement !", "w; sys_platform == \'win32\'"]\n'
    )
    source = parse_pyproject("pyproject.toml", text.encode())
    assert source is not None
    assert [p.name for p in source.packages] == ["torch"]
    assert [i.kind for i in source.issues] == ["dynamic", "unparsed"]
    assert source.inactive == 1
    assert parse_pyproject("pyproject.toml", b"[tool.x]\n") is None
    poetry = parse_pyproject("pyproject.toml", b'[tool.poetry.dependencies]\ntorch = "^2"\n')
    assert poetry is not None
    assert [(p.name, p.specifier, p.pinned) for p in poetry.packages] == [("torch", "^2", False)]


GROUPS = """
lock-version = "1.0"
created-by = "a-tool"
extras = ["gpu"]
dependency-groups = ["dev", "main"]
default-groups = ["main"]
"""


def _member(name: str, marker: str, more: str = "") -> str:
    return (
        f'[[packages]]\nname = "{name}"\nversion = "1"\nmarker = "{marker}"\n{more}'
        f'[packages.sdist]\nname = "{name}-1.tar.gz"\nurl = "https://mirror.invalid/{name}.tar.gz"\n'
        f'upload-time = 2025-01-02T23:30:00-05:00\nhashes = {{sha256 = "{A}"}}\n'
    )


def test_pylock_asks_for_no_extra_and_labels_what_a_group_adds() -> None:
    text = GROUPS + (
        _member("always", "'main' in dependency_groups", 'dependencies = [{name = "gpu-only"}]\n')
        + _member("gpu-only", "'gpu' in extras")
        + _member("tests", "'dev' in dependency_groups", 'dependencies = [{name = "always"}]\n')
        + _member("never", "'dev' in dependency_groups and sys_platform == 'win32'")
    )
    source = parse_pylock("pylock.toml", text.encode())
    assert {p.name: (p.groups, p.requires) for p in source.packages} == {
        "always": ((), ()), "tests": (("dev",), ("always",)),
    }  # fmt: skip
    assert {p.uploaded for p in source.packages} == {"2025-01-03"}
    assert source.inactive == 2


def test_pylock_follows_the_python_and_platform_it_is_for() -> None:
    text = GROUPS + 'requires-python = ">=3.13"\n' + _member("new", "python_version >= '3.13'")
    assert [p.name for p in parse_pylock("pylock.toml", text.encode()).packages] == ["new"]
    other = GROUPS + "environments = [\"sys_platform == 'win32'\"]\n" + _member("a", "")
    source = parse_pylock("pylock.toml", other.replace('marker = ""\n', "").encode())
    assert [(i.kind, i.incomplete) for i in source.issues] == [("unread", True)]


def test_ten_thousand_packages_of_a_pylock_take_seconds() -> None:
    text = GROUPS + "".join(_member(f"p{i}", "python_version >= '3.8'") for i in range(10_000))
    started = time.process_time()
    assert len(parse_pylock("pylock.toml", text.encode()).packages) == 10_000
    assert time.process_time() - started < 15
