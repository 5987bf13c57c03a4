"""Glyphs of a variable TrueType font at one of its weights.

In whole numbers and our own code, for two reasons. The same characters give the same bytes wherever
and with whatever libraries they are drawn: what compiled code does with fractions differs between
processors, and a point that is rounded the other way would make a report look forged. And it takes
half a millisecond for a character, without a library that reads the whole font first.

It reads only files whose digest is known (:mod:`~weighbridge.report.pdf.east_asian`), so it asks no
more of a file than what those four are: one axis from 0 to 1, no composite glyphs among the
characters that are drawn, advances that do not vary. Rules: OpenType 1.9.1, chapters glyf, gvar,
cmap, and "Algorithm for interpolation of instance values".
"""

from __future__ import annotations

import bisect
import itertools
import struct
from collections.abc import Sequence
from typing import NamedTuple

WHOLE = 1 << 14  # F2DOT14: what a normalized coordinate of 1 is
ON_CURVE, SHORT_X, SHORT_Y, REPEAT, SAME_X, SAME_Y, OVERLAP = (1 << n for n in range(7))
_EMBEDDED_PEAK, _INTERMEDIATE, _PRIVATE_POINTS = 0x8000, 0x4000, 0x2000
_SHARED_POINTS, _COUNT = 0x8000, 0x0FFF

Point = tuple[int, int]
_Fraction = tuple[int, int]


class UnknownShape(ValueError):
    """A glyph that is built in a way which the known files do not have."""


class Outline(NamedTuple):
    """A simple glyph: where its contours end, which points are on the curve, and all points."""

    ends: tuple[int, ...]
    on: list[int]
    points: list[Point]
    overlap: int


class VariableFont:
    """A font file. Glyphs are read one by one, when they are asked for."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.tables: dict[str, tuple[int, int]] = {}
        for number in range(_u16(data, 4)):
            tag, _, offset, length = struct.unpack_from(">4sLLL", data, 12 + 16 * number)
            self.tables[tag.decode("ascii")] = (offset, length)
        self.glyf = self.tables["glyf"][0]
        self.loca = self.tables["loca"][0]
        self.advances = self.tables["hmtx"][0]
        self.full_advances = _u16(data, self.tables["hhea"][0] + 34)
        self.groups = self._groups()
        self.starts = [start for start, _, _ in self.groups]
        self.gvar = self.tables["gvar"][0]
        (_, _, axes, _, shared, self.varied, flags, self.variations) = struct.unpack_from(
            ">HHHHLHHL", data, self.gvar
        )
        if axes != 1 or not flags & 1:
            raise UnknownShape("the font has other axes or offsets")
        self.shared_peaks = self.gvar + shared

    def table(self, tag: str) -> bytes:
        """The bytes of a table."""
        offset, length = self.tables[tag]
        return self.data[offset : offset + length]

    def glyph_of(self, code: int) -> int:
        """The number of the glyph that a character has; 0 without."""
        place = bisect.bisect_right(self.starts, code) - 1
        if place < 0:
            return 0
        start, end, glyph = self.groups[place]
        return glyph + code - start if code <= end else 0

    def advance(self, glyph: int) -> int:
        """How wide a glyph is, at every weight."""
        return _u16(self.data, self.advances + 4 * min(glyph, self.full_advances - 1))

    def _groups(self) -> list[tuple[int, int, int]]:
        """The character map for all of Unicode: format 12 of platform 3, encoding 10."""
        cmap, data = self.tables["cmap"][0], self.data
        for number in range(_u16(data, cmap + 2)):
            platform, encoding, offset = struct.unpack_from(">HHL", data, cmap + 4 + 8 * number)
            if (platform, encoding, _u16(data, cmap + offset)) == (3, 10, 12):
                (count,) = struct.unpack_from(">L", data, cmap + offset + 12)
                start = cmap + offset + 16
                return list(struct.iter_unpack(">LLL", data[start : start + 12 * count]))
        raise UnknownShape("the font has no character map for all of Unicode")

    def outline(self, glyph: int, at: int) -> Outline | None:
        """A glyph at a normalized coordinate of ``at`` / :data:`WHOLE`; None if it is empty."""
        start, end = struct.unpack_from(">LL", self.data, self.loca + 4 * glyph)
        if start == end:
            return None
        drawn = _read(self.data, self.glyf + start)
        deltas = self._deltas(glyph, drawn)
        if deltas is None:
            return drawn
        points = [(x + _rounded(dx[0] * at, dx[1] * WHOLE), y + _rounded(dy[0] * at, dy[1] * WHOLE))
                  for (x, y), dx, dy in zip(drawn.points, *deltas, strict=True)]  # fmt: skip
        return drawn._replace(points=points)

    def _deltas(self, glyph: int, drawn: Outline) -> tuple[list[_Fraction], list[_Fraction]] | None:
        """By how much each point moves from the lightest weight to the heaviest, in x and y."""
        data = self.data
        start, end = struct.unpack_from(">LL", data, self.gvar + 20 + 4 * glyph)
        if start == end or glyph >= self.varied:
            return None
        header = self.gvar + self.variations + start
        flags, serialized = struct.unpack_from(">HH", data, header)
        _, index = struct.unpack_from(">HH", data, header + 4)
        peak = header + 8 if index & _EMBEDDED_PEAK else self.shared_peaks + 2 * (index & _COUNT)
        if flags & _COUNT != 1 or index & _INTERMEDIATE or _u16(data, peak) != WHOLE:
            raise UnknownShape(f"glyph {glyph} varies in more than one step")
        place = header + serialized
        count = len(drawn.points)
        numbers: Sequence[int] | None = None
        if flags & _SHARED_POINTS:
            numbers, place = _point_numbers(data, place)
        if index & _PRIVATE_POINTS:
            numbers, place = _point_numbers(data, place)
        if numbers is None or not numbers:  # all, with the four phantom points
            numbers = range(count + 4)
        xs, place = _packed_deltas(data, place, len(numbers))
        ys, place = _packed_deltas(data, place, len(numbers))
        if any(xs[n] or ys[n] for n in range(len(numbers)) if numbers[n] >= count):
            raise UnknownShape(f"the advance of glyph {glyph} varies")
        return tuple(
            _inferred([point[axis] for point in drawn.points], drawn.ends,
                      {n: d for n, d in zip(numbers, moved, strict=True) if n < count})
            for axis, moved in enumerate((xs, ys))
        )  # type: ignore[return-value]  # fmt: skip


def _u16(data: bytes, offset: int) -> int:
    return (data[offset] << 8) | data[offset + 1]


def _rounded(numerator: int, denominator: int) -> int:
    """The nearest whole number, halves upward."""
    return (2 * numerator + denominator) // (2 * denominator)


def _read(data: bytes, place: int) -> Outline:
    """A simple glyph's description (chapter glyf)."""
    (contours,) = struct.unpack_from(">h", data, place)
    if contours < 0:
        raise UnknownShape("the glyph is composed of others")
    ends = struct.unpack_from(f">{contours}H", data, place + 10)
    place += 10 + 2 * contours
    place += 2 + _u16(data, place)
    count = ends[-1] + 1
    flags: list[int] = []
    while len(flags) < count:
        flag = data[place]
        place += 1
        flags.append(flag)
        if flag & REPEAT:
            flags += [flag] * data[place]
            place += 1
    axes = []
    for short, same in ((SHORT_X, SAME_X), (SHORT_Y, SAME_Y)):
        value, values = 0, []
        for flag in flags:
            if flag & short:
                value += data[place] if flag & same else -data[place]
                place += 1
            elif not flag & same:
                value += ((data[place] ^ 0x80) - 0x80) * 256 + data[place + 1]
                place += 2
            values.append(value)
        axes.append(values)
    on = [flag & ON_CURVE for flag in flags]
    return Outline(ends, on, list(zip(*axes, strict=True)), flags[0] & OVERLAP)


def _point_numbers(data: bytes, place: int) -> tuple[list[int], int]:
    """Packed point numbers (chapter "OpenType Font Variations Common Table Formats")."""
    count = data[place]
    place += 1
    if count & 0x80:
        count = (count & 0x7F) << 8 | data[place]
        place += 1
    numbers: list[int] = []
    while len(numbers) < count:
        run = (data[place] & 0x7F) + 1
        if data[place] & 0x80:
            numbers += struct.unpack_from(f">{run}H", data, place + 1)
            place += 1 + 2 * run
        else:
            numbers += data[place + 1 : place + 1 + run]
            place += 1 + run
    return list(itertools.accumulate(numbers)), place


def _packed_deltas(data: bytes, place: int, count: int) -> tuple[list[int], int]:
    deltas: list[int] = []
    while len(deltas) < count:
        control = data[place]
        place += 1
        run = (control & 0x3F) + 1
        if control & 0x80:
            deltas += [0] * run
        elif control & 0x40:
            deltas += struct.unpack_from(f">{run}h", data, place)
            place += 2 * run
        else:
            deltas += struct.unpack_from(f">{run}b", data, place)
            place += run
    return deltas, place


def _inferred(at: list[int], ends: Sequence[int], known: dict[int, int]) -> list[_Fraction]:
    """The movement of every point, from that of some ("Inferred deltas", chapter gvar)."""
    if len(known) == len(at):
        return [(known[number], 1) for number in range(len(at))]
    found: list[_Fraction] = []
    start = 0
    for end in ends:
        touched = [number for number in range(start, end + 1) if number in known]
        for number in range(start, end + 1):
            if number in known:
                found.append((known[number], 1))
            elif not touched:
                found.append((0, 1))
            else:
                place = bisect.bisect(touched, number)
                before, after = touched[place - 1], touched[place % len(touched)]
                found.append(
                    _between(at[number], (at[before], known[before]), (at[after], known[after]))
                )
        start = end + 1
    return found


def _between(value: int, one: Point, other: Point) -> _Fraction:
    """How a point moves whose neighbors are at a place and move by so much."""
    (low, low_moves), (high, high_moves) = sorted((one, other), key=lambda each: each[0])
    if low == high:
        return (low_moves if low_moves == high_moves else 0, 1)
    if value <= low:
        return (low_moves, 1)
    if value >= high:
        return (high_moves, 1)
    width = high - low
    return (low_moves * width + (value - low) * (high_moves - low_moves), width)
