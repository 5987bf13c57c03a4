"""A verdict as plain facts: what the evidence and the command's JSON say of who signed and when."""

from __future__ import annotations

from weighbridge.edge.text import visible
from weighbridge.model.facts.signature import SigningFacts
from weighbridge.signing.verdict import SignatureVerdict


def signing_facts(verdict: SignatureVerdict | None) -> SigningFacts:
    """Who made a signature and when, as others say; all empty where nothing could be judged."""
    if verdict is None:
        return {
            "identities": [],
            "issuer": "",
            "signed_at": "",
            "time_source": "",
            "time_authority": "",
            "timestamps": [],
            "logged": False,
            "trust_roots": [],
            "key": "",
        }
    signed = verdict.signed
    return {
        "identities": [visible(name) for name in verdict.identities],
        "issuer": visible(verdict.issuer),
        "signed_at": signed.time.isoformat() if signed else "",
        "time_source": signed.source.value if signed else "",
        "time_authority": signed.authority if signed else "",
        "timestamps": [
            {
                "time": stamp.time.isoformat() if stamp.time else "",
                "authority": stamp.authority,
                "trusted": stamp.trusted,
                "reason": stamp.reason,
                "groups": list(stamp.groups),
            }
            for stamp in verdict.stamps
        ],
        "logged": verdict.logged,
        "trust_roots": [
            {"digest": str(root.digest), "newest": root.newest.isoformat()}
            for root in verdict.roots
        ],
        "key": str(verdict.key or ""),
    }
