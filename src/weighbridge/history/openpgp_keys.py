"""OpenPGP public keys that somebody trusts, as allowed signers of commits.

Source: RFC 9580, sections 5.5 (keys), 5.2.1 (types of signatures), 5.2.3.13 (expiry), 5.2.3.29
(flags), 5.5.4 (fingerprints), 10.1 (what a key block is made of). Keys of version 4 with RSA, ECDSA
and Ed25519, written as SSH would write the same key, so that one kind of signer is compared.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from weighbridge.edge.text import visible
from weighbridge.history.openpgp import (
    CREATED,
    FLAGS,
    KEY_EXPIRES,
    SIGNATURE_PACKET,
    PgpSignature,
    read_signature,
    verify,
)
from weighbridge.history.openpgp_packets import dearmored, packets
from weighbridge.history.signers import AllowedSigner, parse_allowed_signers
from weighbridge.history.sshsig import MalformedSignature, UnsupportedSignature, WrongSignature
from weighbridge.model.errors import ConfigurationError, HostileInput

BLOCK = "-----BEGIN PGP PUBLIC KEY BLOCK-----"
_PRIMARY, _SUBKEY, _USER = 6, 14, 13
_CERTIFICATIONS = (0x10, 0x11, 0x12, 0x13)
_SUBKEY_BINDING, _DIRECT, _REVOKED, _SUBKEY_REVOKED = 0x18, 0x1F, 0x20, 0x28
_CAN_SIGN = 0x02
_ED25519_LEGACY = bytes.fromhex("2b06010401da470f01")
_CURVES = {
    bytes.fromhex("2a8648ce3d030107"): "nistp256",
    bytes.fromhex("2b81040022"): "nistp384",
    bytes.fromhex("2b81040023"): "nistp521",
}


@dataclass(slots=True)
class _Key:
    """One key of a block. ``bindings`` are the signatures of the primary key that hold."""

    body: bytes
    bindings: list[PgpSignature] = field(default_factory=list)
    revoked: int | None = None  # the earliest time at which it was

    @property
    def prefixed(self) -> bytes:
        """As it goes into fingerprints and signatures."""
        return b"\x99" + len(self.body).to_bytes(2, "big") + self.body

    @property
    def created(self) -> int:
        return int.from_bytes(self.body[1:5], "big")


def read_signers(text: str, *, source: str) -> tuple[AllowedSigner, ...]:
    """Who may sign commits by a file: OpenSSH's ``allowed_signers``, or armored OpenPGP keys.

    Raises:
        ConfigurationError: it is neither.
    """
    if text.lstrip().startswith(BLOCK):
        return signers_from_openpgp(text, source=source)
    return parse_allowed_signers(text, source=source)


def signers_from_openpgp(text: str, *, source: str) -> tuple[AllowedSigner, ...]:
    """The keys of an armored block that may sign, each with the time for which it may.

    A revoked key counts for what was signed before it was revoked, by the signature's own word: to
    be stricter, name it in ``revoked_keys`` of the rule changed-signing-key.

    Raises:
        ConfigurationError: it is no block of public keys, or holds none that is verified here.
    """
    try:
        found = [
            signer
            for name, primary, keys in _blocks(dearmored(text.encode(), b"PUBLIC KEY BLOCK"))
            for key in keys
            if (signer := _signer(name, key, is_primary=key is primary)) is not None
        ]
    except HostileInput as error:
        raise ConfigurationError(error.message, source=source) from error
    if not found:
        raise ConfigurationError(
            "the OpenPGP block holds no key that may sign and is verified here",
            source=source,
            remedy="Export it with 'gpg --armor --export KEY'; RSA, ECDSA and Ed25519 are known.",
        )
    return tuple(found)


def _blocks(data: bytes) -> Iterator[tuple[str, _Key, list[_Key]]]:
    """Each primary key: its first user's name, itself, and itself with its subkeys."""
    block: list[tuple[int, bytes]] = []
    for tag, body in packets(data):
        if tag == _PRIMARY and block:
            yield _block(block)
            block = []
        block.append((tag, body))
    if block:
        yield _block(block)


def _block(block: Sequence[tuple[int, bytes]]) -> tuple[str, _Key, list[_Key]]:
    if block[0][0] != _PRIMARY:
        raise MalformedSignature("the OpenPGP block does not begin with a public key")
    primary = _Key(block[0][1])
    wire = _wire(primary.body)
    keys, name, user = [primary], "", b""
    for tag, body in block[1:]:
        if tag == _SUBKEY:
            keys.append(_Key(body))
        elif tag == _USER:
            user = b"\xb4" + len(body).to_bytes(4, "big") + body
            name = name or visible(body.decode("utf-8", "replace"), 200)
        elif tag == SIGNATURE_PACKET and wire is not None:
            _take(body, primary, keys[-1], user, wire)
    return name, primary, keys


def _take(body: bytes, primary: _Key, last: _Key, user: bytes, wire: bytes) -> None:
    """A signature of a block, where it is the primary key's over its own parts and holds."""
    try:
        signature = read_signature(body)
    except UnsupportedSignature:
        return  # of an old version, or by somebody who says more than is understood here
    kind = signature.kind
    if kind in (_SUBKEY_BINDING, _SUBKEY_REVOKED) and last is not primary:
        signed, of = primary.prefixed + last.prefixed, last
    elif kind in (_DIRECT, _REVOKED):
        signed, of = primary.prefixed, primary
    elif kind in _CERTIFICATIONS and user and last is primary:
        signed, of = primary.prefixed + user, primary
    else:
        return
    try:
        # SHA-1 is what old keys bind their parts with; the file is trusted as a whole
        verify(signature, signed, wire, allow_sha1=True)
    except (WrongSignature, UnsupportedSignature):
        return  # somebody else's, who vouches for the key
    if kind in (_REVOKED, _SUBKEY_REVOKED):
        since = signature.seconds(CREATED) or 0
        of.revoked = since if of.revoked is None else min(of.revoked, since)
    else:
        of.bindings.append(signature)


def _signer(name: str, key: _Key, *, is_primary: bool) -> AllowedSigner | None:
    """None for a key that the primary key does not bind, or that may not sign."""
    wire = _wire(key.body)
    if wire is None or not key.bindings:
        return None
    newest = max(key.bindings, key=lambda one: one.seconds(CREATED) or 0)
    flags = newest.hashed.get(FLAGS)
    if not (flags[0] & _CAN_SIGN if flags else is_primary):
        return None
    lasts = newest.seconds(KEY_EXPIRES)
    ends = [key.created + lasts] if lasts else []
    ends += [key.revoked] if key.revoked is not None else []
    fingerprint = hashlib.sha1(key.prefixed, usedforsecurity=False).hexdigest().upper()
    return AllowedSigner(
        name, wire, valid_after=key.created, valid_before=min(ends, default=None),
        openpgp=fingerprint,
    )  # fmt: skip


def _wire(body: bytes) -> bytes | None:
    """A key's body as SSH writes the same key; None for kinds that are not verified here."""
    if len(body) < 6 or body[0] != 4:
        return None
    algorithm, rest = body[5], body[6:]
    if algorithm in (1, 3):
        modulus, rest = _mpi(rest)
        exponent, rest = _mpi(rest)
        return _ssh(b"ssh-rsa", _positive(exponent), _positive(modulus))
    if algorithm == 27:
        return _ssh(b"ssh-ed25519", rest[:32]) if len(rest) >= 32 else None
    if algorithm not in (19, 22) or not rest:
        return None
    curve, rest = rest[1 : 1 + rest[0]], rest[1 + rest[0] :]
    point, rest = _mpi(rest)
    if algorithm == 22:
        known = curve == _ED25519_LEGACY and len(point) == 33 and point[0] == 0x40
        return _ssh(b"ssh-ed25519", point[1:]) if known else None
    name = _CURVES.get(curve, "").encode()
    return _ssh(b"ecdsa-sha2-" + name, name, point) if name else None


def _mpi(data: bytes) -> tuple[bytes, bytes]:
    length = int.from_bytes(data[:2], "big") + 7 >> 3
    if len(data) < 2 + length:
        raise MalformedSignature("a number of the OpenPGP key is cut short")
    return data[2 : 2 + length], data[2 + length :]


def _positive(number: bytes) -> bytes:
    """As SSH writes it (RFC 4251, mpint): a leading zero keeps it from being negative."""
    number = number.lstrip(b"\0")
    return b"\0" + number if number[:1] >= b"\x80" else number


def _ssh(*parts: bytes) -> bytes:
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)
