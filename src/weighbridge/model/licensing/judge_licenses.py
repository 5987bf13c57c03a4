"""Which licenses hold for a node: its statements, and the alternatives in an SPDX expression.

Annex D of the SPDX specification fixes the expressions: ``WITH`` binds before ``AND``, ``AND``
before ``OR``. Nothing here recurses, so no nesting of parentheses can exhaust the stack.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from weighbridge.model.facts.lineage import NodeFacts, NodeLicenseFacts
from weighbridge.model.licensing.terms import Terms

MAX_BRANCHES = 64  # alternatives of one expression; what people write has two or three
MAX_WORDS = 1_000

_WORD = re.compile(r"[()]|[^\s()]+")
_BINDS = {"OR": 1, "AND": 2, "WITH": 3}
_SAID_BY = {
    "declared": "as its card declares",
    "detected": "by its license file",
    "prose": "by a sentence of its card",
    "family": "known by its name",
}


@dataclass(frozen=True, slots=True, order=True)
class Symbol:
    """One license of an expression, with the exception that goes with it."""

    id: str
    exception: str = ""


Branch = tuple[Symbol, ...]  # licenses that hold together, sorted


@dataclass(frozen=True, slots=True)
class Reading:
    """What one kind of statement says of a node's license: any of ``branches`` may be chosen."""

    how: tuple[str, ...]
    branches: tuple[Branch, ...]
    first: NodeLicenseFacts

    @property
    def said_by(self) -> str:
        """Half a sentence on who says so."""
        return " and ".join(_SAID_BY[how] for how in self.how)


@dataclass(frozen=True, slots=True)
class Licenses:
    """``open`` are statements that name no license and that no other statement explains."""

    readings: tuple[Reading, ...]
    open: tuple[NodeLicenseFacts, ...]


def licenses_of(node: NodeFacts) -> Licenses:
    """The node's licenses by kind of statement: ids of one kind hold together.

    A card that says ``other`` is explained by a license file that is known, and by nothing else in
    the same card.
    """
    readings: dict[tuple[Branch, ...], Reading] = {}
    unknown: list[NodeLicenseFacts] = []
    known_kinds = {said["how"] for said in node["licenses"] if said["id"]}
    for how in ("declared", "detected", "prose", "family"):
        said = [one for one in node["licenses"] if one["how"] == how]
        named = [one for one in said if one["id"]]
        both = combined([parsed(one["id"]) for one in named])
        if named and not both:
            unknown.append(named[0])
        if both:
            before = readings.get(both)
            hows = (*before.how, how) if before else (how,)
            readings[both] = Reading(hows, both, before.first if before else named[0])
        if not known_kinds - {how}:
            unknown += [one for one in said if not one["id"]]
    return Licenses(tuple(readings.values()), tuple(unknown))


def parsed(expression: str) -> tuple[Branch, ...]:
    """The alternatives of an expression; none where it is no expression or has too many."""
    words = _WORD.findall(expression)
    if not words or len(words) > MAX_WORDS:
        return ()
    values: list[tuple[Branch, ...]] = []
    waiting: list[str] = []
    after_license = False
    for word in words:
        upper = word.upper()
        if word == "(" and not after_license:
            waiting.append(word)
        elif word == ")" and after_license:
            while waiting and waiting[-1] != "(":
                _apply(waiting.pop(), values)
            if not waiting:
                return ()
            waiting.pop()
        elif upper in _BINDS and after_license:
            while waiting and _BINDS.get(waiting[-1], 0) >= _BINDS[upper]:
                _apply(waiting.pop(), values)
            waiting.append(upper)
            after_license = False
        elif upper not in _BINDS and word not in "()" and not after_license:
            values.append(((Symbol(word),),))
            after_license = True
        else:
            return ()
    if not after_license or "(" in waiting:
        return ()
    while waiting:
        _apply(waiting.pop(), values)
    return values[0]


def combined(several: Sequence[tuple[Branch, ...]]) -> tuple[Branch, ...]:
    """Expressions that hold together, as one; none where one of them is none."""
    if not several:
        return ()
    whole = several[0]
    for one in several[1:]:
        whole = _both(whole, one)
    return whole


def by_any_id(terms: Iterable[Terms]) -> dict[str, Terms]:
    """Terms by their id, and by the ids that have the same terms."""
    table: dict[str, Terms] = {}
    for one in terms:
        for other in one.also:
            table.setdefault(other, one)
    table.update({one.id: one for one in terms})
    return table


def find(symbol: Symbol, terms: Mapping[str, Terms]) -> Terms | None:
    """The terms of a license, those with its exception before those without."""
    return terms.get(f"{symbol.id} WITH {symbol.exception}") or terms.get(symbol.id)


def _apply(word: str, values: list[tuple[Branch, ...]]) -> None:
    """An operator on the two newest values. An empty value is one that had too many branches."""
    right = values.pop()
    left = values.pop()
    if word == "WITH":
        lone = len(left) == len(right) == 1 and len(left[0]) == len(right[0]) == 1
        values.append(((Symbol(left[0][0].id, right[0][0].id),),) if lone else ())
    elif word == "AND":
        values.append(_both(left, right))
    elif not left or not right or len(left) + len(right) > MAX_BRANCHES:
        values.append(())
    else:
        values.append(tuple(dict.fromkeys((*left, *right))))


def _both(left: tuple[Branch, ...], right: tuple[Branch, ...]) -> tuple[Branch, ...]:
    if not left or not right or len(left) * len(right) > MAX_BRANCHES:
        return ()
    pairs = (tuple(sorted({*one, *other})) for one in left for other in right)
    return tuple(dict.fromkeys(pairs))
