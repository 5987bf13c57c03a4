"""Programs and pickles that hide in a text: as they are, in Base64, in hexadecimal, compressed.

A text among the metadata of weights is for people and for tools. Nothing loads a pickle from there
by itself; one that is there waits for code that does. What is reported was decoded and recognized:
a long Base64 run alone (a thumbnail, a signature, a hash) is nothing.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
import zlib

from weighbridge.model.errors import HostileInput
from weighbridge.weights.inspection import Verdict
from weighbridge.weights.log import Log
from weighbridge.weights.pickle.opcodes_data import looks_nested
from weighbridge.weights.pickle.stream import inspect_pickles
from weighbridge.weights.source import Source

MAX_RUNS = 2000  # that are decoded
MAX_DECODED = 256 * 1024  # bytes of each
MAX_INFLATED = 16 * 2**20  # bytes that all of them become
MAX_UNPICKLED = 2**20  # bytes that are read as pickles
_FIRST = tuple("\x7fM\x80c(#\xcf\xce\xca")
# How the first bytes look in Base64: ELF, PE, a pickle of protocol 0 to 5 (``gA``, or text that
# starts with ``c`` or ``(``), zlib, gzip, Mach-O, ``#!``.
_BASE64 = re.compile(
    r"(?<![A-Za-z0-9+/_-])(?:f0VMR|TV[o-r]|gA[A-X]|[YK]|eJ|eN|eA|H4sI|z[vr]|yv66|IyE)"
    r"[A-Za-z0-9+/_-]{22,}+(?:\r?\n[A-Za-z0-9+/_-]++)*+"
)
_HEX = re.compile(
    r"(?<![0-9A-Fa-f])(?:7f454c46|4d5a|800[0-5]|c[ef]faedfe|63|2321|789c|78da|1f8b08)"
    r"(?:[0-9a-f]{2}){14,}+(?![0-9a-f])",
    re.I,
)
_SCRIPT = re.compile(rb"#! ?/[\w./-]{3,100}")


class HiddenText:
    """Searches the texts of one file, within one allowance for all of them."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self._runs = self._inflated = self._unpickled = 0

    def search(self, text: str, place: str, offset: int) -> None:
        """Report what hides in a text as an issue ``hidden-payload``.

        Args:
            text: any string.
            place: what the text is called in the message.
            offset: of the text in its file.
        """
        if self._runs > MAX_RUNS:
            return  # which a gap says
        if text[:1] in _FIRST:  # as they are
            head = text[:MAX_DECODED].encode("latin-1", "replace")
            self._report(head, place, offset)
        for match in _BASE64.finditer(text):
            if not self._allowed():
                return
            self._report(_from_base64(match.group()), f"{place}, in Base64,", offset)
        for match in _HEX.finditer(text):
            if not self._allowed():
                return
            data = binascii.unhexlify(match.group()[: 2 * MAX_DECODED])
            self._report(data, f"{place}, in hexadecimal,", offset)

    def _allowed(self) -> bool:
        self._runs += 1
        if self._runs > MAX_RUNS:
            self.log.gap(f"only {MAX_RUNS} runs of Base64 or hexadecimal were decoded")
        return self._runs <= MAX_RUNS

    def _report(self, data: bytes, place: str, offset: int) -> None:
        what = self._judged(data)
        if what:
            self.log.issue("hidden-payload", f"{place} holds {what}", offset)

    def _judged(self, data: bytes) -> str:
        """What the bytes are, empty where they are nothing that runs."""
        if data[:1] == b"\x78" or data[:3] == b"\x1f\x8b\x08":
            data = self._inflate(data) or data
        return _program(data) or self._pickle(data)

    def _inflate(self, data: bytes) -> bytes:
        if self._inflated >= MAX_INFLATED:
            self.log.gap(f"compressed texts beyond {MAX_INFLATED} bytes were not unpacked")
            return b""
        window = zlib.MAX_WBITS if data[:1] == b"\x78" else zlib.MAX_WBITS | 16
        try:
            inflated = zlib.decompressobj(window).decompress(data, MAX_DECODED)
        except zlib.error:
            return b""
        self._inflated += len(inflated)
        return inflated

    def _pickle(self, data: bytes) -> str:
        """A pickle that runs to its end and uses something, or is broken and calls a gadget."""
        if not looks_nested(data[:200]):
            return ""
        self._unpickled += len(data)
        if self._unpickled > MAX_UNPICKLED:
            self.log.gap(f"texts that may be pickles were not read beyond {MAX_UNPICKLED} bytes")
            return ""
        scratch = self.log.scratch()
        try:
            found = inspect_pickles(Source(lambda: io.BytesIO(data), len(data)), scratch)
        except HostileInput:
            return ""
        names = ", ".join(sorted({o.name for o in scratch.freeze("pickle").operations})[:3])
        if not names or not (found.count or scratch.has(Verdict.DANGEROUS)):
            return ""
        return f"a pickle that uses {names}"


def _from_base64(run: str) -> bytes:
    plain = re.sub(r"[\r\n]", "", run)[: MAX_DECODED // 3 * 4].translate(_URL_SAFE)
    return base64.b64decode(plain[: len(plain) // 4 * 4] + _padded(plain[len(plain) // 4 * 4 :]))


_URL_SAFE = str.maketrans("-_", "+/")


def _padded(rest: str) -> str:
    return rest + "=" * (4 - len(rest)) if len(rest) > 1 else ""


def _program(data: bytes) -> str:
    if data[:4] == b"\x7fELF" and data[4:5] in (b"\1", b"\2") and data[5:6] in (b"\1", b"\2"):
        return "an ELF program"
    if data[:2] == b"MZ" and len(data) >= 64:
        at = int.from_bytes(data[60:64], "little")
        if data[at : at + 4] == b"PE\0\0":
            return "a Windows program"
    if data[:4] in (b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe") and len(data) >= 28:
        return "a macOS program"
    if data[:4] == b"\xca\xfe\xba\xbe" and len(data) >= 28:
        return "a macOS program or Java class"
    if _SCRIPT.match(data):
        return "a script"
    return ""
