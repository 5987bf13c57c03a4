"""Snapshots that were changed: refused, or exactly what was written; never trusted."""

from __future__ import annotations

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.property.mutation import mutated
from tests.unit.collect.baselines import facts, project, snapshot, unasked

from weighbridge.model.canonical import canonical
from weighbridge.model.errors import HostileInput
from weighbridge.model.maintainers_changes import compare
from weighbridge.signing import keys
from weighbridge.signing.baseline_trust import verify_snapshot
from weighbridge.signing.maintainers_snapshot import (
    read_document,
    read_snapshot,
    sign_snapshot,
)
from weighbridge.signing.signers import KeySigner

KEY = keys.generate_key()
TRUST = (keys.trusted_signer("team", keys.public_pem(KEY.public_key()).encode()),)
MADE = snapshot(project(), unasked("torch"))
FILE = sign_snapshot(MADE, KeySigner(KEY))
AT = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)


def trusted(data: bytes) -> bool:
    """Whether a file is believed; one that is refused is not."""
    try:
        return bool(verify_snapshot(read_snapshot(data), TRUST, at=AT).signer)
    except HostileInput:
        return False


def test_the_changes_below_start_from_what_is_trusted() -> None:
    assert trusted(FILE)


@settings(max_examples=120, deadline=None)
@given(st.integers(0, len(FILE) - 1), st.integers(1, 255))
def test_a_file_with_any_byte_changed_is_never_trusted(at: int, change: int) -> None:
    raw = bytearray(FILE)
    raw[at] ^= change
    assert not trusted(bytes(raw))


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_changed_file_is_never_trusted(data) -> None:
    raw = mutated(data, FILE)
    assert trusted(raw) is (raw == FILE)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_changed_document_is_refused_or_reads_as_its_own_bytes(data) -> None:
    raw = mutated(data, MADE.to_bytes())
    try:
        read = read_document(raw)
    except HostileInput:
        return
    assert read.to_bytes() == raw


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(facts())), JSON)
def test_any_value_of_any_field_is_refused_or_can_be_compared(name: str, value: object) -> None:
    try:
        body = MADE.to_json()
        body["projects"][0]["facts"][name] = value
        read = read_document(canonical(body))
    except (HostileInput, ValueError):  # what has no canonical form is no document
        return
    compare(MADE, read, AT.date())
    compare(read, MADE, AT.date())
