"""BibTeX from strangers: its entries and fields, or where its braces went wrong.

Read as BibTeX itself reads (btxdoc, and "Tame the BeaST" §2): braces are counted whatever stands
before them, text outside of entries is a comment, values are joined with ``#``. Read leniently
where nothing is lost by it: a missing key, a missing comma, an unknown macro.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from weighbridge.model.errors import BoundExceeded, HostileInput

MAX_CHARACTERS = 200_000
MAX_EXPANDED = 1_000_000  # characters of all values, macros expanded
MAX_ENTRIES = 200
MAX_FIELDS = 200  # of one entry

_START = re.compile(r"@\s*([A-Za-z]{1,40})\s*([{(])")
_NAME = re.compile(r"[^\s=,{}()\"#]{1,100}")
_BARE = re.compile(r"[^\s,#{}()\"=]{1,1000}")
_SPACE = re.compile(r"\s*")
_ACCENT = re.compile(r"\\([`'^\"~=.uvHckdrb])\s*(?:\{\s*\\?([A-Za-z])\s*\}|\\?([A-Za-z]))")
_LETTER = re.compile(r"\\(ss|ae|AE|oe|OE|aa|AA|o|O|l|L|i|j)(?![A-Za-z])\s*(?:\{\})?")
_COMBINING = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304",
    ".": "\u0307", "u": "\u0306", "v": "\u030c", "H": "\u030b", "c": "\u0327", "k": "\u0328",
    "d": "\u0323", "r": "\u030a", "b": "\u0331",
}  # fmt: skip
_LETTERS = {
    "ss": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "aa": "å", "AA": "Å", "o": "ø",
    "O": "Ø", "l": "ł", "L": "Ł", "i": "i", "j": "j",
}  # fmt: skip
_CLOSES = {"{": "}", "(": ")"}


@dataclass(frozen=True, slots=True)
class BibEntry:
    """One entry. Names are in lower case; values stand as written, without what delimits them."""

    kind: str
    key: str
    fields: tuple[tuple[str, str], ...]

    def get(self, name: str) -> str:
        """A field's value, empty where there is none."""
        return next((value for field, value in self.fields if field == name), "")


def is_bibtex(text: str) -> bool:
    """Whether a text begins as a BibTeX entry does."""
    return _START.match(text.lstrip()) is not None


def parse_bibtex(text: str) -> tuple[BibEntry, ...]:
    """The entries of a text, in order; ``@string`` is expanded.

    Raises:
        HostileInput: braces or quotes that do not close, or close nothing; with the line.
        BoundExceeded: it is too long, or has too many entries or fields.
    """
    if len(text) > MAX_CHARACTERS:
        raise BoundExceeded("the BibTeX", MAX_CHARACTERS, "characters")
    return _Reader(text).entries()


def plain(value: str) -> str:
    """A value for people: accents as letters, without braces and commands, on one line."""
    text = _ACCENT.sub(lambda m: (m[2] or m[3]) + _COMBINING[m[1]], value)
    text = _LETTER.sub(lambda m: _LETTERS[m[1]], text)
    text = text.replace("\\textbackslash{}", "\\")
    text = re.sub(r"\\([&%$#_{}])", r"\1", text)
    text = re.sub(r"\\[A-Za-z]+\s*", "", text)
    text = text.replace("{", "").replace("}", "").replace("~", " ").replace("--", "–")
    return unicodedata.normalize("NFC", " ".join(text.split()))


def names(value: str) -> tuple[tuple[str, str], ...]:
    """The people of an ``author`` field as (family, given); a name in braces is one whole."""
    found = []
    for one in _split_and(value):
        if one.startswith("{") and one.endswith("}") and _is_one_group(one):
            found.append((plain(one), ""))
            continue
        family, comma, given = one.partition(",")
        if not comma:
            given, _, family = one.rpartition(" ")
        person = plain(family), plain(given)
        if person[0] and person[0] != "others":
            found.append(person)
    return tuple(found)


def _split_and(value: str) -> list[str]:
    """A list of names at the word ``and`` outside of braces."""
    parts: list[str] = []
    words: list[str] = []
    depth = 0
    for word in value.split():
        if depth == 0 and word.lower() == "and":
            parts.append(" ".join(words))
            words = []
        else:
            words.append(word)
        depth = max(0, depth + word.count("{") - word.count("}"))
    return [part for part in (*parts, " ".join(words)) if part]


def _is_one_group(text: str) -> bool:
    depth = 0
    for index, character in enumerate(text):
        depth += (character == "{") - (character == "}")
        if depth == 0:
            return index == len(text) - 1
    return False


class _Reader:
    """Reads from left to right, each character once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.macros: dict[str, str] = {}
        self.read = 0  # characters of values, macros expanded

    def entries(self) -> tuple[BibEntry, ...]:
        found: list[BibEntry] = []
        while (start := _START.search(self.text, self.at)) is not None:
            self.nothing_closed(start.start())
            self.at = start.end()
            kind = start.group(1).lower()
            close = _CLOSES[start.group(2)]
            if kind in ("comment", "preamble"):
                self.skip(close, start.start())
                continue
            key = "" if kind == "string" else self.key()
            fields = self.fields(close, start.start())
            if kind == "string":
                self.macros.update(fields)
                continue
            if len(found) == MAX_ENTRIES:
                raise BoundExceeded("the BibTeX", MAX_ENTRIES, "entries")
            values = tuple((name, value.strip()) for name, value in fields.items())
            found.append(BibEntry(kind, key, values))
        self.nothing_closed(len(self.text))
        return tuple(found)

    def nothing_closed(self, end: int) -> None:
        """Between entries everything is a comment, but a brace there was meant for an entry."""
        stray = self.text.find("}", self.at, end)
        if stray >= 0:
            raise HostileInput(
                f"in line {self.line(stray)} of the BibTeX a '}}' closes nothing: a '{{' is "
                "missing, or it is one '}' too many"
            )

    def key(self) -> str:
        """The citation key; none where the first field follows at once."""
        self.space()
        match = _NAME.match(self.text, self.at)
        if match is None:
            return ""
        after = _SPACE.match(self.text, match.end())
        if after is not None and self.text[after.end() : after.end() + 1] == "=":
            return ""
        self.at = match.end()
        return match.group(0)

    def fields(self, close: str, start: int) -> dict[str, str]:
        fields: dict[str, str] = {}
        while True:
            self.space()
            if self.at >= len(self.text):
                raise self.unclosed(start, f"'{close}'")
            character = self.text[self.at]
            if character == close:
                self.at += 1
                return fields
            name = _NAME.match(self.text, self.at)
            if name is None:
                if character in "{}":
                    raise HostileInput(
                        f"in line {self.line(self.at)} of the BibTeX a '{character}' stands where "
                        "a field should begin: the value before it is closed too early"
                    )
                self.at += 1  # a comma, or what no field begins with
                continue
            self.at = name.end()
            self.space()
            if self.text[self.at : self.at + 1] != "=":
                continue
            self.at += 1
            if len(fields) == MAX_FIELDS:
                raise BoundExceeded("an entry of the BibTeX", MAX_FIELDS, "fields")
            value = self.value(close)
            fields.setdefault(name.group(0).lower(), value)

    def value(self, close: str) -> str:
        parts: list[str] = []
        while True:
            self.space()
            character = self.text[self.at : self.at + 1]
            if character == "{":
                parts.append(self.delimited("}"))
            elif character == '"':
                parts.append(self.delimited('"'))
            elif (bare := _BARE.match(self.text, self.at)) is not None:
                self.at = bare.end()
                parts.append(self.macros.get(bare.group(0).lower(), bare.group(0)))
            else:
                break
            self.read += len(parts[-1])
            if self.read > MAX_EXPANDED:  # macros of macros
                raise BoundExceeded("the BibTeX's values", MAX_EXPANDED, "characters")
            self.space()
            if self.text[self.at : self.at + 1] != "#":
                break
            self.at += 1
        return "".join(parts)

    def delimited(self, close: str) -> str:
        """A value up to its closing brace, or to the quote that stands outside of braces."""
        begin = self.at
        depth = 0
        for match in re.compile(r'[{}"]').finditer(self.text, begin + 1):
            character = match.group(0)
            if depth == 0 and character == close:
                self.at = match.end()
                return self.text[begin + 1 : match.start()]
            depth += (character == "{") - (character == "}")
            if depth < 0:
                break
        raise self.unclosed(begin, f"'{close}'")

    def skip(self, close: str, start: int) -> None:
        """Over a comment or preamble, whose braces are counted all the same."""
        depth = 0
        while self.at < len(self.text):
            character = self.text[self.at]
            self.at += 1
            if depth == 0 and character == close:
                return
            depth += (character == "{") - (character == "}")
        raise self.unclosed(start, f"'{close}'")

    def unclosed(self, at: int, what: str) -> HostileInput:
        return HostileInput(
            f"what begins in line {self.line(at)} of the BibTeX is never closed: its {what} is "
            "missing, or a '{' before it is one too many"
        )

    def space(self) -> None:
        match = _SPACE.match(self.text, self.at)
        assert match is not None
        self.at = match.end()

    def line(self, at: int) -> int:
        return self.text.count("\n", 0, at) + 1
