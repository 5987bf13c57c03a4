"""What a model's files say of what its licenses demand, and the license lock beside them."""

import datetime as dt
from pathlib import Path

import pytest
from tests.unit.model.license_graphs import LLAMA_31, edge, evidence, facts, node

from weighbridge.collect import license_lock, licenses, notices
from weighbridge.collect.context import CollectContext, Services
from weighbridge.licensing.lock import NAME as LOCK
from weighbridge.licensing.lock import write_lock
from weighbridge.model.artifact import Problem, ProblemKind
from weighbridge.model.codec import from_json, to_json
from weighbridge.model.digest import sha256
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts import release
from weighbridge.model.licensing.locked import observed
from weighbridge.model.subject import SubjectKind
from weighbridge.testing.memory import snapshot_of

DAY = dt.date(2026, 11, 20)
SENTENCE = (
    "Llama 3.1 is licensed under the Llama 3.1 Community License, Copyright © Meta Platforms, Inc."
    " All Rights Reserved."
)
DRAWN = facts(
    [node("model:meta-llama/Llama-3.1-8B", LLAMA_31)],
    [edge("subject", "finetune", "model:meta-llama/Llama-3.1-8B")],
)


def earlier(drawn=DRAWN, *ids: str) -> dict[EvidenceKind, tuple[Evidence, ...]]:
    found = evidence(drawn, *(ids or (LLAMA_31,)))
    return {EvidenceKind.LINEAGE: found[:1], EvidenceKind.TERMS: found[1:]}


def look(files: dict[str, bytes], known=None, **kwargs) -> dict:
    ctx = CollectContext(
        snapshot_of(files, **kwargs),
        DAY,
        offline=True,
        earlier=earlier() if known is None else known,
    )
    (found,) = notices.collect(ctx)
    assert found.state is EvidenceState.OBSERVED
    assert from_json(Evidence, to_json(found)) == found
    return to_json(found)["data"]


def places(said: dict) -> set[tuple[str, str, int]]:
    return {(p["phrase"], p["role"], p["line"]) for p in said["phrases"]}


# Hostile files


@pytest.mark.parametrize(
    "content",
    [b"\0" + SENTENCE.encode(), b"%PDF-1.4", b"version https://git-lfs.github.com/spec/v1\n",
     b"x" * (2**20 + 1)],
    ids=["binary", "pdf", "pointer", "large"],
)  # fmt: skip
def test_a_notice_that_cannot_be_read_is_told(content: bytes) -> None:
    said = look({"NOTICE": content})
    assert [(u["path"], u["role"]) for u in said["unread"]] == [("NOTICE", "notice")]
    assert said["phrases"] == []


def test_a_readme_that_cannot_be_read_is_told() -> None:
    for content in (
        b"---\nlicense: [mit\n---\nBuilt with Llama",
        b"\xff\xfe\0\0",
        b"---\n- a\n---\n",
    ):
        said = look({"README.md": content})
        assert [u["role"] for u in said["unread"]] == ["readme"]
        assert said["phrases"] == []


def test_a_long_readme_is_read_to_a_bound_and_that_is_told() -> None:
    said = look({"README.md": b"word " * 200_000 + b"Built with Llama"})
    assert [u["role"] for u in said["unread"]] == ["readme"]
    assert said["phrases"] == []


def test_problems_of_the_walk_are_told() -> None:
    problem = Problem("USE_POLICY.md", ProblemKind.UNREADABLE, "permission denied")
    assert look({"a": b""}, problems=[problem])["unread"] == [
        {"path": "USE_POLICY.md", "role": "policy", "reason": "permission denied"}
    ]


def test_many_files_and_many_bytes_meet_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "MAX_FILES", 3)
    said = look({f"NOTICE-{n}": b"one" for n in range(9)})
    assert len(said["files"]) == 3
    assert "the number of notice files" in said["unread"][0]["reason"]
    monkeypatch.setattr(notices, "MAX_FILES", 64)
    monkeypatch.setattr(notices, "MAX_TOTAL_BYTES", 10)
    assert "bytes" in look({"NOTICE-1": b"abcdef", "NOTICE-2": b"ghijkl"})["unread"][0]["reason"]


def test_more_phrases_than_the_bound_are_counted() -> None:
    count = release.MAX_PHRASES + 50
    nodes = [node(f"dataset:acme/data{n}", "CC-BY-4.0") for n in range(count)]
    drawn = facts(nodes, [edge("subject", "trained-on", n["key"]) for n in nodes])
    said = look({"README.md": b"x"}, earlier(drawn, "CC-BY-4.0"))
    assert said["asked"] > count
    assert said["cut"] == said["asked"] - release.MAX_PHRASES


def test_without_a_lineage_nothing_is_looked_for() -> None:
    said = look({"README.md": b"Built with Llama"}, {})
    assert (said["asked"], said["phrases"]) == (0, [])


# What stands where


def test_phrases_are_found_where_they_stand() -> None:
    card = (
        b"---\nlicense: llama3.1\ndescription: Built with Llama\n---\n# M\n\nBuilt *with* Llama\n"
    )
    said = look({"README.md": card, "Notice.txt": f"Ours\n{SENTENCE}\n".encode()})
    assert places(said) == {("Built with Llama", "readme", 7), (SENTENCE, "notice", 2)}


def test_front_matter_and_comments_show_nothing() -> None:
    card = b"---\ndescription: Built with Llama\n---\n<!-- Built with Llama -->\n"
    assert look({"README.md": card})["phrases"] == []


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("USE_POLICY.md", "policy"), ("use-policy.txt", "policy"), ("AUP.md", "policy"),
        ("ACCEPTABLE_USE_POLICY", "policy"), ("gemma_prohibited_use_policy.md", "policy"),
        ("LICENSE", "license"), ("NOTICE", "notice"), ("third-party/NOTICE.txt", "notice"),
        ("ATTRIBUTION.md", "attribution"), ("CREDITS", "attribution"), ("README.rst", "readme"),
        ("readme.txt", "readme"), ("docs/README.md", None), ("use_policy.py", None),
        ("src/a/NOTICE", None), ("policy_network.md", None), ("augment.md", None),
    ],
)  # fmt: skip
def test_what_a_file_is_by_its_name(path: str, role: str | None) -> None:
    said = look({path: b"some words"})
    assert [f["role"] for f in said["files"]] == ([role] if role else [])


def test_copyright_lines_but_no_blanks_and_not_the_authors_of_licenses() -> None:
    said = look({
        "NOTICE": b"Our model\nCopyright 2026 Acme\n",
        "LICENSE": b"Copyright [yyyy] [name of copyright owner]\n\n"
                   b"Copyright (C) 2007 Free Software Foundation, Inc.\n",
    })  # fmt: skip
    assert said["copyright"] == [{"path": "NOTICE", "role": "notice", "line": 2}]


def test_the_name_is_that_of_the_models_identity() -> None:
    place = {"path": "README.md", "key": "model_name", "line": 4, "method": "declared"}
    model = Evidence(
        EvidenceKind.MODEL, "", EvidenceState.OBSERVED, "snapshot", "model@1",
        data={"name": "Llama-Tiny", "name_place": place},
    )  # fmt: skip
    said = look({"a": b""}, {**earlier(), EvidenceKind.MODEL: (model,)}, name="checkout")
    assert (said["name"], said["name_path"], said["name_line"]) == ("Llama-Tiny", "README.md", 4)
    said = look({"a": b""}, name="checkout", kind=SubjectKind.DIRECTORY)
    assert (said["name"], said["name_path"]) == ("checkout", "")


# The lock


def read_lock(files: dict[str, bytes], **kwargs) -> Evidence:
    services = Services(**{k: v for k, v in kwargs.items() if k == "license_lock"})
    ctx = CollectContext(snapshot_of(files, **{k: v for k, v in kwargs.items() if k == "pointers"}),
                         DAY, offline=True, services=services)  # fmt: skip
    (found,) = license_lock.collect(ctx)
    return found


def made() -> bytes:
    ctx = CollectContext(snapshot_of({"LICENSE": b"our terms"}), DAY, offline=True)
    return write_lock(observed((*licenses.collect(ctx), *evidence(DRAWN, LLAMA_31))))


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[]", b"{}", b'{"schema": 1}'])
def test_a_hostile_lock_is_unavailable(content: bytes) -> None:
    found = read_lock({LOCK: content})
    assert (found.state, found.about) == (EvidenceState.UNAVAILABLE, LOCK)
    assert found.reason


def test_a_lock_that_is_a_pointer_is_unavailable() -> None:
    found = read_lock({}, pointers={LOCK: sha256(b"x")})
    assert found.state is EvidenceState.UNAVAILABLE


def test_no_lock_is_absent_and_one_in_a_folder_is_none() -> None:
    assert read_lock({f"a/{LOCK}": made()}).state is EvidenceState.ABSENT


def test_a_lock_elsewhere_goes_before_the_one_inside(tmp_path: Path) -> None:
    kept = tmp_path / "kept.lock"
    kept.write_bytes(made())
    found = read_lock({LOCK: b"{"}, license_lock=kept)
    assert (found.state, found.about) == (EvidenceState.OBSERVED, "")
    assert found.raw == (sha256(made()),)
    assert str(tmp_path) not in str(to_json(found))


@pytest.mark.parametrize("kind", ["missing", "folder", "hostile"])
def test_a_lock_elsewhere_that_cannot_be_read(tmp_path: Path, kind: str) -> None:
    path = tmp_path if kind == "folder" else tmp_path / "kept.lock"
    if kind == "hostile":
        path.write_bytes(b"{")
    found = read_lock({LOCK: made()}, license_lock=path)
    assert found.state is EvidenceState.UNAVAILABLE
