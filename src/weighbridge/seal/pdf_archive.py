"""What follows the signature in a PDF of level B-LTA: validation material, and archive timestamps.

Each step is one incremental update (ISO 32000-2, 12.8.4.3 and 12.8.5): the document security store
with the certificates and the answers about their revocation, and a document timestamp over the
whole file. The bytes before it stay as they are, so the signature goes on covering what it covered.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from weighbridge.model.errors import SealError
from weighbridge.seal.pdf import ROOM_FOR_TOKEN, appending_writer, stamper

if TYPE_CHECKING:
    from weighbridge.signing.timestamp_token import Token

FIELD = "WeighbridgeArchive"


@dataclass(frozen=True, slots=True)
class Material:
    """What a validator needs in later years, each in DER. ``notes`` say what could not be had."""

    certificates: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    notes: tuple[str, ...] = ()


def add_archive_timestamp(
    data: bytes, stamp: Callable[[bytes], Token], material: Material, *, number: int
) -> bytes:
    """The signed PDF with validation material and a document timestamp appended.

    Args:
        data: a signed PDF, archive timestamps or none behind the signature.
        stamp: gives a timestamp token for a SHA-256. What it raises is passed on.
        material: what goes into the document security store beside what is there.
        number: how many archive timestamps there will be.

    Raises:
        SealError: it is not a PDF that can be appended to.
    """
    from asn1crypto import crl, ocsp, x509
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.sign.general import SigningError
    from pyhanko.sign.signers import PdfTimeStamper
    from pyhanko.sign.validation.dss import DocumentSecurityStore

    try:
        writer = appending_writer(data)
        DocumentSecurityStore.supply_dss_in_writer(
            writer,
            None,
            certs=[x509.Certificate.load(der) for der in material.certificates],
            ocsps=[ocsp.OCSPResponse.load(der) for der in material.ocsps],
            crls=[crl.CertificateList.load(der) for der in material.crls],
        )
        stamped = PdfTimeStamper(stamper(stamp), field_name=f"{FIELD}{number}").timestamp_pdf(
            writer, "sha256", bytes_reserved=2 * ROOM_FOR_TOKEN, output=io.BytesIO()
        )
    except (PdfError, SigningError) as error:
        raise SealError(f"the PDF report cannot be timestamped: {error}") from error
    result = bytes(stamped.getvalue())
    if not result.startswith(data):
        raise SealError("timestamping the PDF report changed what was there")
    return result
