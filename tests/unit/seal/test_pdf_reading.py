"""Signatures in a PDF that the right key made and no seal looks like: forms, attributes, hashes."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pikepdf
import pytest
from asn1crypto import algos, cms, tsp
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from pikepdf import Array, Dictionary, Name, String
from pyhanko.pdf_utils.reader import PdfFileReader

from weighbridge.model.errors import HostileInput
from weighbridge.seal.keys import LocalKey
from weighbridge.seal.low_s import low_s
from weighbridge.seal.pdf import sign_pdf
from weighbridge.seal.pdf_embedded import Embedded, embedded
from weighbridge.seal.pdf_signature import PdfInvalid, read_signed_pdf
from weighbridge.testing.seal_samples import pdf_with

# --- what the form may hold


def anew(item: pikepdf.Object) -> pikepdf.Object:
    """A copy that no file owns."""
    return pikepdf.Object.parse(item.unparse())


def with_fields(*fields: Dictionary) -> bytes:
    result = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf_with({}))) as pdf:
        made = [pdf.make_indirect(anew(field)) for field in fields]
        pdf.Root.AcroForm = pdf.make_indirect(Dictionary(Fields=Array(made)))
        pdf.save(result, deterministic_id=True)
    return result.getvalue()


def signature(**entries: object) -> Dictionary:
    return Dictionary(Type=Name.Sig, Filter=Name("/Adobe.PPKLite"), ByteRange=[0, 1, 2, 3],
                      Contents=String("x"), **entries)  # fmt: skip


@pytest.mark.parametrize(
    ("field", "why"),
    [
        (Dictionary(FT=Name.Tx, T=String("a"), V=String("said later")), "is no signature"),
        (Dictionary(FT=Name.Sig, T=String("a")), "is no signature"),
        (Dictionary(FT=Name.Sig, T=String("a"), Kids=Array([])), "is no signature"),
        (Dictionary(T=String("a")), "is no signature"),
    ],
)
def test_a_form_that_holds_more_than_the_seal_is_refused(
    key: LocalKey, field: Dictionary, why: str
) -> None:
    data = sign_pdf(with_fields(field), key, reason="test")
    with pytest.raises(PdfInvalid, match=why):
        read_signed_pdf(data)


def read_form(*fields: Dictionary, value: Dictionary | None = None) -> list[Embedded]:
    """What is found in a form; ``value`` becomes an object of its own, the first field's."""
    result = io.BytesIO()
    with pikepdf.open(io.BytesIO(with_fields(*fields))) as pdf:
        if value is not None:
            pdf.Root.AcroForm.Fields[0].V = pdf.make_indirect(anew(value))
        pdf.save(result, deterministic_id=True)
    return embedded(PdfFileReader(result))


def test_a_signature_of_a_kind_that_readers_pass_over_is_counted() -> None:
    field = Dictionary(FT=Name.Sig, T=String("a"))
    (found,) = read_form(field, value=signature(SubFilter=Name("/Odd.kind")))
    assert (found.kind, found.span) == ("/Sig", (0, 1, 2, 3))
    stamp = signature()
    stamp.Type = Name.DocTimeStamp
    assert [one.kind for one in read_form(field, value=stamp)] == ["/DocTimeStamp"]


def test_what_is_no_dictionary_of_a_signature_is_refused() -> None:
    field = Dictionary(FT=Name.Sig, T=String("a"))
    with pytest.raises(HostileInput, match="is no signature"):
        read_form(Dictionary(FT=Name.Sig, T=String("a"), V=signature()))
    other = signature()
    other.Type = Name.Action
    for value in (other, Array([1])):
        with pytest.raises(HostileInput, match="is no signature"):
            read_form(field, value=value)
    same = signature()
    same.Contents = Array([])
    with pytest.raises(HostileInput, match="place of its signature"):
        read_form(field, value=same)
    assert read_form() == []


def test_very_many_fields_are_refused(key: LocalKey) -> None:
    fields = [Dictionary(FT=Name.Sig, T=String(f"f{n}")) for n in range(300)]
    with pytest.raises(PdfInvalid, match="more than 256 form fields"):
        read_signed_pdf(sign_pdf(with_fields(*fields), key, reason="test"))


# --- what the container may say, signed anew by the right key


def signed_anew(data: bytes, key: LocalKey, change: Callable[[Any, list[Any]], None]) -> bytes:
    """The PDF with other signed attributes, or another signer info."""
    begin = data.rindex(b"/Contents <") + len(b"/Contents <")
    end = data.index(b">", begin)
    info = cms.ContentInfo.load(bytes.fromhex(data[begin:end].decode()))
    signer = info["content"]["signer_infos"][0]
    attributes = list(signer["signed_attrs"])
    change(signer, attributes)
    signer["signed_attrs"] = cms.CMSAttributes(attributes)
    name = signer["digest_algorithm"]["algorithm"].native
    chosen = {"sha256": hashes.SHA256(), "sha1": hashes.SHA1()}[name]  # the latter is refused
    over = signer["signed_attrs"].untag().dump(force=True)
    made = key.private.sign(over, ec.ECDSA(chosen))
    signer["signature"] = low_s(key.private.public_key(), made)
    container = info.dump(force=True).hex().upper().encode()
    assert len(container) <= end - begin
    return data[:begin] + container.ljust(end - begin, b"0") + data[end:]


def attribute(attributes: list[Any], kind: str) -> Any:
    (found,) = [one for one in attributes if one["type"].native == kind]
    return found


def unchanged(_: Any, __: list[Any]) -> None:
    """Nothing."""


def other_digest(_: Any, attributes: list[Any]) -> None:
    attribute(attributes, "message_digest")["values"] = [b"\0" * 32]


def no_digest(_: Any, attributes: list[Any]) -> None:
    attributes.remove(attribute(attributes, "message_digest"))


def two_digests(_: Any, attributes: list[Any]) -> None:
    values = attribute(attributes, "message_digest")["values"]
    attribute(attributes, "message_digest")["values"] = [values[0].native, b"\0" * 32]


def the_attribute_twice(_: Any, attributes: list[Any]) -> None:
    attributes.append(cms.CMSAttribute({"type": "message_digest", "values": [b"\0" * 32]}))


def other_content(_: Any, attributes: list[Any]) -> None:
    attribute(attributes, "content_type")["values"] = ["signed_data"]


def no_certificate(_: Any, attributes: list[Any]) -> None:
    attributes.remove(attribute(attributes, "signing_certificate_v2"))


def other_certificate(_: Any, attributes: list[Any]) -> None:
    named = tsp.SigningCertificateV2({"certs": [tsp.ESSCertIDv2({"cert_hash": b"\0" * 32})]})
    attribute(attributes, "signing_certificate_v2")["values"] = [named]


def other_algorithms(_: Any, attributes: list[Any]) -> None:
    protection = cms.CMSAlgorithmProtection(
        {
            "digest_algorithm": algos.DigestAlgorithm({"algorithm": "sha512"}),
            "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": "sha512_ecdsa"}),
        }
    )
    attributes.append(
        cms.CMSAttribute({"type": "cms_algorithm_protection", "values": [protection]})
    )


def weak_hash(signer: Any, _: list[Any]) -> None:
    signer["digest_algorithm"]["algorithm"] = "sha1"
    signer["signature_algorithm"]["algorithm"] = "sha1_ecdsa"


def another_signer(signer: Any, _: list[Any]) -> None:
    signer["sid"].chosen["serial_number"] = 12345


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (other_digest, "its content was changed"),
        (no_digest, "its content was changed"),
        (two_digests, "says something twice"),
        (the_attribute_twice, "says something twice"),
        (other_content, "of an odd kind"),
        (no_certificate, "bound to another certificate"),
        (other_certificate, "bound to another certificate"),
        (other_algorithms, "not those that were signed"),
        (weak_hash, "its algorithms are odd"),
        (another_signer, "not exactly one certificate of the signer"),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_a_container_that_says_something_else_is_refused(
    key: LocalKey, change: Callable[[Any, list[Any]], None], why: str
) -> None:
    data = sign_pdf(pdf_with({}), key, reason="test")
    assert read_signed_pdf(signed_anew(data, key, unchanged)).certificates == key.certificates
    with pytest.raises(PdfInvalid, match=why):
        read_signed_pdf(signed_anew(data, key, change))


def test_a_signature_by_another_key_does_not_match(key: LocalKey) -> None:
    data = sign_pdf(pdf_with({}), key, reason="test")
    begin = data.rindex(b"/Contents <") + len(b"/Contents <")
    info = cms.ContentInfo.load(bytes.fromhex(data[begin : data.index(b">", begin)].decode()))
    other = ec.generate_private_key(ec.SECP256R1())
    over = info["content"]["signer_infos"][0]["signed_attrs"].untag().dump()
    made = low_s(other.public_key(), other.sign(over, ec.ECDSA(hashes.SHA256())))
    held = info["content"]["signer_infos"][0]["signature"].native
    changed = data.replace(held.hex().upper().encode(), made.hex().upper().encode())
    if len(made) == len(held):  # else the container does not parse, which is refused as well
        with pytest.raises(PdfInvalid, match="does not match"):
            read_signed_pdf(changed)
    else:
        with pytest.raises(PdfInvalid):
            read_signed_pdf(changed)


def test_reading_needs_nothing_of_what_signs() -> None:
    """The import of pyHanko's signing and its network client takes longer than all checks."""
    import subprocess
    import sys

    program = (
        "import sys, weighbridge.seal.verify, pyhanko.pdf_utils.reader\n"
        "from weighbridge.seal.pdf_signature import PdfInvalid, read_signed_pdf\n"
        "try: read_signed_pdf(sys.stdin.buffer.read())\n"
        "except PdfInvalid as error: print(error.message)\n"
        "print([n for n in ('pyhanko.sign', 'aiohttp', 'pydantic') if n in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], input=pdf_with({}),
                          capture_output=True, check=True)  # fmt: skip
    assert done.stdout.decode().split("\n") == ["it is not signed", "[]", ""]
