"""The ledger's readers raise only what they say; entries and notes come back as they were."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weighbridge.ledger import merkle
from weighbridge.ledger.checkpoint import Checkpoint
from weighbridge.ledger.entry import Entry, EntryKind
from weighbridge.ledger.note import VerifierKey, open_note
from weighbridge.ledger.proof import Proof
from weighbridge.ledger.tiles import pack_bundle, parse_name, tile_name, unpack_bundle
from weighbridge.model.canonical import canonical
from weighbridge.model.digest import sha256
from weighbridge.model.errors import ExitCode, HostileInput

KEY = VerifierKey("example.com/log", b"p" * 32)
DIGESTS = st.binary(max_size=8).map(sha256)
COMMON = {
    "record": DIGESTS,
    "seal": DIGESTS,
    "subject_name": st.text(max_size=300),
    "subject_digest": DIGESTS,
    "as_of": st.dates(min_value=dt.date(1000, 1, 1)),
}
AUDITS = st.builds(
    Entry,
    kind=st.just(EntryKind.AUDIT),
    verdict=st.sampled_from(ExitCode),
    policy_id=st.text(max_size=30),
    policy_version=st.text(max_size=30),
    **COMMON,
)
BASELINES = st.builds(Entry, kind=st.just(EntryKind.BASELINE), verdict=st.none(), **COMMON)
ENTRIES = AUDITS | BASELINES
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ("schema", "kind", "record", "seal", "subject", "verdict", "asOf", "policy")


def refused_or_read(read, data) -> None:
    with contextlib.suppress(HostileInput):
        read(data)


@given(st.binary(max_size=600) | st.text(max_size=300).map(lambda t: t.encode("utf-8", "replace")))
def test_readers_refuse_only_as_hostile_input(data: bytes) -> None:
    for read in (Entry.from_bytes, Proof.from_bytes, unpack_bundle, lambda d: open_note(d, KEY),
                 lambda d: Checkpoint.open(d, KEY)):  # fmt: skip
        refused_or_read(read, data)
    refused_or_read(VerifierKey.from_text, data.decode("utf-8", "replace"))


@given(ENTRIES, st.sampled_from(FIELDS), JSON)
def test_an_entry_with_another_value_is_refused_as_hostile_input(
    entry: Entry, name: str, value: object
) -> None:
    body = {**entry.to_json(), name: value}
    refused_or_read(Entry.from_bytes, json.dumps(body, ensure_ascii=True).encode())


@given(ENTRIES)
def test_an_entry_comes_back(entry: Entry) -> None:
    assert Entry.from_bytes(entry.to_bytes()) == entry


@given(st.lists(st.binary(max_size=50), max_size=20))
def test_a_bundle_comes_back(entries: list[bytes]) -> None:
    assert unpack_bundle(pack_bundle(entries)) == entries


@given(st.integers(0, 10**9 - 1), st.integers(1, 256), st.sampled_from(["entries", "0", "3"]))
def test_a_tile_name_comes_back(index: int, width: int, level: str) -> None:
    assert parse_name(tile_name(level, index, width)) == (level, index, width)


@given(st.lists(st.binary(max_size=4), min_size=1, max_size=60), st.data())
def test_proofs_hold_and_fail_with_any_step_changed(entries: list[bytes], data) -> None:
    leaves = [merkle.leaf_hash(entry) for entry in entries]

    def subtree(start: int, end: int) -> bytes:
        return merkle.root(leaves[start:end])

    size = len(leaves)
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    head, path = subtree(0, size), merkle.inclusion_path(index, size, subtree)
    assert merkle.includes(leaves[index], index, size, path, head)
    steps = merkle.consistency_path(old, size, subtree)
    assert merkle.consistent(old, subtree(0, old), size, head, steps)
    for at in range(len(path)):
        wrong = [*path[:at], bytes(32), *path[at + 1 :]]
        assert not merkle.includes(leaves[index], index, size, wrong, head)
    for at in range(len(steps)):
        wrong = [*steps[:at], bytes(32), *steps[at + 1 :]]
        assert not merkle.consistent(old, subtree(0, old), size, head, wrong)


@given(AUDITS, BASELINES)
def test_an_audit_has_a_verdict_and_a_baseline_has_none(audit: Entry, baseline: Entry) -> None:
    with pytest.raises(HostileInput):
        dataclasses.replace(audit, verdict=None)
    for more in ({"verdict": ExitCode.HOLDS}, {"policy_id": "p"}):
        with pytest.raises(HostileInput):
            dataclasses.replace(baseline, **more)
    body = baseline.to_json()
    assert "verdict" not in body
    assert "policy" not in body
    for extra in ({"verdict": "holds"}, {"policy": {"id": "", "version": ""}}):
        with pytest.raises(HostileInput):
            Entry.from_bytes(canonical({**body, **extra}))
