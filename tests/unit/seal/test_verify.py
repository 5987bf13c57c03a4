"""Verifying: what holds, what does not, and what cannot be said."""

from __future__ import annotations

import base64
import io
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from asn1crypto import cms
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from weighbridge.model.errors import ExitCode
from weighbridge.seal.keys import LocalKey, local_key
from weighbridge.seal.outcome import CheckState, SealReport, SignerTrust
from weighbridge.seal.pack import SealedPack
from weighbridge.seal.pdf import sign_pdf
from weighbridge.seal.seal_file import seal_bytes
from weighbridge.seal.statement import Statement, sign_statement
from weighbridge.seal.verify import NotAPack, verify_pack
from weighbridge.signing.timestamp import load_roots, request_timestamp
from weighbridge.sources.http import HttpClient
from weighbridge.testing.seal_samples import pdf_with, sample_record
from weighbridge.testing.sigstore import LoopbackTrust

Seal = Callable[..., SealedPack]


def failed(report: SealReport) -> list[str]:
    return [check.name for check in report.checks if check.state is CheckState.FAILED]


def checked(path: Path, key: LocalKey, **options: object) -> SealReport:
    return verify_pack(path, signer=key.fingerprint, **options)  # type: ignore[arg-type]


def rewrite_seal(pack: SealedPack, change: Callable[[dict], None]) -> None:
    """Change the bundle and write it in its own form."""
    path = pack.folder / "audit.sigstore.json"
    body = json.loads(path.read_bytes())
    change(body)
    path.write_bytes(json.dumps(body, sort_keys=True, separators=(",", ":")).encode())


# --- what holds


def test_a_pack_holds_under_its_key(pack: SealedPack, key: LocalKey, trust: LoopbackTrust) -> None:
    report = checked(pack.folder, key)
    assert report.exit_code is ExitCode.HOLDS
    assert report.trust is SignerTrust.PINNED
    assert failed(report) == []
    assert report.record_digest == pack.record.digest
    assert "self-signed" in report.basis
    roots = load_roots(trust.tsa_roots.encode(), source="x")
    report = checked(pack.folder, key, timestamp_roots=roots)
    assert report.exit_code is ExitCode.HOLDS
    assert [s.part for s in report.timestamps] == ["report.pdf", "audit.sigstore.json"]
    assert all(s.timestamp.trusted for s in report.timestamps)
    assert all(c.state is CheckState.OK for c in report.checks)


def test_no_network_is_needed(pack: SealedPack, key: LocalKey, monkeypatch) -> None:
    import socket

    def never(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", never)
    assert checked(pack.folder, key).exit_code is ExitCode.HOLDS


def test_the_users_own_key_is_known_and_a_strangers_is_not(pack: SealedPack, key: LocalKey) -> None:
    report = verify_pack(pack.folder, known=key.fingerprint)
    assert (report.exit_code, report.trust) == (ExitCode.HOLDS, SignerTrust.LOCAL)
    report = verify_pack(pack.folder)
    assert (report.exit_code, report.trust) == (ExitCode.INCONCLUSIVE, SignerTrust.UNKNOWN)
    assert report.intact
    assert "proves nothing about who signed" in report.basis
    assert "--signer" in report.basis


def test_a_pinned_key_that_differs_fails(pack: SealedPack, key: LocalKey, tmp_path) -> None:
    other = local_key(tmp_path / "other")
    report = verify_pack(pack.folder, signer=other.fingerprint, known=key.fingerprint)
    assert (report.exit_code, report.trust) == (ExitCode.VIOLATED, SignerTrust.OTHER)


def test_an_authority_that_is_not_among_the_given_roots_is_inconclusive(
    pack: SealedPack, key: LocalKey
) -> None:
    with LoopbackTrust() as other:
        roots = load_roots(other.tsa_roots.encode(), source="x")
    report = checked(pack.folder, key, timestamp_roots=roots)
    assert report.exit_code is ExitCode.INCONCLUSIVE
    assert report.intact


def test_a_pack_without_timestamp_holds_unless_a_time_is_asked_for(
    seal: Seal, key: LocalKey, trust: LoopbackTrust
) -> None:
    pack = seal()
    assert checked(pack.folder, key).exit_code is ExitCode.HOLDS
    roots = load_roots(trust.tsa_roots.encode(), source="x")
    assert checked(pack.folder, key, timestamp_roots=roots).exit_code is ExitCode.INCONCLUSIVE


def test_a_pdf_alone_holds(pack: SealedPack, key: LocalKey, trust: LoopbackTrust) -> None:
    roots = load_roots(trust.tsa_roots.encode(), source="x")
    report = checked(pack.folder / "report.pdf", key, timestamp_roots=roots)
    assert report.exit_code is ExitCode.HOLDS
    assert report.kind == "pdf"
    assert report.record_digest == pack.record.digest
    assert [s.part for s in report.timestamps] == ["report.pdf"]


# --- not a pack


def test_what_is_no_pack_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"hello")
    (tmp_path / "empty").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name in ("file", "empty", "pipe", "nothing"):
        with pytest.raises(NotAPack) as caught:
            verify_pack(tmp_path / name)
        assert caught.value.exit_code is ExitCode.ERROR
        assert caught.value.remedy


# --- the folder


@pytest.mark.parametrize("name", ["audit.json", "report.pdf", "sample.txt", "evidence"])
def test_a_file_that_is_gone_is_noticed(pack: SealedPack, key: LocalKey, name: str) -> None:
    path = pack.folder / name
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert checked(pack.folder, key).exit_code is ExitCode.VIOLATED


@pytest.mark.parametrize(
    "name", ["extra.txt", ".hidden", "evidence/x", "evidence/sha256/" + "0" * 64, "folder/"]
)
def test_a_file_too_many_is_noticed(pack: SealedPack, key: LocalKey, name: str) -> None:
    path = pack.folder / name
    path.mkdir() if name.endswith("/") else path.write_bytes(b"")
    assert failed(checked(pack.folder, key)) == ["nothing else"]


def test_links_are_not_followed(pack: SealedPack, key: LocalKey, tmp_path: Path) -> None:
    target = tmp_path / "copy.txt"
    (pack.folder / "sample.txt").rename(target)
    (pack.folder / "sample.txt").symlink_to(target)
    assert checked(pack.folder, key).exit_code is ExitCode.VIOLATED


def test_files_swapped_between_packs_are_noticed(seal: Seal, key: LocalKey, tmp_path: Path) -> None:
    """Each file is signed by the same key, and belongs to another record."""
    import dataclasses

    one = seal()
    other = seal(
        record=dataclasses.replace(sample_record(), tool_version="9"), out=tmp_path / "other"
    )
    for name in ("report.pdf", "audit.json", "audit.sigstore.json"):
        copy = tmp_path / "mixed"
        shutil.copytree(one.folder, copy)
        shutil.copy(other.folder / name, copy / name)
        assert checked(copy, key).exit_code is ExitCode.VIOLATED, name
        shutil.rmtree(copy)


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


# --- five ways of changing a signed PDF, of which other readers notice one


def updated(data: bytes, change: Callable[[object], None]) -> bytes:
    """An incremental update on top of the signature, as an editor would make it."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    change(writer)
    result = io.BytesIO()
    writer.write(result)
    return result.getvalue()


def flipped(data: bytes) -> bytes:
    at = data.index(b"/MediaBox") + 12
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def page_content(data: bytes) -> bytes:
    from pyhanko.pdf_utils.generic import StreamObject

    def change(writer) -> None:  # type: ignore[no-untyped-def]
        stream = writer.add_object(StreamObject(stream_data=b"BT ET"))
        writer.add_stream_to_page(0, stream)

    return updated(data, change)


def attachment(data: bytes) -> bytes:
    from pyhanko.pdf_utils import embed

    def change(writer) -> None:  # type: ignore[no-untyped-def]
        file = embed.EmbeddedFileObject.from_file_data(writer, b"more")
        embed.embed_file(writer, embed.FileSpec("more.txt", embedded_data=file))

    return updated(data, change)


def root_key(data: bytes) -> bytes:
    from pyhanko.pdf_utils.generic import pdf_name, pdf_string

    def change(writer) -> None:  # type: ignore[no-untyped-def]
        writer.root[pdf_name("/Lang")] = pdf_string("en")
        writer.update_root()

    return updated(data, change)


def trailing(data: bytes) -> bytes:
    return data + b"\n% more\n"


TAMPERS = [flipped, page_content, attachment, root_key, trailing]


@pytest.mark.parametrize("tamper", TAMPERS, ids=lambda t: t.__name__)
def test_a_changed_pdf_is_noticed(
    pack: SealedPack, key: LocalKey, tmp_path: Path, tamper: Callable[[bytes], bytes]
) -> None:
    path = pack.folder / "report.pdf"
    changed = tamper(path.read_bytes())
    alone = tmp_path / "alone.pdf"
    alone.write_bytes(changed)
    report = checked(alone, key)
    assert report.exit_code is ExitCode.VIOLATED
    assert failed(report)
    path.write_bytes(changed)
    assert {"files", "pdf"} <= set(failed(checked(pack.folder, key)))


def test_a_pdf_saved_anew_has_no_signature_left(pack: SealedPack, key: LocalKey, tmp_path) -> None:
    alone = tmp_path / "alone.pdf"
    with pikepdf.open(pack.folder / "report.pdf") as pdf:
        pdf.save(alone)
    assert checked(alone, key).exit_code is ExitCode.VIOLATED


def sealed_pdf(key: LocalKey, attachments: dict[str, bytes], path: Path) -> Path:
    path.write_bytes(sign_pdf(pdf_with(attachments), key, reason="test"))
    return path


def test_attachments_must_be_the_record_alone(key: LocalKey, tmp_path: Path) -> None:
    record = sample_record().to_bytes()
    good = sealed_pdf(key, {"audit.json": record}, tmp_path / "good.pdf")
    assert checked(good, key).exit_code is ExitCode.HOLDS
    wrong: list[dict[str, bytes]] = [
        {},
        {"audit.json": record, "more.txt": b"x"},
        {"other.json": record},
        {"audit.json": record + b"\n"},
        {"audit.json": b"{}"},
        {"audit.json": b"[" * 100_000},
    ]
    for attachments in wrong:
        path = sealed_pdf(key, attachments, tmp_path / "wrong.pdf")
        assert failed(checked(path, key)) == ["pdf attachment"]


def test_a_signature_that_allows_changes_is_no_seal(key: LocalKey, tmp_path: Path) -> None:
    from asn1crypto import keys, x509
    from cryptography.hazmat.primitives import serialization as ser
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
    from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    der = key.private.private_bytes(ser.Encoding.DER, ser.PrivateFormat.PKCS8, ser.NoEncryption())
    signer = SimpleSigner(
        x509.Certificate.load(key.certificate),
        keys.PrivateKeyInfo.load(der),
        SimpleCertificateStore(),
    )
    record = sample_record().to_bytes()
    for certify, level in ((True, MDPPerm.FILL_FORMS), (False, MDPPerm.NO_CHANGES)):
        meta = PdfSignatureMetadata(
            "A", md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES,
            certify=certify, docmdp_permissions=level,
        )  # fmt: skip
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf_with({"audit.json": record})))
        out = PdfSigner(meta, signer).sign_pdf(writer, output=io.BytesIO())
        path = tmp_path / "lax.pdf"
        path.write_bytes(out.getvalue())
        assert failed(checked(path, key)) == ["pdf"]


HOSTILE_BODY = (
    b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R/AcroForm 3 0 R>>\nendobj\n"
    b"2 0 obj\n<</Type/Pages/Kids[]/Count 0>>\nendobj\n3 0 obj\n<</Fields[4 0 R]/SigFlags 3>>\n"
    b"endobj\n4 0 obj\n<</T(a)/FT/Sig/Kids[4 0 R 4 0 R]>>\nendobj\n"
)


@pytest.mark.parametrize("previous", [b"", b"/Prev %d" % len(HOSTILE_BODY)])
def test_a_pdf_that_goes_in_circles_ends(tmp_path: Path, previous: bytes) -> None:
    offsets = [HOSTILE_BODY.index(b"%d 0 obj" % number) for number in range(1, 5)]
    table = b"xref\n0 5\n0000000000 65535 f \n"
    table += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    end = b"trailer\n<</Size 5/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n"
    path = tmp_path / "loop.pdf"
    path.write_bytes(HOSTILE_BODY + table + end % (previous, len(HOSTILE_BODY)))
    assert failed(verify_pack(path)) == ["pdf"]
