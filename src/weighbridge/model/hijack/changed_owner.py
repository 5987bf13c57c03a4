"""Somebody may publish who could not when the project was accepted, or may not any more.

Seen in event-stream (2018), arrapi (2023), xz (2024) and axios (2026).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

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
    now, before = _owners(view.now), _owners(view.before)
    if now is None or before is None:
        when = "" if now is None else "did not, when it was accepted, "
        said = f"{when}tell who may publish" if when else "does not tell who may publish"
        yield Reading(SIGNAL, SignalState.UNAVAILABLE, said)
        return
    fired = [*_compared(now, before), *_published(view, before)]
    yield from fired
    if not fired:
        said = f"has the owners that it had when it was accepted: {len(now)}"
        yield Reading(SIGNAL, SignalState.CLEAR, said)


def _owners(facts: ProjectFacts) -> tuple[OwnerFacts, ...] | None:
    """Who may publish; the account that a project stands under, where the service tells no more."""
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
    were, are = _Accounts(before), _Accounts(now)
    for owner in now:
        if not were.holds(owner):
            since = f", whose account was made on {owner['created'][:10]}" * bool(owner["created"])
            what = f"has an owner who was none when it was accepted: {_named(owner)}{since}"
            if owner["name"].casefold() in were.names:
                what += "; another account had that name then"
            yield Reading(SIGNAL, SignalState.FIRED, what, key=f"new:{_key(owner)}")
    for owner in before:
        if not are.holds(owner):
            what = f"has lost an owner since it was accepted: {_named(owner)}"
            yield Reading(SIGNAL, SignalState.FIRED, what, key=f"removed:{_key(owner)}")


class _Accounts:
    """A set of accounts that can be asked for one."""

    def __init__(self, owners: Iterable[OwnerFacts]) -> None:
        owners = tuple(owners)
        self.ids = {owner["id"] for owner in owners if owner["id"]}
        self.names = {owner["name"].casefold() for owner in owners}
        self._unnumbered = {owner["name"].casefold() for owner in owners if not owner["id"]}

    def holds(self, owner: OwnerFacts) -> bool:
        """Whether it is among them: by number where both have one, by name otherwise."""
        name = owner["name"].casefold()
        if not owner["id"]:
            return name in self.names
        return owner["id"] in self.ids or name in self._unnumbered


def _published(view: View, before: tuple[OwnerFacts, ...]) -> Iterator[Reading]:
    """New releases by an account that neither owned the project nor ever published it.

    An owner who was added, published and was removed again between two looks shows here alone.
    """
    if view.before is None or view.before["releases"] is None:
        return
    known = {owner["name"].casefold() for owner in before}
    for release in view.before["releases"]:
        if release["publisher"] is not None:
            known.add(release["publisher"]["user"].casefold())
    for release in view.fresh():
        publisher = release["publisher"]
        if publisher is None or publisher["kind"] != "token" or not publisher["user"]:
            continue
        if publisher["user"].casefold() not in known:
            what = (
                f"was published in {release['version']} by {publisher['user']}, who neither owned "
                "it when it was accepted nor had published it before"
            )
            key = f"published:{publisher['user']}"
            yield Reading(SIGNAL, SignalState.FIRED, what, release["version"], key)


def _named(owner: OwnerFacts) -> str:
    return owner["name"] or f"account {owner['id']}"


def _key(owner: OwnerFacts) -> str:
    return f"{owner['name']}#{owner['id']}" if owner["id"] else owner["name"]
