"""PaddlePaddle's PIR programs: ``inference.json``, what version 3 saves beside ``.pdiparams``.

Source: ``paddle/fluid/pir/serialize_deserialize`` (``schema.h``, ``ir_serialize.cc``,
``ir_deserialize.cc``) of version 3.3. ``base_code`` says that it is one; a program is regions of
blocks of operators, some with regions of their own. Of an operator, ``#`` is the name behind its
dialect's number, ``I`` and ``O`` the values that it takes and gives, each with a number ``%``,
and ``A`` its attributes. A value is given before it is taken; number 0 stands for none. What a
block is given from around it has negative numbers, under ``#``.
"""

from __future__ import annotations

from weighbridge.weights.inspection import Verdict
from weighbridge.weights.json_text import Json
from weighbridge.weights.log import Log
from weighbridge.weights.paddle import judge

LAST_VERSION = 4
_DIALECTS = {"0": "builtin", "1": "pd_op", "2": "cf", "3": "custom_op", "4": "dist"}
_PARAMETER = "p"  # which is written without its dialect
# Dialects whose operators place values, and what runs when, and nothing else.
_PLAIN = frozenset(("builtin", "cf", "dist"))
_PYTHON = (Verdict.DANGEROUS, "calls back into Python")
_CUSTOM = (
    Verdict.UNLISTED_CALL,
    "is a custom operator, which a compiled library must provide",
)
_GRADIENTS = ("_grad", "_double_grad", "_grad_grad", "_triple_grad")
_MAX_NAME = 400
_MAX_TEXTS = 20
_MAX_RANK = 64


def is_program(value: Json) -> bool:
    """Whether a document says of itself that it is a program."""
    base = value.get("base_code") if isinstance(value, dict) else None
    return isinstance(base, dict) and base.get("magic") == "pir"


def judge_program(value: Json, log: Log) -> None:
    """Check a program: its operators, and what they take from each other."""
    assert isinstance(value, dict)
    base, program = value["base_code"], value.get("program")
    version = base.get("version") if isinstance(base, dict) else None
    if type(version) is not int or version < 0:
        log.issue("bad-version", "the program does not say its version")
    elif version > LAST_VERSION:
        log.gap(f"no reader for version {version} of PaddlePaddle's programs yet")
    found = _Program(log)
    if not isinstance(program, dict) or not found.regions(program, set()):
        log.issue("bad-model", "the program has no block of operators")
    for name, times in found.used.items():
        log.allow(name, times)


class _Program:
    def __init__(self, log: Log) -> None:
        self.log = log
        self.used: dict[str, int] = {}
        self.given: set[int] = set()  # anywhere in the program

    def regions(self, owner: dict[str, Json], seen: set[int]) -> int:
        """The regions of a program or an operator; how many blocks they have."""
        blocks = 0
        for region in _list(owner.get("regions")):
            for block in _list(region.get("blocks") if isinstance(region, dict) else None):
                if not isinstance(block, dict) or not isinstance(block.get("ops"), list):
                    self.log.issue("bad-structure", "a block without operators")
                    continue
                blocks += 1
                self._block(block, set(seen))
        return blocks

    def _block(self, block: dict[str, Json], seen: set[int]) -> None:
        """``seen``: what was given before it, which the block adds to."""
        for key in ("args", "kwargs"):
            part = block.get(key)
            for one in part.values() if isinstance(part, dict) else _list(part):
                number = one.get("#") if isinstance(one, dict) else None
                if type(number) is int and number < 0:
                    seen.add(number)
        for operator in _list(block.get("ops")):
            if isinstance(operator, dict) and isinstance(operator.get("#"), str):
                self._operator(operator, str(operator["#"]), seen)
            else:
                self.log.issue("bad-node", "an operator without a name")

    def _operator(self, operator: dict[str, Json], name: str, seen: set[int]) -> None:
        dialect, _, bare = name.partition(".")
        dialect = _DIALECTS.get(dialect, dialect)
        self._judge(dialect, bare, name, operator)
        for one in _list(operator.get("I")):
            number = one.get("%") if isinstance(one, dict) else None
            if type(number) is not int:
                self.log.issue("bad-node", f"an input of {name[:80]!r} has no number")
            elif number and number not in seen:
                message = f"{name[:80]!r} takes value {number}, and nothing before gives it"
                self.log.issue("undefined-value", message)
        self.regions(operator, seen)
        given = operator.get("O")
        for one in [given] if isinstance(given, dict) else _list(given):
            self._give(one, seen)
            if name == _PARAMETER:
                self._parameter(one)

    def _give(self, one: Json, seen: set[int]) -> None:
        number = one.get("%") if isinstance(one, dict) else None
        if type(number) is not int or not number:
            return
        if number in self.given:
            self.log.issue("duplicate-value", f"value {number} is given twice")
        self.given.add(number)
        seen.add(number)

    def _parameter(self, one: Json) -> None:
        """A parameter's type: ``[element type, shape, layout, ...]``."""
        kind = one.get("TT") if isinstance(one, dict) else None
        data = _list(kind.get("D") if isinstance(kind, dict) else None)
        if len(data) < 2:
            self.log.issue("bad-shape", "a parameter without type and shape")
            return
        element, count = data[0], 1
        for side in _list(data[1]):
            if type(side) is not int or side < 0:
                self.log.issue("bad-shape", f"a parameter has the shape {str(data[1])[:80]}")
                return
            count = min(count * side, 2**53)
        if len(_list(data[1])) > _MAX_RANK:
            self.log.issue("bad-shape", f"a parameter has {len(_list(data[1]))} sides")
        label = element.get("#") if isinstance(element, dict) else None
        self.log.tensor(str(label).rpartition("t_")[2] if label else "unknown", count)

    def _judge(self, dialect: str, bare: str, name: str, operator: dict[str, Json]) -> None:
        if name == _PARAMETER or (bare and dialect in _PLAIN):
            judgement = None
        elif dialect == "pd_op" and bare:
            judgement = _rule(bare)
        else:
            judgement = _PYTHON if dialect.startswith("py") else _CUSTOM
        shown = f"{dialect}.{bare}"[:_MAX_NAME]
        if judgement is None:
            self.used[shown] = self.used.get(shown, 0) + 1
            return
        texts = ", ".join(f"{key}={text[:80]!r}" for key, text in _texts(operator))
        verdict, effect = judgement
        self.log.operation(
            verdict, "operator", f"paddle.{shown}", f"{bare or name}({texts})", effect, -1, "PIR"
        )


def _rule(bare: str) -> tuple[Verdict, str] | None:
    """The verdict on one of Paddle's operators, whose name may say that it works in place, or is
    the gradient of another."""
    name = bare.removesuffix("_")
    judgement = judge(name)
    for ending in _GRADIENTS:
        if judgement is not None and name.endswith(ending):
            judgement = judge(name.removesuffix(ending).removesuffix("_"))
    return judgement


def _texts(operator: dict[str, Json]) -> list[tuple[str, str]]:
    """Attributes that are text."""
    found: list[tuple[str, str]] = []
    for one in _list(operator.get("A")):
        value = one.get("AT") if isinstance(one, dict) else None
        text = value.get("D") if isinstance(value, dict) else None
        if isinstance(one, dict) and isinstance(text, str) and len(found) < _MAX_TEXTS:
            found.append((str(one.get("N", ""))[:80], text))
    return found


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []
