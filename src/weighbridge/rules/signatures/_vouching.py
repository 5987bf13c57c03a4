"""Who vouches for a file: which signatures count under a policy, and how many people that is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from weighbridge.model.evidence import Evidence, EvidenceState
from weighbridge.model.facts.signature import SignatureFacts, StampFacts
from weighbridge.model.glob import matches
from weighbridge.model.policy import FileDemands, SignatureDemands, SignerKind, TrustedSigner

_OTHER_ROOTS = "no authority states it that the policy believes for this path"


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Why a trusted signer's valid signature does not count. ``key`` is that of the finding."""

    key: str
    words: str


@dataclass(frozen=True, slots=True)
class Vouching:
    """What the signatures over one file amount to.

    ``count`` is how many different signers count, of the ``needed`` ones; ``signers`` names their
    entries. ``elsewhere``
    are trusted signers who may not sign for this path. ``shortfalls`` are sorted.
    """

    count: int
    needed: int
    signers: tuple[str, ...]
    elsewhere: tuple[str, ...]
    shortfalls: tuple[Shortfall, ...]

    @property
    def enough(self) -> bool:
        """Whether as many signers count as the policy demands for this file."""
        return self.count >= self.needed


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
    needs = demands.of(path)
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
        lacking = _shortfall(evidence.about, facts, needs, as_of)
        if lacking is None and _judged_elsewhen(facts, needs):
            allowed = [signer for signer in allowed if signer.kind is not SignerKind.CERTIFICATE]
            words = f"the certificate of '{evidence.about}' was judged at a time: {_OTHER_ROOTS}"
            lacking = None if allowed else Shortfall("timestamp-missing", words)
        if lacking is not None:
            shortfalls.add((lacking.key, lacking.words))
            continue
        people.append((_who(facts, known), frozenset(signer.name for signer in allowed)))
    entries = [names for _, names in _merged(people)]
    return Vouching(
        _matching(entries),
        needs.min_signers,
        tuple(sorted({name for names in entries for name in names})),
        tuple(sorted(elsewhere)),
        tuple(Shortfall(key, words) for key, words in sorted(shortfalls)),
    )


def _trusted(facts: SignatureFacts, trust: Sequence[TrustedSigner]) -> list[TrustedSigner]:
    """The policy's signers whose signature it is, by what identifies them and not by name."""
    fingerprints = {signer["fingerprint"] for signer in facts["valid_for"]}
    return [signer for signer in trust if str(signer.fingerprint) in fingerprints]


def _who(facts: SignatureFacts, known: Sequence[TrustedSigner]) -> frozenset[str]:
    """What tells this signature's maker from others: the names in the certificate, and the key.

    A key makes one person of a signature with it alone and of one with a certificate for it.
    """
    by_key = (SignerKind.KEY, SignerKind.FINGERPRINT)
    fingerprints = {str(signer.fingerprint) for signer in known if signer.kind in by_key}
    certified = {facts["signing"]["key"]} - {""}
    return frozenset({*facts["signing"]["identities"], *fingerprints, *certified})


def _shortfall(
    about: str, facts: SignatureFacts, demands: FileDemands, as_of: dt.date
) -> Shortfall | None:
    signing = facts["signing"]
    counting = _counting(facts, demands)
    if demands.require_timestamp and not counting:
        reasons = {s["reason"] for s in signing["timestamps"] if s["reason"]}
        reasons |= {_OTHER_ROOTS for s in signing["timestamps"] if s["trusted"]}
        why = f" ({'; '.join(sorted(reasons))})" if reasons else ""
        return Shortfall("timestamp-missing", f"'{about}' has no trusted timestamp{why}")
    if demands.require_log and not signing["logged"]:
        return Shortfall("log-missing", f"'{about}' stands in no trusted transparency log")
    if not demands.max_age_days:
        return None
    time = _time(facts, counting)
    if not time:
        words = f"no trusted time says when '{about}' was made, so it may be of any age"
        return Shortfall("signature-too-old", words)
    age = (as_of - dt.datetime.fromisoformat(time).date()).days
    if age <= demands.max_age_days:
        return None
    words = f"'{about}' is {age} days old, and the policy takes {demands.max_age_days}"
    return Shortfall("signature-too-old", words)


def _judged_elsewhen(facts: SignatureFacts, demands: FileDemands) -> bool:
    """Whether a certificate was judged at a time that does not count for the file."""
    signed_at = facts["signing"]["signed_at"]
    return facts["mode"] == "certificate" and signed_at != _time(facts, _counting(facts, demands))


def _counting(facts: SignatureFacts, demands: FileDemands) -> list[StampFacts]:
    """The timestamps that every set of roots trusts which the policy names for the file."""
    trusted = [stamp for stamp in facts["signing"]["timestamps"] if stamp["trusted"]]
    if facts["mode"] == "sigstore":
        return trusted  # by the trust root's own authorities
    return [stamp for stamp in trusted if set(demands.root_groups) <= set(stamp["groups"])]


def _time(facts: SignatureFacts, counting: Sequence[StampFacts]) -> str:
    """The earliest time that counts for the file; empty where there is none."""
    if facts["mode"] == "sigstore":
        return facts["signing"]["signed_at"]
    return min((stamp["time"] for stamp in counting), key=dt.datetime.fromisoformat, default="")


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
