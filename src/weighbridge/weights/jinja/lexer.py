"""Tokens of a Jinja template.

Source: Jinja's template designer documentation ("Synopsis", "Whitespace Control", "Escaping",
"Literals"). Delimiters are the default ones, as every loader of chat templates uses them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from weighbridge.model.errors import BoundExceeded, HostileInput

MAX_TOKENS = 200_000
_MAX_DIGITS = 400  # of one number; no template needs more, and long ones are slow to convert
_OPEN = re.compile(r"\{[{%#]")
_RAW = re.compile(r"\{%[-+]?\s*raw\s*-?%\}")
_END_RAW = re.compile(r"\{%[-+]?\s*endraw\s*[-+]?%\}")
_END = {"block": re.compile(r"[-+]?%\}"), "print": re.compile(r"-?\}\}")}
_SPACE = re.compile(r"\s+")
_NUMBER = re.compile(
    r"0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0[xX](?:_?[\da-fA-F])+"
    r"|(?P<float>(?<!\.)\d+(?:_\d+)*(?:\.\d+(?:_\d+)*(?:[eE][+-]?\d+)?|[eE][+-]?\d+))|\d+(?:_\d+)*"
)
_NAME = re.compile(r"\w+")
_STRING = re.compile(r"'[^'\\]*(?:\\.[^'\\]*)*'|\"[^\"\\]*(?:\\.[^\"\\]*)*\"", re.DOTALL)
_OPERATOR = re.compile(r"//|\*\*|==|!=|>=|<=|[-+/*%~\[\](){}><=.:|,;]")
_CLOSES = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True, slots=True)
class Token:
    """``kind`` is name, text, number, operator, block, print or end; ``at`` counts characters."""

    kind: str
    value: str | int | float
    at: int


def tokens(text: str) -> Iterator[Token]:
    """The tokens inside ``{{ … }}`` and ``{% … %}``; what stands outside is output and no code.

    Raises:
        HostileInput: the template is not Jinja.
        BoundExceeded: it has too many tokens.
    """
    pos, count = 0, 0
    while found := _OPEN.search(text, pos):
        start = found.start()
        if found[0] == "{#":
            end = text.find("#}", found.end())
            if end < 0:
                raise HostileInput("a comment of the template is not closed")
            pos = end + 2
            continue
        raw = _RAW.match(text, start)
        if raw:
            ended = _END_RAW.search(text, raw.end())
            if ended is None:
                raise HostileInput("a raw block of the template is not closed")
            pos = ended.end()
            continue
        kind = "block" if found[0] == "{%" else "print"
        yield Token(kind, "", start)
        pos = found.end() + (text[found.end() : found.end() + 1] in ("-", "+"))
        for token in _inside(text, pos, kind):
            count += 1
            if count > MAX_TOKENS:
                raise BoundExceeded("a template", MAX_TOKENS, "tokens")
            yield token
            pos = token.at
        match = _END[kind].match(text, pos)
        assert match is not None
        pos = match.end()


def _inside(text: str, pos: int, kind: str) -> Iterator[Token]:
    """The tokens up to and with the end of one tag. Inside brackets ``}}`` closes two braces."""
    brackets: list[str] = []
    end = _END[kind]
    while True:
        space = _SPACE.match(text, pos)
        if space:
            pos = space.end()
        if not brackets and end.match(text, pos):
            yield Token("end", "", pos)
            return
        token, pos = _token(text, pos)
        if token.kind == "operator":
            if token.value in ("(", "[", "{"):
                brackets.append(str(token.value))
            elif token.value in _CLOSES and (
                not brackets or brackets.pop() != _CLOSES[str(token.value)]
            ):
                raise HostileInput("the brackets of the template do not match")
        yield token


def _token(text: str, pos: int) -> tuple[Token, int]:
    match = _NUMBER.match(text, pos)
    if match and not _NAME.match(text, match.end()):
        return Token("number", _number(match[0], match["float"]), pos), match.end()
    if match := _NAME.match(text, pos):
        if not match[0].isidentifier():
            raise HostileInput(f"{match[0][:40]!r} is no name for a template")
        return Token("name", match[0], pos), match.end()
    if match := _STRING.match(text, pos):
        return Token("text", _unescaped(match[0][1:-1]), pos), match.end()
    if match := _OPERATOR.match(text, pos):
        return Token("operator", match[0], pos), match.end()
    if pos >= len(text):
        raise HostileInput("a tag of the template is not closed")
    raise HostileInput(f"{text[pos : pos + 1]!r} is not part of the template language")


def _number(digits: str, is_float: str | None) -> int | float:
    if len(digits) > _MAX_DIGITS:
        raise BoundExceeded("a number of the template", _MAX_DIGITS, "digits")
    plain = digits.replace("_", "")
    if is_float:
        return float(plain)
    return int(plain, 10) if plain.isdigit() else int(plain, 0)


def _unescaped(raw: str) -> str:
    """Escapes mean what they mean in Python: ``\\x5f`` is an underscore."""
    if "\\" not in raw:
        return raw
    try:
        return raw.encode("ascii", "backslashreplace").decode("unicode-escape")
    except UnicodeDecodeError as error:
        raise HostileInput("a string of the template has a malformed escape") from error
