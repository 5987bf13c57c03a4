"""TensorFlow Lite's operator codes, judged by their names, and the subgraphs that run each other.

Source: ``schema.fbs`` (``OperatorCode``, ``BuiltinOptions``), and
``tensorflow/lite/delegates/flex`` for operators of TensorFlow itself.
"""

from __future__ import annotations

from weighbridge.weights.flatbuffer import Table
from weighbridge.weights.log import Log
from weighbridge.weights.source import Source
from weighbridge.weights.tensorflow import operators
from weighbridge.weights.tflite_operators import (
    CASE_2,
    CUSTOM,
    DELEGATE,
    FLEX,
    HARMLESS_CUSTOM,
    LAST_BUILTIN,
    SUBGRAPHS,
    SUBGRAPHS_2,
)

MAX_CUSTOM = 1000  # custom operators that are told apart
_MAX_OPTIONS = 65_536  # bytes of an operator's options that are searched


class Codes:
    """The model's operator codes: numbers of builtin operators, names of custom ones."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self.all: list[str | int] = []
        self._reaching: set[str] = set()
        self._custom: set[str] = set()
        self.crowded = False

    def read(self, root: Table) -> None:
        """``OperatorCode``: a builtin's number, in the second field since there are more than 127,
        or a custom operator's name."""
        for table in root.tables(1):
            old, new = table.scalar(0, 1, signed=True), table.scalar(3, 4, signed=True)
            code = max(old, new)
            if code == CUSTOM:
                name = table.text(1)
                self.all.append(name)
                self._judge_custom(name, table.at)
            else:
                self.all.append(code)
                if code == DELEGATE or code < 0:
                    self.log.issue("bad-operator", f"operator {code} cannot be in a file", table.at)
                elif code > LAST_BUILTIN:
                    self.log.gap(f"the builtin operator {code} is not known here")

    def _judge_custom(self, name: str, at: int) -> None:
        if name in HARMLESS_CUSTOM:
            self.log.allow(name, 1)
            return
        if name in self._custom:
            return
        if len(self._custom) >= MAX_CUSTOM:
            self.crowded = True
            return
        self._custom.add(name)
        judgement: operators.Judgement | None = operators.CUSTOM
        if name.startswith(FLEX):
            judgement = operators.by_name(name[len(FLEX) :])
            if judgement is None:
                self.log.allow(name, 1)
        if judgement is not None:
            self._operation(name, name or "<empty>", judgement, at)

    def _operation(self, name: str, rendered: str, judged: operators.Judgement, at: int) -> None:
        self.log.operation(
            judged.verdict, "operator", name or "<empty>", rendered, judged.effect, at,
            "OperatorCode",
        )  # fmt: skip

    def options(self, name: str, source: Source) -> None:
        """An operator's options: of TensorFlow's own its ``NodeDef``, whose texts stand as they
        are."""
        op = name[len(FLEX) :]
        if not name.startswith(FLEX) or op not in operators.ATTRIBUTES:
            return
        text = source.head(_MAX_OPTIONS)
        self.log.bytes_read += len(text)
        harmless = operators.ATTRIBUTES[op].harmless
        for entry in harmless:
            text = text.replace(entry.rstrip("*").encode(), b"") if "://" in entry else text
        if b"://" in text:
            self._reaching.add(name)

    def judge_options(self) -> None:
        """Operators of TensorFlow that reach a file by an option, by what their options say."""
        if self.crowded:
            self.log.gap(f"only the first {MAX_CUSTOM} custom operators were told apart")
        for name in sorted(self._reaching):
            attribute = operators.ATTRIBUTES[name[len(FLEX) :]]
            self._operation(name, f"{name}({attribute.key}=…)", attribute.judgement, -1)


def subgraphs(table: Table) -> list[int]:
    """The numbers of the subgraphs that an operator runs."""
    found: list[int] = []
    for kind, slot, known in (
        (table.scalar(3, 1), 4, SUBGRAPHS),
        (table.scalar(11, 1), 12, SUBGRAPHS_2),
    ):
        if kind not in known and not (slot == 12 and kind == CASE_2):
            continue
        options = table.table(slot)
        if options is None:
            continue
        if slot == 12 and kind == CASE_2:
            found.extend(options.values(0, 4, signed=True))
            continue
        found.extend(options.scalar(number, 4, signed=True) for number in known[kind])
    return found


class Calls:
    """Subgraphs that run each other must come to an end."""

    def __init__(self, targets: list[list[int]]) -> None:
        self.targets = targets
        self._state = bytearray(len(targets))
        self._stack: list[tuple[int, list[int]]] = []

    def cycle(self) -> int:
        """A subgraph that runs itself, -1 where there is none. Numbers out of range are skipped."""
        for first in range(len(self.targets)):
            self._enter(first)
            while self._stack:
                current, left = self._stack[-1]
                if not left:
                    self._state[current] = 2
                    self._stack.pop()
                    continue
                target = left.pop()
                if not 0 <= target < len(self.targets):
                    continue
                if self._state[target] == 1:
                    return target
                self._enter(target)
        return -1

    def _enter(self, number: int) -> None:
        if not self._state[number]:
            self._state[number] = 1
            self._stack.append((number, list(self.targets[number])))
