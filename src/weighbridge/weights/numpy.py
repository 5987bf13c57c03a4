"""NumPy arrays (``.npy``): the header, whether the body fits it, and pickles of object arrays.

Source: NEP 1 and ``numpy/lib/_format_impl.py``. ``numpy.save`` may be called several times on one
file, so an array may follow an array.
"""

from __future__ import annotations

from dataclasses import dataclass

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.weights.inspection import Verdict
from weighbridge.weights.log import Log
from weighbridge.weights.numpy_header import MAX_HEADER, ItemType, Literal, Unknown, parse
from weighbridge.weights.pickle.machine import MAX_LINE_ENDS
from weighbridge.weights.pickle.stream import inspect_pickles
from weighbridge.weights.places import placed
from weighbridge.weights.source import Readable, Source

MAX_ARRAYS = 1000  # one behind the other in a file
MAX_HEADERS = 2 * MAX_HEADER  # bytes of all their headers
_MAX_COUNT = 2**53
_MAX_RANK = 64  # NPY_MAXDIMS
_KEYS = {"descr", "fortran_order", "shape"}
_MAGIC = b"\x93NUMPY"


@dataclass(frozen=True, slots=True)
class Array:
    """``body`` is where the elements start, ``item`` the bytes of one, None for objects."""

    shape: tuple[int, ...]
    descr: str
    item: int | None
    body: int
    count: int


def inspect(source: Source, log: Log, claimed: int = -1) -> None:
    """Check a ``.npy`` stream; ``claimed`` is its length where only an archive's directory tells.

    Raises:
        HostileInput: the header cannot be read.
    """
    size = source.size if source.size >= 0 else claimed
    start = headers = 0
    for _ in range(MAX_ARRAYS):
        start, length = _inspect(source, start, size, log)
        headers += length
        if start < 0:
            return
        if headers > MAX_HEADERS:
            raise BoundExceeded("the NumPy headers of one file", MAX_HEADERS, "bytes")
    log.gap(f"only the first {MAX_ARRAYS} arrays of the file were looked at")


def _inspect(source: Source, start: int, size: int, log: Log) -> tuple[int, int]:
    """One array: where the next one starts, -1 where there is none, and the header's length."""
    rest = _rest(source, start)
    try:
        array = read_header(rest, log)
    except Unknown:
        _pickled(rest, log)
        raise
    log.tensor(array.descr, array.count)
    size -= start
    if array.item is None:
        found = inspect_pickles(_rest(rest, array.body), log, most=1)
        end = array.body + found.end
        if not found.count or size < 0:
            return -1, array.body
    else:
        end = array.body + array.count * array.item
        if size >= 0 and size < end:
            log.issue(
                "truncated",
                f"the array needs {end - array.body} bytes and the file holds {size - array.body}",
                start + array.body,
            )
            return -1, array.body
    if size <= end or (array.item is None and _only_line_ends(rest, end, size - end)):
        return -1, array.body
    if source.size >= 0 and _head(rest, end) == _MAGIC:
        return start + end, array.body
    log.issue(
        "trailing-data",
        "data follows the array's pickle"
        if array.item is None
        else f"the array needs {end - array.body} bytes and the file holds {size - array.body}",
        start + end,
    )
    return -1, array.body


def _only_line_ends(source: Source, at: int, length: int) -> bool:
    """A few line ends, which editors and repository hooks add to a file's end, hold nothing."""
    if source.size < 0 or length > MAX_LINE_ENDS:
        return False
    return not source.part(at, length).head(length).strip(b"\r\n")


def _head(source: Source, at: int) -> bytes:
    return source.part(at, len(_MAGIC)).head(len(_MAGIC))


def _rest(source: Source, start: int) -> Source:
    if source.size >= 0:
        return source.part(start, source.size - start)
    return Source(lambda: _skipped(source.open(), start), -1)


def _skipped(stream: Readable, count: int) -> Readable:
    while count > 0 and (part := stream.read(count)):
        count -= len(part)
    return stream


def _pickled(source: Source, log: Log) -> None:
    """NumPy knows more names of types than are known here, and some of them mean objects."""
    stream = source.open()
    body = _body(stream)[1]
    scratch = log.scratch()
    found = inspect_pickles(_rest(source, body), scratch, most=1)
    log.absorb(scratch, least=Verdict.UNLISTED if found.count else Verdict.DANGEROUS)


def read_header(source: Source, log: Log) -> Array:
    """What the header at the start of the stream says.

    Raises:
        HostileInput: it cannot be read.
        Unknown: its element type is not known here.
        BoundExceeded: it is longer than is read here.
    """
    with placed(lambda: 0):
        text, body = _body(source.open())
    log.bytes_read += body
    with placed(lambda: body - len(text)):
        return _array(text, body, log)


def _array(text: str, body: int, log: Log) -> Array:
    header = parse(text)
    if set(header) != _KEYS:
        raise HostileInput("the NumPy header has other keys than descr, fortran_order and shape")
    shape = _shape(header["shape"])
    if type(header["fortran_order"]) is not bool:
        log.issue("bad-header", "fortran_order is not a truth value", body - len(text))
    item = ItemType(header["descr"])
    count = 1
    for side in shape:
        count *= side
        if count * (item.size or 1) > _MAX_COUNT:
            raise HostileInput("the array's shape is larger than any memory")
    return Array(shape, item.label, item.size, body, count)


def _body(stream: Readable) -> tuple[str, int]:
    """The header's text, and where it ends."""
    head = _exactly(stream, 8)
    if head[:6] != _MAGIC:
        raise HostileInput("the array does not start with the NumPy magic")
    major, minor = head[6], head[7]
    if major not in (1, 2, 3) or minor:
        raise HostileInput(f"NumPy format version {major}.{minor} does not exist")
    wide = 2 if major == 1 else 4
    length = int.from_bytes(_exactly(stream, wide), "little")
    if length > MAX_HEADER:
        _exactly(stream, MAX_HEADER)  # a shorter file is cut off, and no bound of ours is reached
        raise BoundExceeded("the NumPy header", MAX_HEADER, "bytes")
    raw = _exactly(stream, length)
    if raw[-1:] != b"\n":
        raise HostileInput("the NumPy header does not end with the end of a line")
    try:
        return raw.decode("utf-8" if major == 3 else "latin-1"), 8 + wide + length
    except UnicodeDecodeError as error:
        raise HostileInput("the NumPy header is not UTF-8") from error


def _exactly(stream: Readable, count: int) -> bytes:
    data = b""
    while len(data) < count and (part := stream.read(count - len(data))):
        data += part
    if len(data) < count:
        raise HostileInput("the NumPy header is cut off")
    return data


def _shape(value: Literal) -> tuple[int, ...]:
    if not isinstance(value, tuple) or len(value) > _MAX_RANK:
        raise HostileInput("the NumPy shape is not a tuple of counts")
    sides = []
    for side in value:
        if type(side) is not int:
            raise HostileInput("the NumPy shape is not a tuple of counts")
        sides.append(side)
    return tuple(sides)
