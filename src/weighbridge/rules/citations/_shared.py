"""What the rules on datasets have in common: sorting the evidence, and what was not read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.dataset import DatasetFacts, DatasetPlace, DatasetUseFacts
from weighbridge.model.finding import Finding, Location, Outcome
from weighbridge.model.rule import Case

_REMEDIES = {
    "card": "Repair the front matter of the model card, and name each dataset by its id.",
    "record": "Repair the record so that it is valid YAML of the documented shape.",
    "code": "Write the dataset's id and revision as plain text where the code loads it.",
}


@dataclass(frozen=True, slots=True)
class Dataset:
    """One dataset and what is known of it."""

    evidence: Evidence
    facts: DatasetFacts

    @property
    def location(self) -> Location:
        """The first place that names it, else its record."""
        for use in self.facts["used_in"]:
            return place_of(use)
        return Location(self.facts["recorded_in"], line=self.facts["recorded_line"])

    @property
    def places(self) -> str:
        """The places that name it, for a message: the first two, and how many more."""
        shown = [str(place_of(use)) for use in self.facts["used_in"][:2]]
        more = len(self.facts["used_in"]) - len(shown)
        if not shown:
            return f"recorded in {self.facts['recorded_in']}"
        return "named in " + " and ".join(shown) + (f" and {more} more" if more else "")


@dataclass(frozen=True, slots=True)
class Datasets:
    """The evidence, sorted. ``record_unread``: an unread record may fill what looks like a gap."""

    everything: tuple[Evidence, ...]
    known: tuple[Dataset, ...]
    unread: tuple[Evidence, ...]
    record_unread: bool

    def gap(self) -> Outcome:
        """What a gap in the record amounts to."""
        return Outcome.UNKNOWN if self.record_unread else Outcome.FAIL


def datasets(case: Case) -> Datasets:
    """All evidence of datasets, by what it is."""
    everything = case.of(EvidenceKind.DATASET)
    unread = tuple(
        e for e in everything if e.state in (EvidenceState.UNAVAILABLE, EvidenceState.UNSUPPORTED)
    )
    return Datasets(
        everything,
        tuple(
            Dataset(e, cast(DatasetFacts, e.data))
            for e in everything
            if e.state is EvidenceState.OBSERVED
        ),
        unread,
        any(cast(DatasetPlace, e.data).get("part") == "record" for e in unread),
    )


def place_of(use: DatasetUseFacts) -> Location:
    """Where a use stands."""
    return Location(use["path"], line=use["line"], member=use["member"])


def not_collected() -> Finding:
    """The collector broke or did not run."""
    return Finding(
        Outcome.UNKNOWN,
        "No evidence about datasets was collected, so nothing can be said about them.",
        "Run the audit again and look at the collectors that broke.",
        key="not-collected",
    )


def unread_place(evidence: Evidence) -> Finding:
    """A place whose datasets, or whose record of them, could not be read."""
    place = cast(DatasetPlace, evidence.data)
    part = place.get("part", "code")
    what = "is recorded of datasets" if part == "record" else "datasets are used"
    where = Location(
        place.get("path", evidence.about), line=place.get("line", 0), member=place.get("member", "")
    )
    return Finding(
        Outcome.UNKNOWN,
        f"What {what} in {where} could not be read: {evidence.reason}."
        if part == "record"
        else f"Which {what} in {where} could not be read: {evidence.reason}.",
        _REMEDIES[part],
        where,
        key=f"unread-{part}",
        evidence=(evidence.digest,),
    )
