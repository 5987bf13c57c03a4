"""Snapshots of git revisions, against repositories made by git itself."""

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from weighbridge.model.artifact import Kind, Presence, ProblemKind
from weighbridge.model.errors import HostileInput, SubjectError
from weighbridge.model.subject import SubjectKind
from weighbridge.snapshot.snapshot import ContentUnavailable
from weighbridge.snapshot.staged import Index
from weighbridge.snapshot.take import take_snapshot
from weighbridge.snapshot.tree import Bounds

sys.path.insert(0, str(Path(__file__).parent))
from git_tools import Git, new_repository

POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'ab' * 32}\nsize 999\n"


@pytest.fixture
def git(tmp_path: Path) -> Git:
    git = new_repository(tmp_path / "model")
    (git.top / "config.json").write_text("{}")
    (git.top / "sub").mkdir()
    (git.top / "sub" / "w.bin").write_bytes(b"first" * 1000)
    git.commit(day=0)
    (git.top / "sub" / "w.bin").write_bytes(b"first" * 999 + b"other")
    (git.top / "link.bin").symlink_to("sub/w.bin")
    (git.top / "folder-link").symlink_to("sub")
    git.commit(day=1)
    return git


def contents(git: Git, revision: str) -> dict[str, str]:
    """What git says that a revision holds."""
    names = git("ls-tree", "-r", "-z", "--name-only", revision).split("\0")
    return {n: git("rev-parse", f"{revision}:{n}") for n in names if n}


@pytest.mark.parametrize("packed", [False, True], ids=["loose", "packed"])
@pytest.mark.parametrize(
    "revision", ["HEAD", "HEAD~1", "HEAD^", "main", "main~", "@", "@~1", "v1", "v1^{}", "v2~0"]
)
def test_a_revision_is_what_git_says(git: Git, revision: str, packed: bool) -> None:
    git("tag", "v1", "HEAD~1")
    git("-c", "user.name=a", "-c", "user.email=a@b", "tag", "-a", "-m", "release", "v2", "HEAD~1")
    if packed:
        git("gc", "-q")
        git("pack-refs", "--all")
    snapshot = take_snapshot(git.top, revision=revision, algorithms=("gitBlob",))
    assert snapshot.subject.kind is SubjectKind.GIT_REVISION
    assert snapshot.subject.revision == git("rev-parse", revision + "^{commit}")
    assert snapshot.root is None
    blobs = {a.path: a.digests[1].value for a in snapshot.artifacts if not a.link_target}
    links = {"link.bin", "folder-link"}
    expected = {n: b for n, b in contents(git, revision).items() if n not in links}
    assert blobs == expected
    for artifact in snapshot.artifacts:
        with snapshot.open(artifact) as stream:
            data = stream.read()
        assert hashlib.sha256(data).hexdigest() == artifact.digests[0].value


def test_a_deep_chain_of_deltas(git: Git) -> None:
    body = os.urandom(20_000).hex()
    for day in range(2, 14):
        (git.top / "sub" / "w.bin").write_text(body[: day * 10] + f"change {day}" + body)
        git.commit(day=day)
    git("repack", "-q", "-a", "-d", "-f", "--depth=50")
    for back in range(12):
        snapshot = take_snapshot(git.top, revision=f"HEAD~{back}", algorithms=("gitBlob",))
        found = snapshot.find("sub/w.bin")
        assert found is not None
        assert found.digests[1].value == git("rev-parse", f"HEAD~{back}:sub/w.bin")


def test_the_same_files_have_the_same_digest_from_disk_and_from_git(git: Git) -> None:
    on_disk, in_git = take_snapshot(git.top), take_snapshot(git.top, revision="HEAD")
    assert on_disk.subject.digest == in_git.subject.digest


def test_links_in_a_commit_are_followed_inside_and_refused_outside(git: Git) -> None:
    (git.top / "out.bin").symlink_to("../../etc/passwd")
    (git.top / "absolute.bin").symlink_to(git.top / "config.json")
    (git.top / "loop").symlink_to("loop")
    git.commit(day=2)
    snapshot = take_snapshot(git.top, revision="HEAD")
    assert {p.path: p.kind for p in snapshot.problems} == {
        "absolute.bin": ProblemKind.SYMLINK_ESCAPE,
        "loop": ProblemKind.SYMLINK_LOOP,
        "out.bin": ProblemKind.SYMLINK_ESCAPE,
    }
    targets = {a.path: a.link_target for a in snapshot.artifacts if a.link_target}
    assert targets == {"link.bin": "sub/w.bin", "folder-link/w.bin": "sub/w.bin"}


def test_a_folder_and_a_file_of_a_repository(git: Git) -> None:
    folder = take_snapshot(git.top / "sub", revision="HEAD~1")
    assert [a.path for a in folder.artifacts] == ["w.bin"]
    assert folder.subject.name == "sub"
    file = take_snapshot(git.top / "sub" / "w.bin", revision="HEAD")
    assert [a.path for a in file.artifacts] == ["w.bin"]


def test_bare_clones_worktrees_and_borrowed_objects(git: Git, tmp_path: Path) -> None:
    expected = take_snapshot(git.top, revision="HEAD").subject.digest
    git("clone", "-q", "--bare", str(git.top), str(tmp_path / "bare.git"))
    bare = take_snapshot(tmp_path / "bare.git", revision="main")
    assert (bare.subject.digest, bare.subject.name) == (expected, "bare")
    git("clone", "-q", "--shared", str(git.top), str(tmp_path / "shared"))
    with pytest.raises(SubjectError, match="borrows objects from elsewhere") as refused:
        take_snapshot(tmp_path / "shared", revision="HEAD")
    assert "git repack -a -d" in refused.value.diagnostics()
    Git(tmp_path / "shared")("repack", "-q", "-a", "-d")
    (tmp_path / "shared" / ".git" / "objects" / "info" / "alternates").unlink()
    assert take_snapshot(tmp_path / "shared", revision="HEAD").subject.digest == expected
    git("worktree", "add", "-q", str(tmp_path / "tree"), "HEAD~1")
    worktree = take_snapshot(tmp_path / "tree", revision="HEAD")
    assert worktree.subject.revision == git("rev-parse", "HEAD~1")
    assert take_snapshot(tmp_path / "tree").find(".git") is None


def test_a_repository_with_sha256_ids(tmp_path: Path) -> None:
    git = new_repository(tmp_path / "model", "--object-format=sha256")
    (git.top / "w.bin").write_bytes(b"x" * 5000)
    commit = git.commit()
    git("gc", "-q")
    snapshot = take_snapshot(git.top, revision="HEAD")
    assert snapshot.subject.revision == commit
    assert len(commit) == 64
    assert [a.path for a in snapshot.artifacts] == ["w.bin"]


def test_pointers_in_a_commit(git: Git) -> None:
    (git.top / "model.safetensors").write_text(POINTER)
    git.commit(day=2)
    found = take_snapshot(git.top, revision="HEAD").find("model.safetensors")
    assert found is not None
    assert (found.presence, found.size) == (Presence.POINTER, 999)


def test_a_partial_clone_has_missing_files(git: Git, tmp_path: Path) -> None:
    git("config", "uploadpack.allowfilter", "true")
    git("clone", "-q", "--no-checkout", "--filter=blob:none", f"file://{git.top}",
        str(tmp_path / "partial"))  # fmt: skip
    snapshot = take_snapshot(tmp_path / "partial", revision="HEAD")
    found = snapshot.find("sub/w.bin")
    assert found is not None
    assert (found.presence, found.kind) == (Presence.MISSING, Kind.UNREAD)
    assert str(found.digests[0]) == f"gitBlob:{git('rev-parse', 'HEAD:sub/w.bin')}"
    with pytest.raises(ContentUnavailable):
        snapshot.open(found)


def test_a_submodule_is_named_as_not_read(git: Git) -> None:
    commit = git("rev-parse", "HEAD")
    git("update-index", "--add", "--cacheinfo", f"160000,{commit},vendored")
    git("commit", "-q", "-m", "submodule", GIT_AUTHOR_NAME="a", GIT_AUTHOR_EMAIL="a@b",
        GIT_COMMITTER_NAME="a", GIT_COMMITTER_EMAIL="a@b")  # fmt: skip
    problems = take_snapshot(git.top, revision="HEAD").problems
    assert [(p.path, p.kind) for p in problems] == [("vendored", ProblemKind.UNREADABLE)]
    assert "submodule" in problems[0].detail


def test_nothing_a_repository_configures_takes_effect(git: Git, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    hook = git.top / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {canary}\n")
    hook.chmod(0o755)
    with (git.top / ".git" / "config").open("a") as config:
        config.write(f'[core]\n\tfsmonitor = "touch {canary}"\n\tsshCommand = "touch {canary}"\n')
        config.write(f'[filter "x"]\n\tsmudge = "touch {canary}"\n\tclean = "touch {canary}"\n')
        config.write("[include]\n\tpath = /dev/stdin\n")
    (git.top / ".gitattributes").write_text("* filter=x\n")
    shutil.rmtree(git.top / "sub")
    snapshot = take_snapshot(git.top, revision="HEAD")
    assert snapshot.find("sub/w.bin") is not None
    assert not canary.exists()
    assert not (git.top / "sub").exists(), "nothing is checked out"


@pytest.mark.parametrize(
    "revision",
    ["nope", "HEAD~99", "HEAD^7", "HEAD~x", "../../etc/passwd", "HEAD:config.json", "main@{1}",
     "--upload-pack=x", "0" * 40, "HEAD^{tree}", "refs/../HEAD", "\0", "main..HEAD"],
)  # fmt: skip
def test_what_names_no_commit_is_an_error_with_a_remedy(git: Git, revision: str) -> None:
    with pytest.raises(SubjectError) as caught:
        take_snapshot(git.top, revision=revision)
    assert caught.value.remedy


def test_short_ids(git: Git) -> None:
    commit = git("rev-parse", "HEAD~1")
    for packed in (False, True):
        if packed:
            git("gc", "-q")
        assert take_snapshot(git.top, revision=commit[:9]).subject.revision == commit


def test_a_folder_that_is_no_repository(tmp_path: Path) -> None:
    (tmp_path / "w.bin").write_bytes(b"x")
    with pytest.raises(SubjectError, match="not in a git repository"):
        take_snapshot(tmp_path, revision="HEAD")


def loose(git: Git, name: str) -> Path:
    object_id = git("rev-parse", name)
    return git.top / ".git" / "objects" / object_id[:2] / object_id[2:]


def test_an_object_under_another_s_name_is_found_out(git: Git) -> None:
    path = loose(git, "HEAD:sub/w.bin")
    path.chmod(0o644)
    path.write_bytes(loose(git, "HEAD:config.json").read_bytes())
    snapshot = take_snapshot(git.top, revision="HEAD")
    assert "sub/w.bin" in {p.path for p in snapshot.problems if "its id says" in p.detail}
    assert snapshot.find("sub/w.bin") is None


def test_damaged_and_hanging_objects(git: Git) -> None:
    path = loose(git, "HEAD:sub/w.bin")
    path.chmod(0o644)
    for damage in (b"", b"\x78\x9c rubbish", path.read_bytes()[:-4]):
        path.write_bytes(damage)
        problems = take_snapshot(git.top, revision="HEAD").problems
        assert {p.kind for p in problems} == {ProblemKind.UNREADABLE}
    path.unlink()
    os.mkfifo(path)
    assert take_snapshot(git.top, revision="HEAD").find("sub/w.bin") is None


def test_an_object_that_would_fill_the_memory_is_not_inflated(git: Git) -> None:
    (git.top / "bomb.bin").write_bytes(bytes(64 * 2**20))
    git.commit(day=2)
    for packed in (False, True):
        if packed:
            git("gc", "-q")
        snapshot = take_snapshot(git.top, revision="HEAD", bounds=Bounds(blob_bytes=2**20))
        found = {p.path: p for p in snapshot.problems}
        assert found["bomb.bin"].kind is ProblemKind.BOUND
        assert snapshot.find("config.json") is not None


def test_a_tree_that_multiplies_ends_at_the_bound(git: Git) -> None:
    """A few kilobytes of git that would be ten billion files when checked out."""
    blob = git("rev-parse", "HEAD:config.json")
    tree = git.top.parent / "tree.txt"
    lines, kind, mode = blob, "blob", "100644"
    for _ in range(10):
        tree.write_text("".join(f"{mode} {kind} {lines}\tf{n}\n" for n in range(10)))
        git("update-index", "--refresh")
        with tree.open() as source:
            done = subprocess.run(["git", "mktree"], cwd=git.top, stdin=source,
                                  capture_output=True, text=True, check=True)  # fmt: skip
        lines, kind, mode = done.stdout.strip(), "tree", "040000"
    commit = git("commit-tree", lines, "-m", "bomb", GIT_AUTHOR_NAME="a", GIT_AUTHOR_EMAIL="a@b",
                 GIT_COMMITTER_NAME="a", GIT_COMMITTER_EMAIL="a@b")  # fmt: skip
    snapshot = take_snapshot(git.top, revision=commit, bounds=Bounds(entries=2000))
    assert ProblemKind.BOUND in {p.kind for p in snapshot.problems}
    assert len(snapshot.artifacts) <= 2000


@pytest.mark.parametrize("where", ["HEAD", "packed-refs", "objects/pack/pack-x.idx"])
def test_files_of_git_that_are_fifos_do_not_hang(git: Git, where: str) -> None:
    git("gc", "-q")
    path = git.top / ".git" / where
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    if where.endswith(".idx"):
        os.mkfifo(path.with_suffix(".pack"))
    with pytest.raises(SubjectError):
        take_snapshot(git.top, revision="HEAD")


def test_a_damaged_pack_is_an_error_and_not_a_crash(git: Git) -> None:
    git("gc", "-q")
    (pack,) = (git.top / ".git" / "objects" / "pack").glob("*.pack")
    genuine = pack.read_bytes()
    pack.chmod(0o644)
    for at in range(12, len(genuine), 7):
        pack.write_bytes(genuine[:at] + bytes([genuine[at] ^ 0x55]) + genuine[at + 1 :])
        with contextlib.suppress(SubjectError):  # any other error is a crash
            snapshot = take_snapshot(git.top, revision="HEAD")
            assert snapshot.artifacts + snapshot.problems
    pack.write_bytes(genuine[:40])
    with pytest.raises(SubjectError):
        take_snapshot(git.top, revision="HEAD")


@pytest.mark.parametrize("cone", [["--cone"], ["--no-cone"], ["--cone", "--sparse-index"]])
def test_what_a_sparse_checkout_leaves_out_is_missing(git: Git, cone: list[str]) -> None:
    (git.top / "big").mkdir()
    (git.top / "big" / "model.safetensors").write_text(POINTER)
    (git.top / "big" / "plain.bin").write_bytes(b"x" * 5000)
    git.commit(day=2)
    git("sparse-checkout", "set", *cone, "/sub" if "--no-cone" in cone else "sub")
    assert not (git.top / "big").exists()
    snapshot = take_snapshot(git.top)
    if "--sparse-index" in cone:
        assert ("big", ProblemKind.UNREADABLE) in {(p.path, p.kind) for p in snapshot.problems}
        return
    weights, plain = (snapshot.find(f"big/{n}") for n in ("model.safetensors", "plain.bin"))
    assert weights is not None
    assert plain is not None
    assert weights.presence is plain.presence is Presence.MISSING
    assert str(weights.digests[0]) == "sha256:" + "ab" * 32
    assert str(plain.digests[0]) == f"gitBlob:{git('rev-parse', 'HEAD:big/plain.bin')}"
    assert [a.path for a in take_snapshot(git.top / "sub").artifacts] == ["w.bin"]


def test_an_index_that_cannot_be_read_is_said(git: Git) -> None:
    git("sparse-checkout", "set", "--no-cone", "/sub")
    index = git.top / ".git" / "index"
    genuine = index.read_bytes()
    assert genuine[4:8] == b"\0\0\0\3"
    for cut in range(12, len(genuine) - 20, 5):
        for damaged in (genuine[:cut], genuine[:cut] + b"\xff\xff" + genuine[cut + 2 :]):
            index.write_bytes(damaged)
            snapshot = take_snapshot(git.top)
            assert all(p.path == "" for p in snapshot.problems)
    index.write_bytes(genuine[:40])
    problems = take_snapshot(git.top).problems
    assert [(p.path, p.kind) for p in problems] == [("", ProblemKind.UNREADABLE)]


def test_what_is_staged_and_not_what_lies_in_the_folder(git: Git) -> None:
    (git.top / "sub" / "w.bin").write_bytes(b"staged")
    git("add", "-A")
    (git.top / "sub" / "w.bin").write_bytes(b"repaired on disk")
    index = Index(git.top)
    snapshot = index.snapshot("sub")
    assert [a.path for a in snapshot.artifacts] == ["w.bin"]
    assert snapshot.read(snapshot.artifacts[0], 100) == b"staged"
    assert set(index.paths) >= {"config.json", "sub/w.bin"}


@pytest.mark.parametrize("damage", [b"DIRC\0\0\0\2\0\0\0\7rubbish", b"rubbish", b"DIRC\0\0\0\x09"])
def test_a_damaged_index_is_an_error_with_a_remedy(git: Git, damage: bytes) -> None:
    (git.top / ".git" / "index").write_bytes(damage)
    with pytest.raises(SubjectError) as caught:
        Index(git.top)
    assert caught.value.remedy


def test_an_index_that_is_a_fifo_does_not_hang(git: Git) -> None:
    path = git.top / ".git" / "index"
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(SubjectError):
        Index(git.top)
    assert take_snapshot(git.top).artifacts


def test_a_git_file_that_names_somebody_elses_repository_is_refused(git: Git, tmp_path) -> None:
    model = tmp_path / "strangers-model"
    model.mkdir()
    (model / "w.bin").write_bytes(b"x")
    (model / ".git").write_text(f"gitdir: {git.top}/.git\n")
    with pytest.raises(SubjectError, match="does not lead back"):
        take_snapshot(model, revision="HEAD")
    from weighbridge.history.history import open_history

    with pytest.raises(HostileInput, match="does not lead back"):  # so who signed is unknown
        open_history(take_snapshot(model))


def test_a_submodule_as_the_subject_has_its_own_history(git: Git, tmp_path: Path) -> None:
    outer = new_repository(tmp_path / "outer")
    (outer.top / "a").write_text("a")
    outer.commit(day=0)
    outer("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(git.top), "inner")
    inner = take_snapshot(outer.top / "inner", revision="HEAD")
    assert inner.subject.revision == git("rev-parse", "HEAD")
