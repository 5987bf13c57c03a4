"""What names and constant texts in Python code stand for, by its syntax tree; never run.

``import os as o`` makes ``o.system`` stand for ``os.system``, as do ``getattr(os, "sys" + "tem")``,
``__import__("os").system`` and ``s = os.system``. Who wants to can hide from it: a name that cannot
be told stands for nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

IMPORTERS = frozenset({"builtins.__import__", "importlib.import_module", "importlib.__import__"})
_DEPTH = 40  # of expressions that are looked through
_LONGEST = 2**20  # characters of a text that is put together


class Names:
    """The names of one tree."""

    def __init__(self, nodes: Sequence[ast.AST]) -> None:
        self._stand_for: dict[str, str] = {}
        for node in nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    top = alias.name.partition(".")[0]
                    self._stand_for[alias.asname or top] = alias.name if alias.asname else top
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                for alias in node.names:
                    self._stand_for[alias.asname or alias.name] = f"{node.module}.{alias.name}"
        for node in nodes:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                target, name = node.targets[0].id, self.dotted(node.value)
                if name and target not in self._stand_for and name != f"builtins.{target}":
                    self._stand_for[target] = name

    def dotted(self, node: ast.AST, depth: int = 0) -> str:
        """The full name that an expression stands for, empty where it is no plain name.

        What no import brings is a name of ``builtins``.
        """
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if isinstance(node, ast.Name):
            base = self._stand_for.get(node.id, f"builtins.{node.id}")
        elif isinstance(node, ast.Call) and node.args and depth < _DEPTH:
            base = self._called(node, depth + 1)
        elif isinstance(node, ast.Subscript) and depth < _DEPTH:
            base = self._looked_up(node, depth + 1)
        else:
            return ""
        if not base or len(base) > 1_000 or len(parts) > _DEPTH:
            return ""
        name = ".".join([base, *reversed(parts)])
        for prefix in ("builtins.builtins.", "builtins.__builtins__."):
            if name.startswith(prefix):
                return f"builtins.{name.removeprefix(prefix)}"
        return name

    def _looked_up(self, node: ast.Subscript, depth: int) -> str:
        """What ``sys.modules["os"]``, ``__builtins__["exec"]``, ``os.__dict__["system"]`` are."""
        owner, name = self.dotted(node.value, depth), text_of(node.slice)
        if not owner or not name:
            return ""
        if owner == "sys.modules":
            return name
        if owner == "builtins.__builtins__" or owner.endswith(".__dict__"):
            return f"{owner.removesuffix('.__dict__')}.{name}"
        return ""

    def _called(self, node: ast.Call, depth: int) -> str:
        """What ``__import__("os")`` and ``getattr(os, "system")`` stand for."""
        function = self.dotted(node.func, depth)
        if function in IMPORTERS:
            return text_of(node.args[0]) or ""
        if function == "builtins.getattr" and len(node.args) > 1:
            owner, name = self.dotted(node.args[0], depth), text_of(node.args[1])
            return f"{owner}.{name}" if owner and name else ""
        return ""


def text_of(node: ast.AST, depth: int = 0) -> str | None:
    """The text that an expression is bound to be, None where that cannot be told.

    Looks through ``+``, ``"".join([…])``, ``[::-1]`` and ``chr(…)``. What an f-string puts in is
    left out of its text.
    """
    if isinstance(node, ast.Constant):
        if isinstance(node.value, bytes):
            return node.value.decode("latin-1")
        return node.value if isinstance(node.value, str) else None
    if depth >= _DEPTH:
        return None
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(part, depth + 1) or "" for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _sum(node, depth)
    if isinstance(node, ast.Subscript) and _is_reversal(node.slice):
        text = text_of(node.value, depth + 1)
        return text[::-1] if text is not None else None
    if isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
        return _of_call(node, depth)
    return None


def _sum(node: ast.BinOp, depth: int) -> str | None:
    """``a + b + c``: a chain leans to the left, so that its length is no depth."""
    parts: list[str] = []
    left: ast.expr = node
    while isinstance(left, ast.BinOp) and isinstance(left.op, ast.Add):
        part = text_of(left.right, depth + 1)
        if part is None:
            return None
        parts.append(part)
        left = left.left
    first = text_of(left, depth + 1)
    if first is None or sum(map(len, parts)) > _LONGEST:
        return None
    return first + "".join(reversed(parts))


def _of_call(node: ast.Call, depth: int) -> str | None:
    given = node.args[0]
    if isinstance(node.func, ast.Name) and node.func.id == "chr":
        code = given.value if isinstance(given, ast.Constant) else None
        return chr(code) if type(code) is int and 0 <= code < 0x110000 else None
    if (
        isinstance(node.func, ast.Attribute)
        and node.func.attr == "join"
        and isinstance(given, ast.List | ast.Tuple)
    ):
        glue = text_of(node.func.value, depth + 1)
        parts = [text_of(part, depth + 1) for part in given.elts]
        if glue is None or any(part is None for part in parts):
            return None
        total = sum(len(part or "") for part in parts) + len(glue) * len(parts)
        return glue.join(part or "" for part in parts) if total <= _LONGEST else None
    return None


def _is_reversal(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Slice)
        and node.lower is None
        and node.upper is None
        and isinstance(node.step, ast.UnaryOp)
        and isinstance(node.step.op, ast.USub)
        and isinstance(node.step.operand, ast.Constant)
        and node.step.operand.value == 1
    )
