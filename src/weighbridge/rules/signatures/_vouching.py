"""Who vouches for a file: which signatures count under a policy, and how many people that is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from weighbridge.model.evidence import Evidence, EvidenceState
from weighbridge.model.facts.signature import SignatureFacts
from weighbridge.model.glob import matches
from weighbridge.model.policy import SignatureDemands, TrustedSigner


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Why a trusted signer's valid signature does not count. ``key`` is that of the finding."""

    key: str
    words: str


@dataclass(frozen=True, slots=True)
class Vouching:
    """What the signatures over one file amount to.

    ``count`` is how many different signers count; ``signers`` names their entries. ``elsewhere``
    are trusted signers who may not sign for this path. ``shortfalls`` are sorted.
    """

    count: int
    signers: tuple[str, ...]
    elsewhere: tuple[str, ...]
    shortfalls: tuple[Shortfall, ...]


def covering(signatures: Sequence[Evidence], path: str) -> list[Evidence]:
    """The signatures that list a file as it is now."""
    return [
        evidence
        for evidence in signatures
        if evidence.state is EvidenceState.OBSERVED
        and path in cast(SignatureFacts, evidence.data)["covered"]
    ]


def vouching(
    path: str,
    signatures: Sequence[Evidence],
    trust: Sequence[TrustedSigner],
    demands: SignatureDemands,
    as_of: dt.date,
) -> Vouching:
    """Count the signers of one file.

    A signer is counted once, however many signatures they made and however many entries of the
    policy they fall under; and each entry of the policy counts for one signer.
    """
    people: list[tuple[frozenset[str], frozenset[str]]] = []
    elsewhere: set[str] = set()
    shortfalls: set[tuple[str, str]] = set()
    for evidence in covering(signatures, path):
        facts = cast(SignatureFacts, evidence.data)
        if facts["signature_state"] != "valid" or not facts["root_consistent"]:
            continue
        known = _trusted(facts, trust)
        allowed = [s for s in known if any(matches(path, pattern) for pattern in s.paths)]
        if not allowed:
            elsewhere.update(signer.name for signer in known)
            continue
        lacking = _shortfall(evidence.about, facts, demands, as_of)
        if lacking is not None:
            shortfalls.add((lacking.key, lacking.words))
            continue
        people.append((_who(facts), frozenset(signer.name for signer in allowed)))
    entries = [names for _, names in _merged(people)]
    return Vouching(
        _matching(entries),
        tuple(sorted({name for names in entries for name in names})),
        tuple(sorted(elsewhere)),
        tuple(Shortfall(key, words) for key, words in sorted(shortfalls)),
    )


def _trusted(facts: SignatureFacts, trust: Sequence[TrustedSigner]) -> list[TrustedSigner]:
    """The policy's signers whose signature it is, by what identifies them and not by name."""
    fingerprints = {signer["fingerprint"] for signer in facts["valid_for"]}
    return [signer for signer in trust if str(signer.fingerprint) in fingerprints]


def _who(facts: SignatureFacts) -> frozenset[str]:
    """What tells this signature's maker from others: the names in the certificate, or the key."""
    if facts["mode"] == "key":
        return frozenset(signer["fingerprint"] for signer in facts["valid_for"])
    return frozenset(facts["signing"]["identities"])


def _shortfall(
    about: str, facts: SignatureFacts, demands: SignatureDemands, as_of: dt.date
) -> Shortfall | None:
    signing = facts["signing"]
    if demands.require_timestamp and not any(stamp["trusted"] for stamp in signing["timestamps"]):
        reasons = "; ".join(sorted({s["reason"] for s in signing["timestamps"] if s["reason"]}))
        why = f" ({reasons})" if reasons else ""
        return Shortfall("timestamp-missing", f"'{about}' has no trusted timestamp{why}")
    if demands.require_log and not signing["logged"]:
        return Shortfall("log-missing", f"'{about}' stands in no trusted transparency log")
    if not demands.max_age_days:
        return None
    if not signing["signed_at"]:
        words = f"no trusted time says when '{about}' was made, so it may be of any age"
        return Shortfall("signature-too-old", words)
    age = (as_of - dt.datetime.fromisoformat(signing["signed_at"]).date()).days
    if age <= demands.max_age_days:
        return None
    words = f"'{about}' is {age} days old, and the policy takes {demands.max_age_days}"
    return Shortfall("signature-too-old", words)


def _merged(
    people: list[tuple[frozenset[str], frozenset[str]]],
) -> list[tuple[frozenset[str], frozenset[str]]]:
    """Signatures that share a name are one signer's."""
    merged: list[tuple[frozenset[str], frozenset[str]]] = []
    for who, entries in people:
        same = [one for one in merged if one[0] & who]
        merged = [one for one in merged if not one[0] & who]
        everybody = [(who, entries), *same]
        merged.append(
            (
                frozenset().union(*(one for one, _ in everybody)),
                frozenset().union(*(names for _, names in everybody)),
            )
        )
    return merged


def _matching(people: Sequence[frozenset[str]]) -> int:
    """How many people can each be given an entry of their own (augmenting paths)."""
    taken: dict[str, int] = {}

    def place(person: int, tried: set[str]) -> bool:
        for entry in sorted(people[person] - tried):
            tried.add(entry)
            if entry not in taken or place(taken[entry], tried):
                taken[entry] = person
                return True
        return False

    return sum(place(person, set()) for person in range(len(people)))
