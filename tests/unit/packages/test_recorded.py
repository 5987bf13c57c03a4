"""Files held against RECORD: hostile rows first, then what a real installation looks like."""

from __future__ import annotations

import base64
import hashlib
import os
from pathlib import Path

import pytest

from weighbridge.model.errors import BoundExceeded
from weighbridge.packages import record_file, recorded
from weighbridge.packages.installed import EnvironmentUnreadable
from weighbridge.packages.record_file import parse_record
from weighbridge.packages.recorded import Recorded, verify_records
from weighbridge.packages.source import MalformedSource


def digest(data: bytes, algorithm: str = "sha256") -> str:
    value = base64.urlsafe_b64encode(hashlib.new(algorithm, data).digest()).decode().rstrip("=")
    return f"{algorithm}={value}"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "env" / "lib" / "python3.12" / "site-packages"
    folder.mkdir(parents=True)
    return folder


def install(site: Path, files: dict[str, bytes], rows: str = "", name: str = "pkg") -> None:
    """A package with these files, recorded; ``rows`` are further rows of its RECORD."""
    info = site / f"{name}-1.0.dist-info"
    info.mkdir(exist_ok=True)
    lines = []
    for path, data in files.items():
        target = site / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        lines.append(f"{path},{digest(data)},{len(data)}\n")
    lines.append(f"{info.name}/RECORD,,\n")
    (info / "RECORD").write_text("".join(lines) + rows)


def only(site: Path) -> Recorded:
    (package,) = verify_records(site).packages
    return package


def differences(site: Path) -> list[tuple[str, str]]:
    return [(d.path, d.what) for d in only(site).differences]


@pytest.mark.parametrize("path", ["/etc/hostname", "../../../../../etc/hostname", "../../../../x"])
def test_names_outside_are_never_read(site: Path, path: str) -> None:
    (site.parents[3] / "x").write_bytes(b"secret")
    install(site, {"pkg.py": b"1"}, f"{path},{digest(b'secret')},6\n")
    found = only(site)
    assert [d.what for d in found.differences] == ["outside"]
    assert (found.state, found.verified) == ("unread", 1)
    assert "outside" in found.reason


def test_scripts_in_the_prefix_are_checked(site: Path) -> None:
    (site.parents[2] / "bin").mkdir()
    (site.parents[2] / "bin" / "tool").write_bytes(b"#!python\n")
    install(site, {"pkg.py": b"1"}, f"../../../bin/tool,{digest(b'#!python' + bytes([10]))},9\n")
    assert (only(site).state, only(site).verified) == ("verified", 2)
    (site.parents[2] / "bin" / "tool").write_bytes(b"#!evil\n")
    assert differences(site) == [("../../../bin/tool", "changed")]


def test_an_absolute_name_inside_is_the_file_itself(site: Path) -> None:
    install(site, {}, f"{site}/pkg.py,{digest(b'1')},1\n")
    (site / "pkg.py").write_bytes(b"1")
    found = verify_records(site)
    assert found.packages[0].state == "verified"
    assert found.unlisted == ()


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("pkg.py,sha256=abc,1\n", "malformed sha256"),
        ("pkg.py,sha256=!!!!,1\n", "malformed sha256"),
        ("pkg.py,sha512=" + digest(b"1")[7:] + ",1\n", "malformed sha512"),
        ("pkg.py,md5=xMpCOKC5I4INzFCab3WEmw,1\n", "md5"),
        ("x\0y,,\n", "no usable path"),
        ("a" * 5000 + ",,\n", "no usable path"),
        (".,,\n", "names a folder"),
        ('"unclosed,' + "x" * 200_000, "not CSV"),
    ],
)
def test_rows_that_cannot_be_checked_are_unread(site: Path, row: str, words: str) -> None:
    install(site, {"pkg.py": b"1"}, row)
    found = only(site)
    assert found.state == "unread"
    assert words in found.reason


def test_a_malformed_row_does_not_hide_a_changed_file(site: Path) -> None:
    install(site, {"pkg.py": b"1"}, "x,sha256=abc,1\n")
    (site / "pkg.py").write_bytes(b"2")
    assert only(site).state == "modified"


def test_a_record_that_is_no_text(site: Path) -> None:
    install(site, {})
    (site / "pkg-1.0.dist-info" / "RECORD").write_bytes(b"\xff\xfe,,\n")
    assert "not UTF-8" in only(site).reason


def test_duplicate_rows_must_agree(site: Path) -> None:
    install(site, {"pkg.py": b"1"}, f"pkg.py,{digest(b'1')},1\n")
    assert only(site).state == "verified"
    install(site, {"pkg.py": b"1"}, f"pkg.py,{digest(b'2')},1\n")
    assert differences(site) == [("pkg.py", "changed")]


def test_too_many_rows_are_refused_before_any_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_file, "MAX_ROWS", 10)
    with pytest.raises(MalformedSource, match="more than 10 rows"):
        list(parse_record(b"a,,\n" * 11))


def test_bounds_of_the_whole(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(site, {"a.py": b"1", "b.py": b"2"})
    monkeypatch.setattr(recorded, "MAX_PATHS", 2)
    with pytest.raises(BoundExceeded, match="2 rows"):
        verify_records(site)
    monkeypatch.setattr(recorded, "MAX_PATHS", 100)
    monkeypatch.setattr(recorded, "MAX_ENTRIES", 2)
    with pytest.raises(BoundExceeded, match="2 entries"):
        verify_records(site)
    monkeypatch.setattr(recorded, "MAX_ENTRIES", 100)
    (site / "a" / "b" / "c").mkdir(parents=True)
    monkeypatch.setattr(recorded, "MAX_DEPTH", 1)
    with pytest.raises(BoundExceeded, match="1 nested"):
        verify_records(site)


def test_what_is_past_the_bound_on_bytes_is_unread(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(site, {"a.py": b"1" * 100})
    monkeypatch.setattr("weighbridge.packages.record_files.MAX_BYTES", 50)
    assert (only(site).state, differences(site)) == ("unread", [("a.py", "unreadable")])


def test_no_special_file_is_waited_for(site: Path) -> None:
    one = digest(b"1")
    rows = f"fifo,{one},1\nfolder,{one},1\nloop,{one},1\nlinks/x.py,{one},1\ngone/x,{one},1\n"
    install(site, {"pkg.py": b"1"}, rows)
    os.mkfifo(site / "fifo")
    (site / "folder").mkdir()
    (site / "loop").symlink_to("loop")
    (site / "links").symlink_to(".")
    assert differences(site) == [
        ("fifo", "unreadable"), ("folder", "unreadable"), ("gone/x", "missing"),
        ("links/x.py", "missing"), ("loop", "unreadable"),
    ]  # fmt: skip


def test_links_count_as_long_as_they_stay_inside(site: Path, tmp_path: Path) -> None:
    (tmp_path / "away").write_bytes(b"1")
    (tmp_path / "env" / "share").mkdir()
    (tmp_path / "env" / "share" / "data").write_bytes(b"1")
    install(site, {}, f"in,{digest(b'1')},1\nout,{digest(b'1')},1\n")
    (site / "in").symlink_to(tmp_path / "env" / "share" / "data")
    (site / "out").symlink_to(tmp_path / "away")
    assert only(site).verified == 1
    assert differences(site) == [("out", "outside")]


def test_control_characters_are_shown(site: Path) -> None:
    install(site, {}, f'"a\x1b[31m\u202eb",{digest(b"1")},1\n')
    assert differences(site) == [("a\\x1b[31m\\u202eb", "missing")]


def test_a_missing_environment_is_said(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentUnreadable):
        verify_records(tmp_path / "none")
    (tmp_path / "file").touch()
    with pytest.raises(EnvironmentUnreadable):
        verify_records(tmp_path / "file")


def test_caches_may_be_missing_and_everything_else_may_not(site: Path) -> None:
    install(site, {"pkg.py": b"1"}, "__pycache__/pkg.cpython-312.pyc,,\nINSTALLER,,\n")
    found = only(site)
    assert (found.files, found.verified, found.unhashed) == (4, 1, 3)
    assert differences(site) == [("INSTALLER", "missing")]


def test_a_cache_that_came_with_a_hash_may_be_compiled_anew(site: Path) -> None:
    """numpy 1.26.4 and 2.1.3 ship such a file, and pip overwrites it."""
    install(site, {"__pycache__/x.cpython-311.pyc": b"1", "x.pyc": b"1"})
    (site / "__pycache__" / "x.cpython-311.pyc").write_bytes(b"2")
    assert (only(site).state, only(site).unhashed) == ("verified", 2)
    (site / "x.pyc").write_bytes(b"2")
    assert differences(site) == [("x.pyc", "changed")]


def test_unlisted_files_are_named_without_caches(site: Path) -> None:
    install(site, {"pkg/__init__.py": b"1"})
    (site / "pkg" / "__pycache__").mkdir()
    (site / "pkg" / "__pycache__" / "__init__.cpython-312.pyc").touch()
    (site / "pkg" / "__pycache__" / "evil.so").touch()
    (site / "pkg" / "left.pyc").touch()
    (site / "evil.pth").touch()
    found = verify_records(site)
    assert found.unlisted == ("evil.pth", "pkg/__pycache__/evil.so", "pkg/left.pyc")
    assert found.packages[0].state == "verified"
    assert found.owners["pkg/__init__.py"] == "pkg"


@pytest.mark.parametrize("size", [0, 1, 2**20 - 1, 2**20, 2**20 + 1, 9 * 2**20])
def test_every_size_and_algorithm(site: Path, size: int) -> None:
    data = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    rows = "".join(f"a.bin,{digest(data, name)},{size}\n" for name in ("sha384", "sha512"))
    install(site, {"a.bin": data}, rows)
    assert (only(site).state, only(site).verified) == ("verified", 3)


def test_two_packages_that_write_one_file(site: Path) -> None:
    install(site, {"shared.py": b"first"}, name="a")
    install(site, {"shared.py": b"second"}, name="b")
    states = {p.package: p.state for p in verify_records(site).packages}
    assert states == {"a": "modified", "b": "verified"}


def test_without_a_record(site: Path) -> None:
    (site / "old-1.0.egg-info").touch()
    (site / "bare-1.0.dist-info").mkdir()
    found = {p.package: (p.state, p.record_sha256) for p in verify_records(site).packages}
    assert found == {"old": ("no-record", ""), "bare": ("no-record", "")}


def test_the_record_itself_is_hashed(site: Path) -> None:
    install(site, {"pkg.py": b"1"})
    data = (site / "pkg-1.0.dist-info" / "RECORD").read_bytes()
    assert only(site).record_sha256 == hashlib.sha256(data).hexdigest()
