"""JSON text of known length, read through a window: 100 MB of header cost a few MiB of memory.

The grammar is RFC 8259 as ``serde_json`` takes it: no NaN, no half of a surrogate pair, no control
character inside a string.
"""

from __future__ import annotations

import codecs
import json
import re
from typing import Any

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.weights.source import Readable

AHEAD = 128 * 1024  # characters that one name or one small value may take
MAX_SKIPPED = 24 * 2**20  # characters of a string behind those that are kept
_STEP = 512 * 1024  # bytes
_PLAIN = re.compile(r'[ \t\n\r]*+"([^"\\\x00-\x1f]*+)"')
_SPACE = re.compile(r"[ \t\n\r]*+")
# Possessive: nothing is kept of it to go back to, however long the string is.
_BODY = re.compile(r'(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+')


class JsonWindow:
    """The text's position is ``at`` in ``text``, of which at least :data:`AHEAD` is filled.

    Args:
        stream: at the text's first byte.
        length: of the text, in bytes.
        origin: where the text starts in its file.
    """

    def __init__(self, stream: Readable, length: int, origin: int) -> None:
        self._stream, self._left, self._base = stream, length, origin
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self.text, self.at = "", 0
        self.taken = 0
        self.fill()

    @property
    def offset(self) -> int:
        """The position as a byte of the file."""
        return self._base + _bytes(self.text[: self.at])

    def fill(self) -> None:
        """Read on where less than :data:`AHEAD` is left.

        Raises:
            HostileInput: the text is not UTF-8, or the file is shorter than it said.
        """
        if len(self.text) - self.at >= AHEAD or not self._left:
            return
        self._base += _bytes(self.text[: self.at])
        parts = [self.text[self.at :]]
        self.at = 0
        count = len(parts[0])
        while count < AHEAD and self._left:
            raw = self._stream.read(min(_STEP, self._left))
            if not raw:
                raise HostileInput("the file is shorter than it was")
            self._left -= len(raw)
            self.taken += len(raw)
            try:
                parts.append(self._decoder.decode(raw, not self._left))
            except UnicodeDecodeError as error:
                raise HostileInput("the header is not UTF-8") from error
            count += len(parts[-1])
        self.text = "".join(parts)

    def punctuation(self, allowed: str) -> str:
        """The next character that is no space, one of those; the position is behind it.

        Raises:
            HostileInput: another character stands there.
        """
        self.fill()
        found = _SPACE.match(self.text, self.at)
        end = found.end() if found else self.at
        mark = self.text[end : end + 1]
        if not mark or mark not in allowed:
            self.at = end
            raise self.broken()
        self.at = end + 1
        return mark

    def string(self, keep: int) -> tuple[str, bool]:
        """A string's value, and whether it is longer than ``keep``: then its end is not kept.

        Raises:
            HostileInput: there is none, or it is malformed.
            BoundExceeded: it goes on for more than :data:`MAX_SKIPPED` behind the cut.
        """
        self.fill()
        plain = _PLAIN.match(self.text, self.at)
        if plain is not None and plain.end() - plain.start() <= keep:
            self.at = plain.end()
            return plain.group(1), False
        self.punctuation('"')
        parts: list[str] = []
        length = 0
        while True:
            self.fill()
            found = _BODY.match(self.text, self.at)
            end = found.end() if found else self.at
            if length <= keep:
                parts.append(self.text[self.at : end])
            length += end - self.at
            if length > keep + MAX_SKIPPED:
                raise BoundExceeded("a string of the header", keep + MAX_SKIPPED, "characters")
            self.at = end
            if self.text[end : end + 1] == '"':
                self.at = end + 1
                break
            if len(self.text) - end >= 6 or not self._left:  # no escape is longer than that
                raise self.broken()
        return self._unescaped("".join(parts)), length > keep

    def _unescaped(self, raw: str) -> str:
        if "\\" not in raw:
            return raw
        try:
            text = json.loads(f'"{raw}"')
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise HostileInput("a string of the header holds half of a surrogate pair") from error
        except ValueError as error:
            raise HostileInput("a string of the header has a malformed escape") from error
        return str(text)

    def value(self, decoder: json.JSONDecoder) -> Any:
        """A value of less than :data:`AHEAD` characters.

        Raises:
            HostileInput: it is malformed, too deeply nested, or what ``decoder`` refuses.
            BoundExceeded: it is longer.
        """
        self.fill()
        found = _SPACE.match(self.text, self.at)
        start = found.end() if found else self.at
        try:
            value, self.at = decoder.raw_decode(self.text, start)
        except (ValueError, RecursionError) as error:
            if self._left and isinstance(error, json.JSONDecodeError) and error.pos - start > AHEAD:
                raise BoundExceeded("a value of the header", AHEAD, "characters") from error
            raise self.broken(str(error)) from error
        return value

    def broken(self, why: str = "") -> HostileInput:
        """The error that says where the text is no longer JSON."""
        return HostileInput(f"the header is not JSON at byte {self.offset}{why and f': {why}'}")

    def finish(self) -> None:
        """Only spaces may follow.

        Raises:
            HostileInput: something else does.
        """
        while True:
            if self.text[self.at :].strip(" "):
                raise HostileInput("something follows the header's closing brace")
            self.at = len(self.text)
            if not self._left:
                return
            self.fill()


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
