"""Whether bytes begin a pickle, told by following its opcodes on a counted stack.

Nothing is built: only how many values and marks lie on the stack is kept. Opcodes: CPython
``Lib/pickletools.py``.
"""

from __future__ import annotations

import enum
import re

_LINE, _TWO_LINES = "line", "two lines"

# opcode: (argument, values taken, values given). The argument is a number of bytes, a line, or
# ("len", n): a little-endian length of n bytes, then so many bytes.
_Argument = int | str | tuple[str, int]
_SIMPLE: dict[int, tuple[_Argument, int, int]] = {
    ord("I"): (_LINE, 0, 1), ord("L"): (_LINE, 0, 1), ord("F"): (_LINE, 0, 1),
    ord("S"): (_LINE, 0, 1), ord("V"): (_LINE, 0, 1), ord("P"): (_LINE, 0, 1),
    ord("J"): (4, 0, 1), ord("K"): (1, 0, 1), ord("M"): (2, 0, 1), ord("G"): (8, 0, 1),
    0x8A: (("len", 1), 0, 1), 0x8B: (("len", 4), 0, 1),
    ord("T"): (("len", 4), 0, 1), ord("U"): (("len", 1), 0, 1),
    ord("X"): (("len", 4), 0, 1), 0x8C: (("len", 1), 0, 1), 0x8D: (("len", 8), 0, 1),
    ord("B"): (("len", 4), 0, 1), ord("C"): (("len", 1), 0, 1), 0x8E: (("len", 8), 0, 1),
    0x96: (("len", 8), 0, 1), 0x97: (0, 0, 1), 0x98: (0, 1, 1),
    ord("N"): (0, 0, 1), 0x88: (0, 0, 1), 0x89: (0, 0, 1),
    ord("]"): (0, 0, 1), ord("}"): (0, 0, 1), ord(")"): (0, 0, 1), 0x8F: (0, 0, 1),
    ord("a"): (0, 2, 1), ord("s"): (0, 3, 1), ord("2"): (0, 1, 2), ord("0"): (0, 1, 0),
    0x85: (0, 1, 1), 0x86: (0, 2, 1), 0x87: (0, 3, 1),
    ord("g"): (_LINE, 0, 1), ord("h"): (1, 0, 1), ord("j"): (4, 0, 1),
    ord("p"): (_LINE, 1, 1), ord("q"): (1, 1, 1), ord("r"): (4, 1, 1), 0x94: (0, 1, 1),
    0x80: (1, 0, 0), 0x95: (8, 0, 0),
    ord("c"): (_TWO_LINES, 0, 1), 0x93: (0, 2, 1),
    0x82: (1, 0, 1), 0x83: (2, 0, 1), 0x84: (4, 0, 1),
    ord("Q"): (0, 1, 1), ord("R"): (0, 2, 1), ord("b"): (0, 2, 1), 0x81: (0, 2, 1),
    0x92: (0, 3, 1),
}  # fmt: skip
# Opcodes that take all values back to the last mark: what lies under it that they need, what they
# leave in place of it.
_TO_MARK: dict[int, tuple[int, int]] = {
    ord("e"): (1, 1), ord("u"): (1, 1), 0x90: (1, 1),  # into the collection under the mark
    ord("l"): (0, 1), ord("d"): (0, 1), ord("t"): (0, 1), 0x91: (0, 1),
    ord("1"): (0, 0), ord("o"): (0, 1), ord("i"): (0, 1),
}  # fmt: skip
_MAX_LINE = 4096
_CALLS = frozenset(b"Rbio\x81\x92QP")
# Few pickles are text: what their lines must look like is compiled when the first one comes by.
_NUMBER = rb"[-+]?[0-9]+L?|0[01]"
_FLOAT = rb"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?|[-+]?(inf|nan)"
_QUOTED = rb"(?s)'.*'|\".*\""
_DOTTED = rb"[\w.<>]+"
_INDEX = rb"[0-9]+"
_LINES = {
    ord("I"): _NUMBER, ord("L"): _NUMBER, ord("F"): _FLOAT, ord("S"): _QUOTED,
    ord("g"): _INDEX, ord("p"): _INDEX, ord("i"): _DOTTED, ord("c"): _DOTTED,
}  # fmt: skip
# The opcodes of a fixed length that do nothing but take and give values: most of any pickle.
# (bytes they take up, values taken, values given), by opcode.
_PLAIN: tuple[tuple[int, int, int] | None, ...] = tuple(
    (1 + argument, taken, given)
    if opcode not in _CALLS | {ord("0"), 0x93} and isinstance(argument, int)
    else None
    for opcode, (argument, taken, given) in (
        (opcode, _SIMPLE.get(opcode, ("", 0, 0))) for opcode in range(256)
    )
)
_CONTROL = rb"[^\t\n\r\x20-\x7e\x80-\xff]"


class Verdict(enum.Enum):
    """How sure it is. Bytes of another format may end a short run of opcodes by chance (``ENDS``);
    that they look something up and call it (``CALLS``) is no chance: a loader would run them.
    """

    NO = "no"
    ENDS = "ends"
    CALLS = "calls"


class _Implausible(Exception):
    pass


class _State:
    __slots__ = ("at", "binary", "head", "marks", "names", "size", "stack")

    def __init__(self, head: bytes, size: int) -> None:
        self.head, self.size = head, size
        self.at = self.stack = 0
        self.marks: list[int] = []
        self.names = 0  # importable things met
        self.binary = False  # whether an argument was not a line of text


def pickle_start(head: bytes, size: int) -> Verdict:
    """Whether a pickle loader would take a file of ``size`` bytes that begins with ``head``."""
    announced = head[:1] == b"\x80"
    if announced and (len(head) < 3 or head[1] > 5):
        return Verdict.NO
    state = _State(head, size)
    steps = 0
    try:
        while True:
            steps += _plain(state)
            if state.at >= len(head):
                break
            opcode = head[state.at]
            if opcode == ord("."):
                return Verdict.ENDS if _ends_well(state, announced) else Verdict.NO
            _step(state, opcode)
            steps += 1
            if opcode in _CALLS and state.names:
                return Verdict.CALLS
    except _Implausible:
        return Verdict.NO
    # The head is used up and all of it made sense; in the middle of a long argument, more follows.
    return Verdict.ENDS if steps > 1 and size > len(head) else Verdict.NO


def _plain(state: _State) -> int:
    """Step over plain opcodes, to the first other one or the head's end; how many they were."""
    head, at, stack = state.head, state.at, state.stack
    floor = state.marks[-1] if state.marks else 0
    end = len(head)
    steps = longest = 0
    while at < end:
        plain = _PLAIN[head[at]]
        if plain is None:
            break
        length, taken, given = plain
        if stack - taken < floor:
            raise _Implausible
        stack += given - taken
        at += length
        steps += 1
        if length > longest:
            longest = length
    if at > state.size:
        raise _Implausible
    state.at, state.stack = at, stack
    state.binary |= longest > 1
    return steps


def _ends_well(state: _State, announced: bool) -> bool:
    """A text may end an opcode run by chance: there, only what protocol 0 writes, to the end."""
    if state.stack < 1:
        return False
    if announced or re.search(_CONTROL, state.head):
        return True
    return (
        not state.binary
        and not state.head[state.at + 1 :].strip()
        and state.size <= len(state.head)
    )


def _step(state: _State, opcode: int) -> None:
    state.at += 1
    if opcode == ord("("):
        state.marks.append(state.stack)
        return
    if opcode in _TO_MARK:
        if opcode == ord("i"):
            _argument(state, opcode, _TWO_LINES)
            state.names += 1
        _to_mark(state, opcode)
        return
    if opcode not in _SIMPLE:
        raise _Implausible
    argument, taken, given = _SIMPLE[opcode]
    _argument(state, opcode, argument)
    floor = state.marks[-1] if state.marks else 0
    if opcode == ord("0") and state.stack == floor and state.marks:
        state.marks.pop()  # POP on a bare mark takes the mark
        return
    if state.stack - taken < floor:
        raise _Implausible
    state.stack += given - taken
    state.names += opcode in (ord("c"), 0x93)


def _to_mark(state: _State, opcode: int) -> None:
    if not state.marks:
        raise _Implausible
    mark = state.marks.pop()
    under, given = _TO_MARK[opcode]
    above = state.stack - mark
    if mark - (state.marks[-1] if state.marks else 0) < under or (opcode == ord("o") and not above):
        raise _Implausible
    if opcode in b"du" and above % 2:
        raise _Implausible
    state.stack = mark - under + given


def _argument(state: _State, opcode: int, argument: _Argument) -> None:
    """Step over an opcode's argument, which must lie inside the file and read as it should."""
    if argument in (_LINE, _TWO_LINES):
        for _ in range(2 if argument == _TWO_LINES else 1):
            _line(state, opcode)
        return
    state.binary |= bool(argument)
    if isinstance(argument, tuple):
        width = argument[1]
        raw = state.head[state.at : state.at + width]
        state.at += width + int.from_bytes(raw, "little")
    elif isinstance(argument, int):
        state.at += argument
    if state.at > state.size:
        raise _Implausible


def _line(state: _State, opcode: int) -> None:
    end = state.head.find(b"\n", state.at)
    if end < 0 and state.size > len(state.head) and len(state.head) - state.at < _MAX_LINE:
        state.at = len(state.head)  # the head ends inside the line
        return
    if end < 0:
        raise _Implausible
    line = state.head[state.at : end].rstrip(b"\r")
    pattern = _LINES.get(opcode)
    if pattern is not None and not re.fullmatch(pattern, line):
        raise _Implausible
    state.at = end + 1
