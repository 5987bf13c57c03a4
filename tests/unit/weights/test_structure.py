# ruff: noqa: E501 - a sample reads best as one line of bytes
"""Files that are not what their format asks for: each defect is an issue of its own code."""

from __future__ import annotations

import json
import struct

import pytest

from weighbridge.model.artifact import Kind

ONE = '"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}'
TWO = '"b":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}'

# name -> (header, body, issue code)
SAFETENSORS = {
    "duplicate-key": (f"{{{ONE},{ONE}}}", b"\0" * 4, "duplicate-key"),
    "duplicate-escaped": (f'{{{ONE},"\\u0061":{{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}}}',
                          b"\0" * 8, "duplicate-key"),
    "duplicate-metadata": (f'{{"__metadata__":{{"k":"1","k":"2"}},{ONE}}}', b"\0" * 4, "duplicate-key"),
    "two-metadata": (f'{{"__metadata__":{{}},"__metadata__":{{}},{ONE}}}', b"\0" * 4, "duplicate-key"),
    "duplicate-field": ('{"a":{"dtype":"U8","dtype":"F4","shape":[4],"data_offsets":[0,4]}}', b"\0" * 4,
                        "malformed"),
    "metadata-number": (f'{{"__metadata__":{{"k":1}},{ONE}}}', b"\0" * 4, "malformed"),
    "space-first": (f" {{{ONE}}}", b"\0" * 4, "malformed"),
    "hole": (f'{{{ONE},"b":{{"dtype":"U8","shape":[4],"data_offsets":[6,10]}}}}', b"\0" * 10,
             "hidden-data"),
    "hole-first": ('{"a":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}}', b"\0" * 6, "hidden-data"),
    "overlap": (f'{{{ONE},"b":{{"dtype":"U8","shape":[4],"data_offsets":[2,6]}}}}', b"\0" * 6,
                "overlapping-tensors"),
    "trailing": (f"{{{ONE}}}", b"\0" * 5, "trailing-data"),
    "too-short": (f"{{{ONE},{TWO}}}", b"\0" * 6, "range-outside"),
    "size": ('{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,4]}}', b"\0" * 4, "size-mismatch"),
    "overflow": ('{"a":{"dtype":"F64","shape":[4294967296,4294967296],"data_offsets":[0,0]}}', b"",
                 "size-mismatch"),
    "reversed": ('{"a":{"dtype":"U8","shape":[0],"data_offsets":[4,0]}}', b"\0" * 4, "range-outside"),
    "odd-bits": ('{"a":{"dtype":"F4","shape":[3],"data_offsets":[0,1]}}', b"\0", "size-mismatch"),
    "dtype": ('{"a":{"dtype":"X9","shape":[4],"data_offsets":[0,4]}}', b"\0" * 4, "malformed"),
    "negative": ('{"a":{"dtype":"U8","shape":[-4],"data_offsets":[0,4]}}', b"\0" * 4, "malformed"),
    "float-shape": ('{"a":{"dtype":"U8","shape":[4.0],"data_offsets":[0,4]}}', b"\0" * 4, "malformed"),
    "bool-shape": ('{"a":{"dtype":"U8","shape":[true],"data_offsets":[0,1]}}', b"\0", "malformed"),
    "three-offsets": ('{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4,8]}}', b"\0" * 4, "malformed"),
    "missing-field": ('{"a":{"dtype":"U8","shape":[4]}}', b"\0" * 4, "malformed"),
    "unknown-field": ('{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4],"x":1}}', b"\0" * 4,
                      "unknown-field"),
    "nul-in-name": ('{"a\\u0000":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}', b"\0" * 4, "odd-name"),
    "path-in-name": ('{"../a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}', b"\0" * 4, "odd-name"),
    "array": ("[1]", b"", "malformed"),
    "text-behind": (f"{{{ONE}}} x", b"\0" * 4, "malformed"),
    "newline-padding": (f"{{{ONE}}}\n", b"\0" * 4, "malformed"),
    "not-utf8": (b'{"\xff":{}}', b"", "malformed"),
    "deep": ('{"a":' + "[" * 30_000 + "}", b"", "malformed"),
    "empty-header": ("", b"", "malformed"),
}  # fmt: skip


@pytest.mark.parametrize(("header", "body", "code"), SAFETENSORS.values(), ids=SAFETENSORS)
def test_safetensors(look, craft, codes, header, body, code) -> None:
    seen = look(craft.safetensors(header, body), Kind.SAFETENSORS, "m.safetensors")
    assert code in codes(seen)


@pytest.mark.parametrize(
    "data",
    [b"", b"\0" * 7, struct.pack("<Q", 2**63), struct.pack("<Q", 200_000_000) + b"{}",
     struct.pack("<Q", 100) + b"{}"],
)  # fmt: skip
def test_safetensors_with_a_lying_length(look, codes, data: bytes) -> None:
    seen = look(data, Kind.SAFETENSORS, "m.safetensors")
    assert not seen.complete
    assert "malformed" in codes(seen)


def test_safetensors_library_agrees_on_what_is_refused(craft) -> None:
    """What the format's own library refuses, this reader reports (and more)."""
    from safetensors import SafetensorError, deserialize

    refused = 0
    for header, body, _ in SAFETENSORS.values():
        try:
            deserialize(craft.safetensors(header, body))
        except (SafetensorError, ValueError):
            refused += 1
    assert refused > len(SAFETENSORS) // 2


def _key(c, name: str = "k", kind: int = 4, value: bytes = b"\1\0\0\0") -> bytes:
    return c.gguf_key(name, kind, value)


GGUF = {
    "version-0": (lambda c: c.gguf(version=0), "malformed"),
    "version-4": (lambda c: c.gguf(version=4), "malformed"),
    "many-keys": (lambda c: c.gguf(key_count=2**60), "malformed"),
    "many-tensors": (lambda c: c.gguf(tensor_count=2**60), "malformed"),
    "huge-array": (
        lambda c: c.gguf(keys=_key(c, kind=9, value=struct.pack("<IQ", 8, 2**60)), key_count=1),
        "malformed"),
    "huge-number-array": (
        lambda c: c.gguf(keys=_key(c, kind=9, value=struct.pack("<IQ", 10, 2**61)), key_count=1),
        "malformed"),
    "array-of-arrays": (
        lambda c: c.gguf(keys=_key(c, kind=9, value=struct.pack("<IQ", 9, 1) * 12 + b"\0" * 12),
                         key_count=1), "malformed"),
    "huge-string": (lambda c: c.gguf(keys=_key(c, kind=8, value=struct.pack("<Q", 2**63)), key_count=1),
                    "malformed"),
    "value-type": (lambda c: c.gguf(keys=_key(c, kind=13), key_count=1), "malformed"),
    "empty-key": (lambda c: c.gguf(keys=_key(c, name=""), key_count=1), "malformed"),
    "duplicate-key": (lambda c: c.gguf(keys=_key(c) * 2, key_count=2), "duplicate-key"),
    "bool-2": (lambda c: c.gguf(keys=_key(c, kind=7, value=b"\2"), key_count=1), "bad-value"),
    "non-ascii-key": (lambda c: c.gguf(keys=_key(c, name="ü"), key_count=1), "odd-name"),
    "alignment-0": (lambda c: c.gguf(keys=_key(c, "general.alignment", 4, b"\0" * 4), key_count=1),
                    "bad-alignment"),
    "alignment-type": (lambda c: c.gguf(keys=_key(c, "general.alignment", 10, b"\x20" + b"\0" * 7),
                                        key_count=1), "bad-alignment"),
    "five-dims": (lambda c: c.gguf(tensors=c.gguf_tensor("t", (1, 1, 1, 1, 1)), tensor_count=1,
                                   body=b"\0" * 4), "malformed"),
    "zero-dim": (lambda c: c.gguf(tensors=c.gguf_tensor("t", (0, 4)), tensor_count=1, body=b"\0" * 4),
                 "bad-shape"),
    "overflow": (lambda c: c.gguf(tensors=c.gguf_tensor("t", (2**62, 2**62)), tensor_count=1,
                                  body=b"\0" * 4), "bad-shape"),
    "block": (lambda c: c.gguf(tensors=c.gguf_tensor("t", (33,), 8), tensor_count=1, body=b"\0" * 64),
              "bad-shape"),
    "long-name": (lambda c: c.gguf(tensors=c.gguf_tensor("t" * 65, (1,)), tensor_count=1,
                                   body=b"\0" * 4), "odd-name"),
    "same-name": (lambda c: c.gguf(tensors=c.gguf_tensor("t", (8,)) + c.gguf_tensor("t", (8,), 0, 32),
                                   tensor_count=2, body=b"\0" * 64), "duplicate-key"),
    "overlap": (lambda c: c.gguf(tensors=c.gguf_tensor("t", (16,)) + c.gguf_tensor("u", (8,), 0, 32),
                                 tensor_count=2, body=b"\0" * 64), "overlapping-tensors"),
    "misaligned": (lambda c: c.gguf(tensors=c.gguf_tensor("t", (8,), 0, 8), tensor_count=1,
                                    body=b"\0" * 64), "bad-alignment"),
    "outside": (lambda c: c.gguf(tensors=c.gguf_tensor("t", (8,), 0, 64), tensor_count=1,
                                 body=b"\0" * 64), "range-outside"),
    "hole": (lambda c: c.gguf(tensors=c.gguf_tensor("t", (8,), 0, 64), tensor_count=1,
                              body=b"\0" * 96), "hidden-data"),
    "trailing": (lambda c: c.gguf(tensors=c.gguf_tensor("t", (8,)), tensor_count=1,
                                  body=b"\0" * 32 + b"cos\nsystem\n(S'echo inert'\ntR.".ljust(64)),
                 "trailing-data"),
    "unknown-type": (lambda c: c.gguf(tensors=c.gguf_tensor("t", (8,), 99), tensor_count=1,
                                      body=b"\0" * 32), "unknown-type"),
    "cut": (lambda c: c.gguf(keys=_key(c), key_count=1)[:-2], "malformed"),
}  # fmt: skip


@pytest.mark.parametrize(("make", "code"), GGUF.values(), ids=GGUF)
def test_gguf(look, craft, codes, make, code) -> None:
    assert code in codes(look(make(craft), Kind.GGUF, "m.gguf"))


@pytest.mark.parametrize(
    "template",
    ["{{ ''.__class__.__mro__ }}", "{% for x in ().__class__.__base__.__subclasses__() %}{% endfor %}",
     "{{ messages | attr('x') }}", "{{ cycler.next }}", "{{ self._TemplateReference }}"],
)  # fmt: skip
def test_a_gguf_template_that_climbs_out(look, craft, template: str) -> None:
    key = craft.gguf_key("tokenizer.chat_template", 8, craft.gguf_string(template))
    seen = look(craft.gguf(keys=key, key_count=1), Kind.GGUF, "m.gguf")
    assert {o.action for o in seen.operations} == {"template"}


@pytest.mark.parametrize("swapped", [struct.pack(">I", 3), struct.pack("<I", 1)])
def test_a_gguf_of_another_kind_is_not_called_clean(look, swapped: bytes) -> None:
    seen = look(b"GGUF" + swapped + b"\0" * 32, Kind.GGUF, "m.gguf")
    assert not seen.complete


NPY = {
    "short": ("{'descr': '<f4', 'fortran_order': False, 'shape': (3,)}", b"\0" * 8, "truncated"),
    "long": ("{'descr': '<f4', 'fortran_order': False, 'shape': (3,)}", b"\0" * 16, "trailing-data"),
    "extra-key": ("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), 'x': 1}", b"", "malformed"),
    "call": ("__import__('os').getcwd()", b"", "malformed"),
    "comprehension": ("{'descr': [x for x in ()], 'fortran_order': False, 'shape': ()}", b"", "malformed"),
    "negative": ("{'descr': '<f4', 'fortran_order': False, 'shape': (-3,)}", b"", "malformed"),
    "huge": ("{'descr': '<f4', 'fortran_order': False, 'shape': (2**40, 2**40)}", b"", "malformed"),
    "huge-literal": ("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 99999999999)}", b"",
                     "malformed"),
    "type": ("{'descr': '<q9', 'fortran_order': False, 'shape': (3,)}", b"", "malformed"),
    "deep": ("(" * 5000, b"", "malformed"),
    "minus": ("{'descr': " + "-" * 5000 + "1}", b"", "malformed"),
    "order": ("{'descr': '<f4', 'fortran_order': 1, 'shape': (0,)}", b"", "bad-header"),
}  # fmt: skip


@pytest.mark.parametrize(("header", "body", "code"), NPY.values(), ids=NPY)
def test_npy(look, craft, codes, header, body, code) -> None:
    assert code in codes(look(craft.npy(header, body), Kind.NUMPY, "a.npy"))


def test_npy_of_objects_with_data_behind(look, craft, codes) -> None:
    header = "{'descr': '|O', 'fortran_order': False, 'shape': (1,)}"
    assert "trailing-data" in codes(look(craft.npy(header, b"\x80\x02N.more"), Kind.NUMPY, "a.npy"))


def test_every_pickle_of_a_member_is_read(look, craft) -> None:
    many = b"\x80\x02N." * 40 + b"\x80\x02cos\nsystem\n."
    seen = look(craft.torch_zip(**{"extra/thing": many}).end(), Kind.TORCH_ZIP, "m.pt")
    assert "os.system" in {o.name for o in seen.operations}


@pytest.mark.parametrize(
    "data", [b"\x93NUMPY", b"\x93NUMPY\x09\0", b"\x93NUMPY\x02\0\xff\xff\xff\xff"]
)
def test_npy_that_is_cut_or_lies(look, data: bytes) -> None:
    assert not look(data, Kind.NUMPY, "a.npy").complete


def _data(c, **kwargs):
    return c.Zip(torch=True).add("a/data.pkl", c.state_dict(), **kwargs).add("a/data/0", b"\0" * 24)


ZIP = {
    "duplicate": (lambda c: _data(c).add("a/data.pkl", b"N.").end(), "duplicate-member"),
    "case-fold": (lambda c: _data(c).add("a/DATA.pkl", b"N.").end(), "duplicate-member"),
    "traversal": (lambda c: _data(c).add("../../x", b"N.").end(), "traversal-name"),
    "absolute": (lambda c: _data(c).add("/etc/x", b"N.").end(), "traversal-name"),
    "drive": (lambda c: _data(c).add("C:\\x", b"N.").end(), "traversal-name"),
    "encrypted": (lambda c: _data(c, flags=1).end(), "encrypted-member"),
    "encrypted-locally": (lambda c: _data(c, local_flags=0x809).end(), "flag-mismatch"),
    "local-name": (lambda c: _data(c, local_name="a/other.pkl").end(), "name-mismatch"),
    "bad-crc": (lambda c: _data(c, crc=1).end(), "crc-mismatch"),
    "size-lie": (lambda c: _data(c, size=5).end(), "size-mismatch"),
    "local-size": (lambda c: _data(c, flags=0, local_size=7).end(), "size-mismatch"),
    "deflated-size": (lambda c: _data(c, method=8, size=9999).end(), "size-mismatch"),
    "gap": (lambda c: _data(c).end(gap=b"hidden"), "hidden-data"),
    "prefix": (lambda c: b"#!/bin/sh\n" + _data(c).end(), "stacked-archive"),
    "prefix-counted": (lambda c: b"x" * 10 + _based(c, 10), "hidden-data"),
    "trailing": (lambda c: _data(c).end() + b"more", "trailing-data"),
    "stacked": (lambda c: _data(c).end() + _data(c).end(), "stacked-archive"),
    "in-the-comment": (lambda c: _data(c).end(comment=_data(c).end()), "several-directories"),
    "overlap": (lambda c: _data(c).add("a/data/1", b"\0" * 4, offset=0).end(), "overlapping-members"),
    "no-header-there": (lambda c: _data(c).add("a/data/1", b"\0", offset=7).end(), "missing-member"),
    "storage-size": (
        lambda c: c.Zip(torch=True).add("a/data.pkl", c.state_dict(9)).add("a/data/0", b"\0" * 24).end(),
        "storage-size"),
    "storage-missing": (
        lambda c: c.Zip(torch=True).add("a/data.pkl", c.state_dict(key="7")).add("a/data/0", b"").end(),
        "missing-member"),
    "no-data-pkl": (lambda c: c.Zip(torch=True).add("a/version", b"3").end(), "missing-member"),
    "program": (lambda c: _data(c).add("a/run.so", b"\x7fELF" + b"\0" * 60).end(), "executable-member"),
    "no-end": (lambda c: _data(c).end()[:-22], "malformed"),
    "directory-damaged": (lambda c: _data(c).end().replace(b"PK\x01\x02", b"PK\x01\x03"), "malformed"),
    "method": (lambda c: _patched(_data(c), 8, b"\x08").end(), "method-mismatch"),
    "deflate-damaged": (lambda c: _patched(_data(c, method=8), 70, b"\xff" * 9).end(), "damaged-member"),
}  # fmt: skip


def _patched(archive, at: int, raw: bytes):
    archive.body = archive.body[:at] + raw + archive.body[at + len(raw) :]
    return archive


def _based(c, base: int) -> bytes:
    return (
        c.Zip(torch=True, base=base)
        .add("a/data.pkl", c.state_dict())
        .add("a/data/0", b"\0" * 24)
        .end()
    )


@pytest.mark.parametrize(("make", "code"), ZIP.values(), ids=ZIP)
def test_zip(look, craft, codes, make, code) -> None:
    seen = look(make(craft), Kind.TORCH_ZIP, "m.pt")
    assert code in codes(seen), seen


def test_both_views_of_a_stacked_archive_are_read(look, craft) -> None:
    """miniz reads the first archive, zipfile the last: each hides the other's payload."""
    run = craft.call(craft.imp("os", "system"), craft.text(craft.ECHO))
    good, bad = craft.state_dict(), b"\x80\x02" + run + b"0N."
    bad = bad[:-1] + b"2" * (len(good) - len(bad)) + b"."  # the same layout, byte for byte
    assert len(bad) == len(good)
    for first, second in ((bad, good), (good, bad)):
        pair = [c.end() for c in (craft.Zip(torch=True).add("a/data.pkl", first),
                                  craft.Zip(torch=True).add("a/data.pkl", second))]  # fmt: skip
        seen = look(b"".join(pair), Kind.TORCH_ZIP, "m.pt")
        assert "os.system" in {o.name for o in seen.operations}
        assert "stacked-archive" in {i.code for i in seen.issues}


def test_a_zip_bomb_stops_at_a_bound(look, craft) -> None:
    bomb = craft.Zip().add("a/data.pkl", b"N" * 100_000_000 + b".", method=8).end()
    seen = look(bomb, Kind.TORCH_ZIP, "m.pt")
    assert not seen.complete
    assert "times its size" in seen.incomplete_reason


def test_a_method_that_nobody_reads_is_a_gap(look, craft) -> None:
    seen = look(craft.Zip().add("a/data.pkl", b"N.", method=93).end(), Kind.TORCH_ZIP, "m.pt")
    assert not seen.complete


def test_archives_nested_too_deeply(look, craft) -> None:
    data = craft.torch_zip().end()
    for _ in range(5):
        data = craft.Zip().add("x.zip", data).end()
    seen = look(data, Kind.ZIP, "m.mar")
    assert "nested" in seen.incomplete_reason


def test_a_legacy_torch_file_cut_or_padded(look, craft, codes) -> None:
    whole = craft.torch_legacy()
    assert "truncated" in codes(look(whole[:-4], Kind.TORCH_LEGACY, "m.pt"))
    assert "trailing-data" in codes(look(whole + b"more", Kind.TORCH_LEGACY, "m.pt"))
    assert not look(whole[:60], Kind.TORCH_LEGACY, "m.pt").complete


@pytest.mark.parametrize(
    ("data", "kind", "path", "code"),
    [
        (b"\x80\x02N.", Kind.PICKLE, "model.safetensors", "kind-contradicts-name"),
        (b"\x80\x02N.", Kind.PICKLE, "model.gguf", "kind-contradicts-name"),
        (b"\x80\x02N.", Kind.PICKLE, "array.NPY", "kind-contradicts-name"),
        (b"<html>Not found</html>", Kind.TEXT, "pytorch_model.bin", "not-weights"),
        (b'{"error": "gone"}', Kind.JSON, "pytorch_model.bin", "not-weights"),
        (b"", Kind.EMPTY, "model.bin", "empty-file"),
        (b"\x7fELF" + b"\0" * 64, Kind.ELF, "model.bin", "executable"),
        (b"\x80\x04K\x01.trailing", Kind.PICKLE, "m.pkl", "trailing-data"),
        (b"\x80\x04K\x01", Kind.PICKLE, "m.pkl", "damaged-pickle"),
        (
            b"\x80\x04\x95\x04\0\0\0\0\0\0\0K\x010\x8c\x02ab0.",
            Kind.PICKLE,
            "m.pkl",
            "frame-violation",
        ),
        (b"\x80\x04\x95\xff\0\0\0\0\0\0\0K\x01.", Kind.PICKLE, "m.pkl", "frame-violation"),
    ],
)
def test_files_that_are_not_what_they_claim(look, codes, data, kind, path, code) -> None:
    assert code in codes(look(data, kind, path))


@pytest.mark.parametrize(
    "kind",
    [Kind.TFRECORD, Kind.ORT, Kind.XGBOOST_BINARY, Kind.BINARY],
)
def test_what_has_no_reader_is_not_complete(look, kind: Kind) -> None:
    seen = look(b"\x01\x02\x03\x04" * 50, kind, "model.bin")
    assert not seen.complete
    assert seen.uninspected
    assert "no reader" in seen.incomplete_reason


def test_the_same_bytes_give_the_same_inspection(look, craft) -> None:
    data = craft.torch_zip(b"\x80\x02cb\nB\n0ca\nA\n0cos\nsystem\n0N.").end()
    assert look(data, Kind.TORCH_ZIP, "m.pt") == look(data, Kind.TORCH_ZIP, "m.pt")
    assert json.dumps([o.name for o in look(data, Kind.TORCH_ZIP, "m.pt").operations])


# --- values that hang on one another

CHAINS = {
    "tuples": b"\x80\x02)" + b"\x85" * 3000 + b".",
    "results": b"\x80\x02cbuiltins\nlist\n" + b")R" * 3000 + b".",
    "instances": b"\x80\x02cbuiltins\nlist\n" + b")\x81" * 3000 + b".",
    "lists": b"\x80\x02]" + b"q\x000]h\x00a" * 3000 + b".",
    "marked": b"\x80\x02)\x85" + b"q\x000(h\x00t" * 3000 + b".",
}


@pytest.mark.parametrize("data", CHAINS.values(), ids=CHAINS)
def test_a_chain_of_values_ends_at_a_bound(look, monkeypatch, data: bytes) -> None:
    monkeypatch.setattr("weighbridge.weights.pickle.machine.MAX_NESTED", 1000)
    seen = look(data, Kind.PICKLE)
    assert not seen.complete
    assert "1000 nested values" in seen.incomplete_reason


def test_many_values_side_by_side_are_no_chain(look, monkeypatch) -> None:
    monkeypatch.setattr("weighbridge.weights.pickle.machine.MAX_NESTED", 1000)
    seen = look(b"\x80\x02](" + b"K\x01K\x02\x86" * 3000 + b"e.", Kind.PICKLE)
    assert seen.complete, seen.incomplete_reason
