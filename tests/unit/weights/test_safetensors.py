# ruff: noqa: E501 - a sample reads best as one line of bytes
"""safetensors beyond its plain defects: numbers, strings, payloads in metadata, bounds, and the
format's own library as the judge of both directions."""

from __future__ import annotations

import base64
import gzip
import json
import pickle
import struct
import time
import tracemalloc

import numpy as np
import pytest

from weighbridge.model.artifact import Kind
from weighbridge.weights import json_window, safetensors

ONE = '"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}'


def entry(dtype: str, shape: str, offsets: str) -> str:
    return f'{{"a":{{"dtype":"{dtype}","shape":{shape},"data_offsets":{offsets}}}}}'


# name -> (header, body, issue code, whether the library refuses it too)
DEFECTS = {
    "exponent": (entry("U8", "[4e0]", "[0,4]"), b"\0" * 4, "malformed", True),
    "minus-zero": (entry("U8", "[-0]", "[0,0]"), b"", "malformed", True),
    "leading-zero": (entry("U8", "[04]", "[0,4]"), b"\0" * 4, "malformed", True),
    "nan": (entry("U8", "[NaN]", "[0,0]"), b"", "malformed", True),
    "infinity": (entry("U8", "[4]", "[0,Infinity]"), b"", "malformed", True),
    "beyond-64-bits": (entry("U8", "[18446744073709551616]", "[0,0]"), b"", "malformed", True),
    "many-digits": (entry("U8", f"[{'9' * 5000}]", "[0,0]"), b"", "malformed", True),
    "beyond-2^53": (entry("U8", "[9007199254740993,0]", "[0,0]"), b"", "bad-number", False),
    "overflow-then-zero": (entry("F64", "[4294967296,4294967296,0]", "[0,0]"), b"", "bad-number", True),
    "four-thousand-sides": (entry("U8", f"[{','.join(['9'] * 4000)}]", "[0,0]"), b"", "malformed", True),
    "half-a-surrogate": ('{"a\\ud800":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}', b"\0" * 4, "malformed", True),
    "bad-escape": ('{"a\\x41":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}', b"\0" * 4, "malformed", True),
    "raw-control": ('{"a\x01":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}', b"\0" * 4, "malformed", True),
    "metadata-null": (f'{{"__metadata__":{{"k":null}},{ONE}}}', b"\0" * 4, "malformed", True),
    "metadata-list": (f'{{"__metadata__":{{"k":["x"]}},{ONE}}}', b"\0" * 4, "malformed", True),
    "metadata-text": (f'{{"__metadata__":"k",{ONE}}}', b"\0" * 4, "malformed", True),
    "metadata-escape": (f'{{"__metadata__":{{"k":"\\q"}},{ONE}}}', b"\0" * 4, "malformed", True),
    "comma-last": (f"{{{ONE},}}", b"\0" * 4, "malformed", True),
    "comma-first": (f"{{,{ONE}}}", b"\0" * 4, "malformed", True),
    "no-colon": ('{"a" {"dtype":"U8","shape":[4],"data_offsets":[0,4]}}', b"\0" * 4, "malformed", True),
    "comment": (f"{{/**/{ONE}}}", b"\0" * 4, "malformed", True),
    "single-quotes": ("{'a':{}}", b"", "malformed", True),
    "cut": (f"{{{ONE}", b"\0" * 4, "malformed", True),
    "nul-padding": (f"{{{ONE}}}\0\0", b"\0" * 4, "malformed", True),
    "unknown-nested": ('{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4],"x":{"y":[1,{}]}}}', b"\0" * 4, "unknown-field", False),
    "unknown-deep": ('{"a":{"x":' + "[" * 5000 + "]" * 5000 + ',"dtype":"U8","shape":[4],"data_offsets":[0,4]}}', b"\0" * 4, "malformed", True),
    "empty-name": ('{"":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}', b"\0" * 4, "odd-name", False),
    "backslash-climbs": ('{"..\\\\a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}', b"\0" * 4, "odd-name", False),
    "six-bits": (entry("F6_E2M3", "[3]", "[0,2]"), b"\0" * 2, "size-mismatch", True),
    "duplicate-far": (
        "{" + ",".join(f'"t{i}":{{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}' for i in range(9000)) + ',"t3":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}', b"", "duplicate-key", False),
    "empty-inside": ('{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[0],"data_offsets":[2,2]}}', b"\0" * 4, "overlapping-tensors", True),
}  # fmt: skip


@pytest.mark.parametrize(("header", "body", "code", "refused"), DEFECTS.values(), ids=DEFECTS)
def test_a_defect(look, craft, codes, header, body, code, refused) -> None:
    from safetensors import SafetensorError, deserialize

    data = craft.safetensors(header, body)
    assert code in codes(look(data, Kind.SAFETENSORS, "m.safetensors"))
    try:
        deserialize(data)
    except (SafetensorError, ValueError):
        accepted = False
    else:
        accepted = True
    assert accepted is not refused


RUNS = b"cos\nsystem\n(S'echo inert'\ntR."
ELF = b"\x7fELF\x02\x01\x01" + bytes(57)
PE = b"MZ" + bytes(58) + struct.pack("<I", 64) + b"PE\0\0" + bytes(20)
PAYLOADS = {
    "pickle-base64": base64.b64encode(b"\x80\x02" + RUNS).decode(),
    "pickle-text-base64": base64.b64encode(RUNS).decode(),
    "pickle-urlsafe": base64.urlsafe_b64encode(b"\x80\x04" + RUNS[:-1] + b"X\x03\0\0\0\xc3\xbf\x7e0.").decode(),
    "pickle-hex": (b"\x80\x02" + RUNS).hex(),
    "pickle-as-it-is": RUNS.decode(),
    "pickle-latin-1": (b"\x80\x02" + RUNS).decode("latin-1"),
    "pickle-in-json": json.dumps({"state": base64.b64encode(b"\x80\x02" + RUNS).decode()}),
    "pickle-mime": base64.encodebytes(b"\x80\x02X\x50\0\0\0" + b"x" * 80 + b"0" + RUNS).decode(),
    "pickle-gzip": base64.b64encode(gzip.compress(RUNS, mtime=0)).decode(),
    "elf": base64.b64encode(ELF).decode(),
    "elf-hex": ELF.hex(),
    "pe": base64.b64encode(PE).decode(),
    "script": base64.b64encode(b"#!/bin/sh\necho inert, and some more of it\n").decode(),
}  # fmt: skip


@pytest.mark.parametrize("text", PAYLOADS.values(), ids=PAYLOADS)
def test_a_payload_in_the_metadata_is_found(look, craft, codes, text: str) -> None:
    header = f'{{"__metadata__":{{"note":{json.dumps(text)}}},{ONE}}}'
    seen = look(craft.safetensors(header, b"\0" * 4), Kind.SAFETENSORS, "m.safetensors")
    assert codes(seen) == {"hidden-payload"}
    assert "note" in seen.issues[0].message


HARMLESS = {
    "jpeg": "data:image/jpeg;base64," + base64.b64encode(b"\xff\xd8\xff\xe0" + bytes(3000)).decode(),
    "png": "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(3000)).decode(),
    "hash": "0x" + "7f45" * 16,
    "sha256": "800495" + "ab" * 29,
    "prose": "You are a helpful model. " * 200,
    "workflow": json.dumps({"nodes": [{"id": i, "type": "KSampler"} for i in range(200)]}),
    "plain-pickle": base64.b64encode(pickle.dumps({"a": [1, 2.5, "text"]}, 4)).decode(),
    "compressed-json": base64.b64encode(gzip.compress(b'{"a": 1}' * 50, mtime=0)).decode(),
    "words": "Yesterday Konfigurationsdateiverzeichnisnamen KeyValueStoreConfigurationFactoryBeanX",
    "escapes": 'quotes " and \\ and \n and \u00fc and \U0001f600',
    "comment": "# train.py\ncos\ntan\n",
}  # fmt: skip


@pytest.mark.parametrize("text", HARMLESS.values(), ids=HARMLESS)
def test_metadata_that_only_looks_like_something_is_clean(look, text: str) -> None:
    from safetensors.numpy import save

    data = save({"a": np.zeros(3, "f4")}, {"note": text, "format": "pt"})
    seen = look(data, Kind.SAFETENSORS, "model.safetensors")
    assert (seen.issues, seen.gaps, seen.operations) == ((), (), ())


TYPES = ("?", "i1", "u1", "i2", "u2", "f2", "i4", "u4", "f4", "i8", "u8", "f8", "c8")


def test_every_type_that_the_library_writes(look) -> None:
    from safetensors.numpy import save

    arrays = {f"t.{t}": np.ones((3, 2), t) for t in TYPES} | {
        "s": np.ones(()),
        "e": np.ones((0, 7)),
    }
    seen = look(save(arrays), Kind.SAFETENSORS, "model.safetensors")
    assert (seen.issues, seen.gaps) == ((), ())
    assert (seen.tensors, seen.parameters) == (len(TYPES) + 2, 6 * len(TYPES) + 1)


@pytest.mark.parametrize("dtype", sorted(safetensors.DTYPE_BITS))
def test_types_have_the_size_that_the_library_gives_them(look, craft, dtype: str) -> None:
    from safetensors import deserialize

    size = 8 * safetensors.DTYPE_BITS[dtype] // 8
    data = craft.safetensors(entry(dtype, "[8]", f"[0,{size}]"), bytes(size))
    assert deserialize(data)[0][1]["dtype"] == dtype
    assert look(data, Kind.SAFETENSORS, "m.safetensors").issues == ()


WRITERS = {
    "json.dumps": '{"a": {"dtype": "U8", "shape": [2, 2], "data_offsets": [0, 4]}}',
    "sorted-keys": '{"a":{"data_offsets":[0,4],"dtype":"U8","shape":[2,2]}}',
    "indented": '{\n  "a": {\n    "shape": [\n      2,\n      2\n    ],\n    "data_offsets": [0, 4],\n    "dtype": "U8"\n  }\n}',
    "escaped-name": '{"a\\u00e9\\/\\ud83d\\ude00":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}',
    "padded": '{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}           ',
    "scalar": '{"a":{"dtype":"I32","shape":[],"data_offsets":[0,4]}}',
    "empty-metadata": '{"__metadata__":{},"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}',
    "metadata-last": '{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"__metadata__":{"k":"v"}}',
}  # fmt: skip


@pytest.mark.parametrize("header", WRITERS.values(), ids=WRITERS)
def test_headers_of_other_writers_are_clean(look, craft, header: str) -> None:
    seen = look(craft.safetensors(header, b"\0" * 4), Kind.SAFETENSORS, "m.safetensors")
    assert (seen.issues, seen.gaps, seen.tensors) == ((), (), 1)


def test_a_name_across_the_window_keeps_its_place(look, craft, monkeypatch) -> None:
    monkeypatch.setattr(json_window, "AHEAD", 64)
    monkeypatch.setattr(json_window, "_STEP", 16)
    names = ["é" * n + "\\u00fc" for n in range(1, 30)]
    header = "{" + ",".join(
        f'"{name}":{{"dtype":"U8","shape":[1],"data_offsets":[{i},{i + 1}]}}' for i, name in enumerate(names)
    )  # fmt: skip
    good = craft.safetensors(header + "}", bytes(len(names)))
    assert look(good, Kind.SAFETENSORS, "m.safetensors").issues == ()
    bad = craft.safetensors(header + ",x}", bytes(len(names)))
    (issue,) = look(bad, Kind.SAFETENSORS, "m.safetensors").issues
    assert f"byte {8 + len((header + ',').encode())}" in issue.message


def _measured(look, data: bytes) -> tuple[float, float]:
    tracemalloc.start()
    started = time.process_time()
    seen = look(data, Kind.SAFETENSORS, "m.safetensors")
    spent = time.process_time() - started
    peak = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    assert seen.complete or seen.gaps
    return spent, peak


LARGE = {
    "text": lambda: '{"__metadata__":{"a":"' + "a b c d " * 3_000_000 + '"}}',
    "escapes": lambda: '{"__metadata__":{"a":"' + "\\n" * 6_000_000 + '"}}',
    "wide-characters": lambda: '{"__metadata__":{"a":"' + "😀" * 6_000_000 + '"}}',
    "padding": lambda: "{}" + " " * 30_000_000,
    "spaces": lambda: '{"a"' + " " * 30_000_000,
    "nested": lambda: '{"a":' + "[" * 30_000_000,
    "numbers": lambda: '{"a":{"shape":[' + "1," * 10_000_000,
    "names": lambda: '{"' + "a" * 30_000_000,
}  # fmt: skip


@pytest.mark.parametrize("make", LARGE.values(), ids=LARGE)
def test_a_large_header_is_read_in_bounded_memory(look, craft, make) -> None:
    _, peak = _measured(look, craft.safetensors(make()))
    assert peak < 64


def test_thousands_of_tensors_are_read_fast(look, craft) -> None:
    names = (
        f"model.layers.{i}.mlp.experts.{j}.down_proj.weight" for i in range(50) for j in range(100)
    )
    header = "{" + ",".join(
        f'"{name}":{{"dtype":"BF16","shape":[2,2],"data_offsets":[{8 * i},{8 * i + 8}]}}' for i, name in enumerate(names)
    )  # fmt: skip
    data = craft.safetensors(header + "}", bytes(8 * 5000))
    started = time.process_time()
    seen = look(data, Kind.SAFETENSORS, "m.safetensors")
    assert time.process_time() - started < 1  # 0.04 on a quiet machine
    assert (seen.tensors, seen.issues) == (5000, ())


def test_metadata_past_the_bound_is_a_gap(look, craft, monkeypatch) -> None:
    monkeypatch.setattr(safetensors, "MAX_TEXT", 100)
    header = f'{{"__metadata__":{{"a":"{"x" * 90}","b":"{"y" * 90}"}},{ONE}}}'
    seen = look(craft.safetensors(header, b"\0" * 4), Kind.SAFETENSORS, "m.safetensors")
    assert "not searched" in seen.incomplete_reason
    assert seen.tensors == 1
