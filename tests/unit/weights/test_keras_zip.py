"""Members of Keras archives: which are read here, and which are left to readers of their kind."""

from __future__ import annotations

import io
import zlib

import pytest
from tests.unit.weights import hdf5_build as b

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.weights.keras_zip import inspect_member
from weighbridge.weights.log import Log
from weighbridge.weights.source import Inflated, Source


def plain(data: bytes) -> Source:
    return Source(lambda: io.BytesIO(data), len(data))


def packed(data: bytes) -> Source:
    """As a compressed member comes: to be read once, of unknown length."""
    small = zlib.compress(data)
    return Source(lambda: Inflated(io.BytesIO(small), zlib.decompressobj, zlib.error), -1)


BOTH = pytest.mark.parametrize("form", [plain, packed])


@BOTH
def test_the_configuration(form) -> None:
    log = Log()
    text = b'{"module": "os", "class_name": "system", "config": {}}'
    assert inspect_member("config.json", form(text), log)
    assert [o.name for o in log.freeze("x").operations] == ["os.system"]


@BOTH
def test_weights(form) -> None:
    file = b.Hdf5()
    data = file.end(file.group(b.hard("w", file.dataset()), b.external("evil", "/x")))
    log = Log()
    assert inspect_member("model.weights.h5", form(data), log)
    seen = log.freeze("x")
    assert [o.name for o in seen.operations] == ["/x"]
    assert seen.parameters == 4


@pytest.mark.parametrize("name", ["model.weights.npz", "other/config.json", "x"])
def test_what_is_left_to_other_readers(name) -> None:
    log = Log()
    assert not inspect_member(name, plain(b"PK\x03\x04"), log)
    seen = log.freeze("x")
    assert (seen.operations, seen.issues, seen.gaps) == ((), (), ())


def test_weights_that_are_none() -> None:
    log = Log()
    assert not inspect_member("model.weights.h5", plain(b"not weights" * 20), log)
    assert [issue.code for issue in log.freeze("x").issues] == ["unrecognized"]


@BOTH
@pytest.mark.parametrize(
    ("data", "read"),
    [
        ("word\nWörter\n\n词\n".encode(), True),
        (b"", True),
        (b"x" * 600_000, True),
        (b"a\0b", False),
        (b"\x80\x04N.", False),
        (b"cos\nsystem\n(S'echo inert'\ntR.", False),
        (b"#!/bin/sh\necho inert\n", False),
        (b"  <script>1</script>", False),
        (b"a\xff", False),
        (b"x" * 600_000 + b"\0", False),
    ],
)  # fmt: skip
def test_assets_are_text(form, data, read) -> None:
    log = Log()
    assert inspect_member("assets/layers/words/vocabulary.txt", form(data), log) is read
    assert not log.gaps


def test_metadata() -> None:
    log = Log()
    assert inspect_member("metadata.json", plain(b'{"keras_version": "3.1.0"}'), log)
    assert inspect_member("metadata.json", plain(b"[1]"), log)
    assert [issue.code for issue in log.freeze("x").issues] == ["bad-config"]


@pytest.mark.parametrize("text", [b"", b"{", b"\xff", b"[" * 50_000])
def test_metadata_that_is_no_json(text) -> None:
    with pytest.raises(HostileInput):
        inspect_member("metadata.json", plain(text), Log())


@pytest.mark.parametrize("name", ["metadata.json", "config.json"])
def test_texts_are_bounded(name) -> None:
    with pytest.raises(BoundExceeded):
        inspect_member(name, plain(b" " * 9_000_000), Log())
