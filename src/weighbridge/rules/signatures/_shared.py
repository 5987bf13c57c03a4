"""What the rules on signatures have in common."""

from __future__ import annotations

from typing import cast

from weighbridge.model.evidence import Evidence, EvidenceState
from weighbridge.model.facts.signature import SignatureFacts


def is_opaque(evidence: Evidence) -> bool:
    """Whether a signature file may name files, and which ones could not be read."""
    if evidence.state is not EvidenceState.OBSERVED:
        return True
    facts = cast(SignatureFacts, evidence.data)
    return facts["opaque"] and facts["signature_state"] != "unrelated"
