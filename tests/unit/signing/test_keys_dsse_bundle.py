"""Keys, envelopes and bundles: hostile ones first."""

import base64
import hashlib
import json

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.signing import dsse, keys
from weighbridge.signing.bundle import Bundle, looks_like_bundle
from weighbridge.signing.dsse import Envelope, decode_base64, pae
from weighbridge.signing.errors import (
    MalformedBundle,
    SignatureInvalid,
    UnrelatedSignature,
    UnsupportedSignature,
    UnusableKey,
)

CURVES = [ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()]


def _pem(key, password=None):
    protection = (
        serialization.BestAvailableEncryption(password)
        if password
        else serialization.NoEncryption()
    )
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection
    )


@pytest.mark.parametrize(
    "pem",
    [
        b"",
        b"not a key",
        b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        b"-----BEGIN PRIVATE KEY-----" + b"A" * 70_000,
        _pem(ed25519.Ed25519PrivateKey.generate()),
        _pem(rsa.generate_private_key(public_exponent=65537, key_size=2048)),
        _pem(ec.generate_private_key(ec.SECP256K1())),
    ],
)
def test_only_nist_ec_keys_are_taken(pem):
    with pytest.raises(UnusableKey) as caught:
        keys.load_private_key(pem)
    assert caught.value.remedy


@pytest.mark.parametrize("pem", [b"", b"nonsense", b"-----BEGIN PUBLIC KEY-----\n!!\n"])
def test_a_public_key_must_be_one(pem):
    with pytest.raises(UnusableKey):
        keys.load_public_key(pem)


def test_a_private_key_is_not_taken_for_a_public_one():
    with pytest.raises(UnusableKey, match="private key where a public one"):
        keys.load_public_key(_pem(keys.generate_key()))


def test_passwords():
    private = keys.generate_key()
    locked = keys.private_pem(private, b"secret")
    assert keys.load_private_key(locked, b"secret").private_numbers() == private.private_numbers()
    with pytest.raises(UnusableKey, match="no password"):
        keys.load_private_key(locked)
    with pytest.raises(UnusableKey, match="password is another"):
        keys.load_private_key(locked, b"wrong")
    with pytest.raises(UnusableKey, match="not encrypted"):
        keys.load_private_key(keys.private_pem(private), b"secret")


@pytest.mark.parametrize("curve", CURVES, ids=lambda c: c.name)
def test_sign_and_verify(curve):
    private = ec.generate_private_key(curve)
    signature = keys.sign(private, b"data")
    keys.verify(private.public_key(), signature, b"data")
    with pytest.raises(SignatureInvalid):
        keys.verify(private.public_key(), signature, b"Data")
    with pytest.raises(SignatureInvalid):
        keys.verify(ec.generate_private_key(curve).public_key(), signature, b"data")
    with pytest.raises(SignatureInvalid):
        keys.verify(private.public_key(), b"", b"data")


def test_hint_is_of_the_pem_and_the_fingerprint_of_the_der():
    public = keys.generate_key().public_key()
    pem = keys.public_pem(public)
    der = base64.b64decode("".join(pem.splitlines()[1:-1]))
    assert keys.hint(public) == hashlib.sha256(pem.encode()).hexdigest()
    assert keys.fingerprint(public).value == hashlib.sha256(der).hexdigest()


def test_pae_is_that_of_the_protocol():
    # the example of the DSSE protocol page
    assert pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )
    assert pae("é", "é".encode()) == b"DSSEv1 2 \xc3\xa9 2 \xc3\xa9"


@pytest.mark.parametrize("text", ["QQ==", "QQ", "_-8=", "/+8="])
def test_base64_in_both_alphabets(text):
    assert decode_base64(text, "it") in (b"A", b"\xff\xef")


@pytest.mark.parametrize("text", [None, 3, "Q", "Q=Q=", "QR==", "QQ==\n", "Q Q=", "é", "QQ====="])
def test_base64_has_one_spelling(text):
    with pytest.raises(MalformedBundle):
        decode_base64(text, "it")


def _bundle(**changes):
    envelope = Envelope(dsse.IN_TOTO, b"{}", b"signature").to_json()
    body = {
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {"publicKey": {"hint": "abc"}, "tlogEntries": []},
        "dsseEnvelope": envelope,
    }
    body.update(changes)
    return json.dumps(body).encode()


def _envelope(**changes):
    body = Envelope(dsse.IN_TOTO, b"{}", b"signature").to_json()
    body.update(changes)
    return _bundle(dsseEnvelope=body)


def _material(**material):
    return _bundle(verificationMaterial=material)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"mediaType": 1}',
        b'{"mediaType": "application/json"}',
        b'{"mediaType": "a", "mediaType": "a"}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        _bundle(verificationMaterial=None),
        _bundle(verificationMaterial=[]),
        _material(),
        _material(publicKey={"hint": 1}),
        _material(publicKey="x"),
        _material(publicKey={"hint": "\ud800"}),
        _material(publicKey={"hint": "x" * 5000}),
        _material(publicKey={}, certificate={"rawBytes": "QQ=="}),
        _material(certificate={"rawBytes": ""}),
        _material(certificate={"rawBytes": 7}),
        _material(x509CertificateChain={"certificates": []}),
        _material(x509CertificateChain={"certificates": [{}]}),
        _material(x509CertificateChain={"certificates": [{"rawBytes": "QQ=="}] * 33}),
        _material(publicKey={}, tlogEntries={}),
        _material(publicKey={}, tlogEntries=["x"]),
        _material(publicKey={}, timestampVerificationData=[]),
        _material(publicKey={}, timestampVerificationData={"rfc3161Timestamps": [{}]}),
        _bundle(dsseEnvelope=[]),
        _envelope(signatures=[]),
        _envelope(signatures=None),
        _envelope(signatures=["x"]),
        _envelope(signatures=[{"sig": "QQ=="}] * 2),
        _envelope(signatures=[{"sig": ""}]),
        _envelope(signatures=[{"sig": "QQ==", "keyid": 3}]),
        _envelope(payload=""),
        _envelope(payload=None),
        _envelope(payload={"a": 1}),
        _envelope(payloadType=None),
        _envelope(payloadType="a\nb"),
    ],
)
def test_a_hostile_bundle_is_refused_with_a_typed_error(data):
    with pytest.raises(HostileInput) as caught:
        Bundle.from_bytes(data)
    assert not isinstance(caught.value, UnsupportedSignature)


def test_a_bundle_past_the_bound_is_refused(monkeypatch):
    monkeypatch.setattr("weighbridge.signing.bundle.MAX_BYTES", 100)
    with pytest.raises(BoundExceeded):
        Bundle.from_bytes(_bundle())


def test_kinds_that_are_not_supported_are_told_apart():
    old = "application/vnd.dev.sigstore.bundle+json;version=0.2"
    with pytest.raises(UnsupportedSignature, match=r"version=0\.2"):
        Bundle.from_bytes(_bundle(mediaType=old))
    with pytest.raises(UnrelatedSignature):
        Bundle.from_bytes(_bundle(dsseEnvelope=None, messageSignature={}))


def test_round_trip_of_every_mode():
    envelope = Envelope(dsse.IN_TOTO, b"{}", b"s")
    for bundle, mode in [
        (Bundle(envelope, hint="ab"), "key"),
        (Bundle(envelope, certificates=(b"a", b"b"), timestamps=(b"t",)), "certificate"),
        (Bundle(envelope, certificates=(b"a",), keyless=True, log_entries=({"i": 1},)), "sigstore"),
    ]:
        again = Bundle.from_bytes(bundle.to_bytes())
        assert again == bundle
        assert again.mode == mode
        assert again.to_bytes() == bundle.to_bytes()


def test_a_bundle_is_known_by_its_content():
    assert looks_like_bundle(_bundle())
    assert looks_like_bundle(_bundle()[:-1])  # damaged, and must be seen
    assert not looks_like_bundle(b"-----BEGIN PGP SIGNATURE-----")
    assert not looks_like_bundle(
        json.dumps({"text": "application/vnd.dev.sigstore.bundle"}).encode()
    )
