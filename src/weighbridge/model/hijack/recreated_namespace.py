"""Under the same name there is another project, or another account, than the accepted one.

A hard stop. Names that are given up can be registered by anybody: Hub repositories of deleted
accounts were taken over so (Namespace Reuse, 2025). The service's own number tells: the ``_id`` of
a Hub is a MongoDB ObjectID, whose first four bytes are the second in which it was made
(https://www.mongodb.com/docs/manual/reference/bson-types/#objectid); a forge numbers repositories
and accounts.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

from weighbridge.model.facts.project import ProjectFacts
from weighbridge.model.hijack.contents import shown
from weighbridge.model.hijack.view import Reading, SignalState, View, moment

SIGNAL = "recreated-namespace"
_OBJECT_ID = re.compile(r"[0-9a-fA-F]{24}\Z")
_SLACK = dt.timedelta(days=1)  # services round, and tell the same time in several places


def read(view: View) -> Iterator[Reading]:
    """Compare the numbers of the project, its repository and its owner with the accepted ones."""
    before = view.before
    if before is None:
        said = "was never accepted, so there is no identity that it could have lost"
        yield Reading(SIGNAL, SignalState.NOT_APPLICABLE, said)
        return
    fired = [*_project(view.now, before), *_repository(view.now, before), *_owner(view.now, before)]
    yield from fired
    untold = list(_untold(view.now, before))
    if untold:
        said = f"does not tell, or did not when it was accepted, the number of {', '.join(untold)}"
        yield Reading(SIGNAL, SignalState.UNAVAILABLE, said)
    elif not fired:
        yield _nothing(view.now, before)


def _project(now: ProjectFacts, before: ProjectFacts) -> Iterator[Reading]:
    if now["identity"] and before["identity"]:
        if not _same(now["identity"], before["identity"]):
            what = (
                f"is another project than the one that was accepted: its number is "
                f"{shown(now['identity'])}, it was {shown(before['identity'])}{_made(now, before)}"
            )
            yield Reading(SIGNAL, SignalState.FIRED, what, key="project")
        return
    born, accepted = _born(now), _born(before)
    if born is None or accepted is None or born - accepted <= _SLACK:
        return
    # an index's day is that of the first release there is: its owner may have removed old ones
    if now["system"] in ("pypi", "npm") and not _all_gone(now, before):
        return
    what = (
        f"was made on {born:%Y-%m-%d}; the one that was accepted under this name was made on "
        f"{accepted:%Y-%m-%d}"
    )
    yield Reading(SIGNAL, SignalState.FIRED, what, key="created")


def _repository(now: ProjectFacts, before: ProjectFacts) -> Iterator[Reading]:
    mine, theirs = now["repository"], before["repository"]
    if mine is None or theirs is None or not mine["id"] or not theirs["id"]:
        return
    same_place = (mine["host"].casefold(), mine["name"].casefold()) == (
        theirs["host"].casefold(), theirs["name"].casefold())  # fmt: skip
    if same_place and mine["id"] != theirs["id"]:
        what = (
            f"has its source in {shown(mine['name'])}, which is another repository of that name "
            f"than the one that was accepted: its number is {shown(mine['id'])}, it was "
            f"{shown(theirs['id'])}"
        )
        yield Reading(SIGNAL, SignalState.FIRED, what, key="repository")


def _owner(now: ProjectFacts, before: ProjectFacts) -> Iterator[Reading]:
    """The account that the project, or its repository, stands under."""
    pairs = [("project", now["owner"], now["owner_id"], before["owner"], before["owner_id"])]
    mine, theirs = now["repository"], before["repository"]
    if mine is not None and theirs is not None and mine["host"] == theirs["host"]:
        pairs.append(
            ("repository", mine["owner"], mine["owner_id"], theirs["owner"], theirs["owner_id"])
        )
    for what, name, number, old_name, old_number in pairs:
        if not name or name.casefold() != old_name.casefold() or not number or not old_number:
            continue
        if not _same(number, old_number):
            said = (
                f"stands under {shown(name)}, which is another account of that name than the one "
                f"that was accepted: its number is {shown(number)}, it was {shown(old_number)}"
            )
            yield Reading(SIGNAL, SignalState.FIRED, said, key=f"owner of {what}")


def _untold(now: ProjectFacts, before: ProjectFacts) -> Iterator[str]:
    """What has a number in one of the two states alone, and so cannot be recognized by it."""
    born = _born(now) is not None and _born(before) is not None  # which tells it as well
    if bool(now["identity"]) != bool(before["identity"]) and not born:
        yield "the project"
    if bool(now["owner_id"]) != bool(before["owner_id"]):
        yield "its owner"
    mine, theirs = now["repository"], before["repository"]
    if bool(mine and mine["id"]) != bool(theirs and theirs["id"]):
        yield "its repository"
    if bool(mine and mine["owner_id"]) != bool(theirs and theirs["owner_id"]):
        yield "its repository's owner"


def _nothing(now: ProjectFacts, before: ProjectFacts) -> Reading:
    """Clear where the project itself could be compared, by number or day; else unavailable."""
    if now["identity"] and before["identity"]:
        return Reading(SIGNAL, SignalState.CLEAR, "has the number that it was accepted with")
    if _born(now) is not None and _born(before) is not None:
        return Reading(SIGNAL, SignalState.CLEAR, "is no younger than when it was accepted")
    said = "does not tell by what it could be recognized as the project that was accepted"
    if now["identity"] and not before["identity"]:
        said = "was accepted without the number by which it could be recognized"
    return Reading(SIGNAL, SignalState.UNAVAILABLE, said)


def _same(one: str, other: str) -> bool:
    """Hexadecimal numbers in either case are the same; of all others every character counts."""
    if _OBJECT_ID.match(one) and _OBJECT_ID.match(other):
        return one.lower() == other.lower()
    return one == other


def born_by_id(identity: str) -> dt.datetime | None:
    """When an ObjectID was made, None where the text is none."""
    if not _OBJECT_ID.match(identity):
        return None
    return dt.datetime.fromtimestamp(int(identity[:8], 16), dt.UTC)


def _born(facts: ProjectFacts) -> dt.datetime | None:
    """When a project was made: the later of what the service says and what its number says."""
    by_id = born_by_id(facts["identity"]) if facts["system"] == "huggingface" else None
    times = [time for time in (moment(facts["created"]), by_id) if time is not None]
    return max(times, default=None)


def _made(now: ProjectFacts, before: ProjectFacts) -> str:
    born, accepted = _born(now), _born(before)
    if born is None or accepted is None or born <= accepted:
        return ""
    return f"; it was made on {born:%Y-%m-%d}, the accepted one on {accepted:%Y-%m-%d}"


def _all_gone(now: ProjectFacts, before: ProjectFacts) -> bool:
    """Whether no accepted release is there any more."""
    if now["order"] == "mirror" or not before["releases"] or now["releases"] is None:
        return False
    have = {release["version"] for release in now["releases"]}
    return not any(release["version"] in have for release in before["releases"])
