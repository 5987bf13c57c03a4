"""NumPy arrays (``.npy``): the header, whether the body fits it, and pickles of object arrays.

Source: NEP 1 and ``numpy/lib/format.py``. A header is a Python literal; it is parsed as one, never
evaluated.
"""

from __future__ import annotations

import ast
import re
import warnings

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.weights.inspection import Log
from weighbridge.weights.pickle.stream import inspect_pickles
from weighbridge.weights.source import Readable, Source

MAX_HEADER = 64 * 1024  # bytes; numpy itself refuses more than 10,000 unless told
_MAX_LITERAL = 10_000
_MAX_FIELDS = 5000
_TYPE = re.compile(r"[<>|=]?([?biufcmMOSUVa])(\d{0,9})(?:\[\d*[a-zA-Z]+\])?\Z")


def inspect(source: Source, log: Log, claimed: int = -1) -> None:
    """Check a ``.npy`` stream; ``claimed`` is its length where only an archive's directory tells.

    Raises:
        HostileInput: the header cannot be read.
    """
    stream = source.open()
    header, body = _header(stream)
    log.bytes_read += body
    shape, item, text = _layout(header, log)
    count = 1
    for side in shape:
        count *= side
    if count > 2**53:
        raise HostileInput("the array's shape is larger than any memory")
    log.tensor(text, count)
    if item is None:
        found = inspect_pickles(_rest(source, body), log, most=1)
        size = source.size if source.size >= 0 else claimed
        if found.count and size >= 0 and body + found.end != size:
            log.issue("trailing-data", "data follows the array's pickle", body + found.end)
        return
    size = source.size if source.size >= 0 else claimed
    if size >= 0 and size - body != count * item:
        kind = "trailing-data" if size - body > count * item else "truncated"
        log.issue(
            kind, f"the array needs {count * item} bytes and the file holds {size - body}", body
        )


def _rest(source: Source, start: int) -> Source:
    if source.size >= 0:
        return source.part(start, source.size - start)
    return Source(lambda: _skipped(source.open(), start), -1)


def _skipped(stream: Readable, count: int) -> Readable:
    while count > 0 and (part := stream.read(count)):
        count -= len(part)
    return stream


def _header(stream: Readable) -> tuple[dict[str, object], int]:
    head = _exactly(stream, 8)
    if head[:6] != b"\x93NUMPY":
        raise HostileInput("the array does not start with the NumPy magic")
    major = head[6]
    if major not in (1, 2, 3):
        raise HostileInput(f"NumPy format version {major} does not exist")
    wide = 2 if major == 1 else 4
    length = int.from_bytes(_exactly(stream, wide), "little")
    if length > MAX_HEADER:
        raise BoundExceeded("the NumPy header", MAX_HEADER, "bytes")
    raw = _exactly(stream, length)
    return _literal(raw.decode("utf-8" if major == 3 else "latin-1", "replace")), 8 + wide + length


def _exactly(stream: Readable, count: int) -> bytes:
    data = b""
    while len(data) < count and (part := stream.read(count - len(data))):
        data += part
    if len(data) < count:
        raise HostileInput("the NumPy header is cut off")
    return data


def _literal(text: str) -> dict[str, object]:
    if len(text.rstrip()) > _MAX_LITERAL:
        raise BoundExceeded("the NumPy header", _MAX_LITERAL, "characters")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
        raise HostileInput("the NumPy header is not a Python literal") from error
    if not isinstance(value, dict) or set(value) != {"descr", "fortran_order", "shape"}:
        raise HostileInput("the NumPy header has other keys than descr, fortran_order and shape")
    return value


def _layout(header: dict[str, object], log: Log) -> tuple[tuple[int, ...], int | None, str]:
    shape = header["shape"]
    if not isinstance(shape, tuple) or any(type(side) is not int or side < 0 for side in shape):
        raise HostileInput("the NumPy shape is not a tuple of counts")
    if type(header["fortran_order"]) is not bool:
        log.issue("bad-header", "fortran_order is not a truth value")
    item = _item_size(header["descr"], [0])
    descr = header["descr"]
    return shape, item, descr if isinstance(descr, str) else "structured"


def _item_size(descr: object, seen: list[int]) -> int | None:
    """Bytes of one element, None where it holds objects (which are pickled)."""
    seen[0] += 1
    if seen[0] > _MAX_FIELDS:
        raise BoundExceeded("the NumPy element type", _MAX_FIELDS, "fields")
    if isinstance(descr, str):
        match = _TYPE.match(descr)
        if match is None:
            raise HostileInput(f"{descr[:40]!r} is no NumPy element type")
        kind, digits = match.groups()
        if kind == "O":
            return None
        size = int(digits) if digits else 1
        return 4 * size if kind == "U" else size
    if isinstance(descr, tuple) and len(descr) == 2:
        return _times(_item_size(descr[0], seen), descr[1])
    if isinstance(descr, list):
        total: int | None = 0
        for field in descr:
            if not isinstance(field, tuple) or len(field) not in (2, 3):
                raise HostileInput("a field of the NumPy element type is malformed")
            part = _item_size(field[1], seen)
            part = _times(part, field[2]) if len(field) == 3 else part
            total = None if part is None or total is None else total + part
        return total
    raise HostileInput("the NumPy element type is malformed")


def _times(size: int | None, shape: object) -> int | None:
    for side in shape if isinstance(shape, tuple) else (shape,):
        if type(side) is not int or side < 0:
            raise HostileInput("a field's shape is not made of counts")
        size = None if size is None else size * side
    return size
