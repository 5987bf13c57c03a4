"""Text that others gave, written as YAML: whatever is in it, it is read back as the same text."""

from __future__ import annotations

import re

from weighbridge.edge.text import visible
from weighbridge.model.errors import HostileInput

# What needs no quotes: begins with a letter, and holds nothing that YAML gives a meaning.
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.+-]*(?:/[A-Za-z0-9_.+-]+)*\Z")
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})  # of YAML 1.1
_NAMED = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def scalar(text: str) -> str:
    """A string as one line of YAML, in double quotes wherever it could be taken for anything else.

    Raises:
        HostileInput: it holds half of a surrogate pair, which YAML has no way to write.
    """
    if _PLAIN.match(text) and text.lower() not in _WORDS:
        return text
    return quoted(text)


def quoted(text: str) -> str:
    """A string in double quotes (YAML 1.1 §5.7), all that is not printable escaped.

    Raises:
        HostileInput: as :func:`scalar`.
    """
    return '"' + "".join(map(_escaped, text)) + '"'


def comment(text: str, limit: int = 200) -> str:
    """A text that stays in its comment: one line, without anything that is not printable."""
    return "".join(c if c.isprintable() else "?" for c in visible(text, limit))


def _escaped(character: str) -> str:
    if character in _NAMED:
        return _NAMED[character]
    code = ord(character)
    if 0xD800 <= code <= 0xDFFF:
        raise HostileInput("the text holds half of a surrogate pair, which YAML cannot hold")
    if character.isprintable() and code != 0xFEFF:
        return character
    if code < 0x100:
        return f"\\x{code:02X}"
    return f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"
