"""poppler accepts our signature; and where it tolerates changes, we do not."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from weighbridge.seal.authority import Authority
from weighbridge.seal.keys import LocalKey, local_key
from weighbridge.seal.pdf import sign_pdf
from weighbridge.seal.verify import verify_pack
from weighbridge.signing.timestamp import request_token
from weighbridge.sources.http import HttpClient
from weighbridge.testing.pdf_tampers import TAMPERS
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


# What poppler's tool says of a change that Weighbridge refuses. The table in
# docs/how-to/verify-a-report.md says the same.
MISSED_BY_PDFSIG = {
    "flipped_byte": False,
    "page_content": True,
    "attachment": True,
    "root_key": True,
    "trailing_bytes": True,
    "annotation": True,
    "page": True,
    "metadata": True,
}


@pytest.mark.parametrize("tamper", TAMPERS, ids=lambda t: t.__name__)
def test_what_pdfsig_misses_is_noticed_by_us(
    tmp_path: Path, key: LocalKey, trust: LoopbackTrust, tamper: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "report.pdf"
    asked = Authority(HttpClient(offline=False), trust.timestamp_url)
    signed = sign_pdf(sample_pdf(sample_record()), key, reason="test", stamp=asked.stamp)
    signed, _ = asked.archive(signed, key.certificates)
    path.write_bytes(tamper(signed))
    assert ("Signature is Valid." in pdfsig(path)) is MISSED_BY_PDFSIG[tamper.__name__]
    assert verify_pack(path, signer=key.fingerprint).exit_code == 1
    table = (Path(__file__).parents[2] / "docs/how-to/verify-a-report.md").read_text()
    row = next(line for line in table.splitlines() if line.startswith(f"| `{tamper.__name__}`"))
    assert ("| missed |" in row) is MISSED_BY_PDFSIG[tamper.__name__]
