"""Evidence of kind ``commit``: who changed weights, in git's words, and how that is signed."""

from __future__ import annotations

from typing import Literal, TypedDict


class PersonFacts(TypedDict):
    """Someone as a commit names them. ``date`` is ISO 8601 in UTC, empty where unreadable."""

    name: str
    email: str
    date: str


class PointerFacts(TypedDict):
    """An LFS or DVC pointer that a commit wrote.

    ``was`` and ``now`` say what stood there: ``lfs``, ``dvc``, ``file``, ``none`` or ``unread``.
    Digests are ``sha256:…`` or ``md5:…``, empty where unknown; sizes in bytes, -1 where unknown.
    ``converted``: a file became a pointer to other content; null where that was not compared.
    """

    path: str
    was: str
    now: str
    old_digest: str
    new_digest: str
    old_size: int
    new_size: int
    converted: bool | None


class CommitFacts(TypedDict):
    """About a commit id: one that touched weights.

    ``author_key`` is the author's ``key`` in the history's ``authors``.
    ``position`` is 0 for the newest commit of the history. ``current`` says whether weights in the
    subject still have the content that it gave them. ``not_before`` is the latest date claimed by
    the commit or one it builds on. ``verified`` is true when an allowed signer's key made the
    signature, false when the signature is wrong or the key is not allowed (``untrusted``), null
    when that could not be checked; ``reason`` says why. ``web_flow``: the committer calls itself
    GitHub's web interface; ``made_by`` whose signature it is by its own word. ``outside``: the
    committer's date lies ``before`` or ``after`` the time for which the key is allowed.
    ``parents_date`` is the latest committer's date of its parents, empty without any. ``key_first``
    is when the committer first signed with this key, no earlier than the commits beneath say;
    ``earlier_keys`` are those the committer had used before it. Both are empty for web-flow and for
    X.509, whose keys live for minutes.
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
    made_by: Literal["nobody", "committer", "web-flow", "not-web-flow"]
    outside: Literal["", "before", "after"]
    parents_date: str
    key_first: str
    earlier_keys: list[str]
    pointers: list[PointerFacts]


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
