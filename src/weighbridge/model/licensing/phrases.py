"""Whether a text holds a phrase that a license demands, whatever its layout.

Letter case, white space, punctuation, quotation marks and simple markup do not count: ``Built with
**Llama**`` is ``Built with Llama``. The phrase stands whole: ``Built with Llamas`` is another.
What an HTML comment hides is not shown to anybody, and does not count.
"""

from __future__ import annotations

import bisect
import re
import unicodedata
from dataclasses import dataclass, field

_NEWLINE = re.compile(r"\r\n|\r|\n")
_WORD = re.compile(r"[^\W_]+")
_TAG = re.compile(r"</?[a-z][^<>\n]{0,300}>")
_COPYRIGHT_SIGN = re.compile(r"\(c\)|&copy;|©")
_COMMENT = ("<!--", "-->")


@dataclass(frozen=True, slots=True)
class Phrases:
    """A text made ready to look phrases up in. ``starts`` are where each line's words begin."""

    words: str
    starts: tuple[int, ...] = field(default=())
    lines: tuple[int, ...] = field(default=())

    @classmethod
    def of(cls, text: str, *, first_line: int = 1) -> Phrases:
        """Read a text whose first line has this number. The caller bounds its length."""
        parts = [" "]
        at = 1
        starts: list[int] = []
        lines: list[int] = []
        plain = unicodedata.normalize("NFKC", _without_comments(text)).lower()
        for number, line in enumerate(_NEWLINE.split(plain), first_line):
            words = _words(line)
            if words:
                starts.append(at)
                lines.append(number)
                parts.append(words + " ")
                at += len(words) + 1
        return cls("".join(parts), tuple(starts), tuple(lines))

    def line_of(self, phrase: str) -> int:
        """The line on which the phrase first begins; 0 where it does not stand there."""
        wanted = plain_words(phrase)
        at = self.words.find(f" {wanted} ") if wanted else -1
        if at < 0:
            return 0
        return self.lines[bisect.bisect_right(self.starts, at + 1) - 1]


def plain_words(text: str) -> str:
    """The words of a phrase with one space between them; empty where it has none."""
    plain = unicodedata.normalize("NFKC", text).lower()
    return " ".join(filter(None, (_words(line) for line in _NEWLINE.split(plain))))


def begins_with(name: str, prefix: str) -> bool:
    """Whether a model's name begins with a prefix: ``llama-3-x`` does with ``Llama``.

    Letter case and what stands between words do not count. The owner before the last slash is not
    the model's name.
    """
    wanted = plain_words(prefix).replace(" ", "")
    return bool(wanted) and plain_words(name.rpartition("/")[2]).replace(" ", "").startswith(wanted)


def alternatives(value: str) -> tuple[str, ...]:
    """The phrases of which one is enough: a clause's value separates them by ``|``."""
    return tuple(filter(None, (part.strip() for part in value.split("|"))))


def _words(line: str) -> str:
    line = _COPYRIGHT_SIGN.sub(" ", _TAG.sub("", line))
    return " ".join(_WORD.findall(line))


def _without_comments(text: str) -> str:
    """The text with the lines of its HTML comments kept and what they say taken out."""
    shown: list[str] = []
    at = 0
    while (begin := text.find(_COMMENT[0], at)) >= 0:
        end = text.find(_COMMENT[1], begin)
        end = len(text) if end < 0 else end + len(_COMMENT[1])
        hidden = text[begin:end]
        shown += [text[at:begin], "\n" * (hidden.count("\n")) or " "]
        at = end
    return "".join([*shown, text[at:]])
