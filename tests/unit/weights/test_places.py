"""Findings about damage point at a byte."""

from __future__ import annotations

import struct

import pytest
from tests.unit.weights import craft
from tests.unit.weights.test_false_alarms import inspect

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.weights.places import Damaged, place_of, placed


def test_a_place_in_the_message_is_taken_from_there() -> None:
    assert place_of(HostileInput("a key of 0 bytes at byte 24")) == 24
    assert place_of(HostileInput("4 bytes at offset 7 are not inside the file")) == 7
    assert place_of(HostileInput("the file is damaged")) == -1
    assert place_of(Damaged("the file is damaged", 9)) == 9


def test_a_reader_is_asked_where_it_stood() -> None:
    with pytest.raises(Damaged) as caught, placed(lambda: 5):
        raise HostileInput("the header is no object")
    assert (caught.value.offset, caught.value.message) == (5, "the header is no object")
    with pytest.raises(HostileInput) as named, placed(lambda: 5):
        raise HostileInput("a key of 0 bytes at byte 24")
    assert place_of(named.value) == 24
    with pytest.raises(BoundExceeded), placed(lambda: 5):
        raise BoundExceeded("the header", 3, "keys")


@pytest.mark.parametrize(
    ("name", "data", "offset"),
    [
        ("m.safetensors", struct.pack("<Q", 9000) + b"{}", 0),
        ("m.safetensors", craft.safetensors('{"a":[1,2]}'), 18),
        ("m.npy", b"\x93NUMPY\x01\0\x10\0[1, 2]         \n", 10),
        ("m.gguf", b"GGUF" + struct.pack("<IQQ", 3, 1, 99), 24),
        ("config.json", b'{"a": 1} x', 9),
        ("config.json", b'{"\xc3\xa9": 1} x', 10),
    ],
)
def test_damage_has_an_offset(name: str, data: bytes, offset: int) -> None:
    issues = [issue for issue in inspect(name, data).issues if issue.code == "malformed"]
    assert [issue.offset for issue in issues] == [offset]


def test_a_header_that_is_not_padded_is_no_finding() -> None:
    """The format does not ask for it, and writers other than the library do not pad (MLX)."""
    entry = b'{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}'
    for spaces in range(8):
        header = entry + b" " * spaces
        found = inspect("m.safetensors", struct.pack("<Q", len(header)) + header + b"abcd")
        assert not found.issues
