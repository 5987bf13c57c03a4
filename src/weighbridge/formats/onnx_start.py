"""Whether bytes are an ONNX ``ModelProto``. Protobuf has no magic number, so structure must tell.

Source: ``onnx.proto`` (ModelProto) and the protobuf wire format.
"""

from __future__ import annotations

from weighbridge.formats.zip_names import Bytes

_VARINT, _BYTES = 0, 2
_FIELDS = {
    1: _VARINT,  # ir_version
    2: _BYTES,  # producer_name
    3: _BYTES,  # producer_version
    4: _BYTES,  # domain
    5: _VARINT,  # model_version
    6: _BYTES,  # doc_string
    7: _BYTES,  # graph
    8: _BYTES,  # opset_import
    14: _BYTES,  # metadata_props
    20: _BYTES,  # training_info
    25: _BYTES,  # functions
    26: _BYTES,  # configuration
}
_MAX_IR_VERSION = 1000
_MAX_FIELDS = 2000


def looks_like_onnx(file: Bytes) -> bool:
    """Whether every top-level field to the end is one of a ModelProto, with version and graph."""
    seen: set[int] = set()
    at = 0
    for _ in range(_MAX_FIELDS):
        if at == file.size:
            return {1, 7} <= seen
        tag, at = _varint(file, at)
        number, wire = tag >> 3, tag & 7
        if _FIELDS.get(number) != wire:
            return False
        value, at = _varint(file, at)
        if value < 0 or (number == 1 and value > _MAX_IR_VERSION):
            return False
        if wire == _BYTES:
            at += value
        if at > file.size:
            return False
        seen.add(number)
    return {1, 7} <= seen


def _varint(file: Bytes, at: int) -> tuple[int, int]:
    """The number and where it ends; -1 where there is none."""
    value = 0
    for index, byte in enumerate(file.at(at, 10)):
        value |= (byte & 0x7F) << (7 * index)
        if not byte & 0x80:
            return value, at + index + 1
    return -1, at


def looks_like_ort(head: bytes, size: int) -> bool:
    """Whether bytes are ONNX Runtime's own format: a FlatBuffer with the identifier ``ORTM``."""
    root = int.from_bytes(head[:4], "little")
    return head[4:8] == b"ORTM" and 8 <= root < size and root % 4 == 0
