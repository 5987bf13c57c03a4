"""The pickle assembler of the unit tests, and the few opcodes they do not need."""

from __future__ import annotations

import struct

from tests.unit.weights.craft import (
    ECHO,
    Zip,
    blob,
    call,
    frame,
    gguf,
    gguf_key,
    gguf_string,
    gguf_tensor,
    imp,
    joblib_array,
    npy,
    safetensors,
    short,
    stack_imp,
    state_dict,
    text,
    torch_legacy,
    torch_zip,
)

__all__ = [
    "ECHO", "MISSING", "PROTO_2", "PROTO_4", "RUN", "RUN_PICKLE", "RUN_TEXT", "Zip", "binunicode8",
    "blob", "call", "frame", "gguf", "gguf_key", "gguf_string", "gguf_tensor", "imp",
    "joblib_array", "npy", "safetensors", "short", "stack_imp", "state_dict", "string", "text",
    "torch_legacy", "torch_zip", "value",
]  # fmt: skip

PROTO_2 = b"\x80\x02"
PROTO_4 = b"\x80\x04"
MISSING = "/nonexistent/weighbridge/inert"  # every path a payload names lies below it

# ``os.system('echo inert')`` left on the stack.
RUN = call(imp("os", "system"), text(ECHO))
# The same as a whole pickle, and as one of protocol 0, which is text.
RUN_PICKLE = PROTO_2 + RUN + b"."
RUN_TEXT = b"cos\nsystem\n(S'echo inert'\ntR."


def string(content: str) -> bytes:
    """STRING: protocol 0's quoted text."""
    return b"S" + repr(content).encode() + b"\n"


def binunicode8(content: str) -> bytes:
    """BINUNICODE8."""
    raw = content.encode()
    return b"\x8d" + struct.pack("<Q", len(raw)) + raw


def value(item: object) -> bytes:
    """The opcodes of a plain constant; bytes are taken as opcodes already."""
    if isinstance(item, bytes):
        return item
    if item is None:
        return b"N"
    if isinstance(item, bool):
        return b"\x88" if item else b"\x89"
    if isinstance(item, int):
        return b"J" + struct.pack("<i", item)
    if isinstance(item, str):
        return text(item)
    if isinstance(item, list):
        return b"](" + b"".join(map(value, item)) + b"e"
    if isinstance(item, tuple):
        return b"(" + b"".join(map(value, item)) + b"t"
    assert isinstance(item, dict), item
    pairs = b"".join(value(key) + value(entry) for key, entry in item.items())
    return b"}(" + pairs + b"u"
