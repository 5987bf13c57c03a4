"""Which texts a file holds, and how much to look for in each.

Notebooks are taken apart, so that a finding names its cell: sources and outputs are strings in
JSON, where a line end is written as a backslash and an ``n``. Of safetensors the header is text, of
GGUF the metadata at the beginning is searched for provider tokens.
"""

from __future__ import annotations

import codecs
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from weighbridge.collect.secret_scan import Breadth
from weighbridge.edge.json import load_json
from weighbridge.model.artifact import Kind
from weighbridge.model.errors import HostileInput

MAX_HEAD = 16 * 2**20  # bytes of a weight file's head that are searched
MAX_PARTS = 50_000  # texts of one notebook

_HEADS = frozenset({Kind.SAFETENSORS, Kind.GGUF})
_TEXTS = frozenset({Kind.TEXT, Kind.JSON})
# Vocabularies, lists of digests and signatures: thousands of strings that look random and are not
# secret. Provider tokens are looked for there all the same.
_NARROW_NAME = re.compile(
    r"tokenizer[\w.-]{0,40}\.json|(?:[\w-]{0,40}[._-])?vocab(?:ulary)?[\w.-]{0,20}"
    r"|merges[\w.-]{0,20}\.txt|(?:added_tokens|special_tokens_map|chat_template)\.json"
    r"|[\w.-]{0,200}\.index\.json|[\w.-]{0,100}\.lock|[\w.-]{0,40}lock\.(?:json|ya?ml|toml)"
    r"|record|manifest\.json|sha(?:1|224|256|384|512)?sums?(?:\.txt)?|[\w.-]{0,200}\.sha\d{1,3}"
    r"|[\w.-]{0,200}\.(?:sig|sigstore|intoto\.jsonl|cdx\.json|spdx\.json|spdx|vex\.json|map|svg"
    r"|csv|tsv|jsonl|ndjson|lst|bpe|arrow|xml|css|dict|po|tfevents|log|min\.js)"
    r"|npm-shrinkwrap\.json|go\.sum|spiece\.\w{1,10}",
    re.I,
)
_CONFIG_NAME = re.compile(
    r"(?:[\w.-]{0,200}\.)?env(?:\.[\w-]{1,20})?|\.(?:netrc|pypirc|npmrc|pgpass|git-credentials)"
    r"|[\w.-]{0,200}\.(?:ya?ml|toml|ini|cfg|conf|properties|tfvars|sh|bash)|dockerfile[\w.-]{0,20}"
    r"|credentials|config",
    re.I,
)
_ANSI = re.compile(r"\x1b\[[0-9;]{0,20}[A-Za-z]")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True, slots=True)
class Text:
    """A text of a file. ``member`` names its part; ``base`` is the offset of its first byte in the
    file, -1 where the text stands there in another form."""

    data: bytes
    breadth: Breadth
    member: str = ""
    base: int = 0


def is_head(kind: Kind) -> bool:
    """Whether only the file's beginning is searched, :data:`MAX_HEAD` bytes at most."""
    return kind in _HEADS


def is_text(kind: Kind, head: bytes) -> bool:
    """Whether a file is text: by its kind, its byte order mark, or the absence of NUL."""
    if kind in _TEXTS:
        return True
    if kind is not Kind.BINARY:
        return False
    return head.startswith(tuple(mark for mark, _ in _MARKS)) or b"\0" not in head


def breadth_of(path: str) -> Breadth:
    """How much to look for in a file of that name."""
    name = posixpath.basename(path)
    if _NARROW_NAME.fullmatch(name):
        return Breadth.NARROW
    return Breadth.CONFIG if _CONFIG_NAME.fullmatch(name) else Breadth.WIDE


def texts_of(path: str, data: bytes, kind: Kind) -> Iterator[Text]:
    """The texts of one file."""
    if is_head(kind):
        yield from _head(data, kind)
        return
    breadth = breadth_of(path)
    for mark, encoding in _MARKS[1:]:
        if data.startswith(mark):
            text = data[len(mark) :].decode(encoding, "replace")
            yield Text(text.encode("utf-8", "replace"), breadth, base=-1)
            return
    if path.lower().endswith(".ipynb"):
        try:
            parts = list(_notebook(load_json(data, source=path)))
        except HostileInput:
            pass  # no notebook: the bytes are searched as they are
        else:
            yield from parts
            return
    yield Text(data, breadth)


def _head(data: bytes, kind: Kind) -> Iterator[Text]:
    if kind is Kind.GGUF:
        yield Text(data, Breadth.NARROW)
        return
    size = int.from_bytes(data[:8], "little")  # safetensors: a length, and that much JSON
    yield Text(data[8 : 8 + min(size, len(data))], Breadth.NARROW, base=8)


def _notebook(body: Any) -> Iterator[Text]:
    """nbformat 3 and 4: each cell's source, each of its outputs, and all that is left."""
    if not isinstance(body, dict):
        raise HostileInput("it is no notebook")
    cells = body.get("cells")
    if not isinstance(cells, list):
        sheets = body.get("worksheets")
        if not isinstance(sheets, list):
            raise HostileInput("it is no notebook")
        cells = [
            cell
            for sheet in sheets
            if isinstance(sheet, dict) and isinstance(sheet.get("cells"), list)
            for cell in sheet["cells"]
        ]
    if len(cells) > MAX_PARTS:
        raise HostileInput("it has too many cells")
    rest = [value for key, value in body.items() if key not in ("cells", "worksheets")]
    yield _part("metadata", rest)
    for number, cell in enumerate(cells, 1):
        if not isinstance(cell, dict):
            yield _part(f"cell {number}", cell)
            continue
        outputs = cell.get("outputs")
        inner = {k: v for k, v in cell.items() if k not in ("outputs", "id", "cell_type")}
        yield _part(f"cell {number}", [inner.pop("source", None), inner.pop("input", None), inner])
        for index, output in enumerate(outputs if isinstance(outputs, list) else [outputs], 1):
            yield _part(f"cell {number} output {index}", output)


def _part(member: str, value: Any) -> Text:
    lines: list[str] = []
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            lines.append(item if item.endswith("\n") else item + "\n")
        elif isinstance(item, list):
            if item and all(isinstance(part, str) for part in item):
                lines.append("".join(item) + "\n")  # a text, kept as a list of its lines
            else:
                stack.extend(reversed(item))
        elif isinstance(item, dict):
            for key, inner in reversed(item.items()):
                if isinstance(inner, str) and not key.startswith(("image/", "audio/", "video/")):
                    stack.append(f"{key}: {inner}" if "\n" not in inner else inner)
                elif not isinstance(inner, str):
                    stack.append(inner)
    text = _ANSI.sub("", "".join(lines))
    return Text(text.encode("utf-8", "replace"), Breadth.WIDE, member, -1)
