"""A final release has no tag in the source repository, and the earlier ones had theirs.

Seen in ua-parser-js (2021), ultralytics (2024), num2words (2025), litellm, axios and lightning
(2026). Only a change of habit fires: lottie-player had stopped to tag before it was taken over, and
its untagged releases of that time were good ones.
"""

from __future__ import annotations

from collections.abc import Iterator

from weighbridge.model.facts.project import ReleaseFacts
from weighbridge.model.hijack.habits import BREAK, broken, nothing_to_judge, percent, untold
from weighbridge.model.hijack.view import Reading, SignalState, View, with_unmatched

SIGNAL = "untagged-release"


def read(view: View) -> Iterator[Reading]:
    """Each new final release against the earlier finals."""
    yield from with_unmatched(SIGNAL, view, _read(view))


def _read(view: View) -> Iterator[Reading]:
    if (nothing := nothing_to_judge(SIGNAL, view)) is not None:
        yield nothing
        return
    since = {r["version"] for r in view.now["releases"] or () if r["tag"]}
    for release in view.fresh():
        yield _judge(view, release, since)


def _judge(view: View, release: ReleaseFacts, since: set[str]) -> Reading:
    """``since`` are the versions that have their tag by now: some are tagged after the upload."""
    version = release["version"]
    if not release["final"]:
        said = f"published {version} as a pre-release, which many do not tag"
        return Reading(SIGNAL, SignalState.NOT_APPLICABLE, said, version)
    if release["tag"] is None:
        return untold(SIGNAL, view, release, f"which tag {version} was made from")
    if release["tag"]:
        return Reading(SIGNAL, SignalState.CLEAR, f"tagged {version}", version)
    finals = [r for r in view.earlier(release) if r["final"] and r["version"] != version]
    if not finals:
        said = f"has no release that {version} could be compared with"
        return Reading(SIGNAL, SignalState.NOT_APPLICABLE, said, version)
    told = [bool(r["tag"]) or r["version"] in since for r in finals if r["tag"] is not None]
    if not told:
        return untold(SIGNAL, view, release, f"whether releases before {version} had tags")
    chance = broken(told)
    if chance > BREAK:
        said = f"had no habit of tagging that {version} breaks ({sum(told)} of {len(told)})"
        return Reading(SIGNAL, SignalState.CLEAR, said, version)
    what = (
        f"published {version} without a tag in its repository, where {sum(told)} of {len(told)} "
        f"finals before it had one; by habit that happens with a probability of {percent(chance)}"
    )
    return Reading(SIGNAL, SignalState.FIRED, what, version)
