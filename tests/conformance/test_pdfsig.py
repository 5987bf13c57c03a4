"""poppler accepts our signature; and where it tolerates changes, we do not."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from weighbridge.seal.keys import LocalKey, local_key
from weighbridge.seal.pdf import sign_pdf
from weighbridge.seal.verify import verify_pack
from weighbridge.signing.timestamp import request_token
from weighbridge.sources.http import HttpClient
from weighbridge.testing.seal_samples import sample_pdf, sample_record
from weighbridge.testing.sigstore import LoopbackTrust

pytestmark = pytest.mark.skipif(not shutil.which("pdfsig"), reason="pdfsig is not installed")


@pytest.fixture(scope="module")
def trust() -> Iterator[LoopbackTrust]:
    with LoopbackTrust() as running:
        yield running


@pytest.fixture
def key(tmp_path: Path) -> LocalKey:
    return local_key(tmp_path / "keys")


def pdfsig(path: Path) -> str:
    return subprocess.run(
        ["pdfsig", "-nocert", str(path)], capture_output=True, text=True, check=False
    ).stdout


@pytest.mark.parametrize("stamped", [False, True])
def test_pdfsig_finds_the_signature_valid(
    tmp_path: Path, key: LocalKey, trust: LoopbackTrust, stamped: bool
) -> None:
    http = HttpClient(offline=False)
    stamp = (lambda digest: request_token(http, trust.timestamp_url, digest)) if stamped else None
    path = tmp_path / "report.pdf"
    record = sample_record()
    path.write_bytes(sign_pdf(sample_pdf(record), key, reason="test", stamp=stamp))
    said = pdfsig(path)
    assert "Signature is Valid." in said
    assert "Total document signed" in said
    assert "ETSI.CAdES.detached" in said
    assert "Weighbridge local sealing key" in said


def test_a_flipped_byte_is_noticed_by_both(tmp_path: Path, key: LocalKey) -> None:
    path = tmp_path / "report.pdf"
    data = sign_pdf(sample_pdf(sample_record()), key, reason="test")
    at = data.index(b"/MediaBox") + 12
    path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
    assert "Signature is Valid." not in pdfsig(path)
    assert verify_pack(path, signer=key.fingerprint).exit_code == 1


def test_trailing_junk_is_noticed_by_us(tmp_path: Path, key: LocalKey) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(sign_pdf(sample_pdf(sample_record()), key, reason="test") + b"\n% junk\n")
    assert "Signature is Valid." in pdfsig(path)  # why it is not enough to ask poppler
    assert verify_pack(path, signer=key.fingerprint).exit_code == 1
