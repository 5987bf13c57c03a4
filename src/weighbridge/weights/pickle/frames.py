"""The other reading of a pickle whose opcodes cross a frame's end.

CPython's C unpickler before 3.13.15 and 3.14.7, reading from a file without ``peek``, fetches a
frame into its buffer; a read that crosses the buffer's end drops what is left of it and reads on
behind the frame (python/cpython#154848). ``pickle.loads`` and ``pickletools`` read straight
through. So the same bytes are two programs; this module spells out the second as plain bytes
without frames.
"""

from __future__ import annotations

from weighbridge.weights.pickle.table import LAYOUTS

MAX_BYTES = 16 * 2**20


class _Reader:
    """Reads as that unpickler does: ``edge`` is where its buffer ends, 0 where it has none."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.pos = 0
        self.edge = 0

    def fetch(self, count: int) -> bytes:
        if self.edge and self.pos + count > self.edge:
            self.pos = max(self.pos, self.edge)
            self.edge = 0
        return self.straight(count)

    def straight(self, count: int) -> bytes:
        found = self.data[self.pos : self.pos + count]
        self.pos += count
        return found

    def line(self) -> bytes:
        end = self.data.find(b"\n", self.pos, self.edge or len(self.data)) + 1
        if not end and self.edge:
            self.pos, self.edge = max(self.pos, self.edge), 0
            end = self.data.find(b"\n", self.pos) + 1
        return self.straight((end or len(self.data)) - self.pos)

    def frame(self) -> None:
        size = int.from_bytes(self.fetch(8), "little")
        if not self.edge or self.pos + size > self.edge:
            self.pos = max(self.pos, self.edge)
            self.edge = self.pos + size


def dropping(data: bytes) -> bytes:
    """The opcodes of the first pickle as an unpickler reads them that drops the rest of a frame."""
    reader = _Reader(data)
    out: list[bytes] = []
    while reader.pos < len(data):
        opcode = reader.fetch(1)
        layout = LAYOUTS.get(opcode[0]) if opcode else None
        if layout is None:
            break
        if opcode == b"\x95":
            reader.frame()
            continue
        out.append(opcode)
        if opcode == b".":
            break
        if layout.isdigit():
            out.append(reader.fetch(int(layout)))
        elif layout.startswith("l"):
            out += [reader.line() for _ in layout]
        elif layout:
            prefix = reader.fetch(int(layout[1]))
            size = int.from_bytes(prefix, "little")
            out += [prefix, reader.fetch(size) if layout[0] == "s" else reader.straight(size)]
    return b"".join(out)
