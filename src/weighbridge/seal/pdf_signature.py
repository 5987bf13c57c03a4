"""Reading the signature of a sealed PDF, strictly and with no network.

pyHanko checks the cryptography. What it leaves to its callers is checked here: that there is one
signature, that it certifies the document and allows no change, that what follows it are archive
timestamps and what belongs to them alone, that the last of these covers the file to its last byte,
and that the containers hold nothing beside signature and timestamp. All other incremental updates,
which most PDF readers tolerate after a signature, therefore never pass.
"""

from __future__ import annotations

import hashlib
import io
import logging
from dataclasses import dataclass
from typing import Any

from weighbridge.edge.text import visible
from weighbridge.model.errors import HostileInput
from weighbridge.seal.certificate import public_key, signing_chain
from weighbridge.seal.low_s import low_s
from weighbridge.seal.pdf_attachments import attachments
from weighbridge.seal.pdf_container import check_container, signature_token
from weighbridge.seal.pdf_revisions import base_of
from weighbridge.seal.pdf_updates import Archive, archives, check_gap

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
    that signed it did more than sign.
    """

    certificates: tuple[bytes, ...]
    signature: bytes
    token: bytes | None
    attachments: tuple[tuple[str, bytes], ...]
    signed_end: int
    archives: tuple[Archive, ...] = ()
    base: int | None = None

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
    regular = reader.embedded_regular_signatures
    _require(len(regular) > 0, "it is not signed")
    _require(len(regular) == 1, f"it has {len(regular)} signatures instead of one")
    embedded = regular[0]
    end = check_gap(embedded, data)
    found = archives(reader, embedded, data, end)
    _check_certification(reader, embedded)
    certificates = _check_integrity(embedded)
    token = signature_token(embedded.signer_info)
    check_container(embedded, certificates, token)
    return SignedPdf(
        certificates=certificates,
        signature=embedded.signer_info["signature"].native,
        token=token,
        attachments=tuple(attachments(reader)),
        signed_end=end,
        archives=found,
        base=base_of(reader, embedded),
    )


def _require(condition: bool, problem: str) -> None:
    if not condition:
        raise PdfInvalid(problem)


def _check_certification(reader: Any, embedded: Any) -> None:
    from pyhanko.sign.fields import MDPPerm
    from pyhanko.sign.validation import read_certification_data

    _require(embedded.sig_object["/SubFilter"] == "/ETSI.CAdES.detached", "it is not PAdES")
    info = read_certification_data(reader)
    _require(
        info is not None
        and info.author_sig.container_ref == embedded.sig_object.container_ref
        and embedded.docmdp_level is MDPPerm.NO_CHANGES,
        "its signature does not certify it against all changes",
    )


def _check_integrity(embedded: Any) -> tuple[bytes, ...]:
    """The digest and the signature over it, under the certificates it holds; gives those."""
    from pyhanko.sign.validation.generic_cms import validate_sig_integrity

    intact, valid = validate_sig_integrity(
        embedded.signer_info, embedded.signer_cert, "data", embedded.compute_digest()
    )
    _require(intact, "its content was changed after it was signed")
    _require(valid, "its signature does not match")
    _require(_names(embedded.signer_info, bytes(embedded.signer_cert.dump())),
             "its signature is bound to another certificate")  # fmt: skip
    others = [bytes(each.dump()) for each in embedded.other_embedded_certs]
    chain = signing_chain(bytes(embedded.signer_cert.dump()), others)
    _require(len(chain) == 1 + len(others), "it carries certificates beside its signer's chain")
    signature = embedded.signer_info["signature"].native
    _require(low_s(public_key(chain[0]), signature) == signature,
             "its signature is not in the form in which it was made")  # fmt: skip
    return chain


def _names(info: Any, certificate: bytes) -> bool:
    """Whether what is signed names the certificate by its digest (RFC 5035, signingCertificateV2).

    PAdES demands it; without it the certificate could be another one for the same key.
    """
    found = [each for each in info["signed_attrs"]
             if each["type"].native == "signing_certificate_v2"]  # fmt: skip
    if len(found) != 1:
        return False
    first = found[0]["values"][0]["certs"][0]
    digest = hashlib.new(first["hash_algorithm"]["algorithm"].native, certificate).digest()
    return bool(digest == first["cert_hash"].native)
