"""Attestations that were changed: refused, or exactly what was written; never trusted."""

from __future__ import annotations

import dataclasses
import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.property.mutation import mutated
from tests.unit.signing.test_attestation import FILE, FILES, KEY, MADE, TRUST

from weighbridge.model.errors import HostileInput
from weighbridge.signing.attestation import Attestation, read_attestation
from weighbridge.signing.attested import attested_subject, sign_attestation, verify_attestation
from weighbridge.signing.bundle import Bundle
from weighbridge.signing.signers import KeySigner
from weighbridge.signing.verdict import SignatureState
from weighbridge.testing.memory import snapshot_of

SUBJECT = attested_subject(snapshot_of(FILES))
lines = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=60)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_changed_file_is_refused_or_reads_as_its_own_bytes(data) -> None:
    raw = mutated(data, FILE)
    try:
        read = read_attestation(raw)
    except HostileInput:
        return
    assert read.bundle.to_bytes() == raw
    assert read.attestation.to_bytes() == read.bundle.envelope.payload


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_changed_statement_is_refused_or_no_longer_signed(data) -> None:
    payload = mutated(data, MADE.to_bytes())
    try:
        Attestation.from_bytes(payload)
    except HostileInput:
        return
    bundle = Bundle.from_bytes(FILE)
    envelope = dataclasses.replace(bundle.envelope, payload=payload)
    read = read_attestation(dataclasses.replace(bundle, envelope=envelope).to_bytes())
    verified = verify_attestation(read, SUBJECT, TRUST)
    same = payload == MADE.to_bytes()
    assert (verified.signature.state is SignatureState.VALID) is same


@settings(max_examples=100, deadline=None)
@given(lines, lines, st.dates(dt.date(1990, 1, 1)), st.integers(0, 4000))
def test_what_is_written_is_read_back(name, role, made, days) -> None:
    if (dt.date.max - made).days < days:
        return
    expires = made + dt.timedelta(days=days)
    try:
        said = dataclasses.replace(MADE, name=name, role=role, made=made, expires=expires)
    except HostileInput:
        return
    assert read_attestation(sign_attestation(said, KeySigner(KEY))).attestation == said
