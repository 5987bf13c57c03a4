"""Code that runs by itself does as miners and thieves of credentials do.

The patterns are those of :mod:`weighbridge.model.hijack.patterns`. Seen in ua-parser-js (2021),
litellm and lightning (2026). Only a person's acceptance excuses one: earlier releases that nobody
accepted may be the attacker's.
"""

from __future__ import annotations

from collections.abc import Iterator

from weighbridge.model.facts.project import ReleaseFacts
from weighbridge.model.hijack.contents import each, shown
from weighbridge.model.hijack.patterns import PATTERNS
from weighbridge.model.hijack.view import Reading, SignalState, View

SIGNAL = "suspicious-startup"


def read(view: View) -> Iterator[Reading]:
    """Each new release's patterns, less those that were accepted."""
    yield from each(
        SIGNAL,
        view,
        looked=lambda release: release["patterns"] is not None,
        judge=lambda release: _judge(view, release),
        what="what its start-up code does",
    )


def _judge(view: View, release: ReleaseFacts) -> Iterator[Reading]:
    version = release["version"]
    accepted = {
        pattern
        for r in (view.before["releases"] if view.before is not None else None) or ()
        for pattern in r["patterns"] or ()
    }
    new = sorted(set(release["patterns"] or ()) - accepted)
    for pattern in new:
        meaning = shown(PATTERNS.get(pattern, f"does what is called {pattern}"))
        what = f"has start-up code in {shown(version)} that {meaning}"
        yield Reading(SIGNAL, SignalState.FIRED, what, version, shown(pattern))
    if not new:
        said = f"has start-up code in {shown(version)} that does nothing a thief or miner would"
        if release["patterns"]:
            said = f"has start-up code in {shown(version)} that does what was accepted"
        yield Reading(SIGNAL, SignalState.CLEAR, said, version)
