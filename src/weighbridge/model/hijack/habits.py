"""What the signals on releases share: lines of versions, habits, and times that can be believed.

A habit is judged by a Beta-binomial with Jeffreys' prior: where a project did a thing ``n`` times
running, that it does not the next time has the probability ``0.5 / (n + 1)``. One attested release
and then none (a maintainer who uploaded by hand) is no break; fifty and then none is one.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Callable, Sequence

from weighbridge.model.facts.project import ReleaseFacts
from weighbridge.model.hijack.view import Reading, SignalState, View, moment

BREAK = 0.05
"""A break of habit less probable than this fires: after nine times running, or ten with luck."""

_LINE = re.compile(r"[vV]?(?:([0-9]{1,9})!)?([0-9]{1,9})(?![0-9A-Za-z])")
_NEWEST = (2**31, 0)

# The same few hundred times and versions are read again for every release that is judged.
time_of = functools.lru_cache(maxsize=8192)(moment)


@functools.lru_cache(maxsize=8192)
def line(version: str) -> tuple[int, int]:
    """Epoch and major number of a version (PEP 440, SemVer).

    One that has none stands above all others, so that it is compared with all of them.
    """
    found = _LINE.match(version)
    return (int(found[1] or 0), int(found[2])) if found else _NEWEST


def broken(kept: Sequence[bool]) -> float:
    """How probable it is that the next one breaks the habit; ``kept`` is oldest first.

    The smaller of two estimates: out of all of them, and out of those since the last break, for a
    project that took up the habit late.
    """
    running = 0
    for one in reversed(kept):
        if not one:
            break
        running += 1
    overall = (len(kept) - sum(kept) + 0.5) / (len(kept) + 1)
    return min(overall, 0.5 / (running + 1))


def percent(chance: float) -> str:
    """A probability for a reader."""
    return f"{100 * chance:.1f} %"


def on_line(
    view: View, release: ReleaseFacts, kept: Callable[[ReleaseFacts], bool | None]
) -> list[bool] | None:
    """The habit on a release's major line, continued downward; None where nobody tells.

    A line of its own does not begin without habits: the lines below it come first. Those above it
    say nothing of it, since fixes for old lines are published as they were when the line was young.
    Where the newest line below has other habits than the one before, the newest counts.
    """
    mine = line(release["version"])
    told = [
        (line(one["version"]), answer)
        for one in view.earlier(release)
        if one["version"] != release["version"]
        and line(one["version"]) <= mine
        and (answer := kept(one)) is not None
    ]
    if not told:
        known = any(line(one["version"]) <= mine for one in view.earlier(release))
        return None if known else []
    newest = max(at for at, _ in told)
    if not all(answer for at, answer in told if at == newest):
        return [answer for at, answer in told if at == newest]
    return [answer for _, answer in sorted(told, key=lambda pair: pair[0])]


def nothing_to_judge(signal: str, view: View) -> Reading | None:
    """The reading where there is no release to judge; None where there is one."""
    releases = view.now["releases"]
    if releases is None:
        return Reading(signal, SignalState.UNAVAILABLE, "does not tell what it released")
    if not releases:
        return Reading(signal, SignalState.NOT_APPLICABLE, "has released nothing")
    if not view.fresh():
        return Reading(signal, SignalState.CLEAR, "has no release that was not accepted before")
    return None


def untold(signal: str, view: View, release: ReleaseFacts, what: str) -> Reading:
    """A release of which the service does not tell something: not applicable where none could."""
    version = release["version"]
    if view.now["system"] in ("huggingface", "github"):
        said = f"is no package of an index, and {what} is not asked of it"
        return Reading(signal, SignalState.NOT_APPLICABLE, said, version)
    return Reading(signal, SignalState.UNAVAILABLE, f"does not tell {what}", version)


def times_unknown(signal: str, view: View) -> Reading | None:
    """The reading where the times of releases cannot be believed; None where they can."""
    if view.now["system"] == "huggingface":
        said = "is a repository of a Hub, where the times of commits are what the committer says"
        return Reading(signal, SignalState.NOT_APPLICABLE, said)
    if view.now["order"] == "mirror":
        said = "was read from a mirror, whose times follow when it copied the releases"
        return Reading(signal, SignalState.UNAVAILABLE, said)
    if view.now["order"] != "upload":
        said = "has releases of which nobody vouches for the times"
        return Reading(signal, SignalState.UNAVAILABLE, said)
    if view.before is not None and view.before["releases"] and view.before["order"] != "upload":
        said = "was accepted with times of releases that cannot be believed"
        return Reading(signal, SignalState.UNAVAILABLE, said)
    return None


def timeline(view: View) -> list[tuple[ReleaseFacts, dt.datetime | None, bool]]:
    """Each release in the service's order with its time, and whether it is to be judged."""
    fresh = {id(release) for release in view.fresh()}
    return [(r, time_of(r["uploaded"]), id(r) in fresh) for r in view.now["releases"] or ()]


def accepted_times(view: View, release: ReleaseFacts) -> list[dt.datetime]:
    """When the earlier releases that can be believed were uploaded, oldest first."""
    times = (time_of(r["uploaded"]) for r in view.earlier(release) if not _same(r, release))
    return sorted(time for time in times if time is not None)


def _same(one: ReleaseFacts, other: ReleaseFacts) -> bool:
    return one["version"] == other["version"]
