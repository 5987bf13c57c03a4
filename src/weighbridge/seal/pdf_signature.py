"""Reading the signature of a sealed PDF, strictly and with no network.

pyHanko reads the file's objects. What is checked here: that there is one signature, that it holds,
certifies the document and allows no change, that what follows it are archive timestamps and what
belongs to them alone, that the last of these covers the file to its last byte, and that the
containers hold nothing beside signature and timestamp. All other incremental updates, which most
PDF readers tolerate after a signature, therefore never pass.
"""

from __future__ import annotations

import io
import logging
from dataclasses import dataclass, field

from weighbridge.edge.text import visible
from weighbridge.model.errors import HostileInput
from weighbridge.seal.pdf_attachments import attachments
from weighbridge.seal.pdf_container import check_container, signature_token
from weighbridge.seal.pdf_embedded import (
    SIGNATURE,
    TIMESTAMP,
    check_certifies,
    check_gap,
    embedded,
    of_kind,
)
from weighbridge.seal.pdf_integrity import check_integrity, signer_info
from weighbridge.seal.pdf_revisions import base_of
from weighbridge.seal.pdf_store import Store, security_store
from weighbridge.seal.pdf_updates import Archive, archives

MAX_PDF_BYTES = 256 * 2**20


class PdfInvalid(HostileInput):
    """The PDF is no sealed report, or was changed."""


@dataclass(frozen=True, slots=True)
class SignedPdf:
    """A sealed PDF whose signature holds.

    ``certificates`` are in DER, the signer's first, then those above it. ``signature`` is the value
    a timestamp would be over; ``token`` the bare timestamp token, None where there is none.
    ``attachments`` are name and content of every embedded file. ``signed_end`` is where the signed
    revision ends; ``archives`` are the timestamps over the whole file after it, oldest first.
    ``base`` is where the cross-reference table of the signed document lies; None where the update
    that signed it did more than sign. ``store`` is what the last revision keeps for validation.
    """

    certificates: tuple[bytes, ...]
    signature: bytes
    token: bytes | None
    attachments: tuple[tuple[str, bytes], ...]
    signed_end: int
    archives: tuple[Archive, ...] = ()
    base: int | None = None
    store: Store = field(default_factory=Store)

    @property
    def ends(self) -> tuple[int, ...]:
        """Where the file ended after the signature and after each archive timestamp."""
        return (self.signed_end, *(archive.end for archive in self.archives))


def read_signed_pdf(data: bytes) -> SignedPdf:
    """Check everything about a sealed PDF but who signed it and when.

    Raises:
        PdfInvalid: anything is not as :mod:`weighbridge.seal.pdf` makes it.
    """
    if len(data) > MAX_PDF_BYTES:
        raise PdfInvalid(f"the PDF is larger than {MAX_PDF_BYTES} bytes")
    if not data.startswith(b"%PDF-"):
        raise PdfInvalid("it is not a PDF")
    try:
        return _read(data)
    except HostileInput as error:
        raise PdfInvalid(error.message) from error
    except Exception as error:
        # A PDF from a stranger can make a parser fail in any way (KeyError, RecursionError, …).
        # Whichever it is, the PDF was not made by us, and that is the result.
        raise PdfInvalid(
            f"the PDF cannot be read ({type(error).__name__}: {visible(str(error), 150)})"
        ) from error


def quiet() -> None:
    """Keep pyHanko's warnings, which quote the PDF, off a terminal that nobody configured for them.

    Without any handler, Python's logging writes warnings to stderr by itself.
    """
    for name in ("pyhanko", "pyhanko_certvalidator"):
        logger = logging.getLogger(name)
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())
            logger.propagate = False


def _read(data: bytes) -> SignedPdf:
    from pyhanko.pdf_utils.reader import PdfFileReader

    quiet()
    reader = PdfFileReader(io.BytesIO(data), strict=True)
    _require(not reader.encrypted, "it is encrypted")
    _require(not reader.xrefs.hybrid_xrefs_present, "its cross-references are of two kinds")
    found = embedded(reader)
    regular = of_kind(found, SIGNATURE)
    _require(len(regular) > 0, "it is not signed")
    _require(len(regular) == 1, f"it has {len(regular)} signatures instead of one")
    signature = regular[0]
    end = check_gap(signature, data)
    later = archives(reader, signature, of_kind(found, TIMESTAMP), data)
    _require(signature.entries["/SubFilter"] == "/ETSI.CAdES.detached", "it is not PAdES")
    check_certifies(reader, signature)
    info, certificates = signer_info(signature)
    check_integrity(info, certificates[0], signature, data)
    token = signature_token(info)
    check_container(info, signature.contents, certificates, token)
    return SignedPdf(
        certificates=certificates,
        signature=info["signature"].native,
        token=token,
        attachments=tuple(attachments(reader)),
        signed_end=end,
        archives=later,
        base=base_of(reader, signature.revision),
        store=security_store(reader),
    )


def _require(condition: bool, problem: str) -> None:
    if not condition:
        raise PdfInvalid(problem)
