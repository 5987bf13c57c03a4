"""What the signals on contents share: what is said of releases that nobody looked into.

Contents are looked into for few releases of a project: the one in use, and those that somebody
accepted. What nobody looked into is told once a project, and is never clear.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from weighbridge.model.facts.project import ReleaseFacts
from weighbridge.model.hijack.view import Reading, SignalState, View, with_unmatched

_SHOWN = 3
_LONGEST = 120


def each(
    signal: str,
    view: View,
    *,
    looked: Callable[[ReleaseFacts], bool],
    judge: Callable[[ReleaseFacts], Iterator[Reading]],
    what: str,
    of_package: bool = True,
) -> Iterator[Reading]:
    """The readings of every release to judge.

    Args:
        signal: its id.
        view: the project.
        looked: whether somebody looked into a release for what the signal needs.
        judge: the readings of a release that was looked into.
        what: what was looked for, to complete "does not tell …".
        of_package: whether the question arises for packages of an index alone.
    """
    yield from with_unmatched(
        signal, view, _each(signal, view, looked, judge, what, of_package=of_package)
    )


def _each(
    signal: str,
    view: View,
    looked: Callable[[ReleaseFacts], bool],
    judge: Callable[[ReleaseFacts], Iterator[Reading]],
    what: str,
    *,
    of_package: bool,
) -> Iterator[Reading]:
    releases = view.now["releases"]
    if releases is None:
        yield Reading(signal, SignalState.UNAVAILABLE, "does not tell what it released")
        return
    if not releases:
        yield Reading(signal, SignalState.NOT_APPLICABLE, "has released nothing")
        return
    judged = view.fresh()
    if not judged:
        said = "has no release that was not accepted before"
        yield Reading(signal, SignalState.CLEAR, said)
        return
    for release in judged:
        if looked(release):
            yield from judge(release)
    unread = [shown(release["version"]) for release in judged if not looked(release)]
    if not unread:
        return
    if of_package and view.now["system"] in ("huggingface", "github"):
        said = f"is no package of an index, and {what} is not asked of it"
        yield Reading(signal, SignalState.NOT_APPLICABLE, said)
    else:
        said = f"does not tell {what} in {listed(unread)}"
        yield Reading(signal, SignalState.UNAVAILABLE, said, key="unread")


def no_comparison(signal: str, release: ReleaseFacts, earlier: int, what: str) -> Reading:
    """A release has something, and none before it was looked into that would tell since when.

    Args:
        signal: its id.
        release: the one that is judged.
        earlier: how many releases there were before it.
        what: what it has, to complete "<project> …".
    """
    version = shown(release["version"])
    if not earlier:
        said = f"{what} in {version}, and no release came before that would tell whether it is new"
        return Reading(signal, SignalState.NOT_APPLICABLE, said, release["version"])
    said = f"{what} in {version}, and nobody looked into the {earlier} releases before it"
    return Reading(signal, SignalState.UNAVAILABLE, said, release["version"])


def unversioned(name: str, version: str) -> str:
    """A file's name with the release's version taken out: ``x-1.2.pth`` and ``x-1.3.pth`` agree."""
    return name.replace(version, "*") if len(version) > 1 else name


def shown(text: str, longest: int = _LONGEST) -> str:
    """A text for a reader: nothing in it can move the cursor, hide or turn what follows."""
    cut = text[:longest]
    safe = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in cut)
    return safe + ("…" if len(text) > longest else "")


def listed(names: list[str]) -> str:
    """The first of some names, and how many more there are."""
    more = len(names) - _SHOWN
    head = ", ".join(shown(name) for name in names[:_SHOWN])
    return head + (f" and {more} more" if more > 0 else "")
