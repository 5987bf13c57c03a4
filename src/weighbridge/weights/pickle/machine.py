"""The pickle machine: stack, marks, memo, and the loop. Its opcodes are in ``opcodes_*.py``."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import repeat
from operator import length_hint

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.weights.pickle.costs import check_memo
from weighbridge.weights.pickle.ledger import Ledger
from weighbridge.weights.pickle.table import HANDLERS, OPCODE_NAMES
from weighbridge.weights.pickle.values import HOLDERS, UNKNOWN, Value, compact
from weighbridge.weights.pickle.window import LOOKAHEAD, Damage, Window
from weighbridge.weights.source import Bomb, Readable

MAX_OPCODES = 50_000_000  # of one file, over all its members and readings
# Each opcode takes a byte, so that only compressed data has many more than the file has bytes.
PACKED_OPCODES = 1_000_000  # of a file, whatever its size
PACKED_RATIO = 16  # beyond them, for each of its bytes
MAX_LINE_ENDS = 8  # bytes behind the last pickle
MAX_STACK = 1_000_000  # values on the stack
MAX_MARKS = 400_000
MAX_OPEN = 400_000  # containers on the stack
MAX_MEMO = 3_000_000
MAX_NESTED = 3_000_000  # values made that hold others that hold others: a chain keeps all of them
_SETTLE_EVERY = 2 * 2**20  # bytes of opcodes between two thinnings of old values
_YOUNG_STACKS = 3  # innermost stacks whose values are still being put together


class Stopped(Exception):
    """STOP was reached; ``pos`` is the position behind it."""

    def __init__(self, pos: int) -> None:
        self.pos = pos


def _thinned(value: Value) -> Value:
    """:func:`compact`; of a tuple whose first part holds others it says the same sooner."""
    if type(value) is tuple and value and type(value[0]) in HOLDERS:
        return UNKNOWN
    return compact(value)


class Machine(Window):
    """Runs one stream of pickles. ``joblib`` skips the raw arrays that joblib puts between opcodes.

    ``violations`` are offsets at which an opcode crosses its frame's end (PEP 3154 forbids it, and
    unpicklers read on at different places; python/cpython#154848); ``torn`` tells that the damage
    that ended a pickle lies inside a frame, where the other reading may go on.
    """

    __slots__ = (
        "arrays", "at", "depth", "joblib", "lacks_buffer", "last", "ledger", "memo", "memoized",
        "meta", "missed", "nested", "opcodes", "proto", "settled", "sparse", "special", "stack",
        "storages", "torn", "violations", "young",
    )  # fmt: skip

    def __init__(
        self,
        stream: Readable,
        ledger: Ledger,
        *,
        size: int = -1,
        joblib: bool = True,
        depth: int = 0,
    ) -> None:
        super().__init__(stream, size)
        self.ledger = ledger
        self.joblib = joblib
        self.depth = depth  # of pickles inside byte strings of pickles
        self.last: Value = None  # what the pickle that ended last stands for
        self.stack: list[Value] = []
        self.meta: list[list[Value]] = []
        self.memo: list[Value] = []  # indexes 0..n-1, as picklers write them
        self.sparse: dict[int, Value] = {}  # any other index
        self.proto = 0
        self.nested = 0
        self.opcodes = 0
        self.at = 0  # where the loop last ended
        self.settled = 0
        self.young = 0  # memo entries before it are thinned
        self.memoized = False  # MEMOIZE was used: its index depends on earlier pickles
        self.missed = False  # the memo was asked for an index it does not have
        self.arrays = 0  # raw joblib arrays skipped
        self.storages: dict[str, tuple[str, int]] = {}  # torch: key -> storage class, elements
        self.special: Value = None  # a special name that became a key of some dict
        self.violations: list[int] = []
        self.lacks_buffer = False  # NEXT_BUFFER was met
        self.torn = False

    def run(self, pos: int) -> int:
        """Interpret one pickle from ``pos`` to its STOP; the position behind it.

        Raises:
            Damage: where the unpickler would raise. Operations before it are recorded.
            BoundExceeded: a bound of this module was reached.
        """
        self.stack, self.meta, self.proto = [], [], 0
        self.memoized = self.missed = False
        self.frame_end = 0
        self.relimit()
        return self.loop(pos)

    def at_end(self, pos: int) -> bool:
        """Whether the stream ends at ``pos``; the window then starts there, so go on from 0."""
        return self.grow(pos, 1) >= self.end or self._only_line_ends()

    def _only_line_ends(self) -> bool:
        """A few line ends, which editors and repository hooks add to a file's end, hold nothing."""
        if self.data[0] not in b"\r\n":
            return False
        self.grow(0, MAX_LINE_ENDS + 1)
        rest = self.data[: self.end]
        return len(rest) <= MAX_LINE_ENDS and not rest.strip(b"\r\n")

    def loop(self, pos: int) -> int:
        """:meth:`run` without clearing the machine."""
        handlers = HANDLERS
        spent = self.ledger.log.spent
        most = MAX_OPCODES
        if spent.size >= 0:
            most = min(most, PACKED_OPCODES + PACKED_RATIO * spent.size)
        budget = most - spent.opcodes
        ticks = repeat(None, max(budget, 0))
        try:
            for _ in ticks:
                if pos >= self.limit:
                    pos = self.boundary(pos)
                pos = handlers[self.data[pos]](self, pos + 1)
        except IndexError as error:
            self.torn = self.torn or self.frame_end > 0
            # Every handler pops without asking first: this is the machine's own stack underflow.
            raise Damage("an opcode takes more from the stack than there is") from error
        except Stopped as stop:
            if stop.pos > self.end:
                raise Damage("the pickle ends in the middle of an opcode") from stop
            return stop.pos
        except HostileInput:
            self.torn = self.torn or self.frame_end > 0
            raise
        finally:
            self.at = self.base + pos
            done = budget - length_hint(ticks)
            self.opcodes += done
            spent.opcodes += done
        raise (BoundExceeded if most == MAX_OPCODES else Bomb)("the pickle", most, "opcodes")

    def boundary(self, pos: int) -> int:
        """Called where the window or a frame ends: check the frame, read on, thin old values."""
        absolute = self.base + pos
        if self.frame_end and absolute >= self.frame_end:
            if absolute > self.frame_end:
                self.violations.append(absolute)
            self.frame_end = 0
        if not self.eof and pos >= self.end - LOOKAHEAD:  # and not at the end of each small frame
            pos = self.fill(pos)
        if pos >= self.end:
            raise Damage("the pickle ends without STOP")
        self.relimit()
        if len(self.stack) > MAX_OPEN or len(self.meta) > MAX_MARKS:
            self.hold_bounds()
        if self.base + pos - self.settled >= _SETTLE_EVERY:
            self.settle(self.base + pos)
        return pos

    def hold_bounds(self) -> None:
        """Stop where the stack grows beyond what any pickler needs.

        Raises:
            BoundExceeded: it does.
        """
        if len(self.meta) > MAX_MARKS:
            raise BoundExceeded("the pickle's stack", MAX_MARKS, "marks")
        if sum(type(value) in HOLDERS for value in self.stack) > MAX_OPEN:
            raise BoundExceeded("the pickle's stack", MAX_OPEN, "open containers")

    def settle(self, absolute: int) -> None:
        """Hold the bounds, and let go of what old values refer to."""
        self.settled = absolute
        depth = len(self.stack) + sum(map(len, self.meta))
        if depth > MAX_STACK:
            raise BoundExceeded("the pickle's stack", MAX_STACK, "values")
        if len(self.memo) + len(self.sparse) > MAX_MEMO:
            raise BoundExceeded("the pickle's memo", MAX_MEMO, "entries")
        self.memo[self.young :] = map(_thinned, self.memo[self.young :])
        self.young = len(self.memo)
        self.sparse = {index: compact(value) for index, value in self.sparse.items()}
        for old in self.meta[: -_YOUNG_STACKS + 1]:
            old[:] = map(compact, old)

    def holds(self, values: Iterable[Value]) -> None:
        """Count a new value made of these, if one of them holds others itself.

        Raises:
            BoundExceeded: there were too many. None of them can be let go of while they hang on one
                another, and each costs an opcode of a byte or two.
        """
        for value in values:
            if type(value) in HOLDERS and value != ():
                self.nested += 1
                if self.nested > MAX_NESTED:
                    raise BoundExceeded("the pickle", MAX_NESTED, "nested values")
                return

    def opcode_at(self, pos: int) -> str:
        """The name of the opcode whose argument starts at ``pos``."""
        return OPCODE_NAMES.get(self.data[pos - 1], "?")

    def recall(self, index: int) -> Value:
        """What the memo has under an index.

        Raises:
            Damage: nothing.
        """
        if 0 <= index < len(self.memo):
            return self.memo[index]
        if index in self.sparse:
            return self.sparse[index]
        self.missed = True
        raise Damage(f"the memo has nothing at index {index}")

    def remember(self, index: int, value: Value) -> None:
        """Put a value into the memo."""
        memo = self.memo
        if index < 0:
            raise Damage("a memo index is negative")
        if index < len(memo):
            memo[index] = compact(value) if index < self.young else value
        elif index == len(memo) and index not in self.sparse:
            memo.append(value)
        else:
            known = len(memo) + len(self.sparse)
            check_memo(index, known, self.ledger.log, self.base + self.at)
            self.sparse[index] = value
