"""The Hugging Face cache: links into the repository's own blobs are inside, all others are not."""

import hashlib
from pathlib import Path

import pytest

from weighbridge.model.artifact import ProblemKind
from weighbridge.model.subject import SubjectKind
from weighbridge.snapshot.take import take_snapshot

COMMIT = "c0ffee" * 6 + "c0ff"


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    for name in ("models--acme--tiny-chat", "models--evil--other"):
        repository = tmp_path / "hub" / name
        (repository / "blobs").mkdir(parents=True)
        (repository / "refs").mkdir()
        (repository / "refs" / "main").write_text(COMMIT)
        folder = repository / "snapshots" / COMMIT
        (folder / "sub").mkdir(parents=True)
        for path, content in (
            ("config.json", b"{}"),
            ("sub/w.bin", b"weights of " + name.encode()),
        ):
            etag = hashlib.sha256(content).hexdigest()
            (repository / "blobs" / etag).write_bytes(content)
            up = "../" * (path.count("/") + 2)
            (folder / path).symlink_to(f"{up}blobs/{etag}")
    return tmp_path / "hub"


def snapshot_folder(cache: Path) -> Path:
    return cache / "models--acme--tiny-chat" / "snapshots" / COMMIT


def test_a_snapshot_of_the_cache_is_a_subject(cache: Path) -> None:
    snapshot = take_snapshot(snapshot_folder(cache))
    assert not snapshot.problems
    assert snapshot.subject.kind is SubjectKind.HUB_CACHE
    assert (snapshot.subject.name, snapshot.subject.revision) == ("acme/tiny-chat", COMMIT)
    assert [a.path for a in snapshot.artifacts] == ["config.json", "sub/w.bin"]
    weights = snapshot.artifacts[1]
    assert weights.link_target == f"../../blobs/{weights.digests[0].value}"
    assert snapshot.read(weights, 100) == b"weights of models--acme--tiny-chat"


def test_links_to_anything_but_its_blobs_leave_the_subject(cache: Path) -> None:
    folder = snapshot_folder(cache)
    other = cache / "models--evil--other"
    (folder / "a").symlink_to("../../refs/main")
    (folder / "b").symlink_to(f"../../../{other.name}/snapshots/{COMMIT}/config.json")
    (folder / "c").symlink_to(other / "refs" / "main")
    (folder / "d").symlink_to("../../blobs/gone")
    kinds = {p.path: p.kind for p in take_snapshot(folder).problems}
    assert kinds == {
        "a": ProblemKind.SYMLINK_ESCAPE,
        "b": ProblemKind.SYMLINK_ESCAPE,
        "c": ProblemKind.SYMLINK_ESCAPE,
        "d": ProblemKind.SYMLINK_DANGLING,
    }


def test_a_blob_that_is_a_link_out_of_the_cache(cache: Path) -> None:
    folder = snapshot_folder(cache)
    blob = (folder / "sub" / "w.bin").resolve()
    blob.unlink()
    blob.symlink_to("/etc/passwd")
    assert [p.kind for p in take_snapshot(folder).problems] == [ProblemKind.SYMLINK_ESCAPE]


def test_a_folder_that_is_only_named_so_is_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "models--a--b" / "snapshots" / "main"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    assert take_snapshot(folder).subject.kind is SubjectKind.DIRECTORY
