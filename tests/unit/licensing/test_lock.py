"""The license lock: hostile files, a round trip, and what counts as a change."""

import copy
import json
from typing import Any

import pytest
from tests.unit.model.license_graphs import LLAMA_31, edge, evidence, facts, node

from weighbridge.licensing import lock
from weighbridge.licensing.lock import MalformedLock, read_lock, write_lock
from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.licensing.locked import MAX_TEXT, compare, observed, unread

BASE = "model:meta-llama/Llama-3.1-8B"


def declared(raw: str = "llama3.1", name: str = "") -> Evidence:
    data = {"role": "declared", "raw": raw, "license_name": name, "license_link": ""}
    return _license("README.md", data)


def text(path: str = "LICENSE", license_id: str = LLAMA_31, sha: str = "a") -> Evidence:
    data = {"role": "detected", "id": license_id, "file_digest": sha * 64}
    return _license(path, data)


def _license(path: str, data: dict[str, Any]) -> Evidence:
    return Evidence(
        EvidenceKind.LICENSE, path, EvidenceState.OBSERVED, f"file:{path}", "licenses@1", data=data
    )


def found(*more: Evidence, base: dict[str, Any] | None = None) -> dict[str, Any]:
    drawn = facts([base or node(BASE, LLAMA_31)], [edge("subject", "finetune", BASE)])
    return observed((*evidence(drawn, LLAMA_31), *(more or (declared(), text()))))  # type: ignore[return-value]


LOCKED = found()


def changes(now: dict[str, Any], then: dict[str, Any] | None = None, **gaps: str) -> set[str]:
    return {f"{c.kind}:{c.about}" for c in compare(then or LOCKED, now, gaps)}  # type: ignore[arg-type]


def altered(**values: Any) -> bytes:
    return json.dumps({**json.loads(write_lock(LOCKED)), **values}).encode()  # type: ignore[arg-type]


# Hostile files


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\xff\xfe", b"{", b"[]", b"null", b"{}", b"3", b"[" * 100_000,
        b'{"schema": "urn:weighbridge:license-lock:1"}',
        b'{"schema": NaN}', b'{"schema": 1, "schema": 1}',
        altered(schema="urn:weighbridge:license-lock:2"), altered(more=1), altered(tags=None),
        altered(tags="mit"), altered(tags=[1]), altered(tags=[["mit"]]), altered(tags=["a\nb"]),
        altered(tags=["\u202e"]), altered(tags=["\ud800"]), altered(texts={}), altered(texts=[[]]),
        altered(texts=[{"path": "LICENSE", "id": ""}]),
        altered(texts=[{"path": "LICENSE", "id": "", "sha256": "z" * 64}]),
        altered(texts=[{"path": "LICENSE", "id": "", "sha256": "a" * 63}]),
        altered(terms=[{"id": "MIT", "texts": []}]),
        altered(terms=[{"id": "MIT", "texts": {"a": 1}}]),
        altered(ancestors=[{**LOCKED["ancestors"][0], "state": "fine"}]),
        altered(ancestors=[{**LOCKED["ancestors"][0], "children": "subject"}]),
    ],
)  # fmt: skip
def test_what_is_no_lock_is_refused(data: bytes) -> None:
    with pytest.raises(HostileInput):
        read_lock(data)


def test_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BoundExceeded):
        read_lock(altered(tags=["a" * (MAX_TEXT + 1)]))
    monkeypatch.setattr(lock, "MAX_ENTRIES", 3)
    with pytest.raises(BoundExceeded):
        read_lock(altered(tags=["a"] * 4))
    with pytest.raises(BoundExceeded):
        read_lock(altered(terms=[{"id": "MIT", "texts": {str(n): "" for n in range(4)}}]))
    monkeypatch.setattr(lock, "MAX_BYTES", 100)
    with pytest.raises(BoundExceeded):
        read_lock(write_lock(LOCKED))  # type: ignore[arg-type]


def test_a_message_says_what_a_lock_has() -> None:
    with pytest.raises(MalformedLock, match="ancestors, schema, tags, terms, texts"):
        read_lock(b'{"schema": "urn:weighbridge:license-lock:1"}')


# Writing and reading


def test_a_lock_comes_back_and_is_readable() -> None:
    data = write_lock(LOCKED)  # type: ignore[arg-type]
    assert read_lock(data) == LOCKED
    assert write_lock(read_lock(data)) == data
    lines = data.decode().splitlines()
    assert '    "llama3.1"' in lines
    assert len(lines) > 20  # a value a line: a diff shows what changed


def test_what_cards_say_is_written_so_that_it_can_be_read_again() -> None:
    hostile = node(BASE, LLAMA_31, revision="\x00")
    hostile["licenses"][0]["raw"] = "mit\u202e\n" + "x" * 5_000
    now = found(declared("a\x1b[2J\ud800"), text("LICENSE\n"), base=hostile)
    assert read_lock(write_lock(now)) == now  # type: ignore[arg-type]


def test_the_order_of_evidence_does_not_matter() -> None:
    one = found(declared("mit"), declared("apache-2.0"), text("A"), text("B"))
    assert one == found(text("B"), text("A"), declared("apache-2.0"), declared("mit"))


def test_several_revisions_of_a_base_are_one_entry() -> None:
    first, second = "a" * 40, "b" * 40
    nodes = [
        node(f"{BASE}@{first}", LLAMA_31, revision=first),
        node(f"{BASE}@{second}", LLAMA_31, revision=second),
    ]
    for one in nodes:
        one["id"] = BASE.partition(":")[2]
    edges = [edge("subject", "merge", n["key"]) for n in nodes]
    (entry,) = observed(evidence(facts(nodes, edges), LLAMA_31))["ancestors"]
    assert (entry["key"], entry["revision"]) == (BASE, f"{first} {second}")


# Changes


def test_the_same_is_the_same() -> None:
    assert changes(copy.deepcopy(LOCKED)) == set()


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (found(declared("apache-2.0"), text()), {"tag:"}),
        (found(declared("other", "Our terms"), text()), {"tag:"}),
        (found(declared()), {"text:LICENSE"}),
        (found(declared(), text(sha="b")), {"text:LICENSE"}),
        (found(declared(), text(), text("USE_POLICY.md")), {"text:USE_POLICY.md"}),
        (found(base=node(BASE, "MIT")), {f"tag:{BASE}", f"license:{BASE}"}),
        (found(base=node(BASE, LLAMA_31, revision="c" * 40)), {f"revision:{BASE}"}),
        (found(base=node(BASE, state="vanished")), {f"vanished:{BASE}"}),
        (found(base=node(BASE, state="unavailable")), {f"unknown:{BASE}"}),
        (found(base=node(BASE, state="named")), {f"unknown:{BASE}"}),
    ],
)
def test_what_changed_is_named(now: dict[str, Any], expected: set[str]) -> None:
    assert changes(now) == expected


def test_another_relation_to_the_base_is_a_change() -> None:
    drawn = facts([node(BASE, LLAMA_31)], [edge("subject", "distilled-from-outputs", BASE)])
    now = observed((*evidence(drawn, LLAMA_31), declared(), text()))
    assert changes(now) == {f"base:{BASE}"}  # type: ignore[arg-type]


def test_another_base_is_one_less_and_one_more() -> None:
    other = "model:meta-llama/Llama-3-8B"
    drawn = facts([node(other, LLAMA_31)], [edge("subject", "finetune", other)])
    now = observed((*evidence(drawn, LLAMA_31), declared(), text()))
    assert changes(now) == {f"base:{BASE}", f"base:{other}"}  # type: ignore[arg-type]


def test_a_use_policy_that_was_replaced_is_a_change() -> None:
    then, now = copy.deepcopy(LOCKED), copy.deepcopy(LOCKED)
    then["terms"][0]["texts"]["use-policy"] = "1" * 64
    now["terms"][0]["texts"]["use-policy"] = "2" * 64
    assert changes(now, then) == {f"terms:{LLAMA_31}"}
    now["terms"][0]["texts"]["use-policy"] = ""
    assert changes(now, then) == {f"unknown:{LLAMA_31}"}
    assert changes(then, now) == set()  # it has become known


@pytest.mark.parametrize(("state", "kind"), [("read", "base"), ("named", "unknown")])
def test_what_lies_behind_an_unread_base_is_not_called_new(state: str, kind: str) -> None:
    far = "model:acme/far"
    near = node(BASE, LLAMA_31, state=state)
    then = found(base=near)
    nodes = [node(BASE, LLAMA_31), node(far, LLAMA_31)]
    edges = [edge("subject", "finetune", BASE), edge(BASE, "finetune", far)]
    now = observed((*evidence(facts(nodes, edges), LLAMA_31), declared(), text()))
    assert changes(now, then) == {f"{kind}:{far}"}  # type: ignore[arg-type]


def test_a_license_that_was_not_known_when_it_was_locked() -> None:
    then = found(base=node(BASE, state="named"))
    assert changes(copy.deepcopy(LOCKED), then) == {f"unknown:{BASE}"}


def test_a_card_that_cannot_be_read_has_not_changed() -> None:
    gap = Evidence(
        EvidenceKind.LICENSE, "README.md", EvidenceState.UNAVAILABLE, "file:README.md",
        "licenses@1", "broken", {"part": "card", "path": "README.md", "line": 2},
    )  # fmt: skip
    file = Evidence(
        EvidenceKind.LICENSE, "LICENSE", EvidenceState.UNAVAILABLE, "file:LICENSE", "licenses@1",
        "binary", {"part": "file", "path": "LICENSE", "line": 0},
    )  # fmt: skip
    gaps = unread((gap, file, declared()))
    drawn = facts([node(BASE, LLAMA_31)], [edge("subject", "finetune", BASE)])
    now = observed(evidence(drawn, LLAMA_31))
    assert changes(now, None, **gaps) == {"unknown:", "unknown:LICENSE"}  # type: ignore[arg-type]
