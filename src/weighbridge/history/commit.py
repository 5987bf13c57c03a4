"""Reading a commit object: who, when, from what, and signed how.

Source: gitformat-signature(5) and the commit object as git writes it. What a commit says of its
people and dates is a claim of whoever made it; nothing here takes it for more.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Literal

from weighbridge.snapshot.git_pack import GitObjectBroken
from weighbridge.snapshot.git_repository import commit_parents, commit_tree

_PERSON = re.compile(
    rb"(?P<name>[^<>]*?) ?<(?P<email>[^<>]*)> (?P<time>-?[0-9]{1,15}) [-+][0-9]{1,7}"
)
_MAX_TEXT = 500  # characters of a name or address that are kept
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
SignatureKind = Literal["none", "openpgp", "ssh", "x509", "unrecognized"]
_MARKS: tuple[tuple[bytes, SignatureKind], ...] = (
    (b"-----BEGIN PGP SIGNATURE-----", "openpgp"),
    (b"-----BEGIN PGP MESSAGE-----", "openpgp"),
    (b"-----BEGIN SSH SIGNATURE-----", "ssh"),
    (b"-----BEGIN SIGNED MESSAGE-----", "x509"),
)


@dataclass(frozen=True, slots=True)
class Person:
    """An author or committer. ``time`` is in seconds since 1970, None where it is unreadable."""

    name: str
    email: str
    time: int | None

    @property
    def key(self) -> str:
        """What tells this person from others: the address, in lower case."""
        return self.email.strip().lower() or self.name.strip()

    @property
    def date(self) -> str:
        """The time as ``YYYY-MM-DDTHH:MM:SSZ``, empty where it is unreadable or out of range."""
        return iso(self.time)


@dataclass(frozen=True, slots=True)
class Commit:
    """``payload`` is what a signature is over: the object without its signature headers."""

    id: str
    tree: str
    parents: tuple[str, ...]
    author: Person
    committer: Person
    signature: bytes
    payload: bytes

    @property
    def signature_kind(self) -> SignatureKind:
        """``none``, ``openpgp``, ``ssh``, ``x509`` or ``unrecognized``, by its first line."""
        return kind_of(self.signature)

    @property
    def is_web_flow(self) -> bool:
        """Whether it says that GitHub's web interface committed it. Anyone can write that."""
        return (self.committer.name, self.committer.email) == ("GitHub", "noreply@github.com")


def kind_of(signature: bytes) -> SignatureKind:
    """A signature's kind by its first line."""
    start = signature.lstrip()
    if not start:
        return "none"
    return next((kind for mark, kind in _MARKS if start.startswith(mark)), "unrecognized")


def iso(time: int | None) -> str:
    """Seconds since 1970 as ISO 8601 in UTC; empty for None and for years that are no date."""
    if time is None:
        return ""
    try:
        moment = _EPOCH + dt.timedelta(seconds=time)
    except OverflowError:
        return ""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment.year >= 1970 else ""


def parse_commit(object_id: str, data: bytes) -> Commit:
    """Read a commit object.

    Raises:
        GitObjectBroken: it has no tree or a parent that is no id. People and dates that cannot be
            read are empty instead: git shows such commits too.
    """
    headers, payload = _split(data)
    return Commit(
        id=object_id,
        tree=commit_tree(data),
        parents=tuple(commit_parents(data)),
        author=person(headers.get(b"author", b"")),
        committer=person(headers.get(b"committer", b"")),
        signature=headers.get(b"gpgsig-sha256" if len(object_id) == 64 else b"gpgsig", b""),
        payload=payload,
    )


def _split(data: bytes) -> tuple[dict[bytes, bytes], bytes]:
    """The first header of each name with its continuation lines, and the object unsigned.

    Git leaves out every header that begins with ``gpgsig``, and its continuation lines.
    """
    end = data.find(b"\n\n")
    head, rest = (data, b"") if end < 0 else (data[: end + 1], data[end + 1 :])
    if b"\0" in head:
        raise GitObjectBroken("a git commit has a NUL in its headers")
    headers: dict[bytes, bytes] = {}
    kept: list[bytes] = []
    name = b""
    fresh = False
    for line in _lines(head):
        if line.startswith(b" "):
            if fresh:
                headers[name] += b"\n" + line[1:].rstrip(b"\n")
        else:
            name, _, value = line.rstrip(b"\n").partition(b" ")
            fresh = name not in headers
            if fresh:
                headers[name] = value
        if not name.startswith(b"gpgsig"):
            kept.append(line)
    return headers, b"".join(kept) + rest


def _lines(data: bytes) -> list[bytes]:
    """Lines with their ends; a carriage return ends none, unlike in ``splitlines``."""
    *whole, last = data.split(b"\n")
    return [line + b"\n" for line in whole] + ([last] if last else [])


def person(line: bytes) -> Person:
    """Someone as a header names them; what cannot be read is empty."""
    match = _PERSON.fullmatch(line)
    if match is None:
        return Person(_text(line), "", None)
    return Person(_text(match["name"]), _text(match["email"]), int(match["time"]))


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "backslashreplace").strip()[:_MAX_TEXT]
