"""Asking a forge with GitHub's REST interface about repositories, commits and accounts.

Source: GitHub REST API, version 2022-11-28: "Get a repository", "List releases", "List repository
tags", "Get a commit", "Get a tree", "Get a user". GitHub Enterprise Server has the same under
``https://<host>/api/v3``.

A renamed or transferred repository answers 301 to ``/repositories/<id>`` on the same host ("Best
practices", redirects). 404 also stands for what this caller may not see; 451 for what was blocked
for a legal reason; 422 and 409 where there is no such commit, or none at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar
from urllib.parse import quote

from weighbridge.model.digest import Digest
from weighbridge.sources import forge_reading as reading
from weighbridge.sources.forge_types import (
    Account,
    Listing,
    Release,
    Repository,
    SignedCommit,
    Tag,
    Tree,
)
from weighbridge.sources.http import HttpClient, Response
from weighbridge.sources.json_service import Answer, JsonService
from weighbridge.sources.shapes import Misshapen
from weighbridge.sources.tokens import github_headers

GITHUB = "https://api.github.com"
MAX_REQUESTS = 2_000
MAX_PAGES = 10
PAGE = 100  # the most that GitHub gives
MAX_TREE_BYTES = 48 * 2**20  # 100,000 entries, each with its address
_VERSION = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
_OWNER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}\Z")
_NAME = re.compile(r"(?!\.{1,2}\Z)[A-Za-z0-9._-]{1,100}\Z")
_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}(\[bot\])?\Z")
_SHA = re.compile(r"([0-9a-f]{40}|[0-9a-f]{64})\Z")
# git check-ref-format: no "..", no "@{", no control, space or one of these, no empty part.
_REF = re.compile(r"(?!/)(?!.*(\.\.|//|@\{))[^\x00-\x20\x7f~^:?*\[\\]{1,250}(?<![./])\Z")

Item = TypeVar("Item")
Value = TypeVar("Value")


def no_key(_signature: bytes) -> str:
    """Names no key."""
    return ""


class Forge:
    """One forge.

    Args:
        address: of its REST interface.
        key_of: names the key of an armored signature, empty where it cannot
            (:func:`weighbridge.history.armored_key.armored_key`).
    """

    def __init__(
        self, http: HttpClient, address: str = GITHUB, *, key_of: Callable[[bytes], str] = no_key
    ) -> None:
        headers = {**_VERSION, **github_headers(address)}
        self._service = JsonService(http, address, headers=headers, most=MAX_REQUESTS)
        self._key_of = key_of
        self.name = self._service.name

    def repository(self, name: str) -> Answer[Repository]:
        """A repository by its full name, ``owner/name``."""
        if not _is_repository(name):
            return _no_name(f"{name!r} is no repository's name")
        read = partial(reading.repository, asked=name)
        return self._service.ask(f"/repos/{name}", read, absent=_no_repository)

    def releases(self, name: str) -> Answer[Listing[Release]]:
        """The releases, newest first, with their assets."""
        return self._pages(name, "releases", reading.releases)

    def tags(self, name: str) -> Answer[Listing[Tag]]:
        """The tags, in the forge's order."""
        return self._pages(name, "tags", reading.tags)

    def tag_commit(self, name: str, tag: str) -> Answer[SignedCommit]:
        """The commit that a tag stands for, with its signature."""
        if not _REF.match(tag):
            return _no_name(f"{tag!r} is no tag's name")
        return self._commit(name, f"tags/{quote(tag, safe='/')}", "")

    def commit(self, name: str, sha: str) -> Answer[SignedCommit]:
        """A commit by its whole id, with its signature."""
        if not _SHA.match(sha):
            return _no_name(f"{sha!r} is no commit's id")
        return self._commit(name, sha, sha)

    def tree(self, name: str, sha: str) -> Answer[Tree]:
        """Every file of a commit, or of a tree, by its whole id."""
        if not _is_repository(name) or not _SHA.match(sha):
            return _no_name(f"{name!r} at {sha!r} is no tree's name")
        path = f"/repos/{name}/git/trees/{sha}?recursive=1"
        return self._service.ask(path, reading.tree, absent=_no_commit, max_bytes=MAX_TREE_BYTES)

    def account(self, login: str) -> Answer[Account]:
        """A user, an organization or an app (``dependabot[bot]``) by its login."""
        if not _LOGIN.match(login):
            return _no_name(f"{login!r} is no account's name")
        read = partial(reading.account, asked=login)
        return self._service.ask(f"/users/{quote(login, safe='')}", read, absent=_no_account)

    def _commit(self, name: str, ref: str, sha: str) -> Answer[SignedCommit]:
        if not _is_repository(name):
            return _no_name(f"{name!r} is no repository's name")
        # one file a page: the differences are not looked at
        path = f"/repos/{name}/commits/{ref}?per_page=1"
        read = partial(reading.commit, asked=sha, key_of=self._key_of)
        return self._service.ask(path, read, absent=_no_commit)

    def _pages(
        self, name: str, what: str, read: Callable[[Any], tuple[Item, ...]]
    ) -> Answer[Listing[Item]]:
        """Every page of a list. One that is missing makes the list unavailable, never shorter."""
        if not _is_repository(name):
            return _no_name(f"{name!r} is no repository's name")
        items: list[Item] = []
        raw: list[Digest] = []
        url = ""
        for page in range(1, MAX_PAGES + 1):
            path = f"/repos/{name}/{what}?per_page={PAGE}&page={page}"
            answer = self._service.ask(path, partial(_page, read=read), absent=_no_repository)
            url = answer.url
            raw += answer.raw
            if answer.value is None:
                return Answer(answer.state, answer.reason, url, tuple(raw))
            found, more = answer.value
            if page > 1 and set(found) & set(items):
                why = f"{self.name} gave no usable answer: it lists the same {what} again and again"
                return Answer("unavailable", why, url, tuple(raw))
            items += found
            if not more:
                return Answer("observed", "", url, tuple(raw), Listing(tuple(items), complete=True))
        return Answer("observed", "", url, tuple(raw), Listing(tuple(items), complete=False))


def _page(
    body: Any, response: Response, *, read: Callable[[Any], tuple[Item, ...]]
) -> tuple[tuple[Item, ...], bool]:
    """What stands on a page, and whether another one follows (RFC 8288 ``Link``)."""
    found = read(body)
    if len(found) > PAGE:
        raise Misshapen(f"a page has more than {PAGE} entries")
    return found, bool(re.search(r';\s*rel="?next"?', response.headers.get("link", "")[:4096]))


def _is_repository(name: str) -> bool:
    owner, separator, rest = name.partition("/")
    return bool(separator and _OWNER.match(owner) and _NAME.match(rest))


def _no_name(why: str) -> Answer[Any]:
    return Answer("unavailable", f"it was not asked: {why[:200]}")


def _blocked(response: Response) -> str:
    return reading.block(response.body) if response.status == 451 else ""


def _no_repository(response: Response) -> str:
    if response.status in (404, 410):
        return (
            f"it has no such repository, or none that it shows to this caller ({response.status})"
        )
    return _blocked(response)


def _no_commit(response: Response) -> str:
    if response.status in (404, 409, 410, 422):
        return f"it has no such commit in this repository ({response.status})"
    return _blocked(response)


def _no_account(response: Response) -> str:
    return f"it has no such account ({response.status})" if response.status in (404, 410) else ""
