"""Readers of package lists over anything at all: refuse or read, never crash, always the same."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
import tomli_w
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from weighbridge.edge.text import visible
from weighbridge.model.errors import HostileInput
from weighbridge.packages.environment import read_environment
from weighbridge.packages.locks import parse_pylock
from weighbridge.packages.markers import holds
from weighbridge.packages.poetry import parse_poetry_lock
from weighbridge.packages.pyproject import parse_pyproject
from weighbridge.packages.requirements import _logical_lines, parse_requirements
from weighbridge.packages.source import LINUX_311, PackageSource
from weighbridge.packages.uv_lock import parse_uv_lock

PIECES = st.sampled_from(
    ["torch", "==2.1.0", ">=2", "; ", "python_version", "<'3'", " --hash=", "sha256:" + "a" * 64,
     "\\\n", "\n", "#", " #", " ", "\t", "-r ", "-c ", "-e ", "../", "a.txt", "git+", "https://h/",
     "@", "[x]", "(", ")", "'", '"', "${X}", "--index-url=", "\u2028", "\x1b", "\r", ".whl", "===",
     "*", ",", "%", "=", "é", "\ufeff", "-", "--"]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=40).map("".join)
SLOW = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))


def check(source: PackageSource) -> None:
    for package in source.packages:
        assert package.name == package.name.lower()
        assert package.purl.startswith("pkg:pypi/")
        assert package.pinned or not package.version
        assert not any(c in package.specifier for c in "\n\x1b")
    for issue in source.issues:
        assert visible(issue.detail) == issue.detail
    for path in (*source.includes, *source.constraints):
        assert not path.startswith(("/", "../"))
        assert path != ".."


@SLOW
@given(st.one_of(st.binary(max_size=400), TEXTS.map(str.encode)))
def test_requirements_are_read_or_refused(data: bytes) -> None:
    try:
        source = parse_requirements("sub/requirements.txt", data)
    except HostileInput:
        return
    check(source)
    assert parse_requirements("sub/requirements.txt", data) == source


@SLOW
@given(TEXTS)
def test_lines_are_those_that_pip_sees(text: str) -> None:
    pip = pytest.importorskip("pip._internal.req.req_file")
    theirs = list(pip.preprocess(text.replace("${X}", "$X")))
    assert list(_logical_lines(text.replace("${X}", "$X"), "r.txt")) == theirs


NAMES = st.sampled_from(["torch", "numpy", "a", "Not_Normal", "", "../x", "é"])
SCALARS: st.SearchStrategy[Any] = st.one_of(
    NAMES, st.sampled_from(["1.0", "2.1", "x", "sys_platform == 'win32'", "sha256:" + "a" * 64]),
    st.integers(-5, 5), st.booleans(),
)  # fmt: skip
KEYS = st.sampled_from(
    ["name", "version", "source", "dependencies", "marker", "markers", "wheels", "sdist", "hash",
     "hashes", "files", "virtual", "git", "package", "packages", "metadata", "lock-version",
     "url", "optional", "extra"]
)  # fmt: skip
TREES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=6)),
    max_leaves=25,
)
ENTRIES = st.lists(st.dictionaries(KEYS, TREES, max_size=6), max_size=4)
HEADS: dict[Any, dict[str, Any]] = {
    parse_pylock: {"lock-version": "1.0", "created-by": "x"},
    parse_uv_lock: {"version": 1},
    parse_poetry_lock: {"metadata": {"lock-version": "2.0"}},
    parse_pyproject: {"project": {"name": "x"}},
}


@pytest.mark.parametrize("parser", list(HEADS), ids=lambda p: p.__name__)
@SLOW
@given(ENTRIES, TREES)
def test_lock_files_are_read_or_refused(parser: Any, entries: list[Any], extra: Any) -> None:
    key = "packages" if parser is parse_pylock else "package"
    body = {**HEADS[parser], key: entries, "tool": extra}
    with contextlib.suppress(HostileInput):
        source = parser("lock", tomli_w.dumps(body).encode())
        if source is not None:
            check(source)


@SLOW
@given(st.binary(max_size=200), st.sampled_from([parse_pylock, parse_uv_lock, parse_poetry_lock]))
def test_bytes_that_are_no_lock_are_refused(data: bytes, parser: Any) -> None:
    with pytest.raises(HostileInput):
        parser("lock", data)


@settings(SLOW, max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["Name", "Version", "License", "Requires-Dist", "Classifier", "", " x"]
            ),
            st.sampled_from(["a", "1", "b[x]; extra == 'y'", "a[y]", "(", "\x1b", "é", ""]),
        ),
        max_size=8,
    )
)
def test_metadata_are_read_or_told(tmp_path_factory: Any, lines: list[tuple[str, str]]) -> None:
    folder = tmp_path_factory.mktemp("site")
    (folder / "a-1.dist-info").mkdir()
    text = "".join(f"{name}: {value}\n" for name, value in lines)
    (folder / "a-1.dist-info" / "METADATA").write_text(text)
    source = read_environment(folder, label="environment:1")
    check(source)
    assert len(source.packages) + sum(i.kind == "unread" for i in source.issues) == 1


@pytest.mark.parametrize("name", sorted(LINUX_311))
def test_markers_are_never_filled_in_from_this_machine(name: str) -> None:
    from packaging.markers import default_environment

    assert set(LINUX_311) == set(default_environment())
    assert holds(f"{name} == '{LINUX_311[name]}'", LINUX_311) or not LINUX_311[name]
