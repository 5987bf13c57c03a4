"""Reading an RFC 3161 timestamp token and checking its own signature, without any trust.

A token is CMS SignedData (RFC 5652) around a TSTInfo (RFC 3161 2.4.2). Here it is taken apart, held
against the data, and its signature checked under the certificate it carries. Whether that
certificate deserves trust is :mod:`weighbridge.signing.timestamp`'s question.

Much of a token is covered by no signature: the status around it, its certificates beyond the
signer's, attributes, the order of sets. :attr:`Token.normal_form` is the token without any of that
freedom; a token in normal form cannot be altered unnoticed.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from weighbridge.model.errors import HostileInput
from weighbridge.signing.timestamp_form import bare_token, carried_path, granted

if TYPE_CHECKING:
    from cryptography import x509

MAX_TOKEN_BYTES = 256 * 2**10
_MAX_CERTIFICATES = 10
_HASHES = {"sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}


class TimestampInvalid(HostileInput):
    """A timestamp that does not hold: malformed, over other data, or wrongly signed."""


class TimestampRejected(TimestampInvalid):
    """The authority's answer is a refusal in due form. The message holds its reason."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token whose signature was checked under its own ``signer`` certificate.

    ``time`` is in UTC. ``imprint`` is the digest of what was stamped, by ``hash_algorithm``.
    ``certificates`` are the signer's and those above it that the token carries. ``normal_form`` is
    a DER TimeStampResp, ``content_info`` the bare token within it.
    """

    time: dt.datetime
    hash_algorithm: str
    imprint: bytes
    nonce: int | None
    signer: x509.Certificate
    certificates: tuple[x509.Certificate, ...]
    normal_form: bytes
    content_info: bytes

    def check_covers(self, data: bytes) -> None:
        """Check that the token is over these bytes.

        Raises:
            TimestampInvalid: it is over others.
        """
        if _HASHES[self.hash_algorithm](data).digest() != self.imprint:
            raise TimestampInvalid("the timestamp is over other data")


def read_token(data: bytes) -> Token:
    """Read a DER ``TimeStampResp`` or a bare token, and check its signature.

    Raises:
        TimestampInvalid: malformed, not signed by the certificate it carries, or that certificate
            is not one for timestamps, or was not valid at the stated time.
        TimestampRejected: the authority refused.
    """
    if len(data) > MAX_TOKEN_BYTES:
        raise TimestampInvalid(f"the timestamp is larger than {MAX_TOKEN_BYTES} bytes")
    with _malformed():
        return _read(data)


@contextmanager
def _malformed() -> Iterator[None]:
    """What asn1crypto and cryptography raise on malformed DER, as one typed error."""
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.x509 import DuplicateExtension, ExtensionNotFound, InvalidVersion
    from cryptography.x509 import UnsupportedGeneralNameType as UnsupportedName

    try:
        yield
    except InvalidSignature as error:
        raise TimestampInvalid("the timestamp's signature does not match") from error
    except (
        ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError,
        UnsupportedAlgorithm, DuplicateExtension, ExtensionNotFound, InvalidVersion,
        UnsupportedName,
    ) as error:  # fmt: skip
        raise TimestampInvalid(
            f"the timestamp is malformed ({type(error).__name__}: {str(error)[:200]})"
        ) from error


def _read(data: bytes) -> Token:
    from asn1crypto import cms
    from cryptography import x509

    content_info = cms.ContentInfo.load(_unwrap(data), strict=True)
    _require(content_info["content_type"].native == "signed_data", "it is not CMS SignedData")
    signed = content_info["content"]
    encapsulated = signed["encap_content_info"]
    _require(encapsulated["content_type"].native == "tst_info", "it holds no TSTInfo")
    content = bytes(encapsulated["content"])
    _require(len(signed["signer_infos"]) == 1, "it does not have exactly one signature")
    info = signed["signer_infos"][0]
    certificates = _certificates(signed["certificates"])
    signer = _find_signer(info["sid"], certificates)
    leaf = x509.load_der_x509_certificate(signer.dump())

    stated = _tst_info(content)
    _check_purpose(leaf, stated["gen_time"])
    _check_attributes(info, content, signer.dump())
    _check_signature(info, leaf)
    path = carried_path(signer, certificates)
    bare = bare_token(info, content, signer, path)
    return Token(
        signer=leaf,
        certificates=tuple(x509.load_der_x509_certificate(c.dump()) for c in path),
        normal_form=granted(bare),
        content_info=bare,
        **_named(stated),
    )


def _require(condition: bool, problem: str) -> None:
    if not condition:
        raise TimestampInvalid(f"the timestamp is malformed: {problem}")


def _unwrap(data: bytes) -> bytes:
    """The token in a TimeStampResp; a bare token as it is."""
    from asn1crypto import core, parser, tsp

    outer = parser.parse(data, strict=True)
    body = outer[4]
    _require(outer[:3] == (0, 1, 16), "it is not a SEQUENCE")
    if body[:1] == b"\x06":  # an OBJECT IDENTIFIER: ContentInfo's first field
        return data
    # asn1crypto's TimeStampResp does not know that a refusal carries no token
    fields = core.SequenceOf.load(data, spec=core.Any, strict=True)
    status = tsp.PKIStatusInfo.load(fields[0].dump(), strict=True)
    state = status["status"].native
    if state not in ("granted", "granted_with_mods"):
        texts = "; ".join(status["status_string"].native or ())
        failures = ", ".join(sorted(status["fail_info"].native or ()))
        raise TimestampRejected(
            f"the authority refused ({state}): {texts or failures or 'no reason given'}"[:400]
        )
    _require(len(fields) == 2, "an answer that grants has no token")
    return bytes(fields[1].dump())


def _certificates(certificates: Any) -> list[Any]:
    _require(bool(certificates.native), "it carries no certificate")
    _require(len(certificates) <= _MAX_CERTIFICATES, f"more than {_MAX_CERTIFICATES} certificates")
    return [choice.chosen for choice in certificates if choice.name == "certificate"]


def _find_signer(sid: Any, certificates: list[Any]) -> Any:
    for certificate in certificates:
        if sid.name == "issuer_and_serial_number":
            same_issuer = sid.chosen["issuer"].dump() == certificate.issuer.dump()
            if same_issuer and sid.chosen["serial_number"].native == certificate.serial_number:
                return certificate
        elif sid.chosen.native == certificate.key_identifier:
            return certificate
    raise TimestampInvalid("the timestamp does not carry its signer's certificate")


def _tst_info(content: bytes) -> Any:
    from asn1crypto import tsp

    info = tsp.TSTInfo.load(content, strict=True)
    algorithm = info["message_imprint"]["hash_algorithm"]["algorithm"].native
    _require(info["version"].native == "v1", "its TSTInfo has another version")
    _require(algorithm in _HASHES, f"it is over a {algorithm} digest, which is not accepted")
    _require(
        not any(extension["critical"].native for extension in info["extensions"] or ()),
        "it has a critical extension that is not known here",
    )
    return info


def _named(info: Any) -> dict[str, Any]:
    imprint = info["message_imprint"]
    time = info["gen_time"].native
    _require(isinstance(time, dt.datetime), "its time is not a time")
    return {
        "time": time.astimezone(dt.UTC),
        "hash_algorithm": imprint["hash_algorithm"]["algorithm"].native,
        "imprint": imprint["hashed_message"].native,
        "nonce": info["nonce"].native,
    }


def _check_purpose(leaf: x509.Certificate, gen_time: Any) -> None:
    """RFC 3161 2.3: a critical extended key usage with timeStamping as its only purpose."""
    from cryptography.x509 import ExtendedKeyUsage
    from cryptography.x509.oid import ExtendedKeyUsageOID

    usage = leaf.extensions.get_extension_for_class(ExtendedKeyUsage)
    if not usage.critical or list(usage.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        raise TimestampInvalid("the timestamp's certificate is not one for timestamps alone")
    time = gen_time.native
    if not leaf.not_valid_before_utc <= time <= leaf.not_valid_after_utc:
        raise TimestampInvalid(
            f"the timestamp's certificate was not valid at the time stated, {time:%Y-%m-%d}"
        )


def _check_attributes(info: Any, content: bytes, signer: bytes) -> None:
    """RFC 5652 5.4 and 11, RFC 3161 2.4.2 and RFC 5816: what the signed attributes must bind."""
    attributes: dict[str, Any] = {}
    for attribute in info["signed_attrs"]:
        kind = attribute["type"].native
        _require(kind not in attributes, f"it has the attribute {kind} twice")
        _require(len(attribute["values"]) == 1, f"its attribute {kind} has several values")
        attributes[kind] = attribute["values"][0]
    algorithm = info["digest_algorithm"]["algorithm"].native
    _require(algorithm in _HASHES, f"it is signed with {algorithm}, which is not accepted")
    _require(attributes["content_type"].native == "tst_info", "it signs another type of content")
    digest = attributes["message_digest"].native
    if digest != _HASHES[algorithm](content).digest():
        raise TimestampInvalid("the timestamp's content does not match its signature")
    if not _binds(attributes, signer):
        raise TimestampInvalid("the timestamp is bound to another certificate")


def _binds(attributes: dict[str, Any], signer: bytes) -> bool:
    """Whether the first ESSCertID is the signer's. The older one is SHA-1 by its standard."""
    if "signing_certificate_v2" in attributes:
        first = attributes["signing_certificate_v2"]["certs"][0]
        algorithm = first["hash_algorithm"]["algorithm"].native
        known = _HASHES.get(algorithm)
        return known is not None and known(signer).digest() == first["cert_hash"].native
    first = attributes["signing_certificate"]["certs"][0]
    sha1 = hashlib.sha1(signer, usedforsecurity=False)
    return bool(sha1.digest() == first["cert_hash"].native)


def _check_signature(info: Any, leaf: x509.Certificate) -> None:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

    scheme = info["signature_algorithm"]
    kind = scheme.signature_algo
    name = info["digest_algorithm"]["algorithm"].native
    known: dict[str, hashes.HashAlgorithm] = {
        "sha256": hashes.SHA256(),
        "sha384": hashes.SHA384(),
        "sha512": hashes.SHA512(),
    }
    algorithm = known[name]
    if kind != "ed25519" and scheme["algorithm"].native not in ("rsassa_pkcs1v15", "ecdsa"):
        _require(scheme.hash_algo == name, "its two hash algorithms differ")
    signature = info["signature"].native
    # signed under the universal tag of a SET, carried under [0] (RFC 5652 5.4)
    signed = b"\x31" + info["signed_attrs"].dump()[1:]
    key = leaf.public_key()
    if isinstance(key, ec.EllipticCurvePublicKey) and kind == "ecdsa":
        key.verify(signature, signed, ec.ECDSA(algorithm))
    elif isinstance(key, rsa.RSAPublicKey) and kind == "rsassa_pkcs1v15":
        key.verify(signature, signed, padding.PKCS1v15(), algorithm)
    elif isinstance(key, rsa.RSAPublicKey) and kind == "rsassa_pss":
        salt = scheme["parameters"]["salt_length"].native
        key.verify(signature, signed, padding.PSS(padding.MGF1(algorithm), salt), algorithm)
    elif isinstance(key, ed25519.Ed25519PublicKey) and kind == "ed25519":
        key.verify(signature, signed)
    else:
        raise TimestampInvalid(f"the timestamp is signed in a way not known here: {kind}")
