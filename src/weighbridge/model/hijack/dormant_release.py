"""A release after a long silence. It says little alone: 2.6 % of benign releases are like that.

Seen in ctx (2022): eight years, then a release by whoever had registered the owner's mail domain.
"""

from __future__ import annotations

import datetime as dt
import itertools
import statistics
from collections.abc import Iterator

from weighbridge.model.facts.project import ReleaseFacts
from weighbridge.model.hijack.habits import (
    accepted_times,
    nothing_to_judge,
    timeline,
    times_unknown,
)
from weighbridge.model.hijack.view import Reading, SignalState, View, with_unmatched

SIGNAL = "dormant-release"
DAYS = 180
TIMES_MEDIAN = 5
FEWEST = 3
"""Fewer earlier releases have no median gap worth the name."""


def read(view: View) -> Iterator[Reading]:
    """The gap before each new release against the median gap of those that can be believed."""
    yield from with_unmatched(SIGNAL, view, _read(view))


def _read(view: View) -> Iterator[Reading]:
    unread = nothing_to_judge(SIGNAL, view) or times_unknown(SIGNAL, view)
    if unread is not None:
        yield unread
        return
    latest: dt.datetime | None = None  # of the releases before this one in the service's order
    for release, time, judged in timeline(view):
        if judged:
            yield _judge(view, release, time, latest)
        if time is not None and (latest is None or time > latest):
            latest = time


def _judge(
    view: View, release: ReleaseFacts, time: dt.datetime | None, latest: dt.datetime | None
) -> Reading:
    version = release["version"]
    if time is None:
        said = f"does not tell when {version} was uploaded"
        return Reading(SIGNAL, SignalState.UNAVAILABLE, said, version)
    accepted = accepted_times(view, release)
    earlier = [r for r in view.earlier(release) if r["version"] != version]
    if len(accepted) < FEWEST <= len(earlier):
        said = f"does not tell when the releases before {version} were uploaded"
        return Reading(SIGNAL, SignalState.UNAVAILABLE, said, version)
    if len(accepted) < FEWEST:
        said = f"had fewer than {FEWEST} releases before {version}, too few for a habit"
        return Reading(SIGNAL, SignalState.NOT_APPLICABLE, said, version)
    before = [one for one in accepted if one <= time]
    if latest is not None and latest <= time:
        before.append(latest)
    if not before:
        said = f"uploaded {version} before the releases that it is compared with"
        return Reading(SIGNAL, SignalState.NOT_APPLICABLE, said, version)
    gap = time - max(before)
    gaps = [(late - early).total_seconds() for early, late in itertools.pairwise(accepted)]
    median = dt.timedelta(seconds=statistics.median(gaps))
    shown = f"{gap.days} days after the release before it (the median gap is {median.days} days)"
    if gap > dt.timedelta(days=DAYS) and gap > TIMES_MEDIAN * median:
        if len(accepted) < len(earlier):
            said = f"published {version} {shown}, or less: not all releases before it have a time"
            return Reading(SIGNAL, SignalState.UNAVAILABLE, said, version)
        return Reading(SIGNAL, SignalState.FIRED, f"published {version} {shown}", version)
    return Reading(SIGNAL, SignalState.CLEAR, f"published {version} {shown}", version)
