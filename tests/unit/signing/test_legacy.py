"""Signatures of model_signing 0.2: named, and read only on request."""

import json

import pytest

from weighbridge.signing import dsse, keys
from weighbridge.signing.bundle import Bundle
from weighbridge.signing.compare import Cause
from weighbridge.signing.errors import LegacyManifest, MalformedManifest, SignatureInvalid
from weighbridge.signing.oms import SignatureState, read_signature, verify_oms
from weighbridge.testing.memory import snapshot_of

KEY = keys.generate_key()
TRUST = [keys.trusted_signer("team", keys.public_pem(KEY.public_key()).encode())]
FILES = {"config.json": b"{}", "w\u00e9.safetensors": b"weights"}


def _bundle(subjects=None, *, pae=dsse.legacy_pae, predicate="https://model_signing/Digests/v0.1"):
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "predicateType": predicate,
        "predicate": {"unused": "Unused, just passed due to API requirements"},
        "subject": [
            {"name": a.path, "digest": {"sha256": a.digests[0].value}}
            for a in snapshot_of(FILES).artifacts
        ]
        if subjects is None
        else subjects,
    }
    payload = json.dumps(statement, ensure_ascii=False).encode()
    signature = keys.sign(KEY, pae(dsse.IN_TOTO, payload))
    return Bundle(dsse.Envelope(dsse.IN_TOTO, payload, signature)).to_bytes()


def test_without_the_flag_it_is_refused_by_name():
    with pytest.raises(LegacyManifest, match=r"Digests/v0\.1.*0\.2"):
        verify_oms(_bundle(), snapshot_of(FILES), TRUST)
    with pytest.raises(LegacyManifest) as caught:
        read_signature(_bundle())
    assert "--allow-legacy-v0.2" in caught.value.remedy


@pytest.mark.parametrize("pae", [dsse.legacy_pae, dsse.pae])
def test_with_the_flag_both_encodings_count(pae):
    verified = verify_oms(read_signature(_bundle(pae=pae), legacy=True), snapshot_of(FILES), TRUST)
    assert verified.state is SignatureState.VALID
    assert verified.holds
    assert verified.manifest.legacy


def test_the_broken_encoding_counts_for_no_other_statement():
    """A signature over Python's spelling of a current statement is no signature of it."""
    from weighbridge.signing.oms import sign_oms

    current = Bundle.from_bytes(sign_oms(snapshot_of(FILES), KEY)).envelope
    signature = keys.sign(KEY, dsse.legacy_pae(dsse.IN_TOTO, current.payload))
    forged = Bundle(dsse.Envelope(dsse.IN_TOTO, current.payload, signature)).to_bytes()
    verified = verify_oms(read_signature(forged, legacy=True), snapshot_of(FILES), TRUST)
    assert verified.state is not SignatureState.VALID


def test_the_encoding_is_that_of_the_peer():
    peer = pytest.importorskip("model_signing._signing.sign_sigstore_pb")
    payload = '{"a": "é\'\\\\"}'.encode()
    assert dsse.legacy_pae(dsse.IN_TOTO, payload) == peer.pae_compat(payload)


def test_files_are_compared_and_added_ones_are_seen():
    read = read_signature(_bundle(), legacy=True)
    now = {"config.json": b"[]", "extra.py": b""}
    verified = verify_oms(read, snapshot_of(now), TRUST)
    assert {d.path: d.cause for d in verified.comparison.differences} == {
        "config.json": Cause.CHANGED,
        "extra.py": Cause.ADDED,
        "w\u00e9.safetensors": Cause.MISSING,
    }


@pytest.mark.parametrize(
    "subjects",
    [
        [],
        {},
        [[]],
        [{"name": "w"}],
        [{"name": "w", "digest": {"sha512": "a" * 128}}],
        [{"name": "w", "digest": {"sha256": "a" * 63}}],
        [{"name": "../w", "digest": {"sha256": "a" * 64}}],
        [{"name": "w", "digest": {"sha256": "a" * 64}}] * 2,
    ],
)
def test_malformed(subjects):
    with pytest.raises(MalformedManifest):
        read_signature(_bundle(subjects), legacy=True)


def test_that_release_signed_with_sha256_whatever_the_curve():
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    private = ec.generate_private_key(ec.SECP384R1())
    payload = b'{"a": 1}'
    data = dsse.legacy_pae(dsse.IN_TOTO, payload)
    signature = private.sign(data, ec.ECDSA(hashes.SHA256()))
    envelope = dsse.Envelope(dsse.IN_TOTO, payload, signature, legacy=True)
    dsse.verify_envelope(private.public_key(), envelope)
    with pytest.raises(SignatureInvalid):
        dsse.verify_envelope(private.public_key(), dsse.Envelope(dsse.IN_TOTO, payload, signature))
