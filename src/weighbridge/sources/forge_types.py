"""What a forge says of repositories, releases, commits and accounts.

Ids are the forge's own numbers as text: they stay when a name changes, and another repository or
account under an old name has another one. Times are RFC 3339 in UTC, empty where untold; ``None``
is untold as well. Text is as the forge sent it, cut, with control characters escaped.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

Item = TypeVar("Item")
SignedBy = Literal["author", "web-flow", "bot", "none"]


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository.

    ``name`` is its present full name (``owner/name``), and ``moved`` whether another one was asked
    for that now leads to it. ``owner_type`` is ``User`` or ``Organization``. ``fork_of`` is the
    full name of what it was forked from, empty for none, None for a fork of something untold;
    ``source`` is where that chain of forks began.
    """

    name: str
    id: str
    owner: str
    owner_id: str
    owner_type: str
    created: str
    pushed: str
    archived: bool | None
    disabled: bool | None
    fork: bool | None
    fork_of: str | None
    source: str
    default_branch: str
    moved: bool


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of a release. ``size`` in bytes; ``sha256`` in hex, empty for older ones."""

    name: str
    size: int | None
    sha256: str


@dataclass(frozen=True, slots=True)
class Release:
    """A release. ``tag`` is its tag's name; a ``draft`` has not been published yet."""

    id: str
    tag: str
    name: str
    created: str
    published: str
    draft: bool | None
    prerelease: bool | None
    immutable: bool | None
    author: str
    author_id: str
    assets: tuple[Asset, ...]


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag and the commit that it stands for (of an annotated tag, too)."""

    name: str
    commit: str


@dataclass(frozen=True, slots=True)
class Listing(Generic[Item]):
    """What a forge lists page by page. ``complete``: nothing was left out for the bound's sake."""

    items: tuple[Item, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class SignedCommit:
    """A commit, and what the forge says of its signature.

    ``author`` and ``committer`` are logins, empty where the forge knows no account with the
    address; ``authored`` and ``committed`` are what the commit itself says. ``verified`` and
    ``reason`` are the forge's (``valid``, ``unsigned``, ``unknown_key``, …), ``verified_at`` when
    it first checked. ``signed_by`` says whose signature the forge vouches for: the committer's own
    (``author``), its web interface's (``web-flow``), that of an app (``bot``) or nobody's
    (``none``); None where it could not check. ``key`` names the signing key as the signature does,
    empty where it cannot be read; verified or not. ``signature`` is the armored signature.
    """

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: str
    author_id: str
    authored: str
    committer: str
    committer_id: str
    committed: str
    verified: bool | None
    reason: str
    verified_at: str
    signed_by: SignedBy | None
    key: str
    signature: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """A file of a tree. ``path`` is escaped as text is; ``sha`` is git's id of the blob.

    ``mode`` is git's: ``100644``, ``100755``, ``120000`` for a symbolic link, ``160000`` for a
    submodule. ``size`` in bytes, None where untold.
    """

    path: str
    mode: str
    sha: str
    size: int | None


@dataclass(frozen=True, slots=True)
class Tree:
    """The files of a commit, without folders. ``complete`` is false where the forge cut it."""

    sha: str
    entries: tuple[TreeEntry, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class Account:
    """A person's, an organization's or an app's account (``type``: User, Organization, Bot)."""

    login: str
    id: str
    type: str
    created: str
