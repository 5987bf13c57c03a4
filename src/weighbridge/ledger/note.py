"""Signed notes (C2SP signed-note) with Ed25519 signatures, and verifier keys as one line of text.

Only one spelling is read: base64 is compared with what encoding again gives, since its last digits
may have bits that mean nothing.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from weighbridge.edge.text import visible
from weighbridge.model.errors import BoundExceeded, HostileInput

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

MAX_NOTE_BYTES = 128 * 2**10  # room for 16 post-quantum cosignatures of 5 kB (signed-note)
MAX_SIGNATURES = 64
MAX_KEY_TEXT = 1024
_ED25519 = b"\x01"
_DASH = "\u2014 "


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A log's name and its raw Ed25519 public key, 32 bytes."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        """The first four bytes of SHA-256 over name, newline, type and key (signed-note)."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:4]

    def to_text(self) -> str:
        """``name+id+key``, as Go's ``sumdb/note`` writes a verifier key."""
        encoded = base64.b64encode(_ED25519 + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{encoded}"

    @classmethod
    def from_text(cls, text: str) -> VerifierKey:
        """Read ``name+id+key``, in the one spelling.

        Raises:
            HostileInput: it is not one, or not of an Ed25519 key.
        """
        name, _, rest = text[: MAX_KEY_TEXT + 1].partition("+")
        key = unbase64(rest.partition("+")[2])
        if key is not None and len(key) == 33 and is_key_name(name):
            made = cls(name, key[1:])
            if made.to_text() == text:
                return made
        raise HostileInput(f"{visible(text, 80)!r} is not a verifier key (name+id+base64)")


def is_key_name(name: str) -> bool:
    """Whether a key may have this name: not empty, no spaces, plus or control characters."""
    return bool(name) and "+" not in name and name.isprintable() and not any(map(str.isspace, name))


def unbase64(text: str) -> bytes | None:
    """Standard base64 in its one spelling; None for anything else."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if base64.b64encode(data).decode() == text else None


def sign_note(text: str, name: str, key: Ed25519PrivateKey) -> bytes:
    """A note with one signature. ``text`` ends in a newline."""
    from weighbridge.ledger.keys import public_bytes

    verifier = VerifierKey(name, public_bytes(key))
    signature = base64.b64encode(verifier.key_id + key.sign(text.encode())).decode()
    return f"{text}\n{_DASH}{name} {signature}\n".encode()


def open_note(data: bytes, key: VerifierKey) -> str:
    """The text of a note that ``key`` signed. Signatures of unknown keys are passed over.

    Raises:
        HostileInput: it is not a note, or no valid signature is by this key.
    """
    text, lines = _divide(data)
    mine = 0
    for line in lines:
        name, _, encoded = line.removeprefix(_DASH).partition(" ")
        signature = unbase64(encoded)
        if not line.startswith(_DASH) or not is_key_name(name) or not signature:
            raise HostileInput("a signature line of the note is malformed")
        if name == key.name and signature[:4] == key.key_id:
            _verify(key, signature[4:], text)
            mine += 1
    if mine != 1:
        raise HostileInput(f"the note is not signed once by {visible(key.name, 80)}, but {mine}x")
    return text


def _divide(data: bytes) -> tuple[str, list[str]]:
    if len(data) > MAX_NOTE_BYTES:
        raise BoundExceeded("a signed note", MAX_NOTE_BYTES, "bytes")
    try:
        whole = data.decode()
    except UnicodeDecodeError as error:
        raise HostileInput("a signed note is not UTF-8") from error
    if any(c < " " and c != "\n" for c in whole):
        raise HostileInput("a signed note has control characters")
    text, blank, signatures = whole.rpartition("\n\n")
    lines = signatures.split("\n")
    if not blank or not text or lines[-1] or len(lines) < 2:
        raise HostileInput("a signed note does not end in a blank line and signatures")
    if len(lines) - 1 > MAX_SIGNATURES:
        raise BoundExceeded("a signed note", MAX_SIGNATURES, "signatures")
    return text + "\n", lines[:-1]


def _verify(key: VerifierKey, signature: bytes, text: str) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, text.encode())
    except (InvalidSignature, ValueError) as error:
        raise HostileInput(f"the signature of {visible(key.name, 80)} is not valid") from error
