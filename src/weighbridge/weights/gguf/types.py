"""ggml's tensor types, and the value types of GGUF's keys."""

from __future__ import annotations

# Value type -> bytes (docs/gguf.md, gguf_metadata_value_type).
WIDTHS = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
U16, U32, I32, BOOL, STRING, ARRAY = 2, 4, 5, 7, 8, 9
SIGNED = frozenset({1, 3, 5, 11})
FLOATS = frozenset({6, 12})

# Tensor type -> (name, elements of a block, bytes of a block): ggml.h and ggml-common.h.
TYPES: dict[int, tuple[str, int, int]] = {
    0: ("F32", 1, 4), 1: ("F16", 1, 2), 2: ("Q4_0", 32, 18), 3: ("Q4_1", 32, 20),
    6: ("Q5_0", 32, 22), 7: ("Q5_1", 32, 24), 8: ("Q8_0", 32, 34), 9: ("Q8_1", 32, 36),
    10: ("Q2_K", 256, 84), 11: ("Q3_K", 256, 110), 12: ("Q4_K", 256, 144), 13: ("Q5_K", 256, 176),
    14: ("Q6_K", 256, 210), 15: ("Q8_K", 256, 292), 16: ("IQ2_XXS", 256, 66),
    17: ("IQ2_XS", 256, 74), 18: ("IQ3_XXS", 256, 98), 19: ("IQ1_S", 256, 50),
    20: ("IQ4_NL", 32, 18), 21: ("IQ3_S", 256, 110), 22: ("IQ2_S", 256, 82),
    23: ("IQ4_XS", 256, 136), 24: ("I8", 1, 1), 25: ("I16", 1, 2), 26: ("I32", 1, 4),
    27: ("I64", 1, 8), 28: ("F64", 1, 8), 29: ("IQ1_M", 256, 56), 30: ("BF16", 1, 2),
    34: ("TQ1_0", 256, 54), 35: ("TQ2_0", 256, 66), 39: ("MXFP4", 32, 17), 40: ("NVFP4", 64, 36),
    41: ("Q1_0", 128, 18), 42: ("Q2_0", 64, 18),
}  # fmt: skip

# Other sizes in use: Q8_1 in older ggml and in gguf-py, and Q2_0, which was 128 elements wide in
# PrismML's fork before ggml took the type (ggml-org/llama.cpp#24448). (elements, bytes).
FORKED: dict[int, tuple[int, int]] = {9: (32, 40), 42: (128, 34)}

# Numbers that ggml has given up since there is GGUF (Q4_0_4_4 and its like; Q4_2 and Q4_3, 4 and 5,
# are older), and those of ik_llama.cpp
# (133 to 158, 202 to 399, I2_S = 36) and PrismML (142, 143): files with them are in use, and what
# they hold is not known here.
ELSEWHERE = frozenset(
    {31, 32, 33, 36, 37, 38, *range(133, 159), *range(202, 234), *range(335, 400)}
)


def extent(kind: int, count: int, forked: bool = False) -> int:
    """Bytes of ``count`` elements, -1 where the type is not known."""
    if kind not in TYPES:
        return -1
    _, block, width = TYPES[kind]
    if forked:
        block, width = FORKED.get(kind, (block, width))
    return -(-count // block) * width
