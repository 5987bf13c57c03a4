"""Compiled code in R's values, which has an encoding of its own.

Source: ``ReadBC`` and ``ReadBCLang`` of R's ``serialize.c``.
"""

from __future__ import annotations

from collections.abc import Callable

from weighbridge.model.errors import HostileInput
from weighbridge.weights.rds_stream import RStream

LIST, LANGUAGE, BYTECODE = 2, 6, 21
ATTR_LIST, ATTR_LANG, BC_REFERENCE, BC_DEFINITION = 239, 240, 243, 244
CALLS = (LANGUAGE, LIST, BC_DEFINITION, BC_REFERENCE, ATTR_LANG, ATTR_LIST)
# What a pending read is of: any value, what a call calls, and the parts of compiled code.
ITEM, HEAD, CODE, CONSTANTS, CONSTANT, LANG, LANG_HEAD = range(7)


class CompiledWalk:
    """The part of the walk that reads compiled code. ``pending`` is a list of [what, how many]."""

    def __init__(self, stream: RStream, pending: list[list[int]]) -> None:
        self.stream, self.pending = stream, pending

    def compiled_steps(self) -> dict[int, Callable[[], None]]:
        """What reads each part."""
        return {
            CODE: self._code, CONSTANTS: self._constants, CONSTANT: self._constant,
            LANG: self._lang, LANG_HEAD: self._lang_head,
        }  # fmt: skip

    def _push(self, what: int, count: int) -> None:
        if count > 0:
            self.pending.append([what, count])

    def _code(self) -> None:
        """Compiled code: the instructions, then the constants."""
        self._push(CONSTANTS, 1)
        self._push(ITEM, 1)

    def _constants(self) -> None:
        count = self.stream.integer()
        if count < 0 or not self.stream.room(count):
            raise HostileInput(f"compiled R code has {count} constants, and the file ends")
        self._push(CONSTANT, count)

    def _constant(self) -> None:
        kind = self.stream.integer()
        if kind == BYTECODE:
            self._push(CODE, 1)
        elif kind in CALLS:
            self._language(kind)
        else:
            self._push(ITEM, 1)

    def _lang(self) -> None:
        self._language(self.stream.integer())

    def _lang_head(self) -> None:
        """What a call in compiled code calls."""
        kind = self.stream.integer()
        if kind in CALLS:
            self._language(kind)
        else:
            self._push(HEAD, 1)

    def _language(self, kind: int) -> None:
        """A call inside compiled code, which has an encoding of its own."""
        if kind == BC_REFERENCE:
            self.stream.integer()
            return
        if kind == BC_DEFINITION:
            self.stream.integer()
            kind = self.stream.integer()
        if kind not in (LANGUAGE, LIST, ATTR_LANG, ATTR_LIST):
            self._push(ITEM, 1)
            return
        self._push(LANG, 1)
        self._push(LANG_HEAD, 1)
        self._push(ITEM, 1 + (kind in (ATTR_LANG, ATTR_LIST)))
