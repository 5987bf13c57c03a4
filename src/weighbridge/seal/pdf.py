"""Signing the PDF report: PAdES (ETSI EN 319 142-1) B-T where a timestamp can be had, else B-B.

The signature certifies the document with no changes allowed (DocMDP level 1) and covers the whole
file. Its field is invisible: the page says in words what was signed, by which key.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from weighbridge.model.errors import SealError
from weighbridge.signing.timestamp import TimestampInvalid

if TYPE_CHECKING:
    from weighbridge.seal.keys import LocalKey
    from weighbridge.signing.timestamp_token import Token

FIELD = "WeighbridgeSeal"
# Room for the CMS signature, in bytes. pyHanko would find it out with a request of its own to the
# authority, and some authorities want seconds between requests.
_ROOM = 4 * 2**10
_ROOM_FOR_TOKEN = 12 * 2**10


def sign_pdf(
    data: bytes,
    signer: LocalKey,
    *,
    reason: str,
    stamp: Callable[[bytes], Token] | None = None,
) -> bytes:
    """The PDF with a certifying signature appended; the given bytes stay in front of it unchanged.

    Args:
        data: a PDF without signatures.
        signer: whose self-signed certificate goes into the signature.
        reason: one line, shown by PDF readers.
        stamp: gives a timestamp token for a SHA-256. What it raises is passed on.

    Raises:
        SealError: it is not a PDF that can be signed.
    """
    from asn1crypto import keys, x509
    from cryptography.hazmat.primitives import serialization
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
    from pyhanko.sign.general import SigningError
    from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    from weighbridge.seal.low_s import low_s

    key = signer.private.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    meta = PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
        reason=reason,
    )

    class LowSigner(SimpleSigner):
        def sign_raw(self, data: bytes, digest_algorithm: str) -> bytes:
            made = super().sign_raw(data, digest_algorithm)
            return low_s(signer.private.public_key(), made)

    simple = LowSigner(
        signing_cert=x509.Certificate.load(signer.certificate),
        signing_key=keys.PrivateKeyInfo.load(key),
        cert_registry=SimpleCertificateStore(),  # type: ignore[no-untyped-call]
    )
    room = _ROOM + (_ROOM_FOR_TOKEN if stamp else 0)
    try:
        writer = IncrementalPdfFileWriter(io.BytesIO(data))
        pdf_signer = PdfSigner(meta, simple, timestamper=_stamper(stamp) if stamp else None)
        signed = pdf_signer.sign_pdf(writer, bytes_reserved=2 * room, output=io.BytesIO())
    except (PdfError, SigningError) as error:
        raise SealError(f"the PDF report cannot be signed: {error}") from error
    result = bytes(signed.getvalue())
    if not result.startswith(data):
        raise SealError("signing the PDF report changed what was to be signed")
    return result


def _stamper(stamp: Callable[[bytes], Token]) -> Any:
    """pyHanko's way to timestamps, led through our own: one HTTP client, one check of answers."""
    from asn1crypto import cms
    from pyhanko.sign.timestamps import TimeStamper

    class Stamper(TimeStamper):
        async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> Any:
            if md_algorithm != "sha256":
                raise SealError(f"a timestamp over {md_algorithm} was asked for")
            token = stamp(message_digest).content_info
            if len(token) > _ROOM_FOR_TOKEN:
                raise TimestampInvalid(
                    f"the timestamp of {len(token)} bytes does not fit into the PDF"
                )
            return cms.ContentInfo.load(token)

    return Stamper()  # type: ignore[no-untyped-call]
