"""What OpenSSL, poppler and pyHanko say of seals under RSA certificates that OpenSSL made."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from weighbridge.seal.export import openssl_parts
from weighbridge.seal.pack import seal_pack
from weighbridge.seal.pdf_signature import quiet, read_signed_pdf
from weighbridge.seal.signer import CertifiedKey, from_key
from weighbridge.signing.document_keys import load_private_key
from weighbridge.testing.openssl_certificates import OpensslSigner, openssl, rsa_signer
from weighbridge.testing.pdf_tampers import TAMPERS
from weighbridge.testing.seal_samples import SampleView, sample_pdf, sample_raw, sample_record
from weighbridge.testing.sigstore import LoopbackTrust


@pytest.fixture(scope="module", params=[2048, 4096])
def ada(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> OpensslSigner:
    return rsa_signer(tmp_path_factory.mktemp("ada"), bits=request.param)


@pytest.fixture(scope="module")
def pack(ada: OpensslSigner, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pack with timestamps, sealed by RSA."""
    signer: CertifiedKey = from_key(load_private_key(ada.key), [ada.certificate, ada.root])
    with LoopbackTrust() as trust:
        sealed = seal_pack(
            sample_record(), timestamp_url=trust.timestamp_url, offline=False, signer=signer,
            raw=sample_raw(), out=tmp_path_factory.mktemp("sealed") / "pack",
            views=(SampleView(),), pdf=sample_pdf,
        )  # fmt: skip
    (sealed.folder.parent / "tsa-root.pem").write_text(trust.tsa_roots)
    return sealed.folder


@pytest.mark.skipif(not shutil.which("pdfsig"), reason="pdfsig is not installed")
def test_pdfsig_finds_it_valid(pack: Path) -> None:
    command = ["pdfsig", "-nocert", str(pack / "report.pdf")]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    assert "Signature is Valid." in said
    assert "Ada, by openssl" in said
    assert "SHA-256" in said


def test_openssl_verifies_the_seal(pack: Path, tmp_path: Path) -> None:
    for name, data in openssl_parts(pack).items():
        (tmp_path / name).write_bytes(data)
    said = openssl(
        "dgst", "-sha256", "-verify", tmp_path / "sealing-key.pem",
        "-signature", tmp_path / "signature.bin", tmp_path / "signed.bin",
    )  # fmt: skip
    assert said == b"Verified OK\n"
    (tmp_path / "signed.bin").write_bytes((tmp_path / "signed.bin").read_bytes() + b" ")
    with pytest.raises(AssertionError):
        openssl(
            "dgst", "-sha256", "-verify", tmp_path / "sealing-key.pem",
            "-signature", tmp_path / "signature.bin", tmp_path / "signed.bin",
        )  # fmt: skip


def test_openssl_verifies_the_pdf_s_container(
    pack: Path, ada: OpensslSigner, tmp_path: Path
) -> None:
    data = (pack / "report.pdf").read_bytes()
    data = data[: read_signed_pdf(data).signed_end]
    begin = data.rindex(b"/Contents <") + len(b"/Contents ")
    end = data.index(b">", begin) + 1
    container = bytes.fromhex(data[begin + 1 : end - 1].decode())
    length = 4 + int.from_bytes(container[2:4], "big")  # a SEQUENCE of two length bytes
    assert container[:2] == b"\x30\x82"
    (tmp_path / "container").write_bytes(container[:length])
    (tmp_path / "covered").write_bytes(data[:begin] + data[end:])
    arguments = (
        "cms", "-verify", "-binary", "-inform", "DER", "-in", tmp_path / "container",
        "-content", tmp_path / "covered", "-CAfile", ada.folder / "root.pem", "-purpose", "any",
        "-out", tmp_path / "out",
    )  # fmt: skip
    openssl(*arguments)
    (tmp_path / "covered").write_bytes(data[:begin] + data[end:-1] + b"x")
    with pytest.raises(AssertionError):
        openssl(*arguments)


def bottom_line(data: bytes, roots: list[bytes]) -> bool:
    """What pyHanko says of the signature under roots in PEM, without the network."""
    import io

    from asn1crypto import x509 as asn1_x509
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    quiet()
    ders = [x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER) for pem in roots]
    context = ValidationContext(
        trust_roots=[asn1_x509.Certificate.load(der) for der in ders], allow_fetching=False
    )
    reader = PdfFileReader(io.BytesIO(data))
    (embedded,) = reader.embedded_regular_signatures
    return bool(validate_pdf_signature(embedded, context).bottom_line)


def test_pyhanko_trusts_it_under_the_root(pack: Path, ada: OpensslSigner) -> None:
    data = (pack / "report.pdf").read_bytes()
    stamps = (pack.parent / "tsa-root.pem").read_bytes()
    assert bottom_line(data, [ada.root, stamps])
    assert not bottom_line(data, [stamps])


# what a pyHanko of 0.38 lets pass after a signature; Weighbridge refuses it (test_rsa)
PASSED_BY_PYHANKO = {"trailing_bytes", "metadata"}


@pytest.mark.parametrize("tamper", TAMPERS, ids=lambda t: t.__name__)
def test_pyhanko_notices_what_we_notice(
    pack: Path, ada: OpensslSigner, tamper: Callable[[bytes], bytes]
) -> None:
    changed = tamper((pack / "report.pdf").read_bytes())
    stamps = (pack.parent / "tsa-root.pem").read_bytes()
    held = bottom_line(changed, [ada.root, stamps])
    assert held is (tamper.__name__ in PASSED_BY_PYHANKO)
