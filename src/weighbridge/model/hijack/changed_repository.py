"""The source repository was transferred, archived, disabled, made a fork, or is another one.

Each happens for good reasons too. What the project's own page says of its repository is only its
word: an index does not verify it.
"""

from __future__ import annotations

from collections.abc import Iterator

from weighbridge.model.facts.project import ProjectFacts, RepositoryFacts
from weighbridge.model.hijack.contents import shown
from weighbridge.model.hijack.view import Reading, SignalState, View

SIGNAL = "changed-repository"


def read(view: View) -> Iterator[Reading]:
    """Compare the repository with the accepted one, by its number where both have one."""
    if view.before is None:
        said = "was never accepted, so there is no repository that it could have changed"
        yield Reading(SIGNAL, SignalState.NOT_APPLICABLE, said)
        return
    now, before = view.now["repository"], view.before["repository"]
    if now is not None and before is not None:
        yield from _compared(now, before)
        return
    yield _one_missing(view.now, view.before)


def _one_missing(now: ProjectFacts, before: ProjectFacts) -> Reading:
    if now["system"] == "huggingface":
        said = "is a repository of a Hub and names no other"
        return Reading(SIGNAL, SignalState.NOT_APPLICABLE, said)
    was, gone = before["repository"], _asked_in_vain(now)
    if was is not None and gone:
        what = f"has lost its source repository, which was {shown(was['name'])}"
        return Reading(SIGNAL, SignalState.FIRED, what, key="gone")
    if was is None and now["repository"] is None and gone and _asked_in_vain(before):
        said = "has no source repository on a forge, and had none when it was accepted"
        return Reading(SIGNAL, SignalState.NOT_APPLICABLE, said)
    when = "when it was accepted nobody told" if now["repository"] is not None else "nobody tells"
    said = f"has a source repository of which {when} anything"
    return Reading(SIGNAL, SignalState.UNAVAILABLE, said)


def _asked_in_vain(facts: ProjectFacts) -> bool:
    """Whether the forge was asked, and answered that there is none."""
    states = [a["state"] for a in facts["asked"] if a["what"] == "forge.repository"]
    return bool(states) and all(state == "absent" for state in states)


def _compared(now: RepositoryFacts, before: RepositoryFacts) -> Iterator[Reading]:
    fired = [*_place(now, before), *_state(now, before)]
    yield from fired
    untold = list(_untold(now, before))
    if untold:
        said = f"has a repository of which nobody tells whether it {' or '.join(untold)}"
        yield Reading(SIGNAL, SignalState.UNAVAILABLE, said, key="untold")
    elif not fired:
        moved = now["name"].casefold() != before["name"].casefold()
        said = f"has the repository that it had when it was accepted, {shown(now['name'])}"
        said += f", then called {shown(before['name'])}" if moved else ""
        yield Reading(SIGNAL, SignalState.CLEAR, said)


def _untold(now: RepositoryFacts, before: RepositoryFacts) -> Iterator[str]:
    """What cannot be compared, each to complete "whether it …"."""
    same = None if not now["host"] or not before["host"] else _same(
        (now["id"], before["id"]), (now["name"], before["name"])
    )  # fmt: skip
    if same is None:
        yield "is the same one"
    elif same and _same(
        (now["owner_id"], before["owner_id"]), (now["owner"], before["owner"])
    ) is None:  # fmt: skip
        yield "was transferred"
    for what, mine, theirs in (
        ("was archived", now["archived"], before["archived"]),
        ("was disabled", now["disabled"], before["disabled"]),
        ("became a fork", now["fork_of"], before["fork_of"]),
    ):
        if (mine is None and theirs is not None) or (mine and theirs is None):
            yield what


def _same(numbers: tuple[str, str], names: tuple[str, str]) -> bool | None:
    """Whether two are one: by number, by name where neither has a number, else None."""
    if all(numbers):
        return numbers[0] == numbers[1]
    if any(numbers) or not all(names):
        return None
    return names[0].casefold() == names[1].casefold()


def _place(now: RepositoryFacts, before: RepositoryFacts) -> Iterator[Reading]:
    """Another repository, or another owner of the same one."""
    name, old = shown(now["name"]), shown(before["name"])
    if not now["host"] or not before["host"]:
        return
    if now["host"].casefold() != before["host"].casefold():
        what = f"has its source at {shown(now['host'])}, it was at {shown(before['host'])}"
        yield Reading(SIGNAL, SignalState.FIRED, what, key="moved")
        return
    same = _same((now["id"], before["id"]), (now["name"], before["name"]))
    if same is False:
        what = f"has its source in another repository, {name}; it was {old}"
        yield Reading(SIGNAL, SignalState.FIRED, what, key="moved")
    owned = _same((now["owner_id"], before["owner_id"]), (now["owner"], before["owner"]))
    if same and owned is False:
        what = (
            f"has a repository that was transferred from {shown(before['owner'])} to "
            f"{shown(now['owner'])}"
        )
        yield Reading(SIGNAL, SignalState.FIRED, what, key="transferred")


def _state(now: RepositoryFacts, before: RepositoryFacts) -> Iterator[Reading]:
    name = shown(now["name"])
    if now["archived"] and before["archived"] is False:
        what = f"has a repository that was archived since it was accepted, {name}"
        yield Reading(SIGNAL, SignalState.FIRED, what, key="archived")
    if now["disabled"] and before["disabled"] is False:
        what = f"has a repository that its forge has disabled, {name}"
        yield Reading(SIGNAL, SignalState.FIRED, what, key="disabled")
    if now["fork_of"] and before["fork_of"] is not None and now["fork_of"] != before["fork_of"]:
        what = f"has a repository that is a fork of {shown(now['fork_of'])}, as it was not before"
        yield Reading(SIGNAL, SignalState.FIRED, what, key="fork")
