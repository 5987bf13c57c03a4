"""OpenSSL accepts what the loopback stamps and what a seal holds; we accept what it stamps."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from weighbridge.seal.export import openssl_parts
from weighbridge.seal.keys import local_key
from weighbridge.seal.pack import seal_pack
from weighbridge.signing.timestamp import _query, load_roots, verify_timestamp
from weighbridge.signing.timestamp_token import read_token
from weighbridge.testing.seal_samples import SampleView, sample_pdf, sample_raw, sample_record
from weighbridge.testing.sigstore import LoopbackTrust
from weighbridge.testing.tsa import Mode

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed")
DATA = b"some data"


@pytest.fixture
def trust() -> Iterator[LoopbackTrust]:
    with LoopbackTrust() as running:
        yield running


def openssl(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["openssl", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )


def verified(folder: Path, *arguments: str) -> bool:
    done = openssl(folder, "ts", "-verify", "-in", "token.tsr", "-CAfile", "root.pem",
                   "-untrusted", "tsa.pem", *arguments)  # fmt: skip
    assert done.returncode == 0 or "Verification: FAILED" in done.stdout + done.stderr
    return "Verification: OK" in done.stdout + done.stderr


@pytest.mark.parametrize("mode", [Mode.GRANT, Mode.UNSORTED])
def test_openssl_accepts_loopback_stamps(tmp_path: Path, trust: LoopbackTrust, mode: Mode) -> None:
    (tmp_path / "data").write_bytes(DATA)
    done = openssl(tmp_path, "ts", "-query", "-data", "data", "-sha256", "-cert", "-out", "q.tsq")
    assert done.returncode == 0, done.stderr
    trust.timestamps.mode = mode
    (tmp_path / "token.tsr").write_bytes(trust.timestamps.stamp((tmp_path / "q.tsq").read_bytes()))
    (tmp_path / "root.pem").write_text(trust.tsa_roots)
    (tmp_path / "tsa.pem").write_bytes(trust.timestamps.signer.pem)
    assert verified(tmp_path, "-queryfile", "q.tsq")
    assert verified(tmp_path, "-data", "data")
    (tmp_path / "data").write_bytes(b"others")
    assert not verified(tmp_path, "-data", "data")


def test_openssl_checks_an_exported_seal_without_us(tmp_path: Path, trust: LoopbackTrust) -> None:
    pack = seal_pack(
        sample_record(), timestamp_url=trust.timestamp_url, offline=False,
        signer=local_key(tmp_path / "keys"), raw=sample_raw(), out=tmp_path / "pack",
        views=(SampleView(),), pdf=sample_pdf,
    )  # fmt: skip
    parts = tmp_path / "parts"
    parts.mkdir()
    for name, data in openssl_parts(pack.folder).items():
        (parts / name).write_bytes(data)
    (parts / "root.pem").write_text(trust.tsa_roots)
    (parts / "tsa-chain.pem").rename(parts / "tsa.pem")
    assert verified(parts, "-data", "signature.bin")
    check = ("dgst", "-sha256", "-verify", "sealing-key.pem", "-signature", "signature.bin")
    assert "Verified OK" in openssl(parts, *check, "signed.bin").stdout
    assert "Verified OK" not in openssl(parts, *check, "statement.json").stdout
    assert (parts / "signed.bin").read_bytes().endswith((parts / "statement.json").read_bytes())

    alone = openssl_parts(pack.folder / "report.pdf")
    for name, data in alone.items():
        (parts / name).write_bytes(data)
    assert verified(parts, "-data", "signature.bin")


CONFIG = """
[ tsa ]
default_tsa = t
[ t ]
serial = ./serial
crypto_device = builtin
signer_cert = ./tsa.pem
signer_key = ./tsa.key
certs = {certs}
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256
ess_cert_id_alg = sha256
ess_cert_id_chain = no
[ ext ]
extendedKeyUsage = critical,timeStamping
keyUsage = critical,digitalSignature
"""


@pytest.mark.parametrize("kind", ["rsa:2048", "ec"])
@pytest.mark.parametrize("certs", ["./chain.pem", "./tsa.pem"])
def test_we_accept_what_openssl_stamps(tmp_path: Path, kind: str, certs: str) -> None:
    """Its certificate set keeps the order it was given, which rfc3161-client 1.0.9 refuses."""
    (tmp_path / "conf").write_text(CONFIG.format(certs=certs))
    (tmp_path / "serial").write_text("01\n")
    new_key = ["-newkey", kind, "-nodes"]
    if kind == "ec":
        new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    steps = [
        ["req", "-x509", *new_key, "-subj", "/CN=a root", "-keyout", "root.key",
         "-out", "root.pem", "-days", "30"],
        ["req", *new_key, "-subj", "/CN=zzz tsa", "-keyout", "tsa.key", "-out", "tsa.csr"],
        ["x509", "-req", "-in", "tsa.csr", "-CA", "root.pem", "-CAkey", "root.key", "-days", "20",
         "-CAcreateserial", "-extfile", "conf", "-extensions", "ext", "-out", "tsa.pem"],
    ]  # fmt: skip
    for step in steps:
        done = openssl(tmp_path, *step)
        assert done.returncode == 0, done.stderr
    chain = (tmp_path / "root.pem").read_bytes() + (tmp_path / "tsa.pem").read_bytes()
    (tmp_path / "chain.pem").write_bytes(chain)
    (tmp_path / "q.tsq").write_bytes(_query(hashlib.sha256(DATA).digest(), 7))
    done = openssl(tmp_path, "ts", "-reply", "-config", "conf", "-section", "t", "-queryfile",
                   "q.tsq", "-out", "token.tsr")  # fmt: skip
    assert done.returncode == 0, done.stderr

    token = (tmp_path / "token.tsr").read_bytes()
    roots = load_roots((tmp_path / "root.pem").read_bytes(), source="root.pem")
    stamp = verify_timestamp(token, DATA, roots)
    assert stamp.trusted
    assert stamp.authority == "CN=zzz tsa"
    (tmp_path / "token.tsr").write_bytes(read_token(token).normal_form)
    (tmp_path / "data").write_bytes(DATA)
    assert verified(tmp_path, "-data", "data")
