"""Ways of changing a signed PDF, of which other readers notice few; every one is noticed."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from tests.unit.seal.seal_checks import checked, failed

from weighbridge.model.errors import ExitCode
from weighbridge.seal.keys import LocalKey
from weighbridge.seal.pack import SealedPack
from weighbridge.seal.pdf import sign_pdf
from weighbridge.seal.verify import verify_pack
from weighbridge.testing.pdf_tampers import TAMPERS
from weighbridge.testing.seal_samples import pdf_with, sample_record


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
