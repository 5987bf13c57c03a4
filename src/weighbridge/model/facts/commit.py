"""Evidence of kind ``commit``: who changed weights, in git's words, and how that is signed."""

from __future__ import annotations

from typing import Literal, TypedDict


class PersonFacts(TypedDict):
    """Someone as a commit names them. ``date`` is ISO 8601 in UTC, empty where unreadable."""

    name: str
    email: str
    date: str


class CommitFacts(TypedDict):
    """About a commit id: one that touched weights.

    ``author_key`` is the author's ``key`` in the history's ``authors``.
    ``position`` is 0 for the newest commit of the history. ``current`` says whether weights in the
    subject still have the content that it gave them. ``not_before`` is the latest date claimed by
    the commit or one it builds on. ``verified`` is true when an allowed signer's key made the
    signature, false when the signature is wrong or the key is not allowed (``untrusted``), null
    when that could not be checked; ``reason`` says why. ``web_flow``: the committer calls itself
    GitHub's web interface.
    """

    position: int
    current: bool
    weights: list[str]
    parents: int
    author_key: str
    author: PersonFacts
    committer: PersonFacts
    web_flow: bool
    not_before: str
    signature: Literal["none", "openpgp", "ssh", "x509", "unrecognized"]
    verified: bool | None
    untrusted: bool
    reason: str
    key: str
    signer: str


class AuthorFacts(TypedDict):
    """An author who touched weights. Dates are ISO 8601 in UTC, ``first_date`` of any commit.

    ``first_weights`` is the position of their oldest commit that touched weights.
    """

    key: str
    name: str
    email: str
    first_date: str
    commits: int
    weight_commits: int
    first_weights: int


class HistoryFacts(TypedDict):
    """About "": the history as a whole.

    ``limits`` are reasons why it was not walked to its beginning, empty if it was.
    ``listed_commits`` is how many of the ``weight_commits`` have evidence of their own. ``weights``
    counts the weight files of the newest commit; of the ``unattributed`` ones no walked commit is
    known to have made them. ``uncommitted`` are weights of the subject that differ from that
    commit, ``untracked`` those that it does not know, ``uncompared`` those that could not be
    compared with it.
    """

    head: str
    commits: int
    weight_commits: int
    listed_commits: int
    complete: bool
    limits: list[str]
    weights: int
    unattributed: list[str]
    uncommitted: list[str]
    untracked: list[str]
    uncompared: list[str]
    authors: list[AuthorFacts]
