"""What a reader says of bytes, as its caller would take it."""

from __future__ import annotations

import io
from collections.abc import Callable

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.weights.inspection import Inspection
from weighbridge.weights.log import Log
from weighbridge.weights.source import Source, file_source


def seen(reader: Callable[[Source, Log], None], data: bytes) -> Inspection:
    """What a reader says of bytes; what it gives up on is recorded as its caller does."""
    log = Log()
    try:
        reader(file_source(io.BytesIO(data), len(data)), log)
    except BoundExceeded as error:
        log.gap(str(error))
    except HostileInput as error:
        log.issue("malformed", str(error))
        log.gap(str(error), uninspected=False)
    return log.freeze("a test")


def clean(inspection: Inspection) -> bool:
    """Whether nothing at all was found, and everything was read."""
    return not (inspection.operations or inspection.issues or inspection.gaps)


def codes(inspection: Inspection) -> set[str]:
    """The codes of the issues."""
    return {issue.code for issue in inspection.issues}
