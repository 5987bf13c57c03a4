"""Trusted signers as a policy names them: keys, their fingerprints, and certified identities."""

from __future__ import annotations

from collections.abc import Iterable

from weighbridge.edge.yaml import KeyPath
from weighbridge.model.digest import Digest, sha256
from weighbridge.model.policy import TrustedSigner, identity_fingerprint
from weighbridge.policy.document import Document, beside, read_regular
from weighbridge.policy.roots import read_certificates, read_trusted_root
from weighbridge.policy.shape import SignerEntry

_MAX_PEM_BYTES = 64 * 2**10
_CURVES = ("secp256r1", "secp384r1", "secp521r1")
_WAYS = ("public_key", "key_file", "key_sha256", "trusted_root", "certificate_roots")
_PUBLIC_HALF = "Write the public half with 'openssl pkey -in KEY -pubout'."


def read_signers(document: Document, entries: Iterable[SignerEntry]) -> tuple[TrustedSigner, ...]:
    """The signers of one policy file, their keys normalized to SubjectPublicKeyInfo in PEM.

    Raises:
        ConfigurationError: not said in exactly one way who it is, not an EC key in PEM, an identity
            that pins nobody, a file outside the policy's folder, the same name or key twice.
    """
    signers: list[TrustedSigner] = []
    for index, entry in enumerate(entries):
        signer = _signer(document, entry, index)
        for other in signers:
            if other.name == signer.name or other.fingerprint == signer.fingerprint:
                what = "identity" if signer.identity else "key"
                what = "name" if other.name == signer.name else what
                raise document.error(
                    f"the signers {other.name!r} and {signer.name!r} have the same {what}",
                    ("trust", index),
                    "List all the paths of one signer in one entry.",
                )
        signers.append(signer)
    return tuple(signers)


def _signer(document: Document, entry: SignerEntry, index: int) -> TrustedSigner:
    here: KeyPath = ("trust", index)
    ways = [way for way in _WAYS if entry.said(way)]
    if len(ways) != 1:
        given = " and ".join(ways) or ("identity without roots" if entry.said("identity") else "")
        raise document.error(
            f"the signer {entry.name!r} must be said in exactly one way: either public_key, "
            f"key_file or key_sha256, or identity with trusted_root or with certificate_roots"
            + (f"; given is {given}" if given else ""),
            here,
        )
    if ways[0] in ("trusted_root", "certificate_roots"):
        return _identity(document, entry, here)
    for key in ("identity", "issuer"):
        if entry.said(key):
            raise document.error(
                f"the signer {entry.name!r} is a key, which has no {key}", (*here, key)
            )
    if entry.said("key_sha256"):
        digest = Digest("sha256", entry.key_sha256.removeprefix("sha256:"))
        return TrustedSigner(entry.name, "", digest, _paths(entry))
    if entry.said("public_key"):
        at, pem = (*here, "public_key"), entry.public_key.encode()
    else:
        at = (*here, "key_file")
        path = beside(document, entry.key_file, at)
        if not path.exists():
            raise document.error(f"the key file {entry.key_file!r} does not exist", at)
        pem = read_regular(path, entry.key_file, _MAX_PEM_BYTES)
    try:
        text, der = _public_key(pem)
    except ValueError as error:
        raise document.error(
            f"the key of {entry.name!r} cannot be used: {error}", at, _PUBLIC_HALF
        ) from error
    return TrustedSigner(entry.name, text, sha256(der), _paths(entry))


def _paths(entry: SignerEntry) -> tuple[str, ...]:
    return tuple(entry.paths) if entry.said("paths") else ("**",)


def _identity(document: Document, entry: SignerEntry, here: KeyPath) -> TrustedSigner:
    keyless = entry.said("trusted_root")
    needed = ("identity", "issuer") if keyless else ("identity",)
    for key in needed:
        if not entry.said(key):
            raise document.error(
                f"the signer {entry.name!r} has no {key}: anybody whom the roots certify would be "
                "trusted",
                here,
                f"Say which {key} the certificate must have.",
            )
    for key in ("identity", "issuer"):
        if entry.said(key) and not any(c.isalnum() for c in getattr(entry, key)):
            raise document.error(
                f"the {key} {getattr(entry, key)!r} takes anybody", (*here, key), "Name somebody."
            )
    root = ""
    roots: tuple[str, ...] = ()
    if keyless:
        root = read_trusted_root(document, entry.trusted_root, (*here, "trusted_root"))
    else:
        roots = read_certificates(document, entry.certificate_roots, (*here, "certificate_roots"))
    issuer = entry.issuer if entry.said("issuer") else ""
    return TrustedSigner(
        entry.name,
        "",
        identity_fingerprint(entry.identity, issuer, roots, root),
        _paths(entry),
        identity=entry.identity,
        issuer=issuer,
        certificate_roots=roots,
        trusted_root=root,
    )


def _public_key(pem: bytes) -> tuple[str, bytes]:
    """A key's normalized PEM and its DER.

    Raises:
        ValueError: why it is not one EC public key.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        PublicFormat,
        load_pem_public_key,
    )

    if b"PRIVATE KEY-----" in pem:
        raise ValueError("it is a private key, which must not lie in a policy")
    if len(pem) > _MAX_PEM_BYTES or pem.count(b"-----BEGIN ") > 1:
        raise ValueError("it is not one key in PEM")
    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ValueError("it is not a public key in PEM") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name not in _CURVES:
        raise ValueError("it is not an EC key on P-256, P-384 or P-521")
    spki = PublicFormat.SubjectPublicKeyInfo
    return key.public_bytes(Encoding.PEM, spki).decode("ascii"), key.public_bytes(
        Encoding.DER, spki
    )
