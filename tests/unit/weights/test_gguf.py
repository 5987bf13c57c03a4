# ruff: noqa: E501 - a sample reads best as one line of bytes
"""GGUF beyond its plain defects: byte orders, types, padding, parts, vocabularies and bounds."""

from __future__ import annotations

import struct
import time
from pathlib import Path

import gguf as library
import numpy as np
import pytest

from weighbridge.model.artifact import Kind
from weighbridge.weights.gguf import header as header_module
from weighbridge.weights.gguf import types
from weighbridge.weights.gguf.layout import MAX_PLACES


def _u32(c, name: str, value: int) -> bytes:
    return c.gguf_key(name, 4, struct.pack("<I", value))


def _aligned(c, value: int) -> bytes:
    return _u32(c, "general.alignment", value)


def one(c, kind: int, elements: int, body: bytes, keys: bytes = b"", count: int = 0) -> bytes:
    tensor = c.gguf_tensor("t", (elements,), kind)
    return c.gguf(keys=keys, key_count=count, tensors=tensor, tensor_count=1, body=body)


DEFECTS = {
    "alignment-24": (lambda c: one(c, 0, 8, bytes(32), _aligned(c, 24), 1), "bad-alignment"),
    "alignment-4": (lambda c: one(c, 0, 8, bytes(32), _aligned(c, 4), 1), "bad-alignment"),
    "alignment-huge": (lambda c: one(c, 0, 8, bytes(32), _aligned(c, 2**31), 1), "bad-alignment"),
    "padding": (lambda c: one(c, 0, 7, bytes(28) + b"evil"), "hidden-data"),
    "padding-between": (
        lambda c: c.gguf(tensors=c.gguf_tensor("t", (7,)) + c.gguf_tensor("u", (8,), 0, 32), tensor_count=2,
                         body=bytes(28) + b"evil" + bytes(32)), "hidden-data"),
    "bool-array": (
        lambda c: c.gguf(keys=c.gguf_key("k", 9, struct.pack("<IQ", 7, 3) + b"\0\1\2"), key_count=1), "bad-value"),
    "bool-array-huge": (
        lambda c: c.gguf(keys=c.gguf_key("k", 9, struct.pack("<IQ", 7, 2**63)), key_count=1), "malformed"),
    "string-in-array": (
        lambda c: c.gguf(keys=c.gguf_key("k", 9, struct.pack("<IQQ", 8, 2, 2**63) + b"abcdefgh"), key_count=1), "malformed"),
    "control-in-name": (
        lambda c: c.gguf(tensors=c.gguf_tensor("t\0u", (8,)), tensor_count=1, body=bytes(32)), "odd-name"),
    "name-not-utf8": (
        lambda c: c.gguf(tensors=c.gguf_tensor("t", (8,)).replace(b"t", b"\xff", 1), tensor_count=1, body=bytes(32)), "odd-name"),
    "key-too-long": (lambda c: c.gguf(keys=_u32(c, "k" * 65_536, 1), key_count=1), "malformed"),
    "wraps-to-small": (  # CVE-2026-33298: 2^63 elements of two bytes
        lambda c: c.gguf(tensors=c.gguf_tensor("t", (2**31, 2**32), 1), tensor_count=1, body=bytes(32)), "bad-shape"),
    "negative-side": (lambda c: one(c, 24, 2**63 + 8, bytes(32)), "bad-shape"),
    "sum-overflows": (  # CVE-2025-53630, CVE-2026-27940: each fits, their sum does not
        lambda c: c.gguf(tensors=c.gguf_tensor("t", (2**50,), 24, 0) + c.gguf_tensor("u", (2**50,), 24, 2**50),
                         tensor_count=2, body=bytes(64)), "range-outside"),
    "offset-wraps": (
        lambda c: c.gguf(tensors=c.gguf_tensor("t", (8,), 0, 2**64 - 32), tensor_count=1, body=bytes(32)), "range-outside"),
    "behind-the-end": (  # CVE-2026-7482
        lambda c: one(c, 0, 4096, bytes(64)), "range-outside"),
    "unknown-reaches-out": (
        lambda c: c.gguf(tensors=c.gguf_tensor("t", (8,), 139, 2**40), tensor_count=1, body=bytes(32)), "range-outside"),
    "part-5-of-3": (
        lambda c: one(c, 0, 8, bytes(32), c.gguf_key("split.no", 2, b"\5\0") + c.gguf_key("split.count", 2, b"\3\0"), 2), "bad-value"),
    "more-than-all": (
        lambda c: one(c, 0, 8, bytes(32), c.gguf_key("split.tensors.count", 5, bytes(4)), 1), "bad-value"),
    "split-text": (
        lambda c: one(c, 0, 8, bytes(32), c.gguf_key("split.count", 8, c.gguf_string("3")), 1), "bad-value"),
    "no-tensors-but-data": (
        lambda c: c.gguf(keys=_u32(c, "k", 1), key_count=1, body=b"\x7fELF" + bytes(60)), "trailing-data"),
    "payload-in-a-key": (
        lambda c: c.gguf(keys=c.gguf_key("general.description", 8, c.gguf_string("cos\nsystem\n(S'echo inert'\ntR.")), key_count=1), "hidden-payload"),
    "nothing": (lambda c: c.gguf(), "malformed"),
    "version-65536": (lambda c: b"GGUF" + struct.pack("<IQQ", 65536 * 3, 0, 1) + bytes(64), "malformed"),
}  # fmt: skip


@pytest.mark.parametrize(("make", "code"), DEFECTS.values(), ids=DEFECTS)
def test_a_defect(look, craft, codes, make, code) -> None:
    assert code in codes(look(make(craft), Kind.GGUF, "m.gguf"))


def test_a_template_of_any_name_is_judged(look, craft) -> None:
    for name in ("tokenizer.chat_template", "tokenizer.chat_template.tool_use"):
        key = craft.gguf_key(
            name, 8, craft.gguf_string("{{ ''.__class__.__mro__[1].__subclasses__() }}")
        )
        seen = look(craft.gguf(keys=key, key_count=1), Kind.GGUF, "m.gguf")
        assert "dangerous" in {o.verdict.value for o in seen.operations}
        assert seen.operations[0].offset >= 24
    listed = craft.gguf_key(
        "tokenizer.chat_template", 9, struct.pack("<IQ", 8, 1) + craft.gguf_string("{{ ''.__class__ }}")
    )  # fmt: skip
    assert look(craft.gguf(keys=listed, key_count=1), Kind.GGUF, "m.gguf").operations


def test_other_keys_are_no_templates(look, craft) -> None:
    key = craft.gguf_key("general.description", 8, craft.gguf_string("{{ ''.__class__.__mro__ }}"))
    assert look(craft.gguf(keys=key, key_count=1), Kind.GGUF, "m.gguf").operations == ()


def test_the_sizes_are_those_of_the_library() -> None:
    """gguf-py still has Q8_1 as it was before ggml halved its two scales."""
    for kind, (block, width) in library.GGML_QUANT_SIZES.items():
        name, *size = types.TYPES[kind]
        assert name == kind.name
        assert (block, width) in (tuple(size), types.FORKED.get(kind))


@pytest.mark.parametrize("kind", [31, 36, 139, 142, 337])
def test_a_type_of_another_build_is_a_gap_and_no_issue(look, craft, kind: int) -> None:
    seen = look(one(craft, kind, 256, bytes(128)), Kind.GGUF, "m.gguf")
    assert seen.issues == ()
    assert f"tensor type {kind}" in seen.incomplete_reason


def test_q2_0_in_both_sizes(look, craft) -> None:
    assert look(one(craft, 42, 128, bytes(36)), Kind.GGUF, "m.gguf").gaps == ()
    seen = look(one(craft, 42, 1280, bytes(340)), Kind.GGUF, "m.gguf")
    assert seen.issues == ()
    assert "another build" in seen.incomplete_reason


def _written(path: Path, *, big: bool = False, align: int = 0) -> bytes:
    order = library.GGUFEndian.BIG if big else library.GGUFEndian.LITTLE
    writer = library.GGUFWriter(str(path), "llama", endianess=order)
    if align:
        writer.add_custom_alignment(align)
    writer.add_block_count(2)
    writer.add_rope_freq_base(10_000.0)
    writer.add_token_list([f"<{i}>" for i in range(3000)])
    writer.add_token_scores([0.5] * 3000)
    writer.add_array("k.flags", [True, False, True])
    writer.add_bool("k.flag", True)
    writer.add_chat_template([
        {"name": "default", "template": "{{ messages[0].content }}"},
        {"name": "tool_use", "template": "{% for m in messages %}{{ m.content }}{% endfor %}"},
    ])  # fmt: skip
    writer.add_tensor("a", np.arange(21, dtype="f4").reshape(3, 7))
    writer.add_tensor("b", np.arange(5, dtype="i1"))
    writer.add_tensor("c", np.ones((), "f8"))
    rows = library.quants.quantize(np.ones((4, 256), "f4"), library.GGMLQuantizationType.Q8_0)
    writer.add_tensor("d", rows, raw_dtype=library.GGMLQuantizationType.Q8_0)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path.read_bytes()


@pytest.mark.parametrize(("big", "align"), [(False, 0), (True, 0), (False, 4096), (False, 8)])
def test_what_the_library_writes_is_clean(look, tmp_path: Path, big, align) -> None:
    seen = look(_written(tmp_path / "m.gguf", big=big, align=align), Kind.GGUF, "m.gguf")
    assert (seen.issues, seen.gaps, seen.operations) == ((), (), ())
    assert (seen.tensors, seen.parameters) == (4, 21 + 5 + 1 + 1024)
    assert seen.dtypes == ("F32", "F64", "I8", "Q8_0")


def test_version_2_and_a_file_without_its_last_padding_are_clean(look, craft) -> None:
    tensor = craft.gguf_tensor("t", (7,))
    data = craft.gguf(version=2, tensors=tensor, tensor_count=1, body=bytes(28))
    assert look(data, Kind.GGUF, "m.gguf").issues == ()
    assert look(data + bytes(4), Kind.GGUF, "m.gguf").issues == ()


def test_a_vocabulary_is_walked_fast(look, craft) -> None:
    tokens = b"".join(craft.gguf_string(f"token{i}") for i in range(256_000))
    keys = craft.gguf_key("tokenizer.ggml.tokens", 9, struct.pack("<IQ", 8, 256_000) + tokens)
    keys += craft.gguf_key(
        "tokenizer.ggml.scores", 9, struct.pack("<IQ", 6, 256_000) + bytes(1_024_000)
    )
    started = time.process_time()
    seen = look(craft.gguf(keys=keys, key_count=2), Kind.GGUF, "m.gguf")
    assert time.process_time() - started < 1  # 0.07 on a quiet machine
    assert (seen.issues, seen.gaps) == ((), ())


BOUNDS = {
    "strings": ("MAX_STRINGS", lambda c: c.gguf(keys=c.gguf_key("k", 9, struct.pack("<IQ", 8, 9) + bytes(72)), key_count=1)),
    "arrays": ("MAX_ARRAYS", lambda c: c.gguf(keys=c.gguf_key("k", 9, struct.pack("<IQ", 9, 9) + bytes(12 * 9)), key_count=1)),
    "keys": ("MAX_KEYS", lambda c: c.gguf(keys=b"".join(_u32(c, f"k{i}", 1) for i in range(9)), key_count=9)),
    "tensors": ("MAX_TENSORS", lambda c: c.gguf(tensors=b"".join(c.gguf_tensor(f"t{i}", (8,)) for i in range(9)), tensor_count=9)),
    "names": ("MAX_NAMES", lambda c: c.gguf(keys=_u32(c, "k" * 90, 1), key_count=1)),
    "texts": ("MAX_TEXT", lambda c: c.gguf(keys=c.gguf_key("k", 8, c.gguf_string("x" * 90)), key_count=1)),
    "templates": ("MAX_TEMPLATE", lambda c: c.gguf(keys=c.gguf_key("tokenizer.chat_template", 8, c.gguf_string("{{ m }}" * 9)), key_count=1)),
}  # fmt: skip


@pytest.mark.parametrize(("bound", "make"), BOUNDS.values(), ids=BOUNDS)
def test_past_a_bound_the_file_is_not_complete(look, craft, monkeypatch, bound, make) -> None:
    data = make(craft)
    monkeypatch.setattr(header_module, bound, 5)
    seen = look(data, Kind.GGUF, "m.gguf")
    assert " 5 " in seen.incomplete_reason
    assert seen.uninspected


def test_padding_past_the_bound_is_a_gap(look, craft, monkeypatch) -> None:
    monkeypatch.setattr("weighbridge.weights.gguf.layout.MAX_PLACES", 1)
    tensors = b"".join(craft.gguf_tensor(f"t{i}", (7,), 0, 32 * i) for i in range(3))
    data = craft.gguf(tensors=tensors, tensor_count=3, body=bytes(96))
    assert MAX_PLACES > 1
    assert "padding" in look(data, Kind.GGUF, "m.gguf").incomplete_reason
