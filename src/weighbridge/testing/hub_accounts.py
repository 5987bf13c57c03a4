"""A stand-in for a Hugging Face Hub that tells of repositories, accounts and commits.

    with FakeHubAccounts({"corp/demo": HubEntry("638f7ae36c25af4071044105")}) as hub:
        audit(..., services=Services(hub=hub.url))

It speaks ``GET /api/models/<id>``, ``/api/datasets/<id>``, ``…/commits/<revision>`` page by page,
``/api/users/<name>/overview`` and ``/api/organizations/<name>/overview``. Repositories are keyed by
id, datasets by ``datasets/<id>``. ``Mode.ENDLESS`` always names a next page of commits,
``Mode.WRONG_DETAIL`` answers with another account.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote

from weighbridge.testing.failing_http import FailingService, Mode

__all__ = ["FakeHubAccounts", "HubEntry", "Mode", "commit_id"]

PAGE = 50


@dataclass(slots=True)
class HubEntry:
    """One repository. ``commits`` are time and author, oldest first; ``created`` overrides the time
    in ``identity``. ``files`` are sizes by name. ``card`` is what its card's head has, None where
    there is none."""

    identity: str
    commits: Sequence[tuple[str, str]] = (("2026-10-01T00:00:00.000Z", "ann"),)
    created: str = ""
    disabled: bool = False
    files: Mapping[str, int] = field(default_factory=lambda: {"model.safetensors": 80})
    card: Mapping[str, Any] | None = None


def commit_id(number: int) -> str:
    """The id of the commit of a number, counted from 0 at the oldest."""
    return f"{number:040x}"


class FakeHubAccounts(FailingService):
    """The hub, a context manager.

    Args:
        repositories: by id.
        users: names, with the ``_id`` of each, empty for untold.
        organizations: the same.
        renamed: ids that lead to others, with a redirect.
        next_page: the address of the next page of commits in place of the honest one.
    """

    def __init__(
        self,
        repositories: Mapping[str, HubEntry],
        *,
        users: Mapping[str, str] | None = None,
        organizations: Mapping[str, str] | None = None,
        renamed: Mapping[str, str] | None = None,
        next_page: str = "",
        mode: Mode = Mode.HONEST,
        delay_seconds: float = 1.0,
    ) -> None:
        super().__init__(mode=mode, delay_seconds=delay_seconds)
        self.repositories = dict(repositories)
        self.users = dict(users or {})
        self.organizations = dict(organizations or {})
        self.renamed = dict(renamed or {})
        self.next_page = next_page

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        """The honest answer to one request: status and JSON."""
        place, _, query = path.partition("?")
        if place.endswith("/overview"):
            return self._overview(unquote(place))
        key, separator, _ = self._key(place).partition("/commits/")
        if key in self.renamed:
            return 307, {"message": "Temporary Redirect"}
        entry = self.repositories.get(key)
        if entry is None:
            return 404, {"error": "Repository not found"}
        if not separator:
            return 200, self._entry(key, entry)
        start = int(parse_qs(query).get("p", ["0"])[0]) * PAGE
        numbers = range(len(entry.commits) - 1, -1, -1)[start : start + PAGE]
        return 200, [self._commit(entry, number) for number in numbers]

    def more_headers(self, path: str) -> Mapping[str, str]:
        """Where a renamed repository lies, and the next page of commits."""
        place, _, query = path.partition("?")
        key, separator, _ = self._key(place).partition("/commits/")
        if key in self.renamed:
            target = place.replace(key, self.renamed[key], 1)
            return {"Location": f"{target}?{query}"}
        entry = self.repositories.get(key)
        page = int(parse_qs(query).get("p", ["0"])[0])
        if separator and entry is not None:
            more = len(entry.commits) > (page + 1) * PAGE or self.mode is Mode.ENDLESS
            following = self.next_page or f"{self.url}{place}?p={page + 1}"
            return {"Link": f'<{following}>; rel="next"'} if more else {}
        return {}

    def _key(self, place: str) -> str:
        return unquote(place).removeprefix("/api/").removeprefix("models/")

    def _entry(self, key: str, entry: HubEntry) -> dict[str, Any]:
        name = key.removeprefix("datasets/")
        return {
            "_id": entry.identity,
            "id": name,
            "author": name.partition("/")[0],
            "sha": commit_id(len(entry.commits) - 1),
            "createdAt": entry.created or _moment(entry.identity),
            "lastModified": entry.commits[-1][0],
            "private": False,
            "disabled": entry.disabled,
            "gated": False,
            "downloads": 1_000_000,
            "siblings": [
                {"rfilename": path, "size": size, "blobId": "bb",
                 "lfs": {"sha256": f"{size:064x}", "size": size, "pointerSize": 134}}
                for path, size in entry.files.items()
            ],
            **({} if entry.card is None else {"cardData": dict(entry.card)}),
        }  # fmt: skip

    def _commit(self, entry: HubEntry, number: int) -> dict[str, Any]:
        date, author = entry.commits[number]
        return {
            "id": commit_id(number),
            "title": "Upload",
            "message": "",
            "authors": [{"user": author}] if author else [],
            "date": date,
        }

    def _overview(self, place: str) -> tuple[int, Any]:
        _, _, kind, name, _ = place.split("/", 4)
        known = self.users if kind == "users" else self.organizations
        if name not in known:
            return 404, {"error": "Not found"}
        told = "mallory" if self.mode is Mode.WRONG_DETAIL else name
        page = {"user" if kind == "users" else "name": told, "fullname": told, "numModels": 3}
        return 200, page | ({"_id": known[name]} if known[name] else {})


def _moment(identity: str) -> str:
    seconds = int(identity[:8], 16)
    return f"{dt.datetime.fromtimestamp(seconds, dt.UTC):%Y-%m-%dT%H:%M:%S}.000Z"
