"""Evidence of the kind ``license-lock``: what was found of licenses last time. One.

``about`` is the lock's path in the subject, empty for a lock kept elsewhere. ``absent`` where there
is none; ``unavailable`` where it cannot be read.
"""

from __future__ import annotations

from typing import TypedDict


class LockedTextFacts(TypedDict):
    """A license or use-policy file of the subject.

    ``id``: the license whose text it is, empty where it is none that is known. ``sha256``: of the
    file's bytes.
    """

    path: str
    id: str
    sha256: str


class LockedTermsFacts(TypedDict):
    """A license of the lineage, and the digests of its documents by their keys, as known then."""

    id: str
    texts: dict[str, str]


class LockedNodeFacts(TypedDict):
    """An ancestor.

    ``key`` has no revision in it; ``revision`` is empty where none was pinned. ``children``: what
    was made from it and how, ``<key> <relation>``, sorted. ``state``: as in the lineage. ``tags``:
    the licenses as declared, sorted; ``licenses``: their ids, sorted.
    """

    key: str
    revision: str
    state: str
    children: list[str]
    tags: list[str]
    licenses: list[str]


class LicenseLockFacts(TypedDict):
    """What was found. Every list is sorted. ``tags``: what the subject's card declares."""

    tags: list[str]
    texts: list[LockedTextFacts]
    ancestors: list[LockedNodeFacts]
    terms: list[LockedTermsFacts]
