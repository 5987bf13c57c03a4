"""Whether bytes are an ExecuTorch program: a flatbuffer with its mark, and perhaps a header."""

from __future__ import annotations

import re

_IDENTIFIER = re.compile(rb"ET\d\d\Z")

_MAGIC = b"eh00"


def looks_like_executorch(head: bytes, size: int) -> bool:
    """Whether a file is an ExecuTorch program."""
    return (
        size >= 16
        and _IDENTIFIER.match(head[4:8]) is not None
        and (head[8:12] == _MAGIC or 8 <= int.from_bytes(head[:4], "little") < size)
    )
