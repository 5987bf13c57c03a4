"""Where safetensors' numbers lie: whether a reader that maps the file can use them in place.

Information, never a verdict. The library that defines the format pads its header with spaces since
its version 0.3, so that data begin at a multiple of 8 (safetensors README, section "Format"), and
sorts tensors by type so that each begins at a multiple of its numbers' size; its readers ask for
neither, and MLX and other writers do neither. Such files are good: whoever maps one must copy.
"""

from __future__ import annotations

from weighbridge.weights.log import Log

PADDED_TO = 8  # bytes
METHODS: dict[str, str] = {
    "data-start": "the place of the first byte after the header, divided by 8",
    "tensor-start": (
        "each tensor's place in the file, divided by the bytes of one number of its type; "
        "tensors without numbers and types of less than two bytes left out"
    ),
}


class Layout:
    """Counts tensors by what their start leaves over; the memory is that of 14 of them.

    ``bits`` are those of a number of each type; ``shown`` is how many characters of a name are
    kept.
    """

    def __init__(self, bits: dict[str, int], shown: int) -> None:
        self._widths = {dtype: bit // 8 for dtype, bit in bits.items() if bit >= 16}
        self._shown = shown
        self._any = False
        # by bytes of a number and what a start leaves over: how many, and the first in the file
        self._found: dict[tuple[int, int], tuple[int, int, str, str]] = {}

    def add(self, name: str, dtype: str, _shape: tuple[int, ...], begin: int, stop: int) -> None:
        """Take one tensor; its range counts from the first byte of data."""
        if stop <= begin:
            return
        self._any = True
        width = self._widths.get(dtype)
        if width is None:
            return
        key = width, begin % width
        known = self._found.get(key)
        if known is None or begin < known[1]:
            count = known[0] if known else 0
            self._found[key] = count + 1, begin, name[: self._shown], dtype
        else:
            self._found[key] = known[0] + 1, *known[1:]

    def tell(self, start: int, log: Log) -> None:
        """Say what was found.

        Args:
            start: where in the file the data begin.
            log: gets at most two remarks.
        """
        if self._any and start % PADDED_TO:
            log.remark(
                "data-start",
                f"tensor data begin at byte {start:,}, which is no multiple of {PADDED_TO} (the "
                "format's own writer pads the header with spaces; a reader that maps the file must "
                "copy)",
                METHODS["data-start"],
                start,
            )
        odd = [one for (w, over), one in self._found.items() if (start + over) % w]
        if not odd:
            return
        count = sum(one[0] for one in odd)
        _, begin, name, dtype = min(odd, key=lambda one: one[1:])
        what = (
            "tensor begins at an offset that is"
            if count == 1
            else "tensors begin at offsets that are"
        )
        log.remark(
            "tensor-start",
            f"{count:,} {what} no multiple of their numbers' size (first: {name!r}, offset "
            f"{start + begin:,}, {dtype})",
            METHODS["tensor-start"],
            start + begin,
        )
