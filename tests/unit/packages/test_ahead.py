"""What was verified ahead, in a copy of the process, is what would be found without one."""

from __future__ import annotations

import base64
import hashlib
import os
from pathlib import Path

import pytest

from weighbridge.edge import sharing
from weighbridge.model.errors import BoundExceeded
from weighbridge.packages import ahead, recorded
from weighbridge.packages.ahead import recording, verifying
from weighbridge.packages.installed import EnvironmentUnreadable
from weighbridge.packages.recorded import Recording, verify_records


@pytest.fixture(params=["copies", "no copy"])
def copies(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    monkeypatch.setattr(sharing, "_processors", lambda: 2 if request.param == "copies" else 1)
    monkeypatch.setattr(sharing, "_is_single_threaded", lambda: True)
    return bool(request.param == "copies")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """One changed file, one missing, one that nobody lists, by names of odd characters."""
    folder = tmp_path / "site-packages"
    info = folder / "pkg-1.0.dist-info"
    info.mkdir(parents=True)
    digest = base64.urlsafe_b64encode(hashlib.sha256(b"1").digest()).decode().rstrip("=")
    names = ["same.py", "changed.py", "missing.py", "\u00e4\u202e.py"]
    for name in (names[0], names[3]):
        (folder / name).write_bytes(b"1")
    (folder / "changed.py").write_bytes(b"2")
    (folder / os.fsdecode(b"un\xfflisted.py")).write_bytes(b"")
    rows = "".join(f"{name},sha256={digest},1\n" for name in names)
    (info / "RECORD").write_text(rows, encoding="utf-8")
    return folder


def forbidden(folder: Path) -> Recording:
    raise AssertionError("it was verified anew")


def test_what_breaks_a_bound_in_the_copy_is_said_by_who_asks(
    site: Path, copies: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorded, "MAX_PATHS", 2)
    with verifying([site]), pytest.raises(BoundExceeded, match="2 rows"):
        recording(site)


def test_a_folder_that_is_not_there(tmp_path: Path, copies: bool) -> None:
    with verifying([tmp_path / "none"]), pytest.raises(EnvironmentUnreadable):
        recording(tmp_path / "none")


def test_a_copy_that_is_killed_loses_nothing(
    site: Path, copies: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = os.getpid()

    def dying(folder: Path) -> Recording:
        if os.getpid() != here:
            os.kill(os.getpid(), 9)
        return verify_records(folder)

    monkeypatch.setattr(ahead, "verify_records", dying)
    with verifying([site]):
        assert recording(site) == verify_records(site)


def test_it_is_what_is_found_without_a_copy(
    site: Path, copies: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = verify_records(site)
    (package,) = expected.packages
    assert [(d.path, d.what) for d in package.differences] == [
        ("changed.py", "changed"), ("missing.py", "missing"),
    ]  # fmt: skip
    assert len(expected.unlisted) == 1
    with verifying([site, site.parent]):
        if copies:
            monkeypatch.setattr(ahead, "verify_records", forbidden)
        assert recording(site) == expected
        assert recording(site) == expected  # a second time too
        assert recording(site.parent).packages == ()


def test_outside_of_the_context_and_for_other_folders_nothing_is_kept(
    site: Path, tmp_path: Path, copies: bool
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    with verifying([other]):
        before = recording(site)
    (site / "same.py").write_bytes(b"2")
    with verifying([]):
        after = recording(site)
    assert [len(r.packages[0].differences) for r in (before, after)] == [2, 3]


def test_what_nobody_asks_for_is_ended(site: Path, copies: bool) -> None:
    with verifying([site]):
        pass
    with pytest.raises(ChildProcessError):  # no copy is left, not even an unburied one
        os.waitpid(-1, os.WNOHANG)
