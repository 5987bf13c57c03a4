"""Reading files: what moves, hides or lies about its size."""

import errno
import hashlib
import os
import resource
from pathlib import Path
from typing import Any

import pytest
from blake3 import blake3

from weighbridge.model.artifact import Kind, Presence, ProblemKind
from weighbridge.model.errors import BoundExceeded
from weighbridge.snapshot import read
from weighbridge.snapshot.snapshot import ContentUnavailable, Snapshot
from weighbridge.snapshot.take import take_snapshot
from weighbridge.snapshot.tree import Bounds

MIB = 2**20


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    (folder / "w.bin").write_bytes(os.urandom(1000))
    return folder


def only_problem(snapshot: Snapshot, path: str = "w.bin") -> tuple[ProblemKind, str]:
    assert [p.path for p in snapshot.problems] == [path]
    assert snapshot.find(path) is None, "a file that was not read has no digest"
    return snapshot.problems[0].kind, snapshot.problems[0].detail


def test_every_digest_comes_from_one_pass(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = os.urandom(5 * MIB + 17)
    (model / "w.bin").write_bytes(content)
    fetched: list[int] = []
    genuine = os.preadv

    def counting(descriptor: int, buffers: list[Any], offset: int) -> int:
        count = genuine(descriptor, buffers, offset)
        fetched.append(count)
        return count

    monkeypatch.setattr(os, "preadv", counting)
    wanted = ("sha512", "blake3", "blake2b", "gitBlob", "sha384")
    artifact = take_snapshot(model / "w.bin", algorithms=wanted).artifacts[0]
    assert sum(fetched) == len(content)
    assert [d.algorithm for d in artifact.digests] == ["sha256", *wanted]
    assert {d.algorithm: d.value for d in artifact.digests} == {
        "sha256": hashlib.sha256(content).hexdigest(),
        "sha384": hashlib.sha384(content).hexdigest(),
        "sha512": hashlib.sha512(content).hexdigest(),
        "blake2b": hashlib.blake2b(content).hexdigest(),
        "blake3": blake3(content).hexdigest(),
        "gitBlob": hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest(),
    }


@pytest.mark.parametrize("number", [errno.EACCES, errno.EIO, errno.ENOENT, errno.ELOOP])
def test_what_the_system_refuses_is_a_problem(
    model: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    genuine = os.open

    def refusing(path: Any, flags: int, *args: Any, **kwargs: Any) -> int:
        if path == b"w.bin":
            raise OSError(number, "in some language")
        return genuine(path, flags, *args, **kwargs)

    monkeypatch.setattr(os, "open", refusing)
    kind, detail = only_problem(take_snapshot(model))
    expected = {
        errno.EACCES: ProblemKind.UNREADABLE,
        errno.EIO: ProblemKind.UNREADABLE,
        errno.ENOENT: ProblemKind.VANISHED,
        errno.ELOOP: ProblemKind.CHANGED,
    }
    assert kind is expected[number]
    assert "in some language" not in detail


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_read_permission(model: Path) -> None:
    (model / "w.bin").chmod(0)
    assert only_problem(take_snapshot(model))[0] is ProblemKind.UNREADABLE


def test_a_read_error_in_the_middle_is_a_problem(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (model / "w.bin").write_bytes(bytes(6 * MIB))
    genuine = os.preadv

    def failing(descriptor: int, buffers: list[Any], offset: int) -> int:
        if offset > MIB:
            raise OSError(errno.EIO, "read error")
        return genuine(descriptor, buffers, offset)

    monkeypatch.setattr(os, "preadv", failing)
    snapshot = take_snapshot(model)
    assert ("w.bin", ProblemKind.UNREADABLE) in {(p.path, p.kind) for p in snapshot.problems}
    assert snapshot.find("w.bin") is None


def _truncate(path: Path) -> None:
    os.truncate(path, 10)


def _grow(path: Path) -> None:
    with path.open("ab") as stream:
        stream.write(b"more")


def _touch(path: Path) -> None:
    os.utime(path, ns=(1, 1))


def _rewrite_and_hide(path: Path) -> None:
    """Same size, same modification time: only the change time tells."""
    status = path.stat()
    with path.open("r+b") as stream:
        stream.write(b"EVIL")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def _remove(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("change", [_truncate, _grow, _touch, _rewrite_and_hide, _remove])
def test_a_file_that_changes_while_it_is_read_has_no_digest(
    model: Path, monkeypatch: pytest.MonkeyPatch, change: Any
) -> None:
    path = model / "w.bin"
    path.write_bytes(bytes(6 * MIB))
    os.utime(path, ns=(10**18, 10**18))
    genuine = os.preadv
    done: list[int] = []

    def meddling(descriptor: int, buffers: list[Any], offset: int) -> int:
        count = genuine(descriptor, buffers, offset)
        if offset and not done:
            done.append(1)
            change(path)
        return count

    monkeypatch.setattr(os, "preadv", meddling)
    assert only_problem(take_snapshot(model))[0] is ProblemKind.CHANGED


def test_a_file_deleted_between_walk_and_read(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    genuine = read.Reader.read_below

    def deleting(self: read.Reader, at: tuple[bytes, ...], limit: int | None) -> Any:
        (model / "w.bin").unlink(missing_ok=True)
        return genuine(self, at, limit)

    monkeypatch.setattr(read.Reader, "read_below", deleting)
    monkeypatch.setattr("weighbridge.snapshot.pool.Reader", read.Reader)
    snapshot = take_snapshot(model)
    assert only_problem(snapshot)[0] is ProblemKind.VANISHED


def test_a_sparse_file_costs_neither_reads_nor_memory(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = 256 * MIB + 3
    path = model / "w.bin"
    path.unlink()
    with path.open("wb") as stream:
        stream.write(b"head")
        stream.seek(size - 4)
        stream.write(b"tail")
    if path.stat().st_blocks * 512 >= size:
        pytest.skip("this file system has no sparse files")
    fetched: list[int] = []
    genuine = os.preadv

    def counting(descriptor: int, buffers: list[Any], offset: int) -> int:
        fetched.append(genuine(descriptor, buffers, offset))
        return fetched[-1]

    monkeypatch.setattr(os, "preadv", counting)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    artifact = take_snapshot(path).artifacts[0]
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    expected = hashlib.sha256(b"head" + bytes(size - 8) + b"tail").hexdigest()
    assert artifact.size == size
    assert artifact.digests[0].value == expected
    assert sum(fetched) <= 16 * MIB
    assert grown < 64 * 1024  # KiB


def test_holes_past_the_bound_are_not_hashed(model: Path) -> None:
    """An exbibyte of nothing is made in no time and would be hashed for decades."""
    path = model / "w.bin"
    path.unlink()
    with path.open("wb") as stream:
        try:
            stream.truncate(2**42)
        except OSError:
            pytest.skip("this file system has no files of that size")
    kind, detail = only_problem(take_snapshot(model, bounds=Bounds(hole_bytes=2**30)))
    assert kind is ProblemKind.BOUND
    assert str(2**30) in detail


def test_content_is_opened_only_if_it_is_what_was_hashed(model: Path) -> None:
    snapshot = take_snapshot(model)
    artifact = snapshot.find("w.bin")
    assert artifact is not None
    with snapshot.open(artifact) as stream:
        assert hashlib.sha256(stream.read()).hexdigest() == artifact.digests[0].value
        assert stream.seek(1) == 1
    with pytest.raises(BoundExceeded):
        snapshot.read(artifact, 10)
    _rewrite_and_hide(model / "w.bin")
    with pytest.raises(ContentUnavailable, match="changed"):
        snapshot.open(artifact)
    (model / "w.bin").unlink()
    with pytest.raises(ContentUnavailable, match="opened again"):
        snapshot.open(artifact)
    os.mkfifo(model / "w.bin")
    with pytest.raises(ContentUnavailable, match="FIFO"):
        snapshot.open(artifact)


def test_a_pointer_stands_for_its_content(model: Path) -> None:
    content = b"\x80\x04N." * 300
    oid = hashlib.sha256(content).hexdigest()
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize 1200\n"
    (model / "w.bin").write_bytes(content)
    full = take_snapshot(model)
    (model / "w.bin").write_text(pointer)
    snapshot = take_snapshot(model, algorithms=("sha256", "sha512"))
    artifact = snapshot.find("w.bin")
    assert artifact is not None
    assert (artifact.presence, artifact.kind) == (Presence.POINTER, Kind.UNREAD)
    assert (artifact.size, [str(d) for d in artifact.digests]) == (1200, [f"sha256:{oid}"])
    assert artifact.is_weight
    assert snapshot.subject.digest == full.subject.digest
    with pytest.raises(ContentUnavailable, match="pointer"):
        snapshot.open(artifact)


def test_a_malformed_pointer_is_a_text_file_and_a_problem(model: Path) -> None:
    text = "version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 12\n"
    (model / "w.bin").write_text(text)
    snapshot = take_snapshot(model)
    artifact = snapshot.find("w.bin")
    assert artifact is not None
    assert (artifact.presence, artifact.kind) == (Presence.CONTENT, Kind.TEXT)
    assert artifact.digests[0].value == hashlib.sha256(text.encode()).hexdigest()
    assert [(p.path, p.kind) for p in snapshot.problems] == [
        ("w.bin", ProblemKind.MALFORMED_POINTER)
    ]


def test_an_interrupt_stops_the_other_readers(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        (model / f"{number}.bin").write_bytes(bytes(12 * MIB))

    def interrupting(self: read.Reader, at: tuple[bytes, ...]) -> read.Content:
        if at == (b"0.bin",):
            raise KeyboardInterrupt
        return genuine(self, at)

    genuine = read.Reader.read
    monkeypatch.setattr(read.Reader, "read", interrupting)
    with pytest.raises(KeyboardInterrupt):
        take_snapshot(model, threads=2)
