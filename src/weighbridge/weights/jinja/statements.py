"""The tags of a Jinja template, in their order.

Source: Jinja's template designer documentation ("List of Control Structures") and its bundled
extensions (loop controls, do); ``{% generation %}`` marks the assistant's words in transformers'
chat templates.
"""

from __future__ import annotations

from weighbridge.model.errors import HostileInput
from weighbridge.weights.jinja.lexer import tokens
from weighbridge.weights.jinja.nodes import Node, Statement
from weighbridge.weights.jinja.parser import Parser

# Tags that another tag closes, and those that may stand between.
_BLOCKS = frozenset(
    {
        "for", "if", "macro", "call", "filter", "set", "with", "block", "autoescape", "generation",
        "trans",
    }
)  # fmt: skip
_BETWEEN = {"elif": ("if",), "else": ("if", "for"), "pluralize": ("trans",)}
_FILES = ("include", "import", "from", "extends")
_BARE = ("break", "continue", "generation", "debug", "else")
KNOWN = (_BLOCKS - {"trans"}) | {"print", "elif", "else", "break", "continue", "do"}


def parse(text: str) -> tuple[list[Statement], set[str]]:
    """The statements of a template, and the names that its macros and loops define.

    Raises:
        HostileInput: the template is not Jinja.
        BoundExceeded: it has too many tokens, or is nested too deeply.
    """
    reader = _Reader(Parser(tokens(text)))
    return reader.read(), reader.defined


class _Reader:
    def __init__(self, parser: Parser) -> None:
        self.parser = parser
        self.open: list[str] = []
        self.defined: set[str] = set()

    def read(self) -> list[Statement]:
        found: list[Statement] = []
        parser = self.parser
        while parser.index < len(parser.tokens):
            token = parser.next()
            if token.kind == "print":
                if parser.token.kind == "end":
                    raise HostileInput(f"the template prints nothing at character {token.at}")
                found.append(Statement("print", token.at, (parser.items(),)))
            else:
                statement = self._tag(token.at)
                if statement is not None:
                    found.append(statement)
            if parser.next().kind != "end":
                at = parser.tokens[min(parser.index, len(parser.tokens)) - 1].at
                raise HostileInput(f"the template goes on strangely at character {at}")
        if self.open:
            raise HostileInput(f"the tag {self.open[-1]!r} of the template is not closed")
        return found

    def _tag(self, at: int) -> Statement | None:
        parser = self.parser
        keyword = parser.name()
        if keyword.startswith("end") and keyword[3:] in _BLOCKS:
            if not self.open or self.open.pop() != keyword[3:]:
                raise HostileInput(f"{keyword!r} at character {at} closes nothing")
            if keyword == "endblock" and parser.token.kind == "name":
                parser.next()
            return Statement(keyword, at) if keyword == "endfor" else None
        if keyword in _BETWEEN and (not self.open or self.open[-1] not in _BETWEEN[keyword]):
            raise HostileInput(f"{keyword!r} at character {at} stands alone")
        if keyword in _FILES or keyword not in KNOWN or keyword == "trans":
            if keyword in _BLOCKS:
                self.open.append(keyword)
            while parser.token.kind != "end":
                parser.next()
            return Statement(keyword, at)
        statement = self._known(keyword, at)
        if keyword in _BLOCKS and keyword != "set":
            self.open.append(keyword)
        return statement

    def _known(self, keyword: str, at: int) -> Statement:
        parser = self.parser
        if keyword in _BARE:
            return Statement(keyword, at)
        if keyword in ("if", "elif", "do", "autoescape", "print"):
            return Statement(keyword, at, (parser.items(),))
        if keyword == "for":
            return self._for(at)
        if keyword == "set":
            return self._set(at)
        if keyword == "with":
            return self._with(at)
        if keyword == "macro":
            self.defined.add(parser.name())
            return Statement(keyword, at, *self._signature())
        if keyword == "call":
            values, names = self._signature() if parser.sees("(") else ((), ())
            return Statement(keyword, at, (*values, parser.expression()), names)
        if keyword == "filter":
            return Statement(keyword, at, (self._hole_filters(),))
        assert keyword == "block"
        parser.name()
        while parser.takes("scoped") or parser.takes("required"):
            pass
        return Statement(keyword, at)

    def _for(self, at: int) -> Statement:
        parser = self.parser
        targets = self._targets()
        parser.expect("in")
        found: list[Node] = [parser.operation(0)]
        while parser.takes(","):
            found.append(parser.operation(0))
        if parser.takes("if"):
            found.append(parser.expression())
        parser.takes("recursive")
        self.defined.update(targets)
        return Statement("for", at, tuple(found), targets)

    def _set(self, at: int) -> Statement:
        parser = self.parser
        targets = self._targets()
        if parser.takes("="):
            return Statement("set", at, (parser.items(),), targets)
        self.open.append("set")
        filtered = (self._hole_filters(),) if parser.sees("|") else ()
        return Statement("set", at, filtered, targets)

    def _with(self, at: int) -> Statement:
        parser = self.parser
        targets: list[str] = []
        values: list[Node] = []
        while parser.token.kind != "end":
            targets += self._targets()
            parser.expect("=")
            values.append(parser.expression())
            if not parser.takes(","):
                break
        return Statement("with", at, tuple(values), tuple(targets))

    def _signature(self) -> tuple[tuple[Node, ...], tuple[str, ...]]:
        """The parameters of a macro, and the expressions that are their defaults."""
        parser = self.parser
        parser.expect("(")
        names: list[str] = []
        defaults: list[Node] = []
        while not parser.takes(")"):
            names.append(parser.name())
            if parser.takes("="):
                defaults.append(parser.expression())
            if not parser.sees(")"):
                parser.expect(",")
        self.defined.update(names)
        return tuple(defaults), tuple(names)

    def _targets(self) -> tuple[str, ...]:
        """What an assignment binds: ``a``, ``a, b``, ``(a, b)``, ``ns.a``."""
        parser = self.parser
        names: list[str] = []
        depth = 0
        while True:
            while parser.takes("("):
                depth += 1
            names.append(parser.dotted())
            while depth and parser.takes(")"):
                depth -= 1
            if not parser.takes(",") or parser.sees("in", "=", ")"):
                break
        while depth and parser.takes(")"):
            depth -= 1
        return tuple(names)

    def _hole_filters(self) -> Node:
        """Filters over what a block writes: the first bar is optional."""
        parser = self.parser
        node = parser.build("hole", parser.token.at)
        if not parser.sees("|"):
            at, name = parser.token.at, parser.dotted()
            parts, names = parser.arguments() if parser.sees("(") else ([], [])
            node = parser.build("filter", at, name, (node, *parts), names)
        while parser.sees("|"):
            node = parser.filter(node)
        return node
