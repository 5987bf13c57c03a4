"""Where a reader stood when it gave up: the byte offset that a finding about damage points at."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator

from weighbridge.model.errors import HostileInput

# Readers that write the place into their message need not hand it over a second time.
_NAMED = re.compile(r"\bat (?:byte|offset|address) (\d{1,15})\b")


class Damaged(HostileInput):
    """Malformed input at a known place; ``offset`` counts from the start of the file or member."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


def place_of(error: HostileInput) -> int:
    """The byte that an error is about, -1 where nobody knows."""
    if isinstance(error, Damaged):
        return error.offset
    named = _NAMED.search(error.message)
    return int(named[1]) if named else -1


@contextlib.contextmanager
def placed(where: Callable[[], int]) -> Iterator[None]:
    """Damage that is found meanwhile is at ``where()``, if its message names no place.

    Raises:
        Damaged: in place of the plain error.
    """
    try:
        yield
    except HostileInput as error:
        if type(error) is not HostileInput or place_of(error) >= 0:
            raise
        raise Damaged(error.message, where()) from error
