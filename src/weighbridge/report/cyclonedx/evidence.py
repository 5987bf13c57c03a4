"""The record's evidence and waivers as the evidence of attestations: each written once."""

from __future__ import annotations

from typing import Any

from weighbridge.model.digest import Digest
from weighbridge.model.record import AuditRecord
from weighbridge.report.cyclonedx.document import timestamp
from weighbridge.report.cyclonedx.values import clean, reference


class Pieces:
    """The pieces that claims refer to, gathered while the claims are written."""

    def __init__(self, record: AuditRecord) -> None:
        self._when = timestamp(record)
        self._evidence = {piece.digest: piece for piece in record.evidence}
        self._waivers = {waiver.id: waiver for waiver in record.policy.waivers}
        self._found: dict[str, dict[str, Any]] = {}

    def refer(self, digest: Digest) -> str:
        """The reference of a piece of evidence; its content stays in ``audit.json``."""
        ref = f"evidence:{digest}"
        piece = self._evidence.get(digest)
        if ref not in self._found:
            about = f", about {piece.about}" if piece and piece.about else ""
            words = f"{piece.kind.value}: {piece.state.value}{about}" if piece else "not kept"
            self._found[ref] = {
                "bom-ref": ref,
                "propertyName": f"weighbridge:evidence:{piece.kind.value if piece else 'unknown'}",
                "description": clean(words),
                "data": [
                    {
                        "name": clean(piece.source if piece else str(digest), 500),
                        "contents": {"url": "audit.json"},
                    }
                ],
                "created": self._when,
            }
        return ref

    def waiver(self, identifier: str) -> str:
        """The reference of a waiver: why a failing rule is accepted. Empty where it is unknown."""
        waiver = self._waivers.get(identifier)
        if waiver is None:
            return ""
        ref = reference("waiver", identifier)
        self._found[ref] = {
            "bom-ref": ref,
            "propertyName": "weighbridge:waiver",
            "description": clean(
                f"{identifier}, of {waiver.owner}, approved by {waiver.approver}: {waiver.reason}"
            ),
            "created": f"{waiver.created.isoformat()}T00:00:00+00:00",
            "expires": f"{waiver.expires.isoformat()}T23:59:59+00:00",
        }
        return ref

    def written(self) -> list[dict[str, Any]]:
        """All of them, sorted."""
        return [self._found[ref] for ref in sorted(self._found)]
