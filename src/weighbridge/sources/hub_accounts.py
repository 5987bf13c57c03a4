"""Asking a Hugging Face Hub who keeps a repository, and who changed it.

``/api/models/<id>`` and ``/api/datasets/<id>`` tell a repository's own number ``_id``: a MongoDB
ObjectID, whose first four bytes are the second in which it was made (BSON specification). A
repository that was deleted and made again under the same name has another one. ``createdAt`` says
the same, but is never before 2022-03-02, when the Hub began to keep it; any other disagreement is
told. ``/api/users/<u>/overview`` and ``/api/organizations/<o>/overview`` describe accounts,
``/api/models/<id>/commits/<revision>`` the commits, newest first, with a ``Link`` to the next page.
Sources: ``huggingface_hub`` (``HfApi.model_info``, ``list_repo_commits``, ``get_user_overview``).

A renamed repository answers with a redirect to its new name, which the answer's ``id`` then tells.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote, urljoin, urlsplit

from weighbridge.model.facts.project import AskedFacts
from weighbridge.sources.http import HttpClient
from weighbridge.sources.hub import CONFIGURED, Kind, configured_hub
from weighbridge.sources.index_pages import moment
from weighbridge.sources.questions import Questions, Reply, words
from weighbridge.sources.tokens import hub_headers

MAX_ANSWER = 16 * 2**20
MAX_FILES = 100_000
MAX_COMMITS = 400
MAX_BASES = 1_000
MAX_PAGES = 10
_OBJECT_ID = re.compile(r"[0-9a-f]{24}\Z")
_COMMIT = re.compile(r"[0-9a-f]{40}\Z")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_NEXT = re.compile(r'<([^<>"]{1,2000})>\s*;\s*rel="?next"?')
_BEFORE_KEPT = "2022-03-02"  # createdAt of older repositories is this day
_SAME_SECONDS = 60


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file of the repository's head. ``sha256`` of LFS files alone; ``size`` -1 where untold."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class HubRepository:
    """A repository. ``name`` is the one it has now; ``doubt`` says what of it contradicts itself.

    ``created`` is the moment in ``identity`` where that is one, else ``createdAt``. ``made_from``
    are the models that its card names as its base, None where the Hub tells of no card.
    """

    name: str
    identity: str
    created: str
    author: str
    head: str
    disabled: bool | None
    files: tuple[HubFile, ...] | None
    doubt: str = ""
    made_from: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class HubAccount:
    """A user or organization. ``identity`` and what follows from it are empty where untold."""

    name: str
    kind: Literal["user", "organization"]
    identity: str
    created: str


@dataclass(frozen=True, slots=True)
class HubCommit:
    """One commit. ``authors`` are accounts of the Hub, or names where it knows no account."""

    id: str
    date: str
    authors: tuple[str, ...]


class HubAccounts:
    """One hub. A token of ``HF_TOKEN`` goes along over https, or to this machine itself.

    Raises:
        ConfigurationError: its client's own address was asked for, and no client is installed.
    """

    def __init__(self, http: HttpClient, address: str) -> None:
        base = (configured_hub() if address == CONFIGURED else address).strip().rstrip("/")
        self._ask = Questions(http, base, hub_headers(base))
        self.name = self._ask.name

    def repository(self, kind: Kind, repo_id: str) -> tuple[HubRepository | None, AskedFacts]:
        """A repository; None where it is not there, or could not be had."""
        path = f"/api/{kind}/{quote(repo_id, safe='/')}?blobs=true"
        reply = self._ask.ask("hub.repository", path, max_bytes=MAX_ANSWER)
        if not reply.observed:
            return None, reply.asked
        body = reply.body
        if not isinstance(body, dict) or not words(body.get("id")):
            return None, reply.refused("the hub's answer does not describe a repository").asked
        return _repository(body), reply.asked

    def account(self, name: str) -> tuple[HubAccount | None, tuple[AskedFacts, ...]]:
        """An organization, or a user where there is no organization of that name."""
        quoted = quote(name, safe="")
        first = self._ask.ask(
            "hub.account", f"/api/organizations/{quoted}/overview", max_bytes=MAX_ANSWER
        )
        if not first.absent:
            found, one = _account(first, name, "organization")
            return found, (one,)
        second = self._ask.ask("hub.account", f"/api/users/{quoted}/overview", max_bytes=MAX_ANSWER)
        found, other = _account(second, name, "user")
        return found, (first.asked, other)

    def commits(
        self, kind: Kind, repo_id: str, revision: str = "main"
    ) -> tuple[tuple[HubCommit, ...] | None, bool, tuple[AskedFacts, ...]]:
        """The last commits, newest first, and whether that is all of them.

        None where the first page could not be had, or where any page is malformed.
        """
        path = f"/api/{kind}/{quote(repo_id, safe='/')}/commits/{quote(revision, safe='')}"
        found: list[HubCommit] = []
        asked: list[AskedFacts] = []
        for _ in range(MAX_PAGES):
            reply = self._ask.ask("hub.commits", path, max_bytes=MAX_ANSWER)
            if not reply.observed:
                asked.append(reply.asked)
                return (tuple(found) if found else None), False, tuple(asked)
            page = _commits(reply.body)
            if page is None:
                reply = reply.refused("the hub's answer is no list of commits")
                return None, False, (*asked, reply.asked)
            asked.append(reply.asked)
            found += page
            following = self._next(reply)
            if following is None or not page:
                return tuple(found[:MAX_COMMITS]), len(found) <= MAX_COMMITS, tuple(asked)
            if not following or len(found) >= MAX_COMMITS:
                break
            path = following
        return tuple(found[:MAX_COMMITS]), False, tuple(asked)

    def _next(self, reply: Reply) -> str | None:
        """The path of the next page; None where there is none, empty where it lies elsewhere."""
        match = _NEXT.search((reply.headers or {}).get("link", "")[:4_000])
        if match is None:
            return None
        try:
            target = urljoin(self._ask.base + "/", match.group(1))
            same = urlsplit(target)[:2] == urlsplit(self._ask.base)[:2]
        except ValueError:
            return ""
        return target[len(self._ask.base) :] if same and target.startswith(self._ask.base) else ""


def created_by(identity: str) -> str:
    """The moment in an ObjectID; empty where a text is none."""
    if not _OBJECT_ID.match(identity):
        return ""
    seconds = int(identity[:8], 16)
    return f"{dt.datetime.fromtimestamp(seconds, dt.UTC):%Y-%m-%dT%H:%M:%SZ}"


def _repository(body: dict[str, Any]) -> HubRepository:
    identity = words(body.get("_id"))
    inside, stated = created_by(identity), moment(body.get("createdAt"))
    head = body.get("sha")
    disabled = body.get("disabled")
    return HubRepository(
        name=words(body.get("id")),
        identity=identity,
        created=inside or stated,
        author=words(body.get("author")),
        head=head if isinstance(head, str) and _COMMIT.match(head) else "",
        disabled=disabled if isinstance(disabled, bool) else None,
        files=_files(body.get("siblings")),
        doubt=_doubt(identity, inside, stated),
        made_from=_made_from(body),
    )


def _made_from(body: dict[str, Any]) -> tuple[str, ...] | None:
    """``cardData.base_model``, one id or several; a card without one names none."""
    card = body.get("cardData")
    if not isinstance(card, dict):
        return None
    given = card.get("base_model")
    listed = given if isinstance(given, list) else [given]
    return tuple(words(one) for one in listed[:MAX_BASES] if words(one))


def _doubt(identity: str, inside: str, stated: str) -> str:
    if identity and not inside:
        return "the repository's number is none that the Hub gives"
    if not inside or not stated or stated.startswith(_BEFORE_KEPT):
        return ""
    apart = dt.datetime.fromisoformat(inside) - dt.datetime.fromisoformat(stated)
    if abs(apart.total_seconds()) <= _SAME_SECONDS:
        return ""
    return f"its number was given on {inside[:10]}, and it says that it was made on {stated[:10]}"


def _files(value: object) -> tuple[HubFile, ...] | None:
    if not isinstance(value, list) or len(value) > MAX_FILES:
        return None
    found = []
    for one in value:
        path = one.get("rfilename") if isinstance(one, dict) else None
        if not isinstance(path, str):
            return None
        lfs = one.get("lfs")
        lfs = lfs if isinstance(lfs, dict) else {}
        digest, size = lfs.get("sha256"), one.get("size")
        known = isinstance(size, int) and not isinstance(size, bool) and 0 <= size < 2**53
        found.append(
            HubFile(
                words(path, 500),
                size if known else -1,
                digest if isinstance(digest, str) and _SHA256.match(digest) else "",
            )
        )
    return tuple(sorted(found, key=lambda file: file.path))


def _account(
    reply: Reply, name: str, kind: Literal["user", "organization"]
) -> tuple[HubAccount | None, AskedFacts]:
    if not reply.observed:
        return None, reply.asked
    body = reply.body if isinstance(reply.body, dict) else {}
    stated = words(body.get("name" if kind == "organization" else "user"))
    if stated.casefold() != name.casefold():
        return None, reply.refused("the hub answered with another account").asked
    identity = words(body.get("_id"))
    return HubAccount(stated, kind, identity, created_by(identity)), reply.asked


def _commits(body: object) -> list[HubCommit] | None:
    if not isinstance(body, list) or len(body) > MAX_COMMITS * MAX_PAGES:
        return None
    found = []
    for one in body:
        identifier = one.get("id") if isinstance(one, dict) else None
        if not isinstance(identifier, str) or not identifier:
            return None
        authors = one.get("authors")
        named = (
            [words(author.get("user")) for author in authors or () if isinstance(author, dict)]
            if isinstance(authors, list)
            else []
        )
        date = moment(one.get("date"))
        found.append(HubCommit(words(identifier), date, tuple(name for name in named if name)))
    return found
