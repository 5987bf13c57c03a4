"""The ranges of a file's tensors, in little memory, and whether they tile its data."""

from __future__ import annotations

from array import array
from collections.abc import Iterator

from weighbridge.weights.log import Log


class Ranges:
    """``shown`` is how many characters of a name are kept, for messages."""

    def __init__(self, shown: int) -> None:
        self._shown = shown
        self._begins, self._stops, self._ends = array("Q"), array("Q"), array("Q")
        self._names = bytearray()

    def add(self, name: str, _dtype: str, _shape: tuple[int, ...], begin: int, stop: int) -> None:
        """Keep one tensor's range."""
        self._begins.append(begin)
        self._stops.append(stop)
        self._names += name[: self._shown].encode("utf-8", "replace")
        self._ends.append(len(self._names))

    def _name(self, number: int) -> str:
        start = self._ends[number - 1] if number else 0
        return repr(self._names[start : self._ends[number]].decode("utf-8", "replace"))

    def _order(self) -> list[int]:
        begins, stops = self._begins, self._stops
        order = list(range(len(begins)))
        order.sort(key=lambda number: begins[number] << 64 | stops[number])
        return order

    def each(self) -> Iterator[tuple[str, int, int]]:
        """Name, start and end of every range, by their start."""
        for number in self._order():
            yield self._name(number), self._begins[number], self._stops[number]

    def compare(self, start: int, body: int, log: Log) -> None:
        """The ranges must tile the body: no hole, no overlap, nothing behind."""
        at = 0
        for number in self._order():
            begin = self._begins[number]
            if begin > at:
                log.issue(
                    "hidden-data",
                    f"{begin - at} bytes before {self._name(number)} belong to no tensor",
                    start + at,
                )
            elif begin < at:
                log.issue(
                    "overlapping-tensors",
                    f"{self._name(number)} overlaps the tensor before it",
                    start + begin,
                )
            at = max(at, self._stops[number])
        if at < body:
            log.issue(
                "trailing-data",
                f"{body - at} bytes behind the last tensor belong to none",
                start + at,
            )
