# ruff: noqa: E501 - a sample reads best as one line of bytes
"""Pickles inside pickles, behind damage, before and behind other data; and what bounds the search."""

from __future__ import annotations

import base64
import bz2
import gzip
import lzma
import zlib

import pytest
from tests.unit.weights import craft as c

from weighbridge.weights.inspection import Verdict

P2, P4 = b"\x80\x02", b"\x80\x04"
RUN = c.call(c.imp("os", "system"), c.text(c.ECHO))
INNER = P2 + RUN + b"."
TEXT = b"cos\nsystem\n(S'echo inert'\ntR."

HOLDERS = {
    "bytes": P4 + c.blob(INNER) + b".",
    "bytes-of-protocol-0": P4 + c.blob(TEXT) + b".",
    "text-of-protocol-0": P4 + c.text(TEXT.decode()) + b".",
    "short-text-of-protocol-0": P4 + c.short(TEXT.decode()) + b".",
    "python-2-string": b"T" + len(INNER).to_bytes(4, "little") + INNER + b".",
    "bytes-in-protocol-2": P2 + c.call(
        c.imp("_codecs", "encode"), c.text(INNER.decode("latin-1")), c.text("latin1")) + b".",
    "zlib": P4 + c.blob(zlib.compress(INNER)) + b".",
    "gzip": P4 + c.blob(gzip.compress(INNER)) + b".",
    "bz2": P4 + c.blob(bz2.compress(INNER)) + b".",
    "xz": P4 + c.blob(lzma.compress(INNER)) + b".",
    "lzma": P4 + c.blob(lzma.compress(INNER, format=lzma.FORMAT_ALONE)) + b".",
    "base64-bytes": P4 + c.blob(base64.b64encode(INNER)) + b".",
    "base64-text": P4 + c.text(base64.b64encode(INNER).decode()) + b".",
    "base64-of-protocol-0": P4 + c.text(base64.b64encode(TEXT).decode()) + b".",
    "base64-url": P4 + c.text(base64.urlsafe_b64encode(INNER).decode()) + b".",
    "torch-archive": P4 + c.blob(c.torch_zip(INNER).end()) + b".",
    "torch-legacy": P4 + c.blob(c.torch_legacy(INNER)) + b".",
    "second-of-two-in-bytes": P4 + c.blob(P2 + b"N." + INNER) + b".",
    "twice": P4 + c.blob(P4 + c.blob(INNER) + b".") + b".",
    "behind-the-last-pickle": b"N.\xff\xff\xff" + INNER,
    "behind-damage": P2 + b"(N\xff" + INNER,
    "behind-damage-protocol-0": P2 + b"\xff" + TEXT,
    "behind-damage-stack-global": P4 + b"\xff\xff" + c.stack_imp("os", "system") + c.short("x") + b"\x85R.",
    "behind-an-underflow": P2 + b"R" + b"NNN" + INNER,
    "behind-a-hundred-decoys": b"N.\xff" + (P2 + b"N0") * 100 + b"\xff" + INNER,
    "second-of-two-pickles": b"N." + INNER,
    "tenth-of-ten-pickles": b"N." * 9 + INNER,
    "behind-a-damaged-second": b"N." + P2 + b"(t\xff" + INNER,
}  # fmt: skip


@pytest.mark.parametrize("data", HOLDERS.values(), ids=HOLDERS)
def test_a_pickle_somewhere_else_is_found(look, data: bytes) -> None:
    seen = look(data)
    assert ("os.system", Verdict.DANGEROUS) in {(o.name, o.verdict) for o in seen.operations}, seen


def test_packed_strings_are_not_unpacked_without_end(look) -> None:
    bomb = zlib.compress(P2 + b"N0" * 2_000_000)
    seen = look(P4 + (c.blob(bomb) + b"0") * 30 + b"N.")
    assert not seen.complete
    assert any("packed strings" in gap for gap in seen.gaps)


def test_too_many_places_that_look_like_pickles_are_a_gap(look) -> None:
    seen = look(b"N.\xff" + (P2 + b"N\xff") * 3000)
    assert any("look like pickles" in gap for gap in seen.gaps)


def test_data_that_only_looks_packed_leaves_no_trace(look) -> None:
    for data in (b"\x78\x9c" + bytes(40), b"BZh91" + bytes(40), b"gAAAAABhello" * 9, b"PK\x03\x04" + bytes(9),
                 zlib.compress(b"plain text " * 50), base64.b64encode(bytes(300))):  # fmt: skip
        seen = look(P4 + c.blob(data) + b".")
        assert (seen.operations, seen.issues, seen.gaps) == ((), (), ())


def test_many_distinct_names_and_computed_calls_reach_a_bound(look) -> None:
    names = b"".join(b"cm\nn%d\n0" % number for number in range(20_100))
    assert any("imported names" in gap for gap in look(P2 + names + b"N.").gaps)
    calls = P2 + c.imp("collections", "OrderedDict") + b")R" + b")R" * 100_100 + b"."
    assert any("calls of what it does not name" in gap for gap in look(calls).gaps)


@pytest.mark.parametrize("opcode", [b"]", b"("])
def test_a_stack_of_open_containers_reaches_a_bound(look, opcode: bytes) -> None:
    seen = look(opcode * 1_000_000 + b".")
    assert any("the pickle's stack" in gap for gap in seen.gaps)
