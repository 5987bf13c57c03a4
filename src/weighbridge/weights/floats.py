"""Floating-point numbers taken apart in bulk, with nothing but slices, tables and big integers.

IEEE 754-2019, 3.4: all exponent bits set means infinity (fraction zero) or NaN (any other).
bfloat16 and the 8-bit types: OCP 8-bit Floating Point Specification 1.0, OCP Microscaling 1.0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


def _table(test: Callable[[int], bool]) -> bytes:
    return bytes(test(byte) for byte in range(256))


_ALL = _table(lambda _: True)
_NONE = _table(lambda _: False)
_IS_ZERO = _table(lambda byte: byte == 0)


@dataclass(frozen=True, slots=True)
class Format:
    """Which values of the most significant byte and the one below it are special.

    Each table maps a byte to 1 where it is. ``top`` and ``below`` together mean NaN or infinity,
    ``infinite_top`` and ``infinite_below`` and zeros further down mean infinity.
    """

    width: int
    top: bytes
    below: bytes
    infinite_top: bytes
    infinite_below: bytes


_SINGLE = (
    _table(lambda b: b & 0x7F == 0x7F),
    _table(lambda b: b & 0x80 != 0),
    _table(lambda b: b & 0x7F == 0x7F),
    _table(lambda b: b == 0x80),
)
FLOATS: dict[str, Format] = {
    "F64": Format(
        8,
        _table(lambda b: b & 0x7F == 0x7F),
        _table(lambda b: b & 0xF0 == 0xF0),
        _table(lambda b: b & 0x7F == 0x7F),
        _table(lambda b: b == 0xF0),
    ),
    "F32": Format(4, *_SINGLE),
    "C64": Format(4, *_SINGLE),
    "BF16": Format(2, *_SINGLE),
    "F16": Format(
        2, _table(lambda b: b & 0x7C == 0x7C), _ALL, _table(lambda b: b & 0x7F == 0x7C), _IS_ZERO
    ),
    "F8_E5M2": Format(
        1, _table(lambda b: b & 0x7C == 0x7C), _ALL, _table(lambda b: b & 0x7F == 0x7C), _ALL
    ),
    "F8_E4M3": Format(1, _table(lambda b: b & 0x7F == 0x7F), _ALL, _NONE, _ALL),
    "F8_E4M3FNUZ": Format(1, _table(lambda b: b == 0x80), _ALL, _NONE, _ALL),
    "F8_E5M2FNUZ": Format(1, _table(lambda b: b == 0x80), _ALL, _NONE, _ALL),
    "F8_E8M0": Format(1, _table(lambda b: b == 0xFF), _ALL, _NONE, _ALL),
}
FLOATS["C128"] = FLOATS["F64"]


class Floats:
    """Counts NaN and infinities. Blocks hold whole numbers."""

    def __init__(self, form: Format, *, big: bool = False) -> None:
        self._form, self._big = form, big
        self._special = tuple(byte for byte in range(256) if form.top[byte])
        self.nan = self.infinite = 0

    def update(self, block: bytes) -> None:
        """The next numbers. Where no top byte is special, which is nearly always, that is all."""
        top = self._plane(block, 0)
        if not any(byte in top for byte in self._special):
            return
        form = self._form
        below = self._plane(block, 1) if form.width > 1 else b""
        special = _bits(top.translate(form.top))
        infinite = _bits(top.translate(form.infinite_top))
        if below:
            special &= _bits(below.translate(form.below))
            infinite &= _bits(below.translate(form.infinite_below))
        infinite &= special
        for place in range(2, form.width):
            if not infinite:
                break
            infinite &= _bits(self._plane(block, place).translate(_IS_ZERO))
        self.infinite += infinite.bit_count()
        self.nan += special.bit_count() - infinite.bit_count()

    def _plane(self, block: bytes, place: int) -> bytes:
        """Every number's byte at a place, counted from the most significant."""
        width = self._form.width
        if width == 1:
            return block
        return block[place if self._big else width - 1 - place :: width]


def _bits(flags: bytes) -> int:
    """Zeros and ones as one big number, so that all are compared at once."""
    return int.from_bytes(flags, "little")


class Low:
    """Whether F32 numbers would fit a narrower type: what was upcast has zeros in its low bits.

    ``wide`` numbers do not fit ``narrow``. Little-endian F32 only.
    """

    _LIMIT = 100  # one in so many may be wide

    def __init__(self) -> None:
        self._count = 0
        self._wide = {"BF16": 0, "F16": 0}

    def update(self, block: bytes) -> None:
        """The next numbers."""
        if not self._wide:
            return
        self._count += len(block) // 4
        lowest = block[0::4].translate(_USED)
        above = block[1::4]
        for name, table in (("BF16", _USED), ("F16", _USED_13)):
            if name in self._wide:
                used = _bits(lowest) | _bits(above.translate(table))
                self._wide[name] += used.bit_count()
                if self._wide[name] * self._LIMIT > self._count:
                    del self._wide[name]

    @property
    def narrow(self) -> str:
        """The narrower type, empty where there is none."""
        return next(iter(self._wide), "") if self._count else ""

    @property
    def wide(self) -> int:
        """How many numbers do not fit it."""
        return self._wide.get(self.narrow, 0)


_USED = _table(lambda byte: byte != 0)
_USED_13 = _table(lambda byte: byte & 0x1F != 0)
