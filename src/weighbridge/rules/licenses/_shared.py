"""What the rules on licenses have in common: sorting the evidence, and what was not read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.license import LicenseFacts, LicensePlace
from weighbridge.model.finding import Finding, Location, Outcome
from weighbridge.model.licensing.verdict import Verdict
from weighbridge.model.rule import Case


@dataclass(frozen=True, slots=True)
class Stated:
    """One declared license or one license file."""

    evidence: Evidence
    facts: LicenseFacts

    @property
    def location(self) -> Location:
        """The card's line, or the file."""
        return Location(self.evidence.about, line=self.facts["line"])

    @property
    def apart(self) -> bool:
        """Whether the file need not be about the model as a whole."""
        return self.facts["nested"] or self.facts["component"]


@dataclass(frozen=True, slots=True)
class Statements:
    """The evidence, sorted. ``unread_card`` and ``unread_files`` could not be read.

    ``prose`` are the statements of the card's text; ``unread_prose`` says where reading it ended.
    """

    everything: tuple[Evidence, ...]
    declared: tuple[Stated, ...]
    texts: tuple[Stated, ...]
    unread_card: tuple[Evidence, ...]
    unread_files: tuple[Evidence, ...]
    prose: tuple[Stated, ...] = ()
    unread_prose: tuple[Evidence, ...] = ()


def statements(case: Case) -> Statements:
    """All evidence of licenses, by what it is."""
    everything = case.of(EvidenceKind.LICENSE)
    observed = [
        Stated(e, cast(LicenseFacts, e.data))
        for e in everything
        if e.state is EvidenceState.OBSERVED
    ]
    unread = [
        e for e in everything if e.state in (EvidenceState.UNAVAILABLE, EvidenceState.UNSUPPORTED)
    ]
    return Statements(
        everything,
        tuple(s for s in observed if s.facts["role"] == "declared"),
        tuple(s for s in observed if s.facts["role"] == "detected"),
        tuple(e for e in unread if _part(e) == "card"),
        tuple(e for e in unread if _part(e) not in ("card", "prose", "headers")),
        tuple(s for s in observed if s.facts["role"] == "prose"),
        tuple(e for e in unread if _part(e) == "prose"),
    )


def _part(evidence: Evidence) -> str:
    return cast(LicensePlace, evidence.data).get("part", "")


def broken_card(evidence: Evidence) -> Finding:
    """The model card could not be read: what it declares is not known."""
    line = cast(LicensePlace, evidence.data).get("line", 0)
    return Finding(
        Outcome.UNKNOWN,
        f"'{evidence.about}' was not read, so its license is not known: {evidence.reason}.",
        "Make the card's front matter valid YAML between two '---' lines.",
        Location(evidence.about, line=line),
        key="broken-card",
        evidence=(evidence.digest,),
    )


def unread_file(evidence: Evidence) -> Finding:
    """A license file could not be read."""
    return Finding(
        Outcome.UNKNOWN,
        f"'{evidence.about}' was not read, so its license is not known: {evidence.reason}.",
        "Put the license's text there as a plain UTF-8 file.",
        Location(evidence.about),
        key="unread-file",
        evidence=(evidence.digest,),
    )


def at_verdict(verdict: Verdict) -> Location | None:
    """The first step of a verdict's way, which stands in a file of the subject."""
    return Location(verdict.path_file, line=verdict.line) if verdict.path_file else None


def verdict_key(verdict: Verdict) -> str:
    """What tells a verdict from its siblings: the ancestor, the license, the clause."""
    return ":".join(filter(None, (verdict.word, verdict.license, verdict.node)))


def unread_prose(evidence: Evidence) -> Finding:
    """The rest of a card's text was not read."""
    line = cast(LicensePlace, evidence.data).get("line", 0)
    return Finding(
        Outcome.UNKNOWN,
        f"'{evidence.about}' was not read to its end: {evidence.reason}.",
        "Say what license holds near the beginning of the card, and keep long tables elsewhere.",
        Location(evidence.about, line=line),
        key="unread-prose",
        evidence=(evidence.digest,),
    )


def agree(one: LicenseFacts, other: LicenseFacts) -> bool:
    """Whether two statements may mean one license: an id in common, or one is the other's family.

    Of licenses that are offered together ("MIT or Apache-2.0") one in common is enough.
    """
    mine = [*one["symbols"], *one["also"]]
    theirs = [*other["symbols"], *other["also"]]
    if not {plain_id(i) for i in mine}.isdisjoint(plain_id(i) for i in theirs):
        return True
    families = (*one["family"], *other["family"])
    if any(i.startswith(prefix) for i in (*mine, *theirs) for prefix in families):
        return True
    return any(a.startswith(b) or b.startswith(a) for a in one["family"] for b in other["family"])


def plain_id(license_id: str) -> str:
    """An id without what a text cannot tell: whether later versions are allowed too."""
    return license_id.removesuffix("-or-later").removesuffix("-only").removesuffix("+")


def no_lineage(case: Case) -> Finding:
    """What the model was made from could not be read."""
    reason = next((e.reason for e in case.of(EvidenceKind.LINEAGE)), "")
    return Finding(
        Outcome.UNKNOWN,
        f"What the model was made from is not known: {reason or 'no lineage was collected'}.",
        "Make the model's card and configuration readable.",
        key="no-lineage",
    )
