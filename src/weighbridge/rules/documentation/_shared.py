"""What the rules on documentation have in common: the evidence, and topics that must be written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from weighbridge.model.documentation import PRESETS, TOPICS, Topic, topics
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.documentation import CardFacts, SectionFacts
from weighbridge.model.finding import (
    Conclusion,
    Finding,
    Location,
    Outcome,
    conclude,
    not_collected,
)
from weighbridge.model.rule import Case, Param

CARD, PROMPTS = "card", "prompts"

MIN_WORDS = Param(
    "min_words",
    3,
    "how many words a section must have; placeholders and labels without a value are not counted",
    stricter="higher",
)


@dataclass(frozen=True, slots=True)
class Documents:
    """The evidence about the card and the documents beside it.

    ``facts`` is None where there is neither. ``gap`` says what was not read, empty where all was:
    what looks missing may then stand there.
    """

    evidence: Evidence
    facts: CardFacts | None
    gap: str

    @property
    def outcome(self) -> Outcome:
        """What something missing amounts to."""
        return Outcome.UNKNOWN if self.gap else Outcome.FAIL

    @property
    def place(self) -> Location | None:
        """The card, where there is one."""
        return Location(self.facts["card"]) if self.facts and self.facts["card"] else None


def documents(case: Case) -> Documents | None:
    """The evidence; None where none was collected."""
    for evidence in case.of(EvidenceKind.DOCUMENTATION):
        if evidence.about != CARD:
            continue
        facts = cast(CardFacts, evidence.data) if evidence.data else None
        gap = evidence.reason if evidence.state is EvidenceState.UNAVAILABLE else ""
        if facts and facts["unread"] and not gap:
            gap = facts["unread"][0]
        return Documents(evidence, facts, gap)
    return None


def require_param(default: tuple[str, ...]) -> Param:
    """The parameter that names topics and presets."""
    return Param(
        "require",
        default,
        f"what must be written about: presets ({', '.join(PRESETS)}) and single topics "
        f"({', '.join(topic.id for topic in TOPICS)})",
        stricter="more",
    )


def judge_topics(case: Case) -> Conclusion:
    """Whether every topic that the policy asks for is written about."""
    found = documents(case)
    if found is None:
        return conclude([not_collected("documents")], [])
    digests = [found.evidence.digest]
    try:
        wanted = topics(case.texts("require"))
    except KeyError as error:
        # a misspelled name must not make the question go away
        return conclude([_no_such_topic(str(error.args[0]))], digests)
    if found.facts is None:
        return conclude([_no_card(found, wanted)] if wanted else [], digests)
    least = case.integer("min_words")
    missing = [
        _missing(found, found.facts, topic)
        for topic in wanted
        if not _written(found.facts, topic.id, least)
    ]
    return conclude(missing, digests, note=f"Topics asked for, and written about: {len(wanted)}.")


def _written(facts: CardFacts, topic: str, least: int) -> bool:
    """Results in ``model-index`` are an evaluation, and amounts of carbon an impact."""
    if topic == "evaluation" and facts["evaluations"]:
        return True
    if topic == "environmental-impact" and any(one["amount"] for one in facts["energy"]):
        return True
    return any(one["topic"] == topic and one["words"] >= least for one in facts["sections"])


def _missing(found: Documents, facts: CardFacts, topic: Topic) -> Finding:
    begun = [one for one in facts["sections"] if one["topic"] == topic.id]
    what = _begun(topic, begun[0]) if begun else f"Nothing is written about '{topic.title}'"
    gap = f"; what could not be read may say more: {found.gap}" if found.gap else ""
    return Finding(
        found.outcome,
        f"{what}{gap}.",
        topic.write,
        Location(begun[0]["path"], line=begun[0]["line"]) if begun else found.place,
        key=topic.id,
        evidence=(found.evidence.digest,),
    )


def _begun(topic: Topic, section: SectionFacts) -> str:
    where = (
        f"'{section['heading']}' in {section['path']}" if section["heading"] else section["path"]
    )
    if section["placeholder"]:
        return f"{where} holds a placeholder and nothing about '{topic.title}'"
    if not section["words"]:
        return f"{where} is empty, so nothing is written about '{topic.title}'"
    words = "word" if section["words"] == 1 else "words"
    return f"{where} has {section['words']} {words} about '{topic.title}', too few to say anything"


def _no_card(found: Documents, wanted: Sequence[Topic]) -> Finding:
    titles = ", ".join(topic.title.lower() for topic in wanted)
    return Finding(
        Outcome.FAIL,
        "There is no model card, so nothing is written about the model.",
        f"Write a README.md with sections on: {titles}.",
        key="no-card",
        evidence=(found.evidence.digest,),
    )


def _no_such_topic(name: str) -> Finding:
    return Finding(
        Outcome.UNKNOWN,
        f"The policy requires '{name}' of the documentation, and there is no such topic or preset.",
        f"Set 'require' to some of {', '.join([*PRESETS, *(topic.id for topic in TOPICS)])}.",
        key=f"require:{name}",
    )
