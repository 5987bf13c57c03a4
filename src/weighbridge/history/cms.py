"""X.509 signatures over commits: detached CMS, as gpgsm and gitsign write them.

Only the mathematics is checked here: that the key of the certificate in the signature signed these
very bytes. Whom that certificate names, and who certified it, is the caller's question. Source:
RFC 5652, sections 5.1, 5.3, 5.4 and 11.2.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from weighbridge.history.sshsig import MalformedSignature, UnsupportedSignature, WrongSignature

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_ARMOR = re.compile(
    rb"\s*-----BEGIN SIGNED MESSAGE-----\s+([A-Za-z0-9+/=\s]+?)\s*-----END SIGNED MESSAGE-----\s*"
)
_MAX_BYTES = 64 * 1024
_HASHES = {"sha256": "SHA256", "sha384": "SHA384", "sha512": "SHA512"}


@dataclass(frozen=True, slots=True)
class CmsSigner:
    """The certificate whose key signed. Times are seconds since 1970.

    ``key`` is the SHA-256 of its SubjectPublicKeyInfo in hex, ``names`` what it says of its holder.
    """

    key: str
    names: tuple[str, ...]
    not_before: int
    not_after: int


def verify_cms(armored: bytes, data: bytes) -> CmsSigner:
    """Check a detached signature over ``data``.

    Raises:
        MalformedSignature: it is no such signature, or holds no certificate of its signer.
        WrongSignature: it is not over this data, or not by that certificate's key.
        UnsupportedSignature: an algorithm that is not verified here.
    """
    signed, certificates = _read(armored)
    infos = signed["signer_infos"]
    if len(infos) != 1:
        raise MalformedSignature("the X.509 signature does not have one signer")
    info = infos[0]
    digest = info["digest_algorithm"]["algorithm"].native
    if digest not in _HASHES:
        raise UnsupportedSignature(f"X.509 signatures with {str(digest)[:40]} are not verified")
    certificate = _certificate(info, certificates)
    attributes = info["signed_attrs"]
    if len(attributes):
        _attributes_are_of(attributes, hashlib.new(digest, data).digest())
        data = attributes.untag().dump(force=True)  # signed as a SET, stored with another tag
    _verify(certificate, info["signature"].native, data, digest)
    return _signer(certificate)


def _read(armored: bytes) -> tuple[Any, list[Certificate]]:
    from asn1crypto import cms
    from cryptography import x509

    match = _ARMOR.fullmatch(armored) if len(armored) <= _MAX_BYTES else None
    if match is None:
        raise MalformedSignature("the X.509 signature has no armor, or is too long")
    try:
        der = base64.b64decode(b"".join(match[1].split()), validate=True)
        content = cms.ContentInfo.load(der)
        if content["content_type"].native != "signed_data":
            raise MalformedSignature("the X.509 signature is no CMS SignedData")
        signed = content["content"]
        _ = signed.native  # everything is read now, where errors are expected
        certificates = [
            x509.load_der_x509_certificate(choice.chosen.dump())
            for choice in signed["certificates"] or ()
        ]
    except (binascii.Error, ValueError, TypeError, KeyError, RecursionError) as error:
        raise MalformedSignature("the X.509 signature cannot be read") from error
    return signed, certificates


def _certificate(info: Any, certificates: list[Certificate]) -> Certificate:
    from cryptography import x509

    sid = info["sid"]
    for certificate in certificates:
        if sid.name == "issuer_and_serial_number":
            issuer = sid.chosen["issuer"].dump()
            serial = sid.chosen["serial_number"].native
            if certificate.serial_number == serial and certificate.issuer.public_bytes() == issuer:
                return certificate
            continue
        try:
            known = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
        except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
            continue
        if known.value.digest == sid.chosen.native:
            return certificate
    raise MalformedSignature("the X.509 signature does not hold its signer's certificate")


def _attributes_are_of(attributes: Any, digest: bytes) -> None:
    found = {}
    for attribute in attributes:
        name = attribute["type"].native
        values = attribute["values"]
        if name in found or len(values) != 1:
            raise MalformedSignature("the X.509 signature's attributes are ambiguous")
        found[name] = values[0].native
    if found.get("content_type") != "data" or "message_digest" not in found:
        raise MalformedSignature("the X.509 signature does not say what it is over")
    if found["message_digest"] != digest:
        raise WrongSignature("the X.509 signature is not over this commit")


def _verify(certificate: Certificate, signature: bytes, data: bytes, digest: str) -> None:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

    hash_ = getattr(hashes, _HASHES[digest])()
    try:
        public = certificate.public_key()
        if isinstance(public, ec.EllipticCurvePublicKey):
            public.verify(signature, data, ec.ECDSA(hash_))
        elif isinstance(public, rsa.RSAPublicKey):
            if public.key_size < 2048:
                raise UnsupportedSignature("RSA keys shorter than 2048 bits are not accepted")
            public.verify(signature, data, padding.PKCS1v15(), hash_)
        elif isinstance(public, ed25519.Ed25519PublicKey):
            public.verify(signature, data)
        else:
            raise UnsupportedSignature("the certificate's kind of key is not verified")
    except InvalidSignature as error:
        raise WrongSignature("the X.509 signature is not the certificate's key's") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise MalformedSignature("the certificate's key cannot be used") from error


def _signer(certificate: Certificate) -> CmsSigner:
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization as ser

    spki = certificate.public_key().public_bytes(
        ser.Encoding.DER, ser.PublicFormat.SubjectPublicKeyInfo
    )
    names: list[str] = []
    try:
        said = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        names += said.get_values_for_type(x509.RFC822Name)
        names += said.get_values_for_type(x509.UniformResourceIdentifier)
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        pass  # then the subject is all that it says
    for attribute in certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME):
        names.append(str(attribute.value))
    return CmsSigner(
        key=hashlib.sha256(spki).hexdigest(),
        names=tuple(name[:200] for name in names[:20]),
        not_before=int(certificate.not_valid_before_utc.timestamp()),
        not_after=int(certificate.not_valid_after_utc.timestamp()),
    )
