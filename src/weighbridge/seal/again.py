"""What is made again from a record: its pages and its evaluation, begun before anything is checked.

Both take longer than all seals, and run in copies of this process while these are checked here.
Where no copy can be made they run here, when their result is asked for.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from weighbridge import __version__
from weighbridge.edge.sharing import Ahead, Result
from weighbridge.model.errors import WeighbridgeError
from weighbridge.model.record import AuditRecord
from weighbridge.seal.drawing import base_of_drawing, other_drawing

Draw = Callable[[AuditRecord], bytes]
Replay = Callable[[AuditRecord], AuditRecord]


class Begun:
    """A piece of work and, if there is one, the copy of this process that does it."""

    def __init__(self, work: Callable[[], Result]) -> None:
        self._work = work
        self._ahead = Ahead(work)

    def result(self) -> Result:
        """Wait for it; to be asked once."""
        found = self._ahead.result()
        return self._work() if found is None else found

    def close(self) -> None:
        """Nobody wants to know any more."""
        self._ahead.drop()


@dataclass(frozen=True, slots=True)
class Again:
    """What was begun; None for what was not asked for, or would be in vain.

    ``drawn`` gives ``base``, see :func:`~weighbridge.seal.drawing.base_of_drawing`; ``replayed``
    gives ``same`` and, where the evaluation broke, the kind of ``error``.
    """

    drawn: Begun | None = None
    replayed: Begun | None = None


@contextlib.contextmanager
def beginner(
    draw: Draw | None, replay: Replay | None, drawn_with: Mapping[str, str] | None
) -> Iterator[Callable[[bytes | None, AuditRecord | None], Again]]:
    """What begins it for a PDF and a record; what is not asked for in the end is given up.

    Args:
        draw: draws a record's PDF; None where that is not wanted.
        replay: evaluates a record's evidence again; None likewise.
        drawn_with: what drew the PDF, as the seal says; None where no seal does.
    """
    with contextlib.ExitStack() as stack:

        def begun(work: Callable[[], Result]) -> Begun:
            return stack.enter_context(contextlib.closing(Begun(work)))

        def begin(pdf: bytes | None, record: AuditRecord | None) -> Again:
            drawn = replayed = None
            if record and pdf is not None and draw and not other_drawing(record, drawn_with):
                drawn = begun(_drawing(pdf, record, draw))
            if record and replay and record.tool_version == __version__:
                replayed = begun(_replaying(record, replay))
            return Again(drawn, replayed)

        yield begin


def _drawing(pdf: bytes, record: AuditRecord, draw: Draw) -> Callable[[], Result]:
    return lambda: {"base": base_of_drawing(pdf, draw(record))}


def _replaying(record: AuditRecord, replay: Replay) -> Callable[[], Result]:
    def work() -> Result:
        try:
            return {"same": replay(record).to_bytes() == record.to_bytes()}
        except (WeighbridgeError, ValueError, KeyError) as error:
            return {"same": False, "error": type(error).__name__}

    return work
