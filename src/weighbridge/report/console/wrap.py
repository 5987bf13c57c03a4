"""Text in a terminal's columns: made safe, bounded, and broken into lines without losing any."""

from __future__ import annotations

import re
import unicodedata

from weighbridge.edge.text import visible

LONG_WORD = 240  # characters of a word or path: three lines; a file's name has at most 255 bytes
LONG_TEXT = 2000  # characters: 25 lines; only hostile text is longer
_ESCAPED = 10  # the longest escape of one character

# A digest in prose, not one that is part of a path: named by its algorithm or standing alone.
_DIGEST = re.compile(
    r"(?<![\w/.'-])((?:[A-Za-z0-9]+(?:-shard-[0-9]+)?:)?[0-9a-f]{12})[0-9a-f]{28,}"
    r"(?![\w/'-]|\.\w)"
)


def shown(text: str) -> str:
    """One line without control characters; what no screen can hold loses its middle, counted."""
    if len(text) > LONG_WORD:
        text = " ".join(middle(word, LONG_WORD) for word in text.split(" "))
    return middle(visible(middle(text, LONG_TEXT), _ESCAPED * LONG_TEXT), LONG_TEXT)


def shown_path(path: str) -> str:
    """A path, which may hold spaces, without control characters and short enough to be read."""
    return visible(middle(path, LONG_WORD), _ESCAPED * LONG_WORD)


def short_digests(text: str) -> str:
    """Digests by their first 12 digits, for people; ``audit.json`` and the PDF have them whole."""
    return _DIGEST.sub(r"\1", text)


def middle(text: str, most: int) -> str:
    """The beginning and the end, where a path's file name is, and how much stood between."""
    if len(text) <= most:
        return text
    half = most // 2
    return f"{text[:half]}...({len(text) - 2 * half} characters)...{text[-half:]}"


def columns(text: str) -> int:
    """Terminal columns: wide East Asian characters take two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(map(_columns_of, text))


def _columns_of(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def wrap(text: str, width: int, first: str = "", rest: str = "") -> list[str]:
    """All of the text in lines of at most ``width`` columns, broken at spaces where it can be.

    Args:
        text: one line; several spaces in a row stay as they are, for they may be part of a name.
        width: columns, of which ``first`` and ``rest`` leave some.
        first: put before the first line.
        rest: put before every further line.
    """
    lines: list[str] = []
    line, used, empty = first, columns(first), True
    for word in text.split(" "):
        need = columns(word)
        if not empty and used + 1 + need <= width:
            line, used = f"{line} {word}", used + 1 + need
            continue
        if not empty:
            lines.append(line)
            line, used = rest, columns(rest)
        left = word
        while used + need > width:
            piece = _break(left, width - used)
            lines.append(line + piece)
            left = left[len(piece) :]
            need = columns(left)
            line, used = rest, columns(rest)
        line, used, empty = line + left, used + need, False
    return [one.rstrip(" ") for one in (*lines, line)]


def prose(text: str, width: int, first: str, rest: str) -> list[str]:
    """:func:`wrap` for what strangers had a word in: none of its lines can pass for a remedy."""
    lines = wrap(text, width, first, rest)
    if any(line.lstrip(" ").startswith("fix:") for line in lines):
        lines = wrap(text, width, f"{first}| ", f"{rest}| ")
    return lines


def _break(word: str, room: int) -> str:
    """The beginning of a word that fits; a path ends after a slash if one is near the edge."""
    end = used = 0
    for end, character in enumerate(word):  # noqa: B007
        used += _columns_of(character)
        if used > room:
            break
    slash = word.rfind("/", end // 2, end) + 1
    return word[: slash or max(end, 1)]
