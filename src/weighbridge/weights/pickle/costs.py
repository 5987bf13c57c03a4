"""What loading would cost beyond reading: values that are cheap to write down and dear to build."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weighbridge.weights.pickle.values import Items, Value
from weighbridge.weights.pickle.window import Damage

if TYPE_CHECKING:
    from weighbridge.weights.log import Log

MAX_HASHED = 1_000_000  # parts that hashing one key visits; shared ones count each time
MEMO_AHEAD = 2**20  # indices that a memo may leave out; the C unpickler makes room for all of them

MAX_ALLOTTED = 2**27  # elements that the calls of one stream may ask for by numbers alone
# Listed calls that make room for as many elements as a number says.
ALLOTTING = frozenset({
    "builtins.bytearray", "builtins.bytes", "torch.Tensor", "torch.FloatTensor",
    "torch.DoubleTensor", "torch.LongTensor", "torch.ByteTensor", "numpy.ndarray",
    "numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct",
})  # fmt: skip


def allotted(args: Value) -> int:
    """The elements that a call asks for: the product of the numbers among its arguments."""
    count = 0
    for part in args if isinstance(args, tuple) else ():
        sides = part if isinstance(part, tuple) else (part,)
        for side in sides:
            if type(side) is int and side > 0:
                count = max(count, 1) * side
    return count


def check_keys(values: list[Value], log: Log, offset: int) -> None:
    """Keys of a dict or members of a set: a tuple is hashed with all that it holds, and one that
    holds another twice doubles the work each time."""
    for value in values:
        if type(value) is tuple and value and _expanded(value) > MAX_HASHED:
            log.issue("hash-bomb", f"hashing a key visits more than {MAX_HASHED} values", offset)
            return


def check_hashable(values: list[Value]) -> None:
    """Lists, dicts and sets are no keys and no members of sets.

    Raises:
        Damage: there is one; an unpickler raises there.
    """
    for value in values:
        if isinstance(value, Items) and value.kind != "frozenset":
            raise Damage(f"a {value.kind} is used as a key or as a member of a set")


def check_memo(index: int, known: int, log: Log, offset: int) -> None:
    """An index far beyond what the memo holds."""
    if index > known + MEMO_AHEAD:
        log.issue(
            "memo-bomb",
            f"the memo jumps to index {index}, and unpicklers make room for all that are left out",
            offset,
        )


def _expanded(value: tuple[Value, ...]) -> int:
    """How many values a tuple is made of, each counted as often as it is reached."""
    if not any(type(part) is tuple for part in value):
        return len(value)
    known: dict[int, int] = {}
    todo: list[tuple[Value, ...]] = [value]
    while todo:
        current = todo[-1]
        missing = [p for p in current if type(p) is tuple and id(p) not in known]
        if missing:
            todo += missing
            if len(todo) > MAX_HASHED:
                return len(todo)
            continue
        todo.pop()
        parts = (known[id(p)] if type(p) is tuple else 1 for p in current)
        known[id(current)] = min(sum(parts) + 1, MAX_HASHED + 1)
    return known[id(value)]
