"""Trusted signers: public keys as a policy names them."""

from __future__ import annotations

from collections.abc import Iterable

from weighbridge.model.digest import sha256
from weighbridge.model.policy import TrustedSigner
from weighbridge.policy.document import Document, beside, read_regular
from weighbridge.policy.shape import SignerEntry

_MAX_PEM_BYTES = 64 * 2**10
_CURVES = ("secp256r1", "secp384r1", "secp521r1")
_PUBLIC_HALF = "Write the public half with 'openssl pkey -in KEY -pubout'."


def read_signers(document: Document, entries: Iterable[SignerEntry]) -> tuple[TrustedSigner, ...]:
    """The signers of one policy file, their keys normalized to SubjectPublicKeyInfo in PEM.

    Raises:
        ConfigurationError: no key or two, not an EC key in PEM, a key file outside the policy's
            folder, the same name or key twice.
    """
    signers: list[TrustedSigner] = []
    for index, entry in enumerate(entries):
        signer = _signer(document, entry, index)
        for other in signers:
            if other.name == signer.name or other.fingerprint == signer.fingerprint:
                what = "name" if other.name == signer.name else "key"
                raise document.error(
                    f"the signers {other.name!r} and {signer.name!r} have the same {what}",
                    ("trust", index),
                    "List all the paths of one signer in one entry.",
                )
        signers.append(signer)
    return tuple(signers)


def _signer(document: Document, entry: SignerEntry, index: int) -> TrustedSigner:
    here = ("trust", index)
    if entry.said("public_key") == entry.said("key_file"):
        raise document.error(
            f"the signer {entry.name!r} must have either public_key or key_file", here
        )
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
    paths = tuple(entry.paths) if entry.said("paths") else ("**",)
    return TrustedSigner(entry.name, text, sha256(der), paths)


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
