"""R's serialized values (``.rds``, ``.RData``): a walk over all of them, none evaluated.

Source: R Internals, "Serialization Formats"; R's ``serialize.c`` (versions 2 and 3). Vectors are
passed over by their length. A promise is R code that runs the moment somebody looks at the value
(CVE-2024-27322): R itself writes one only for a function's argument, inside an environment. Models
of R hold functions and formulas, so those alone are no finding.
"""

from __future__ import annotations

import re

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.weights.log import Log
from weighbridge.weights.octets import Octets
from weighbridge.weights.rds_stream import Ascii, Binary, RStream
from weighbridge.weights.rds_walk import Walk
from weighbridge.weights.source import Source

MAX_ASCII = 5 * 2**20
_WORKSPACE = re.compile(rb"RD([AXB])([123])\n")
# What R compresses a file with, as the log names what lies in it.
_PACKED = ("", "gzip", "bzip2", "xz")
_ORDERS = {b"X": "big", b"B": "little"}


def inspect(source: Source, log: Log) -> None:
    """Walk a stream that is not, or no longer, compressed.

    Raises:
        HostileInput: it is not what R writes.
        BoundExceeded: it holds too many values.
    """
    octets = Octets(source)
    try:
        _inspect(source, octets, log)
    finally:
        log.bytes_read += octets.taken


inspect_stream = inspect


def _contradiction(path: str, workspace: bool) -> str:
    """``readRDS`` takes no workspace, and ``load`` takes nothing else."""
    lowered = path.lower()
    if workspace and lowered.endswith(".rds"):
        return "the name promises one value, and the content is a workspace, which readRDS refuses"
    if not workspace and lowered.endswith((".rda", ".rdata")):
        return "the name promises a workspace, and the content is one value, which load refuses"
    return ""


def _inspect(source: Source, octets: Octets, log: Log) -> None:
    head = source.head(64)
    workspace = _WORKSPACE.match(head)
    wrong = _contradiction(log.path if log.member in _PACKED else "", workspace is not None)
    if wrong:
        log.issue("kind-contradicts-name", wrong, 0)
    if workspace:
        octets.skip(5)
        if workspace[2] == b"1":
            log.gap("no reader for version 1 of R's workspaces")
            return
    letter = octets.take(2)
    stream: RStream
    if letter in (b"X\n", b"B\n"):
        stream = Binary(octets, _ORDERS[letter[:1]])
    elif letter == b"A\n" or letter == b"A\r":
        if source.size > MAX_ASCII:
            raise BoundExceeded("the R data written as text", MAX_ASCII, "bytes")
        stream = Ascii(source.head(MAX_ASCII), octets.pos)
        log.bytes_read += source.size
    else:
        raise HostileInput("the R data has none of R's formats")
    version = stream.integer()
    stream.integer()
    stream.integer()
    if version == 3:
        length = stream.integer()
        if not 0 < length <= 63:
            raise HostileInput(f"the name of the encoding has {length} bytes")
        stream.text(length)
    elif version != 2:
        raise HostileInput(f"version {version} of R's serialization does not exist")
    Walk(stream, log).read()
    if stream.left():
        log.issue("trailing-data", f"{stream.left()} bytes follow the value", stream.pos)
