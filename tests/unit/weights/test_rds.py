# ruff: noqa: E501 - a sample reads best as one line
"""R's serialized values: promises run, functions and formulas only exist."""

from __future__ import annotations

import gzip
import io
import struct
import time

import pytest

from weighbridge.formats.r_data_start import looks_like_rds
from weighbridge.model.artifact import Kind
from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.weights.inspection import Inspection
from weighbridge.weights.log import Log
from weighbridge.weights.rds import inspect
from weighbridge.weights.source import file_source

HEAD = b"X\n" + struct.pack(">iiii", 3, 0x40301, 0x30500, 5) + b"UTF-8"
NIL, GLOBAL, UNBOUND, BASE_NAMESPACE = 254, 253, 252, 250


def ints(*values: int) -> bytes:
    return struct.pack(f">{len(values)}i", *values)


def char(text: bytes) -> bytes:
    return ints(0x40009, len(text)) + text


def symbol(name: bytes) -> bytes:
    return ints(1) + char(name)


def call(name: bytes, argument: bytes = b"echo inert") -> bytes:
    return ints(6) + symbol(name) + ints(2, 16, 1) + char(argument) + ints(NIL)


def promise(value: bytes, code: bytes) -> bytes:
    return ints(5 | 0x400, GLOBAL) + value + code


def environment(frame: bytes) -> bytes:
    return ints(4, 0, GLOBAL) + frame + ints(NIL, NIL)


def looked(data: bytes) -> Inspection:
    log = Log()
    inspect(file_source(io.BytesIO(data), len(data)), log)
    return log.freeze("rds")


def verdicts(body: bytes) -> dict[str, str]:
    return {o.name: o.verdict.value for o in looked(HEAD + body).operations}


UNKEPT = promise(ints(UNBOUND), call(b"system"))


@pytest.mark.parametrize(
    "body",
    [
        UNKEPT,
        ints(19, 2) + UNKEPT + ints(NIL),
        ints(2 | 0x400) + symbol(b"x") + UNKEPT + ints(NIL),
        ints(13 | 0x200, 1, 7) + ints(2 | 0x400) + symbol(b"names") + UNKEPT + ints(NIL),
        environment(ints(NIL))[:-4] + ints(2 | 0x400) + symbol(b"a") + UNKEPT + ints(NIL),
    ],
)
def test_a_promise_that_runs(body: bytes) -> None:
    assert verdicts(body)["R promise"] == "dangerous"


def test_a_workspace_with_a_promise() -> None:
    data = b"RDX3\n" + HEAD + ints(2 | 0x400) + symbol(b"x") + UNKEPT + ints(NIL)
    assert looks_like_rds(data[:64], len(data))
    assert {o.name for o in looked(data).operations} == {"R promise", "system"}


def test_promises_of_arguments_are_what_glm_leaves() -> None:
    kept = promise(ints(14, 1) + b"\0" * 8, call(b"sum"))
    frame = ints(2 | 0x400) + symbol(b"a") + kept + ints(2 | 0x400) + symbol(b"b")
    frame += promise(ints(UNBOUND), call(b"mean")) + ints(NIL)
    assert verdicts(environment(frame)) == {}
    hashed = ints(4, 0, GLOBAL, NIL, 19, 1) + frame + ints(NIL)
    assert verdicts(hashed) == {}


def test_functions_are_no_finding_unless_they_reach_the_system() -> None:
    closure = ints(3 | 0x400, GLOBAL, NIL)
    assert verdicts(closure + call(b"sum")) == {}
    assert verdicts(closure + call(b"system")) == {"system": "unlisted"}
    assert verdicts(closure + call(b"download.file")) == {"download.file": "unlisted"}
    again = ints(19, 2) + symbol(b"system") + ints(6, 0x1FF, NIL)
    assert verdicts(again) == {"system": "unlisted"}


def test_compiled_code() -> None:
    code = ints(13, 2, 12, 7)  # the instructions
    lang = ints(6) + ints(NIL) + symbol(b"system") + ints(NIL)
    body = (
        ints(21, 1)
        + code
        + ints(1)
        + lang[:4]
        + ints(NIL)
        + ints(1)
        + symbol(b"system")
        + ints(NIL, NIL)
    )
    assert verdicts(ints(19, 1) + body) == {"system": "unlisted"}


def test_a_compact_vector_that_maps_a_file() -> None:
    info = ints(2) + symbol(b"mmap_real") + ints(2) + symbol(b"base") + ints(2, 13, 1, 14, NIL)
    assert verdicts(ints(238) + info + ints(NIL, NIL)) == {"mmap_real": "dangerous"}
    info = info.replace(symbol(b"mmap_real"), symbol(b"compact_intseq"))
    assert verdicts(ints(238) + info + ints(14, 0, NIL)) == {}


def test_a_value_that_is_only_a_pointer() -> None:
    assert verdicts(ints(22, NIL, NIL)) == {"R external pointer": "unlisted"}


PLAIN = [
    ints(NIL),
    ints(13, 3, 1, 2, 3),
    ints(14, 1) + b"\0" * 8,
    ints(15, 1) + b"\0" * 16,
    ints(24, 3) + b"abc",
    ints(16, 2) + char(b"a") + ints(9, -1),
    ints(19, 1) + ints(10, 1, 1),
    ints(20, 1) + call(b"f"),
    ints(13, -1, 0, 2, 5, 6),
    ints(19, 1, 22, NIL, NIL),
    ints(25 | 0x200) + ints(2 | 0x400) + symbol(b"x") + ints(NIL, NIL),
    ints(8, 3) + b"sum",
    ints(249, 0, 1) + char(b"stats"),
    ints(2 | 0x600, NIL) + symbol(b"t") + ints(NIL, NIL),
    ints(23),
    ints(19, 2) + symbol(b"x") + ints(0x1FF),
]


@pytest.mark.parametrize("body", PLAIN)
def test_plain_values_in_all_binary_formats(body: bytes) -> None:
    seen = looked(HEAD + body)
    assert (seen.operations, seen.issues, seen.gaps) == ((), (), ())
    two = b"X\n" + ints(2, 0x30603, 0x20300) + body
    assert not looked(two).issues


def test_native_and_ascii() -> None:
    native = b"B\n" + struct.pack("<iiiii", 2, 0x40301, 0x20300, 13, 1) + struct.pack("<i", 7)
    assert looks_like_rds(native, len(native))
    assert not looked(native).issues
    text = b"A\n2\n262913\n131840\n531\n1\n16\n2\n262153\n5\na\\040b\\n\\\\\n9\n-1\n1026\n1\n262153\n5\nnames\n254\n254\n"
    assert looks_like_rds(text, len(text))
    assert not looked(text).issues
    unkept = b"A\n2\n262913\n131840\n1029\n253\n252\n254\n"
    assert [o.name for o in looked(unkept).operations] == ["R promise"]


@pytest.mark.parametrize(
    "body",
    [
        b"", ints(77), ints(13, 5, 1), ints(13, 2**31 - 1), ints(13, -5), ints(19, 2**31 - 1), ints(13, -1, 2**30, 0),
        ints(0x1FF), ints(255, 9), ints(1, 13), ints(16, 1, 13), ints(16, 1, 9, -7), ints(249, 1), ints(249, 0, 99),
        ints(8, -1), ints(21, 1, NIL, 2**31 - 1), ints(238, 13), ints(2, NIL), ints(245),
    ],
)  # fmt: skip
def test_what_r_would_not_write(body: bytes) -> None:
    with pytest.raises(HostileInput):
        looked(HEAD + body)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"X\n", b"Q\n" + HEAD[2:], b"X\n" + ints(9, 0x40301, 0x30500), HEAD[:14] + ints(99),
        b"A\n2\n262913\n131840\nfoo\n", b"A\n3\n1\n1\n5\nUTF", b"A\n2\n1\n1\n9\n9\nabc", b"A\n2\n1\n1\n13\n9\n1\n",
    ],
)  # fmt: skip
def test_heads_that_are_malformed(data: bytes) -> None:
    with pytest.raises(HostileInput):
        looked(data)


def test_what_follows_the_value() -> None:
    assert [i.code for i in looked(HEAD + ints(NIL) + b"x").issues] == ["trailing-data"]


def test_an_old_workspace_is_a_gap() -> None:
    assert looked(b"RDX1\n" + HEAD).gaps


@pytest.mark.parametrize(
    "body",
    [ints(19, 1) * 600_000, ints(2) * 3_000_000, ints(2, NIL) * 1_500_000, ints(16, 3_000_000) + ints(9, 0) * 3_000_000],
)  # fmt: skip
def test_bounds(body: bytes) -> None:
    started = time.process_time()
    with pytest.raises((BoundExceeded, HostileInput)):
        looked(HEAD + body)
    assert time.process_time() - started < 3  # one second and a half where nothing else runs


def test_recognized_strictly() -> None:
    assert looks_like_rds(HEAD + ints(NIL), 27)
    for head in (
        b"X\n",
        b"X\nhello, this is text",
        b"A\nB\nC\n1\n2\n",
        b"RDX3\nB\n" + HEAD[2:],
        b"\x1f\x8b\x08",
    ):
        assert not looks_like_rds(head, 1000), head


def attribute(name: bytes, value: bytes) -> bytes:
    return ints(0x402) + symbol(name) + value


def whole(*values: int) -> bytes:
    return ints(13, len(values), *values)


@pytest.mark.parametrize(
    ("body", "good"),
    [
        (ints(0x20D, 1, 5) + attribute(b"dim", whole(7, 9)) + ints(NIL), False),
        (ints(0x20D, 1, 5) + attribute(b"dim", whole(-1, -1)) + ints(NIL), False),
        (ints(0x20D, 1, 5) + attribute(b"dim", whole(*[1] * 65)) + ints(NIL), False),
        (ints(0x20D, 1, 5) + attribute(b"names", ints(16, 2) + char(b"a") * 2) + ints(NIL), False),
        (ints(0x20D, 1, 5) + attribute(b"x", whole(1)) + attribute(b"dim", whole(2)) + ints(NIL), False),
        (ints(0x213, 1) + whole(1) + attribute(b"names", ints(16, 0)) + ints(NIL), False),
        (ints(0x210, 1) + char(b"a") + attribute(b"dim", whole(3)) + ints(NIL), False),
        (ints(0x20D, 6, *range(6)) + attribute(b"dim", whole(2, 3)) + ints(NIL), True),
        (ints(0x20D, 0) + attribute(b"dim", whole(0, 3)) + ints(NIL), True),
        (ints(0x213, 1) + whole(1) + attribute(b"names", ints(16, 1) + char(b"a")) + ints(NIL), True),
        # two vectors: the second's attribute has a reference to the first's symbol
        (ints(19, 2) + (ints(0x20D, 1, 5) + attribute(b"dim", whole(1)) + ints(NIL)) + ints(0x20D, 1, 5, 0x402, 0x1FF) + whole(1) + ints(NIL), True),
        (ints(19, 2) + (ints(0x20D, 1, 5) + attribute(b"dim", whole(1)) + ints(NIL)) + ints(0x20D, 1, 5, 0x402, 0x1FF) + whole(4) + ints(NIL), False),
    ],
)  # fmt: skip
def test_attributes_fit_their_vector(body: bytes, good: bool) -> None:
    found = {issue.code for issue in looked(HEAD + body).issues}
    assert found == (set() if good else {"size-mismatch"})


def test_deeper_than_r_reads() -> None:
    deep = ints(19, 1) * 150_000 + ints(NIL)
    with pytest.raises(HostileInput, match="deep in each other"):
        looked(HEAD + deep)
    assert not looked(HEAD + ints(19, 1) * 5000 + ints(NIL)).issues


def test_a_class_of_another_package_is_loaded_to_make_a_vector() -> None:
    def compact(name: bytes, package: bytes) -> bytes:
        info = ints(2) + symbol(name) + ints(2) + symbol(package) + ints(2) + whole(13) + ints(NIL)
        return ints(238) + info + whole(1) + ints(NIL)

    assert verdicts(compact(b"evil_class", b"evilpkg")) == {"evil_class": "unlisted"}
    assert verdicts(compact(b"mmap_real", b"simplemmap")) == {"mmap_real": "dangerous"}
    assert verdicts(compact(b"compact_intseq", b"base")) == {}


@pytest.mark.parametrize(
    ("name", "data", "good"),
    [
        ("m.rds", b"RDX3\n" + HEAD + ints(NIL), False),
        ("m.RData", HEAD + ints(NIL), False),
        ("m.rda", HEAD + ints(NIL), False),
        ("m.rds", HEAD + ints(NIL), True),
        ("m.RData", b"RDX3\n" + HEAD + ints(NIL), True),
        ("m.bin", HEAD + ints(NIL), True),
        ("m.rds", b"X\n", False),
        ("m.rds", b"X", False),
        ("m.rds", b"hello", False),
    ],
)
def test_the_name_says_which_of_two_kinds(look, codes, name: str, data: bytes, good: bool) -> None:
    kind = Kind.R_DATA if len(data) > 10 else Kind.TEXT
    found = [codes(look(gzip.compress(data), Kind.GZIP, name))]
    if kind is Kind.R_DATA:
        found.append(codes(look(data, kind, name)))
    assert all(("kind-contradicts-name" in one) is not good for one in found)
