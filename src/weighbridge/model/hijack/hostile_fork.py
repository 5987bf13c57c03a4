"""A project is named almost like a better known one, is a fork or copy of it, and is young.

All three: names that are alike are common, forks are how people work, and every project was young
once. Seen in Open-OSS/privacy-filter (2026), which had copied openai's model of that name.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

from weighbridge.model.facts.project import ProjectFacts
from weighbridge.model.hijack.contents import listed, shown
from weighbridge.model.hijack.recreated_namespace import born_by_id
from weighbridge.model.hijack.view import Reading, SignalState, View, moment

SIGNAL = "hostile-fork"
YOUNG_DAYS = 90
"""Most planted projects are found within weeks; who waits longer pays for it."""

_SEPARATORS = re.compile(r"[-_.]+")


def read(view: View) -> Iterator[Reading]:
    """Likeness, then origin, then age; the first that is not there makes it clear."""
    now = view.now
    if view.before is not None:
        said = "was accepted under this name"
        yield Reading(SIGNAL, SignalState.CLEAR, said)
        return
    if now["resembles"] is None:
        said = "has a name that nobody compared with better known ones"
        yield Reading(SIGNAL, SignalState.UNAVAILABLE, said)
        return
    if not now["resembles"]:
        said = "has a name that is like no better known one"
        yield Reading(SIGNAL, SignalState.CLEAR, said)
        return
    like = f"is named almost like {listed(list(now['resembles']))}"
    origin = _origin(now)
    age, ageless = _youngest(now)
    young = age is not None and (view.as_of - age[1].date()).days <= YOUNG_DAYS
    if origin == "":
        yield Reading(SIGNAL, SignalState.CLEAR, f"{like}, and is neither a fork nor a copy of it")
    elif not young and not ageless:
        said = f"{like}, and neither the project nor its owner is younger than {YOUNG_DAYS} days"
        yield Reading(SIGNAL, SignalState.CLEAR, said)
    elif origin is None or age is None or not young:
        missing = "whether it is a fork or a copy" if origin is None else f"since when {ageless} is"
        yield Reading(SIGNAL, SignalState.UNAVAILABLE, f"{like}, and nobody tells {missing}")
    else:
        what = f"{like}, is {origin}, and {age[0]} was made on {age[1]:%Y-%m-%d}"
        yield Reading(SIGNAL, SignalState.FIRED, what)


def _origin(now: ProjectFacts) -> str | None:
    """How it comes from another project; empty where it does not, None where nobody tells.

    A project copies another where it names that one's repository as its own, or has that one's name
    under another owner.
    """
    repository = now["repository"]
    likes = {_base(name) for name in now["resembles"] or ()}
    owners = {_owner(name) for name in now["resembles"] or ()}
    if "/" in now["name"] and _base(now["name"]) in likes and _owner(now["name"]) not in owners:
        return "a copy under another owner"
    if repository is None:
        return None
    if repository["fork_of"]:
        return f"a fork of {shown(repository['fork_of'])}"
    named = _base(repository["name"])
    if not named:
        return None
    if named in likes and named != _base(now["name"]):
        return f"one that names {shown(repository['name'])} as its source"
    return None if repository["fork_of"] is None else ""


def _youngest(now: ProjectFacts) -> tuple[tuple[str, dt.datetime] | None, str]:
    """The youngest of the project, its owner and its repository; then one of unknown age.

    The first is None where no day is known, the second empty where all are.
    """
    repository = now["repository"]
    by_id = born_by_id(now["identity"]) if now["system"] == "huggingface" else None
    days = [
        ("the project", moment(now["created"]) or by_id),
        *(("an owner's account", moment(owner["created"])) for owner in now["owners"] or ()),
    ]
    if now["owners"] is None:
        days.append(("an owner's account", None))
    if now["owner"] or now["owner_id"]:
        days.append(("its owner's account", moment(now["owner_created"])))
    if repository is not None or now["system"] != "huggingface":
        made = moment(repository["created"]) if repository is not None else None
        days.append(("its repository", made))
    known = [(what, day) for what, day in days if day is not None]
    ageless = next((what for what, day in days if day is None), "")
    return max(known, key=lambda pair: pair[1], default=None), ageless


def _base(name: str) -> str:
    return _SEPARATORS.sub("-", name.rpartition("/")[2].casefold())


def _owner(name: str) -> str:
    return name.rpartition("/")[0].casefold()
