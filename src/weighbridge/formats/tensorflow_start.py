"""Which of TensorFlow's files a file's first bytes are. Protocol buffers have no magic number: what
counts is that the nested messages begin as the schema says, with names where names belong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from weighbridge.formats.crc32c import masked_crc32c

_OP = re.compile(rb"_*[A-Z][A-Za-z0-9_]*(?:>[A-Za-z0-9_>]+)?\Z")
_NODE = re.compile(rb"[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*\Z")
_FUNCTION_OP = re.compile(rb"[A-Za-z_][A-Za-z0-9_.\\/>-]*\Z")
_VERSION = re.compile(rb"\d+\.\d+\.\d+")
# An entry with an empty key whose value is a BundleHeaderProto: num_shards, perhaps endianness,
# and version { producer: 1 }, perhaps with more.
_BUNDLE = re.compile(
    rb"\x00\x00[\x04-\x30]\x08[\x80-\xff]{0,3}[\x01-\x7f](?:\x10[\x00\x01])?\x1a[\x02-\x20]\x08"
)
_VARINT, _LEN = 0, 2


class _Part(NamedTuple):
    number: int
    wire: int
    value: int  # of a number
    start: int
    end: int


def _parts(head: bytes, start: int, end: int) -> Iterator[_Part]:
    """Fields of a message as far as the head reaches; nothing from the first that cannot be one."""
    at = start
    while at < min(end, len(head)):
        tag, at = _varint(head, at)
        number, wire = tag >> 3, tag & 7
        if wire == _VARINT:
            value, behind = _varint(head, at)
            yield _Part(number, wire, value, at, behind)
            at = behind
        elif wire == _LEN:
            size, at = _varint(head, at)
            if size < 0 or at + size > end:
                return
            yield _Part(number, wire, 0, at, at + size)
            at += size
        elif wire in (1, 5):
            at += 8 if wire == 1 else 4
            yield _Part(number, wire, 0, at, at)
        else:
            return
        if at < 0:
            return


def _varint(head: bytes, at: int) -> tuple[int, int]:
    """A number and the index behind it; (-1, -1) where there is none."""
    value = 0
    for shift in range(0, 70, 7):
        if not 0 <= at < len(head):
            return -1, -1
        value |= (head[at] & 0x7F) << shift
        at += 1
        if head[at - 1] < 0x80:
            return value, at
    return -1, -1


def _first(head: bytes, part: _Part) -> _Part | None:
    return next(_parts(head, part.start, part.end), None)


def looks_like_saved_model(head: bytes, size: int) -> bool:
    """``saved_model.pb``: the schema version 1, then a ``MetaGraphDef``."""
    if head[:3] != b"\x08\x01\x12":
        return False
    parts = list(_parts(head, 0, size))
    if len(parts) < 2:
        return False
    inner = _first(head, parts[1])
    if inner is None or inner.wire != _LEN or inner.number not in (1, 2):
        return False
    if inner.number == 1:
        return _is_meta_info(head, inner)
    return _is_graph(head, inner.start, inner.end)


def looks_like_meta_graph(head: bytes, size: int) -> bool:
    """``.meta``: a ``MetaGraphDef`` with its ``MetaInfoDef`` first."""
    first = next(_parts(head, 0, size), None)
    return (
        first is not None
        and (first.number, first.wire) == (1, _LEN)
        and not _is_graph(head, 0, size)
        and _is_meta_info(head, first)
    )


def _is_meta_info(head: bytes, part: _Part) -> bool:
    """A ``MetaInfoDef``: the operators it lists have names, the version of TensorFlow is one."""
    for found in _parts(head, part.start, part.end):
        if found.number == 2 and found.wire == _LEN:
            definition = _first(head, found)
            name = _first(head, definition) if definition else None
            return (
                name is not None
                and definition is not None
                and (definition.number, name.number, name.wire) == (1, 1, _LEN)
                and _OP.match(head[name.start : name.end]) is not None
            )
        if found.number == 5 and found.wire == _LEN:
            return _VERSION.match(head[found.start : found.end]) is not None
        if found.number not in (1, 3, 4):
            return False
    return False


def looks_like_graph(head: bytes, size: int) -> bool:
    """A frozen graph: a ``GraphDef`` with a node first."""
    return _is_graph(head, 0, size)


def _is_graph(head: bytes, start: int, end: int) -> bool:
    first = next(_parts(head, start, end), None)
    if first is None or (first.number, first.wire) != (1, _LEN):
        return False
    parts = list(_parts(head, first.start, first.end))[:2]
    if [(p.number, p.wire) for p in parts] != [(1, _LEN), (2, _LEN)] or parts[1].end > len(head):
        return False
    name, op = (head[p.start : p.end] for p in parts)
    if name.endswith(b".proto"):  # a FileDescriptorSet: a file's name, and its package
        return False
    return _NODE.match(name) is not None and _FUNCTION_OP.match(op) is not None


def looks_like_keras_metadata(head: bytes, size: int) -> bool:
    """``keras_metadata.pb``: an object called root that Keras 2 registered."""
    first = next(_parts(head, 0, size), None)
    if first is None or (first.number, first.wire) != (1, _LEN):
        return False
    texts = {p.number: head[p.start : p.end] for p in _parts(head, first.start, first.end)}
    return texts.get(3, b"").startswith(b"root") and texts.get(4, b"").startswith(b"_tf_keras_")


def looks_like_checkpoint_index(head: bytes, size: int) -> bool:
    """A checkpoint's ``.index``; its footer's magic number is at the end, see ``checkpoint``."""
    return size >= 48 and _BUNDLE.match(head) is not None


def looks_like_tfrecord(head: bytes, size: int) -> bool:
    """TFRecord: a length and its own checksum."""
    if len(head) < 12 or 16 + int.from_bytes(head[:8], "little") > size:
        return False
    return masked_crc32c(head[:8]) == int.from_bytes(head[8:12], "little")
