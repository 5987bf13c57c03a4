"""A loopback Rekor v2: a growing RFC 6962 Merkle tree with checkpoints signed in Ed25519.

The checkpoint is a C2SP signed note (``tlog-checkpoint``, ``signed-note``). The log lives in memory
and forgets everything at its end: it proves nothing outside tests and the demo.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519


def leaf_hash(entry: bytes) -> bytes:
    """RFC 6962 2.1: the hash of a leaf."""
    return hashlib.sha256(b"\0" + entry).digest()


def root_hash(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962 2.1: the Merkle tree hash over leaf hashes; of none, the hash of nothing."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = _split(len(leaves))
    return hashlib.sha256(b"\1" + root_hash(leaves[:split]) + root_hash(leaves[split:])).digest()


def inclusion_path(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """RFC 6962 2.1.1: the audit path of leaf ``index``, from the leaf upward."""
    if len(leaves) <= 1:
        return []
    split = _split(len(leaves))
    if index < split:
        return [*inclusion_path(index, leaves[:split]), root_hash(leaves[split:])]
    return [*inclusion_path(index - split, leaves[split:]), root_hash(leaves[:split])]


def _split(size: int) -> int:
    """The largest power of two smaller than ``size``."""
    return 1 << ((size - 1).bit_length() - 1)


class TransparencyLog:
    """Rekor v2's write endpoint.

    Args:
        origin: the log's name in its checkpoints. Verifiers look for it in the log's address.
    """

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.key = ed25519.Ed25519PrivateKey.generate()
        self._leaves: list[bytes] = []
        self._lock = threading.Lock()

    @property
    def log_id(self) -> bytes:
        """The C2SP key id before it is cut to four bytes: SHA-256(name, newline, 0x01, key)."""
        raw = self.key.public_key().public_bytes(
            serialization.Encoding.Raw, serialization.PublicFormat.Raw
        )
        return hashlib.sha256(self.origin.encode() + b"\n\x01" + raw).digest()

    def __len__(self) -> int:
        return len(self._leaves)

    def add(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Answer ``POST /api/v2/log/entries`` for a ``hashedrekord`` 0.0.2.

        Raises:
            KeyError: the request is of another kind.
        """
        wanted = request["hashedRekordRequestV002"]
        record = {
            "data": {"algorithm": "SHA2_256", "digest": wanted["digest"]},
            "signature": wanted["signature"],
        }
        entry = {
            "apiVersion": "0.0.2",
            "kind": "hashedrekord",
            "spec": {"hashedRekordV002": record},
        }
        body = json.dumps(entry, sort_keys=True, separators=(",", ":")).encode()
        index, leaves = self._append(leaf_hash(body))
        root = root_hash(leaves)
        return {
            "logIndex": str(index),
            "logId": {"keyId": _base64(self.log_id)},
            "kindVersion": {"kind": "hashedrekord", "version": "0.0.2"},
            "integratedTime": "0",
            "inclusionProof": {
                "logIndex": str(index),
                "rootHash": _base64(root),
                "treeSize": str(len(leaves)),
                "hashes": [_base64(node) for node in inclusion_path(index, leaves)],
                "checkpoint": {"envelope": self._checkpoint(len(leaves), root)},
            },
            "canonicalizedBody": _base64(body),
        }

    def _append(self, leaf: bytes) -> tuple[int, list[bytes]]:
        """Add a leaf: its index, and all leaves that there are then."""
        with self._lock:
            self._leaves.append(leaf)
            return len(self._leaves) - 1, list(self._leaves)

    def _checkpoint(self, size: int, root: bytes) -> str:
        text = f"{self.origin}\n{size}\n{_base64(root)}\n"
        signature = self.log_id[:4] + self.key.sign(text.encode())
        return f"{text}\n\u2014 {self.origin} {_base64(signature)}\n"


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
