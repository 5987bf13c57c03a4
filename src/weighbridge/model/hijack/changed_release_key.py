"""A release's commit is signed with a key new to the project, or no longer by its author.

A change of key was seen in xz (2024). What a forge signs for whoever is logged in (GitHub calls it
web-flow), and what a bot signs, proves the forge and never the author: such a signature makes no
key known, and is no key that is new.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from weighbridge.model.facts.project import ReleaseFacts
from weighbridge.model.hijack.contents import each, shown
from weighbridge.model.hijack.habits import BREAK, broken, percent
from weighbridge.model.hijack.view import Reading, SignalState, View

SIGNAL = "changed-release-key"
_HEX = re.compile(r"[0-9A-Fa-f]{16,64}\Z")
_NOT_THE_AUTHOR = {
    "web-flow": "by the forge for whoever was logged in",
    "bot": "by a bot",
    "none": "by nobody",
}


def read(view: View) -> Iterator[Reading]:
    """Each new release's signer against those of the earlier releases."""
    yield from each(
        SIGNAL,
        view,
        looked=lambda release: release["signed_by"] is not None,
        judge=lambda release: _judge(view, release),
        what="who signed the commit",
        of_package=False,
    )


def _judge(view: View, release: ReleaseFacts) -> Iterator[Reading]:
    version = release["version"]
    earlier = [r for r in view.earlier(release) if r["version"] != version]
    known = [r for r in earlier if r["signed_by"] is not None]
    if not known:
        state = SignalState.UNAVAILABLE if earlier else SignalState.NOT_APPLICABLE
        said = f"has no release before {shown(version)} of which it is known who signed it"
        yield Reading(SIGNAL, state, said, version)
    elif release["signed_by"] == "author":
        yield _by_author(release, known)
    else:
        yield _by_another(release, known)


def _by_author(release: ReleaseFacts, known: Sequence[ReleaseFacts]) -> Reading:
    version, key = release["version"], release["signing_key"]
    used = [r["signing_key"] for r in known if r["signed_by"] == "author"]
    keys = {one for one in used if one}
    if not used:
        said = f"has no release before {shown(version)} that was signed with a key of its author"
        return Reading(SIGNAL, SignalState.NOT_APPLICABLE, said, version)
    if not key:
        said = f"does not tell with which key {shown(version)} was signed"
        return Reading(SIGNAL, SignalState.UNAVAILABLE, said, version)
    if any(_same(key, other) for other in keys):
        said = f"signed {shown(version)} with a key that it used before"
        return Reading(SIGNAL, SignalState.CLEAR, said, version)
    if not all(used):
        said = (
            f"does not tell with which key {used.count('')} releases before {shown(version)} were"
        )
        return Reading(SIGNAL, SignalState.UNAVAILABLE, f"{said} signed", version)
    what = (
        f"signed {shown(version)} with {shown(key)}, which none of the {len(known)} earlier "
        f"releases was signed with; keys known before: {len(keys)}"
    )
    return Reading(SIGNAL, SignalState.FIRED, what, version, f"key:{shown(key)}")


def _by_another(release: ReleaseFacts, known: Sequence[ReleaseFacts]) -> Reading:
    version, signer = release["version"], release["signed_by"] or "none"
    habit = [r["signed_by"] == "author" for r in known]
    how = f"{shown(version)} is signed {_NOT_THE_AUTHOR.get(signer, 'by somebody else')}"
    if not any(habit):
        said = f"has no release before it that its author signed; {how}"
        return Reading(SIGNAL, SignalState.NOT_APPLICABLE, said, version)
    chance = broken(habit)
    if chance > BREAK:
        said = f"had no habit that breaks where {how} ({sum(habit)} of {len(habit)} by its author)"
        return Reading(SIGNAL, SignalState.CLEAR, said, version)
    what = (
        f"no longer has the signature of its author: {how}, where {sum(habit)} of {len(habit)} "
        f"before it were the author's; by habit that happens with a probability of "
        f"{percent(chance)}"
    )
    return Reading(SIGNAL, SignalState.FIRED, what, version, "unsigned")


def _same(one: str, other: str) -> bool:
    """An OpenPGP key is told by its fingerprint, or by the last 16 digits of that."""
    if _HEX.match(one) and _HEX.match(other):
        short, long = sorted((one.lower(), other.lower()), key=len)
        return long.endswith(short)
    return one == other
