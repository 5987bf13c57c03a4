"""Keys trusted by their fingerprint: wherever the key comes from, only its digest counts."""

from __future__ import annotations

import base64
import dataclasses
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from weighbridge.model.digest import Digest, sha256
from weighbridge.model.errors import ExitCode, HostileInput
from weighbridge.model.policy import SignerKind, TrustedSigner
from weighbridge.signing import keys
from weighbridge.signing.bundle import Bundle
from weighbridge.signing.fingerprints import MAX_KEYS, keys_beside
from weighbridge.signing.oms import SignatureState, sign_oms, verify_oms
from weighbridge.signing.signers import KeySigner, certificate_signer
from weighbridge.testing.memory import snapshot_of
from weighbridge.testing.signing_authority import YEAR, authority, signing_certificate
from weighbridge.testing.x509 import now

FILES = {"config.json": b"{}", "w.safetensors": b"weights"}
KEY = keys.generate_key()
OTHER = keys.generate_key()
PEM = keys.public_pem(KEY.public_key()).encode()
OTHER_PEM = keys.public_pem(OTHER.public_key()).encode()


def by_digest(private: ec.EllipticCurvePrivateKey, name: str = "team") -> TrustedSigner:
    return TrustedSigner(name, "", keys.fingerprint(private.public_key()))


def verify(bundle: bytes, *signers: TrustedSigner, at_hand=(), at=None, files=FILES):
    return verify_oms(bundle, snapshot_of(files), signers, at_hand=at_hand, at=at)


SIGNED = sign_oms(snapshot_of(FILES), KEY)


# -- nobody gains by handing over a key -------------------------------------------------------


def test_without_the_key_nothing_is_known() -> None:
    verified = verify(SIGNED, by_digest(KEY))
    assert verified.state is SignatureState.NO_KNOWN_KEY
    assert verified.exit_code is ExitCode.VIOLATED
    assert "no key is at hand that has the fingerprint of 'team'" in verified.reason
    assert "give it with --key" in verified.reason


def test_another_key_at_hand_is_not_the_one() -> None:
    """An attacker signs anew and lays their own key beside the signature."""
    forged = sign_oms(snapshot_of(FILES), OTHER)
    for at_hand in ((OTHER_PEM,), (OTHER_PEM, PEM), (PEM,)):
        verified = verify(forged, by_digest(KEY), at_hand=at_hand)
        assert verified.state is SignatureState.NO_KNOWN_KEY
        assert verified.valid_for == ()


def test_the_digest_of_something_else_names_no_key() -> None:
    """Neither the hint, nor the digest of the PEM or of the bare point, is the fingerprint."""
    point = KEY.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    for digest in (Digest("sha256", keys.hint(KEY.public_key())), sha256(PEM), sha256(point)):
        signer = TrustedSigner("team", "", digest)
        assert verify(SIGNED, signer, at_hand=(PEM,)).state is SignatureState.NO_KNOWN_KEY


@pytest.mark.parametrize(
    "junk",
    [b"", b"\0", b"-----BEGIN PUBLIC KEY-----\n", PEM[:-40], keys.private_pem(KEY), b"x" * 2**17],
)
def test_files_that_are_no_public_key_are_passed_over(junk: bytes) -> None:
    assert not verify(SIGNED, by_digest(KEY), at_hand=(junk,)).holds
    assert verify(SIGNED, by_digest(KEY), at_hand=(junk, PEM)).holds


def test_a_changed_signature_names_the_key() -> None:
    parsed = Bundle.from_bytes(SIGNED)
    other = Bundle.from_bytes(sign_oms(snapshot_of({"a": b"a"}), KEY)).envelope.signature
    envelope = dataclasses.replace(parsed.envelope, signature=other)
    bent = dataclasses.replace(parsed, envelope=envelope).to_bytes()
    assert verify(bent, by_digest(KEY), at_hand=(PEM,)).state is SignatureState.INVALID


# -- where the key comes from -----------------------------------------------------------------


def test_a_key_at_hand() -> None:
    verified = verify(SIGNED, by_digest(OTHER, "other"), by_digest(KEY), at_hand=(OTHER_PEM, PEM))
    assert verified.holds
    assert [(s.name, s.kind) for s in verified.valid_for] == [("team", SignerKind.FINGERPRINT)]


def test_keys_beside_are_few_small_and_at_the_top() -> None:
    files = {
        "release.pub": PEM,
        "other.pem": OTHER_PEM,
        "deep/release.pub": PEM,
        "notes.txt": PEM,
        "large.pub": b"x" * (keys.MAX_PEM_BYTES + 1),
        "empty.pub": b"",
    }
    snapshot = snapshot_of(files, pointers={"lfs.pub": sha256(PEM)})
    assert sorted(keys_beside(snapshot)) == sorted([OTHER_PEM, PEM])
    many = {f"{number:04}.pub": b"%d" % number for number in range(MAX_KEYS + 50)}
    assert len(keys_beside(snapshot_of(many))) == MAX_KEYS


def of_1_0(bundle: bytes, raw: bytes) -> bytes:
    """As v0.3.1 to v1.0.1 wrote it: the key in the bundle (vector v1.0.0-elliptic-key)."""
    body = json.loads(bundle)
    body["verificationMaterial"] = {
        "publicKey": {"rawBytes": base64.b64encode(raw).decode(), "keyDetails": "PKIX_ECDSA"}
    }
    body["dsseEnvelope"]["signatures"][0]["keyid"] = None
    return json.dumps(body).encode()


def test_the_key_in_a_bundle_of_before_1_1() -> None:
    assert verify(of_1_0(SIGNED, PEM), by_digest(KEY)).holds
    assert not verify(of_1_0(SIGNED, PEM), by_digest(OTHER)).holds
    assert not verify(of_1_0(SIGNED, OTHER_PEM), by_digest(OTHER)).holds
    assert not verify(of_1_0(SIGNED, b"nonsense"), by_digest(KEY)).holds
    # without a fingerprint the key in the bundle is nobody's, and known keys go on counting
    assert verify(of_1_0(SIGNED, OTHER_PEM), keys.trusted_signer("team", PEM)).holds
    assert Bundle.from_bytes(Bundle.from_bytes(of_1_0(SIGNED, PEM)).to_bytes()).public_key == PEM
    body = json.loads(of_1_0(SIGNED, PEM))
    body["verificationMaterial"]["publicKey"]["rawBytes"] = "!"
    with pytest.raises(HostileInput, match="not base64"):
        Bundle.from_bytes(json.dumps(body).encode())


def certified(**certificate) -> tuple[bytes, ec.EllipticCurvePrivateKey]:
    holder = signing_certificate(authority(), email="alice@example.com", **certificate)
    signer = certificate_signer(KeySigner(holder.key), holder.key.public_key(), [holder.pem])
    return sign_oms(snapshot_of(FILES), signer), holder.key


def test_the_key_in_a_certificate() -> None:
    """The key is trusted for itself: not the certificate, its names, its roots, or its time."""
    bundle, key = certified()
    assert verify(bundle, by_digest(key)).holds
    assert not verify(bundle, by_digest(KEY), at_hand=(PEM,)).holds
    assert "its certificate's key is sha256:" in verify(bundle, by_digest(KEY)).reason
    long_ago, its_key = certified(begin=now() - 3 * YEAR)
    assert verify(long_ago, by_digest(its_key), at=now()).holds


def test_a_certificate_around_a_trusted_key_does_not_replace_its_signature() -> None:
    """The certificate of the trusted key, carried by a signature with another key."""
    bundle, key = certified()
    forged = Bundle.from_bytes(sign_oms(snapshot_of(FILES), OTHER))
    chain = Bundle.from_bytes(bundle).certificates
    forged = dataclasses.replace(forged, certificates=chain)
    verified = verify(forged.to_bytes(), by_digest(key))
    assert verified.state is SignatureState.INVALID


def test_sigstores_keys_are_used_once_and_never_trusted() -> None:
    bundle, key = certified()
    parsed = Bundle.from_bytes(bundle)
    keyless = dataclasses.replace(parsed, certificates=parsed.certificates[:1], keyless=True)
    assert verify(keyless.to_bytes(), by_digest(key)).state is SignatureState.UNTRUSTED
