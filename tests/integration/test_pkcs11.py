"""A key that never leaves its token: SoftHSM through the real PKCS#11 library."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from weighbridge.model.errors import UsageError
from weighbridge.signing import keys
from weighbridge.signing.errors import UnusableKey
from weighbridge.signing.oms import sign_oms, verify_oms
from weighbridge.signing.pkcs11 import Pkcs11Uri, open_document_token, open_token
from weighbridge.signing.signers import certificate_signer
from weighbridge.testing.memory import snapshot_of
from weighbridge.testing.signing_authority import authority

LIBRARIES = [
    Path("/usr/lib/softhsm/libsofthsm2.so"),
    Path("/usr/lib64/pkcs11/libsofthsm2.so"),
    Path("/opt/homebrew/lib/softhsm/libsofthsm2.so"),
]
LIBRARY = next((path for path in LIBRARIES if path.exists()), None)
FILES = {"w.bin": b"w"}
PIN = b"1234"

needs_softhsm = pytest.mark.skipif(
    LIBRARY is None or shutil.which("softhsm2-util") is None, reason="SoftHSM is not installed"
)


@pytest.fixture(scope="module")
def token(tmp_path_factory) -> str:
    """A token with keys on three curves, and one pair with a label of its own twice."""
    pkcs11 = pytest.importorskip("pkcs11")
    folder = tmp_path_factory.mktemp("hsm")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(
        f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\n"
    )
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
    command = ["softhsm2-util", "--init-token", "--free", "--label", "release", "--so-pin", "0000"]
    subprocess.run([*command, "--pin", PIN.decode()], check=True, capture_output=True)
    found = pkcs11.lib(str(LIBRARY)).get_token(token_label="release")
    with found.open(user_pin=PIN.decode(), rw=True) as session:
        for number, curve in enumerate(("secp256r1", "secp384r1", "secp521r1")):
            _generate(pkcs11, session, curve, curve, bytes([number]))
        for number in (7, 8):
            _generate(pkcs11, session, "secp256r1", "twin", bytes([number]))
        for bits in (2048, 1024):
            session.generate_keypair(
                pkcs11.KeyType.RSA, bits, store=True, label=f"rsa{bits}", id=bytes([bits // 256])
            )
    return f"pkcs11:token=release;object=%s?module-path={LIBRARY}"


def _generate(pkcs11, session, curve: str, label: str, id_: bytes) -> None:
    from pkcs11.util.ec import encode_named_curve_parameters

    parameters = session.create_domain_parameters(
        pkcs11.KeyType.EC,
        {pkcs11.Attribute.EC_PARAMS: encode_named_curve_parameters(curve)},
        local=True,
    )
    parameters.generate_keypair(store=True, label=label, id=id_)


@needs_softhsm
@pytest.mark.parametrize("curve", ["secp256r1", "secp384r1", "secp521r1"])
def test_a_token_signs_what_a_key_verifies(token: str, curve: str) -> None:
    with open_token(token % curve, PIN) as signer:
        bundle = sign_oms(snapshot_of(FILES), signer)
    pem = keys.public_pem(signer.public).encode()
    assert verify_oms(bundle, snapshot_of(FILES), [keys.trusted_signer("hsm", pem)]).holds
    changed = snapshot_of({"w.bin": b"x"})
    assert not verify_oms(bundle, changed, [keys.trusted_signer("hsm", pem)]).holds


@needs_softhsm
def test_with_a_certificate_for_the_token_s_key(token: str) -> None:
    with open_token(token % "secp256r1", PIN) as signer:
        certified = certificate_signer(signer, signer.public, [_certificate(signer.public)])
        bundle = sign_oms(snapshot_of(FILES), certified)
    verified = verify_oms(bundle, snapshot_of(FILES), [])
    assert verified.signature.identities == ("alice@example.com",)
    assert "no trusted certificate identity" in verified.reason
    other = authority()
    with pytest.raises(UnusableKey, match="another key"):
        certificate_signer(signer, signer.public, [other.pem])


@needs_softhsm
@pytest.mark.parametrize("label", ["secp256r1", "rsa2048"])
def test_a_token_seals_reports(token: str, tmp_path: Path, label: str) -> None:
    from weighbridge.model.errors import ExitCode
    from weighbridge.seal.pack import seal_pack
    from weighbridge.seal.signer import from_token
    from weighbridge.seal.verify import verify_pack
    from weighbridge.testing.seal_samples import SampleView, sample_pdf, sample_raw, sample_record

    opened = open_document_token(token % label, PIN)
    certificate = _certificate(opened.public)
    opened.close()
    signer = from_token(token % label, PIN, [certificate])
    try:
        pack = seal_pack(
            sample_record(), timestamp_url="", offline=True, signer=signer, raw=sample_raw(),
            out=tmp_path / "pack", views=(SampleView(),), pdf=sample_pdf,
        )  # fmt: skip
    finally:
        signer.close()
    report = verify_pack(pack.folder, signer=signer.fingerprint)
    assert report.exit_code is ExitCode.HOLDS
    assert "alice@example.com" in report.basis


@needs_softhsm
@pytest.mark.parametrize(
    ("label", "words"), [("rsa1024", "RSA of 1024 bits"), ("absent", "has no EC keys")]
)
def test_a_token_s_key_that_cannot_seal_is_refused(token: str, label: str, words: str) -> None:
    with pytest.raises(UnusableKey, match=words):
        open_document_token(token % label, PIN)
    with pytest.raises(UnusableKey, match="no EC keys"):  # a model's signature knows no RSA
        open_token(token % "rsa2048", PIN)


def _certificate(public) -> bytes:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    root = authority()
    name = x509.SubjectAlternativeName([x509.RFC822Name("alice@example.com")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(root.certificate.subject)
        .public_key(public)
        .serial_number(1)
        .not_valid_before(root.certificate.not_valid_before_utc)
        .not_valid_after(root.certificate.not_valid_after_utc)
        .add_extension(name, critical=True)
    )
    return builder.sign(root.key, hashes.SHA256()).public_bytes(Encoding.PEM)


@needs_softhsm
@pytest.mark.slow
def test_model_signing_verifies_what_a_token_signed(token: str, tmp_path: Path) -> None:
    model = tmp_path / "m"
    model.mkdir()
    (model / "w.bin").write_bytes(b"w")
    with open_token(token % "secp384r1", PIN) as signer:
        (tmp_path / "m.sig").write_bytes(sign_oms(snapshot_of(FILES), signer))
    spki = PublicFormat.SubjectPublicKeyInfo
    (tmp_path / "k.pub").write_bytes(signer.public.public_bytes(Encoding.PEM, spki))
    command = [sys.executable, "-m", "model_signing", "verify", "key", str(model)]
    options = ["--signature", str(tmp_path / "m.sig"), "--public_key", str(tmp_path / "k.pub")]
    assert subprocess.run([*command, *options], check=False).returncode == 0


@needs_softhsm
@pytest.mark.parametrize(
    ("uri", "pin", "words"),
    [
        ("%s", b"9999", "cannot be opened: PinIncorrect"),
        ("%s", None, "cannot be opened|no EC keys"),
        ("absent", PIN, "has no EC keys"),
        ("twin", PIN, "has 2 EC keys"),
    ],
)
def test_tokens_that_do_not_open(token: str, uri: str, pin, words: str) -> None:
    label = "secp256r1" if uri == "%s" else uri
    with pytest.raises(UsageError, match=words):
        open_token(token % label, pin)


@needs_softhsm
def test_other_tokens_and_libraries(token: str) -> None:
    for uri in (
        (token % "twin").replace("release", "absent"),
        f"pkcs11:object=a?module-path={LIBRARY}x",
        "pkcs11:object=a?module-path=/etc/hostname",
    ):
        with pytest.raises(UsageError, match="cannot be opened"):
            open_token(uri, PIN)
    with open_token((token % "twin").replace("?", ";id=%07?"), PIN) as signer:
        assert signer.public.curve.name == "secp256r1"


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("", "no PKCS#11 URI"),
        ("pkcs11:", "absolute module-path"),
        ("pkcs11:object=a", "absolute module-path"),
        ("pkcs11:object=a?module-path=lib.so", "absolute module-path"),
        ("pkcs11:token=a?module-path=/l.so", "no key by object or id"),
        ("pkcs11:object=a;object=b?module-path=/l.so", "stands twice"),
        ("pkcs11:object=a;colour=b?module-path=/l.so", "not known here"),
        ("pkcs11:object?module-path=/l.so", "not known here"),
        ("pkcs11:object=a;type=cert?module-path=/l.so", "no private key"),
        ("pkcs11:object=a?module-path=/l.so&pin-value=1234", "others could read"),
        ("pkcs11:object=a?module-path=/l.so&pin-source=file:/x", "others could read"),
    ],
)
def test_hostile_uris(uri: str, words: str) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        Pkcs11Uri.parse(uri)
    assert "1234" not in caught.value.diagnostics()


def test_a_uri_is_decoded() -> None:
    uri = "pkcs11:token=my%20token;object=k%3B1;id=%00%ff;type=private?module-path=/l%20b.so"
    parsed = Pkcs11Uri.parse(uri)
    assert parsed == Pkcs11Uri("/l b.so", "my token", b"", "k;1", b"\x00\xff")


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pkcs11", None)
    with pytest.raises(UsageError, match="not installed") as caught:
        open_token("pkcs11:object=a?module-path=/l.so", None)
    assert "weighbridge[pkcs11]" in caught.value.remedy


@needs_softhsm
@pytest.mark.parametrize("curve", ["secp256r1", "secp384r1"])
def test_a_token_seals_a_pack(token: str, tmp_path: Path, curve: str) -> None:
    from weighbridge.seal.pack import seal_pack
    from weighbridge.seal.signer import from_token
    from weighbridge.seal.verify import verify_pack
    from weighbridge.testing.seal_samples import sample_pdf, sample_raw, sample_record

    with open_token(token % curve, PIN) as opened:
        certificate = _certificate(opened.public)
    with pytest.raises(UsageError, match="--seal-certificate"):
        from_token(token % curve, PIN, [])
    signer = from_token(token % curve, PIN, [certificate])
    try:
        pack = seal_pack(
            sample_record(), timestamp_url="", offline=True, signer=signer, raw=sample_raw(),
            out=tmp_path / "pack", views=(), pdf=sample_pdf,
        )  # fmt: skip
    finally:
        signer.close()
    for path in (pack.folder, pack.folder / "report.pdf"):
        report = verify_pack(path, signer=signer.fingerprint)
        assert report.exit_code == 0
        assert "alice@example.com" in report.basis
