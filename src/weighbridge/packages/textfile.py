"""The text of a requirements or lock file, decoded as pip decodes it and never by a guess."""

from __future__ import annotations

import codecs
import re

from weighbridge.packages.source import MalformedSource

# The UTF-32 marks come first: the UTF-16 mark is the beginning of one of them.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(rb"coding[:=][ \t]*([-\w.]{1,40})")
# Python knows encodings in which an innocent comment is a line of its own (utf-7, among others).
_SAFE = {"utf-8": "utf-8", "ascii": "ascii", "iso8859-1": "latin-1", "cp1252": "cp1252"}


def decode(data: bytes, *, source: str) -> str:
    """The text of a requirements file: by its byte order mark, its PEP 263 comment, or UTF-8.

    pip falls back to the machine's locale; that would read the same file differently elsewhere.

    Raises:
        MalformedSource: it cannot be decoded, declares an unusual encoding, or holds NUL.
    """
    encoding = "utf-8"
    for mark, name in _MARKS:
        if data.startswith(mark):
            data, encoding = data[len(mark) :], name
            break
    else:
        encoding = _declared(data, source)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise MalformedSource(
            f"{source} is not {encoding.upper()} text: {error.reason} at byte {error.start}"
        ) from error
    if "\0" in text:
        raise MalformedSource(f"{source} holds a NUL character")
    return text


def _declared(data: bytes, source: str) -> str:
    """The encoding that a comment in the first two lines declares (PEP 263)."""
    for line in data[:4096].split(b"\n")[:2]:
        match = _DECLARED.search(line) if line.startswith(b"#") else None
        if match is None:
            continue
        declared = match.group(1).decode("ascii", "replace")
        try:
            name = codecs.lookup(declared).name
        except (LookupError, ValueError) as error:
            raise MalformedSource(f"{source} declares the encoding {declared!r}") from error
        if name not in _SAFE:
            raise MalformedSource(f"{source} declares the encoding {declared!r}, which is not read")
        return _SAFE[name]
    return "utf-8"
