"""``audit.renewals.json``: later timestamps that keep the seal's time provable.

A timestamp proves a time for as long as its authority's certificate is valid. Before that ends, a
new one is taken over everything so far, as RFC 4998, 5.2 renews a timestamp by another over it. The
n-th token is over the seal's file followed by the tokens before it, so whoever has the files can
check it with ``openssl ts -verify -data``. The seal itself is never touched.

The file is canonical JSON and read only so. What it cannot mend is a broken hash: the tokens are
over the seal, and the seal over the other files by SHA-256.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from weighbridge.edge.json import load_json
from weighbridge.model.canonical import canonical
from weighbridge.model.errors import HostileInput
from weighbridge.signing.dsse import decode_base64, encode_base64

RENEWALS_FILE = "audit.renewals.json"
SCHEMA = "urn:weighbridge:renewals:1"
MAX_RENEWALS = 200
MAX_BYTES = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Renewals:
    """The tokens, oldest first, each a DER TimeStampResp; ``seal`` is the SHA-256 of the seal."""

    seal: str
    tokens: tuple[bytes, ...]

    @classmethod
    def none_of(cls, seal: bytes) -> Renewals:
        """No renewals yet, of the seal's file."""
        return cls(hashlib.sha256(seal).hexdigest(), ())

    def to_bytes(self) -> bytes:
        """The file."""
        tokens = [encode_base64(token) for token in self.tokens]
        return canonical({"schema": SCHEMA, "seal": {"sha256": self.seal}, "tokens": tokens})

    @classmethod
    def from_bytes(cls, data: bytes, seal: bytes) -> Renewals:
        """Read the file that belongs to a seal. The tokens are not verified.

        Raises:
            HostileInput: not of this form, or of another seal.
        """
        body: Any = load_json(data, source=RENEWALS_FILE, max_bytes=MAX_BYTES)
        try:
            tokens = body["tokens"]
            if not isinstance(tokens, list) or not 0 < len(tokens) <= MAX_RENEWALS:
                raise HostileInput(f"{RENEWALS_FILE} does not hold 1 to {MAX_RENEWALS} timestamps")
            read = cls(
                str(body["seal"]["sha256"]),
                tuple(decode_base64(token, "a renewal") for token in tokens),
            )
            same = body["schema"] == SCHEMA and read.to_bytes() == data
        except (KeyError, TypeError, ValueError) as error:
            raise HostileInput(f"{RENEWALS_FILE} is malformed ({type(error).__name__})") from error
        if not same:
            raise HostileInput(f"{RENEWALS_FILE} is not in canonical form")
        if read.seal != hashlib.sha256(seal).hexdigest():
            raise HostileInput(f"{RENEWALS_FILE} belongs to another seal")
        return read

    def covered(self, seal: bytes, count: int) -> bytes:
        """What the token after the first ``count`` ones is over."""
        return seal + b"".join(self.tokens[:count])
