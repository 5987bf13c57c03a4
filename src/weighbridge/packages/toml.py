"""TOML from strangers: bounded before the parser starts, and typed access to what it holds."""

from __future__ import annotations

import tomllib
from typing import Any

from weighbridge.model.errors import BoundExceeded
from weighbridge.packages.source import MAX_FILE_BYTES, MalformedSource

# tomllib takes time and memory that grow with the square of the parts of one dotted key, and walks
# a table's header again at each of its keys. Neither spans lines, so the dots of a line bound it.
MAX_DOTS_IN_LINE = 4_000  # 64 MB at most
_MAX_WORK = 2 * 10**8  # about two seconds

Table = dict[str, Any]


def load_toml(path: str, data: bytes) -> Table:
    """Parse UTF-8 TOML.

    Raises:
        MalformedSource: not UTF-8, or not TOML.
        BoundExceeded: too large, or keys so deep that parsing them would take minutes.
    """
    if len(data) > MAX_FILE_BYTES:
        raise BoundExceeded(path, MAX_FILE_BYTES, "bytes")
    work = header = 0
    for line in data.split(b"\n"):
        dots = line.count(b".")
        if dots > MAX_DOTS_IN_LINE:
            raise BoundExceeded(f"a line of {path}", MAX_DOTS_IN_LINE, "dots")
        if line.lstrip(b" \t").startswith(b"["):
            header = dots
        work += (dots + 1) * (dots + header) + 9 * header
    if work > _MAX_WORK:
        raise BoundExceeded(f"the nesting of keys in {path}", _MAX_WORK, "steps")
    try:
        return tomllib.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise MalformedSource(f"{path} is not valid TOML: {str(error)[:200]}") from error


def table(value: Any, where: str) -> Table:
    """A table.

    Raises:
        MalformedSource: it is something else.
    """
    if not isinstance(value, dict):
        raise MalformedSource(f"{where} is not a table")
    return value


def tables(value: Any, where: str) -> list[Table]:
    """An array of tables; of nothing, an empty one.

    Raises:
        MalformedSource: it is something else.
    """
    if value is None:
        return []
    if not isinstance(value, list):
        raise MalformedSource(f"{where} is not an array")
    return [table(item, where) for item in value]


def text(value: Any, where: str) -> str:
    """A string; of nothing, an empty one.

    Raises:
        MalformedSource: it is something else.
    """
    if value is None:
        return ""
    if not isinstance(value, str):
        raise MalformedSource(f"{where} is not a string")
    return value


def texts(value: Any, where: str) -> list[str]:
    """An array of strings; of nothing, an empty one.

    Raises:
        MalformedSource: it is something else.
    """
    if value is None:
        return []
    if not isinstance(value, list):
        raise MalformedSource(f"{where} is not an array")
    return [text(item, where) for item in value]
