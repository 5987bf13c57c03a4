"""Certificate mode both ways with the format's own implementation, and where it takes too much."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from model_signing import hashing, signing, verifying

from weighbridge.model.policy import TrustedSigner, identity_fingerprint
from weighbridge.signing import keys
from weighbridge.signing.discover import find_signatures
from weighbridge.signing.oms import sign_oms, verify_oms
from weighbridge.signing.signers import KeySigner, certificate_signer
from weighbridge.signing.verdict import SignatureState
from weighbridge.snapshot.take import take_snapshot
from weighbridge.testing.signing_authority import (
    CODE_SIGNING,
    SERVER_AUTH,
    YEAR,
    authority,
    signing_certificate,
)
from weighbridge.testing.x509 import Identity, now

ALICE = "alice@example.com"
ROOT = authority(begin=now() - 9 * YEAR, validity=20 * YEAR)
MIDDLE = authority("middle", ROOT, begin=now() - 8 * YEAR, validity=15 * YEAR)


class Files:
    """A model, and a signer's key, certificate, chain and root as files."""

    def __init__(self, folder: Path, **certificate) -> None:
        self.model = folder / "model"
        self.model.mkdir()
        (self.model / "config.json").write_bytes(b"{}")
        (self.model / "w.safetensors").write_bytes(b"weights")
        self.signature = self.model / "model.sig"
        self.holder: Identity = signing_certificate(MIDDLE, email=ALICE, **certificate)
        self.key, self.cert = folder / "key.pem", folder / "cert.pem"
        self.middle, self.root = folder / "middle.pem", folder / "root.pem"
        self.key.write_bytes(keys.private_pem(self.holder.key))
        self.cert.write_bytes(self.holder.pem)
        self.middle.write_bytes(MIDDLE.pem)
        self.root.write_bytes(ROOT.pem)

    def config(self) -> hashing.Config:
        return hashing.Config().set_ignored_paths(paths=[self.signature])

    def they_sign(self) -> None:
        signer = signing.Config().use_certificate_signer(
            private_key=self.key, signing_certificate=self.cert, certificate_chain=[self.middle]
        )
        signer.set_hashing_config(self.config()).sign(self.model, self.signature)

    def they_verify(self) -> None:
        verifier = verifying.Config().use_certificate_verifier(certificate_chain=[self.root])
        verifier.set_hashing_config(self.config()).verify(self.model, self.signature)

    def we_sign(self) -> None:
        pems = [self.holder.pem, MIDDLE.pem]
        signer = certificate_signer(KeySigner(self.holder.key), self.holder.key.public_key(), pems)
        self.signature.write_bytes(sign_oms(take_snapshot(self.model), signer))

    def we_verify(self, identity: str = ALICE):
        snapshot = take_snapshot(self.model)
        roots = (ROOT.pem.decode(),)
        pin = TrustedSigner(
            "peer", "", identity_fingerprint(identity, "", roots, ""),
            identity=identity, certificate_roots=roots,
        )  # fmt: skip
        paths = find_signatures(snapshot).paths
        data = self.signature.read_bytes()
        return verify_oms(data, snapshot, [pin], signature_paths=paths, at=now())


def test_they_verify_what_we_sign(tmp_path: Path) -> None:
    files = Files(tmp_path)
    files.we_sign()
    files.they_verify()
    (files.model / "config.json").write_bytes(b"[]")
    with pytest.raises(ValueError, match="mismatch"):
        files.they_verify()


def test_we_verify_what_they_sign(tmp_path: Path) -> None:
    files = Files(tmp_path)
    files.they_sign()
    assert files.we_verify().holds, files.we_verify().reason
    refused = files.we_verify("bob@example.com")
    assert refused.state is SignatureState.UNTRUSTED


def test_an_expired_server_certificate_passes_with_them_and_not_with_us(tmp_path: Path) -> None:
    """What model-signing 1.1.1 takes: serverAuth only, expired 700 days ago, no identity asked."""
    begin = now() - dt.timedelta(days=1000)
    files = Files(tmp_path, usages=SERVER_AUTH, begin=begin, validity=dt.timedelta(days=300))
    files.they_sign()
    files.they_verify()
    refused = files.we_verify()
    assert refused.state is SignatureState.UNTRUSTED
    assert "not one for code signing: it states serverAuth" in refused.reason
    files.holder = signing_certificate(
        MIDDLE, email=ALICE, usages=CODE_SIGNING, begin=begin, validity=dt.timedelta(days=300)
    )
    files.we_sign()
    files.they_verify()
    assert "expired on" in files.we_verify().reason
