"""Whether bytes are a PaddlePaddle program."""

from __future__ import annotations

# The main block: number 0, without a parent (-1), and the field behind it.
_MAIN_BLOCK = b"\x08\x00\x10" + b"\xff" * 9 + b"\x01"


def looks_like_program(head: bytes, size: int) -> bool:
    """Whether bytes are a ``ProgramDesc``: a block first, which is the main one."""
    if head[:1] != b"\x0a":
        return False
    length = 0
    for index, byte in enumerate(head[1:6]):
        length |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            start = index + 2
            return length <= size - start and head.startswith(_MAIN_BLOCK, start)
    return False
