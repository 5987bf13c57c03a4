"""Pipfile and Pipfile.lock: other versions, other shapes, and what honest ones tell."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.packages.pipfile import asked_for, parse_pipfile, parse_pipfile_lock
from weighbridge.packages.source import PackageSource

A = "a" * 64
COMMIT = "0123456789" * 4
META = {"pipfile-spec": 6, "requires": {"python_version": "3.11"}, "sources": []}


def lock(default: Any = None, develop: Any = None, **more: Any) -> PackageSource:
    body = {"_meta": META, "default": default or {}, "develop": develop or {}, **more}
    return parse_pipfile_lock("Pipfile.lock", json.dumps(body).encode())


@pytest.mark.parametrize("spec", [5, 7, "6", True, None, [6], 6.5, -6, 10**30])
def test_another_specification_is_refused(spec: Any) -> None:
    body = {"_meta": {"pipfile-spec": spec}, "default": {}}
    with pytest.raises(HostileInput, match="6 is understood"):
        parse_pipfile_lock("Pipfile.lock", json.dumps(body).encode())


@pytest.mark.parametrize(
    "data",
    [
        b"", b"[]", b"null", b"{}", b'{"_meta": 6}', b"\xff\xfe{\x00}\x00", b"{" * 100_000,
        b'{"_meta": {"pipfile-spec": 6, "pipfile-spec": 6}}',
        b'{"_meta": {"pipfile-spec": 6}, "default": []}',
        b'{"_meta": {"pipfile-spec": 6}, "default": {"a": {}, "a": {}}}',
        b'{"_meta": {"pipfile-spec": 6}, "default": {"a": 1}}',
        b'{"_meta": {"pipfile-spec": 6}, "default": {"../a": {"version": "==1"}}}',
        b'{"_meta": {"pipfile-spec": 6}, "default": {"a": {"version": 1}}}',
        b'{"_meta": {"pipfile-spec": 6}, "default": {"a": {"version": "==1; x"}}}',
        b'{"_meta": {"pipfile-spec": 6}, "default": {"a": {"version": "@ https://h/x"}}}',
        b'{"_meta": {"pipfile-spec": 6}, "default": {"a": {"hashes": "sha256:0"}}}',
        b'{"_meta": {"pipfile-spec": 6}, "default": {"a": {"git": 3}}}',
        b'{"_meta": {"pipfile-spec": 6, "requires": []}, "default": {}}',
        b'{"_meta": {"pipfile-spec": 6, "sources": [1]}, "default": {}}',
    ],
)  # fmt: skip
def test_other_shapes_are_refused(data: bytes) -> None:
    with pytest.raises(HostileInput):
        parse_pipfile_lock("Pipfile.lock", data)


def test_ten_thousand_packages_take_seconds_and_a_bound_stops_more() -> None:
    entry = {"version": "==1.0", "hashes": [f"sha256:{A}"] * 5,
             "markers": "python_version >= '3.8'"}  # fmt: skip
    started = time.process_time()
    assert len(lock({f"p{i}": entry for i in range(10_000)}).packages) == 10_000
    assert time.process_time() - started < 10
    with pytest.raises(BoundExceeded, match="20000 packages"):
        lock({f"p{i}": {"version": "==1"} for i in range(20_001)})


def test_what_a_lock_tells() -> None:
    source = lock(
        {
            "Foo.Bar_baz": {"version": "==1.0", "hashes": [f"sha256:{A}", "md5:" + "0" * 32]},
            "win": {"version": "==1.0", "markers": "sys_platform == 'win32'"},
            "old": {"version": "==1.0", "markers": "python_version < '3.8'"},
            "repo": {"git": "https://user:hunter2@host.invalid/repo.git", "ref": COMMIT},
            "branch": {"git": "https://host.invalid/branch.git", "ref": "main"},
            "here": {"path": ".", "editable": True},
            "file": {"file": "https://host.invalid/file.zip", "hashes": [f"sha256:{A}"]},
        },
        {"pytest": {"version": "==8.0"}, "foo-bar-baz": {"version": "==1.0"}},
        docs={"pytest": {"version": "==8.0"}, "sphinx": {"version": "==7"}},
    )
    by_name = {p.name: p for p in source.packages}
    assert sorted(by_name) == [
        "branch", "file", "foo-bar-baz", "here", "pytest", "repo", "sphinx",
    ]  # fmt: skip
    foo = by_name["foo-bar-baz"]
    assert (foo.version, foo.hashes, foo.groups, foo.direct) == ("1.0", (f"sha256:{A}",), (), None)
    assert by_name["pytest"].groups == ("dev", "docs")
    assert by_name["sphinx"].groups == ("docs",)
    assert {n: (p.origin, p.pinned) for n, p in by_name.items() if p.origin != "index"} == {
        "repo": ("vcs", True), "branch": ("vcs", False), "here": ("editable", False),
        "file": ("url", True),
    }  # fmt: skip
    assert "hunter2" not in repr(source)
    assert (source.inactive, source.issues) == (2, ())


def test_markers_are_read_for_the_python_that_is_asked_for() -> None:
    body = {
        "_meta": {"pipfile-spec": 6, "requires": {"python_version": "3.13"}},
        "default": {"new": {"version": "==1", "markers": "python_version >= '3.13'"}},
    }
    source = parse_pipfile_lock("Pipfile.lock", json.dumps(body).encode())
    assert [p.name for p in source.packages] == ["new"]
    assert source.environment["python_version"] == "3.13"


def test_another_source_than_the_first_is_told_without_its_secret() -> None:
    sources = [{"url": "https://mirror.invalid/simple"}, {"url": "https://u:hunter2@other.invalid"}]
    body = {"_meta": {"pipfile-spec": 6, "sources": sources}, "default": {}}
    source = parse_pipfile_lock("Pipfile.lock", json.dumps(body).encode())
    assert [(i.kind, i.detail) for i in source.issues] == [("index", "https://other.invalid")]


def test_a_pipfile_alone_gives_names_and_ranges() -> None:
    source = parse_pipfile(
        "Pipfile",
        b'[[source]]\nurl = "https://mirror.invalid/simple"\n'
        b'[packages]\nTorch = "==2.1.0"\nany = "*"\nrange = {version = ">=1,<2", extras = ["x"]}\n'
        b"win = {version = '*', sys_platform = \"== 'win32'\"}\nlocal = {path = './local'}\n"
        b'[dev-packages]\npytest = "*"\n[scripts]\nrun = "x"\n[pipenv]\nallow = true\n',
    )
    assert [(p.name, p.version, p.specifier, p.groups) for p in source.packages] == [
        ("torch", "2.1.0", "==2.1.0", ()), ("any", "", "", ()), ("range", "", "<2,>=1", ()),
        ("local", "", "@ ./local", ()), ("pytest", "", "", ("dev",)),
    ]  # fmt: skip
    assert all(package.direct for package in source.packages)
    assert [(i.kind, i.incomplete) for i in source.issues] == [("unread", True)]
    assert source.inactive == 1


def test_a_broken_pipfile_beside_the_lock_is_no_reason_to_refuse_the_lock() -> None:
    assert asked_for("Pipfile", b"= =") is None
    assert asked_for("Pipfile", b'[packages]\nA_b = "*"\n') == {"a-b"}
    data = json.dumps({"_meta": META, "default": {"a-b": {"version": "==1"}, "c": {}}}).encode()
    source = parse_pipfile_lock("Pipfile.lock", data, frozenset({"a-b"}))
    assert {p.name: p.direct for p in source.packages} == {"a-b": True, "c": False}
