"""The walk over all commits keeps its bounds and says which one it met."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from weighbridge.history import log as log_module
from weighbridge.history.log import Log, read_log
from weighbridge.snapshot.git_repository import find_repository

Make = Callable[..., Log]


@pytest.fixture
def read(tmp_path: Path) -> Make:
    """A repository of so many commits with a trailer each, read."""

    def made(count: int, trailer: str = "Refs: x", **options: int) -> Log:
        stream = b""
        for number in range(count):
            message = f"Change {number}\n\n{trailer}\n".encode()
            stream += b"commit refs/heads/main\ncommitter a <a@b> %d +0000\n" % (10**9 + number)
            stream += b"data %d\n%s\n" % (len(message), message)
        subprocess.run(["git", "init", "-q", "-b", "main"], cwd=tmp_path, check=True)
        subprocess.run(["git", "fast-import", "--quiet"], cwd=tmp_path, input=stream, check=True)
        repository = find_repository(tmp_path)
        with repository.objects() as objects:
            return read_log(repository, objects, ("refs",), **options)

    return made


def test_newest_first_and_nothing_is_missing(read: Make) -> None:
    log = read(5)
    assert [entry.subject for entry in log.entries] == [f"Change {n}" for n in (4, 3, 2, 1, 0)]
    assert (log.commits, log.limits) == (5, [])


def test_the_bound_on_commits(read: Make) -> None:
    log = read(5, max_commits=3)
    assert len(log.entries) == 3
    assert log.limits == ["only the newest 3 commits were read"]


@pytest.mark.parametrize(
    ("bound", "value", "words"),
    [("MAX_KEPT_BYTES", 300, "have such trailers"),
     ("MAX_WAITING_BYTES", 100, "wait to be put in order"),
     ("MAX_READ_BYTES", 300, "bytes")],
)  # fmt: skip
def test_the_bounds_on_memory_and_reading(
    read: Make, monkeypatch: pytest.MonkeyPatch, bound: str, value: int, words: str
) -> None:
    monkeypatch.setattr(log_module, bound, value)
    log = read(5)
    assert 0 < len(log.entries) < 5
    assert len(log.limits) == 1
    assert words in log.limits[0]


def test_a_trailer_of_another_key_is_not_kept(read: Make) -> None:
    log = read(3, trailer="Reviewed-by: Ada")
    assert (log.commits, log.entries) == (3, [])
