"""The parts of a seal as files for other tools: an auditor need not believe this one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from weighbridge.seal.folder import read_file
from weighbridge.seal.pdf_signature import read_signed_pdf
from weighbridge.seal.statement import SEAL_FILE

if TYPE_CHECKING:
    from cryptography import x509


def openssl_parts(path: Path) -> dict[str, bytes]:
    """What ``openssl`` needs to check the signature and the timestamp of a pack or a PDF.

    ``signature.bin`` and, for a pack, ``signed.bin`` (what it is over, the DSSE encoding) with
    ``sealing-key.pem``; ``statement.json``, the payload; ``token.tsr``, the timestamp over
    ``signature.bin``, and ``tsa-chain.pem``, the certificates it carries. The timestamp's files are
    left out where there is none.

    Raises:
        HostileInput: the seal or the PDF cannot be read.
        OSError: there is none.
    """
    if not path.is_dir():
        pdf = read_signed_pdf(read_file(path))
        return {"signature.bin": pdf.signature, **_timestamp(pdf.token)}
    from weighbridge.seal.certificate import public_key
    from weighbridge.seal.seal_file import read_seal
    from weighbridge.signing.keys import public_pem

    bundle, _ = read_seal(read_file(path / SEAL_FILE))
    return {
        "sealing-key.pem": public_pem(public_key(bundle.certificates[0])).encode(),
        "statement.json": bundle.envelope.payload,
        "signed.bin": bundle.envelope.signed_bytes,
        "signature.bin": bundle.envelope.signature,
        **_timestamp(bundle.timestamps[0] if bundle.timestamps else None),
    }


def _timestamp(token: bytes | None) -> dict[str, bytes]:
    if token is None:
        return {}
    from weighbridge.signing.timestamp_token import read_token

    read = read_token(token)
    chain = b"".join(_pem(certificate) for certificate in read.certificates)
    return {"token.tsr": read.normal_form, "tsa-chain.pem": chain}


def _pem(certificate: x509.Certificate) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.PEM)
