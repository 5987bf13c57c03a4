"""The normal form of an RFC 3161 token: nothing in it that its signature or its form does not fix.

A token's status, the order of its sets, its unsigned attributes, its certificates beyond the
signer's own: no signature covers them. The normal form leaves out what can be left out, and writes
the rest in one way, so that a token which equals its normal form was not altered. The order that
DER demands of sets also is what strict readers insist on.
"""

from __future__ import annotations

from typing import Any

_NULL_OR_NOTHING = (b"", b"\x05\x00")


def bare_token(info: Any, content: bytes, signer: Any, path: list[Any]) -> bytes:
    """The token's ContentInfo in normal form.

    Args:
        info: the SignerInfo, already checked.
        content: the encapsulated TSTInfo.
        signer: the signer's certificate.
        path: that one and those above it, see :func:`carried_path`.

    Raises:
        ValueError: an algorithm has parameters that it cannot have.
    """
    from asn1crypto import cms, core

    for scheme in (info["digest_algorithm"], info["signature_algorithm"]):
        if scheme["algorithm"].native == "rsassa_pss":
            continue  # its parameters take part in the check of the signature
        if scheme["parameters"].dump() not in _NULL_OR_NOTHING:
            raise ValueError("an algorithm has parameters that it cannot have")
    by_serial = info["sid"].name == "issuer_and_serial_number"
    sid = {"issuer": signer.issuer, "serial_number": signer.serial_number}
    rebuilt = cms.SignerInfo(
        {
            "version": "v1" if by_serial else "v3",
            "sid": cms.SignerIdentifier({"issuer_and_serial_number": sid})
            if by_serial
            else info["sid"],
            "digest_algorithm": info["digest_algorithm"],
            "signed_attrs": info["signed_attrs"],
            "signature_algorithm": info["signature_algorithm"],
            "signature": info["signature"].native,
        }
    )
    signed = cms.SignedData(
        {
            "version": "v3",
            "digest_algorithms": [info["digest_algorithm"]],
            "encap_content_info": {
                "content_type": "tst_info",
                "content": core.ParsableOctetString(content),
            },
            "certificates": path,
            "signer_infos": [rebuilt],
        }
    )
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump())


def granted(bare: bytes) -> bytes:
    """A DER TimeStampResp around a bare token, without any words of the authority."""
    from asn1crypto import cms, tsp

    token = cms.ContentInfo.load(bare)
    return bytes(
        tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token}).dump()
    )


def carried_path(signer: Any, certificates: list[Any]) -> list[Any]:
    """The signer's certificate and those above it, as far as they are carried and signed it."""
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature

    path, current = [signer], signer
    while len(path) <= len(certificates):
        for candidate in certificates:
            if candidate in path or candidate.subject.dump() != current.issuer.dump():
                continue
            below = x509.load_der_x509_certificate(current.dump())
            try:
                below.verify_directly_issued_by(x509.load_der_x509_certificate(candidate.dump()))
            except (InvalidSignature, ValueError, TypeError):
                continue
            path.append(candidate)
            current = candidate
            break
        else:
            break
    return path
