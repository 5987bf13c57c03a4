"""Random access to an HDF5 file in bounded memory, and what reading its structure may cost.

Addresses are counted from the superblock (section II.A, base address) and never leave the file.
"""

from __future__ import annotations

from collections import OrderedDict

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.weights.source import Readable, Source

MAX_BLOCK = 8 * 2**20  # bytes of one piece of metadata
MAX_PARSED = 64 * 2**20  # bytes of metadata of one file, however often a place is reached
MAX_STEPS = 400_000  # messages, links, records, elements of one file
UNDEFINED = -1  # an address of all ones (section I.C)
_PAGE = 16 * 1024
_PAGES = 1024


class File:
    """The bytes of one HDF5 file.

    ``base`` is where the superblock stands, ``end`` the first address behind the file (both
    counted in bytes), ``offsets`` and ``lengths`` the widths of addresses and of lengths.
    """

    def __init__(self, source: Source, base: int) -> None:
        self.source, self.base = source, base
        self.end = source.size - base
        self.offsets = self.lengths = 8
        self.parsed = self.steps = self.taken = self.summed = 0
        self._stream: Readable = source.open()
        self._pages: OrderedDict[int, bytes] = OrderedDict()

    def read(self, address: int, count: int) -> bytes:
        """Exactly ``count`` bytes of metadata.

        Raises:
            HostileInput: they are not inside the file.
            BoundExceeded: they are more than :data:`MAX_BLOCK`, or too many in all.
        """
        if address < 0 or count < 0 or address + count > self.end:
            raise HostileInput(f"{count} bytes at address {address} are not inside the file")
        if count > MAX_BLOCK:
            raise BoundExceeded(f"the metadata at address {address}", MAX_BLOCK, "bytes")
        self.count(count)
        if not count:
            return b""
        at = self.base + address
        if at // _PAGE == (at + count - 1) // _PAGE:
            start = at % _PAGE
            data = self._page(at // _PAGE)[start : start + count]
            if len(data) < count:
                raise HostileInput("the file is shorter than it was")
            return data
        first, last = at // _PAGE, (at + count - 1) // _PAGE
        data = b"".join(self._page(number) for number in range(first, last + 1))
        start = at - first * _PAGE
        if start + count > len(data):
            raise HostileInput("the file is shorter than it was")
        return data[start : start + count]

    def count(self, length: int) -> None:
        """Count bytes of metadata.

        Raises:
            BoundExceeded: they are more than :data:`MAX_PARSED` in all.
        """
        self.parsed += length
        if self.parsed > MAX_PARSED:
            raise BoundExceeded("the file's metadata", MAX_PARSED, "bytes")

    def _page(self, number: int) -> bytes:
        page = self._pages.get(number)
        if page is not None:
            self._pages.move_to_end(number)
            return page
        self._stream.seek(number * _PAGE)
        page = b""
        while len(page) < _PAGE and (part := self._stream.read(_PAGE - len(page))):
            page += part
        self.taken += len(page)
        self._pages[number] = page
        if len(self._pages) > _PAGES:
            self._pages.popitem(last=False)
        return page

    def spend(self, steps: int = 1) -> None:
        """Count steps of reading.

        Raises:
            BoundExceeded: they are more than :data:`MAX_STEPS`.
        """
        self.steps += steps
        if self.steps > MAX_STEPS:
            raise BoundExceeded("the structure of the HDF5 file", MAX_STEPS, "entries")

    @property
    def exhausted(self) -> bool:
        """Whether a bound of the whole file was reached."""
        return self.steps > MAX_STEPS or self.parsed > MAX_PARSED

    def fields(self, address: int, count: int) -> Fields:
        """A piece of metadata, to be read field by field."""
        return Fields(self.read(address, count), self.offsets, self.lengths, address)

    def block(self, address: int, signature: bytes, count: int) -> Fields:
        """A piece of metadata behind its signature.

        Raises:
            HostileInput: another signature, or none, stands there.
        """
        fields = self.fields(address, count)
        found = fields.take(len(signature))
        if found != signature:
            name = signature.decode("ascii")
            raise HostileInput(f"{name} is expected at address {address}, and {found!r} found")
        return fields

    def sure(self, address: int, count: int) -> bool:
        """Whether an extent lies inside the file."""
        return address >= 0 and count >= 0 and address + count <= self.end


class Fields:
    """Little-endian fields of one piece of metadata, one behind the other.

    Every method raises :class:`HostileInput` where the piece ends before.
    """

    __slots__ = ("address", "at", "data", "lengths", "offsets")

    def __init__(self, data: bytes, offsets: int, lengths: int, address: int = UNDEFINED) -> None:
        """``address``: where ``data`` starts in the file."""
        self.data, self.offsets, self.lengths, self.address = data, offsets, lengths, address
        self.at = 0

    @property
    def left(self) -> int:
        """Bytes behind the current place."""
        return len(self.data) - self.at

    def within(self, data: bytes, address: int = UNDEFINED) -> Fields:
        """Other bytes, with the same widths."""
        return Fields(data, self.offsets, self.lengths, address)

    def take(self, count: int) -> bytes:
        """The next bytes."""
        end = self.at + count
        if count < 0 or end > len(self.data):
            raise HostileInput(f"a structure near address {self.address + self.at} is cut off")
        data = self.data[self.at : end]
        self.at = end
        return data

    def skip(self, count: int) -> None:
        """Leave the next bytes out."""
        if count < 0 or self.at + count > len(self.data):
            raise HostileInput(f"a structure near address {self.address + self.at} is cut off")
        self.at += count

    def number(self, width: int) -> int:
        """An unsigned number of ``width`` bytes."""
        return int.from_bytes(self.take(width), "little")

    def byte(self) -> int:
        """An unsigned number of one byte."""
        if self.at >= len(self.data):
            raise HostileInput(f"a structure near address {self.address + self.at} is cut off")
        self.at += 1
        return self.data[self.at - 1]

    def location(self) -> int:
        """An address, or :data:`UNDEFINED`."""
        raw = self.take(self.offsets)
        return UNDEFINED if raw.count(255) == len(raw) else int.from_bytes(raw, "little")

    def length(self) -> int:
        """A length."""
        return int.from_bytes(self.take(self.lengths), "little")

    def text(self) -> bytes:
        """Bytes up to a NUL, which is left out."""
        end = self.data.find(b"\0", self.at)
        if end < 0:
            raise HostileInput(f"a name near address {self.address + self.at} has no end")
        raw = self.data[self.at : end]
        self.at = end + 1
        return raw

    def version(self, what: str, *known: int) -> int:
        """A version number, which must be one of ``known``."""
        number = self.byte()
        if number not in known:
            raise HostileInput(f"version {number} of {what} does not exist")
        return number
