"""Programs, archives and pickles that stand where the numbers of a tensor should.

Nothing loads a tensor's bytes as a pickle by itself; one that is there waits for code that does. A
tensor of bytes may hold a library's own state on purpose (Transformer Engine's ``_extra_state``),
so a pickle counts only where it ends with STOP and uses a name that is not listed, or is broken and
calls what is dangerous: numbers that begin like one by chance do neither.
"""

from __future__ import annotations

from weighbridge.model.errors import HostileInput
from weighbridge.weights.hidden_content import HEAD, MAX_OPCODES, MAX_PICKLES, Content
from weighbridge.weights.inspection import Verdict
from weighbridge.weights.log import Log
from weighbridge.weights.pickle.stream import inspect_pickles
from weighbridge.weights.ranges import Ranges
from weighbridge.weights.source import Source

_MAX_STRETCH = 4 * 2**20  # bytes of one that are read
_LEAST = 12  # bytes of a pickle that can do something


class DataStarts(Content):
    """:class:`Content` for stretches that may hold any bytes."""

    def __init__(self, source: Source, log: Log) -> None:
        super().__init__(source, log)
        self._into = log
        self._attempts = 0
        self._budget = log.spent.opcodes + MAX_OPCODES

    def look(self, start: int, length: int, what: str) -> None:
        """As :meth:`Content.look`; nothing more once too many were tried, which a gap says."""
        if self._attempts <= MAX_PICKLES:
            super().look(start, length, what)

    def _pickle(self, part: Source, start: int, what: str) -> None:
        log = self._into
        self._attempts += 1
        if self._attempts > MAX_PICKLES or log.spent.opcodes > self._budget:
            log.gap("too many stretches of the file may be pickles: some were not tried")
            return
        scratch = log.scratch()
        ended = False
        try:
            found = inspect_pickles(part.part(0, min(part.size, _MAX_STRETCH)), scratch, most=1)
            ended = found.end >= _LEAST
        except HostileInput:
            ended = False  # numbers that look like a pickle's first bytes
        log.bytes_read += scratch.bytes_read
        least = Verdict.UNLISTED if ended else Verdict.DANGEROUS
        if scratch.has(least):
            log.issue("hidden-pickle", f"{what} holds a pickle", start)
            log.absorb(scratch, least=least)


def look_at_tensors(source: Source, start: int, ranges: Ranges, log: Log) -> None:
    """Look at the first bytes of every tensor that lies in a file.

    Args:
        source: the file.
        start: where its data begins.
        ranges: the tensors' places, counted from there.
        log: gets what is found.
    """
    content = DataStarts(source, log)
    stream = source.open()
    for name, begin, stop in ranges.each():
        length = min(stop, source.size - start) - begin
        if length < _LEAST:
            continue
        stream.seek(start + begin)
        content.glance(stream.read(HEAD), start + begin, length, f"the tensor {name}")
