"""Reading the signature of a sealed PDF, strictly and with no network.

pyHanko checks the cryptography. What it leaves to its callers is checked here: that there is one
signature, that it certifies the document and allows no change, that it covers the file to its last
byte, and that the signature's own container holds nothing beside the signature. Incremental
updates, which most PDF readers tolerate after a signature, therefore never pass.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from weighbridge.edge.text import visible
from weighbridge.model.errors import HostileInput
from weighbridge.seal.certificate import sealing_public_key
from weighbridge.seal.low_s import low_s

MAX_PDF_BYTES = 256 * 2**20
MAX_ATTACHMENTS = 100


class PdfInvalid(HostileInput):
    """The PDF is no sealed report, or was changed."""


@dataclass(frozen=True, slots=True)
class SignedPdf:
    """A sealed PDF whose signature holds.

    ``certificate`` is the signer's, in DER. ``signature`` is the value a timestamp would be over;
    ``token`` the bare timestamp token, None where there is none. ``attachments`` are name and
    content of every embedded file.
    """

    certificate: bytes
    signature: bytes
    token: bytes | None
    attachments: tuple[tuple[str, bytes], ...]


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
    except PdfInvalid:
        raise
    except Exception as error:
        # A PDF from a stranger can make a parser fail in any way (KeyError, RecursionError, …).
        # Whichever it is, the PDF was not made by us, and that is the result.
        raise PdfInvalid(
            f"the PDF cannot be read ({type(error).__name__}: {visible(str(error), 150)})"
        ) from error


def _quiet() -> None:
    """Keep pyHanko's warnings, which quote the PDF, off a terminal that nobody configured for them.

    Without any handler, Python's logging writes warnings to stderr by itself.
    """
    for name in ("pyhanko", "pyhanko_certvalidator"):
        logger = logging.getLogger(name)
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())


def _read(data: bytes) -> SignedPdf:
    from pyhanko.pdf_utils.reader import PdfFileReader

    _quiet()
    reader = PdfFileReader(io.BytesIO(data), strict=True)
    _require(not reader.encrypted, "it is encrypted")
    signatures = reader.embedded_signatures
    _require(len(signatures) > 0, "it is not signed")
    _require(len(signatures) == 1, f"it has {len(signatures)} signatures instead of one")
    embedded = signatures[0]
    _check_coverage(embedded, data)
    _check_certification(reader, embedded)
    certificate = _check_integrity(embedded)
    token = _token(embedded.signer_info)
    _check_container(embedded, certificate, token)
    return SignedPdf(
        certificate=certificate,
        signature=embedded.signer_info["signature"].native,
        token=token,
        attachments=tuple(_attachments(reader)),
    )


def _require(condition: bool, problem: str) -> None:
    if not condition:
        raise PdfInvalid(problem)


def _check_coverage(embedded: Any, data: bytes) -> None:
    """The signature covers every byte but its own, and nothing hides in that gap."""
    from pyhanko.sign.validation import SignatureCoverageLevel

    span = [int(value) for value in embedded.byte_range]
    _require(len(span) == 4 and span[0] == 0, "its signature covers odd ranges of the file")
    _, begin, end, rest = span
    _require(0 < begin < end and rest > 0, "its signature covers odd ranges of the file")
    _require(end + rest == len(data), "bytes were added after it was signed")
    embedded.compute_integrity_info(skip_diff=True)
    _require(
        embedded.coverage is SignatureCoverageLevel.ENTIRE_FILE,
        "its signature does not cover the entire file",
    )
    held = embedded.pkcs7_content.hex().upper().encode()  # as pyHanko writes it
    _require(data[begin:end] == b"<" + held + b">", "the place of its signature was changed")


def _check_certification(reader: Any, embedded: Any) -> None:
    from pyhanko.sign.fields import MDPPerm
    from pyhanko.sign.validation import read_certification_data

    _require(embedded.sig_object_type == "/Sig", "it is timestamped and not signed")
    _require(embedded.sig_object["/SubFilter"] == "/ETSI.CAdES.detached", "it is not PAdES")
    info = read_certification_data(reader)
    _require(
        info is not None
        and info.author_sig.container_ref == embedded.sig_object.container_ref
        and embedded.docmdp_level is MDPPerm.NO_CHANGES,
        "its signature does not certify it against all changes",
    )


def _check_integrity(embedded: Any) -> bytes:
    """The digest and the signature over it, under the one certificate it holds; gives that."""
    from pyhanko.sign.validation.generic_cms import validate_sig_integrity

    _require(not embedded.other_embedded_certs, "it carries more certificates than its signer's")
    intact, valid = validate_sig_integrity(
        embedded.signer_info, embedded.signer_cert, "data", embedded.compute_digest()
    )
    _require(intact, "its content was changed after it was signed")
    _require(valid, "its signature does not match")
    certificate = bytes(embedded.signer_cert.dump())
    signature = embedded.signer_info["signature"].native
    _require(low_s(sealing_public_key(certificate), signature) == signature,
             "its signature is not in the form in which it was made")  # fmt: skip
    return certificate


def _token(info: Any) -> bytes | None:
    attributes = list(info["unsigned_attrs"] or ())
    if not attributes:
        return None
    _require(
        len(attributes) == 1
        and attributes[0]["type"].native == "signature_time_stamp_token"
        and len(attributes[0]["values"]) == 1,
        "its signature carries more than a timestamp",
    )
    return bytes(attributes[0]["values"][0].dump())


def _check_container(embedded: Any, certificate: bytes, token: bytes | None) -> None:
    """The CMS container is exactly what signer, signature and timestamp make of it.

    It is outside of what is signed; rebuilding it leaves no place where bytes could be changed.
    """
    from asn1crypto import cms, x509

    info = embedded.signer_info
    signer = x509.Certificate.load(certificate)
    for scheme in (info["digest_algorithm"], info["signature_algorithm"]):
        _require(scheme["parameters"].dump() in (b"", b"\x05\x00"), "its algorithms are odd")
    fields = {
        "version": "v1",
        "sid": cms.SignerIdentifier(
            {
                "issuer_and_serial_number": {
                    "issuer": signer.issuer,
                    "serial_number": signer.serial_number,
                }
            }
        ),
        "digest_algorithm": info["digest_algorithm"],
        "signed_attrs": info["signed_attrs"],
        "signature_algorithm": info["signature_algorithm"],
        "signature": info["signature"].native,
    }
    if token is not None:
        stamp = {"type": "signature_time_stamp_token", "values": [cms.ContentInfo.load(token)]}
        fields["unsigned_attrs"] = cms.CMSAttributes([cms.CMSAttribute(stamp)])
    signed = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [info["digest_algorithm"]],
            "encap_content_info": {"content_type": "data"},
            "certificates": [signer],
            "signer_infos": [cms.SignerInfo(fields)],
        }
    )
    rebuilt = cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump()
    held = bytes(embedded.pkcs7_content)
    _require(
        held.startswith(rebuilt) and not held[len(rebuilt) :].strip(b"\0"),
        "its signature's container was changed",
    )


def _attachments(reader: Any) -> Iterator[tuple[str, bytes]]:
    from pyhanko.pdf_utils.generic import StreamObject

    names = _entry(reader.root, "/Names")
    tree = _entry(names, "/EmbeddedFiles")
    if tree is None:
        return
    for count, (name, spec) in enumerate(_name_tree(tree)):
        _require(count < MAX_ATTACHMENTS, "it has too many attachments")
        stream = _entry(_entry(spec, "/EF"), "/F")
        _require(isinstance(stream, StreamObject), "an attachment is no stream")
        yield str(name), bytes(stream.data)


def _name_tree(root: Any) -> Iterator[tuple[Any, Any]]:
    """The pairs of a name tree; its nodes are counted, for a node may be its own child."""
    waiting, seen = [root], 0
    while waiting:
        node = waiting.pop()
        seen += 1
        _require(seen <= MAX_ATTACHMENTS, "its attachments are nested too deeply")
        pairs = [_direct(item) for item in _entry(node, "/Names") or ()]
        _require(len(pairs) % 2 == 0, "its attachments are not listed in pairs")
        yield from zip(pairs[::2], pairs[1::2], strict=True)
        kids = _entry(node, "/Kids") or ()
        _require(len(kids) <= MAX_ATTACHMENTS, "its attachments are nested too deeply")
        waiting += [_direct(kid) for kid in kids]


def _entry(dictionary: Any, key: str) -> Any:
    """A dictionary's entry, references followed; None where there is no such entry."""
    if dictionary is None or key not in dictionary:
        return None
    return _direct(dictionary[key])


def _direct(value: Any) -> Any:
    from pyhanko.pdf_utils.generic import IndirectObject

    if isinstance(value, IndirectObject):
        return value.get_object()  # type: ignore[no-untyped-call]
    return value
