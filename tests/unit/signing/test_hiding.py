"""Files that call themselves signatures: none is spared for its name or its media type."""

from __future__ import annotations

import json

import pytest

from weighbridge.signing import dsse, keys
from weighbridge.signing.bundle import MEDIA_TYPE, Bundle
from weighbridge.signing.compare import Cause
from weighbridge.signing.discover import find_signatures
from weighbridge.signing.errors import CannotSign, MalformedBundle
from weighbridge.signing.oms import sign_oms, signed_names, verify_oms
from weighbridge.testing.memory import snapshot_of

KEY = keys.generate_key()
SIGNER = keys.trusted_signer("team", keys.public_pem(KEY.public_key()).encode())
FILES = {"w.safetensors": b"weights"}


def provenance() -> bytes:
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "w.safetensors", "digest": {"sha256": "0" * 64}}],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {"anything": "at all"},
    }
    envelope = dsse.sign_envelope(KEY, dsse.IN_TOTO, json.dumps(statement).encode())
    return Bundle(envelope, hint="x").to_bytes()


HIDDEN = {
    "a blob's bundle": json.dumps(
        {"mediaType": MEDIA_TYPE, "messageSignature": {}, "anything": "at all"}
    ).encode(),
    "build provenance": provenance(),
    "bytes that speak of a bundle": b"\x80\x04" + MEDIA_TYPE.encode() + b"R.",
    "a bundle of the future": json.dumps(
        {"mediaType": MEDIA_TYPE.replace("0.3", "0.9"), "x": "y"}
    ).encode(),
    "a truncated signature": sign_oms(snapshot_of(FILES), KEY)[:300],
}
hidden = pytest.mark.parametrize("content", HIDDEN.values(), ids=HIDDEN)


def verify(bundle: bytes, files: dict[str, bytes]):
    snapshot = snapshot_of(files)
    paths = find_signatures(snapshot).paths
    return verify_oms(bundle, snapshot, [SIGNER], signature_paths=paths)


@hidden
@pytest.mark.parametrize("name", ["x.sig", "x.sigstore.json", "x.sigstore"])
def test_a_file_that_is_added_after_signing(name: str, content: bytes) -> None:
    bundle = sign_oms(snapshot_of(FILES), KEY)
    verified = verify(bundle, {**FILES, "model.sig": bundle, name: content})
    assert [(d.path, d.cause) for d in verified.comparison.differences] == [(name, Cause.ADDED)]
    assert not verified.holds


@hidden
def test_a_file_that_lies_there_before_signing(content: bytes) -> None:
    """It is signed like any other: left out by name, it could be exchanged unseen afterwards."""
    files = {**FILES, "x.sigstore.json": content}
    bundle = sign_oms(snapshot_of(files), KEY)
    assert signed_names(bundle) == ("w.safetensors", "x.sigstore.json")
    assert verify(bundle, {**files, "model.sig": bundle}).holds
    changed = verify(bundle, {**files, "x.sigstore.json": content + b" ", "model.sig": bundle})
    assert [d.cause for d in changed.comparison.differences] == [Cause.CHANGED]


def test_another_signature_of_the_model_is_spared() -> None:
    bundle = sign_oms(snapshot_of(FILES), KEY)
    second = sign_oms(snapshot_of(FILES), keys.generate_key(), hash_type="blake3")
    verified = verify(bundle, {**FILES, "model.sig": bundle, "second.sig": second})
    assert verified.holds
    assert [i.path for i in verified.comparison.ignored] == ["model.sig", "second.sig"]


@pytest.mark.parametrize("path", ["*.sig", "a?", "cache[1]", "**"])
def test_what_is_left_out_is_named_and_not_matched(path: str) -> None:
    """OMS v1.0, section 6.2.1: an entry must hold no glob character."""
    with pytest.raises(CannotSign, match="it holds a"):
        sign_oms(snapshot_of(FILES), KEY, ignore=[path])


def test_a_bundle_that_holds_nothing_signs_no_blob() -> None:
    """Vector invalid/missing-envelope.bundle.json of the format's repository."""
    material = {"publicKey": {"hint": "ab" * 32}, "tlogEntries": []}
    body = {"mediaType": MEDIA_TYPE, "verificationMaterial": material}
    with pytest.raises(MalformedBundle, match="envelope"):
        Bundle.from_bytes(json.dumps(body).encode())
