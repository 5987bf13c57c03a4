"""A stand-in for a forge with GitHub's REST interface, on the loopback interface.

    with FakeForge({"corp/demo": repository("corp/demo", 555, owner_id=77)}) as forge:
        Forge(http, forge.url).repository("corp/demo")

The shapes are those of GitHub's documentation (REST API, version 2022-11-28). Beside the failures
of every service it knows renamed and blocked repositories, a limit on answers, entity tags, and
(``Mode.WRONG_DETAIL``) answers about another repository, commit or account than was asked for.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, unquote

from weighbridge.testing.failing_http import FailingService, Mode

__all__ = ["FakeForge", "Mode", "account", "commit", "release", "repository"]

_PGP = "-----BEGIN PGP SIGNATURE-----\n\naGVsbG8=\n-----END PGP SIGNATURE-----\n"
WEB_FLOW = {"login": "web-flow", "id": 19_864_447, "type": "User"}


def repository(name: str, number: int, *, owner_id: int, **more: Any) -> dict[str, Any]:
    """A repository ("Get a repository"); ``more`` are fields in place of the usual ones."""
    owner = name.partition("/")[0]
    return {
        "id": number,
        "node_id": f"R_{number}",
        "full_name": name,
        "name": name.partition("/")[2],
        "private": False,
        "owner": {"login": owner, "id": owner_id, "type": "Organization"},
        "fork": False,
        "created_at": "2019-01-01T00:00:00Z",
        "pushed_at": "2026-10-01T00:00:00Z",
        "archived": False,
        "disabled": False,
        "default_branch": "main",
        "stargazers_count": 900,
        **more,
    }


def commit(
    sha: str,
    *,
    verified: bool = True,
    reason: str = "valid",
    committer: Mapping[str, Any] | None = None,
    signature: str | None = _PGP,
    date: str = "2026-10-01T08:00:00Z",
    **more: Any,
) -> dict[str, Any]:
    """A commit ("Get a commit"). ``committer`` is its account, ``ann`` unless told."""
    ann = {"login": "ann", "id": 1001, "type": "User"}
    return {
        "sha": sha,
        "commit": {
            "author": {"name": "Ann", "email": "ann@corp.example", "date": date},
            "committer": {"name": "Ann", "email": "ann@corp.example", "date": date},
            "message": "feat: x",
            "tree": {"sha": hashlib.sha1(sha.encode(), usedforsecurity=False).hexdigest()},
            "verification": {
                "verified": verified,
                "reason": reason,
                "signature": signature,
                "payload": "tree …" if signature else None,
                "verified_at": date if verified else None,
            },
        },
        "author": ann,
        "committer": ann if committer is None else dict(committer),
        "parents": [],
        **more,
    }


def release(tag: str, number: int, *, published: str, **more: Any) -> dict[str, Any]:
    """A release ("List releases")."""
    return {
        "id": number,
        "tag_name": tag,
        "name": tag,
        "draft": False,
        "prerelease": False,
        "created_at": published,
        "published_at": published,
        "author": {"login": "ann", "id": 1001, "type": "User"},
        "assets": [],
        **more,
    }


def account(login: str, number: int, *, created: str, **more: Any) -> dict[str, Any]:
    """An account ("Get a user")."""
    return {"login": login, "id": number, "type": "User", "created_at": created, **more}


class FakeForge(FailingService):
    """The forge, a context manager. ``url`` is its address, ``requests`` what it was asked.

    Names are found in any case, as GitHub finds them.

    Args:
        repositories: by full name, as :func:`repository` makes them.
        releases: of each, newest first.
        tags: of each, names and commits.
        commits: of each, by id.
        trees: of each, by the id of the tree or commit: paths and their blobs' ids.
        accounts: by login.
        renamed: former full names, and the present ones that they lead to.
        blocked: repositories that answer 451, and the reason.
        truncated: ids of trees that are cut.
        token: without it the answer is 401, if one is set.
        left: answers until the limit is reached, None for no limit; see ``reset``.
    """

    def __init__(
        self,
        repositories: Mapping[str, Mapping[str, Any]],
        *,
        releases: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
        tags: Mapping[str, Iterable[tuple[str, str]]] | None = None,
        commits: Mapping[str, Mapping[str, Mapping[str, Any]]] | None = None,
        trees: Mapping[str, Mapping[str, Mapping[str, str]]] | None = None,
        accounts: Mapping[str, Mapping[str, Any]] | None = None,
        renamed: Mapping[str, str] | None = None,
        blocked: Mapping[str, str] | None = None,
        truncated: Iterable[str] = (),
        token: str = "",
        left: int | None = None,
        mode: Mode = Mode.HONEST,
        delay_seconds: float = 1.0,
    ) -> None:
        super().__init__(mode=mode, delay_seconds=delay_seconds)
        self.repositories = dict(repositories)
        self.releases = dict(releases or {})
        self.tags = {name: list(pairs) for name, pairs in (tags or {}).items()}
        self.commits = dict(commits or {})
        self.trees = dict(trees or {})
        self.accounts = dict(accounts or {})
        self.renamed = dict(renamed or {})
        self.blocked = dict(blocked or {})
        self.truncated = frozenset(truncated)
        self.token = token
        self.left = left

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        """The honest answer to one request: status and JSON."""
        place, _, query = path.partition("?")
        if self.token and self.headers[-1].get("authorization") != f"Bearer {self.token}":
            return 401, {"message": "Bad credentials"}
        if self.left is not None:
            if self.left <= 0:
                return 403, {"message": "API rate limit exceeded"}
            if "if-none-match" not in self.headers[-1]:
                self.left -= 1
        if self.mode is Mode.WRONG_DETAIL:
            return self._other(place)
        if place.startswith("/users/"):
            found = self.accounts.get(unquote(place.removeprefix("/users/")))
            return (200, found) if found else _missing()
        name, rest = self._repository(place)
        if name in self.renamed:
            return 301, {"message": "Moved Permanently"}
        if name in self.blocked:
            return 451, {"message": "Repository access blocked",
                         "block": {"reason": self.blocked[name]}}  # fmt: skip
        if name not in self.repositories:
            return _missing()
        return self._inside(name, rest, parse_qs(query))

    def more_headers(self, path: str) -> Mapping[str, str]:
        """Where a renamed repository lies, the next page, the limit, the entity tag."""
        told: dict[str, str] = {}
        place, _, query = path.partition("?")
        name, rest = self._repository(place)
        if name in self.renamed:
            number = self.repositories[self.renamed[name]]["id"]
            told["Location"] = f"{self.url}/repositories/{number}{rest}?{query}"
            return told
        page = int(parse_qs(query).get("page", ["1"])[0])
        counts = {"/releases": len(self.releases.get(name, ())),
                  "/tags": len(self.tags.get(name, ()))}  # fmt: skip
        if counts.get(rest, 0) > page * 100 or self.mode is Mode.ENDLESS:
            told["Link"] = f'<{self.url}{place}?page={page + 1}>; rel="next", <x>; rel="last"'
        if self.left is not None:
            told["X-RateLimit-Remaining"] = str(self.left)
            told["X-RateLimit-Reset"] = str(self.reset)
        state = json.dumps([self.repositories, self.releases, self.tags, place, query])
        told["ETag"] = f'W/"{hashlib.sha256(state.encode()).hexdigest()}"'
        return told

    def _repository(self, place: str) -> tuple[str, str]:
        """The full name in a path, of one by its number too, and what follows it."""
        parts = place.split("/", 4)
        if place.startswith("/repositories/"):
            for name, entry in self.repositories.items():
                if str(entry["id"]) == parts[2]:
                    return name, place.removeprefix(f"/repositories/{parts[2]}")
        name = "/".join(parts[2:4])
        rest = place.removeprefix(f"/repos/{name}")
        known = (*self.repositories, *self.renamed, *self.blocked)
        return next((k for k in known if k.casefold() == name.casefold()), name), rest

    def _inside(self, name: str, rest: str, query: Mapping[str, list[str]]) -> tuple[int, Any]:
        """The repository itself, or what lies in it."""
        if not rest:
            return 200, self.repositories[name]
        page = int(query.get("page", ["1"])[0])
        start = (page - 1) * 100
        if rest == "/releases":
            return 200, list(self.releases.get(name, ()))[start : start + 100]
        if rest == "/tags":
            pairs = self.tags.get(name, [])[start : start + 100]
            return 200, [{"name": tag, "commit": {"sha": sha, "url": "x"}} for tag, sha in pairs]
        if rest.startswith("/commits/"):
            return self._commit(name, unquote(rest.removeprefix("/commits/")))
        if rest.startswith("/git/trees/"):
            return self._tree(name, rest.removeprefix("/git/trees/"))
        return _missing()

    def _commit(self, name: str, ref: str) -> tuple[int, Any]:
        tags = dict(self.tags.get(name, ()))
        sha = tags.get(ref.removeprefix("tags/"), "") if ref.startswith("tags/") else ref
        found = self.commits.get(name, {}).get(sha)
        return (200, found) if found else (422, {"message": f"No commit found for SHA: {ref}"})

    def _tree(self, name: str, sha: str) -> tuple[int, Any]:
        files = self.trees.get(name, {}).get(sha)
        if files is None:
            return _missing()
        entries: list[dict[str, Any]] = [
            {"path": path, "mode": "100644", "type": "blob", "sha": blob, "size": 1}
            for path, blob in files.items()
        ]
        folders = {path.rpartition("/")[0] for path in files} - {""}
        entries += [
            {"path": folder, "mode": "040000", "type": "tree", "sha": "0" * 40}
            for folder in sorted(folders)
        ]
        return 200, {"sha": sha, "tree": entries, "truncated": sha in self.truncated}

    def _other(self, place: str) -> tuple[int, Any]:
        """An answer about something else than was asked for."""
        if place.startswith("/users/"):
            return 200, account("mallory", 666, created="2026-09-30T00:00:00Z")
        if "/commits/" in place:
            return 200, commit("f" * 40)
        return 200, repository("mallory/demo", 666, owner_id=667)


def _missing() -> tuple[int, Any]:
    return 404, {"message": "Not Found", "documentation_url": "https://forge.example/docs"}
