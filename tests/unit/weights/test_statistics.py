# ruff: noqa: E501 - a sample reads best as one line of bytes
"""Numbers worth a look, against NumPy's answers; and what is not read is said."""

from __future__ import annotations

import hashlib
import io
import struct

import numpy as np
import pytest

from weighbridge.weights.extents import TensorExtent
from weighbridge.weights.source import file_source
from weighbridge.weights.statistics import (
    METHODS,
    SAMPLE,
    TensorNumbers,
    entropy,
    numbers,
    remarks,
    starts_like,
)

RANDOM = np.random.default_rng(7)


def look(*arrays: tuple[str, bytes], feed=None) -> tuple[TensorNumbers, ...]:
    data, places = b"HEAD", []
    for number, (dtype, raw) in enumerate(arrays):
        places.append(TensorExtent(f"t{number}", dtype, (len(raw),), len(data), len(raw)))
        data += raw + b"gap"
    return numbers(file_source(io.BytesIO(data), len(data)), places, feed)


def special(code: str, count: int, share: float) -> np.ndarray:
    values = RANDOM.normal(size=count).astype(code)
    chosen = RANDOM.random(count) < share
    values[chosen] = RANDOM.choice([np.nan, np.inf, -np.inf], size=int(chosen.sum()))
    return values


@pytest.mark.parametrize("share", [0, 0.00001, 0.3, 1])
@pytest.mark.parametrize(
    ("code", "dtype"),
    [("<f2", "F16"), ("<f4", "F32"), ("<f8", "F64"), (">f2", ">F16"), (">f4", ">F32"),
     (">f8", ">F64")],
)  # fmt: skip
def test_nan_and_infinity_are_counted_as_numpy_counts_them(code, dtype, share) -> None:
    values = special(code, 400_000, share)
    (one,) = look((dtype, values.tobytes()))
    assert one.nan == np.isnan(values).sum()
    assert one.infinite == np.isinf(values).sum()


def test_every_half_and_every_bfloat16() -> None:
    raw = np.arange(65_536, dtype="<u2")
    half = raw.view("<f2")
    wide = (raw.astype("<u4") << 16).view("<f4")
    for dtype, values in (("F16", half), ("BF16", wide)):
        (one,) = look((dtype, raw.tobytes()))
        assert (one.nan, one.infinite) == (np.isnan(values).sum(), np.isinf(values).sum())


def test_doubles_near_the_edge() -> None:
    edge = struct.pack(
        "<6Q", 0x7FF0 << 48, 0xFFF0 << 48, (0x7FF0 << 48) + 1, 0x7FEF << 48, 0x7FF8 << 48, 1 << 63
    )
    (one,) = look(("F64", edge))
    assert (one.nan, one.infinite) == (2, 2)


EIGHT = {"F8_E5M2": (6, 2), "F8_E4M3": (2, 0), "F8_E4M3FNUZ": (1, 0), "F8_E5M2FNUZ": (1, 0),
         "F8_E8M0": (1, 0)}  # fmt: skip


@pytest.mark.parametrize("dtype", EIGHT)
def test_eight_bits_have_the_special_values_of_their_specification(dtype: str) -> None:
    (one,) = look((dtype, bytes(range(256))))
    assert (one.nan, one.infinite) == EIGHT[dtype]


def test_integers_and_blocks_have_none() -> None:
    for dtype in ("I32", "U8", "Q4_K", "|V7"):
        (one,) = look((dtype, b"\xff" * 144))
        assert (one.nan, one.infinite) == (-1, -1)


def test_zero_constant_and_nearly_so() -> None:
    many = 3 * 2**20
    zero, ones = bytes(many), np.ones(many // 4, "<f4").tobytes()
    found = look(("F32", zero), ("F32", ones), ("F32", zero[:-1] + b"\1"), ("F32", ones[4:] + zero[:4]),
                 ("F32", bytes(4)), ("F32", b""))  # fmt: skip
    assert [one.zero for one in found] == [True, False, False, False, True, False]
    assert [one.constant for one in found] == [True, True, False, False, False, False]


def test_duplicates_are_named_after_the_first() -> None:
    a, b = RANDOM.bytes(2**21), RANDOM.bytes(2**21)
    late = a[:-1] + bytes([a[-1] ^ 1])  # the same at its start
    found = look(("F32", a), ("F32", b), ("F32", a), ("I32", a), ("F32", late), ("F32", bytes(64)),
                 ("F32", bytes(64)))  # fmt: skip
    assert [one.same_as for one in found] == ["", "", "t0", "", "", "", ""]


def test_what_was_upcast_has_zeros_in_its_low_bits() -> None:
    full = RANDOM.normal(size=300_000).astype("<f4")
    brain = (full.view("<u4") & 0xFFFF0000).view("<f4")
    half = full.astype("<f2").astype("<f4")
    mixed = brain.copy()
    mixed[1000:1100] = full[1000:1100]
    found = look(*(("F32", v.tobytes()) for v in (full, brain, half, mixed)))
    assert [(one.narrow, one.wide > 0) for one in found] == [
        ("", False), ("BF16", False), ("F16", False), ("BF16", True),
    ]  # fmt: skip
    assert 90 <= found[3].wide <= 100


def test_entropy_is_shannons() -> None:
    assert entropy(bytes(1000)) == 0
    assert entropy(bytes(range(256)) * 10) == 800
    assert entropy(b"ab" * 50) == 100
    weights = RANDOM.normal(size=100_000)
    found = look(("F32", weights.astype("<f4").tobytes()), ("F32", RANDOM.bytes(SAMPLE)),
                 ("F32", bytes(SAMPLE - 4)))  # fmt: skip
    assert found[0].entropy < 790
    assert found[1].entropy > 797
    assert found[2].entropy == -1


MARKS = {
    "an ELF program": b"\x7fELF\x02\x01\x01\0",
    "a Windows program": b"MZ" + bytes(70) + b"PE\0\0",
    "a zip archive": b"PK\x03\x04\x14\0",
    "a gzip stream": b"\x1f\x8b\x08\0" + bytes(4) + b"\x00\x03",
    "a script": b"#!/bin/sh\n",
    "a pickle": b"\x80\x04\x95\x10" + bytes(7),
    "": b"MZ" + bytes(5000),
}


@pytest.mark.parametrize("mark", MARKS)
def test_marks_at_the_start(mark: str) -> None:
    assert starts_like(MARKS[mark]) == mark


def test_the_whole_file_is_fed_in_order() -> None:
    whole: list[bytes] = []
    raw = RANDOM.bytes(2**20 + 12)
    plain = look(("F32", raw), ("I8", b"abc"))
    assert look(("F32", raw), ("I8", b"abc"), feed=whole.append) == plain
    assert b"".join(whole) == b"HEAD" + raw + b"gap" + b"abc" + b"gap"
    assert hashlib.sha256(b"".join(whole)).digest()


def test_what_overlaps_or_lies_outside_is_not_read() -> None:
    data = bytes(100)
    places = [
        TensorExtent("a", "U8", (50,), 0, 50), TensorExtent("b", "U8", (50,), 40, 50),
        TensorExtent("c", "U8", (50,), 60, 50), TensorExtent("d", "F32", (1,), 50, 3),
    ]  # fmt: skip
    found = numbers(file_source(io.BytesIO(data), 100), places)
    assert [(one.name, bool(one.unread)) for one in found] == [
        ("a", False), ("b", True), ("d", True), ("c", True),
    ]  # fmt: skip
    assert numbers(file_source(io.BytesIO(data), 100), places[::-1]) == found


def test_remarks_say_what_and_nothing_of_ordinary_weights() -> None:
    full = RANDOM.normal(size=20_000).astype("<f4")
    brain = (full.view("<u4") & 0xFFFF0000).tobytes()
    plain = [("F32", np.roll(full, n).tobytes()) for n in range(12)]
    assert remarks(look(*plain, ("BF16", (full.view("<u4") >> 16).astype("<u2").tobytes()))) == ()
    odd = look(*[("F32", brain[4 * n :] + brain[: 4 * n]) for n in range(11)], plain[0])
    assert [(r.tensor, r.kind) for r in remarks(odd)] == [("t11", "narrow")]
    nan = np.array([np.nan, np.inf, 1, 2], "<f4").tobytes()
    found = look(("F32", nan), ("F32", bytes(64)), ("F16", b"\0<" * 9), ("F32", RANDOM.bytes(SAMPLE)),
                 ("U8", b"\x7fELF\x02\x01\x01" + bytes(99)), plain[0], plain[0])  # fmt: skip
    assert [(r.tensor, r.kind) for r in remarks(found)] == [
        ("t0", "nan"), ("t0", "infinite"), ("t1", "zero"), ("t2", "constant"), ("t3", "nan"), ("t3", "entropy"),
        ("t4", "starts_like"), ("t6", "same_as"),
    ]  # fmt: skip
    assert {r.kind for r in remarks(found)} <= set(METHODS)
