"""The license lock: what was found of licenses last time, as a file that people read in a diff.

JSON with sorted keys, one value a line. It may come with the subject, and then says no more than
whoever wrote the subject wants; a lock that is kept elsewhere is the stronger one.
"""

from __future__ import annotations

import json
import re
from typing import Any

from weighbridge.edge.json import load_json
from weighbridge.model.canonical import thaw
from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.model.facts.license_lock import (
    LicenseLockFacts,
    LockedNodeFacts,
    LockedTermsFacts,
    LockedTextFacts,
)
from weighbridge.model.licensing.locked import MAX_TEXT

NAME = "weighbridge-licenses.lock"
SCHEMA = "urn:weighbridge:license-lock:1"
MAX_BYTES = 16 * 2**20
MAX_ENTRIES = 20_000  # of one list: as many as a lineage has nodes

_SHA256 = re.compile(r"[0-9a-f]{64}|")
_STATES = ("read", "named", "vanished", "unavailable", "cut")


class MalformedLock(HostileInput):
    """A lock that does not have the shape of one."""


def write_lock(facts: LicenseLockFacts) -> bytes:
    """The lock as a file's bytes: the same facts always give the same bytes."""
    body = {"schema": SCHEMA, **_plain(facts)}
    return (json.dumps(body, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


def read_lock(data: bytes, *, source: str = NAME) -> LicenseLockFacts:
    """What a lock says.

    Raises:
        MalformedLock: it is no lock, or one of another version.
        BoundExceeded: it is larger than :data:`MAX_BYTES`, or a list or text in it too long.
        HostileInput: it is not JSON.
    """
    body = load_json(data, source=source, max_bytes=MAX_BYTES)
    return _Reader(source).lock(body)


def _plain(facts: LicenseLockFacts) -> dict[str, Any]:
    value = thaw(facts)
    assert isinstance(value, dict)
    return value


class _Reader:
    """Takes a value apart without trusting its shape; ``at`` is what a message names."""

    def __init__(self, source: str) -> None:
        self.source = source

    def lock(self, value: object) -> LicenseLockFacts:
        body = self.table(value, "the lock", LicenseLockFacts, "schema")
        if body["schema"] != SCHEMA:
            raise MalformedLock(f"{self.source} does not have the schema {SCHEMA}")
        return {
            "tags": self.texts(body["tags"], "tags"),
            "texts": [self.text_file(row) for row in self.rows(body["texts"], "texts")],
            "ancestors": [self.node(row) for row in self.rows(body["ancestors"], "ancestors")],
            "terms": [self.terms(row) for row in self.rows(body["terms"], "terms")],
        }

    def text_file(self, value: object) -> LockedTextFacts:
        row = self.table(value, "an entry of texts", LockedTextFacts)
        return {
            "path": self.text(row["path"], "path"),
            "id": self.text(row["id"], "id"),
            "sha256": self.sha256(row["sha256"]),
        }

    def node(self, value: object) -> LockedNodeFacts:
        row = self.table(value, "an entry of ancestors", LockedNodeFacts)
        state = self.text(row["state"], "state")
        if state not in _STATES:
            raise MalformedLock(f"{self.source}: there is no state {state[:40]!r}")
        return {
            "key": self.text(row["key"], "key"),
            "revision": self.text(row["revision"], "revision"),
            "state": state,
            "children": self.texts(row["children"], "children"),
            "tags": self.texts(row["tags"], "tags"),
            "licenses": self.texts(row["licenses"], "licenses"),
        }

    def terms(self, value: object) -> LockedTermsFacts:
        row = self.table(value, "an entry of terms", LockedTermsFacts)
        texts = row["texts"]
        if not isinstance(texts, dict):
            raise MalformedLock(f"{self.source}: 'texts' of a license is not an object")
        self.bounded(texts)
        return {
            "id": self.text(row["id"], "id"),
            "texts": {self.text(k, "texts"): self.sha256(v) for k, v in texts.items()},
        }

    def table(self, value: object, what: str, shape: type, *more: str) -> dict[str, Any]:
        """An object with exactly these keys."""
        keys = {*shape.__annotations__, *more}
        if not isinstance(value, dict) or set(value) != keys:
            wanted = ", ".join(sorted(keys))
            raise MalformedLock(f"{self.source}: {what} is not an object with the keys {wanted}")
        return value

    def rows(self, value: object, at: str) -> list[Any]:
        if not isinstance(value, list):
            raise MalformedLock(f"{self.source}: {at!r} is not a list")
        self.bounded(value)
        return value

    def bounded(self, value: list[Any] | dict[str, Any]) -> None:
        if len(value) > MAX_ENTRIES:
            raise BoundExceeded(f"a list in {self.source}", MAX_ENTRIES, "entries")

    def texts(self, value: object, at: str) -> list[str]:
        return sorted(self.text(item, at) for item in self.rows(value, at))

    def text(self, value: object, at: str) -> str:
        if not isinstance(value, str) or not value.isprintable():
            raise MalformedLock(f"{self.source}: {at!r} is not a printable text")
        if len(value) > MAX_TEXT:
            raise BoundExceeded(f"a text in {self.source}", MAX_TEXT, "characters")
        return value

    def sha256(self, value: object) -> str:
        digest = self.text(value, "sha256")
        if not _SHA256.fullmatch(digest):
            raise MalformedLock(f"{self.source}: {digest[:80]!r} is no SHA-256")
        return digest
