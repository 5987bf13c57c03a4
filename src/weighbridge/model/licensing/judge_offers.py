"""What the subject offers: the licenses that it states, as the alternatives they leave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from weighbridge.model.licensing.judge_licenses import Reading, find
from weighbridge.model.licensing.terms import Answer as Permitted
from weighbridge.model.licensing.terms import Clause, Permission, Terms


@dataclass(frozen=True, slots=True)
class Claim:
    """One offer: licenses that hold for the subject together, all of them known."""

    reading: Reading
    terms: tuple[Terms, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """Their ids."""
        return tuple(i for one in self.terms for i in (one.id, *one.also))

    @property
    def name(self) -> str:
        """The offer, for a sentence."""
        names = " and ".join(one.name for one in self.terms)
        return f"{names} ({self.reading.said_by})"

    def clause(self, word: str) -> Clause | None:
        """A restriction or obligation of any of them."""
        for one in self.terms:
            for clause in (*one.restricts, *one.obliges):
                if clause.word == word:
                    return clause
        return None

    def has(self, *words: str) -> bool:
        """Whether one of them restricts or obliges so."""
        return any(self.clause(word) is not None for word in words)

    def refuses(self, word: Permission) -> bool:
        """Whether one of them withholds a permission."""
        found = [one.permission(word) for one in self.terms]
        return any(clause is not None and clause.answer is Permitted.NO for clause in found)


def claims(readings: tuple[Reading, ...], terms: Mapping[str, Terms]) -> tuple[Claim, ...]:
    """What the subject offers. A license whose clauses are not known is judged elsewhere."""
    offers = []
    for reading in readings:
        if reading.how == ("family",):
            continue  # that is what is known of the name, and no statement of the subject
        for branch in reading.branches:
            found = [find(symbol, terms) for symbol in branch]
            known = tuple(one for one in found if one is not None)
            if len(known) == len(found):
                offers.append(Claim(reading, known))
    return tuple(offers)
