"""Whether bytes are PaddlePaddle's parameters: a stream of tensors."""

from __future__ import annotations

MAX_DESCRIPTION = 4096  # bytes

# VarType.Type: number -> (name, bytes of an element; 0 where it is no number).
DTYPES = {
    0: ("BOOL", 1), 1: ("INT16", 2), 2: ("INT32", 4), 3: ("INT64", 8), 4: ("FP16", 2),
    5: ("FP32", 4), 6: ("FP64", 8), 19: ("SIZE_T", 8), 20: ("UINT8", 1), 21: ("INT8", 1),
    22: ("BF16", 2), 23: ("COMPLEX64", 8), 24: ("COMPLEX128", 16), 29: ("PSTRING", 0),
    32: ("FP8_E4M3FN", 1), 33: ("FP8_E5M2", 1), 36: ("UINT16", 2), 37: ("UINT32", 4),
    38: ("UINT64", 8),
}  # fmt: skip


def looks_like_parameters(head: bytes, size: int) -> bool:
    """Whether bytes are a stream of tensors: versions 0, no level of detail, and a description.

    ``head`` are the first bytes, 4 KiB are enough. A stream whose first tensor has levels of detail
    is not recognized: parameters have none.
    """
    if len(head) < 22 or any(head[:16]):
        return False
    length = int.from_bytes(head[16:20], "little")
    raw = head[20 : 20 + length]
    if not 2 <= length <= MAX_DESCRIPTION or len(raw) < length or raw[0] != 0x08:
        return False
    label, width = DTYPES.get(raw[1], ("", 0))
    count, side, shift = width, 0, 0
    expect_tag = True
    for byte in raw[2:]:
        if expect_tag:
            if byte != 0x10:
                return False
            expect_tag = False
            continue
        side |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            count *= side
            side, shift, expect_tag = 0, 0, True
    return bool(label) and expect_tag and 20 + length + count <= size
