"""What is made again from a record: its pages and its evaluation, begun before anything is checked.

Both take longer than all seals, and run in copies of this process while these are checked here.
Where no copy can be made they run here, when their result is asked for.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Self

from weighbridge import __version__
from weighbridge.edge.sharing import Ahead, Result
from weighbridge.model.errors import HostileInput, WeighbridgeError
from weighbridge.model.record import AuditRecord
from weighbridge.seal.folder import read_file
from weighbridge.seal.record_file import read_record
from weighbridge.seal.statement import PDF_FILE, RECORD_FILE

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


class Again:
    """What is made again, of the record and the PDF that were begun with last.

    Attributes:
        draws: there is something to draw with; otherwise pages are not to be compared.
        replays: there is something to evaluate with.
        drawn: the drawing; its result has ``base``, see
            :func:`~weighbridge.seal.drawing.base_drawn_again`. None for what was not asked for, or
            would be in vain.
        replayed: the evaluation; its result has ``same`` and, where it broke, the kind of
            ``error``. None likewise.
    """

    def __init__(self, draw: Draw | None = None, replay: Replay | None = None) -> None:
        """Take what draws a record's PDF, and what evaluates a record's evidence again."""
        self._draw, self._replay = draw, replay
        self.draws, self.replays = draw is not None, replay is not None
        self.drawn: Begun | None = None
        self.replayed: Begun | None = None
        self._of: tuple[bytes | None, bytes] | None = None
        self._record: AuditRecord | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def begin_folder(self, folder: Path) -> None:
        """Begin with a pack's files as they are now; whatever is wrong with them is found later."""
        with contextlib.suppress(OSError, HostileInput):
            data = read_file(folder / RECORD_FILE)
            self.begin(read_file(folder / PDF_FILE), data)

    def begin(self, pdf: bytes | None, data: bytes) -> AuditRecord:
        """Begin with a PDF and a record. What was begun with other bytes is given up.

        Returns:
            What ``data`` says.

        Raises:
            HostileInput: it is no record.
        """
        if self._record is not None and self._of == (pdf, data):
            return self._record
        self.close()
        record = read_record(data)
        self._of, self._record = (pdf, data), record
        if record.tool_version == __version__:
            if pdf is not None and self._draw:
                self.drawn = Begun(_drawing(pdf, record, self._draw))
            if self._replay:
                self.replayed = Begun(_replaying(record, self._replay))
        return record

    def close(self) -> None:
        """Give up what was begun and not asked for."""
        for one in (self.drawn, self.replayed):
            if one is not None:
                one.close()
        self.drawn = self.replayed = self._record = None


def _drawing(pdf: bytes, record: AuditRecord, draw: Draw) -> Callable[[], Result]:
    def work() -> Result:
        from weighbridge.seal.drawing import base_drawn_again

        return {"base": base_drawn_again(pdf, record, draw)}

    return work


def _replaying(record: AuditRecord, replay: Replay) -> Callable[[], Result]:
    def work() -> Result:
        try:
            return {"same": replay(record).to_bytes() == record.to_bytes()}
        except (WeighbridgeError, ValueError, KeyError) as error:
            return {"same": False, "error": type(error).__name__}

    return work
