"""Reading the answers of GitHub's REST interface, each field with a type and a bound."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from weighbridge.edge.json import load_json
from weighbridge.edge.text import visible
from weighbridge.model.errors import HostileInput
from weighbridge.sources.forge_types import (
    Account,
    Asset,
    Release,
    Repository,
    SignedBy,
    SignedCommit,
    Tag,
    Tree,
    TreeEntry,
)
from weighbridge.sources.http import Response
from weighbridge.sources.shapes import (
    Misshapen,
    Table,
    count,
    flag,
    identifier,
    inner,
    moment,
    named,
    rows,
    table,
    text,
)

MAX_ENTRIES = 100_000  # of a tree, GitHub's own bound
MAX_SIGNATURE = 64 * 1024
_MAX_ASSETS = 1_000
_MAX_PARENTS = 1_000
_MAX_PATH = 4_096
_SHA = re.compile(r"([0-9a-f]{40}|[0-9a-f]{64})\Z")
_SHA256 = re.compile(r"sha256:([0-9a-f]{64})\Z")
_BY_ID = re.compile(r"/repositories/([0-9]{1,19})\Z")
_WEB_FLOW = "web-flow"  # the account that GitHub's web interface commits as
_MODES = ("100644", "100755", "100664", "120000", "160000")
# The forge did not look, so nothing is known (REST API, "Signature verification object").
_NOT_CHECKED = ("gpgverify_error", "gpgverify_unavailable", "ocsp_pending", "ocsp_error")


def repository(body: Any, response: Response, *, asked: str) -> Repository:
    """A repository, which is the one that was asked for or that its name leads to."""
    entry = table(body, "its answer")
    name, number = named(entry, "full_name"), identifier(entry)
    redirected = _BY_ID.search(response.url)
    if redirected and redirected[1] != number:
        raise Misshapen("it led to one repository and answered with another")
    moved = name.casefold() != asked.casefold()
    if moved and not redirected:
        raise Misshapen(f"it answered with another repository, {name}")
    owner = inner(entry, "owner")
    fork, parent = flag(entry, "fork"), text(inner(entry, "parent"), "full_name")
    return Repository(
        name=name,
        id=number,
        owner=named(owner, "login"),
        owner_id=identifier(owner),
        owner_type=text(owner, "type", 40),
        created=moment(entry, "created_at"),
        pushed=moment(entry, "pushed_at"),
        archived=flag(entry, "archived"),
        disabled=flag(entry, "disabled"),
        fork=fork,
        fork_of=parent or ("" if fork is False else None),
        source=text(inner(entry, "source"), "full_name"),
        default_branch=text(entry, "default_branch"),
        moved=moved,
    )


def releases(body: Any) -> tuple[Release, ...]:
    """A page of releases."""
    return tuple(_release(row) for row in rows(_listed(body), "its list of releases", 1_000))


def tags(body: Any) -> tuple[Tag, ...]:
    """A page of tags."""
    found = rows(_listed(body), "its list of tags", 1_000)
    return tuple(Tag(named(row, "name"), _sha(inner(row, "commit"), "sha")) for row in found)


def commit(
    body: Any, _response: Response, *, asked: str, key_of: Callable[[bytes], str]
) -> SignedCommit:
    """A commit; ``asked`` is its id, or empty where it was asked for by a tag."""
    entry = table(body, "its answer")
    sha = _sha(entry, "sha")
    if asked and sha != asked:
        raise Misshapen("it answered with another commit")
    told = inner(entry, "commit")
    check = inner(told, "verification")
    author, committer = inner(entry, "author"), inner(entry, "committer")
    verified, reason = flag(check, "verified"), text(check, "reason", 60)
    signature = _signature(check)
    return SignedCommit(
        sha=sha,
        tree=_sha(inner(told, "tree"), "sha"),
        parents=tuple(
            _sha(row, "sha") for row in rows(entry.get("parents"), "its parents", _MAX_PARENTS)
        ),
        author=text(author, "login"),
        author_id=_known_id(author),
        authored=moment(inner(told, "author"), "date"),
        committer=text(committer, "login"),
        committer_id=_known_id(committer),
        committed=moment(inner(told, "committer"), "date"),
        verified=verified,
        reason=reason,
        verified_at=moment(check, "verified_at"),
        signed_by=_signed_by(verified, reason, committer),
        key=visible(key_of(signature), 200) if signature else "",
        signature=signature,
    )


def tree(body: Any, _response: Response) -> Tree:
    """A tree with all below it; folders are left out, their files are there."""
    entry = table(body, "its answer")
    found = rows(entry.get("tree"), "its tree", MAX_ENTRIES)
    files = tuple(_file(row) for row in found if text(row, "type", 20) != "tree")
    if not isinstance(entry.get("tree"), list):
        raise Misshapen("it does not list the tree's files")
    return Tree(_sha(entry, "sha"), files, complete=flag(entry, "truncated") is False)


def account(body: Any, _response: Response, *, asked: str) -> Account:
    """An account, which must be the one that was asked for."""
    entry = table(body, "its answer")
    login = named(entry, "login")
    if login.casefold() != asked.casefold():
        raise Misshapen(f"it answered with another account, {login}")
    return Account(login, identifier(entry), text(entry, "type", 40), moment(entry, "created_at"))


def block(body: bytes) -> str:
    """Why a repository is blocked (status 451): ``block.reason`` (``dmca``, ``tos``, …)."""
    why = ""
    try:
        entry = table(load_json(body, source="its answer", max_bytes=2**20), "its answer")
        why = text(inner(entry, "block"), "reason", 60)
    except HostileInput:
        pass  # the status alone says that it is blocked
    return f"it has blocked the repository for a legal reason (451{': ' if why else ''}{why})"


def _listed(body: Any) -> Any:
    if not isinstance(body, list):
        raise Misshapen("its answer is no list")
    return body


def _release(row: Table) -> Release:
    author = inner(row, "author")
    assets = rows(row.get("assets"), "a release's assets", _MAX_ASSETS)
    return Release(
        id=identifier(row),
        tag=named(row, "tag_name"),
        name=text(row, "name"),
        created=moment(row, "created_at"),
        published=moment(row, "published_at"),
        draft=flag(row, "draft"),
        prerelease=flag(row, "prerelease"),
        immutable=flag(row, "immutable"),
        author=text(author, "login"),
        author_id=_known_id(author),
        assets=tuple(_asset(asset) for asset in assets),
    )


def _asset(row: Table) -> Asset:
    match = _SHA256.match(text(row, "digest", 80))
    return Asset(named(row, "name"), count(row, "size"), match[1] if match else "")


def _file(row: Table) -> TreeEntry:
    mode = text(row, "mode", 10)
    if mode not in _MODES:
        raise Misshapen("its tree has an entry of another mode than git's")
    return TreeEntry(named(row, "path", _MAX_PATH), mode, _sha(row, "sha"), count(row, "size"))


def _sha(row: Table, key: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not _SHA.match(value):
        raise Misshapen(f"its field {key!r} is no id of git")
    return value


def _known_id(row: Table) -> str:
    """An account's number; empty where the forge names no account."""
    return identifier(row) if row else ""


def _signature(check: Table) -> bytes:
    value = check.get("signature")
    if value is None:
        return b""
    if not isinstance(value, str) or len(value) > MAX_SIGNATURE:
        raise Misshapen(f"its field 'signature' is no text of at most {MAX_SIGNATURE} characters")
    return value.encode("utf-8", "replace")


def _signed_by(verified: bool | None, reason: str, committer: Table) -> SignedBy | None:
    """Whose signature the forge vouches for.

    Anybody can write the web interface's address into a commit. Only with ``verified`` is the
    signature that of the committer's account.
    """
    if verified is None or reason in _NOT_CHECKED:
        return None
    if not verified:
        return "none"
    login = text(committer, "login")
    if login == _WEB_FLOW:
        return "web-flow"
    return "bot" if login.endswith("[bot]") or text(committer, "type", 40) == "Bot" else "author"
