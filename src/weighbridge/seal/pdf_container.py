"""The CMS container of a PDF's signature: what lies in it, and that nothing else does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from weighbridge.seal.pdf_objects import require


def signature_token(info: Any) -> bytes | None:
    """The timestamp of the signature's value, as a bare token; None where there is none.

    Raises:
        HostileInput: there are other unsigned attributes.
    """
    attributes = list(info["unsigned_attrs"] or ())
    if not attributes:
        return None
    require(
        len(attributes) == 1
        and attributes[0]["type"].native == "signature_time_stamp_token"
        and len(attributes[0]["values"]) == 1,
        "its signature carries more than a timestamp",
    )
    return bytes(attributes[0]["values"][0].dump())


def check_container(
    info: Any, held: bytes, certificates: Sequence[bytes], token: bytes | None
) -> None:
    """Check that the container is exactly what signer, signature and timestamp make of it.

    It is outside of what is signed; rebuilding it leaves no place where bytes could be changed.

    Args:
        info: its ``SignerInfo``.
        held: the container, with what pads it.
        certificates: those it carries, the signer's first.

    Raises:
        HostileInput: it is not.
    """
    from asn1crypto import cms, x509

    signer, *above = [x509.Certificate.load(der) for der in certificates]
    for scheme in (info["digest_algorithm"], info["signature_algorithm"]):
        require(_parameters(scheme), "its algorithms are odd")
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
            "certificates": [signer, *above],
            "signer_infos": [cms.SignerInfo(fields)],
        }
    )
    rebuilt = cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump()
    check_padded(held, rebuilt)


def _parameters(scheme: Any) -> bool:
    """Whether an algorithm has no parameters, or RSASSA-PSS those of RFC 4055, 3.1, to the byte.

    Every hash that they name is the same, the salt is as long as its digest.
    """
    from asn1crypto import algos, core

    given = scheme["parameters"].dump()
    if scheme["algorithm"].native != "rsassa_pss":
        return given in (b"", b"\x05\x00")
    name = str(scheme["parameters"]["hash_algorithm"]["algorithm"].native)
    sizes = {"sha256": 32, "sha384": 48, "sha512": 64}
    if name not in sizes:
        return False
    for parameters in ({}, {"parameters": core.Null()}):  # both are to be accepted, RFC 4055, 2.1
        hashed = {"algorithm": name, **parameters}
        plain = algos.RSASSAPSSParams(
            {
                "hash_algorithm": hashed,
                "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": hashed},
                "salt_length": sizes[name],
            }
        )
        if given == plain.dump():
            return True
    return False


def check_padded(held: bytes, expected: bytes) -> None:
    """Check that a container is what is expected and zeros.

    Raises:
        HostileInput: it is not.
    """
    require(
        held.startswith(expected) and not held[len(expected) :].strip(b"\0"),
        "its signature's container was changed",
    )
