"""Sealing with the user's own certificate: PEM, PKCS#12, a token; and whom it convinces."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID
from tests.unit.seal.seal_checks import Seal, failed

from weighbridge.cli.seal_options import SealOptions, seal_signer
from weighbridge.model.errors import ExitCode, UsageError
from weighbridge.seal.outcome import Reason, SignerTrust
from weighbridge.seal.signer import CertifiedKey, from_key, from_pkcs12, lacks_non_repudiation
from weighbridge.seal.verify import verify_pack
from weighbridge.signing.errors import UnusableKey
from weighbridge.signing.keys import private_pem
from weighbridge.signing.timestamp import load_roots
from weighbridge.testing.revocation import RevocationAuthority
from weighbridge.testing.sigstore import LoopbackTrust
from weighbridge.testing.x509 import Identity, root_authority


@pytest.fixture(scope="module")
def authority() -> Iterator[RevocationAuthority]:
    with RevocationAuthority() as running:
        yield running


def certified(authority: RevocationAuthority, identity: Identity) -> CertifiedKey:
    return from_key(identity.key, [identity.pem, authority.root.pem])


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()])
def test_a_certificate_convinces_who_trusts_its_authority(
    seal: Seal, trust: LoopbackTrust, authority: RevocationAuthority, curve: ec.EllipticCurve
) -> None:
    signer = certified(authority, authority.issue("Ada, auditor", curve=curve))
    pack = seal(signer=signer, timestamp_url=trust.timestamp_url)
    assert pack.notes == ()
    for path in (pack.folder, pack.folder / "report.pdf"):
        report = verify_pack(path, certificate_roots=[authority.root.der])
        assert (report.exit_code, report.trust) == (ExitCode.HOLDS, SignerTrust.CHAIN)
        assert "Ada, auditor" in report.basis
        assert "loopback document authority" in report.basis
        assert verify_pack(path).reason is Reason.INCOMPLETE
        pinned = verify_pack(path, signer=signer.fingerprint)
        assert pinned.trust is SignerTrust.PINNED
        stranger = root_authority("another authority")
        other = verify_pack(path, certificate_roots=[stranger.der])
        assert (other.exit_code, other.reason) == (ExitCode.VIOLATED, Reason.UNTRUSTED)
        assert failed(other) == ["certificate chain"]


def test_an_expired_certificate_with_a_timestamp_holds_and_without_it_does_not(
    seal: Seal, trust: LoopbackTrust, authority: RevocationAuthority, tmp_path: Path
) -> None:
    signer = certified(authority, authority.issue("a signer", validity=dt.timedelta(days=30)))
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=60)
    given = {"certificate_roots": [authority.root.der], "now": later}
    stamped = seal(signer=signer, timestamp_url=trust.timestamp_url, out=tmp_path / "stamped")
    bare = seal(signer=signer, out=tmp_path / "bare")
    roots = load_roots(trust.tsa_roots.encode(), source="x")
    report = verify_pack(stamped.folder, timestamp_roots=roots, **given)  # type: ignore[arg-type]
    assert report.reason is Reason.HOLDS
    assert "after it had signed" in str(report.checks)
    # nobody says whether that authority is to be believed
    assert verify_pack(stamped.folder, **given).reason is not Reason.HOLDS  # type: ignore[arg-type]
    report = verify_pack(bare.folder, **given)  # type: ignore[arg-type]
    assert report.exit_code is ExitCode.VIOLATED
    assert "signer certificate" in failed(report)


def test_a_certificate_for_web_servers_signs_no_reports(
    seal: Seal, authority: RevocationAuthority
) -> None:
    identity = authority.issue("www.example.com", usages=(ExtendedKeyUsageOID.SERVER_AUTH,))
    pack = seal(signer=certified(authority, identity))
    report = verify_pack(pack.folder, certificate_roots=[authority.root.der])
    assert report.reason is Reason.UNTRUSTED


def test_pkcs12(authority: RevocationAuthority) -> None:
    identity = authority.issue("a signer")
    data = pkcs12.serialize_key_and_certificates(
        b"name", identity.key, identity.certificate, [authority.root.certificate],
        BestAvailableEncryption(b"secret"),
    )  # fmt: skip
    signer = from_pkcs12(data, b"secret")
    assert signer.certificates == (identity.der, authority.root.der)
    for wrong, password in ((data, b"wrong"), (data, None), (b"\x30\x03abc", b""), (b"", None)):
        with pytest.raises(UsageError):
            from_pkcs12(wrong, password)
    other = pkcs12.serialize_key_and_certificates(
        b"name", rsa.generate_private_key(65537, 2048), None, None,
        BestAvailableEncryption(b"secret"),
    )  # fmt: skip
    with pytest.raises(UsageError, match="a key and its certificate"):
        from_pkcs12(other, b"secret")


def test_a_certificate_of_another_key_is_refused(authority: RevocationAuthority) -> None:
    one, other = authority.issue("one"), authority.issue("other")
    with pytest.raises(UnusableKey):
        from_key(one.key, [other.pem])


def test_non_repudiation(authority: RevocationAuthority) -> None:
    assert lacks_non_repudiation(authority.issue("x", non_repudiation=False).der)
    assert not lacks_non_repudiation(authority.issue("x").der)


@pytest.mark.parametrize(
    "options",
    [
        SealOptions(key="a", pkcs12="b"),
        SealOptions(key="a", pkcs11="pkcs11:"),
        SealOptions(certificate=("a",)),
        SealOptions(pkcs12="a", certificate=("b",)),
        SealOptions(pkcs11="pkcs11:object=k"),
    ],
)
def test_options_that_do_not_go_together_are_refused(options: SealOptions) -> None:
    with pytest.raises(UsageError):
        options.check()


def test_the_options_give_a_signer(
    authority: RevocationAuthority, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    identity = authority.issue("a signer", non_repudiation=False)
    (tmp_path / "key.pem").write_bytes(private_pem(identity.key))
    (tmp_path / "cert.pem").write_bytes(identity.pem + authority.root.pem)
    options = SealOptions(str(tmp_path / "key.pem"), (str(tmp_path / "cert.pem"),))
    with seal_signer(options) as signer:
        assert signer.certificates == (identity.der, authority.root.der)
    assert "nonRepudiation" in capsys.readouterr().err
    with seal_signer(SealOptions(str(tmp_path / "key.pem"))) as signer:
        assert len(signer.certificates) == 1  # certified by itself
    with pytest.raises(UsageError), seal_signer(SealOptions(str(tmp_path / "none.pem"))):
        pass
