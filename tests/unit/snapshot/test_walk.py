"""Walking a folder: hostile trees first."""

import hashlib
import os
import socket
from pathlib import Path

import pytest

from weighbridge.model.artifact import Problem, ProblemKind
from weighbridge.model.digest import directory_digest
from weighbridge.model.errors import SubjectError, UsageError
from weighbridge.model.subject import SubjectKind
from weighbridge.snapshot import disk
from weighbridge.snapshot.snapshot import Snapshot
from weighbridge.snapshot.take import take_snapshot
from weighbridge.snapshot.tree import Bounds


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    return folder


def problem(snapshot: Snapshot, path: str) -> Problem:
    found = [p for p in snapshot.problems if p.path == path]
    assert len(found) == 1, f"{path}: {snapshot.problems}"
    return found[0]


def kinds(snapshot: Snapshot) -> dict[str, ProblemKind]:
    return {p.path: p.kind for p in snapshot.problems}


def paths(snapshot: Snapshot) -> list[str]:
    return [a.path for a in snapshot.artifacts]


@pytest.mark.parametrize(
    "target",
    ["/etc/passwd", "../outside.bin", "../model/config.json", "sub/../../outside.bin", "/", ".."],
)
def test_a_link_that_leaves_the_subject_is_not_followed(model: Path, target: str) -> None:
    (model.parent / "outside.bin").write_bytes(b"secret")
    (model / "sub").mkdir()
    (model / "weights.bin").symlink_to(target)
    snapshot = take_snapshot(model)
    assert problem(snapshot, "weights.bin").kind is ProblemKind.SYMLINK_ESCAPE
    assert paths(snapshot) == ["config.json"]


def test_a_link_over_a_link_that_leaves_is_not_followed(model: Path) -> None:
    (model.parent / "outside").mkdir()
    (model.parent / "outside" / "a.bin").write_bytes(b"secret")
    (model / "door").symlink_to("../outside")
    (model / "a.bin").symlink_to("door/a.bin")
    snapshot = take_snapshot(model)
    assert kinds(snapshot) == {
        "a.bin": ProblemKind.SYMLINK_ESCAPE,
        "door": ProblemKind.SYMLINK_ESCAPE,
    }


def test_loops_and_dangling_links_are_problems(model: Path) -> None:
    (model / "self").symlink_to("self")
    (model / "a").symlink_to("b")
    (model / "b").symlink_to("a")
    (model / "gone").symlink_to("nothing/here")
    (model / "through-file").symlink_to("config.json/x")
    (model / "up").symlink_to(".")
    (model / "sub").mkdir()
    (model / "sub" / "back").symlink_to("../sub")
    assert kinds(take_snapshot(model)) == {
        "self": ProblemKind.SYMLINK_LOOP,
        "a": ProblemKind.SYMLINK_LOOP,
        "b": ProblemKind.SYMLINK_LOOP,
        "gone": ProblemKind.SYMLINK_DANGLING,
        "through-file": ProblemKind.SYMLINK_DANGLING,
        "up": ProblemKind.SYMLINK_LOOP,
        "sub/back": ProblemKind.SYMLINK_LOOP,
    }


def test_links_inside_are_followed_and_recorded(model: Path) -> None:
    (model / "real").mkdir()
    (model / "real" / "w.bin").write_bytes(b"weights")
    (model / "file-link.bin").symlink_to("real/w.bin")
    (model / "folder-link").symlink_to("real")
    (model / "absolute.bin").symlink_to(model / "real" / "w.bin")
    snapshot = take_snapshot(model)
    assert not snapshot.problems
    targets = {a.path: a.link_target for a in snapshot.artifacts}
    assert targets == {
        "absolute.bin": "real/w.bin",
        "config.json": "",
        "file-link.bin": "real/w.bin",
        "folder-link/w.bin": "real/w.bin",
        "real/w.bin": "",
    }
    digests = {a.digest() for a in snapshot.artifacts if a.path.endswith(".bin")}
    assert len(digests) == 1
    linked = snapshot.find("folder-link/w.bin")
    assert linked is not None
    assert snapshot.read(linked, 100) == b"weights"


def test_links_that_multiply_end_at_the_bound(model: Path) -> None:
    for level in range(12):
        (model / f"d{level}").mkdir()
        if level:
            for copy in range(4):
                (model / f"d{level}" / f"l{copy}").symlink_to(f"../d{level - 1}")
    (model / "d0" / "w.bin").write_bytes(b"x")
    snapshot = take_snapshot(model, bounds=Bounds(entries=3000))
    assert ProblemKind.BOUND in {p.kind for p in snapshot.problems}
    assert len(snapshot.artifacts) <= 3000


def test_devices_fifos_and_sockets_are_never_opened(model: Path) -> None:
    os.mkfifo(model / "pipe.bin")
    (model / "pipe-link").symlink_to("pipe.bin")
    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        os.chdir(model)
        server.bind("socket.bin")
        os.chdir(here)
    snapshot = take_snapshot(model)  # opening the FIFO would wait forever
    assert {p.path: p.detail.split(":")[0] for p in snapshot.problems} == {
        "pipe.bin": "a FIFO",
        "pipe-link": "a FIFO",
        "socket.bin": "a socket",
    }


def test_a_device_is_a_problem(model: Path) -> None:
    try:
        os.mknod(model / "null.bin", 0o600 | 0o020000, os.makedev(1, 3))
    except PermissionError:
        pytest.skip("making a device needs root")
    assert problem(take_snapshot(model), "null.bin").detail.startswith("a character device")


def test_a_file_swapped_for_a_fifo_after_the_walk_does_not_hang(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (model / "w.bin").write_bytes(b"x")
    genuine = disk.FileOpener.open

    def swap(self: disk.FileOpener, at: tuple[bytes, ...]) -> tuple[int, os.stat_result]:
        if at == (b"w.bin",):
            (model / "w.bin").unlink()
            os.mkfifo(model / "w.bin")
        return genuine(self, at)

    monkeypatch.setattr(disk.FileOpener, "open", swap)
    assert problem(take_snapshot(model), "w.bin").kind is ProblemKind.SPECIAL_FILE


def test_a_folder_swapped_for_a_link_after_the_walk_leads_nowhere(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (model.parent / "outside").mkdir()
    (model.parent / "outside" / "w.bin").write_bytes(b"secret")
    (model / "sub").mkdir()
    (model / "sub" / "w.bin").write_bytes(b"x")
    genuine = disk.FileOpener.open

    def swap(self: disk.FileOpener, at: tuple[bytes, ...]) -> tuple[int, os.stat_result]:
        if at[0] == b"sub" and not (model / "sub").is_symlink():
            (model / "sub").rename(model.parent / "moved")
            (model / "sub").symlink_to(model.parent / "outside")
        return genuine(self, at)

    monkeypatch.setattr(disk.FileOpener, "open", swap)
    snapshot = take_snapshot(model)
    assert problem(snapshot, "sub/w.bin").kind is ProblemKind.CHANGED
    assert paths(snapshot) == ["config.json"]


def test_names_that_are_not_utf8_are_escaped_hashed_and_reported(model: Path) -> None:
    raw = os.fsencode(model) + b"/w\xff\xfe.bin"
    with open(raw, "wb") as stream:
        stream.write(b"x")
    snapshot = take_snapshot(model)
    assert problem(snapshot, r"w\xff\xfe.bin").kind is ProblemKind.NAME_NOT_UTF8
    found = snapshot.find(r"w\xff\xfe.bin")
    assert found is not None
    assert snapshot.read(found, 10) == b"x"


def test_a_name_that_imitates_an_escaped_one_does_not_take_its_place(model: Path) -> None:
    for name, content in ((b"w\xff.bin", b"raw"), (rb"w\xff.bin", b"imitation")):
        with open(os.fsencode(model) + b"/" + name, "wb") as stream:
            stream.write(content)
    snapshot = take_snapshot(model)
    assert paths(snapshot).count(r"w\xff.bin") == 1
    found = snapshot.find(r"w\xff.bin")
    assert found is not None
    digest = found.digest()
    assert digest is not None
    assert hashlib.sha256(snapshot.read(found, 100)).hexdigest() == digest.value
    assert any("another file's too" in p.detail for p in snapshot.problems)


def test_nesting_past_the_bound_is_named(model: Path) -> None:
    deep = model.joinpath(*["d"] * 12)
    deep.mkdir(parents=True)
    (deep / "w.bin").write_bytes(b"x")
    snapshot = take_snapshot(model, bounds=Bounds(depth=10))
    found = problem(snapshot, "/".join(["d"] * 11))
    assert found.kind is ProblemKind.BOUND
    assert "10" in found.detail


def test_entries_past_the_bound_are_named(model: Path) -> None:
    for number in range(20):
        (model / f"{number:02}.bin").write_bytes(b"x")
    snapshot = take_snapshot(model, bounds=Bounds(entries=5))
    assert problem(snapshot, "").kind is ProblemKind.BOUND
    assert len(snapshot.artifacts) == 5


def test_git_internals_are_left_out_and_nothing_else(model: Path) -> None:
    for folder in (model / ".git", model / "sub" / ".git"):
        (folder / "objects").mkdir(parents=True)
        (folder / "HEAD").write_text("ref: refs/heads/main\n")
    (model / "worktree").mkdir()
    (model / "worktree" / ".git").write_text("gitdir: /elsewhere\n")
    (model / ".gitattributes").write_text("*.bin filter=lfs\n")
    (model / "fake").mkdir()
    (model / "fake" / ".git").mkdir()
    (model / "fake" / ".git" / "w.bin").write_bytes(b"x")
    (model / "file").mkdir()
    (model / "file" / ".git").write_bytes(b"cos\nsystem\n")
    assert paths(take_snapshot(model)) == [
        ".gitattributes",
        "config.json",
        "fake/.git/w.bin",
        "file/.git",
    ]


@pytest.mark.parametrize("what", ["missing", "empty", "fifo", "only-a-fifo"])
def test_what_is_no_subject_is_an_error_with_a_remedy(tmp_path: Path, what: str) -> None:
    subject = tmp_path / what
    if what == "fifo":
        os.mkfifo(subject)
    elif what != "missing":
        subject.mkdir()
    if what == "only-a-fifo":
        os.mkfifo(subject / "pipe")
    with pytest.raises(SubjectError) as caught:
        take_snapshot(subject)
    assert caught.value.remedy


def test_an_unknown_algorithm_is_a_usage_error(model: Path) -> None:
    with pytest.raises(UsageError, match="md5"):
        take_snapshot(model, algorithms=("md5",))


def test_the_subject_digest_binds_names_and_contents(model: Path) -> None:
    (model / "w.bin").write_bytes(b"x")
    first = take_snapshot(model)
    pairs = [(a.path, a.digest()) for a in first.artifacts]
    assert first.subject.digest == directory_digest((p, d) for p, d in pairs if d)
    assert first.subject.kind is SubjectKind.DIRECTORY
    assert first.subject.name == "model"
    (model / "w.bin").rename(model / "v.bin")
    assert take_snapshot(model).subject.digest != first.subject.digest


def test_one_file_is_a_subject(model: Path) -> None:
    (model / "w.bin").write_bytes(b"x")
    snapshot = take_snapshot(model / "w.bin")
    assert paths(snapshot) == ["w.bin"]
    assert snapshot.subject.name == "w.bin"
    assert snapshot.root == model
    assert snapshot.read(snapshot.artifacts[0], 10) == b"x"


def test_a_folder_given_through_a_link_is_the_folder(model: Path) -> None:
    link = model.parent / "latest"
    link.symlink_to("model")
    assert take_snapshot(link).subject == take_snapshot(model).subject


def test_the_order_of_results_does_not_depend_on_threads(model: Path) -> None:
    for number in range(12):
        (model / f"{number}.bin").write_bytes(bytes([number]) * (2**20 + number))
    one, two, many = (take_snapshot(model, threads=n) for n in (1, 2, 7))
    assert one.artifacts == two.artifacts == many.artifacts
    assert [a.path for a in one.artifacts] == sorted(a.path for a in one.artifacts)


def test_finding_an_artifact(model: Path) -> None:
    snapshot = take_snapshot(model)
    assert snapshot.find("config.json") is snapshot.artifacts[0]
    assert snapshot.find("confi") is None
    assert snapshot.find("zzz") is None
