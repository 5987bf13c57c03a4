"""A README as blocks of plain text, each with its lines and the headings above it.

Markdown as CommonMark 0.31 has it, as far as it matters here: headings, paragraphs, list items,
table rows, links, images; fenced code and comments say nothing. What is simple HTML is taken for
its text, images and addresses.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

MAX_BLOCK = 4_000  # characters; a longer paragraph is taken apart
MAX_LINE = 4_000  # characters of a line that are looked at
MAX_LINKS = 40  # of one block

_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.{1,300})")
_HTML_HEADING = re.compile(r"\s{0,8}<h([1-6])\b[^<>]{0,200}>(.{1,300})", re.I)
_UNDERLINE = re.compile(r" {0,3}(=+|-{3,})[ \t]*\Z")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_NEW_ITEM = re.compile(r"[ \t>]{0,20}(?:[-*+]|\d{1,3}[.)])[ \t]+|[ \t>]{0,20}\|")
_LINK = re.compile(
    r"!?\[((?:[^\[\]]|\[[^\[\]]{0,100}\]){0,300})\]\(\s*<?([^()\s<>]{1,500})[^()]{0,200}\)"
)
_IMAGE = re.compile(r"!\[([^\[\]]{0,300})\]\(\s*<?([^()\s<>]{1,500})[^()]{0,200}\)")
_BADGE = re.compile(r"!\[([^\[\]]{0,300})\]\[[^\[\]]{0,100}\]")
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,800}>")
_ATTRIBUTE = re.compile(r"(?:src|href|alt)\s{0,3}=\s{0,3}[\"']([^\"'<>]{1,500})[\"']", re.I)
_ADDRESS = re.compile(r"https?://[^\s<>()\[\]\"'|]{3,500}")
_EMPHASIS = re.compile(r"\*{1,3}|`{1,3}|(?<!\w)_{1,3}|_{1,3}(?!\w)")


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, list item, table row or heading.

    ``starts`` are where its lines begin in ``text``, ``first`` is the number of the first of them.
    ``headings`` are those above it, the outermost first, and for a heading itself it is the last.
    ``addresses`` are those of its links and images, in their order.
    """

    text: str
    first: int
    starts: tuple[int, ...]
    headings: tuple[str, ...]
    is_heading: bool
    addresses: tuple[str, ...]

    def line(self, position: int) -> int:
        """The line of a place in ``text``."""
        return self.first + max(0, bisect_right(self.starts, position) - 1)


def blocks(
    body: str, first: int, wanted: Callable[[str, Sequence[str]], bool] | None = None
) -> Iterator[Block]:
    """The blocks of a text in Markdown.

    Args:
        body: the text.
        first: the number of its first line.
        wanted: whether a block is worth taking apart, by its lines as written and the headings
            above it; all are by default.
    """
    above: list[tuple[int, str]] = []
    gathered: list[str] = []
    begun = size = 0

    def taken(lines: list[str], start: int, *, is_heading: bool) -> Iterator[Block]:
        headings = [h for _, h in above]
        if wanted is None or wanted(" ".join(lines), headings):
            yield _block(lines, first + start, headings, is_heading=is_heading)

    lines = _visible(body)
    for number, line in enumerate(lines):
        heading = _heading(lines, number)
        ends = heading is not None or not line.strip() or bool(_NEW_ITEM.match(line))
        if gathered and (ends or size > MAX_BLOCK):
            yield from taken(gathered, begun, is_heading=False)
            gathered, size = [], 0
        if heading is not None:
            level, text = heading
            above = [h for h in above if h[0] < level] + [(level, _plain(text).strip())]
            yield from taken([text], number, is_heading=True)
        elif line.strip() and not _UNDERLINE.match(line):
            begun = number if not gathered else begun
            gathered.append(line)
            size += len(line) + 20  # a line costs, however short it is
    if gathered:
        yield from taken(gathered, begun, is_heading=False)


def title(body: str) -> str:
    """The text of the first heading of the first level, empty where there is none."""
    lines = _visible(body[:20_000])
    found = (h for n in range(len(lines)) if (h := _heading(lines, n)) and h[0] == 1)
    return _plain(next(found, (1, ""))[1]).strip()


def _visible(body: str) -> list[str]:
    """The lines, those of fenced code and comments blank."""
    kept, at = [], 0
    while (start := body.find("<!--", at)) >= 0 and (stop := body.find("-->", start)) >= 0:
        kept += [body[at:start], "\n" * body.count("\n", start, stop)]
        at = stop + 3
    lines = "".join((*kept, body[at:])).split("\n")
    fence = ""
    for number, line in enumerate(lines):
        mark = _FENCE.match(line)
        if fence:
            closes = mark is not None and mark[1].startswith(fence) and not line.strip(" `~\r\t")
            fence = "" if closes else fence
            lines[number] = ""
        elif mark:
            fence = mark[1]
            lines[number] = ""
        else:
            lines[number] = line[:MAX_LINE].rstrip("\r")
    return lines


def _heading(lines: list[str], number: int) -> tuple[int, str] | None:
    line = lines[number]
    if match := _HEADING.match(line):
        return len(match[1]), match[2].rstrip("# \t")
    if match := _HTML_HEADING.match(line):
        return int(match[1]), match[2]
    under = _UNDERLINE.match(lines[number + 1]) if number + 1 < len(lines) else None
    if under and line.strip() and len(line) < 200 and not _NEW_ITEM.match(line):
        before = lines[number - 1].strip() if number else ""
        if not before:
            return 1 if under[1].startswith("=") else 2, line.strip()
    return None


def _block(lines: list[str], first: int, headings: Sequence[str], *, is_heading: bool) -> Block:
    addresses: list[str] = []
    starts: list[int] = []
    texts: list[str] = []
    at = 0
    for line in lines:
        for pattern in (_ATTRIBUTE, _LINK, _IMAGE, _ADDRESS):
            groups = 2 if pattern in (_LINK, _IMAGE) else int(pattern is _ATTRIBUTE)
            addresses += [m.group(groups) for m in pattern.finditer(line)]
        text = _plain(line)
        starts.append(at)
        texts.append(text)
        at += len(text) + 1
    unique = tuple(dict.fromkeys(a.rstrip(".,;") for a in addresses))[:MAX_LINKS]
    return Block(" ".join(texts), first, tuple(starts), tuple(headings), is_heading, unique)


def _plain(line: str) -> str:
    """A line's words, without the marks of Markdown and HTML."""
    if "<" in line:
        line = _TAG.sub(" ", line)
    if "](" in line or "][" in line:
        line = _BADGE.sub(" ", _IMAGE.sub(" ", line))
        line = _LINK.sub(lambda m: " " if m[0].startswith("!") else m[1], line)
    line = _ADDRESS.sub(" ", line)
    return html.unescape(_EMPHASIS.sub("", line)) if "&" in line else _EMPHASIS.sub("", line)
