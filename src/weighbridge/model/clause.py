"""One paragraph of a law, standard or framework, and which rules evidence it how strongly."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass

from weighbridge.model.policy import ParamValue


class LegalStatus(enum.StrEnum):
    """What the clause is, apart from any date."""

    IN_FORCE = "in_force"
    DEFERRED = "deferred"
    SUSPENDED = "suspended"
    REPEALED = "repealed"
    VOLUNTARY = "voluntary"
    DISPUTED = "disputed"


class Strength(enum.StrEnum):
    """``full``: the rule's result on the subject is what the clause asks."""

    FULL = "full"
    PARTIAL = "partial"
    SUPPORTING = "supporting"


class Operator(enum.StrEnum):
    """How a guard compares a rule's parameter with its value."""

    EQ = "eq"
    GTE = "gte"
    LTE = "lte"
    SUBSET = "subset"
    SUPERSET = "superset"


@dataclass(frozen=True, slots=True)
class Guard:
    """A condition on a rule's parameter. A policy that loosens it breaks the link to the clause."""

    param: str
    operator: Operator
    value: ParamValue

    def holds(self, actual: ParamValue) -> bool:
        """Whether a parameter's value satisfies the guard. Values of another type never do."""
        if self.operator is Operator.EQ:
            return actual == self.value
        if isinstance(actual, int) and isinstance(self.value, int):
            if self.operator is Operator.GTE:
                return actual >= self.value
            if self.operator is Operator.LTE:
                return actual <= self.value
        if isinstance(actual, tuple) and isinstance(self.value, tuple):
            if self.operator is Operator.SUBSET:
                return set(actual) <= set(self.value)
            if self.operator is Operator.SUPERSET:
                return set(actual) >= set(self.value)
        return False


@dataclass(frozen=True, slots=True)
class ClauseLink:
    """``residue``: what stays open even when the rule passes, in one sentence."""

    rule: str
    strength: Strength
    residue: str
    guards: tuple[Guard, ...] = ()


@dataclass(frozen=True, slots=True)
class Applicability:
    """From when the clause applies, for one case (``Annex III systems``); empty for every case."""

    case: str
    applies_from: dt.date


class Standing(enum.StrEnum):
    """How a clause stands on a given day."""

    APPLIES = "applies"
    PARTLY = "applies in some cases"
    NOT_YET = "not yet"
    SUSPENDED = "suspended"
    REPEALED = "repealed"
    VOLUNTARY = "voluntary"
    DISPUTED = "disputed"


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause. ``id`` is how the text itself numbers it (``Art. 15(5)``).

    ``verified`` is false where any part of the row rests on memory: it prints so. ``verified_on``
    is the day the row was compared with ``verified_against``, None where it never was.
    """

    framework: str
    version: str
    id: str
    title: str
    paraphrase: str
    legal_status: LegalStatus
    applies: tuple[Applicability, ...]
    verified: bool
    verified_on: dt.date | None
    verified_against: str
    superseded_by: str = ""
    note: str = ""
    links: tuple[ClauseLink, ...] = ()
    broken: tuple[ClauseLink, ...] = ()  # lost: the policy loosens a parameter past a guard

    @property
    def key(self) -> str:
        """``EU-AIA Art. 15(5)``: unique over all frameworks and versions shipped."""
        return f"{self.framework} {self.id}"

    def standing(self, day: dt.date) -> Standing:
        """How the clause stands on a day."""
        fixed = {
            LegalStatus.SUSPENDED: Standing.SUSPENDED,
            LegalStatus.REPEALED: Standing.REPEALED,
            LegalStatus.DISPUTED: Standing.DISPUTED,
            LegalStatus.VOLUNTARY: Standing.VOLUNTARY,
        }.get(self.legal_status)
        if fixed is not None:
            return fixed
        begun = [case.applies_from <= day for case in self.applies]
        if all(begun):
            return Standing.APPLIES
        return Standing.PARTLY if any(begun) else Standing.NOT_YET
