"""Content that no reader knows, under a name that promises a format."""

from __future__ import annotations

import gzip

import pytest
from tests.unit.weights.looking import codes
from tests.unit.weights.test_false_alarms import inspect


@pytest.mark.parametrize("name", ["model.rds", "model.RDA", "data/model.RData"])
def test_compressed_content_that_is_no_data_of_r(name: str) -> None:
    for content in (b"X\n\0\0\0\0", b"\x01\x02\x03\xff" * 50):
        assert codes(inspect(name, gzip.compress(content))) == {"kind-contradicts-name"}


def test_the_same_content_under_a_name_that_promises_nothing_is_a_gap() -> None:
    found = inspect("model.gz", gzip.compress(b"\x01\x02\x03\xff" * 50))
    assert (codes(found), bool(found.gaps)) == (set(), True)


def test_what_is_no_msgpack_under_that_name() -> None:
    for content in (b"\xdf\xff\xff\xff\xff\xa1a", b"\xc1\xc1\xff\0\x81", b"\x82\xa1a"):
        assert codes(inspect("params.msgpack", content)) == {"malformed"}
