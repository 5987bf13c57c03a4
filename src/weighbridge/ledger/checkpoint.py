"""Checkpoints (C2SP tlog-checkpoint): a tree's size and root, under the log's signature."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from weighbridge.ledger.merkle import EMPTY_ROOT, HASH_BYTES
from weighbridge.ledger.note import VerifierKey, open_note, sign_note, unbase64
from weighbridge.model.errors import BoundExceeded, HostileInput

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

# A ledger of a million audits; at 256 a tile it has some 8,000 files.
MAX_ENTRIES = 2**20
_SIZE = re.compile(r"(?:0|[1-9][0-9]{0,17})\Z")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """``origin`` names the log, ``size`` counts its entries, ``root`` is their tree's hash."""

    origin: str
    size: int
    root: bytes

    def sign(self, key: Ed25519PrivateKey) -> bytes:
        """The signed note; the key's name is the origin."""
        root = base64.b64encode(self.root).decode()
        return sign_note(f"{self.origin}\n{self.size}\n{root}\n", self.origin, key)

    @classmethod
    def open(cls, data: bytes, key: VerifierKey) -> Checkpoint:
        """Read a checkpoint that ``key`` signed. Extension lines are signed and not read.

        Raises:
            HostileInput: not a checkpoint, not of this log, or not signed by its key.
            BoundExceeded: the log is larger than :data:`MAX_ENTRIES`.
        """
        origin, *rest = open_note(data, key)[:-1].split("\n")
        root = unbase64(rest[1]) if len(rest) > 1 else None
        if not all(rest) or root is None or len(root) != HASH_BYTES or not _SIZE.match(rest[0]):
            raise HostileInput("the checkpoint is not an origin, a size and a root")
        if origin != key.name:
            raise HostileInput("the checkpoint is of another log than its key")
        size = int(rest[0])
        if size > MAX_ENTRIES:
            raise BoundExceeded("the ledger", MAX_ENTRIES, "entries")
        if size == 0 and root != EMPTY_ROOT:
            raise HostileInput("the checkpoint of no entries has a root that is not the empty one")
        return cls(origin, size, root)
