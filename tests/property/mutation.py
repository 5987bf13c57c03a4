"""Changing a valid file at a few places, as hypothesis decides."""

from __future__ import annotations

from hypothesis import strategies as st

_WORDS = [b"\xff" * 8, b"\0" * 8, b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff"]


def mutated(data: st.DataObject, seed: bytes) -> bytes:
    """The file with one to four changes: a byte, a number, bytes taken out, doubled or put in."""
    raw = bytearray(seed)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, max(len(raw) - 1, 0)))
        change = data.draw(st.integers(0, 4))
        if change == 0 and raw:
            raw[at] = data.draw(st.integers(0, 255))
        elif change == 1:
            word = data.draw(st.sampled_from(_WORDS))
            raw[at : at + len(word)] = word
        elif change == 2:
            del raw[at : at + data.draw(st.integers(1, 40))]
        elif change == 3:
            stop = data.draw(st.integers(at, len(raw)))
            raw[at:at] = raw[at:stop] * data.draw(st.integers(1, 3))
        else:
            raw[at:at] = data.draw(st.binary(max_size=20))
    return bytes(raw)
