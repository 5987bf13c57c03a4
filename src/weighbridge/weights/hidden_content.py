"""Programs, archives and pickles where tensors, strings and options should stand."""

from __future__ import annotations

import re

from weighbridge.model.errors import HostileInput
from weighbridge.weights.inspection import Verdict
from weighbridge.weights.log import Log
from weighbridge.weights.pickle.opcodes_data import looks_nested
from weighbridge.weights.pickle.stream import inspect_pickles
from weighbridge.weights.protobuf import Field, Wire
from weighbridge.weights.source import Source

HEAD = 16  # bytes that :func:`suspicious` needs
MAX_PICKLES = 100  # stretches of one file that are tried as a pickle
MAX_OPCODES = 4_000_000  # in all of them
_MAX_STRETCH = 4 * 2**20  # bytes of one that are read
_LEAST = 12  # bytes: what is shorter can do nothing, and numbers look like it by chance
_SCRIPT = re.compile(rb"#! ?/[!-~]*(?:bin|env)/?[ -~]*\n")
_MACHO = (b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xfe\xed\xfa\xcf", b"\xfe\xed\xfa\xce")
# Local header (4.3.7): version needed up to 6.3, one of the methods that are in use.
_ZIP = re.compile(rb"PK\x03\x04[\x00-\x3f]\x00..[\x00\x08\x09\x0c\x0e\x5d\x63]\x00", re.S)


def suspicious(head: bytes) -> bool:
    """Whether the first :data:`HEAD` bytes ask for :class:`Content` to look at the rest."""
    return head[:2] in (b"MZ", b"#!", b"PK") or head[:4] in _MACHO or _maybe(head)


def _maybe(head: bytes) -> bool:
    return head[:4] in (b"\x7fELF", b"\xca\xfe\xba\xbe") or looks_nested(head)


def glance(wire: Wire, place: Field, content: Content, what: str) -> None:
    """Look at a payload's first bytes, and at the rest where they ask for it."""
    if place.length >= _LEAST:
        content.glance(wire.read(place.start, HEAD), place.start, place.length, what)


class Content:
    """Looks at stretches of one file. What is only numbers leaves no trace."""

    def __init__(self, source: Source, log: Log) -> None:
        self._source, self._log = source, log
        self._tried = 0
        self._most = log.spent.opcodes + MAX_OPCODES

    def glance(self, head: bytes, start: int, length: int, what: str) -> None:
        """Look at a stretch where its first bytes ask for it."""
        if length >= _LEAST and suspicious(head):
            self.look(start, length, what)

    def look(self, start: int, length: int, what: str) -> None:
        """Report a stretch that is a program, an archive or a pickle.

        Args:
            start: its offset in the file.
            length: in bytes.
            what: names its place, for the message.
        """
        part = self._source.part(start, length)
        head = part.head(4096)
        self._log.bytes_read += len(head)
        kind = _program(head)
        if kind:
            self._log.issue("executable-content", f"{what} holds {kind}", start)
        elif _ZIP.match(head):
            self._log.issue("hidden-archive", f"{what} holds a zip archive", start)
        elif length >= _LEAST and looks_nested(head[:200]):
            self._pickle(part, start, what)

    def _pickle(self, part: Source, start: int, what: str) -> None:
        self._tried += 1
        if self._tried > MAX_PICKLES or self._log.spent.opcodes > self._most:
            self._log.gap("too many stretches of the file may be pickles: some were not tried")
            return
        part = part.part(0, min(part.size, _MAX_STRETCH))
        scratch = self._log.scratch()
        ended = False
        try:
            ended = inspect_pickles(part, scratch).end >= _LEAST
        except HostileInput:
            ended = False  # numbers that look like a pickle's first bytes
        self._log.bytes_read += scratch.bytes_read
        if ended or scratch.has(Verdict.DANGEROUS):
            self._log.issue("hidden-pickle", f"{what} holds a pickle", start)
            self._log.absorb(scratch, least=Verdict.UNLISTED if ended else Verdict.DANGEROUS)


def _program(head: bytes) -> str:
    """What kind of program starts so, empty where none does."""
    if head[:4] == b"\x7fELF" and head[4:5] in (b"\1", b"\2") and head[5:6] in (b"\1", b"\2"):
        return "a program or library (ELF)"
    if head[:4] in _MACHO and head[12:16] != b"\0\0\0\0":
        return "a program or library (Mach-O)"
    if head[:4] == b"\xca\xfe\xba\xbe" and 0 < int.from_bytes(head[4:8], "big") < 80:
        return "a program or library (Mach-O or Java)"
    at = int.from_bytes(head[60:64], "little")
    if head[:2] == b"MZ" and head[at : at + 4] == b"PE\0\0":
        return "a program or library (PE)"
    if _SCRIPT.match(head[:200]):
        return "a script"
    return ""
