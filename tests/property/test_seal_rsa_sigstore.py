"""Hostile bytes around a seal: log entries, answers about revocation, RSA signatures."""

from __future__ import annotations

import base64
import datetime as dt
from dataclasses import dataclass
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from hypothesis import example, given, settings
from hypothesis import strategies as st

from weighbridge.model.errors import HostileInput
from weighbridge.seal.log_entry import check_log_entry, plain_bundle
from weighbridge.seal.revocation_answers import answers
from weighbridge.signing.bundle import Bundle
from weighbridge.signing.document_keys import sign, verify
from weighbridge.signing.dsse import Envelope
from weighbridge.signing.errors import SignatureInvalid
from weighbridge.testing.revocation import RevocationAuthority

HASH = base64.b64encode(bytes(32)).decode()
BODY = base64.b64encode(b'{"kind":"hashedrekord","apiVersion":"0.0.2"}').decode()
ENTRY: dict[str, Any] = {
    "logIndex": "0",
    "logId": {"keyId": HASH},
    "kindVersion": {"kind": "hashedrekord", "version": "0.0.2"},
    "integratedTime": "0",
    "inclusionProof": {
        "logIndex": "0", "rootHash": HASH, "treeSize": "1", "hashes": [],
        "checkpoint": {"envelope": f"log\n1\n{HASH}\n\n\u2014 log AAAA\n"},
    },
    "canonicalizedBody": BODY,
}  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)
PATHS: list[tuple[str, ...]] = [
    (), ("logIndex",), ("logId",), ("logId", "keyId"), ("kindVersion",), ("kindVersion", "kind"),
    ("integratedTime",), ("inclusionProof",), ("inclusionProof", "hashes"),
    ("inclusionProof", "rootHash"), ("inclusionProof", "treeSize"),
    ("inclusionProof", "checkpoint"), ("inclusionProof", "checkpoint", "envelope"),
    ("canonicalizedBody",),
]  # fmt: skip


def bundle_of(entry: Any) -> Bundle:
    return Bundle(
        Envelope("a/b", b"{}", b"x"), certificates=(b"x",), keyless=True, log_entries=(entry,)
    )


def replaced(value: Any, path: tuple[str, ...], new: Any) -> Any:
    if not path:
        return new
    return {**value, path[0]: replaced(value[path[0]], path[1:], new)}


def test_the_entry_as_it_is_written_is_taken() -> None:
    check_log_entry(bundle_of(ENTRY))
    assert plain_bundle(bundle_of(ENTRY)).log_entries[0]["canonicalizedBody"] == BODY


@given(st.sampled_from(PATHS), JSON)
@example(("inclusionProof", "hashes"), {})
@example(("logIndex",), "7")
@example(("integratedTime",), "7")
@example(("inclusionProof", "checkpoint", "envelope"), "one line")
@example(("inclusionProof", "checkpoint", "envelope"), "log\n1\nx\n\n")
@example(("canonicalizedBody",), base64.b64encode(b"[]").decode())
@settings(max_examples=200, deadline=None)
def test_any_other_entry_is_refused_in_one_way(path: tuple[str, ...], value: Any) -> None:
    changed = replaced(ENTRY, path, value)
    if changed == ENTRY and repr(changed) == repr(ENTRY):
        return
    for call in (check_log_entry, plain_bundle):
        with pytest.raises(HostileInput):
            call(bundle_of(changed))


@dataclass(frozen=True)
class Said:
    """A certificate, its issuer's, and what that said: it is revoked."""

    certificate: x509.Certificate
    issuer: x509.Certificate
    ocsp: bytes
    crl: bytes


@pytest.fixture(scope="module")
def said() -> Said:
    authority = RevocationAuthority()  # not running: it is asked in process
    identity, root = authority.issue("a signer"), authority.root.certificate
    authority.revoked.add(identity.certificate.serial_number)
    asked = ocsp.OCSPRequestBuilder().add_certificate(identity.certificate, root, hashes.SHA256())
    answer = authority.ocsp(asked.build().public_bytes(Encoding.DER))
    return Said(identity.certificate, root, answer, authority.crl())


LATER = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)  # than what is said while the tests run


@given(st.floats(0, 1, exclude_max=True), st.integers(0, 7), st.booleans())
@settings(max_examples=300, deadline=None)
def test_a_changed_answer_never_says_good(
    said: Said, place: float, bit: int, by_list: bool
) -> None:
    """Nor does it raise. One bit anywhere: the signature covers what is said."""
    honest = said.crl if by_list else said.ocsp
    changed = bytearray(honest)
    changed[int(place * len(honest))] ^= 1 << bit

    def revoked(data: bytes) -> list[bool]:
        given = ((), [data]) if by_list else ([data], ())
        found = answers(said.certificate, said.issuer, *given, LATER)
        return [answer.revoked is not None for answer in found]

    assert revoked(honest) == [True]
    assert all(revoked(bytes(changed)))


@given(st.binary(max_size=600))
@settings(max_examples=100, deadline=None)
def test_random_bytes_are_no_answer(said: Said, noise: bytes) -> None:
    assert not answers(said.certificate, said.issuer, [noise], [noise], LATER)


RSA = rsa.generate_private_key(65537, 2048)


@given(st.binary(max_size=100), st.integers(0, 2047))
@settings(max_examples=50, deadline=None)
def test_one_bit_of_an_rsa_signature_counts(message: bytes, place: int) -> None:
    made = sign(RSA, message)
    verify(RSA.public_key(), made, message)
    changed = bytearray(made)
    changed[place // 8] ^= 1 << place % 8
    with pytest.raises(SignatureInvalid):
        verify(RSA.public_key(), bytes(changed), message)
