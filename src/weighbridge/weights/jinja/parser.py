"""Expressions of a Jinja template, by precedence climbing.

Source: Jinja's template designer documentation ("Expressions") for the grammar; the precedence of
operators is that of its parser: or, and, not, comparisons, ``+ -``, ``~``, ``* / // %``, ``**``.
"""

from __future__ import annotations

from collections.abc import Iterable

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.weights.jinja.lexer import Token
from weighbridge.weights.jinja.nodes import Constant, Node
from weighbridge.weights.jinja.reading import END, TokenReader

MAX_NESTING = 50  # brackets and conditions inside each other
_LEVELS: dict[str, int] = {
    "or": 1, "and": 2, "==": 4, "!=": 4, "<": 4, ">": 4, "<=": 4, ">=": 4, "in": 4, "+": 5, "-": 5,
    "~": 6, "*": 7, "/": 7, "//": 7, "%": 7, "**": 8,
}  # fmt: skip
_NOT = 3
_WORDS: dict[str, Constant] = {
    "true": True, "True": True, "false": False, "False": False, "none": None, "None": None,
}  # fmt: skip
# Words that end the argument of a test written without parentheses.
_NO_ARGUMENT = frozenset({"else", "or", "and", "is", "in", "not", "if", "recursive"})


class Parser(TokenReader):
    """Reads expressions off a list of tokens; :mod:`statements` uses it for what tags hold."""

    def __init__(self, tokens: Iterable[Token]) -> None:
        super().__init__(tokens)
        self._nesting = 0

    def items(self, *ends: str) -> Node:
        """An expression, or several with commas between them, as ``{{ a, b }}`` allows."""
        first = self.expression()
        if not self.sees(","):
            return first
        parts = [first]
        while self.takes(","):
            if self.token.kind == "end" or self.sees(*ends, "="):
                break
            parts.append(self.expression())
        return self.build("list", first.at, "tuple", parts)

    def expression(self) -> Node:
        """One expression, with ``… if … else …`` around it."""
        self._nesting += 1
        if self._nesting > MAX_NESTING:
            raise BoundExceeded("the template", MAX_NESTING, "expressions inside each other")
        node = self.operation(0)
        while self.sees("if"):
            at = self.next().at
            condition = self.operation(0)
            other = self.expression() if self.takes("else") else self.build("const", at, value=None)
            node = self.build("cond", node.at, "", (node, condition, other))
        self._nesting -= 1
        return node

    def operation(self, least: int) -> Node:
        """Operators that bind at least that tightly; equal ones in a row make one node."""
        if least <= _NOT and self.sees("not"):
            at = self.next().at
            self._nesting += 1
            if self._nesting > MAX_NESTING:
                raise BoundExceeded("the template", MAX_NESTING, "expressions inside each other")
            left = self.build("op", at, "not", (self.operation(_NOT),))
            self._nesting -= 1
        else:
            left = self._unary()
        while True:
            operator, width = self._operator()
            level = _LEVELS.get(operator.removeprefix("not "), 0)
            if not operator or level < least:
                return left
            parts = [left]
            while self._operator() == (operator, width):
                self.index += width
                parts.append(self.operation(level + 1))
            left = self.build("op", left.at, operator, parts)

    def _operator(self) -> tuple[str, int]:
        """The operator that comes next, and of how many tokens it is made."""
        if self.sees("not"):
            after = self.tokens[self.index + 1] if self.index + 1 < len(self.tokens) else END
            return ("not in", 2) if after.kind == "name" and after.value == "in" else ("", 0)
        return (str(self.token.value), 1) if self.sees(*_LEVELS) else ("", 0)

    def _unary(self, *, filters: bool = True) -> Node:
        signs: list[Token] = []
        while self.sees("-", "+"):
            signs.append(self.next())
        node = self._postfix(self._primary())
        for sign in signs[-1:]:  # the value of a number: two signs in a row tell nothing more
            node = self.build("op", sign.at, str(sign.value), (node,))
        return self._filtered(node) if filters else node

    def _primary(self) -> Node:
        token = self.next()
        if token.kind == "name":
            if token.value in _WORDS:
                return self.build("const", token.at, value=_WORDS[str(token.value)])
            return self.build("name", token.at, str(token.value))
        if token.kind == "number":
            return self.build("const", token.at, value=token.value)
        if token.kind == "text":
            text = [str(token.value)]
            while self.token.kind == "text":
                text.append(str(self.next().value))
            return self.build("const", token.at, value="".join(text))
        if token.kind == "operator" and token.value == "(":
            return self._closed(token, ")", "tuple")
        if token.kind == "operator" and token.value == "[":
            return self._closed(token, "]", "list")
        if token.kind == "operator" and token.value == "{":
            return self._dict(token)
        raise HostileInput(f"the template lacks a value at character {token.at}")

    def _closed(self, start: Token, end: str, text: str) -> Node:
        parts: list[Node] = []
        commas = 0
        while not self.takes(end):
            parts.append(self.expression())
            if not self.sees(end):
                self.expect(",")
                commas += 1
        if end == ")" and commas == 0 and parts:
            return parts[0]
        return self.build("list", start.at, text, parts)

    def _dict(self, start: Token) -> Node:
        parts: list[Node] = []
        while not self.takes("}"):
            parts.append(self.expression())
            self.expect(":")
            parts.append(self.expression())
            if not self.sees("}"):
                self.expect(",")
        return self.build("dict", start.at, "", parts)

    def _postfix(self, node: Node) -> Node:
        while True:
            if self.takes("."):
                token = self.next()
                if token.kind == "name":
                    node = self.build("attr", token.at, str(token.value), (node,))
                elif token.kind == "number":
                    key = self.build("const", token.at, value=token.value)
                    node = self.build("item", token.at, "", (node, key))
                else:
                    raise HostileInput(f"the template lacks a name at character {token.at}")
            elif self.sees("["):
                node = self._subscript(node)
            elif self.sees("("):
                node = self.call(node)
            else:
                return node

    def _subscript(self, node: Node) -> Node:
        at = self.next().at
        keys: list[Node] = []
        while not self.takes("]"):
            keys.append(self._key())
            if not self.sees("]"):
                self.expect(",")
        if not keys:
            raise HostileInput(f"the template has an empty subscript at character {at}")
        key = keys[0] if len(keys) == 1 else self.build("list", at, "tuple", keys)
        return self.build("item", at, "", (node, key))

    def _key(self) -> Node:
        at = self.token.at
        parts: list[Node] = []
        colons = 0
        empty = self.build("const", at, value=None)
        pending = empty
        while not self.sees("]", ","):
            if self.takes(":"):
                parts.append(pending)
                pending = empty
                colons += 1
                if colons > 2:
                    raise HostileInput(f"the template has a malformed slice at character {at}")
            else:
                pending = self.expression()
                if not self.sees(":", "]", ","):
                    raise HostileInput(f"the template lacks ']' at character {self.token.at}")
        if not colons:
            return pending
        return self.build("slice", at, "", ([*parts, pending, empty])[:3])

    def call(self, node: Node) -> Node:
        """The call of an expression: the opening parenthesis comes next."""
        at = self.token.at
        parts, names = self.arguments()
        return self.build("call", at, "", (node, *parts), names)

    def arguments(self) -> tuple[list[Node], list[str]]:
        """The arguments of a call, and their keywords."""
        self.expect("(")
        parts: list[Node] = []
        names: list[str] = []
        while not self.takes(")"):
            name = ""
            if self.sees("*", "**"):
                name = str(self.next().value)
            elif self.token.kind == "name" and self.index + 1 < len(self.tokens):
                after = self.tokens[self.index + 1]
                if after.kind == "operator" and after.value == "=":
                    name = self.name()
                    self.index += 1
            parts.append(self.expression())
            names.append(name)
            if not self.sees(")"):
                self.expect(",")
        return parts, names

    def _filtered(self, node: Node) -> Node:
        while True:
            if self.sees("|"):
                node = self.filter(node)
            elif self.sees("is"):
                node = self._test(node)
            elif self.sees("("):
                node = self.call(node)
            else:
                return node

    def filter(self, node: Node) -> Node:
        """One filter applied to an expression: the bar comes next."""
        self.expect("|")
        at, name = self.token.at, self.dotted()
        parts, names = self.arguments() if self.sees("(") else ([], [])
        return self.build("filter", at, name, (node, *parts), names)

    def _test(self, node: Node) -> Node:
        self.expect("is")
        self.takes("not")
        at, name = self.token.at, self.dotted()
        parts: list[Node] = []
        names: list[str] = []
        if self.sees("("):
            parts, names = self.arguments()
        elif self.token.kind in ("text", "number") or (
            (self.token.kind == "name" and self.token.value not in _NO_ARGUMENT)
            or self.sees("[", "{")
        ):
            parts, names = [self._postfix(self._primary())], [""]
        return self.build("test", at, name, (node, *parts), names)

    def dotted(self) -> str:
        """A name with dots, as filters and tests may have."""
        name = self.name()
        while self.takes("."):
            name += "." + self.name()
        return name
