"""A release has no provenance attestation, and those before it had.

Seen in ultralytics (December 2024, the second wave) and axios (2026). Judged along a major line,
and only against a habit: a maintainer who attested once and then uploaded by hand (svglib#464), or
who publishes a fix for a line that never had attestations (pnpm#10202), breaks none.
"""

from __future__ import annotations

from collections.abc import Iterator

from weighbridge.model.facts.project import ReleaseFacts
from weighbridge.model.hijack.habits import (
    BREAK,
    broken,
    nothing_to_judge,
    on_line,
    percent,
    untold,
)
from weighbridge.model.hijack.view import Reading, SignalState, View, with_unmatched

SIGNAL = "dropped-attestations"


def read(view: View) -> Iterator[Reading]:
    """Each new release, and each with new files, against those of its line and of those below."""
    yield from with_unmatched(SIGNAL, view, _read(view))


def _read(view: View) -> Iterator[Reading]:
    if (nothing := nothing_to_judge(SIGNAL, view)) is not None:
        yield nothing
        return
    for release in view.fresh():
        yield _judge(view, release)


def _judge(view: View, release: ReleaseFacts) -> Reading:
    version = release["version"]
    if release["attested"] is None:
        return untold(SIGNAL, view, release, f"whether {version} is attested")
    if release["attested"]:
        return Reading(SIGNAL, SignalState.CLEAR, f"attests {version}", version)
    habit = on_line(view, release, lambda one: one["attested"])
    if habit is None:
        return untold(SIGNAL, view, release, f"whether releases before {version} were attested")
    if not habit:
        said = f"has no release that {version} could be compared with"
        return Reading(SIGNAL, SignalState.NOT_APPLICABLE, said, version)
    chance = broken(habit)
    if chance > BREAK:
        said = f"had no habit of attesting that {version} breaks ({sum(habit)} of {len(habit)})"
        return Reading(SIGNAL, SignalState.CLEAR, said, version)
    what = (
        f"published {version} without an attestation, where {sum(habit)} of {len(habit)} releases "
        f"before it on its line had one; by habit that happens with a probability of "
        f"{percent(chance)}"
    )
    return Reading(SIGNAL, SignalState.FIRED, what, version)
