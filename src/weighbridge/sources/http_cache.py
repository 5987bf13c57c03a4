"""Answers kept on disk for the next question, which asks the service whether they still hold.

A kept body is served after the service has said 304 to its entity tag (RFC 9110, section 13.1.2;
RFC 9111, section 4.3), never without asking. GitHub does not count such an answer against the
limit of a caller with a token.

An entry belongs to one address with one set of request headers: its name is a digest of both, the
token among them, so that what one credential was told is not found with another. Answers to a
password (``Basic``) are not kept, for a password could be guessed from such a name. Bodies lie
under their SHA-256, which is checked when one is read; an entry that is broken in any way is as if
it were not there. The folder must belong to this user, and nobody else may read or write it.
"""

from __future__ import annotations

import json
import os
import re
import stat
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from weighbridge.edge.json import load_json
from weighbridge.model.digest import sha256
from weighbridge.model.errors import HostileInput

FOLDER = "http-1"
MAX_ENTRIES = 4_000
MAX_BYTES = 256 * 2**20  # of all bodies together
MAX_BODY = 32 * 2**20
_MAX_ENTRY = 16 * 1024
_TRIM_EVERY = 500  # entries written
_ETAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]{0,300}"\Z')
_HEX = re.compile(r"[0-9a-f]{64}\Z")
# What callers read of an answer beside its body.
_KEPT_HEADERS = ("content-type", "etag", "last-modified", "link", "x-error-code", "x-repo-commit")


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer of status 200 as it was: its entity tag, body and some of its headers."""

    etag: str
    body: bytes
    headers: Mapping[str, str]


class HttpCache:
    """One folder. ``note`` says in words why it is not used, and is empty where it is."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.note = ""
        self._entries = folder / "entries"
        self._bodies = folder / "bodies"
        self._written = 0
        self._ready = False

    def key(self, url: str, headers: Mapping[str, str]) -> str:
        """The name of the entry for a question; empty for one whose answer is not kept."""
        plain = sorted((name.lower(), value) for name, value in headers.items())
        for name, value in plain:
            if name in ("if-none-match", "range", "cookie"):
                return ""
            if name == "authorization" and not value.lower().startswith("bearer "):
                return ""
        return sha256(json.dumps([url, plain]).encode("utf-8", "surrogatepass")).value

    def find(self, key: str, max_bytes: int) -> Kept | None:
        """What is kept for a question, if it is whole."""
        if not key or not self._usable(create=False):
            return None
        data = _read(self._entries / key, _MAX_ENTRY)
        if data is None:
            return None
        try:
            entry = load_json(data, source="a kept answer")
        except HostileInput:
            return None
        etag, digest, headers = _parts(entry)
        body = _read(self._bodies / digest, min(max_bytes, MAX_BODY)) if digest else None
        if body is None or sha256(body).value != digest:
            return None
        return Kept(etag, body, headers)

    def keep(self, key: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Keep an answer of status 200, if it has an entity tag and does not forbid it."""
        etag = headers.get("etag", "")
        control = headers.get("cache-control", "").lower()
        if not key or not _ETAG.match(etag) or len(body) > MAX_BODY:
            return
        if "no-store" in control or headers.get("vary", "").strip() == "*":
            return
        if not self._usable(create=True):
            return
        digest = sha256(body).value
        told = {name: headers[name] for name in _KEPT_HEADERS if name in headers}
        entry = json.dumps({"etag": etag, "sha256": digest, "headers": told}).encode()
        if len(entry) > _MAX_ENTRY:
            return
        try:
            _write(self._bodies / digest, body)
            _write(self._entries / key, entry)
        except OSError as error:
            self.note = f"the cache of answers is not used: {error.strerror}"
            return
        self._written += 1
        if self._written % _TRIM_EVERY == 0:
            self.trim()

    def trim(self) -> None:
        """Let the oldest answers go until the rest is within the bounds."""
        if not self._written or not self._usable(create=False):
            return
        try:
            entries = sorted(_files(self._entries), key=lambda f: (-f.stat().st_mtime_ns, f.name))
            sizes = {file.name: file.stat().st_size for file in _files(self._bodies)}
            if len(entries) <= MAX_ENTRIES and sum(sizes.values()) <= MAX_BYTES:
                return
            held, total = set[str](), 0
            for number, entry in enumerate(entries):
                digest = self._digest(Path(entry.path))
                total += 0 if digest in held else sizes.get(digest, 0)
                if number >= MAX_ENTRIES or total > MAX_BYTES:
                    Path(entry.path).unlink(missing_ok=True)
                else:
                    held.add(digest)
            for name in sizes.keys() - held:
                (self._bodies / name).unlink(missing_ok=True)
        except OSError as error:
            self.note = f"the cache of answers is not used: {error.strerror}"

    def _digest(self, entry: Path) -> str:
        try:
            return _parts(load_json(_read(entry, _MAX_ENTRY) or b"", source="a kept answer"))[1]
        except HostileInput:
            return ""

    def _usable(self, *, create: bool) -> bool:
        """Whether the folder is there and private; ``note`` says why where it may not be used."""
        if self.note or self._ready:
            return not self.note
        try:
            if create:
                self.folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                for folder in (self.folder, self._entries, self._bodies):
                    folder.mkdir(mode=0o700, exist_ok=True)
            elif not self._bodies.is_dir() or not self._entries.is_dir():
                return False
            for folder in (self.folder, self._entries, self._bodies):
                self.note = self.note or _not_private(folder)
        except OSError as error:
            self.note = f"the cache of answers is not used: {error.strerror}"
        self._ready = not self.note
        return self._ready


def _parts(entry: Any) -> tuple[str, str, dict[str, str]]:
    """Entity tag, digest and headers of an entry; a broken one has an empty digest."""
    nothing: tuple[str, str, dict[str, str]] = ("", "", {})
    if not isinstance(entry, dict):
        return nothing
    etag, digest, headers = entry.get("etag"), entry.get("sha256"), entry.get("headers")
    if not isinstance(etag, str) or not _ETAG.match(etag):
        return nothing
    if not isinstance(digest, str) or not _HEX.match(digest) or not isinstance(headers, dict):
        return nothing
    told = {k: v for k, v in headers.items() if k in _KEPT_HEADERS and isinstance(v, str)}
    return etag, digest, told


def _read(path: Path, most: int) -> bytes | None:
    """A regular file of this user's, whole; None where it is none, or larger."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    with open(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
            return None
        if status.st_size > most:
            return None
        try:
            data = file.read(most + 1)
        except OSError:
            return None
    return data if len(data) <= most else None


def _write(path: Path, data: bytes) -> None:
    """Put a file in its place whole, over whatever stands there. It need not survive a crash."""
    descriptor, name = tempfile.mkstemp(dir=path.parent)  # readable by this user alone
    try:
        with open(descriptor, "wb") as file:
            file.write(data)
        os.replace(name, path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def _files(folder: Path) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as found:
        yield from (entry for entry in found if entry.is_file(follow_symlinks=False))


def _not_private(path: Path) -> str:
    status = path.lstat()
    if not stat.S_ISDIR(status.st_mode):
        return "the cache of answers is not used: it is no folder, or a symbolic link"
    if status.st_uid != os.geteuid():
        return "the cache of answers is not used: it belongs to somebody else"
    if status.st_mode & 0o077:
        return "the cache of answers is not used: others may read or write it"
    return ""
