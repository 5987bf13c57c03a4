"""Conda: records of a prefix, environment files, lock files and match specifications."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.packages.conda import parse_conda_environment, parse_conda_prefix
from weighbridge.packages.conda_lock import parse_conda_lock
from weighbridge.packages.match_spec import parse_match_spec
from weighbridge.packages.source import MalformedSource, PackageSource

A = "a" * 64


def prefix(*records: Any, installed: tuple[str, ...] = ()) -> PackageSource:
    named = [(f"{i}.json", json.dumps(r).encode()) for i, r in enumerate(records)]
    return parse_conda_prefix("env/conda-meta", named, installed)


@pytest.mark.parametrize(
    "record",
    [
        1, [], {}, {"name": "a"}, {"name": "a/b", "version": "1"}, {"name": 1, "version": "1"},
        {"name": "a", "version": 1}, {"name": "a", "version": "1 2"},
        {"name": "a", "version": "1", "depends": "b"}, {"name": "a", "version": "1", "files": [1]},
        {"name": "a", "version": "1", "depends": ["b; c"]}, {"name": "a", "version": "1", "url": 3},
        {"name": "x" * 300, "version": "1"}, {"name": "a", "version": "1", "license": {}},
    ],
)  # fmt: skip
def test_a_broken_record_is_told_and_the_others_are_read(record: Any) -> None:
    source = prefix(record, {"name": "zlib", "version": "1.2.13"})
    assert [p.name for p in source.packages] == ["zlib"]
    assert [i.incomplete for i in source.issues] == [True]


def test_records_that_are_no_json_are_told() -> None:
    records = [("a.json", b"\xff\xfe{\x00"), ("b.json", b'{"name": "b", "name": "b"}')]
    assert len(parse_conda_prefix("conda-meta", records).issues) == 2


def test_a_cycle_of_ten_thousand_records_is_read() -> None:
    records = [
        {"name": f"p{i}", "version": "1", "depends": [f"p{(i + 1) % 10_000} >=1", "__glibc >=2"]}
        for i in range(10_000)
    ]
    started = time.process_time()
    source = prefix(*records)
    assert time.process_time() - started < 10
    assert len(source.packages) == 10_000
    assert source.packages[-1].requires == ("p0",)
    with pytest.raises(BoundExceeded, match="dependencies"):
        prefix({"name": "a", "version": "1", "depends": ["b"] * 200_001})


def test_what_an_installed_prefix_tells() -> None:
    metadata = "lib/python3.11/site-packages/torch-2.1.0.dist-info/METADATA"
    source = prefix(
        {
            "name": "pytorch", "version": "2.1.0", "build": "py3.11_cuda12.1_0",
            "channel": "https://conda.invalid/pytorch/linux-64", "subdir": "linux-64",
            "url": "https://u:hunter2@conda.invalid/pytorch/linux-64/pytorch-2.1.0-0.tar.bz2",
            "sha256": A, "license": "BSD-3-Clause", "files": ["bin/x", metadata],
            "depends": ["_OpenMP_mutex >=4", "missing"], "requested_spec": "pytorch==2.1.0",
        },
        {
            "name": "_openmp_mutex", "version": "4.5", "build": "2_gnu", "channel": "conda-forge",
            "subdir": "linux-64", "requested_spec": "None",
            "url": "https://conda.invalid/conda-forge/linux-64/_openmp_mutex-4.5-2_gnu.conda",
        },
    )  # fmt: skip
    torch, mutex = source.packages
    assert (torch.purl, torch.version, torch.hashes) == (
        "pkg:pypi/torch@2.1.0", "2.1.0", (f"sha256:{A}",),
    )  # fmt: skip
    assert (torch.direct, torch.license, torch.requires) == (
        True, "BSD-3-Clause", ("_openmp_mutex",),
    )  # fmt: skip
    assert mutex.purl == (
        "pkg:conda/_openmp_mutex@4.5?build=2_gnu&channel=conda-forge&subdir=linux-64&type=conda"
    )
    assert (mutex.direct, mutex.pinned) == (False, True)
    assert "hunter2" not in repr(source)
    assert [i.detail for i in source.issues] == [
        "missing is required, and no record of it is there"
    ]


@pytest.mark.parametrize(
    ("text", "name", "version", "build"),
    [
        ("numpy", "numpy", "", ""),
        ("numpy=1.26", "numpy", "", ""),
        ("numpy==1.26.4", "numpy", "1.26.4", ""),
        ("numpy 1.26.4", "numpy", "1.26.4", ""),
        ("numpy=1.26.4=py311_0", "numpy", "1.26.4", "py311_0"),
        ("numpy 1.26.4 py311_0", "numpy", "1.26.4", "py311_0"),
        ("numpy == 1.0", "numpy", "1.0", ""),
        ("numpy 1.26.*", "numpy", "", ""),
        ("numpy >=1.2,<2", "numpy", "", ""),
        ("numpy 1.2|1.3", "numpy", "", ""),
        ("conda-forge/linux-64::Foo.Bar_baz==1", "foo.bar_baz", "1", ""),
        ("openssl 9e", "openssl", "9e", ""),
        ("numpy[version='>=1', build=abc]", "numpy", "", "abc"),
        ("https://c.invalid/ch/linux-64/a-b-1.2-h0_0.conda", "a-b", "1.2", "h0_0"),
    ],
)
def test_match_specifications(text: str, name: str, version: str, build: str) -> None:
    spec = parse_match_spec(text)
    assert (spec.name, spec.version, spec.build) == (name, version, build)


@pytest.mark.parametrize(
    "text",
    ["", "==1", "*", "a;b", "a b c d e", "a[version=", "a[=1]", "https://c.invalid/x", "{{ name }}",
     "a" * 3_000, "a $(x)", "https://c.invalid/a.conda"],
)  # fmt: skip
def test_what_is_no_match_specification(text: str) -> None:
    with pytest.raises(MalformedSource):
        parse_match_spec(text)


def test_an_environment_file_with_a_pip_list() -> None:
    source = parse_conda_environment(
        "a/environment.yml",
        b"name: x\nchannels:\n- conda-forge\n- https://u:hunter2@c.invalid/own\ndependencies:\n"
        b"- python=3.11.7=h0_0\n- numpy>=1\n- bad;spec\n- sel(linux): x\n- 3\n- pip:\n"
        b"  - torch==2.1.0\n  - -r more.txt\n  - win; sys_platform == 'win32'\n  - 7\n",
    )
    assert source is not None
    assert [(p.purl, p.line, p.direct) for p in source.packages] == [
        ("pkg:conda/python@3.11.7?build=h0_0", 6, True), ("pkg:conda/numpy", 7, True),
        ("pkg:pypi/torch@2.1.0", 12, True),
    ]  # fmt: skip
    assert [(i.kind, i.line) for i in source.issues] == [
        ("index", 4), ("unparsed", 8), ("unparsed", 9),
        ("unparsed", 10), ("unparsed", 15),
    ]  # fmt: skip
    assert (source.includes, source.inactive) == (("a/more.txt",), 1)
    assert "hunter2" not in repr(source)


@pytest.mark.parametrize(
    "data",
    [b"\xff\xfe\x00", b"dependencies: 1", b"dependencies: {a: b}", b"channels: [1]\n",
     b"dependencies: [a]\ndependencies: [b]\n", b"dependencies: !!python/object:x []\n",
     b"a: &a [x]\ndependencies: [*b]", b"dependencies:\n- {{ x }}\n- %"],
)  # fmt: skip
def test_broken_environment_files_are_refused(data: bytes) -> None:
    with pytest.raises(HostileInput):
        parse_conda_environment("environment.yml", data)


@pytest.mark.parametrize("data", [b"", b"- 1", b"just: settings", b"text"])
def test_other_yaml_by_that_name_is_no_environment(data: bytes) -> None:
    assert parse_conda_environment("environment.yml", data) is None


LOCK = f"""
version: 1
metadata: {{platforms: [linux-64, osx-64]}}
package:
- {{name: zlib, version: 1.2.13, manager: conda, platform: linux-64, category: main,
   dependencies: {{libgcc-ng: '>=12'}}, hash: {{md5: {"0" * 32}, sha256: {A}}}, optional: false,
   url: "https://c.invalid/conda-forge/linux-64/zlib-1.2.13-hd590300_5.conda"}}
- {{name: zlib, version: 1.2.13, manager: conda, platform: osx-64, dependencies: {{}}, hash: {{}},
   url: "https://c.invalid/conda-forge/osx-64/zlib-1.2.13-h0_5.conda"}}
- {{name: Foo_Bar, version: '1.0', manager: pip, platform: linux-64, category: dev, optional: true,
   dependencies: {{zlib: '', gone: '*'}}, hash: {{sha256: {A}}}, url: "https://f.invalid/foo.whl"}}
- {{name: extra, version: '1.0', manager: pip, platform: linux-64, category: main, optional: true,
   dependencies: {{}}, hash: {{}}, url: "https://f.invalid/extra.whl"}}
"""


def test_a_conda_lock_is_read_for_linux() -> None:
    source = parse_conda_lock("conda-lock.yml", LOCK.encode())
    zlib, foo = source.packages
    assert zlib.purl == (
        "pkg:conda/zlib@1.2.13?build=hd590300_5&channel=conda-forge&subdir=linux-64&type=conda"
    )
    assert (zlib.hashes, zlib.requires, zlib.groups) == ((f"sha256:{A}",), (), ())
    assert (foo.purl, foo.requires, foo.groups) == ("pkg:pypi/foo-bar@1.0", ("zlib",), ("dev",))
    assert source.inactive == 2


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("version: 1\n", "version: 2\n"), ("version: 1\n", "version: true\n"),
        ("version: 1\n", "version: -1\n"), ("version: 1\n", ""),
        ("manager: conda", "manager: npm"), ("name: zlib", "name: [zlib]"),
        ("version: 1.2.13, manager", "version: 1.2, manager"), ("zlib-1.2.13-hd590300_5", "zlib"),
        ("package:", "packages: 1\npackage: 3\nx:"),
    ],
)  # fmt: skip
def test_other_conda_locks_are_refused(old: str, new: str) -> None:
    assert old in LOCK
    with pytest.raises(HostileInput):
        parse_conda_lock("conda-lock.yml", LOCK.replace(old, new, 1).encode())


def test_a_conda_lock_for_other_platforms_is_told() -> None:
    source = parse_conda_lock("conda-lock.yml", LOCK.replace("linux-64", "osx-arm64").encode())
    assert source.packages == ()
    assert [i.incomplete for i in source.issues] == [True]
