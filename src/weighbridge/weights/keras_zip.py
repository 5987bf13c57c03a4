"""Members of a Keras archive (``.keras``): its configuration, its weights, its vocabularies.

Source: ``keras/src/saving/saving_lib.py``. The archive reader gives each member; what is not read
here (weights as ``.npz``, assets that are no text) stays for it, to be read by what it is.
"""

from __future__ import annotations

import codecs
import json

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.weights import keras_config
from weighbridge.weights.content import settled
from weighbridge.weights.hdf5 import inspect as inspect_hdf5
from weighbridge.weights.hdf5.superblock import SIGNATURE
from weighbridge.weights.log import Log
from weighbridge.weights.pickle.opcodes_data import looks_nested
from weighbridge.weights.source import Readable, Source

MAX_METADATA = 64 * 1024  # bytes
MAX_ASSET = 64 * 2**20  # bytes of a text that are looked at
_STEP = 256 * 1024
_NOT_TEXT = frozenset(range(32)) - {8, 9, 10, 12, 13, 27}
_OTHER_TEXTS = (b"#!", b"<?", b"<script", b"<html", b"<!DOCTYPE")


def inspect_member(name: str, source: Source, log: Log) -> bool:
    """Read one member of a Keras archive; whether it was one that is read here.

    Args:
        name: the member's name in the archive.
        source: its content; its size may be unknown where it is compressed.
        log: gets what is found. Its ``member`` is the caller's.

    Raises:
        HostileInput: the member is damaged.
    """
    if name == "config.json":
        text = _all(source, keras_config.MAX_TEXT, "the Keras configuration")
        log.bytes_read += len(text)
        keras_config.inspect_config(text, log, model=True)
        return True
    if name == "metadata.json":
        _metadata(source, log)
        return True
    if name.endswith(".h5"):
        if source.head(len(SIGNATURE)) == SIGNATURE:
            inspect_hdf5(settled(source), log)
            return True
        log.issue("unrecognized", "the name promises HDF5, and the content begins no such file", 0)
        return False
    if name.startswith("assets/"):
        return _is_text(source, log)
    return False


def _all(source: Source, bound: int, what: str) -> bytes:
    """The whole content, of at most ``bound`` bytes."""
    stream, parts, length = source.open(), [], 0
    while part := stream.read(_STEP):
        parts.append(part)
        length += len(part)
        if length > bound:
            raise BoundExceeded(what, bound, "bytes")
    return b"".join(parts)


def _metadata(source: Source, log: Log) -> None:
    """Version and date: an object of texts."""
    text = _all(source, MAX_METADATA, "metadata.json")
    log.bytes_read += len(text)
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise HostileInput("metadata.json is not JSON") from error
    if not isinstance(found, dict):
        log.issue("bad-config", "metadata.json is not an object")


def _is_text(source: Source, log: Log) -> bool:
    """Whether an asset is plain text, as vocabularies are, and nothing that a program runs."""
    stream: Readable = source.open()
    decoder = codecs.getincrementaldecoder("utf-8")()
    length = 0
    while part := stream.read(_STEP):
        if not length and (looks_nested(part) or part.lstrip()[:9].startswith(_OTHER_TEXTS)):
            return False
        length += len(part)
        if length > MAX_ASSET or not _NOT_TEXT.isdisjoint(part):
            return False
        try:
            decoder.decode(part)
        except UnicodeDecodeError:
            return False
    log.bytes_read += length
    return True
