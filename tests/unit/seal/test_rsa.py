"""Sealing with RSA certificates, as most authorities issue them: what holds, what is refused."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import algos, cms, core
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from tests.unit.seal.seal_checks import Seal, failed, rewrite_seal

from weighbridge.cli.seal_options import SealOptions, seal_signer
from weighbridge.model.errors import ExitCode, HostileInput
from weighbridge.seal.certificate import public_key, signing_chain
from weighbridge.seal.outcome import Reason, SignerTrust
from weighbridge.seal.pdf import sign_pdf
from weighbridge.seal.pdf_signature import PdfInvalid, read_signed_pdf
from weighbridge.seal.signer import CertifiedKey, from_key, from_pkcs12
from weighbridge.seal.verify import verify_pack
from weighbridge.signing.document_keys import document_key, load_private_key, private_key
from weighbridge.signing.errors import SignatureInvalid, UnusableKey
from weighbridge.testing.openssl_certificates import OpensslSigner, rsa_signer
from weighbridge.testing.pdf_tampers import TAMPERS
from weighbridge.testing.seal_samples import pdf_with
from weighbridge.testing.sigstore import LoopbackTrust


@pytest.fixture(scope="module")
def ada(tmp_path_factory: pytest.TempPathFactory) -> OpensslSigner:
    return rsa_signer(tmp_path_factory.mktemp("ada"))


@pytest.fixture(scope="module")
def signer(ada: OpensslSigner) -> CertifiedKey:
    return from_key(load_private_key(ada.key), [ada.certificate, ada.root])


def der(pem: bytes) -> bytes:
    return x509.load_pem_x509_certificate(pem).public_bytes(serialization.Encoding.DER)


# --- what is refused


def test_keys_out_of_bounds_are_refused() -> None:
    short = rsa.generate_private_key(65537, 1024)
    long = rsa.RSAPublicNumbers(65537, (1 << 8192) | 1).public_key()
    cubed = rsa.generate_private_key(3, 2048)
    huge = rsa.RSAPublicNumbers(2**64 + 1, (1 << 2047) | 1).public_key()
    for public, words in (
        (short.public_key(), "RSA of 1024 bits"),
        (long, "RSA of 8193 bits"),
        (cubed.public_key(), "public exponent"),
        (huge, "public exponent"),
        (ed25519.Ed25519PrivateKey.generate().public_key(), "neither EC nor RSA: Ed25519"),
    ):
        with pytest.raises(UnusableKey, match=words):
            document_key(public)
    with pytest.raises(UnusableKey, match="1024 bits"):
        private_key(short)
    with pytest.raises(UnusableKey, match="neither EC nor RSA"):
        private_key(ed25519.Ed25519PrivateKey.generate())


def test_a_certificate_signed_with_sha1_is_refused(tmp_path: Path) -> None:
    weak = rsa_signer(tmp_path, digest="sha1")
    with pytest.raises(HostileInput, match="signed with sha1, which is refused"):
        signing_chain(der(weak.certificate), [der(weak.root)])
    with pytest.raises(UnusableKey, match="sha1"):  # nor is anything sealed under it
        from_key(load_private_key(weak.key), [weak.certificate, weak.root])


def test_a_short_key_in_a_certificate_is_refused(tmp_path: Path) -> None:
    short = rsa_signer(tmp_path, bits=1024)
    with pytest.raises(HostileInput, match="RSA key of 1024 bits"):
        signing_chain(der(short.certificate), [der(short.root)])
    with pytest.raises(HostileInput, match="RSA of 1024 bits"):
        public_key(der(short.certificate))


def test_a_key_for_pss_alone_is_refused(tmp_path: Path) -> None:
    """Its certificate forbids PKCS#1 v1.5, which a seal is signed by."""
    from weighbridge.testing.openssl_certificates import openssl

    openssl(
        "req", "-x509", "-newkey", "rsa-pss", "-pkeyopt", "rsa_keygen_bits:2048", "-nodes",
        "-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem", "-subj", "/CN=pss",
    )  # fmt: skip
    certificate = (tmp_path / "cert.pem").read_bytes()
    with pytest.raises(HostileInput, match="for RSASSA-PSS alone"):
        public_key(der(certificate))
    private = load_private_key((tmp_path / "key.pem").read_bytes())
    with pytest.raises(UnusableKey, match="for RSASSA-PSS alone"):
        from_key(private, [certificate])


# --- what holds


@pytest.mark.parametrize("bits", [2048, 3072, 4096])
def test_an_rsa_certificate_convinces_who_trusts_its_authority(
    seal: Seal, trust: LoopbackTrust, tmp_path: Path, bits: int
) -> None:
    made = rsa_signer(tmp_path, bits=bits, pss=bits == 3072)  # the root may sign by PSS
    signer = from_key(load_private_key(made.key), [made.certificate, made.root])
    pack = seal(signer=signer, timestamp_url=trust.timestamp_url, out=tmp_path / "pack")
    for path in (pack.folder, pack.folder / "report.pdf"):
        report = verify_pack(path, certificate_roots=[der(made.root)])
        assert (report.exit_code, report.trust) == (ExitCode.HOLDS, SignerTrust.CHAIN)
        assert "ada@example.com" in report.basis
        assert verify_pack(path, signer=signer.fingerprint).trust is SignerTrust.PINNED
        other = verify_pack(path, certificate_roots=[der(made.certificate)])
        assert other.reason in (Reason.HOLDS, Reason.UNTRUSTED)


def test_pem_and_pkcs12_by_the_command_line(
    seal: Seal, ada: OpensslSigner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WEIGHBRIDGE_KEY_PASSWORD", raising=False)
    (tmp_path / "signer.p12").write_bytes(ada.pkcs12("secret"))
    (tmp_path / "password").write_bytes(b"secret\n")
    by_pem = SealOptions(
        key=str(ada.folder / "key.pem"),
        certificate=(str(ada.folder / "cert.pem"), str(ada.folder / "root.pem")),
    )
    by_file = SealOptions(
        pkcs12=str(tmp_path / "signer.p12"), password_file=str(tmp_path / "password")
    )
    for number, options in enumerate((by_pem, by_file)):
        with seal_signer(options) as signer:
            assert signer.certificates == (der(ada.certificate), der(ada.root))
            pack = seal(signer=signer, out=tmp_path / str(number))
        report = verify_pack(pack.folder, certificate_roots=[der(ada.root)])
        assert report.exit_code is ExitCode.HOLDS
    with seal_signer(SealOptions(key=str(ada.folder / "key.pem"))) as signer:
        assert len(signer.certificates) == 1  # certified by itself
        pack = seal(signer=signer, out=tmp_path / "self")
    assert verify_pack(pack.folder).reason is Reason.INCOMPLETE


def test_a_pkcs12_file_of_another_kind_of_key_is_refused(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12

    from weighbridge.testing.openssl_certificates import openssl

    openssl("req", "-x509", "-newkey", "ed25519", "-nodes", "-keyout", tmp_path / "k", "-out",
            tmp_path / "c", "-subj", "/CN=edwards")  # fmt: skip
    key = serialization.load_pem_private_key((tmp_path / "k").read_bytes(), None)
    certificate = x509.load_pem_x509_certificate((tmp_path / "c").read_bytes())
    data = pkcs12.serialize_key_and_certificates(b"n", key, certificate, None, NoEncryption())  # type: ignore[arg-type]
    with pytest.raises(UnusableKey, match="neither EC nor RSA"):
        from_pkcs12(data, None)


# --- tampering


@pytest.mark.parametrize("tamper", TAMPERS, ids=lambda t: t.__name__)
def test_a_changed_pdf_is_noticed(
    signer: CertifiedKey, tmp_path: Path, tamper: Callable[[bytes], bytes]
) -> None:
    signed = sign_pdf(pdf_with({}), signer, reason="test")
    assert read_signed_pdf(signed).certificates == signer.certificates
    with pytest.raises(PdfInvalid):
        read_signed_pdf(tamper(signed))


def test_every_byte_of_the_container_counts(ada: OpensslSigner) -> None:
    """Sampled: a digit in every 61; the signature's value and the algorithms lie among them."""
    signer = from_key(load_private_key(ada.key), [ada.certificate])
    signed = sign_pdf(pdf_with({}), signer, reason="test")
    begin = signed.rindex(b"/Contents <") + len(b"/Contents <")
    end = signed.index(b">", begin)
    held = len(bytes.fromhex(signed[begin:end].decode()).rstrip(b"\0"))
    for place in range(begin, begin + 2 * held, 61):
        digit = b"%X" % (int(signed[place : place + 1], 16) ^ 1)
        changed = signed[:place] + digit + signed[place + 1 :]
        with pytest.raises(PdfInvalid):
            read_signed_pdf(changed)


def test_a_changed_seal_is_noticed(seal: Seal, signer: CertifiedKey) -> None:
    pack = seal(signer=signer)

    def flip(body: dict[str, Any]) -> None:
        one = body["dsseEnvelope"]["signatures"][0]
        one["sig"] = ("B" if one["sig"][0] == "A" else "A") + one["sig"][1:]

    rewrite_seal(pack, flip)
    report = verify_pack(pack.folder, signer=signer.fingerprint)
    assert failed(report) == ["signature"]
    assert report.reason is Reason.TAMPERED


def test_an_rsa_signature_of_another_length_is_refused(signer: CertifiedKey) -> None:
    from weighbridge.signing.document_keys import verify

    made = signer.sign(b"data")
    verify(signer.public, made, b"data")
    for wrong in (b"", made[:-1], b"\0" + made, made + b"\0", bytes(256), b"\xff" * 256):
        with pytest.raises(SignatureInvalid):
            verify(signer.public, wrong, b"data")


# --- RSASSA-PSS in a PDF, which others write


def pss_signed(
    signer: CertifiedKey, ada: OpensslSigner, change: Callable[[Any], None], salt: int = 32
) -> bytes:
    """The PDF signed anew by PSS, after a change of the scheme's parameters."""
    data = sign_pdf(pdf_with({}), signer, reason="test")
    begin = data.rindex(b"/Contents <") + len(b"/Contents <")
    end = data.index(b">", begin)
    info = cms.ContentInfo.load(bytes.fromhex(data[begin:end].decode()))
    one = info["content"]["signer_infos"][0]
    hashed = {"algorithm": "sha256", "parameters": core.Null()}
    parameters = algos.RSASSAPSSParams(
        {
            "hash_algorithm": hashed,
            "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": hashed},
            "salt_length": salt,
        }
    )
    change(parameters)
    scheme = {"algorithm": "rsassa_pss", "parameters": parameters}
    one["signature_algorithm"] = algos.SignedDigestAlgorithm(scheme)
    kept = [a for a in one["signed_attrs"] if a["type"].native != "cms_algorithm_protection"]
    one["signed_attrs"] = cms.CMSAttributes(kept)
    private = load_private_key(ada.key)
    assert isinstance(private, rsa.RSAPrivateKey)
    over = one["signed_attrs"].untag().dump(force=True)
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), salt)
    one["signature"] = private.sign(over, pss, hashes.SHA256())
    container = info.dump(force=True).hex().upper().encode()
    return data[:begin] + container.ljust(end - begin, b"0") + data[end:]


def test_pss_is_read(signer: CertifiedKey, ada: OpensslSigner) -> None:
    signed = pss_signed(signer, ada, lambda _: None)
    assert read_signed_pdf(signed).certificates == signer.certificates


def other_salt(parameters: Any) -> None:
    parameters["salt_length"] = 20


def other_mask(parameters: Any) -> None:
    parameters["mask_gen_algorithm"]["parameters"]["algorithm"] = "sha1"


def weak_hash(parameters: Any) -> None:
    parameters["hash_algorithm"]["algorithm"] = "sha1"


@pytest.mark.parametrize("change", [other_salt, other_mask, weak_hash])
def test_pss_with_other_parameters_is_refused(
    signer: CertifiedKey, ada: OpensslSigner, change: Callable[[Any], None]
) -> None:
    with pytest.raises(PdfInvalid, match="algorithms are odd"):
        read_signed_pdf(pss_signed(signer, ada, change))
    with pytest.raises(PdfInvalid, match="does not match"):
        read_signed_pdf(pss_signed(signer, ada, lambda _: None, salt=20))


def test_a_pdf_reader_gets_the_same_pages(signer: CertifiedKey) -> None:
    import pikepdf

    unsigned = pdf_with({})
    with pikepdf.open(io.BytesIO(sign_pdf(unsigned, signer, reason="test"))) as pdf:
        assert len(pdf.pages) == 1
