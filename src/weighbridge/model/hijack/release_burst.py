"""Three releases or more within a day. It says little alone: a fix for three lines looks like it.

Seen in ua-parser-js (2021), ctx (2022) and lottie-player (2024).
"""

from __future__ import annotations

import bisect
import datetime as dt
from collections.abc import Iterator

from weighbridge.model.hijack.habits import nothing_to_judge, timeline, times_unknown
from weighbridge.model.hijack.view import Reading, SignalState, View, with_unmatched

SIGNAL = "release-burst"
FEWEST = 3
WITHIN = dt.timedelta(hours=24)


def read(view: View) -> Iterator[Reading]:
    """How many releases came within the day that ends with each new one."""
    yield from with_unmatched(SIGNAL, view, _read(view))


def _read(view: View) -> Iterator[Reading]:
    unread = nothing_to_judge(SIGNAL, view) or times_unknown(SIGNAL, view)
    if unread is not None:
        yield unread
        return
    times: list[dt.datetime] = []
    timeless = 0
    for release, time, judged in timeline(view):
        version = release["version"]
        if time is not None:
            bisect.insort(times, time)
        timeless += time is None
        if not judged:
            continue
        if time is None:
            said = f"does not tell when {version} was uploaded"
            yield Reading(SIGNAL, SignalState.UNAVAILABLE, said, version)
            continue
        count = bisect.bisect_right(times, time) - _first_within(times, time)
        state = SignalState.FIRED if count >= FEWEST else SignalState.CLEAR
        what = f"published {version} as number {count} within 24 hours"
        if count < FEWEST <= count + timeless:
            state = SignalState.UNAVAILABLE
            what += f" or later: {timeless} releases before it have no time"
        yield Reading(SIGNAL, state, what, version)


def _first_within(times: list[dt.datetime], time: dt.datetime) -> int:
    """Where the day that ends at a time begins; the calendar's first day has none before it."""
    try:
        return bisect.bisect_right(times, time - WITHIN)
    except OverflowError:
        return 0
