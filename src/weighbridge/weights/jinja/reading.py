"""Taking tokens one by one, and building nodes that do not grow too deep."""

from __future__ import annotations

from collections.abc import Iterable

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.weights.jinja.lexer import Token
from weighbridge.weights.jinja.nodes import Constant, Node

MAX_DEPTH = 150  # of an expression as a tree: also a chain of attributes and filters
END = Token("end", "", -1)


class TokenReader:
    """A list of tokens, and the place in it."""

    def __init__(self, tokens: Iterable[Token]) -> None:
        self.tokens = list(tokens)
        self.index = 0

    @property
    def token(self) -> Token:
        """The token that comes next."""
        return self.tokens[self.index] if self.index < len(self.tokens) else END

    def next(self) -> Token:
        """Take that token."""
        token = self.token
        self.index += 1
        return token

    def sees(self, *values: str) -> bool:
        """Whether one of these operators or words comes next."""
        return self.token.kind in ("operator", "name") and self.token.value in values

    def takes(self, value: str) -> bool:
        """Take an operator or word if it comes next."""
        if self.sees(value):
            self.index += 1
            return True
        return False

    def expect(self, value: str) -> None:
        """Take an operator or word.

        Raises:
            HostileInput: something else comes next.
        """
        if not self.takes(value):
            raise HostileInput(f"the template lacks {value!r} at character {self.token.at}")

    def name(self) -> str:
        """Take a name.

        Raises:
            HostileInput: something else comes next.
        """
        token = self.next()
        if token.kind != "name":
            raise HostileInput(f"the template lacks a name at character {token.at}")
        return str(token.value)

    def build(
        self,
        kind: str,
        at: int,
        text: str = "",
        parts: Iterable[Node] = (),
        names: Iterable[str] = (),
        value: Constant = None,
    ) -> Node:
        """A node, if the tree does not grow too deep.

        Raises:
            BoundExceeded: it does.
        """
        inside = tuple(parts)
        depth = 1 + max((part.depth for part in inside), default=0)
        if depth > MAX_DEPTH:
            raise BoundExceeded("an expression of the template", MAX_DEPTH, "levels")
        return Node(kind, at, text, inside, tuple(names), value, depth, self.token.at)
