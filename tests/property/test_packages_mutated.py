"""Valid lists of packages with anything at all put anywhere: read or refused, never a crash."""

from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
import tomli_w
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from weighbridge.edge.text import visible
from weighbridge.model.errors import HostileInput
from weighbridge.packages.conda import parse_conda_environment, parse_conda_prefix
from weighbridge.packages.conda_lock import parse_conda_lock
from weighbridge.packages.inline import parse_script
from weighbridge.packages.locks import parse_pylock
from weighbridge.packages.notebook import parse_notebook
from weighbridge.packages.pdm_lock import parse_pdm_lock
from weighbridge.packages.pipfile import parse_pipfile, parse_pipfile_lock
from weighbridge.packages.poetry import parse_poetry_lock
from weighbridge.packages.poetry_project import read_project
from weighbridge.packages.pyproject import parse_pyproject
from weighbridge.packages.source import PackageSource
from weighbridge.packages.uv_lock import parse_uv_lock

A = "a" * 64
Reader = Callable[[str, bytes], Any]


def prefix(path: str, data: bytes) -> PackageSource:
    return parse_conda_prefix(path, [("a.json", data)])


def poetry_with_project(path: str, data: bytes) -> PackageSource:
    lock = tomli_w.dumps(DOCUMENTS["poetry"][2]).encode()
    return parse_poetry_lock(path, lock, read_project(path, data))


def script(path: str, data: bytes) -> PackageSource | None:
    lines = data.decode().split("\n")
    text = "\n".join(["# /// script", *(f"# {line}" for line in lines), "# ///"])
    return parse_script(path, text.encode())


def as_json(body: Any) -> bytes:
    return json.dumps(body).encode()


def as_toml(body: Any) -> bytes:
    return tomli_w.dumps(body).encode()


def as_yaml(body: Any) -> bytes:
    return yaml.safe_dump(body).encode()


UV_FILE = {"url": "u", "hash": f"sha256:{A}", "upload-time": "2025-01-02T03:04:05Z"}
PROJECT = {
    "project": {"requires-python": ">=3.11", "dependencies": ["a[e]>=1; os_name=='posix'"]},
    "dependency-groups": {"dev": ["b", {"include-group": "x"}]},
    "tool": {
        "uv": {"index": [{"url": "https://h.invalid"}], "sources": {"a": {"git": "g", "rev": "r"}}},
        "poetry": {"dependencies": {"c": {"version": "^1", "python": "^3.8", "extras": ["e"]}},
                   "group": {"dev": {"dependencies": {"d": "*"}}}},
    },
}  # fmt: skip
DOCUMENTS: dict[str, tuple[Reader, Callable[[Any], bytes], dict[str, Any]]] = {
    "uv": (parse_uv_lock, as_toml, {
        "version": 1, "revision": 3, "requires-python": ">=3.11", "conflicts": [[{"extra": "x"}]],
        "supported-markers": ["os_name == 'posix'"],
        "manifest": {"members": ["p"], "requirements": [{"name": "a"}],
                     "dependency-groups": {"g": [{"name": "a"}]}},
        "package": [
            {"name": "p", "source": {"editable": "."}, "dev-dependencies": {"g": [{"name": "a"}]},
             "dependencies": [{"name": "a", "extra": ["e"], "marker": "os_name == 'posix'"}]},
            {"name": "a", "version": "1", "source": {"registry": "https://h.invalid"},
             "resolution-markers": ["os_name == 'posix'"], "sdist": UV_FILE, "wheels": [UV_FILE],
             "optional-dependencies": {"e": [{"name": "a", "version": "1"}]}},
        ]}),
    "pylock": (parse_pylock, as_toml, {
        "lock-version": "1.0", "created-by": "x", "requires-python": ">=3.11", "extras": ["e"],
        "environments": ["os_name == 'posix'"], "dependency-groups": ["g"], "default-groups": ["g"],
        "packages": [{"name": "a", "version": "1", "marker": "'g' in dependency_groups",
                      "index": "https://h.invalid", "dependencies": [{"name": "a"}],
                      "sdist": {"name": "a-1.tar.gz", "url": "u", "hashes": {"sha256": A}}}]}),
    "poetry": (parse_poetry_lock, as_toml, {
        "package": [{"name": "a", "version": "1", "optional": False, "groups": ["main"],
                     "markers": {"main": "os_name == 'posix'"}, "extras": {"e": ["a (>=1)"]},
                     "files": [{"file": "f", "hash": f"sha256:{A}"}],
                     "source": {"type": "legacy", "url": "https://h.invalid"},
                     "dependencies": {"a": [{"version": "*", "extras": ["e"], "optional": True,
                                             "markers": "extra == 'e'"}]}}],
        "metadata": {"lock-version": "2.1", "python-versions": "^3.11", "files": {"a": []}}}),
    "pdm": (parse_pdm_lock, as_toml, {
        "metadata": {"lock_version": "4.5", "targets": [{"requires_python": ">=3.11"}]},
        "package": [{"name": "a", "version": "1", "groups": ["dev"], "marker": "os_name == 'nt'"},
                    {"name": "b", "version": "1", "dependencies": ["b[x]>=1; os_name == 'posix'"],
                     "files": [{"hash": f"sha256:{A}"}], "git": "g", "revision": "r"}]}),
    "pipfile.lock": (parse_pipfile_lock, as_json, {
        "_meta": {"pipfile-spec": 6, "requires": {"python_version": "3.11"},
                  "sources": [{"url": "https://h.invalid"}, {"url": "https://i.invalid"}]},
        "default": {"a": {"version": "==1", "hashes": [f"sha256:{A}"], "markers": "os_name > ''"}},
        "develop": {"b": {"git": "https://h.invalid/b", "ref": "main", "editable": True}}}),
    "pipfile": (parse_pipfile, as_toml, {
        "source": [{"url": "https://h.invalid"}], "requires": {"python_version": "3.11"},
        "packages": {"a": "*", "b": {"version": "==1", "sys_platform": "== 'linux'"}},
        "dev-packages": {"c": {"path": "."}}}),
    "pyproject": (parse_pyproject, as_toml, PROJECT),
    "script": (script, as_toml, {"requires-python": ">=3.11", "dependencies": ["a", "b @ x:/y"],
                                 "tool": PROJECT["tool"]}),
    "project": (poetry_with_project, as_toml, PROJECT),
    "notebook": (parse_notebook, as_json, {
        "nbformat": 4, "cells": [{"cell_type": "code", "source": ["%pip install a==1\n", "x"]},
                                 {"cell_type": "code", "source": "# /// script\n# a = 1\n# ///"},
                                 {"cell_type": "code", "source": "%%bash\nconda install a=1"}]}),
    "conda-meta": (prefix, as_json, {
        "name": "a", "version": "1", "build": "0", "channel": "c", "subdir": "s", "license": "MIT",
        "url": "https://h.invalid/a-1-0.conda", "sha256": A, "depends": ["a >=1"],
        "files": ["lib/site-packages/a-1.dist-info/METADATA"], "requested_spec": "a"}),
    "conda.yml": (parse_conda_environment, as_yaml, {
        "channels": ["https://h.invalid"], "dependencies": ["a=1=b", {"pip": ["b==1", "-r c"]}]}),
    "conda-lock": (parse_conda_lock, as_yaml, {
        "version": 1, "package": [
            {"name": "a", "version": "1", "manager": m, "platform": "linux-64", "category": "dev",
             "dependencies": {"a": "1"}, "hash": {"sha256": A}, "optional": False,
             "url": "https://h.invalid/c/linux-64/a-1-0.conda"} for m in ("conda", "pip")]}),
}  # fmt: skip

PIECES = st.text(
    st.sampled_from("aZ09._-=<>!~^*|,;:@#/\\ \t\r'\"[](){}$%&é\u202e\u2028\ufeff\x7f"), max_size=30
)
WORDS = st.sampled_from(
    ["", "../x", "a" * 300, "==1", "1.0", ">=3.11", "os_name == 'nt'", "extra == 'e'", "*", "^1",
     "https://u:p@h.invalid/x.whl", "git+https://h.invalid/x", "%pip install {x}", "!pip install '",
     "# /// script", "2025-01-01T00:00:00", "0001-01-01T00:00:00+23:59", "(" * 2_000]
)  # fmt: skip
SCALARS: st.SearchStrategy[Any] = st.one_of(
    PIECES, WORDS, st.integers(-(2**63), 2**63 - 1), st.booleans(),
    st.floats(allow_nan=False, allow_infinity=False),
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.one_of(PIECES, WORDS), inner, max_size=3)
    ),
    max_leaves=6,
)
SLOW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every container of a document with each of its keys."""
    found: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        container = waiting.pop()
        keys = range(len(container)) if isinstance(container, list) else list(container)
        for key in keys:
            found.append((container, key))
            if isinstance(container[key], list | dict):
                waiting.append(container[key])
    return found


@st.composite
def mutated(draw: st.DrawFn, document: dict[str, Any]) -> dict[str, Any]:
    """A document with up to three values replaced, taken away, or given another name."""
    body = copy.deepcopy(document)
    for _ in range(draw(st.integers(1, 3))):
        if not body:
            break
        container, key = draw(st.sampled_from(places(body)))
        change = draw(st.sampled_from(["replace", "replace", "remove", "rename"]))
        if change == "remove":
            del container[key]
        elif change == "rename" and isinstance(container, dict):
            container[draw(st.one_of(PIECES, WORDS))] = container.pop(key)
        else:
            container[key] = draw(VALUES)
    return body


def check(source: PackageSource) -> None:
    for package in source.packages:
        assert package.name == package.name.lower()
        assert package.purl.startswith(f"pkg:{package.ecosystem}/")
        for text in (package.specifier, package.license, package.url, *package.groups):
            assert visible(text, 10_000) == text
        assert ":p@" not in package.specifier
    for issue in source.issues:
        assert visible(issue.detail, 300) == issue.detail
        assert ":p@" not in issue.detail
    for path in (*source.includes, *source.constraints):
        assert not path.startswith(("/", "../"))


@pytest.mark.parametrize("kind", sorted(DOCUMENTS))
def test_the_documents_are_valid_before_they_are_changed(kind: str) -> None:
    reader, write, document = DOCUMENTS[kind]
    source = reader("a/file", write(document))
    check(source)
    assert source.packages


@pytest.mark.parametrize("kind", sorted(DOCUMENTS))
@SLOW
@given(data=st.data())
def test_anything_anywhere_is_read_or_refused(kind: str, data: st.DataObject) -> None:
    reader, write, document = DOCUMENTS[kind]
    body = data.draw(mutated(document))
    try:
        written = write(body)
    except UnicodeEncodeError:
        return
    with contextlib.suppress(HostileInput):
        source = reader("a/file", written)
        if source is not None:
            check(source)
            assert reader("a/file", written) == source


@pytest.mark.parametrize("kind", sorted(DOCUMENTS))
@SLOW
@given(
    st.one_of(
        st.binary(max_size=200),
        st.text(max_size=100).map(lambda text: text.encode("utf-16", "surrogatepass")),
        st.text(max_size=100).map(lambda text: text.encode("utf-8-sig", "replace")),
    )
)
def test_any_bytes_are_read_or_refused(kind: str, data: bytes) -> None:
    reader = DOCUMENTS[kind][0] if kind not in ("script", "project") else parse_script
    with contextlib.suppress(HostileInput):
        source = reader("a/file", data)
        if source is not None:
            check(source)
