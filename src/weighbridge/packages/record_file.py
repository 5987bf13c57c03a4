"""``RECORD``: the files of an installed package with their digests.

Recording installed projects (packaging.python.org): CSV with path, hash and size. The hash is
``algorithm=urlsafe-base64`` without padding, SHA-256 or better; ``RECORD`` itself and its
signatures have none. A path is relative to the folder of installed packages, or absolute.
"""

from __future__ import annotations

import binascii
import csv
import io
import posixpath
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from weighbridge.packages.source import MalformedSource

MAX_BYTES = 32 * 2**20
MAX_ROWS = 500_000
MAX_PATH = 4096
DIGEST_BYTES = {"sha256": 32, "sha384": 48, "sha512": 64}
CACHE = "__pycache__"


class Entry(NamedTuple):
    """One row. ``digest`` is empty where it has no hash. ``wrong`` says why it cannot be checked.

    ``path`` is normalized: it starts with ``..`` where it leads out of the folder, and with ``/``
    where it is absolute.
    """

    path: str
    algorithm: str
    digest: bytes
    wrong: str = ""


def parse_record(data: bytes) -> Iterator[Entry]:
    """The rows of a ``RECORD``.

    Raises:
        MalformedSource: it is not UTF-8, not CSV, or has too many rows.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MalformedSource(f"RECORD is not UTF-8 text (byte {error.start})") from error
    # a row takes at least a path and its line break, which bounds them before any is kept
    if text.count("\n") > MAX_ROWS:
        raise MalformedSource(f"RECORD has more than {MAX_ROWS} rows")
    try:
        for row in _rows(text):
            if row:
                yield _entry(row)
    except csv.Error as error:
        raise MalformedSource(f"RECORD is not CSV: {error}") from error


def _rows(text: str) -> Iterable[list[str]]:
    """Rows of CSV. Without quotes and carriage returns a row is a line, and splitting it is fast.

    Raises:
        csv.Error: it is not CSV, or a field is longer than Python's reader allows.
    """
    if '"' not in text and "\r" not in text:
        lines = text.split("\n")
        if len(max(lines, key=len)) < csv.field_size_limit():
            return [line.split(",", 2) for line in lines if line]
    return csv.reader(io.StringIO(text, newline=""))


def is_compiled_cache(path: str) -> bool:
    """Whether Python writes such a file itself, so that no hash of it can be recorded."""
    if not path.endswith(".pyc"):
        return False
    folder = path.rpartition("/")[0]
    return folder == CACHE or folder.endswith("/" + CACHE)


def _entry(row: list[str]) -> Entry:
    raw, stated = row[0], row[1] if len(row) > 1 else ""
    if not raw or "\0" in raw or len(raw) > MAX_PATH:
        return Entry("", "", b"", "a row of its RECORD names no usable path")
    path = raw
    if raw[0] == "/" or ".." in raw or "//" in raw or "./" in raw:
        path = posixpath.normpath(raw)
    if path in (".", "..", "/") or path.endswith("/"):
        return Entry("", "", b"", "a row of its RECORD names a folder")
    if not stated:
        return Entry(path, "", b"")
    algorithm, _, value = stated.partition("=")
    wanted = DIGEST_BYTES.get(algorithm.lower())
    if wanted is None:
        return Entry(path, "", b"", f"its RECORD gives a hash by {algorithm[:20]!r}, not SHA-2")
    try:
        standard = value.replace("-", "+").replace("_", "/")  # RFC 4648, section 5 to 4
        padding = "=" * (-len(value) % 4)
        digest = binascii.a2b_base64(standard + padding, strict_mode=True)
    except ValueError:  # of which binascii.Error is one
        digest = b""
    if len(digest) != wanted:
        return Entry(path, "", b"", f"its RECORD gives a malformed {algorithm.lower()}")
    return Entry(path, algorithm.lower(), digest)
