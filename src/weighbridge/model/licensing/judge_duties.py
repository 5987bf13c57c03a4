"""Obligations of :mod:`weighbridge.model.licensing.obligations` as verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from weighbridge.model.licensing.graph import Lineage
from weighbridge.model.licensing.judge_reach import Reached
from weighbridge.model.licensing.obligations import Due, Obligation, demands
from weighbridge.model.licensing.terms import Obligation as Word
from weighbridge.model.licensing.terms import Terms
from weighbridge.model.licensing.use import Use
from weighbridge.model.licensing.verdict import Answer, Verdict

# word -> what the license asks for, and what to do about it
_DUTIES = {
    Word.LICENSE_COPY: (
        "asks that a copy of its text goes along",
        "Put the license's text into the folder.",
    ),
    Word.COPYRIGHT_NOTICE: (
        "asks that its copyright notices are kept",
        "Keep the notices of the files that were taken over.",
    ),
    Word.NOTICE_SENTENCE: (
        "asks for a sentence in the NOTICE file",
        "Write the sentence into NOTICE",
    ),
    Word.STATE_CHANGES: (
        "asks that changes are stated",
        "Say in the card or in NOTICE that the files were changed, and how.",
    ),
    Word.SOURCE: ("asks for the source", "Offer the corresponding source."),
    Word.NETWORK_SOURCE: (
        "asks for the source to be offered to those who use it over a network",
        "Offer the corresponding source to the users of the service.",
    ),
    Word.BADGE: ("asks for a line that is shown", "Show the line"),
    Word.NAME_PREFIX: ("asks for a name that begins as it says", "Begin the model's name so"),
    Word.REGISTER: ("asks to register with the licensor", "Register with the licensor."),
    Word.ATTRIBUTION: ("asks for attribution", "Name the authors and the license."),
    Word.USE_POLICY_FLOW_DOWN: (
        "asks that its use restrictions are passed on and bind those who receive the model",
        "Pass the restrictions on in the license, and put the use policy into the folder.",
    ),
}


def duties(
    lineage: Lineage, terms: Mapping[str, Terms], use: Use, everything: Iterable[Reached]
) -> Iterator[Verdict]:
    """One verdict an obligation, at the nearest ancestor that brings it.

    An obligation whose trigger was not stated comes all the same, with ``asks``.

    Args:
        lineage: the graph.
        terms: by every id under which the lineage names a license.
        use: the stated use.
        everything: what the walk of the lineage gave.
    """
    ways = {(reached.node["key"], reached.path.text()): reached for reached in everything}
    for duty in demands(lineage, terms, use).obligations:
        source = duty.sources[0]
        reached = ways[(source.key, source.path)]
        says, remedy = _DUTIES[duty.word]
        yield Verdict(
            answer=Answer.OBLIGATION,
            node=source.key,
            license=duty.license,
            word=duty.word.value,
            message=f"{duty.license_name}, the license of {_named(duty)}, {says}{_where(duty)}.",
            remedy=remedy if remedy.endswith(".") else f"{remedy}: {_value(duty)}.",
            where=duty.where,
            text=duty.text,
            text_sha256=duty.text_sha256,
            basis=duty.basis,
            path=source.path,
            steps=reached.steps,
            value=duty.value,
            asks=("activities",) if duty.due is Due.ON_RELEASE else (),
            path_file=source.place["path"],
            line=source.place["line"],
        )


def _named(duty: Obligation) -> str:
    """The ancestors, the first by name."""
    first, *others = duty.sources
    return f"'{first.id}' and {len(others)} more" if others else f"'{first.id}'"


def _where(duty: Obligation) -> str:
    place = duty.where if duty.text == "license" else f"{duty.text}, {duty.where}".strip(", ")
    words = [f" ({place})" if place else ""]
    if duty.note:
        words.append(f": {duty.note}")
    if duty.due is Due.ON_RELEASE:
        words.append("; due once others get the model or use it")
    if duty.either:
        words.append("; unless another of the licenses it offers is chosen")
    if duty.depends:
        words.append(f"; {duty.depends}")
    return "".join(words)


def _value(duty: Obligation) -> str:
    return f"'{duty.value}'" if duty.value else "the license gives the words"
