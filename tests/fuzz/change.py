"""How fuzzing changes an input, beside what the engine does: with the shapes of file formats."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

_NUMBERS = (
    0, 1, 2, 0x7F, 0x80, 0xFF, 0xFFFF, 2**24 - 1, 2**31 - 1, 2**31, 2**32 - 1, 2**53, 2**62,
    2**63 - 1, 2**63, 2**64 - 1,
)  # fmt: skip
_BLOCK = 512  # of a tar archive


def changed(
    name: str,
    data: bytes,
    most: int,
    seed: int,
    samples: Sequence[bytes],
    engine: Callable[[bytes, int], bytes],
) -> bytes:
    """One step from an input to the next, at most ``most`` bytes. The same ``seed``, the same step.

    Half of all steps are the engine's own, which knows what the reader compared its bytes with.
    """
    rng = random.Random(seed)
    raw = bytearray(data)
    at = rng.randrange(len(raw) + 1)
    match rng.randrange(10):
        case 0:  # a number, in either order
            width = rng.choice((1, 2, 4, 8))
            number = rng.choice((*_NUMBERS, len(raw), len(raw) + 1, at)) & (1 << 8 * width) - 1
            raw[at : at + width] = number.to_bytes(width, rng.choice(("little", "big")))
        case 1:  # a piece of another file
            other = rng.choice(samples)
            start = rng.randrange(len(other) + 1)
            piece = other[start : start + rng.choice((4, 16, 64, 1024))]
            raw[at : at + rng.choice((0, len(piece)))] = piece
        case 2:  # the same again, and again: what costs more than its length shows
            piece = bytes(raw[at : at + rng.choice((1, 2, 5, 9, 24, 60, 200, 1000))])
            raw[at:at] = piece * rng.choice((1, 2, 30, 1000, 10_000))
        case 3:
            del raw[at : at + rng.choice((1, 2, 4, 8, 32, len(raw)))]
        case 4:
            raw[at:at] = rng.choice((b"\0", b"\xff", b"[", b"{", b"(", b"<", b'"')) * rng.choice(
                (1, 4, 8, 500)
            )
        case _:
            raw = bytearray(engine(data, most))
    del raw[most:]
    if name == "tar":
        _sum_tar(raw)
    return bytes(raw)


def _sum_tar(raw: bytearray) -> None:
    """Right checksums: without one a header is refused, and nothing behind it is read."""
    at = 0
    while at + _BLOCK <= len(raw) and raw[at]:
        head = raw[at : at + _BLOCK]
        raw[at + 148 : at + 156] = b"%06o\0 " % (sum(head) - sum(head[148:156]) + 8 * 32)
        size = head[124:135].strip(b" \0")
        length = int(size, 8) if size and not size.strip(b"01234567") else 0
        at += _BLOCK + -(-length // _BLOCK) * _BLOCK
