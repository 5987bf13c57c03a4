"""The walk over R's values: a list of what is still to be read, no recursion.

Source: ``ReadItem`` of R's ``serialize.c``.
"""

from __future__ import annotations

from collections.abc import Callable

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.weights.inspection import Verdict
from weighbridge.weights.log import Log
from weighbridge.weights.rds_compiled import (
    BYTECODE,
    CODE,
    HEAD,
    ITEM,
    LANGUAGE,
    LIST,
    CompiledWalk,
)
from weighbridge.weights.rds_names import COMPACT, SHELLS
from weighbridge.weights.rds_stream import RStream

MAX_ITEMS = 400_000
MAX_STRINGS = 1_500_000
# R reads by recursion: its reader ends (or the process does) at some 30,000 values in each other,
# by the 8 MiB of stack that systems give.
MAX_DEPTH = 100_000
_SYMBOL, _CLOSURE, _ENVIRONMENT, _PROMISE = 1, 3, 4, 5
_SPECIAL, _BUILTIN, _CHAR, _DOTS, _STRINGS, _VECTOR, _EXPRESSION = 7, 8, 9, 17, 16, 19, 20
_POINTER, _WEAK, _RAW, _S4 = 22, 23, 24, 25
_UNBOUND, _NAMESPACE, _PACKAGE, _PERSISTENT, _REFERENCE = 252, 249, 248, 247, 255
_ALTREP = 238
_INTEGER = 13
_WIDTHS = {10: 4, 13: 4, 14: 8, 15: 16, _RAW: 1}
# NILVALUE, GLOBALENV, MISSINGARG, BASENAMESPACE, EMPTYENV, BASEENV
_SINGLES = frozenset({254, 253, _UNBOUND, 251, 250, 242, 241})
# What else a pending read is of. Items may stand where a promise means something else.
_FRAME, _BINDING, _CLASS, _VALUE, _WHOLE, _ATTRIBUTES = range(20, 26)
_MAX_SIDES = 64
_RUNS = "evaluates R code the moment somebody looks at the value (CVE-2024-27322)"


class Walk(CompiledWalk):
    """Reads one value with everything in it. ``pending`` is a list of [what, how many]."""

    def __init__(self, stream: RStream, log: Log) -> None:
        super().__init__(stream, [[_WHOLE, 1]])
        self.log = log
        self.references: list[str] = []
        self.items = self.strings = 0
        self._steps: dict[int, Callable[[], None]] = {
            **self.compiled_steps(), _ATTRIBUTES: self._attributes,
        }  # fmt: skip

    def read(self) -> None:
        """Walk to the end.

        Raises:
            HostileInput: the stream breaks off, or has a type that R has not.
            BoundExceeded: there are too many values.
        """
        pending = self.pending
        while pending:
            top = pending[-1]
            if top[1] <= 0:
                pending.pop()
                continue
            what = top[0]
            top[1] -= 1
            self.items += 1
            if self.items > MAX_ITEMS:
                raise BoundExceeded("the R data", MAX_ITEMS, "values")
            step = self._steps.get(what)
            if step is None:
                self._item(what)
            else:
                step()
            if len(pending) > MAX_DEPTH:
                raise HostileInput(
                    f"values lie more than {MAX_DEPTH} deep in each other, where R's reader ends"
                )

    def _item(self, what: int) -> None:
        at = self.stream.pos
        self._typed(what, self.stream.integer(), at)

    def _typed(self, what: int, flags: int, at: int) -> None:
        """A value whose flags were read."""
        kind = flags & 0xFF
        attributes, tag = bool(flags & 0x200), bool(flags & 0x400)
        if what == _VALUE:
            self._promised(kind, at)
        elif what == _WHOLE and kind in (_POINTER, BYTECODE) and not attributes:
            self._bare(kind, at)
        if kind in _SINGLES:
            return
        if kind in (LIST, LANGUAGE, _CLOSURE, _PROMISE, _DOTS):
            self._pairs(what, kind, attributes + tag)
        elif kind in _WIDTHS:
            length = self._length()
            self._described(length, attributes)
            self.stream.skip(length, _WIDTHS[kind])
        elif kind == _CHAR:
            self._push(ITEM, attributes)
            self._text()
        elif kind == _STRINGS:
            count = self._count()
            self._described(count, attributes)
            self._strings(count)
        elif kind in (_VECTOR, _EXPRESSION):
            count = self._count()
            self._described(count, attributes)
            self._push(_FRAME if what == _FRAME else ITEM, count)
        elif kind in (_SYMBOL, _REFERENCE, _SPECIAL, _BUILTIN):
            self._named(what, kind, flags, at)
        else:
            self._rare(kind, attributes, at)

    def _described(self, length: int, attributes: bool) -> None:
        """The attributes of a vector of that length come behind its elements."""
        if attributes:
            self.pending.append([_ATTRIBUTES, 1, length])

    def _attributes(self) -> None:
        """One attribute of a vector. R's own functions trust ``dim`` and ``names`` when they
        compute places in memory, and its reader compares neither with the vector."""
        length = self.pending[-1][2]
        at = self.stream.pos
        flags = self.stream.integer()
        if flags & 0xFF != LIST or flags & 0x600 != 0x400:
            self._typed(ITEM, flags, at)
            return
        self.pending.append([_ATTRIBUTES, 1, length])
        tag = self.stream.integer()
        if tag & 0xFF not in (_SYMBOL, _REFERENCE):
            self._push(ITEM, 1)
            self._typed(ITEM, tag, at)
            return
        name = self._named(ITEM, tag & 0xFF, tag, at)
        flags = self.stream.integer()
        plain = not flags & 0x200
        if name == "dim" and flags & 0xFF == _INTEGER and plain:
            self._dimensions(length, at)
        elif name == "names" and flags & 0xFF == _STRINGS and plain:
            count = self._count()
            if count != length:
                self._misfit(f"{count} names", length, at)
            self._strings(count)
        else:
            self._typed(ITEM, flags, at)

    def _dimensions(self, length: int, at: int) -> None:
        sides = self._length()
        if sides > _MAX_SIDES:
            self.stream.skip(sides, 4)
            self._misfit(f"{sides} dimensions", length, at)
            return
        product = 1
        for _ in range(sides):
            product = min(product * max(self.stream.integer(), 0), 2**62)
        if product != length:
            self._misfit(f"dimensions for {product} elements", length, at)

    def _misfit(self, what: str, length: int, at: int) -> None:
        self.log.issue("size-mismatch", f"a vector of {length} elements has {what}", at)

    def _pairs(self, what: int, kind: int, before: int) -> None:
        """A pair of a list, a call, a function or a promise: what follows in the stream."""
        head, rest = ITEM, ITEM
        if kind == LANGUAGE:
            head = HEAD
        elif kind == LIST and what == _FRAME:
            head, rest = _BINDING, _FRAME
        elif kind == _PROMISE:
            # an argument of a function that was running: R's own glm keeps such environments
            head = ITEM if what == _BINDING else _VALUE
        elif kind == _CLOSURE:
            self.log.allow("R function", 1)
        self._push(rest, 1)
        self._push(head, 1)
        self._push(ITEM, before)

    def _promised(self, kind: int, at: int) -> None:
        """The value of a promise outside of an environment: without one, the promise runs."""
        if kind == _UNBOUND:
            self.log.operation(
                Verdict.DANGEROUS, "call", "R promise", "is a promise", _RUNS, at, "PROMSXP"
            )

    def _bare(self, kind: int, at: int) -> None:
        """A value that is nothing else: inside of a model both are ordinary."""
        name = "R external pointer" if kind == _POINTER else "R byte code"
        effect = "hands compiled code a pointer or instructions instead of a model"
        self.log.operation(Verdict.UNLISTED, "construct", name, name, effect, at, str(kind))

    def _named(self, what: int, kind: int, flags: int, at: int) -> str:
        """A symbol, or a reference to one; its name."""
        if kind == _SYMBOL:
            inner = self.stream.integer()
            if inner & 0xFF != _CHAR:
                raise HostileInput(f"a symbol at byte {at} has no name")
            name = self._text().decode("utf-8", "replace")
            self._refer(name)
        elif kind == _REFERENCE:
            index = (flags >> 8) & 0xFFFFFF or self.stream.integer()
            if not 0 < index <= len(self.references):
                raise HostileInput(f"the reference at byte {at} names nothing")
            name = self.references[index - 1]
        else:
            length = self.stream.integer()
            if not 0 < length <= 200:
                raise HostileInput(f"the name of a function at byte {at} has {length} bytes")
            name = self.stream.text(length).decode("utf-8", "replace")
        if what == HEAD and name in SHELLS:
            effect = "holds R code that reaches the system, and runs it where the model calls it"
            self.log.operation(Verdict.UNLISTED, "call", name, f"{name}(…)", effect, at, "LANGSXP")
        elif what == _CLASS and name.startswith("mmap_"):
            self._mapped(name, at)
        elif what == _CLASS and name not in COMPACT:
            effect = "has R load a package and hand it what follows (ALTREP)"
            self.log.operation(Verdict.UNLISTED, "construct", name, name, effect, at, "ALTREP")
        return name

    def _mapped(self, name: str, at: int) -> None:
        self.log.operation(
            Verdict.DANGEROUS, "call", name, name, "maps a file that it names", at, "ALTREP"
        )

    def _rare(self, kind: int, attributes: bool, at: int) -> None:
        if kind == _ENVIRONMENT:
            self.stream.integer()
            self._refer("")
            self._push(ITEM, 1)
            self._push(_FRAME, 2)
            self._push(ITEM, 1)
        elif kind in (_POINTER, _WEAK):
            self._refer("")
            self._push(ITEM, (2 if kind == _POINTER else 0) + attributes)
        elif kind == _S4:
            self._push(ITEM, attributes)
        elif kind in (_NAMESPACE, _PACKAGE, _PERSISTENT):
            self._names(at)
        elif kind == BYTECODE:
            self.stream.integer()
            self._push(ITEM, attributes)
            self._push(CODE, 1)
        elif kind == _ALTREP:
            self._push(ITEM, 2)
            self._altrep()
        else:
            raise HostileInput(f"the R data has the type {kind} at byte {at}, which R has not")

    def _altrep(self) -> None:
        """The class of a compact vector: a list of two symbols and a number."""
        flags = self.stream.integer()
        if flags & 0xFF != LIST:
            raise HostileInput("a compact vector of the R data names no class")
        self._push(ITEM, 1)
        self._push(_CLASS, 1)
        self._push(ITEM, bool(flags & 0x200) + bool(flags & 0x400))

    def _names(self, at: int) -> None:
        """The name (and version) of a package whose namespace is looked up."""
        if self.stream.integer() != 0:
            raise HostileInput(f"the name of a package at byte {at} is malformed")
        count = self.stream.integer()
        if not 0 <= count <= 16:
            raise HostileInput(f"the name of a package at byte {at} has {count} parts")
        self.items += count
        first = ""
        for number in range(count):
            if self.stream.integer() & 0xFF != _CHAR:
                raise HostileInput(f"the name of a package at byte {at} is no text")
            text = self._text().decode("utf-8", "replace")
            first = first if number else text
        self.log.allow(f"R package {first}", 1)
        self._refer("")

    def _refer(self, name: str) -> None:
        self.references.append(name if len(name) <= 40 else "")

    def _length(self) -> int:
        length = self.stream.integer()
        if length == -1:
            length = (self.stream.integer() << 32) + (self.stream.integer() & 0xFFFFFFFF)
        if not 0 <= length < 2**48:
            raise HostileInput(f"a vector of the R data has {length} elements")
        return length

    def _count(self) -> int:
        """The number of values that follow one by one."""
        count = self._length()
        if not self.stream.room(count):
            raise HostileInput(f"a vector of the R data has {count} elements, and the file ends")
        return count

    def _text(self) -> bytes:
        length = self.stream.integer()
        if length == -1 or length == -(2**31):
            return b""
        if length < 0:
            raise HostileInput(f"a string of the R data has {length} bytes")
        return self.stream.text(length)

    def _strings(self, count: int) -> None:
        self.strings += count
        if self.strings > MAX_STRINGS:
            raise BoundExceeded("the R data", MAX_STRINGS, "strings")
        self.stream.texts(count)
