"""What the rules on datasets have in common: sorting the evidence, and what was not read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import cast

from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.dataset import DatasetFacts, DatasetPlace, DatasetUseFacts
from weighbridge.model.finding import (
    Conclusion,
    Finding,
    Location,
    Outcome,
    conclude,
    not_applicable,
    not_collected,
)
from weighbridge.model.rule import Case

_HUB_PAGES = re.compile(
    r"(?:hf://|(?<![\w.-])(?:www\.)?(?:huggingface\.co|hf\.co|hf-mirror\.com)/+)datasets/"
    r"([\w.-]{1,96}(?:/(?!(?:tree|blob|resolve|raw|viewer|discussions)\b)[\w.-]{1,96})?)",
    re.I,
)
_REMEDIES = {
    "card": "Repair the front matter of the model card, and name each dataset by its id.",
    "record": "Repair the record so that it is valid YAML of the documented shape.",
    "config": "Write the dataset's id and revision as plain text in the configuration.",
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


def judge_each(
    case: Case, judge: Callable[[Dataset, Datasets], Iterable[Finding]], note: str
) -> Conclusion:
    """One rule over every dataset, with what could not be read before it.

    Args:
        case: what the rule may look at.
        judge: the findings about one dataset, given all of them.
        note: what holds of each dataset where nothing was found: ``each cited``.
    """
    found = datasets(case)
    digests = [evidence.digest for evidence in found.everything]
    if not found.everything:
        return conclude([not_collected("datasets")], digests)
    findings = [_unread_place(evidence) for evidence in found.unread]
    for dataset in found.known:
        findings += judge(dataset, found)
    if not findings and not found.known:
        return not_applicable("The model card and the code name no dataset.", digests)
    return conclude(findings, digests, note=f"Datasets, {note}: {len(found.known)}.")


def no_entry(dataset: Dataset, found: Datasets, what: str, remedy: str) -> Finding:
    """A dataset that has no record, or one without ``what``; ``remedy`` names the missing key."""
    facts = dataset.facts
    has = f"has a record without {what}" if facts["recorded_in"] else "has no record"
    return Finding(
        found.gap(),
        f"The dataset '{facts['id']}', {dataset.places}, {has}.",
        f"Give '{facts['id']}' {remedy} in datasets.yaml.",
        dataset.location,
        key=facts["id"],
        evidence=(dataset.evidence.digest,),
    )


def other_dataset(text: str, dataset: str) -> str:
    """The dataset of the Hub that addresses in a text lead to, where none leads to ``dataset``.

    A citation that holds only the page of another dataset is that one's citation.
    """
    named = [match.group(1).removesuffix(".git") for match in _HUB_PAGES.finditer(text)]
    if any(name.lower() == dataset.lower() for name in named):
        return ""
    return next(iter(named), "")


def _unread_place(evidence: Evidence) -> Finding:
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
