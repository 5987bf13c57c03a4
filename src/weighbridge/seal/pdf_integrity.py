"""The signature in a PDF's CMS container (RFC 5652, profiled by ETSI EN 319 122-1 and 319 142-1).

What it is over, and that it holds under the certificate it names. Whose that is, and what else the
container may hold, is for :mod:`weighbridge.seal.pdf_container`.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from weighbridge.edge.text import visible
from weighbridge.model.errors import HostileInput
from weighbridge.seal.certificate import public_key, signing_chain
from weighbridge.seal.low_s import low_s
from weighbridge.seal.pdf_embedded import Embedded
from weighbridge.seal.pdf_objects import require

if TYPE_CHECKING:
    from weighbridge.signing.document_keys import DocumentKey

_HASHES = ("sha256", "sha384", "sha512")
_PSS = "rsassa_pss"


def signer_info(found: Embedded) -> tuple[Any, tuple[bytes, ...]]:
    """The one ``SignerInfo`` of a container, and its certificates in DER: first the signer's.

    The others are in the order of issue; DER sorts a set by its bytes.

    Raises:
        HostileInput: it holds other things, or other certificates than the signer's chain.
    """
    from asn1crypto import cms
    from asn1crypto import tsp as _names_of_attributes  # noqa: F401  # teaches cms RFC 5035

    signed = cms.ContentInfo.load(found.contents)["content"]
    infos = list(signed["signer_infos"])
    require(len(infos) == 1, "its container holds not exactly one signature")
    chosen = list(signed["certificates"])
    require(all(each.name == "certificate" for each in chosen),
             "its container holds more than certificates")  # fmt: skip
    sid = infos[0]["sid"]
    require(sid.name == "issuer_and_serial_number", "its signer is named in an odd way")
    own: list[bytes] = []
    others: list[bytes] = []
    for each in chosen:
        certificate = each.chosen.untag()
        named = (certificate.issuer == sid.chosen["issuer"]
                 and certificate.serial_number == sid.chosen["serial_number"].native)  # fmt: skip
        (own if named else others).append(bytes(certificate.dump()))
    require(len(own) == 1, "its container holds not exactly one certificate of the signer")
    chain = signing_chain(own[0], others)
    require(len(chain) == len(chosen), "it carries certificates beside its signer's chain")
    return infos[0], chain


def check_integrity(info: Any, certificate: bytes, found: Embedded, data: bytes) -> None:
    """Check the digest, and the signature over it by the certificate's key.

    Raises:
        HostileInput: the content was changed, or the signature does not match, is bound to another
            certificate, or is in another form than a seal's.
    """
    from cryptography.exceptions import InvalidSignature

    algorithm, scheme = _algorithm(info)
    attributes = _attributes(info)
    _check_protection(info, attributes)
    require(_value(attributes, "content_type") == "data", "its signature is of an odd kind")
    digest = found.digest(data, algorithm)
    require(_value(attributes, "message_digest") == digest,
             "its content was changed after it was signed")  # fmt: skip
    public = public_key(certificate)
    signature = info["signature"].native
    over = info["signed_attrs"].untag().dump()  # signed as a SET OF, RFC 5652, 5.4
    try:
        _verify(public, scheme, algorithm, signature, over)
    except InvalidSignature as error:
        raise HostileInput("its signature does not match") from error
    require(_names(attributes, certificate),
             "its signature is bound to another certificate")  # fmt: skip
    require(low_s(public, signature) == signature,
             "its signature is not in the form in which it was made")  # fmt: skip


def _algorithm(info: Any) -> tuple[str, str]:
    """The hash and the scheme, by name; what is digested and what is signed must use the same."""
    name = str(info["digest_algorithm"]["algorithm"].native)
    scheme = str(info["signature_algorithm"]["algorithm"].native)
    require(
        name in _HASHES,
        f"its algorithms are odd: it is signed with {visible(name, 20)}, refused here",
    )
    known = (f"{name}_ecdsa", f"{name}_rsa", _PSS)
    require(scheme in known, f"its algorithms are odd: {visible(scheme, 40)} over {name}")
    return name, scheme.removeprefix(f"{name}_")


def _verify(
    public: DocumentKey, scheme: str, algorithm: str, signature: bytes, over: bytes
) -> None:
    """Check the signature by the scheme that it names, with a key of that kind.

    RSASSA-PSS is the one of RFC 4055's recommendation: MGF1 with the same hash, and a salt as long.
    That the parameters say so is for :mod:`weighbridge.seal.pdf_container`.

    Raises:
        InvalidSignature: it does not match.
    """
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

    made = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}
    chosen = made[algorithm]
    if isinstance(public, rsa.RSAPublicKey):
        require(scheme in ("rsa", _PSS), "its algorithm is not one of its key")
        pss = padding.PSS(padding.MGF1(chosen), chosen.digest_size)
        public.verify(signature, over, pss if scheme == _PSS else padding.PKCS1v15(), chosen)
        return
    require(scheme == "ecdsa", "its algorithm is not one of its key")
    public.verify(signature, over, ec.ECDSA(chosen))


def _attributes(info: Any) -> dict[str, Any]:
    """The signed attributes by type, of which none stands twice; each has one value."""
    attributes: dict[str, Any] = {}
    for each in info["signed_attrs"]:
        kind = str(each["type"].native)
        require(kind not in attributes, "its signature says something twice")
        require(len(each["values"]) == 1, "its signature says something twice")
        attributes[kind] = each["values"][0]
    return attributes


def _value(attributes: dict[str, Any], kind: str) -> Any:
    return attributes[kind].native if kind in attributes else None


def _check_protection(info: Any, attributes: dict[str, Any]) -> None:
    """The algorithms are those that the signed attributes name (RFC 6211), if they name any."""
    named = attributes.get("cms_algorithm_protection")
    if named is None:
        return
    require(
        named["digest_algorithm"].native == info["digest_algorithm"].native
        and named["signature_algorithm"].native == info["signature_algorithm"].native,
        "its algorithms are not those that were signed",
    )


def _names(attributes: dict[str, Any], certificate: bytes) -> bool:
    """Whether what is signed names the certificate by its digest (RFC 5035, signingCertificateV2).

    PAdES demands it; without it the certificate could be another one for the same key.
    """
    named = attributes.get("signing_certificate_v2")
    if named is None:
        return False
    first = named["certs"][0]
    algorithm = str(first["hash_algorithm"]["algorithm"].native)
    if algorithm not in _HASHES:
        return False
    return bool(hashlib.new(algorithm, certificate).digest() == first["cert_hash"].native)
