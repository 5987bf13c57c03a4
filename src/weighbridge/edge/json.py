"""JSON from strangers: bounded in size and depth, duplicate keys refused."""

from __future__ import annotations

import json
import sys
from typing import Any

from weighbridge.model.errors import BoundExceeded, HostileInput

MAX_BYTES = 64 * 2**20


def load_json(data: bytes, *, source: str, max_bytes: int = MAX_BYTES) -> Any:
    """Parse UTF-8 JSON.

    Raises:
        HostileInput: not UTF-8, not JSON, a duplicate key, NaN or an infinity.
        BoundExceeded: too large or nested too deeply.
    """
    if len(data) > max_bytes:
        raise BoundExceeded(source, max_bytes, "bytes")
    try:
        return json.loads(
            data.decode("utf-8-sig"),
            object_pairs_hook=_no_duplicates,
            parse_constant=_no_constant,
        )
    except RecursionError as error:
        # the C scanner counts its depth and stops where the interpreter would
        raise BoundExceeded(
            f"the nesting of {source}", sys.getrecursionlimit(), "levels"
        ) from error
    except ValueError as error:
        raise HostileInput(f"{source} is not valid JSON: {error}") from error


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in table if keys.count(key) > 1)
        raise ValueError(f"the key {twice[:80]!r} stands twice in one object")
    return table


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
