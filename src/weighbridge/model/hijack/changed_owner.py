"""Somebody may publish who could not when the project was accepted, or may not any more.

Seen in event-stream (2018), arrapi (2023), xz (2024) and axios (2026).
"""

from __future__ import annotations

from collections.abc import Iterator

from weighbridge.model.facts.project import OwnerFacts, ProjectFacts
from weighbridge.model.hijack.view import Reading, SignalState, View

SIGNAL = "changed-owner"


def read(view: View) -> Iterator[Reading]:
    """Compare the owners with the accepted ones: by the service's number, else by name.

    A renamed account with the same number is no change; another account under the same name is.
    """
    if view.before is None:
        said = "was never accepted; make a baseline with 'weighbridge maintainers snapshot'"
        yield Reading(SIGNAL, SignalState.NOT_APPLICABLE, said)
        return
    yield from _published(view, view.before)
    if (view.now["owners"] is None) != (view.before["owners"] is None):
        yield _untold(was=view.before["owners"] is None)
        return
    now, before = _owners(view.now), _owners(view.before)
    if now is None or before is None:
        yield _untold(was=now is not None)
        return
    found = list(_compared(now, before))
    yield from found
    if not found:
        said = f"has the owners that it had when it was accepted: {len(now)}"
        yield Reading(SIGNAL, SignalState.CLEAR, said)


def _untold(*, was: bool) -> Reading:
    said = "did not, when it was accepted, tell" if was else "does not tell"
    return Reading(SIGNAL, SignalState.UNAVAILABLE, f"{said} who may publish")


def _owners(facts: ProjectFacts) -> tuple[OwnerFacts, ...] | None:
    """Who may publish; the account that a project stands under, where the service tells no more.

    That account is compared with that account alone: it is one of the owners, and not all of them.
    """
    if facts["owners"] is not None:
        return tuple(facts["owners"])
    if not facts["owner"] and not facts["owner_id"]:
        return None
    owner: OwnerFacts = {
        "name": facts["owner"],
        "role": "",
        "id": facts["owner_id"],
        "created": facts["owner_created"],
    }
    return (owner,)


def _compared(now: tuple[OwnerFacts, ...], before: tuple[OwnerFacts, ...]) -> Iterator[Reading]:
    for owner in now:
        found = _among(owner, before, now)
        if found is False:
            since = f", whose account was made on {owner['created'][:10]}" * bool(owner["created"])
            what = f"has an owner who was none when it was accepted: {_named(owner)}{since}"
            if owner["name"].casefold() in {one["name"].casefold() for one in before}:
                what += "; another account had that name then"
            yield Reading(SIGNAL, SignalState.FIRED, what, key=f"new:{_key(owner)}")
        elif found is None:
            what = (
                f"has an owner, {_named(owner)}, of whom nobody tells whether it is a new account"
            )
            yield Reading(SIGNAL, SignalState.UNAVAILABLE, what, key=f"untold:{_key(owner)}")
    for owner in before:
        found = _among(owner, now, before)
        if found is False:
            what = f"has lost an owner since it was accepted: {_named(owner)}"
            yield Reading(SIGNAL, SignalState.FIRED, what, key=f"removed:{_key(owner)}")
        elif found is None:
            what = f"had an owner, {_named(owner)}, of whom nobody tells whether it still is one"
            yield Reading(SIGNAL, SignalState.UNAVAILABLE, what, key=f"gone:{_key(owner)}")


def _among(
    owner: OwnerFacts, others: tuple[OwnerFacts, ...], beside: tuple[OwnerFacts, ...]
) -> bool | None:
    """Whether an account is among those of the other state; None where that cannot be told.

    By number where both have one, by name where neither has. An account with a number may be any
    without one, under another name, and the same name may be another account's: unless that one
    has its own counterpart among those ``beside`` the first.
    """
    number, name = owner["id"], owner["name"].casefold()
    if number:
        if any(one["id"] == number for one in others):
            return True
        taken = {one["name"].casefold() for one in beside if not one["id"]}
        open_ = [one for one in others if not one["id"] and one["name"].casefold() not in taken]
    else:
        alike = [one for one in others if not one["id"]]
        if name and any(one["name"].casefold() == name for one in alike):
            return True
        kept = {one["id"] for one in beside if one["id"]}
        open_ = [one for one in others if one["id"] and one["id"] not in kept]
        open_ += [one for one in alike if not name or not one["name"]]
    return None if open_ or not (number or name) else False


def _published(view: View, before: ProjectFacts) -> Iterator[Reading]:
    """New releases by an account that neither owned the project nor ever published it.

    An owner who was added, published and was removed again between two looks shows here alone.
    """
    if before["releases"] is None:
        return
    publishers = [one["publisher"] for one in before["releases"]]
    users = [one["user"] for one in publishers if one is not None]
    known = {name.casefold() for name in (*_names(before), *users) if name}
    # of those who published before, some may not be told; a trusted publisher is no account
    sure = (
        before["owners"] is not None
        and all(owner["name"] for owner in before["owners"])
        and all(one and (one["user"] or one["kind"] not in ("", "token")) for one in publishers)
    )
    for release in view.fresh():
        publisher = release["publisher"]
        if publisher is None or publisher["kind"] != "token" or not publisher["user"]:
            continue
        if publisher["user"].casefold() in known:
            continue
        key = f"published:{publisher['user']}"
        if sure:
            what = (
                f"was published in {release['version']} by {publisher['user']}, who neither owned "
                "it when it was accepted nor had published it before"
            )
            yield Reading(SIGNAL, SignalState.FIRED, what, release["version"], key)
        else:
            what = (
                f"was published in {release['version']} by {publisher['user']}, and whether that "
                "account could before is not known"
            )
            yield Reading(SIGNAL, SignalState.UNAVAILABLE, what, release["version"], key)


def _names(facts: ProjectFacts) -> Iterator[str]:
    yield facts["owner"]
    for owner in facts["owners"] or ():
        yield owner["name"]


def _named(owner: OwnerFacts) -> str:
    return owner["name"] or f"account {owner['id']}"


def _key(owner: OwnerFacts) -> str:
    return f"{owner['name']}#{owner['id']}" if owner["id"] else owner["name"]
