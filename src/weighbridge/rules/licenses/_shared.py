"""What the rules on licenses have in common: sorting the evidence, and what was not read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.license import LicenseFacts, LicensePlace
from weighbridge.model.finding import Finding, Location, Outcome
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
    """The evidence, sorted. ``unread_card`` and ``unread_files`` could not be read."""

    everything: tuple[Evidence, ...]
    declared: tuple[Stated, ...]
    texts: tuple[Stated, ...]
    unread_card: tuple[Evidence, ...]
    unread_files: tuple[Evidence, ...]


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
        tuple(e for e in unread if _part(e) != "card"),
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
