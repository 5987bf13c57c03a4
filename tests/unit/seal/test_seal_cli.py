"""The flags for RSA, Sigstore and revocation lists, from ``audit`` to ``report verify``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from typer.testing import CliRunner

from weighbridge.cli.audit import app as audit_app
from weighbridge.cli.report import app as report_app
from weighbridge.model.errors import UsageError
from weighbridge.seal.signer import from_key
from weighbridge.testing.openssl_certificates import rsa_signer
from weighbridge.testing.revocation import RevocationAuthority
from weighbridge.testing.sigstore import LoopbackTrust


def audited(model: Path, pack: Path, *options: object) -> None:
    model.mkdir(exist_ok=True)
    (model / "config.json").write_text("{}")
    arguments = [str(model), "--out", str(pack), *map(str, options)]
    result = CliRunner().invoke(audit_app, arguments, catch_exceptions=False)
    assert (pack / "report.pdf").exists(), result.output


def verified(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(report_app, ["verify", *map(str, arguments)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, " ".join(result.stdout.split())


def test_an_audit_sealed_by_rsa(tmp_path: Path) -> None:
    (tmp_path / "ca").mkdir()
    made = rsa_signer(tmp_path / "ca", bits=3072)
    audited(
        tmp_path / "model", tmp_path / "pack", "--offline", "--seal-key", made.folder / "key.pem",
        "--seal-certificate", made.folder / "cert.pem",
        "--seal-certificate", made.folder / "root.pem",
    )  # fmt: skip
    code, said = verified(tmp_path / "pack", "--certificate-root", made.folder / "root.pem")
    assert code == 0
    assert "ada@example.com" in said
    assert "revocation: nothing is known" in said


def test_an_audit_sealed_by_a_sigstore_identity(tmp_path: Path) -> None:
    pack, model = tmp_path / "pack", tmp_path / "model"
    with LoopbackTrust() as trust:
        (tmp_path / "trust.json").write_text(json.dumps(trust.trust_config()))
        (tmp_path / "token").write_text(trust.identity_token("ci@example.com"))
        issuer = f"{trust.url}/oauth2"
        options = ("--seal-sigstore", "--seal-trust-config", tmp_path / "trust.json",
                   "--seal-identity-token", tmp_path / "token")  # fmt: skip
        audited(model, pack, *options)
        with pytest.raises(UsageError, match="offline"):
            audited(model, tmp_path / "offline", "--offline", *options)
    pins = ("--issuer", issuer, "--trusted-root", tmp_path / "trust.json")
    code, said = verified(pack, "--identity", "*@example.com", *pins)
    assert code == 0, said
    assert f"the Sigstore identity ci@example.com, for whom the provider {issuer} vouches" in said
    code, said = verified(pack, "--identity", "eve@example.com", *pins, "-f", "json")
    found = json.loads(said)
    assert (code, found["reason"]) == (1, "untrusted")
    assert found["signer"]["sigstore"] is True
    code, said = verified(pack)
    assert (code, "untrusted until it is" in said) == (3, True)
    for wrong in (
        ("--identity", "ci@example.com", "--trusted-root", tmp_path / "trust.json"),
        ("--issuer", issuer),
        ("--trusted-root", tmp_path / "trust.json"),
        ("--identity", "**", *pins),
        ("--identity", "ci@example.com", *pins, "--signer", "sha256:" + "0" * 64),
    ):
        with pytest.raises(UsageError):
            verified(pack, *wrong)


def test_a_list_of_revoked_certificates_from_a_file(seal, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    with RevocationAuthority() as authority:
        identity = authority.issue("a signer")
        pack = seal(signer=from_key(identity.key, [identity.pem, authority.root.pem]))
        (tmp_path / "good.crl").write_bytes(authority.crl())
        authority.revoked.add(identity.certificate.serial_number)
        (tmp_path / "gone.crl").write_bytes(authority.crl())
        (tmp_path / "root.pem").write_bytes(authority.root.certificate.public_bytes(Encoding.PEM))
    trusted = (pack.folder, "--no-replay", "--certificate-root", tmp_path / "root.pem")
    code, said = verified(*trusted, "--crl", tmp_path / "good.crl")
    assert (code, "was not revoked, said its authority by a list" in said) == (0, True)
    code, said = verified(*trusted, "--crl", tmp_path / "good.crl", "--crl", tmp_path / "gone.crl")
    assert code == 1
    assert said.startswith("DOES NOT HOLD (untrusted)")
    (tmp_path / "odd.crl").write_bytes(b"none")
    for name in ("odd.crl", "absent.crl"):
        with pytest.raises(UsageError):
            verified(*trusted, "--crl", tmp_path / name)
