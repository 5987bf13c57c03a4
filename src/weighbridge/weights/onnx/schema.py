"""Which fields each message has: ``onnx.proto`` of onnx 1.23, and what earlier versions had.

A field is written as its number and its wire type: ``v`` a varint, ``b`` with a length, ``f`` four
bytes, ``d`` eight. Repeated numbers may be packed or not, and stand here twice.
"""

from __future__ import annotations

from typing import Final

from weighbridge.weights.protobuf import I32, I64, LEN, VARINT

_KINDS = {"v": VARINT, "b": LEN, "f": I32, "d": I64}


def _fields(text: str) -> frozenset[tuple[int, int]]:
    return frozenset((int(word[:-1]), _KINDS[word[-1]]) for word in text.split())


LAST_IR_VERSION: Final = 14

MODEL: Final = _fields("1v 2b 3b 4b 5v 6b 7b 8b 14b 20b 25b 26b")
GRAPH: Final = _fields("1b 2b 5b 10b 11b 12b 13b 14b 15b 16b")
NODE: Final = _fields("1b 2b 3b 4b 5b 6b 7b 8b 9b 10b")
ATTRIBUTE: Final = _fields("1b 2f 3v 4b 5b 6b 7f 7b 8v 8b 9b 10b 11b 13b 14b 15b 20v 21b 22b 23b")
TENSOR: Final = _fields("1v 1b 2v 3b 4f 4b 5v 5b 6b 7v 7b 8b 9b 10d 10b 11v 11b 12b 13b 14v 16b")
SPARSE: Final = _fields("1b 2b 3v 3b")
# 2 (since_version) and 3 (status) are of version 1.7 and 1.8
FUNCTION: Final = _fields("1b 2v 3v 4b 5b 6b 7b 8b 9b 10b 11b 12b 13b 14b")
TRAINING: Final = _fields("1b 2b 3b 4b")
OPSET: Final = _fields("1b 2v")
ENTRY: Final = _fields("1b 2b")  # StringStringEntryProto
