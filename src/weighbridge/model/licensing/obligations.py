"""What a release must fulfill: the obligations that the licenses of its ancestors carry along.

What of an ancestor is in the release decides (:mod:`weighbridge.model.licensing.judge_reach`):

- its weights, changed on the way or not, and what is shipped along: whatever its license obliges;
- its outputs: what the license carries to models trained on them;
- its data: of a data license attribution and notices at most, and where it does not speak of
  models, that a model owes even these is unsettled: the basis says so;
- nothing, where it was only measured with; of code that is needed and not shipped its source.

The model's own license is left out: nobody owes a notice to themselves.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from weighbridge.model.facts.lineage import NodeFacts
from weighbridge.model.facts.model import PlaceFacts
from weighbridge.model.licensing.graph import Lineage
from weighbridge.model.licensing.judge_licenses import Symbol, find, licenses_of
from weighbridge.model.licensing.judge_reach import Reach, Reached, walk, weakest
from weighbridge.model.licensing.terms import Basis, Clause, Mode, Scope, Terms
from weighbridge.model.licensing.terms import Obligation as Word
from weighbridge.model.licensing.use import Activity, Use

_STRONGEST_FIRST = tuple(Basis)
_GIVEN_AWAY = frozenset({Activity.WEIGHTS, Activity.APPLICATION})


class Part(enum.StrEnum):
    """What of an ancestor is in the release. All but the last are a :class:`~terms.Scope`."""

    COPY = "copy"
    MODIFIED = "modified"
    OUTPUTS = "distilled-from-outputs"
    DATA = "trained-on"
    LINKED = "linked"  # nothing, and it is needed to run


_PARTS = {
    Reach.OUTPUTS: Part.OUTPUTS,
    Reach.DATA: Part.DATA,
    Reach.BUNDLED: Part.COPY,
    Reach.LINKED: Part.LINKED,
}
_EVERY = frozenset(Word)
_CARRIED = {
    Part.COPY: _EVERY - {Word.NAME_PREFIX, Word.STATE_CHANGES},  # nothing was made or changed
    Part.MODIFIED: _EVERY,
    Part.OUTPUTS: _EVERY,
    Part.DATA: frozenset({Word.ATTRIBUTION, Word.NOTICE_SENTENCE}),
    Part.LINKED: frozenset({Word.SOURCE, Word.NETWORK_SOURCE}),
}
_TELL_LICENSE = frozenset({Part.COPY, Part.MODIFIED, Part.OUTPUTS})


class Due(enum.StrEnum):
    """Whether the stated use brings the obligation about."""

    NOW = "now"
    ON_RELEASE = "on-release"  # no activity is stated; it would be due once others get the model


@dataclass(frozen=True, slots=True)
class Source:
    """One ancestor that an obligation comes from.

    ``path`` is the way to it in one line; ``place`` where the first step of it was read, a file of
    the subject.
    """

    key: str
    id: str
    kind: str
    part: Part
    path: str
    place: PlaceFacts


@dataclass(frozen=True, slots=True)
class Obligation:
    """One thing a release must do; the same from several ancestors is one.

    ``license``, ``license_name``, ``license_kind``: whose clause; ``also``: ids of the same terms;
    ``where``, ``text``: its place; ``text_sha256``, ``text_source``: that document. ``basis``: the
    weakest of what it rests on. ``value``: as the word defines it. ``either``: the ancestor offers
    this license beside another, so the duty may fall away. ``depends``: what else is not known,
    half a sentence.
    """

    word: Word
    license: str
    license_name: str
    license_kind: str
    also: tuple[str, ...]
    value: str
    where: str
    text: str
    text_sha256: str
    text_source: str
    basis: Basis
    due: Due
    activities: tuple[Activity, ...]
    sources: tuple[Source, ...]
    either: bool = False
    depends: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Untold:
    """An ancestor in the release of which it is not known what its license demands."""

    source: Source
    reason: str


@dataclass(frozen=True, slots=True)
class Demands:
    """All of it. ``ancestors``: how many reach the release."""

    obligations: tuple[Obligation, ...]
    untold: tuple[Untold, ...]
    ancestors: int


def demands(lineage: Lineage, terms: Mapping[str, Terms], use: Use) -> Demands:
    """What the ancestors' licenses demand of a release for a use.

    Where the use states no activity, every duty that giving the model to others would bring about
    comes as ``on-release``: it is neither assumed nor forgotten.

    Args:
        lineage: the graph.
        terms: by every id under which the lineage names a license.
        use: the stated use.
    """
    found = _Merging()
    untold: dict[str, Untold] = {}
    ancestors: set[str] = set()
    for reached in walk(lineage):
        part = _part(reached)
        if part is None:
            continue
        source = _source(reached, part)
        if part is not Part.LINKED:
            ancestors.add(source.key)
        held = _holding(reached.node)
        if not held and part in _TELL_LICENSE:
            untold.setdefault(source.key, Untold(source, _why_none(reached.node)))
        for symbol, either in held.items():
            named = find(symbol, terms)
            if named is not None:
                for duty in _of(named, reached, source, use):
                    depends = f"the exception {symbol.exception} may lift it" * bool(
                        symbol.exception
                    )
                    found.add(replace(duty, either=either, depends=duty.depends or depends))
            elif part in _TELL_LICENSE:
                why = f"the terms of {symbol.id} are not known"
                untold.setdefault(source.key, Untold(source, why))
    return Demands(found.merged(), tuple(untold.values()), len(ancestors))


def _part(reached: Reached) -> Part | None:
    """What of an ancestor is in the release; none where nothing is that a license holds on to."""
    if reached.reach is Reach.WHOLE:
        return Part.MODIFIED if reached.modified else Part.COPY
    return _PARTS.get(reached.reach)


def _holding(node: NodeFacts) -> dict[Symbol, bool]:
    """The licenses of a node by its best statements, and whether another may be chosen instead.

    What the node itself says goes before what its family is known for, and that before prose.
    """
    readings = licenses_of(node).readings
    for hows in ({"declared", "detected"}, {"family"}, {"prose"}):
        best = [reading for reading in readings if hows.intersection(reading.how)]
        if best:
            return {
                symbol: any(symbol not in branch for branch in reading.branches)
                for reading in best
                for branch in reading.branches
                for symbol in branch
            }
    return {}


def _why_none(node: NodeFacts) -> str:
    if node["why"]:
        return f"its license is not known: {node['why']}"
    raw = ", ".join(f"'{said['raw']}'" for said in node["licenses"] if said["raw"])
    return f"its license is not known; stated is {raw}" if raw else "its license is not known"


def _source(reached: Reached, part: Part) -> Source:
    node, path = reached.node, reached.path
    return Source(node["key"], node["id"], node["kind"], part, path.text(), path.edges[0]["place"])


def _of(terms: Terms, reached: Reached, source: Source, use: Use) -> Iterator[Obligation]:
    """The duties of one license that come along to the release."""
    basis, carried = _reaching(terms, source.part)
    for clause in terms.obliges:
        if clause.word not in carried:
            continue
        activities = _activities(clause, terms, use)
        multimodal = _kind_fits(clause, reached.node)
        if not activities or multimodal is False:
            continue
        document = terms.text(clause.text)
        yield Obligation(
            word=Word(clause.word),
            license=terms.id,
            license_name=terms.name,
            license_kind=terms.kind,
            also=terms.also,
            value=clause.value,
            where=clause.where,
            text=clause.text,
            text_sha256=document.sha256 if document else "",
            text_source=document.source if document else "",
            basis=weakest(basis, clause.basis, reached.basis),
            due=Due.NOW if use.activities else Due.ON_RELEASE,
            activities=activities,
            sources=(source,),
            depends="" if multimodal else f"it is meant for {' and '.join(clause.models)} models",
            note=clause.note,
        )


def _reaching(terms: Terms, part: Part) -> tuple[Basis, frozenset[Word]]:
    """On what it rests that the license reaches there, and the words that come along.

    The ``value`` of a clause on propagation names the obligations that go with it, where not all do
    (Llama 3.1 wants the name prefix and no badge of a model that was only trained on outputs).
    Where it names none for such a model, which ones are meant is not settled here.
    """
    every = _CARRIED[part]
    if part is Part.LINKED:
        return Basis.TEXT, every
    clause = terms.reach(Scope(part.value))
    if clause is None:
        # Copying is what the obligations are about. Of outputs most licenses say nothing.
        if part is Part.OUTPUTS:
            return Basis.UNSETTLED, frozenset()
        return (Basis.TEXT if part is Part.COPY else Basis.UNSETTLED), every
    if clause.mode is Mode.NONE:
        return clause.basis, frozenset()
    named = every.intersection(clause.value.split())
    if part is Part.OUTPUTS and not named:
        return Basis.UNSETTLED, every
    return clause.basis, named or every


def _activities(clause: Clause, terms: Terms, use: Use) -> tuple[Activity, ...]:
    """The activities that bring the duty about: of those stated, or of all."""
    asked = use.activities or frozenset(Activity)
    return tuple(a for a in Activity if a in asked and _triggers(a, clause, terms))


def _triggers(activity: Activity, clause: Clause, terms: Terms) -> bool:
    """Whether an activity is one; a clause without any is about giving the work to others."""
    if clause.uses:
        return activity.value in clause.uses
    if clause.word == Word.REGISTER:
        return True
    if clause.word == Word.NETWORK_SOURCE:
        return activity is Activity.SERVICE
    if activity is Activity.SERVICE:
        hosted = terms.reach(Scope.HOSTED)
        if hosted is None or hosted.mode in (Mode.NONE, None):
            return False
        return not hosted.value or clause.word in hosted.value.split()
    return activity in _GIVEN_AWAY


def _kind_fits(clause: Clause, node: NodeFacts) -> bool | None:
    """Whether the clause is for this kind of model; none where that is not known."""
    return node["multimodal"] if "multimodal" in clause.models else not clause.models or None


class _Merging:
    """The same duty from several ancestors, made one. A graph may have thousands of them."""

    def __init__(self) -> None:
        self.duties: dict[tuple[str, ...], Obligation] = {}
        self.sources: dict[tuple[str, ...], dict[str, Source]] = {}

    def add(self, duty: Obligation) -> None:
        key = (duty.license, duty.where, duty.word.value, duty.value, duty.text)
        before = self.duties.setdefault(key, duty)
        for source in duty.sources:
            self.sources.setdefault(key, {}).setdefault(source.key, source)
        if before is not duty:
            self.duties[key] = replace(
                before,
                basis=min(before.basis, duty.basis, key=_STRONGEST_FIRST.index),
                either=before.either and duty.either,
                depends=before.depends and duty.depends,
            )

    def merged(self) -> tuple[Obligation, ...]:
        """Sorted by license and clause."""
        return tuple(
            replace(self.duties[key], sources=tuple(self.sources[key].values()))
            for key in sorted(self.duties)
        )
