"""What loading would cost beyond reading: values that are cheap to write down and dear to build."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weighbridge.weights.pickle.values import Value

if TYPE_CHECKING:
    from weighbridge.weights.inspection import Log

MAX_HASHED = 1_000_000  # parts that hashing one key visits; shared ones count each time
MEMO_AHEAD = 2**20  # indices that a memo may leave out; the C unpickler makes room for all of them


def check_keys(values: list[Value], log: Log, offset: int) -> None:
    """Keys of a dict or members of a set: a tuple is hashed with all that it holds, and one that
    holds another twice doubles the work each time."""
    for value in values:
        if type(value) is tuple and value and _expanded(value) > MAX_HASHED:
            log.issue("hash-bomb", f"hashing a key visits more than {MAX_HASHED} values", offset)
            return


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
