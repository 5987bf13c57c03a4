"""``fingerprint.pb`` of a SavedModel: sums of its parts, which no loader obeys.

Source: ``tensorflow/core/protobuf/fingerprint.proto`` (FingerprintDef): five sums, the version of
how they were made, and an identifier. Nothing else belongs there.
"""

from __future__ import annotations

import re

from weighbridge.model.errors import BoundExceeded
from weighbridge.weights.log import Log
from weighbridge.weights.protobuf import LEN, VARINT, Field
from weighbridge.weights.protobuf_file import ProtobufFile
from weighbridge.weights.source import Source

MAX_BYTES = 4096  # real ones have about 100
_SUMS, _VERSION, _IDENTIFIER = (1, 2, 3, 4, 5), 6, 7
_WORD = re.compile(r"[0-9A-Za-z-]{0,64}\Z")


def inspect(source: Source, log: Log) -> None:
    """Check a fingerprint.

    Raises:
        HostileInput: it is no message.
        BoundExceeded: it is too large to be one.
    """
    if source.size > MAX_BYTES:
        raise BoundExceeded("a SavedModel's fingerprint", MAX_BYTES, "bytes")
    file = ProtobufFile(source, log)
    seen: set[int] = set()
    for found in file.fields(Field(0, LEN, 0, 0, source.size), 0):
        wire = VARINT if found.number in _SUMS else LEN
        if found.number not in (*_SUMS, _VERSION, _IDENTIFIER) or found.wire != wire:
            message = f"a fingerprint has no field {found.number} of that type"
            log.issue("unknown-field", message, found.start)
        elif found.number in seen:
            log.issue("duplicate-field", f"field {found.number} stands twice", found.start)
        elif found.number == _IDENTIFIER and not _WORD.match(file.text(found, MAX_BYTES)):
            log.issue("bad-value", "the identifier of a fingerprint is none", found.start)
        seen.add(found.number)
        if found.wire == LEN:
            file.glance(found, "a fingerprint")
    file.finish()
