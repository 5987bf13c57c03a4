"""A loopback Rekor v1: the same tree, spoken to in the older way, with a signed promise and a time.

An answer is ``{uuid: entry}``; its body is a canonical ``dsse`` 0.0.1 record, and the signed entry
timestamp is over body, time, log id and index (RFC 8785).
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any

import rfc8785

from weighbridge.testing import x509 as certificates
from weighbridge.testing.transparency import TransparencyLog, inclusion_path, leaf_hash, root_hash


class TransparencyLogV1(TransparencyLog):
    """Rekor v1's write endpoint. Its log id is the SHA-256 of its public key."""

    @property
    def log_id(self) -> bytes:
        """SHA-256 of the DER SubjectPublicKeyInfo, as RFC 6962 has it."""
        return hashlib.sha256(certificates.public_der(self.key)).digest()

    def add(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Answer ``POST /api/v1/log/entries`` for a ``dsse`` 0.0.1.

        Raises:
            KeyError: the request is of another kind.
        """
        proposed = request["spec"]["proposedContent"]
        text = proposed["envelope"]
        envelope = json.loads(text)
        payload = base64.b64decode(envelope["payload"])
        record: Any = {
            "apiVersion": "0.0.1",
            "kind": "dsse",
            "spec": {
                "envelopeHash": _sha256(text.encode()),
                "payloadHash": _sha256(payload),
                "signatures": [
                    {"signature": envelope["signatures"][0]["sig"], "verifier": verifier}
                    for verifier in proposed["verifiers"]
                ],
            },
        }
        body = rfc8785.dumps(record)
        index, leaves = self._append(leaf_hash(body))
        root = root_hash(leaves)
        return {
            hashlib.sha256(body).hexdigest(): self._entry(body, index, leaves, root),
        }

    def _entry(self, body: bytes, index: int, leaves: list[bytes], root: bytes) -> dict[str, Any]:
        promised: Any = {
            "body": base64.b64encode(body).decode(),
            "integratedTime": int(certificates.now().timestamp()),
            "logID": self.log_id.hex(),
            "logIndex": index,
        }
        promise = self.key.sign(rfc8785.dumps(promised))
        return {
            **promised,
            "verification": {
                "inclusionProof": {
                    "checkpoint": self._checkpoint(len(leaves), root),
                    "hashes": [node.hex() for node in inclusion_path(index, leaves)],
                    "logIndex": index,
                    "rootHash": root.hex(),
                    "treeSize": len(leaves),
                },
                "signedEntryTimestamp": base64.b64encode(promise).decode(),
            },
        }


def _sha256(data: bytes) -> dict[str, str]:
    return {"algorithm": "sha256", "value": hashlib.sha256(data).hexdigest()}
