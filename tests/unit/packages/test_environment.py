"""Installed environments, read as files; what is planted in them never runs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from weighbridge.packages.environment import read_environment
from weighbridge.packages.installed import EnvironmentUnreadable


def install(
    folder: Path, name: str, version: str, *, requires: tuple[str, ...] = (), extra: str = "",
    requested: bool = False,
) -> Path:  # fmt: skip
    info = folder / f"{name}-{version}.dist-info"
    info.mkdir(parents=True)
    lines = ["Metadata-Version: 2.4", f"Name: {name}", f"Version: {version}"]
    lines += [f"Requires-Dist: {r}" for r in requires]
    (info / "METADATA").write_text("\n".join(lines) + f"\n{extra}\n\nLicense: of the description\n")
    if requested:
        (info / "REQUESTED").touch()
    return info


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "lib" / "python3.12" / "site-packages"
    folder.mkdir(parents=True)
    return folder


def test_names_versions_edges_and_extras(site: Path) -> None:
    install(site, "Torch", "2.1.0", requires=("numpy", "fsspec[http]", "win; os_name == 'nt'"),
            requested=True)  # fmt: skip
    install(site, "numpy", "1.26.4")
    install(site, "fsspec", "2024.1", requires=("aiohttp; extra == 'http'", "s3; extra == 's3'"))
    install(site, "aiohttp", "3.9", requires=("old; python_version < '3.12'",))
    source = read_environment(site, label="environment:1")
    by_name = {p.name: p for p in source.packages}
    assert source.path == "environment:1"
    assert by_name["torch"].requires == ("fsspec", "numpy")
    assert by_name["fsspec"].requires == ("aiohttp",)
    assert by_name["aiohttp"].requires == ()
    assert source.environment["python_version"] == "3.12"
    assert (by_name["torch"].direct, by_name["numpy"].direct) == (True, False)
    assert all(p.pinned and p.version for p in source.packages)


def test_extras_that_ask_for_each_other_end(site: Path) -> None:
    install(site, "a", "1", requires=("b[x]", "a[z]; extra == 'y'"))
    install(site, "b", "1", requires=("a[y]; extra == 'x'",))
    source = read_environment(site, label="e")
    assert [(p.name, p.requires) for p in source.packages] == [("a", ("a", "b")), ("b", ("a",))]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("License-Expression: MIT OR Apache-2.0\nLicense: x", ("MIT OR Apache-2.0", True)),
        ("License: Apache 2.0 License", ("Apache 2.0 License", False)),
        ("License: UNKNOWN\nClassifier: License :: OSI Approved :: MIT License",
         ("MIT License", False)),
        ("License: a\n  whole\n  text\nClassifier: License :: OSI Approved", ("", False)),
        ("License: \x1b[31mred", ("\\x1b[31mred", False)),
    ],
)  # fmt: skip
def test_the_license_as_declared(site: Path, fields: str, expected: tuple[str, bool]) -> None:
    install(site, "a", "1", extra=fields)
    (package,) = read_environment(site, label="e").packages
    assert (package.license, package.license_is_expression) == expected


@pytest.mark.parametrize(
    ("fields", "supplier"),
    [
        ("Author: Ada\nAuthor-email: ada@a.example", "Ada <ada@a.example>"),
        ("Author-email: Ada <ada@a.example>", "Ada <ada@a.example>"),
        ("Author: Ada\nAuthor-email: Bob <bob@a.example>", "Ada, Bob <bob@a.example>"),
        ("Author: Ada <ada@a.example>\nAuthor-email: ada@a.example", "Ada <ada@a.example>"),
        ("Author: UNKNOWN\nMaintainer: Team", "Team"),
        ("Author: \x1b[31mred", "\\x1b[31mred"),
        ("Author: \nAuthor-email: ", ""),
        ("", ""),
    ],
)
def test_the_supplier_as_declared(site: Path, fields: str, supplier: str) -> None:
    install(site, "a", "1", extra=fields)
    (package,) = read_environment(site, label="e").packages
    assert package.supplier == supplier
    assert package.uploaded == ""


@pytest.mark.parametrize(
    ("fields", "url"),
    [
        ("Project-URL: Source, https://s.example\nProject-URL: Home-Page, https://h.example",
         "https://h.example"),
        ("Project-URL: Source Code, https://s.example\nHome-page: https://h.example",
         "https://h.example"),
        ("Project-URL: Source Code, https://s.example\nProject-URL: Docs, https://d.example",
         "https://s.example"),
        ("Home-page: https://u:secret@h.example/x", "https://h.example/x"),
        ("Home-page: file:///home/secret", ""),
        ("Home-page: UNKNOWN\nProject-URL: Homepage", ""),
    ],
)  # fmt: skip
def test_the_address_as_declared(site: Path, fields: str, url: str) -> None:
    install(site, "a", "1", extra=fields)
    (package,) = read_environment(site, label="e").packages
    assert package.url == url


def test_the_license_as_an_expression(site: Path) -> None:
    install(site, "a", "1", extra="License: Apache 2.0 License")
    install(site, "b", "1", extra="Classifier: License :: OSI Approved :: MIT License")
    install(site, "c", "1", extra="License-Expression: mit or apache-2.0")
    info = install(site, "d", "1", extra="License-File: LICENSE\nLicense-File: ../../secret")
    (info / "licenses").mkdir()
    (info / "licenses" / "LICENSE").write_text(
        "Permission is hereby granted, free of charge, to any person obtaining a copy of this "
        "software and associated documentation files, to deal in it without restriction. The "
        "above copyright notice and this permission notice shall be included in all copies."
    )
    (site.parent / "secret").write_text("x")
    found = {p.name: p.spdx for p in read_environment(site, label="e").packages}
    assert found == {"a": "Apache-2.0", "b": "MIT", "c": "MIT OR Apache-2.0", "d": "MIT"}


def test_a_license_file_that_no_field_names(site: Path) -> None:
    """flit and old setuptools put the file beside the metadata and say nothing of it."""
    info = install(site, "a", "1", extra="Classifier: License :: OSI Approved :: BSD License")
    assert read_environment(site, label="e").packages[0].spdx == "LicenseRef-BSD-unspecified"
    (info / "LICENSE.txt").write_text(
        "Redistribution and use in source and binary forms, with or without modification, are "
        "permitted: redistributions of source code must retain, redistributions in binary form "
        "must reproduce, nobody's name may endorse or promote products derived from this, even "
        "if advised of the possibility of such damage."
    )
    assert read_environment(site, label="e").packages[0].spdx == "BSD-3-Clause"


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ('{"url": "https://u:secret@h.invalid/a", "vcs_info": {"vcs": "git", "commit_id": "0"}}',
         "vcs"),
        ('{"url": "file:///home/secret/a", "dir_info": {"editable": true}}', "editable"),
        ('{"url": "file:///home/secret/a", "dir_info": {}}', "path"),
        ('{"url": "https://h.invalid/a", "archive_info": {"hashes": {"sha256": "' + "a" * 64
         + '"}}}', "url"),
    ],
)  # fmt: skip
def test_direct_urls_without_secrets_or_paths(site: Path, text: str, origin: str) -> None:
    info = install(site, "a", "1")
    (info / "direct_url.json").write_text(text)
    (package,) = read_environment(site, label="e").packages
    assert package.origin == origin
    assert "secret" not in repr(package)
    assert bool(package.hashes) == (origin == "url")


def test_what_cannot_be_read_is_told_and_the_rest_is_listed(site: Path) -> None:
    install(site, "good", "1")
    (site / "empty-1.dist-info").mkdir()
    (site / "fifo-1.dist-info").mkdir()
    os.mkfifo(site / "fifo-1.dist-info" / "METADATA")
    (site / "link-1.dist-info").mkdir()
    (site / "link-1.dist-info" / "METADATA").symlink_to("/etc/hostname")
    (install(site, "bytes", "1") / "METADATA").write_bytes(b"Name: \xff\n")
    (install(site, "other", "1") / "METADATA").write_text("Name: good2\nVersion: 1\n")
    (install(site, "twice", "1") / "METADATA").write_text("Name: twice\nName: x\nVersion: 1\n")
    (install(site, "huge", "1") / "METADATA").write_bytes(b"x" * (5 * 2**20))
    (install(site, "url", "1") / "direct_url.json").write_text("[" * 500)
    (install(site, "req", "1", requires=("not a ! requirement",)))
    source = read_environment(site, label="e")
    assert [p.name for p in source.packages] == ["good"]
    assert {i.kind for i in source.issues} == {"unread"}
    assert all(i.incomplete for i in source.issues)
    assert sorted(i.detail.split("-")[0] for i in source.issues) == [
        "bytes", "empty", "fifo", "huge", "link", "other", "req", "twice", "url",
    ]  # fmt: skip


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentUnreadable):
        read_environment(tmp_path / "none", label="e")


def test_nothing_planted_ever_runs(tmp_path: Path, site: Path) -> None:
    """A subject and an environment with every hook that an interpreter or build would run.

    The reading runs in a process of its own, with the subject as its working directory, the way a
    person runs the command inside a downloaded model.
    """
    marker = tmp_path / "ran"
    hook = f"open({str(marker)!r}, 'a').write(__file__ if '__file__' in globals() else 'pth')\n"
    subject = tmp_path / "subject"
    subject.mkdir()
    for name in ("setup.py", "conftest.py", "sitecustomize.py", "usercustomize.py", "pip.py",
                 "pip_api.py", "pip_audit.py", "packaging.py", "tomllib.py"):  # fmt: skip
        (subject / name).write_text(hook)
        (site / name).write_text(hook)
    (site / "planted.pth").write_text(f"import os; {hook}")
    install(site, "planted", "1.0")
    (subject / "requirements.txt").write_text("-e .\nplanted==1.0\n")
    (subject / "pyproject.toml").write_text(
        '[build-system]\nrequires=[]\nbuild-backend="setup"\nbackend-path=["."]\n'
        '[project]\nname="x"\ndynamic=["version", "dependencies"]\n'
    )
    program = (
        "import datetime, pathlib, sys\n"
        "sys.path[:] = [p for p in sys.path if p not in ('', str(pathlib.Path.cwd()))]\n"
        "from weighbridge.collect import packages, vulnerabilities\n"
        "from weighbridge.collect.context import CollectContext, Services\n"
        "from weighbridge.model.evidence import EvidenceKind\n"
        "from weighbridge.snapshot.take import take_snapshot\n"
        "snapshot = take_snapshot('.')\n"
        "options = dict(as_of=datetime.date(2026, 11, 20), offline=False,\n"
        "               services=Services(osv='http://127.0.0.1:9/', timeout_seconds=1))\n"
        "first = CollectContext(snapshot, environments=(pathlib.Path(sys.argv[1]),), **options)\n"
        "found = tuple(packages.collect(first))\n"
        "second = CollectContext(snapshot, earlier={EvidenceKind.PACKAGES: found}, **options)\n"
        "import weighbridge.sources.advisories as a; a.pip_audit_service()\n"
        "print(len(found), len(tuple(vulnerabilities.collect(second))))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(site)],
        cwd=subject, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[0] == "4"
    assert not marker.exists(), marker.read_text()
