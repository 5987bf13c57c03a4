"""What a template would reach when it is rendered, by lists of what chat templates need.

Sources: Jinja's lists of built-in filters, tests and global functions; transformers' guide to chat
templates (``raise_exception``, ``strftime_now``, ``tojson``, loop controls, ``generation``);
``SandboxedEnvironment`` of Jinja for the attributes that lead from data into the interpreter;
CVE-2024-34359 for what happens where a loader renders without one.
"""

from __future__ import annotations

from collections.abc import Callable

from weighbridge.weights.inspection import Verdict
from weighbridge.weights.jinja import folding
from weighbridge.weights.jinja.folding import UNKNOWN, Value
from weighbridge.weights.jinja.nodes import Node, Statement
from weighbridge.weights.jinja.report import CLIMBS, DUNDER, Report, spelled
from weighbridge.weights.jinja.statements import KNOWN
from weighbridge.weights.jinja.words import (
    FILTERS,
    FUNCTIONS,
    METHODS,
    RUNGS,
    SHELLS,
    TESTS,
    WEB_NAMES,
)
from weighbridge.weights.log import Log

_FILES = ("include", "import", "from", "extends")
_FILLERS = ("center", "ljust", "rjust", "zfill", "expandtabs", "indent")
_MAPPERS = ("map", "selectattr", "rejectattr", "groupby", "sort", "sum", "unique", "max", "min")


class Judge(Report):
    """Walks the statements of one template in order and records what is not formatting."""

    def __init__(self, text: str, log: Log, offset: int, defined: set[str]) -> None:
        super().__init__(text, log, offset)
        self.defined = defined
        self.variables: dict[str, Value] = {}

    def read(self, statement: Statement) -> None:
        """One tag."""
        if statement.keyword == "endfor":
            self.loops.pop()
            return
        self.rounds = 0
        if statement.keyword in _FILES:
            name = f"{{% {statement.keyword} %}}"
            self.report(Verdict.DANGEROUS, name, "reads another file as a template", statement.at)
        elif statement.keyword not in KNOWN:
            name = f"{{% {statement.keyword} %}}"
            self.report(Verdict.UNLISTED, name, "needs an extension of Jinja", statement.at)
        values = [self.value(node) for node in statement.expressions]
        if statement.keyword == "for":
            self.loop(statement)
        if statement.keyword in ("set", "with", "for"):
            self.defined.update(name for name in statement.targets if "." not in name)
            single = len(statement.targets) == 1 and statement.keyword == "set"
            for name in statement.targets:
                for part in name.split(".")[1:]:
                    self.attribute(part, statement.at, 0)
                self.variables[name] = values[0] if single and values else UNKNOWN
            if statement.keyword == "with" and len(values) == len(statement.targets):
                self.variables.update(zip(statement.targets, values, strict=True))

    def value(self, node: Node) -> Value:
        """Judge an expression; what it becomes, where constants alone decide that."""
        value = _KINDS[node.kind](self, node)
        if isinstance(value, str) and value:
            self.string(value, node)
        return value

    def _const(self, node: Node) -> Value:
        return node.value

    def _hole(self, node: Node) -> Value:
        return UNKNOWN

    def _name(self, node: Node) -> Value:
        name = spelled(node.text)
        if name in self.defined:
            return self.variables.get(name, UNKNOWN)
        if name in RUNGS or name == "lipsum":
            self.report(Verdict.DANGEROUS, name, CLIMBS, node.at, node.end)
        elif name in WEB_NAMES:
            effect = "asks for what a web application hands to its own templates"
            self.report(Verdict.UNLISTED, name, effect, node.at, node.end)
        elif name in ("cycler", "joiner"):
            self.report(Verdict.UNLISTED, name, "hands a class of Jinja around", node.at, node.end)
        return UNKNOWN

    def _attr(self, node: Node) -> Value:
        base = node.parts[0]
        self.value(base)
        self.attribute(node.text, node.at, node.end)
        if base.kind == "name":
            return self.variables.get(f"{base.text}.{node.text}", UNKNOWN)
        return UNKNOWN

    def _item(self, node: Node) -> Value:
        base = self.value(node.parts[0])
        key = node.parts[1]
        if key.kind == "slice":
            return folding.part(base, [self.value(part) for part in key.parts])
        picked = self.value(key)
        if isinstance(picked, str):
            if DUNDER.match(spelled(picked)) and picked not in RUNGS:
                self.attribute(picked, key.at, key.end)
            if node.parts[0].kind == "name":
                return self.variables.get(f"{node.parts[0].text}.{picked}", UNKNOWN)
        return folding.item(base, picked)

    def _slice(self, node: Node) -> Value:
        for part in node.parts:
            self.value(part)
        return UNKNOWN

    def _call(self, node: Node) -> Value:
        function = node.parts[0]
        keywords = self._keywords(node)
        arguments = [self.value(part) for part in node.parts[1:]]
        if function.kind == "name":
            return self._function(function, node, arguments, keywords)
        if function.kind == "attr":
            base = self.value(function.parts[0])
            self._attr_called(function, base)
            self._width(function.text, base, arguments, node)
            if function.text == "join" and isinstance(base, str) and arguments:
                return folding.apply("join", arguments[0], [base])
            return folding.apply(function.text, base, arguments)
        if function.kind == "item":
            base = self.value(function.parts[0])
            key = self.value(function.parts[1])
            # what a list of the template itself holds was judged where it was put there
            if not isinstance(base, list) and (
                not isinstance(key, str) or spelled(key) not in METHODS
            ):
                self.report(
                    Verdict.UNLISTED_CALL,
                    key if isinstance(key, str) else "<computed>",
                    "calls something that it picks by a name of its own making",
                    function.at,
                    node.end,
                )
            return UNKNOWN
        self.value(function)
        if function.kind not in ("call", "const", "cond", "op"):
            self.report(
                Verdict.UNLISTED, "<computed>", "calls what a filter returns", node.at, node.end
            )
        return UNKNOWN

    def _keywords(self, node: Node) -> list[Value]:
        """A keyword is a name that becomes a string in ``dict(…)``."""
        names: list[Value] = []
        for name in node.names:
            if name and name not in ("*", "**"):
                self.string(name, node)
                names.append(name)
        return names

    def _function(
        self, function: Node, node: Node, arguments: list[Value], keywords: list[Value]
    ) -> Value:
        name = spelled(function.text)
        if name in self.defined or name in FUNCTIONS:
            if name == "dict" and len(keywords) == len(arguments):
                return keywords
            if name == "range":
                bounds = [abs(one) for one in arguments if isinstance(one, int)]
                self.rounds = max(bounds, default=0)
                if self.rounds > folding.MAX_RANGE:
                    self.costs(node)
            return UNKNOWN
        self._name(function)
        verdict = Verdict.DANGEROUS if name in SHELLS else Verdict.UNLISTED
        self.report(
            verdict, name, "calls a function that chat templates do not have", node.at, node.end
        )
        return UNKNOWN

    def _attr_called(self, function: Node, base: Value) -> None:
        name, owner = spelled(function.text), function.parts[0]
        self.attribute(name, function.at, function.end)
        if owner.kind == "name" and owner.text in ("self", "loop", "super"):
            return
        if name in SHELLS:
            self.report(Verdict.DANGEROUS, name, CLIMBS, function.at, function.end)
        elif name not in METHODS and not DUNDER.match(name):
            self.report(
                Verdict.UNLISTED,
                name,
                "calls a method that text, lists and tables do not have",
                function.at,
                function.end,
            )

    def _filter(self, node: Node) -> Value:
        value = self.value(node.parts[0])
        keywords = self._keywords(node)
        arguments = [self.value(part) for part in node.parts[1:]]
        if node.text == "attr":
            plain = len(arguments) == 1 and isinstance(arguments[0], str)
            self.report(
                Verdict.UNLISTED if plain and node.parts[1].kind == "const" else Verdict.DANGEROUS,
                "|attr" if not plain else f"|attr({arguments[0]})",
                "reaches an attribute by a name that it makes up",
                node.at,
                node.end,
            )
        elif node.text not in FILTERS:
            self.report(
                Verdict.UNLISTED, f"|{node.text}", "needs a filter that Jinja does not have",
                node.at, node.end,
            )  # fmt: skip
        self._width(node.text, value, arguments, node)
        if node.text in _MAPPERS or node.text in ("select", "reject"):
            self._mapper(node, arguments)
        return folding.apply(node.text, value, [] if keywords else arguments)

    def _mapper(self, node: Node, arguments: list[Value]) -> None:
        """``map('attr', …)`` applies a filter by its name; ``map(attribute=…)`` reads one."""
        first = arguments[0] if arguments else ""
        by_name = node.text in ("map", "select", "reject") and node.names[:1] == ("",)
        listed = FILTERS if node.text == "map" else TESTS
        if by_name and first == "attr":
            self.report(
                Verdict.DANGEROUS, "|map('attr')", "reaches attributes by name", node.at, node.end
            )
        elif by_name and not (isinstance(first, str) and first in listed):
            self.report(
                Verdict.UNLISTED, f"|{node.text}", "applies something that it picks by name",
                node.at, node.end,
            )  # fmt: skip
        elif any(
            value is UNKNOWN and name == "attribute"
            for name, value in zip(node.names, arguments, strict=True)
        ):
            self.report(
                Verdict.UNLISTED, f"|{node.text}", "reads an attribute by a computed name",
                node.at, node.end,
            )  # fmt: skip

    def _test(self, node: Node) -> Value:
        for part in node.parts:
            self.value(part)
        if node.text not in TESTS:
            self.report(
                Verdict.UNLISTED, f"is {node.text}", "needs a test that Jinja does not have",
                node.at, node.end,
            )  # fmt: skip
        return UNKNOWN

    def _op(self, node: Node) -> Value:
        parts = [self.value(part) for part in node.parts]
        if folding.is_costly(node.text, parts):
            self.costs(node)
        elif folding.is_tower(node.text, parts):
            effect = "is a tower of powers, which is too much as Python takes it"
            self.report(Verdict.UNLISTED, "<large>", effect, node.at, node.end)
        return folding.operation(node.text, parts)

    def _width(self, name: str, base: Value, arguments: list[Value], node: Node) -> None:
        """Filters and methods that fill text up to a width."""
        wide = name == "format" and isinstance(base, str) and folding.is_wide(base)
        if wide or (
            name in _FILLERS
            and any(isinstance(one, int) and one > folding.MAX_REPEATED for one in arguments)
        ):
            self.costs(node)

    def _cond(self, node: Node) -> Value:
        values = [self.value(part) for part in node.parts]
        return values[0] if values[0] == values[2] else UNKNOWN

    def _list(self, node: Node) -> Value:
        return [self.value(part) for part in node.parts]

    def _dict(self, node: Node) -> Value:
        keys: list[Value] = []
        for number, part in enumerate(node.parts):
            value = self.value(part)
            if number % 2 == 0:
                keys.append(value)
        return keys


_KINDS: dict[str, Callable[[Judge, Node], Value]] = {
    "const": Judge._const, "hole": Judge._hole, "name": Judge._name, "attr": Judge._attr,
    "item": Judge._item, "slice": Judge._slice, "call": Judge._call, "filter": Judge._filter,
    "test": Judge._test, "op": Judge._op, "cond": Judge._cond, "list": Judge._list,
    "dict": Judge._dict,
}  # fmt: skip
