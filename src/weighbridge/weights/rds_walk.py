"""The walk over R's values: a list of what is still to be read, no recursion.

Source: ``ReadItem``, ``ReadBC`` and ``ReadBCLang`` of R's ``serialize.c``.
"""

from __future__ import annotations

from collections.abc import Callable

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.weights.inspection import Log, Verdict
from weighbridge.weights.rds_stream import RStream

MAX_ITEMS = 400_000
MAX_STRINGS = 1_500_000
MAX_PENDING = 200_000
_SYMBOL, _LIST, _CLOSURE, _ENVIRONMENT, _PROMISE, _LANGUAGE = 1, 2, 3, 4, 5, 6
_SPECIAL, _BUILTIN, _CHAR, _DOTS, _STRINGS, _VECTOR, _EXPRESSION = 7, 8, 9, 17, 16, 19, 20
_BYTECODE, _POINTER, _WEAK, _RAW, _S4 = 21, 22, 23, 24, 25
_UNBOUND, _NAMESPACE, _PACKAGE, _PERSISTENT, _REFERENCE = 252, 249, 248, 247, 255
_ALTREP, _ATTR_LIST, _ATTR_LANG, _BC_REFERENCE, _BC_DEFINITION = 238, 239, 240, 243, 244
_CALLS = (_LANGUAGE, _LIST, _BC_DEFINITION, _BC_REFERENCE, _ATTR_LANG, _ATTR_LIST)
_WIDTHS = {10: 4, 13: 4, 14: 8, 15: 16, _RAW: 1}
# NILVALUE, GLOBALENV, MISSINGARG, BASENAMESPACE, EMPTYENV, BASEENV
_SINGLES = frozenset({254, 253, _UNBOUND, 251, 250, 242, 241})
# What a pending read is of. Items may stand where a promise means something else.
_ITEM, _FRAME, _BINDING, _HEAD, _CLASS, _VALUE, _WHOLE = range(7)
_CODE, _CONSTANTS, _CONSTANT, _LANG, _LANG_HEAD = range(10, 15)
# R functions that reach the system, the network or files.
_SHELL_NAMES = """
    system system2 shell shell.exec pipe download.file url socketConnection dyn.load unlink
    file.remove source sys.source install.packages
"""
_SHELLS = frozenset(_SHELL_NAMES.split())
_RUNS = "evaluates R code the moment somebody looks at the value (CVE-2024-27322)"


class Walk:
    """Reads one value with everything in it. ``pending`` is a list of [what, how many]."""

    def __init__(self, stream: RStream, log: Log) -> None:
        self.stream, self.log = stream, log
        self.pending: list[list[int]] = [[_WHOLE, 1]]
        self.references: list[str] = []
        self.items = self.strings = 0
        self._steps: dict[int, Callable[[], None]] = {
            _CODE: self._code, _CONSTANTS: self._constants, _CONSTANT: self._constant,
            _LANG: self._lang, _LANG_HEAD: self._lang_head,
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
            what = top[0]
            top[1] -= 1
            if top[1] <= 0:
                pending.pop()
            self.items += 1
            if self.items > MAX_ITEMS:
                raise BoundExceeded("the R data", MAX_ITEMS, "values")
            step = self._steps.get(what)
            if step is None:
                self._item(what)
            else:
                step()
            if len(pending) > MAX_PENDING:
                raise BoundExceeded("the R data", MAX_PENDING, "values inside each other")

    def _push(self, what: int, count: int) -> None:
        if count > 0:
            self.pending.append([what, count])

    def _item(self, what: int) -> None:
        at = self.stream.pos
        flags = self.stream.integer()
        kind = flags & 0xFF
        attributes, tag = bool(flags & 0x200), bool(flags & 0x400)
        if what == _VALUE:
            self._promised(kind, at)
        elif what == _WHOLE and kind in (_POINTER, _BYTECODE) and not attributes:
            self._bare(kind, at)
        if kind in _SINGLES:
            return
        if kind in (_LIST, _LANGUAGE, _CLOSURE, _PROMISE, _DOTS):
            self._pairs(what, kind, attributes + tag)
        elif kind in _WIDTHS:
            self._push(_ITEM, attributes)
            self.stream.skip(self._length(), _WIDTHS[kind])
        elif kind == _CHAR:
            self._push(_ITEM, attributes)
            self._text()
        elif kind == _STRINGS:
            self._push(_ITEM, attributes)
            self._strings(self._count())
        elif kind in (_VECTOR, _EXPRESSION):
            self._push(_ITEM, attributes)
            self._push(_FRAME if what == _FRAME else _ITEM, self._count())
        elif kind in (_SYMBOL, _REFERENCE, _SPECIAL, _BUILTIN):
            self._named(what, kind, flags, at)
        else:
            self._rare(kind, attributes, at)

    def _pairs(self, what: int, kind: int, before: int) -> None:
        """A pair of a list, a call, a function or a promise: what follows in the stream."""
        head, rest = _ITEM, _ITEM
        if kind == _LANGUAGE:
            head = _HEAD
        elif kind == _LIST and what == _FRAME:
            head, rest = _BINDING, _FRAME
        elif kind == _PROMISE:
            # an argument of a function that was running: R's own glm keeps such environments
            head = _ITEM if what == _BINDING else _VALUE
        elif kind == _CLOSURE:
            self.log.allow("R function", 1)
        self._push(rest, 1)
        self._push(head, 1)
        self._push(_ITEM, before)

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

    def _named(self, what: int, kind: int, flags: int, at: int) -> None:
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
        if what == _HEAD and name in _SHELLS:
            effect = "holds R code that reaches the system, and runs it where the model calls it"
            self.log.operation(Verdict.UNLISTED, "call", name, f"{name}(…)", effect, at, "LANGSXP")
        elif what == _CLASS and name.startswith("mmap_"):
            self._mapped(name, at)

    def _mapped(self, name: str, at: int) -> None:
        self.log.operation(
            Verdict.DANGEROUS, "call", name, name, "maps a file that it names", at, "ALTREP"
        )

    def _rare(self, kind: int, attributes: bool, at: int) -> None:
        if kind == _ENVIRONMENT:
            self.stream.integer()
            self._refer("")
            self._push(_ITEM, 1)
            self._push(_FRAME, 2)
            self._push(_ITEM, 1)
        elif kind in (_POINTER, _WEAK):
            self._refer("")
            self._push(_ITEM, (2 if kind == _POINTER else 0) + attributes)
        elif kind == _S4:
            self._push(_ITEM, attributes)
        elif kind in (_NAMESPACE, _PACKAGE, _PERSISTENT):
            self._names(at)
        elif kind == _BYTECODE:
            self.stream.integer()
            self._push(_ITEM, attributes)
            self._push(_CODE, 1)
        elif kind == _ALTREP:
            self._push(_ITEM, 2)
            self._altrep()
        else:
            raise HostileInput(f"the R data has the type {kind} at byte {at}, which R has not")

    def _altrep(self) -> None:
        """The class of a compact vector: a list of two symbols and a number."""
        flags = self.stream.integer()
        if flags & 0xFF != _LIST:
            raise HostileInput("a compact vector of the R data names no class")
        self._push(_ITEM, 1)
        self._push(_CLASS, 1)
        self._push(_ITEM, bool(flags & 0x200) + bool(flags & 0x400))

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

    def _code(self) -> None:
        """Compiled code: the instructions, then the constants."""
        self._push(_CONSTANTS, 1)
        self._push(_ITEM, 1)

    def _constants(self) -> None:
        count = self.stream.integer()
        if count < 0 or not self.stream.room(count):
            raise HostileInput(f"compiled R code has {count} constants, and the file ends")
        self._push(_CONSTANT, count)

    def _constant(self) -> None:
        kind = self.stream.integer()
        if kind == _BYTECODE:
            self._push(_CODE, 1)
        elif kind in _CALLS:
            self._language(kind)
        else:
            self._push(_ITEM, 1)

    def _lang(self) -> None:
        self._language(self.stream.integer())

    def _lang_head(self) -> None:
        """What a call in compiled code calls."""
        kind = self.stream.integer()
        if kind in _CALLS:
            self._language(kind)
        else:
            self._push(_HEAD, 1)

    def _language(self, kind: int) -> None:
        """A call inside compiled code, which has an encoding of its own."""
        if kind == _BC_REFERENCE:
            self.stream.integer()
            return
        if kind == _BC_DEFINITION:
            self.stream.integer()
            kind = self.stream.integer()
        if kind not in (_LANGUAGE, _LIST, _ATTR_LANG, _ATTR_LIST):
            self._push(_ITEM, 1)
            return
        self._push(_LANG, 1)
        self._push(_LANG_HEAD, 1)
        self._push(_ITEM, 1 + (kind in (_ATTR_LANG, _ATTR_LIST)))
