"""What a signal looks at: one project as it is now, and as it was when somebody accepted it.

Without an accepted state a signal can compare a release with those before it alone, and is blind to
what changed for all of them. With one, what changed stays visible however much the attacker uploads
after it.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from weighbridge.model.facts.project import ProjectFacts, ReleaseFacts


class SignalState(enum.StrEnum):
    """Four states, of which ``unavailable`` is never taken for ``clear``."""

    FIRED = "fired"
    CLEAR = "clear"
    UNAVAILABLE = "unavailable"  # nobody could be asked, or the service does not tell
    NOT_APPLICABLE = "not_applicable"  # the question does not arise for this project


@dataclass(frozen=True, slots=True)
class Reading:
    """What one signal says of one project.

    ``what`` is a clause that completes "<project> …" (``has a new owner, bob``), for a reader who
    sees nothing else; ``release`` is the version it is about, empty for the project as a whole;
    ``key`` tells it from the signal's other readings of this project.
    """

    signal: str
    state: SignalState
    what: str
    release: str = ""
    key: str = ""


class _Kept:
    """Keeps the releases to judge once they are found: every signal asks for them."""

    __slots__ = ("_fresh",)
    _fresh: tuple[ReleaseFacts, ...]


@dataclass(frozen=True, slots=True)
class View(_Kept):
    """One project, now and as accepted; ``before`` is None where nothing was accepted of it."""

    now: ProjectFacts
    before: ProjectFacts | None
    as_of: dt.date

    def fresh(self) -> tuple[ReleaseFacts, ...]:
        """The releases to judge, oldest first: those that the accepted state does not know.

        One that has files which it had not when it was accepted is judged again: an index lets its
        owners add files to old versions. Without an accepted state: the one in use, or the newest
        where none is named. Yanked ones count: they were there to be installed.
        """
        if not hasattr(self, "_fresh"):
            object.__setattr__(self, "_fresh", self._found())
        return self._fresh

    def _found(self) -> tuple[ReleaseFacts, ...]:
        releases = self.now["releases"] or ()
        if self.before is not None and self.before["releases"] is not None:
            known = {r["version"]: frozenset(r["sha256"]) for r in self.before["releases"]}
            return tuple(r for r in releases if _added(r, known))
        used = [r for r in releases if r["version"] == self.now["release"]]
        return tuple(used or releases[-1:])

    def earlier(self, release: ReleaseFacts) -> tuple[ReleaseFacts, ...]:
        """The releases that were there before one and can be believed: accepted ones, if any were.

        A release that nobody accepted yet never excuses the next one.
        """
        if self.before is not None and self.before["releases"] is not None:
            return tuple(self.before["releases"])
        releases = tuple(self.now["releases"] or ())
        return releases[: releases.index(release)] if release in releases else releases

    def unmatched(self) -> str:
        """Why it cannot be said which releases are new, a clause; empty where it can be said.

        An index that no longer tells the digests of files hides one that was added. A commit's id
        stands for its files by itself.
        """
        if self.before is None:
            return ""
        if self.before["releases"] is None:
            return "was accepted while nobody told its releases, so none of them was accepted"
        if self.now["system"] in ("huggingface", "github"):
            return ""
        told = {r["version"]: bool(r["sha256"]) for r in self.before["releases"]}
        for release in self.now["releases"] or ():
            told_now = bool(release["sha256"])
            if told.get(release["version"], told_now) != told_now:
                return "does not tell whether accepted releases have files that were added since"
        return ""


def with_unmatched(signal: str, view: View, readings: Iterable[Reading]) -> Iterator[Reading]:
    """A signal's readings of releases; never clear alone where it is not known which are new."""
    asked = False
    for reading in readings:
        asked |= reading.state is SignalState.CLEAR
        yield reading
    if asked and (why := view.unmatched()):
        yield Reading(signal, SignalState.UNAVAILABLE, why, key="unmatched")


def _added(release: ReleaseFacts, known: dict[str, frozenset[str]]) -> bool:
    """Whether a release or one of its files is not known; files are not told everywhere."""
    files = known.get(release["version"])
    return files is None or (bool(files) and not files.issuperset(release["sha256"]))


def moment(text: str) -> dt.datetime | None:
    """A time of the facts; None where it is empty or cannot be read."""
    try:
        found = dt.datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)
