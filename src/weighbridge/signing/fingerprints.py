"""Keys that are trusted by their fingerprint alone: where the key itself may come from.

A fingerprint is the SHA-256 of a key's DER SubjectPublicKeyInfo, so it makes no difference who
hands over the key: a wrong one has another fingerprint. A bundle in OMS key mode carries no key
since model_signing 1.1, only a hint, the SHA-256 of the PEM text, from which no fingerprint can be
had. The key must then lie beside the signature, or be given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec

from weighbridge.model.artifact import Artifact, Presence
from weighbridge.model.digest import Digest
from weighbridge.model.policy import SignerKind, TrustedSigner
from weighbridge.signing import keys
from weighbridge.signing.errors import UnusableKey
from weighbridge.snapshot.hashing import Plan
from weighbridge.snapshot.snapshot import ContentUnavailable, Snapshot

if TYPE_CHECKING:
    from weighbridge.snapshot.listing import Listing

SUFFIXES = (".pub", ".pem")
MAX_KEYS = 100

# Said where no key is at hand.
WHERE = (
    "put the public key at the model's top level, in a file whose name ends in .pub or .pem, or "
    "give it with --key"
)


def is_needed(signers: Iterable[TrustedSigner]) -> bool:
    """Whether one of the signers is a fingerprint, so that a key has to be looked for."""
    return any(signer.kind is SignerKind.FINGERPRINT for signer in signers)


def is_key_file(path: str) -> bool:
    """Whether a file of the model may be a public key, by its place and name."""
    return "/" not in path and path.endswith(SUFFIXES)


def keys_beside(snapshot: Snapshot) -> tuple[bytes, ...]:
    """The files at a model's top level that may be public keys, unread as keys; 100 at most."""
    found: list[bytes] = []
    for artifact in snapshot.artifacts:
        if is_key_file(artifact.path) and len(found) < MAX_KEYS:
            data = _content(snapshot, artifact)
            if data:
                found.append(data)
    return tuple(found)


def keys_on_disk(listing: Listing) -> tuple[bytes, ...]:
    """As :func:`keys_beside`, of a model whose files have not been read."""
    return keys_beside(listing.read(Plan(classify=False), wanted=is_key_file, allow_none=True))


def by_fingerprint(
    candidates: Iterable[bytes],
) -> Mapping[Digest, ec.EllipticCurvePublicKey]:
    """The usable keys among files and fields that somebody calls public keys.

    What is none is left out: whoever put it there gains nothing, and loses the key.
    """
    table: dict[Digest, ec.EllipticCurvePublicKey] = {}
    for data in candidates:
        try:
            public = keys.load_public_key(data)
        except UnusableKey:
            continue
        table[keys.fingerprint(public)] = public
    return table


def with_keys(
    signers: Sequence[TrustedSigner], candidates: Iterable[bytes]
) -> tuple[tuple[TrustedSigner, ec.EllipticCurvePublicKey | None], ...]:
    """Each signer that is a fingerprint with its key, None where that is not at hand."""
    mine = [signer for signer in signers if signer.kind is SignerKind.FINGERPRINT]
    table = by_fingerprint(candidates) if mine else {}
    return tuple((signer, table.get(signer.fingerprint)) for signer in mine)


def _content(snapshot: Snapshot, artifact: Artifact) -> bytes:
    if artifact.presence is not Presence.CONTENT or not 0 < artifact.size <= keys.MAX_PEM_BYTES:
        return b""
    try:
        return snapshot.read(artifact, keys.MAX_PEM_BYTES)
    except (ContentUnavailable, OSError):
        return b""
