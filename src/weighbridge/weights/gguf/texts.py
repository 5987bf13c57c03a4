"""What hides in the values of a GGUF header: strings, arrays of strings, arrays of bytes.

A vocabulary has hundreds of thousands of strings, so they are not taken one by one: the key-value
section is searched once for the first bytes of a payload behind a length. A length takes eight
bytes (``docs/gguf.md``), and of any that is below 16 MiB the five upper ones are zero.
"""

from __future__ import annotations

import re

from weighbridge.weights.data_starts import DataStarts
from weighbridge.weights.hidden_text import HiddenText
from weighbridge.weights.log import Log
from weighbridge.weights.source import Source

MAX_SEARCHED = 64 * 2**20  # bytes
MAX_TRIED = 10_000  # values that begin like a payload; a vocabulary has a handful
_STEP = 2**20
_AHEAD = 256  # bytes that a payload's start may take
_MAX_TEXT = 256 * 1024  # bytes of a text in Base64 that are decoded
# The first byte of what is looked for, behind a length: scanned for before anything else is tried.
_LITTLE = re.compile(rb"[\x80\x7fMP#cigf(\]})](?<=\0\0\0\0\0.)", re.S)
_BIG = re.compile(rb"[\x80\x7fMP#cigf(\]})](?<=\0\0\0\0\0....)", re.S)
_PAYLOAD = re.compile(
    rb"(\x80[\x02-\x05][^\0]|[(\]})]{0,9}[ci][A-Za-z_][\w.]{0,80}\n[A-Za-z_][\w.]{0,80}\n"
    rb"|\x7fELF[\1\2]|MZ[^\0].|PK\x03\x04|\#! ?/)"
    rb"|gA[I-X][A-Za-z0-9+/_\-]{21}|f0VMR[A-Za-z0-9+/_\-]{19}",
    re.S,
)


def search_values(source: Source, end: int, log: Log, *, big: bool) -> None:
    """Search what stands before byte ``end`` of a file, in the byte order of its numbers."""
    content, hidden = DataStarts(source, log), HiddenText(log)
    if end > MAX_SEARCHED:
        log.gap(f"values beyond {MAX_SEARCHED} bytes of the header were not searched")
    end = min(end, source.size, MAX_SEARCHED)
    stream = source.open()
    window, base, tried = b"", 0, 0
    while base + len(window) < end:
        part = stream.read(min(_STEP, end - base - len(window)))
        if not part:
            return
        window += part
        last = base + len(window) >= end
        for start in (_BIG if big else _LITTLE).finditer(window):
            at = start.start()
            if at < 8 or (at > len(window) - _AHEAD and not last):
                continue  # the next window has it whole
            match = _PAYLOAD.match(window, at)
            if match is None:
                continue
            length = int.from_bytes(window[at - 8 : at], "big" if big else "little")
            if not 0 < length <= end - base - at:
                continue
            tried += 1
            if tried > MAX_TRIED:
                log.gap(f"more than {MAX_TRIED} values of the header begin like a payload")
                return
            if match.group(1) is not None:
                content.look(base + at, length, "a value of the header")
            else:
                text = source.part(base + at, min(length, _MAX_TEXT)).head(_MAX_TEXT)
                hidden.search(text.decode("latin-1"), "a value of the header", base + at)
        kept = min(len(window), _AHEAD + 8)
        base += len(window) - kept
        window = window[len(window) - kept :]
        if last:
            return
