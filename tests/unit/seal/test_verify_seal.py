"""Verifying the seal itself: its statement, its one spelling, its timestamp."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from asn1crypto import cms
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from tests.unit.seal.seal_checks import Seal, checked, failed, rewrite_seal

from weighbridge.model.errors import ExitCode
from weighbridge.seal.keys import LocalKey, local_key
from weighbridge.seal.pack import SealedPack
from weighbridge.seal.seal_file import seal_bytes
from weighbridge.seal.statement import Statement, sign_statement
from weighbridge.seal.verify import verify_pack
from weighbridge.signing.timestamp import request_timestamp
from weighbridge.sources.http import HttpClient
from weighbridge.testing.sigstore import LoopbackTrust

# --- the seal


def test_a_seal_by_another_key_over_the_same_files_is_not_the_packs(
    pack: SealedPack, key: LocalKey, tmp_path: Path
) -> None:
    stranger = local_key(tmp_path / "stranger")
    files = {
        name: (pack.folder / name).read_bytes()
        for name in ("audit.json", "report.pdf", "sample.txt")
    }
    seal = sign_statement(Statement.about(pack.record, files), stranger)
    (pack.folder / "audit.sigstore.json").write_bytes(seal_bytes(seal))
    report = verify_pack(pack.folder, signer=stranger.fingerprint)
    assert "pdf signer" in failed(report)
    assert report.exit_code is ExitCode.VIOLATED


def test_an_envelope_of_another_purpose_is_no_seal(pack: SealedPack, key: LocalKey) -> None:
    """One key may sign many things; only a seal's predicate type is a seal."""
    from weighbridge.signing.bundle import Bundle
    from weighbridge.signing.dsse import IN_TOTO, sign_envelope

    statement = Statement.about(pack.record, {}).to_bytes()
    for payload in (statement.replace(b"audit-record", b"something"), b"{}", b"[]", b"\xff"):
        envelope = sign_envelope(key.private, IN_TOTO, payload)
        bundle = Bundle(envelope, certificates=(key.certificate,))
        (pack.folder / "audit.sigstore.json").write_bytes(seal_bytes(bundle))
        assert failed(checked(pack.folder, key)) == ["seal"]


@pytest.mark.parametrize(
    "name", ["../audit.json", "/etc/passwd", "evidence/x", "", "a\0b", "audit.json/", "\udcff"]
)
def test_a_statement_cannot_name_a_file_elsewhere(
    pack: SealedPack, key: LocalKey, name: str
) -> None:
    from weighbridge.signing.bundle import Bundle
    from weighbridge.signing.dsse import IN_TOTO, sign_envelope

    payload = json.loads(Statement.about(pack.record, {"audit.json": b""}).to_bytes())
    payload["subject"][0]["name"] = name
    data = json.dumps(payload, sort_keys=True, separators=(",", ":")).encode()
    bundle = Bundle(sign_envelope(key.private, IN_TOTO, data), certificates=(key.certificate,))
    (pack.folder / "audit.sigstore.json").write_bytes(seal_bytes(bundle))
    assert failed(checked(pack.folder, key)) == ["seal"]


def test_a_statement_that_lies_about_the_verdict_is_noticed(
    pack: SealedPack, key: LocalKey
) -> None:
    import dataclasses

    files = {
        name: (pack.folder / name).read_bytes()
        for name in ("audit.json", "report.pdf", "sample.txt")
    }
    honest = Statement.about(pack.record, files)
    seal = sign_statement(dataclasses.replace(honest, gate_open=False), key)
    (pack.folder / "audit.sigstore.json").write_bytes(seal_bytes(seal))
    assert "record" in failed(checked(pack.folder, key))


def test_unsigned_parts_of_the_bundle_count(pack: SealedPack, key: LocalKey) -> None:
    original = (pack.folder / "audit.sigstore.json").read_bytes()
    changes: list[Callable[[dict], object]] = [
        lambda b: b["dsseEnvelope"]["signatures"][0].update(keyid="mallory"),
        lambda b: b.update(comment="hello"),
        lambda b: b["verificationMaterial"].update(tlogEntries=[{}]),
        lambda b: b["verificationMaterial"]["x509CertificateChain"]["certificates"].append(
            b["verificationMaterial"]["x509CertificateChain"]["certificates"][0]
        ),
        lambda b: b["dsseEnvelope"].update(
            payload=b["dsseEnvelope"]["payload"].replace("+", "-").replace("/", "_").rstrip("=")
        ),
    ]
    for change in changes:
        rewrite_seal(pack, change)
        changed = (pack.folder / "audit.sigstore.json").read_bytes()
        if changed != original:
            assert checked(pack.folder, key).exit_code is ExitCode.VIOLATED
        (pack.folder / "audit.sigstore.json").write_bytes(original)
    (pack.folder / "audit.sigstore.json").write_bytes(original + b"\n")
    assert failed(checked(pack.folder, key)) == ["seal"]


def other_s(signature: bytes) -> bytes:
    """The other ECDSA signature over the same, which anybody can make."""
    r, s = decode_dss_signature(signature)
    return encode_dss_signature(r, ec.SECP256R1().group_order - s)


def test_the_other_spelling_of_a_seals_signature_is_none(seal: Seal, key: LocalKey) -> None:
    pack = seal()
    signature = pack.seal.envelope.signature
    respelt = base64.b64encode(other_s(signature)).decode()
    key.private.public_key().verify(
        other_s(signature), pack.seal.envelope.signed_bytes, ec.ECDSA(hashes.SHA256())
    )
    rewrite_seal(pack, lambda b: b["dsseEnvelope"]["signatures"][0].update(sig=respelt))
    assert "signature" in failed(checked(pack.folder, key))


def test_the_other_spelling_of_a_pdfs_signature_is_none(
    seal: Seal, key: LocalKey, tmp_path: Path
) -> None:
    data = (seal().folder / "report.pdf").read_bytes()
    begin = data.index(b"/Contents <") + len(b"/Contents <")
    end = data.index(b">", begin)
    container = cms.ContentInfo.load(bytes.fromhex(data[begin:end].decode()))
    info = container["content"]["signer_infos"][0]
    info["signature"] = other_s(info["signature"].native)
    changed = container.dump(force=True).hex().upper().encode().ljust(end - begin, b"0")
    alone = tmp_path / "alone.pdf"
    alone.write_bytes(data[:begin] + changed + data[end:])
    report = checked(alone, key)
    assert report.exit_code is ExitCode.VIOLATED
    assert "form in which it was made" in report.checks[0].detail


def test_a_timestamp_taken_away_or_put_on_is_noticed(
    seal: Seal, key: LocalKey, trust: LoopbackTrust, pack: SealedPack, tmp_path: Path
) -> None:
    rewrite_seal(pack, lambda b: b["verificationMaterial"].pop("timestampVerificationData"))
    assert failed(checked(pack.folder, key)) == ["timestamp of audit.sigstore.json"]

    bare = seal(out=tmp_path / "bare")
    token = request_timestamp(
        HttpClient(offline=False), trust.timestamp_url, bare.seal.envelope.signature
    )
    stamps = {"rfc3161Timestamps": [{"signedTimestamp": base64.b64encode(token).decode()}]}
    rewrite_seal(bare, lambda b: b["verificationMaterial"].update(timestampVerificationData=stamps))
    assert failed(checked(bare.folder, key)) == ["timestamp of audit.sigstore.json"]


@pytest.mark.parametrize("kind", ["garbage", "other data", "expired"])
def test_a_wrong_timestamp_is_noticed(
    pack: SealedPack, key: LocalKey, trust: LoopbackTrust, kind: str
) -> None:
    from weighbridge.testing.tsa import Mode

    token = b"garbage"
    if kind == "other data":
        token = request_timestamp(HttpClient(offline=False), trust.timestamp_url, b"others")
    elif kind == "expired":
        import hashlib

        from weighbridge.signing.timestamp import _query

        query = _query(hashlib.sha256(pack.seal.envelope.signature).digest(), 1)
        with trust.timestamp_mode(Mode.EXPIRED):
            token = trust.timestamps.stamp(query)
    stamps = {"rfc3161Timestamps": [{"signedTimestamp": base64.b64encode(token).decode()}]}
    rewrite_seal(pack, lambda b: b["verificationMaterial"].update(timestampVerificationData=stamps))
    assert failed(checked(pack.folder, key)) == ["timestamp of audit.sigstore.json"]
