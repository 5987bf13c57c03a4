"""Which of a model's functions call which: never themselves, and not without measure.

Source: ONNX's IR specification, "Functions": a function may call others of the model, and none may
reach itself. Loaders put a function's nodes in the place of each call (``onnx.inliner``, ONNX
Runtime), so that forty functions of two calls each become more nodes than any memory holds.
"""

from __future__ import annotations

from typing import TypeAlias

Name: TypeAlias = tuple[str, str, str]  # domain, operator, overload
MAX_CALLS = 300_000  # different calls that are kept
MAX_NODES = 10_000_000  # nodes once all functions stand in place; real models have a few 100,000


class Calls:
    """What each function's nodes are. The graph's own have the empty name."""

    __slots__ = ("_called", "_counts", "_kept", "caller")

    def __init__(self) -> None:
        self.caller: Name = ("", "", "")
        self._called: dict[Name, dict[Name, int]] = {}
        self._counts: dict[Name, int] = {}
        self._kept = 0

    def node(self) -> None:
        """One node of the caller."""
        self._counts[self.caller] = self._counts.get(self.caller, 0) + 1

    def call(self, name: Name) -> None:
        """A call of one of the model's functions."""
        called = self._called.setdefault(self.caller, {})
        if name in called or self._kept < MAX_CALLS:
            self._kept += name not in called
            called[name] = called.get(name, 0) + 1

    def judge(self) -> tuple[Name | None, int]:
        """A function that reaches itself, if there is one, and how many nodes the graph becomes."""
        sizes: dict[Name, int] = {}
        for start in (*self._called, ("", "", "")):
            stack, path = [(start, False)], set[Name]()
            while stack:
                name, done = stack.pop()
                if done:
                    path.discard(name)
                    sizes[name] = self._size(name, sizes)
                elif name in path:
                    return name, 0
                elif name not in sizes:
                    path.add(name)
                    stack.append((name, True))
                    stack.extend((inner, False) for inner in self._called.get(name, ()))
        return None, sizes.get(("", "", ""), 0)

    def _size(self, name: Name, sizes: dict[Name, int]) -> int:
        inner = sum(times * sizes[one] for one, times in self._called.get(name, {}).items())
        return min(self._counts.get(name, 0) + inner, 2**62)
