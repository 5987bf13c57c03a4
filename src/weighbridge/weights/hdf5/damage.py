"""Damage that does not hide what lies behind it: loaders find a link or an attribute by its name,
and need not read the damaged one beside it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from weighbridge.model.errors import BoundExceeded, HostileInput, NotReadHere
from weighbridge.weights.log import Log


@contextlib.contextmanager
def going_on(log: Log, place: str) -> Iterator[None]:
    """Log why one part could not be read, and go on behind it."""
    try:
        yield
    except (BoundExceeded, NotReadHere) as error:
        log.gap(f"{place}: {error}")
    except HostileInput as error:
        log.issue("malformed", f"{place}: {error}")
        log.gap(f"{place}: {error}", uninspected=False)
