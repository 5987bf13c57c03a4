"""Tiles and entry bundles (C2SP tlog-tiles): names, bytes, reading hashes, what an append adds.

A tile at level L holds up to 256 hashes, each over 256**L entries. Tiles that are not full lie in
``<N>.p/<W>`` and are replaced by none: each checkpoint that was published keeps its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from weighbridge.ledger.entry import MAX_ENTRY_BYTES
from weighbridge.ledger.errors import LedgerDamaged
from weighbridge.ledger.folder import LedgerFolder
from weighbridge.ledger.merkle import EMPTY_ROOT, HASH_BYTES, leaf_hash, root, split

WIDTH = 256
ENTRIES = "entries"
_LENGTH = 2  # big-endian uint16 before each entry
MAX_BUNDLE_BYTES = WIDTH * (_LENGTH + MAX_ENTRY_BYTES)
_NAME = re.compile(
    r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/){0,2}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?\Z"
)


def tile_name(level: int | str, index: int, width: int = WIDTH) -> str:
    """Where a tile lies: ``tile/0/x001/234`` or, not full, ``tile/0/x001/234.p/17``."""
    digits = f"{index % 1000:03}"
    while index >= 1000:
        index //= 1000
        digits = f"x{index % 1000:03}/{digits}"
    partial = f".p/{width}" if width < WIDTH else ""
    return f"tile/{level}/{digits}{partial}"


def parse_name(name: str) -> tuple[str, int, int] | None:
    """The level (or ``entries``), index and width of a tile's name; None for any other name."""
    match = _NAME.match(name)
    if not match:
        return None
    level, digits, partial = match.groups()
    index, width = int(digits.replace("x", "").replace("/", "")), int(partial or WIDTH)
    return (level, index, width) if tile_name(level, index, width) == name else None


def pack_bundle(entries: Sequence[bytes]) -> bytes:
    """Entries, each after its length."""
    return b"".join(len(entry).to_bytes(_LENGTH, "big") + entry for entry in entries)


def unpack_bundle(data: bytes) -> list[bytes]:
    """The entries of a bundle.

    Raises:
        LedgerDamaged: it does not end with an entry.
    """
    entries: list[bytes] = []
    at = 0
    while at < len(data):
        end = at + _LENGTH + int.from_bytes(data[at : at + _LENGTH], "big")
        if at + _LENGTH > len(data) or end > len(data):
            raise LedgerDamaged("an entry bundle ends inside of an entry")
        entries.append(data[at + _LENGTH : end])
        at = end
    return entries


def width_at(level: int, index: int, size: int) -> int:
    """How many hashes a tile has in a tree of ``size`` entries; 0 where there is no such tile."""
    return max(0, min(WIDTH, (size >> (8 * level)) - index * WIDTH))


class Tiles:
    """The tree of the first ``size`` entries, read from its tiles as they are needed."""

    def __init__(self, folder: LedgerFolder, size: int) -> None:
        self.folder = folder
        self.size = size
        self._kept: dict[tuple[int, int], list[bytes]] = {}

    def tile(self, level: int, index: int) -> list[bytes]:
        """A tile's hashes. None of them is verified here.

        Raises:
            LedgerDamaged: the tile is missing or not of its width.
        """
        kept = self._kept.get((level, index))
        if kept is not None:
            return kept
        width = width_at(level, index, self.size)
        name = tile_name(level, index, width)
        data = self.folder.read(name, WIDTH * HASH_BYTES) if width else b""
        if data is None or len(data) != width * HASH_BYTES:
            raise LedgerDamaged(f"{name} of the ledger is missing or not of its size")
        hashes = [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]
        self._kept[level, index] = hashes
        return hashes

    def bundle(self, index: int) -> list[bytes]:
        """An entry bundle.

        Raises:
            LedgerDamaged: it is missing, or has more or fewer entries.
        """
        width = width_at(0, index, self.size)
        name = tile_name(ENTRIES, index, width)
        data = self.folder.read(name, MAX_BUNDLE_BYTES) if width else b""
        entries = unpack_bundle(data) if data is not None else []
        if len(entries) != width:
            raise LedgerDamaged(f"{name} of the ledger is missing or has not {width} entries")
        return entries

    def subtree(self, start: int, end: int) -> bytes:
        """MTH(D[start:end]) of RFC 6962, for ranges that its recursion makes."""
        count = end - start
        if count == 0:
            return EMPTY_ROOT
        if count & (count - 1):
            middle = start + split(count)
            return root([self.subtree(start, middle), self.subtree(middle, end)])
        level, below = divmod(count.bit_length() - 1, 8)
        first = start >> (8 * level)
        hashes = self.tile(level, first // WIDTH)
        return root(hashes[first % WIDTH : first % WIDTH + (1 << below)])

    def leaves(self) -> Iterator[bytes]:
        """Every leaf hash, in order."""
        for index in range(-(-self.size // WIDTH)):
            yield from self.tile(0, index)


def grown(tiles: Tiles, entries: Sequence[bytes]) -> Iterator[tuple[str, bytes]]:
    """What is to be written to append entries: bundles first, then tiles from the leaves up.

    That the last bundle is what the last tile says must have been checked.

    Raises:
        LedgerDamaged: a tile or the last bundle is missing.
    """
    old = tiles.size
    index, kept = divmod(old, WIDTH)
    before = tiles.bundle(index) if kept else []
    hashes = [leaf_hash(entry) for entry in entries]
    for at, part in _chunks(index, [*before, *entries]):
        yield tile_name(ENTRIES, at, len(part)), pack_bundle(part)
    level = 0
    while hashes:
        index, kept = divmod(old >> (8 * level), WIDTH)
        row = list(_chunks(index, [*(tiles.tile(level, index) if kept else ()), *hashes]))
        for at, part in row:
            yield tile_name(level, at, len(part)), b"".join(part)
        hashes = [root(part) for _, part in row if len(part) == WIDTH]
        level += 1


def _chunks(index: int, items: Sequence[bytes]) -> Iterator[tuple[int, Sequence[bytes]]]:
    for at in range(0, len(items), WIDTH):
        yield index + at // WIDTH, items[at : at + WIDTH]
