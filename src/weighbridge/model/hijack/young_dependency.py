"""A release depends on a project that it did not need before and that hardly exists yet.

Seen in event-stream (2018), whose new dependency was made for the purpose within the month, and in
axios (2026), where it was about eighteen hours old.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator

from weighbridge.model.facts.project import ReleaseFacts
from weighbridge.model.hijack.habits import nothing_to_judge, times_unknown, untold
from weighbridge.model.hijack.view import Reading, SignalState, View, moment, with_unmatched

SIGNAL = "young-dependency"
DAYS = 30


def read(view: View) -> Iterator[Reading]:
    """What each new release depends on and no earlier one did, and how old that was then."""
    yield from with_unmatched(SIGNAL, view, _read(view))


def _read(view: View) -> Iterator[Reading]:
    if (nothing := nothing_to_judge(SIGNAL, view)) is not None:
        yield nothing
        return
    created = {one["name"]: one["created"] for one in view.now["dependencies"] or ()}
    for release in view.fresh():
        yield from _judge(view, release, created)


def _judge(view: View, release: ReleaseFacts, created: dict[str, str]) -> Iterator[Reading]:
    version = release["version"]
    if release["requires"] is None:
        yield untold(SIGNAL, view, release, f"what {version} depends on")
        return
    earlier = [r for r in view.earlier(release) if r["version"] != version]
    told = [r["requires"] for r in earlier if r["requires"] is not None]
    if not earlier:
        said = f"has no release that {version} could be compared with"
        yield Reading(SIGNAL, SignalState.NOT_APPLICABLE, said, version)
        return
    known = {name for names in told for name in names}
    new = sorted(set(release["requires"]) - known)
    if not new:
        said = f"needs nothing in {version} that it did not need before"
        yield Reading(SIGNAL, SignalState.CLEAR, said, version)
        return
    if not told:
        yield untold(SIGNAL, view, release, f"what releases before {version} depended on")
        return
    unread = times_unknown(SIGNAL, view)
    if unread is not None:
        yield dataclasses.replace(unread, release=version)
        return
    for name in new:
        yield _aged(release, name, created.get(name, ""))


def _aged(release: ReleaseFacts, name: str, created: str) -> Reading:
    version = release["version"]
    uploaded, first = moment(release["uploaded"]), moment(created)
    if uploaded is None or first is None:
        what = f"needs {name} since {version}, and how old that was then is not known"
        return Reading(SIGNAL, SignalState.UNAVAILABLE, what, version, name)
    age = uploaded - first
    hours = abs(age) // dt.timedelta(hours=1)
    old = f"{hours} hours" if hours < 72 else f"{abs(age).days} days"
    if age < dt.timedelta():
        what = f"needs {name} since {version}, whose first release came {old} later"
        return Reading(SIGNAL, SignalState.FIRED, what, version, name)
    if age < dt.timedelta(days=DAYS):
        what = f"needs {name} since {version}, whose first release was {old} old then"
        return Reading(SIGNAL, SignalState.FIRED, what, version, name)
    what = f"needs {name} since {version}, which was {old} old then"
    return Reading(SIGNAL, SignalState.CLEAR, what, version, name)
