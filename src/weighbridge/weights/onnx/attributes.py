"""``AttributeProto``: its name, its type, and the one value that it has.

Source: ``onnx.proto`` (AttributeProto, AttributeType) and ``check_attribute`` of ``onnx.checker``:
an attribute has one value, in the field of its type, and stands once in its node. Readers differ in
what they take of one that breaks this: some look at the type, some at the fields.
"""

from __future__ import annotations

import re

from weighbridge.weights.protobuf import Field, Wire
from weighbridge.weights.protobuf_fields import strings

TYPE = 20
# AttributeType: number -> (name, the field of its values).
TYPES = {
    1: ("FLOAT", 2), 2: ("INT", 3), 3: ("STRING", 4), 4: ("TENSOR", 5), 5: ("GRAPH", 6),
    6: ("FLOATS", 7), 7: ("INTS", 8), 8: ("STRINGS", 9), 9: ("TENSORS", 10), 10: ("GRAPHS", 11),
    11: ("SPARSE_TENSOR", 22), 12: ("SPARSE_TENSORS", 23), 13: ("TYPE_PROTO", 14),
    14: ("TYPE_PROTOS", 15),
}  # fmt: skip
# Lists of numbers are passed over where an attribute is read: they may be there or not.
_UNSEEN = frozenset((7, 8, 9, 14, 15))
VALUES = frozenset(field for _, field in TYPES.values()) - _UNSEEN
MAX_NAME = 200  # bytes that are compared
_SHORT = 1024  # bytes
_TEXT = strings()
_NUMBER = rb"[\x80-\xff]{0,9}+[\x00-\x7f]"
# A number or a list of numbers as every writer writes it: the fields in their order, and the type
# that goes with them.
_PLAIN = re.compile(
    rb"\n[\x01-\x7f](?P<name>[\w./:-]{1,127}+)(?:\x15.{4}(?:j" + _TEXT + rb")?\xa0\x01\x01"
    rb"|\x18" + _NUMBER + rb"(?:j" + _TEXT + rb")?\xa0\x01\x02"
    rb"|(?:(?:=.{4})*+|:" + _TEXT + rb")(?:j" + _TEXT + rb")?\xa0\x01\x06"
    rb"|(?:(?:@" + _NUMBER + rb")*+|B" + _TEXT + rb")(?:j" + _TEXT + rb")?\xa0\x01\x07)",
    re.S,
)  # fmt: skip


def plain_name(wire: Wire, place: Field) -> bytes | None:
    """The name of a short attribute that is a number, or numbers, and as it should be.

    None for any other: its fields tell.
    """
    start, end = place.start - wire.base, place.end - wire.base
    if start < 0 or place.end > wire.stop or place.length > _SHORT:
        return None
    found = _PLAIN.fullmatch(wire.data, start, end)
    if found is None or wire.data[start + 1] != len(found["name"]):
        return None
    return found["name"]


def contradiction(kind: int, fields: set[int]) -> str:
    """What does not go together of an attribute's type and the fields that have values, as a
    clause; empty where nothing is known to."""
    if len(fields) > 1:
        return f"has values in the fields {sorted(fields)}"
    name, field = TYPES.get(kind, ("", 0))
    if kind and not name:
        return f"has the type {kind}, which does not exist"
    if kind and fields and field not in fields:
        return f"is of type {name}, and has its value in field {min(fields)}"
    return ""
