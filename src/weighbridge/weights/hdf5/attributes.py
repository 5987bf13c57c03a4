"""Attributes: small named values of an object, in its header or in dense storage
(sections IV.A.2.m and IV.A.2.v)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from weighbridge.model.errors import HostileInput, NotReadHere
from weighbridge.weights.hdf5 import headers
from weighbridge.weights.hdf5.damage import going_on
from weighbridge.weights.hdf5.datatypes import (
    INTEGER,
    OPAQUE,
    STRING,
    VLEN,
    Dataspace,
    Datatype,
    read_dataspace,
    read_datatype,
)
from weighbridge.weights.hdf5.file import MAX_BLOCK, UNDEFINED, Fields, File
from weighbridge.weights.hdf5.headers import Header
from weighbridge.weights.hdf5.heaps import GlobalHeaps
from weighbridge.weights.hdf5.links import dense
from weighbridge.weights.hdf5.shared import Shared
from weighbridge.weights.log import Log

_BY_NAME, _BY_ORDER = 8, 9
_COST = 4  # steps


@dataclass(frozen=True, slots=True)
class Attribute:
    """``data`` as it is stored, at ``address``."""

    name: bytes
    datatype: Datatype
    dataspace: Dataspace
    data: bytes
    address: int


def attributes(file: File, header: Header, shared: Shared, log: Log) -> Iterator[Attribute]:
    """Every attribute of an object. A damaged one is logged and left out.

    Raises:
        HostileInput: the index of dense storage is malformed.
    """
    for message in header.messages:
        places: Iterable[Fields] = ()
        with going_on(log, "an attribute"):
            if message.kind == headers.ATTRIBUTE:
                places = (shared.fields(message),)
            elif message.kind == headers.ATTRIBUTE_INFO:
                fields = shared.fields(message)
                places = dense(file, fields, 2, (_BY_NAME, 0), (_BY_ORDER, 0), log)
        for place in places:
            found = None
            with going_on(log, "an attribute"):
                found = _read(file, place, shared)
            if found is not None:
                yield found


def _read(file: File, fields: Fields, shared: Shared) -> Attribute:
    file.spend(_COST)
    version = fields.version("the attribute", 1, 2, 3)
    flags = fields.byte()
    sizes = fields.number(2), fields.number(2), fields.number(2)
    if version == 3:
        fields.skip(1)
    parts = []
    for size in sizes:
        parts.append(fields.within(fields.take(size), fields.address + fields.at))
        if version == 1:
            fields.skip(min(-size % 8, fields.left))
    name, kind, space = parts
    if flags & 1 and version > 1:
        kind = shared.resolve(kind, headers.DATATYPE)
    if flags & 2 and version > 1:
        space = shared.resolve(space, headers.DATASPACE)
    datatype, dataspace = read_datatype(kind, file), read_dataspace(space)
    wanted = datatype.size * dataspace.count
    place = fields.address + fields.at if fields.address != UNDEFINED else UNDEFINED
    shown = name.data.rstrip(b"\0")
    if wanted > fields.left:
        raise HostileInput(f"the attribute {shown[:80]!r} is cut off")
    return Attribute(shown, datatype, dataspace, fields.take(wanted), place)


def byte_values(file: File, heaps: GlobalHeaps, found: Attribute) -> Iterator[tuple[bytes, int]]:
    """The values of an attribute that are text or bytes, each with its address.

    Raises:
        HostileInput: one is not there.
        NotReadHere: one is larger than any text that matters.
    """
    datatype, data = found.datatype, found.data
    if datatype.kind in (STRING, OPAQUE) and datatype.size:
        file.spend(found.dataspace.count)
        for at in range(0, len(data), datatype.size):
            yield data[at : at + datatype.size].rstrip(b"\0"), found.address + at
    elif datatype.kind == INTEGER and datatype.size == 1:
        yield data, found.address
    elif datatype.kind == VLEN and datatype.base is not None and datatype.base.size == 1:
        for address, size in sequences(file, heaps, data):
            if size > MAX_BLOCK:
                raise NotReadHere(f"an attribute of more than {MAX_BLOCK} bytes")
            yield file.read(address, size), address


def sequences(file: File, heaps: GlobalHeaps, data: bytes) -> Iterator[tuple[int, int]]:
    """Address and bytes of each sequence that references into the global heap name.

    Raises:
        HostileInput: one is not there.
    """
    step = 8 + file.offsets
    if len(data) % step:
        raise HostileInput("references to sequences are cut off")
    file.spend(len(data) // step)
    fields = Fields(data, file.offsets, file.lengths)
    while fields.left:
        count, address, index = fields.number(4), fields.location(), fields.number(4)
        if count and address not in (0, UNDEFINED):
            start, size = heaps.place(address, index)
            yield start, min(count, size)
