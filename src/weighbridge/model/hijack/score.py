"""What the signals on one project amount to: points, item by item, and the reasons to stop at once.

A score belongs to a project and a release: readings on the project as a whole count for each of its
releases, and the worst release is the project's. Only what fired counts: a signal that is clear
takes no point away, and one that could not be read is listed. Pure: the same evidence and the same
parameters give the same score anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from weighbridge.model.hijack.contents import shown
from weighbridge.model.hijack.likelihood import Group, Likelihood, Signal
from weighbridge.model.hijack.signals import SIGNALS
from weighbridge.model.hijack.view import Reading, SignalState, View

WARN_POINTS = 10
"""A likelihood ratio of ten: what is seen is ten times as common with a hijack as without one."""

LONGEST = 1_000
"""Characters of a clause that are shown."""

STOPS = ("untagged-release+changed-publisher", "untagged-release+dropped-attestations")
_RECREATED = "recreated-namespace"
_COMMIT = re.compile(r"[0-9a-f]{7,64}\Z")


@dataclass(frozen=True, slots=True)
class Item:
    """One signal that fired. ``counted`` are its points in the sum, after the group's limit."""

    signal: str
    what: str
    likelihood: Likelihood
    counted: int

    def __str__(self) -> str:
        at = self.likelihood
        points = f"+{self.counted}"
        if self.counted != at.points:
            points += f" of {at.points}"
        return (
            f"{self.signal} {points} (incidents {at.incidents}/{at.incidents_judged}, benign "
            f"{at.benign}/{at.benign_judged}: {at.numerator:.4f}/{at.denominator:.5f} = "
            f"{at.ratio:.1f}; {self.what})"
        )


@dataclass(frozen=True, slots=True)
class Score:
    """The worst release's score.

    ``release`` is empty where no single one is worse than the project. ``stops`` are reasons that
    need no points. ``judged``, ``unavailable`` and ``not_applicable`` are the ids of the signals by
    what came of them; ``gaps`` are clauses on what else could not be judged.
    """

    release: str
    points: int
    items: tuple[Item, ...]
    stops: tuple[str, ...]
    judged: tuple[str, ...]
    unavailable: tuple[str, ...]
    not_applicable: tuple[str, ...]
    gaps: tuple[str, ...] = ()
    fired: tuple[str, ...] = ()  # of those that were judged, whatever the release

    @property
    def coverage(self) -> int:
        """Of the signals that apply, how many in a hundred were judged; 0 where none applies."""
        apply = len(self.judged) + len(self.unavailable)
        return 100 * len(self.judged) // apply if apply else 0


def score(
    view: View,
    *,
    warn_points: int = WARN_POINTS,
    stops: Sequence[str] = STOPS,
    revoked: Sequence[str] = (),
    signals: Sequence[Signal] = SIGNALS,
) -> Score:
    """Read every signal and add up.

    Args:
        view: the project.
        warn_points: the warning line, below which the signals on times are held.
        stops: combinations of signals, joined by ``+``, that on one release need no points.
        revoked: SHA-256 digests of files that nobody may use.
        signals: those to read.
    """
    readings = {signal.id: tuple(signal.read(view)) for signal in signals}
    states = {name: _state(found) for name, found in readings.items()}
    fired = [r for found in readings.values() for r in found if r.state is SignalState.FIRED]
    best: tuple[str, tuple[Item, ...]] = ("", ())
    found: dict[str, None] = dict.fromkeys((*_known_bad(view, fired), *_revoked(view, revoked)))
    for release in dict.fromkeys(("", *(r.release for r in fired))):
        here = [r for r in fired if r.release in ("", release)]
        items = _items(here, signals, warn_points)
        if _sum(items) > _sum(best[1]):
            best = (release, items)
        found.update(dict.fromkeys(_combined({r.signal for r in here}, stops, release)))
    return Score(
        release=best[0],
        points=_sum(best[1]),
        items=best[1],
        stops=tuple(found),
        judged=_with(states, SignalState.FIRED, SignalState.CLEAR),
        unavailable=_with(states, SignalState.UNAVAILABLE),
        not_applicable=_with(states, SignalState.NOT_APPLICABLE),
        gaps=(*_unlisted(view), *_unchecked(view, revoked)),
        fired=_with(states, SignalState.FIRED),
    )


def unknown_stops(stops: Iterable[str], signals: Sequence[Signal] = SIGNALS) -> tuple[str, ...]:
    """The combinations that can never come about: they name no signal, or one that is not there."""
    known = {signal.id for signal in signals}
    return tuple(stop for stop in stops if not _parts(stop) or _parts(stop) - known)


def _state(readings: tuple[Reading, ...]) -> SignalState:
    """A signal's state over all its readings: one that could not be made is never outvoted."""
    states = {reading.state for reading in readings}
    for state in (SignalState.FIRED, SignalState.UNAVAILABLE, SignalState.CLEAR):
        if state in states:
            return state
    return SignalState.NOT_APPLICABLE


def _items(here: list[Reading], signals: Sequence[Signal], warn_points: int) -> tuple[Item, ...]:
    """The signals that fired, in the table's order, each with what it adds to the sum."""
    said: dict[str, list[str]] = {}
    for reading in here:
        said.setdefault(reading.signal, []).append(reading.what)
    left = {Group.TIMING: max(0, warn_points - 1)}
    counts: dict[Group, str] = {}
    by_worth = sorted(
        (s for s in signals if s.id in said), key=lambda s: s.likelihood.points, reverse=True
    )
    counted = {}
    for signal in by_worth:
        if signal.group is Group.TIMING:
            counted[signal.id] = min(signal.likelihood.points, left[Group.TIMING])
            left[Group.TIMING] -= counted[signal.id]
        else:
            first = counts.setdefault(signal.group, signal.id) == signal.id
            counted[signal.id] = signal.likelihood.points if first else 0
    return tuple(
        Item(signal.id, _joined(said[signal.id]), signal.likelihood, counted[signal.id])
        for signal in signals
        if signal.id in said
    )


def _sum(items: tuple[Item, ...]) -> int:
    return sum(item.counted for item in items)


def _joined(said: list[str]) -> str:
    distinct = list(dict.fromkeys(said))
    return shown(distinct[0], LONGEST) + (
        f", and {len(distinct) - 1} more" if len(distinct) > 1 else ""
    )


def _known_bad(view: View, fired: list[Reading]) -> Iterable[str]:
    """What stops whoever shows it, whatever a policy says."""
    malicious = view.now["malicious"]
    if malicious:
        yield f"a record calls it malicious: {', '.join(malicious[:3])}"
    if view.now["status"] == "quarantined":
        yield "its service keeps it in quarantine"
    for reading in fired:
        if reading.signal == _RECREATED:
            yield reading.what


def _revoked(view: View, revoked: Sequence[str]) -> Iterable[str]:
    listed = {_plain(digest) for digest in revoked}
    if not listed:
        return
    fresh = {id(release) for release in view.fresh()}
    for release in view.now["releases"] or ():
        if release["version"] == view.now["release"] or id(release) in fresh:
            for digest in release["sha256"]:
                if _plain(digest) in listed:
                    yield f"a file of {release['version']} is revoked: {_plain(digest)}"


def _unlisted(view: View) -> Iterable[str]:
    """The release in use is none that the service lists: nobody could judge it.

    Services remove what turned out to be malicious; whoever installed it before still has it.
    """
    used, releases = _release(view.now["release"]), view.now["releases"]
    of_commits = view.now["system"] in ("huggingface", "github")
    if not used or releases is None or (of_commits and not _COMMIT.match(used)):
        return
    listed = (_release(release["version"]) for release in releases)
    if not any(one == used or (of_commits and one.startswith(used)) for one in listed):
        named = shown(view.now["release"], LONGEST)
        yield f"does not list {named}, which is in use; it may have been removed"


def _release(version: str) -> str:
    """A version as two spellings of it have it in common: ``v2.0.0`` and ``2.0`` agree."""
    plain = version.casefold().removeprefix("v").replace("-", "").replace("_", "")
    while plain.endswith(".0"):
        plain = plain.removesuffix(".0")
    return plain


def _unchecked(view: View, revoked: Sequence[str]) -> Iterable[str]:
    """Revoked digests that could not be compared with those of the release in use."""
    if not revoked:
        return
    used = [r for r in view.now["releases"] or () if r["version"] == view.now["release"]]
    judged = used or view.fresh()
    if not judged or not all(release["sha256"] for release in judged):
        yield "does not tell the digests of the release in use, which may be a revoked one"


def _combined(signals: set[str], stops: Sequence[str], release: str) -> Iterable[str]:
    for stop in stops:
        parts = _parts(stop)
        if parts and parts <= signals:
            yield f"{' and '.join(sorted(parts))} together" + f" on {release}" * bool(release)


def _parts(stop: str) -> set[str]:
    return {part.strip() for part in stop.split("+") if part.strip()}


def _plain(digest: str) -> str:
    return digest.strip().casefold().removeprefix("sha256:")


def _with(states: dict[str, SignalState], *wanted: SignalState) -> tuple[str, ...]:
    return tuple(name for name, state in states.items() if state in wanted)
