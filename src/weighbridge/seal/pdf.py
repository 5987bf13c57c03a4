"""Signing the PDF report: PAdES (ETSI EN 319 142-1) B-LTA where timestamps can be had, else B-B.

The signature certifies the document with no changes allowed (DocMDP level 1) and covers the whole
file. Its field is invisible: the page says in words what was signed, by which key. B-LTA adds a
timestamp of the signature inside of it, and after it what validation needs with a timestamp over
the whole file, see :mod:`weighbridge.seal.pdf_archive`.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from weighbridge.model.errors import SealError
from weighbridge.signing.timestamp import TimestampInvalid

if TYPE_CHECKING:
    from weighbridge.seal.signer import SealSigner
    from weighbridge.signing.timestamp_token import Token

FIELD = "WeighbridgeSeal"
# Room for the CMS signature, in bytes. pyHanko would find it out with a request of its own to the
# authority, and some authorities want seconds between requests.
_ROOM = 4 * 2**10
ROOM_FOR_TOKEN = 12 * 2**10


def sign_pdf(
    data: bytes,
    signer: SealSigner,
    *,
    reason: str,
    stamp: Callable[[bytes], Token] | None = None,
) -> bytes:
    """The PDF with a certifying signature appended; the given bytes stay in front of it unchanged.

    Args:
        data: a PDF without signatures.
        signer: whose certificates go into the signature.
        reason: one line, shown by PDF readers.
        stamp: gives a timestamp token for a SHA-2 digest. What it raises is passed on. The
            result is PAdES B-T with it, B-B without.

    Raises:
        SealError: it is not a PDF that can be signed.
    """
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
    from pyhanko.sign.general import SigningError
    from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner

    from weighbridge.signing.document_keys import hash_of

    meta = PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm=hash_of(signer.public).name,
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
        reason=reason,
    )
    room = _ROOM + sum(map(len, signer.certificates)) + (ROOM_FOR_TOKEN if stamp else 0)
    try:
        writer = appending_writer(data)
        timestamper = stamper(stamp) if stamp else None
        pdf_signer = PdfSigner(meta, _cms_signer(signer), timestamper=timestamper)
        signed = pdf_signer.sign_pdf(writer, bytes_reserved=2 * room, output=io.BytesIO())
    except (PdfError, SigningError) as error:
        raise SealError(f"the PDF report cannot be signed: {error}") from error
    result = bytes(signed.getvalue())
    if not result.startswith(data):
        raise SealError("signing the PDF report changed what was to be signed")
    return result


def appending_writer(data: bytes) -> Any:
    """pyHanko's writer of incremental updates, which leaves the document's metadata alone.

    By itself it writes a new date and its name into them: a change after the signature that a
    strict reader would have to allow to everybody.
    """
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    class Appending(IncrementalPdfFileWriter):
        def _update_meta(self) -> None:
            """Nothing to update."""

    return Appending(io.BytesIO(data))


def _cms_signer(signer: SealSigner) -> Any:
    """pyHanko's way to a key, which it never sees."""
    from asn1crypto import algos, x509
    from cryptography.hazmat.primitives.asymmetric import rsa
    from pyhanko.sign.signers import Signer
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    from weighbridge.seal.signer import shown_name
    from weighbridge.signing.document_keys import hash_of

    own, *above = [x509.Certificate.load(der) for der in signer.certificates]
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    store.register_multiple(above)
    kind = "rsa" if isinstance(signer.public, rsa.RSAPublicKey) else "ecdsa"
    mechanism = algos.SignedDigestAlgorithm({"algorithm": f"{hash_of(signer.public).name}_{kind}"})

    class OurSigner(Signer):
        @property
        def subject_name(self) -> str:
            # pyHanko's own fails on a certificate that names its holder by an address alone
            return shown_name(signer.certificates[0])

        async def async_sign_raw(
            self, data: bytes, digest_algorithm: str, dry_run: bool = False
        ) -> bytes:
            if digest_algorithm != hash_of(signer.public).name:
                raise SealError(f"a signature over {digest_algorithm} was asked for")
            return signer.sign(data)

    return OurSigner(signing_cert=own, cert_registry=store, signature_mechanism=mechanism)


def stamper(stamp: Callable[[bytes], Token]) -> Any:
    """pyHanko's way to timestamps, led through our own: one HTTP client, one check of answers."""
    from asn1crypto import cms
    from pyhanko.sign.timestamps import TimeStamper

    class Stamper(TimeStamper):
        async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> Any:
            token = stamp(message_digest).content_info
            if len(token) > ROOM_FOR_TOKEN:
                raise TimestampInvalid(
                    f"the timestamp of {len(token)} bytes does not fit into the PDF"
                )
            return cms.ContentInfo.load(token)

    return Stamper()  # type: ignore[no-untyped-call]
