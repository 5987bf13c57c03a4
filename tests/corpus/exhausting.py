# ruff: noqa: E501 - a sample reads best as one line of bytes
"""Small files that cost a careless reader its memory, its stack or its time.

They carry the label ``malformed``: none may be called clean, and none may take long.
"""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Iterator

from tests.corpus.assemble import (
    PROTO_2,
    PROTO_4,
    gguf,
    gguf_key,
    gguf_string,
    npy,
    safetensors,
    text,
)
from tests.corpus.onnx_models import graph, node
from tests.corpus.onnx_models import model as onnx_model
from tests.corpus.pack import TAR_END, tar_member, zstd_run
from tests.corpus.protobuf import field, message
from tests.corpus.sample import Sample

_MIB = 2**20


def _deflate_zeros(mebibytes: int) -> bytes:
    """A raw deflate stream of zeros: one mebibyte compressed to a full flush, repeated."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = squeeze.compress(b"\0" * _MIB) + squeeze.flush(zlib.Z_FULL_FLUSH)
    return block * mebibytes + b"\x03\x00"


def _gzip_zeros(mebibytes: int) -> bytes:
    crc = 0
    for _ in range(mebibytes):
        crc = zlib.crc32(b"\0" * _MIB, crc)
    tail = struct.pack("<II", crc, mebibytes * _MIB & 0xFFFFFFFF)
    return b"\x1f\x8b\x08\0\0\0\0\0\x02\xff" + _deflate_zeros(mebibytes) + tail


def _zip_many(count: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(count):
            archive.writestr(zipfile.ZipInfo(f"{number}.bin"), bytes(2**20), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _zip_zeros(mebibytes: int, members: int = 1) -> bytes:
    """An archive whose members all stand at one place (David Fifield's bomb, without the quoting)."""
    packed = _deflate_zeros(mebibytes)
    size = mebibytes * _MIB
    local = (
        struct.pack("<4sHHHHHIIIHH", b"PK\x03\x04", 20, 0, 8, 0, 0, 0, len(packed), size, 1, 0)
        + b"a"
    )
    central = b""
    for number in range(members):
        name = f"a{number}".encode() if members > 1 else b"a"
        central += (
            struct.pack(
                "<4sHHHHHHIIIHHHHHII",
                b"PK\x01\x02",
                20,
                20,
                0,
                8,
                0,
                0,
                0,
                len(packed),
                size,
                len(name),
                0,
                0,
                0,
                0,
                0,
                0,
            )
            + name
        )
    body = local + packed
    return (
        body
        + central
        + struct.pack(
            "<4sHHHHIIH", b"PK\x05\x06", 0, 0, members, members, len(central), len(body), 0
        )
    )


def _deep_fields(depth: int) -> bytes:
    body = node("Add")
    for _ in range(depth):
        body = message((1, "b"), (6, graph(message((4, "If"), (5, body)))), (20, 5))
    return onnx_model(graph(node("If", attributes=(body,))))


def _laughs(levels: int) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, levels)]
    return "\n".join(lines) + "\n"


def cases() -> Iterator[tuple[str, bytes, str]]:
    """Name, content, what it costs."""
    yield (
        "text-length.pkl",
        b"\x80\x04\x8d" + struct.pack("<Q", 2**62) + b"x.",
        "a text of 2**62 bytes",
    )
    yield "bytes-length.pkl", b"\x80\x04B\xff\xff\xff\xffx.", "4 GiB of bytes"
    yield "byte-array-length.pkl", b"\x80\x05\x96" + struct.pack("<Q", 2**40) + b".", "a terabyte"
    yield (
        "frame-length.pkl",
        b"\x80\x04\x95" + struct.pack("<Q", 2**63) + b"N.",
        "a frame of 2**63 bytes",
    )
    yield "long-length.pkl", b"\x80\x02\x8b\xff\xff\xff\x7fx.", "an integer of 2 GiB"
    yield "marks.pkl", PROTO_2 + b"(" * 400_000, "400,000 marks"
    doubled = b"N\x85q\x010" + b"h\x01h\x01\x86q\x010" * 100 + b"h\x01"
    yield (
        "doubling.pkl",
        PROTO_4 + b"\x8f(" + doubled + b"\x90.",
        "a tuple doubled 100 times, whose hash a set asks for",
    )
    yield "doubled-key.pkl", PROTO_4 + b"}" + doubled + b"Ns.", "the same as a key"
    yield "no-end.pkl", PROTO_2 + b"N0" * 200_000, "400,000 opcodes and no end"
    yield (
        "letters.pkl",
        PROTO_2 + b"N0\xff" + b"c" * 4_000_000,
        "damage, and four million letters c",
    )
    yield "zeros.pkl.gz", _gzip_zeros(1100), "1.1 GiB of zeros"
    yield "twice.pkl.gz", gzip.compress(_gzip_zeros(1100), mtime=0), "the same, compressed again"
    yield "zeros.pkl.zst", zstd_run(2**31), "2 GiB of zeros in 64 kB"
    yield (
        "size-alone.zst",
        b"\x28\xb5\x2f\xfd\xe0" + struct.pack("<Q", 2**50) + b"\x01\0\0",
        "a frame that claims a pebibyte",
    )
    yield "zeros.zip", _zip_zeros(1100), "1.1 GiB of zeros in one member"
    yield (
        "opcodes.pkl.gz",
        gzip.compress(PROTO_2 + b"]0" * 20_000_000 + b"N.", 1, mtime=0),
        "40 million opcodes in 200 kB",
    )
    yield "many.zip", _zip_many(80), "80 members of a mebibyte of zeros"
    yield "one-place.zip", _zip_zeros(20, 2000), "2,000 members at one place"
    yield (
        "members.zip",
        struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 65_535, 65_535, 2**31, 0, 0),
        "a directory of 2 GiB",
    )
    yield (
        "header.safetensors",
        struct.pack("<Q", 99_999_999) + b"{",
        "a header of 100 MB that is not there",
    )
    yield "nesting.safetensors", safetensors('{"a":' * 50_000), "50,000 objects, one in another"
    yield (
        "arrays.safetensors",
        safetensors('{"a":{"dtype":"U8","shape":' + "[" * 100_000 + "}}"),
        "100,000 arrays, one in another",
    )
    yield (
        "number.safetensors",
        safetensors('{"a":{"dtype":"U8","shape":[' + "9" * 100_000 + '],"data_offsets":[0,0]}}'),
        "a number of 100,000 digits",
    )
    yield (
        "array-length.gguf",
        gguf(keys=gguf_key("k", 9, struct.pack("<IQ", 0, 2**62)), key_count=1),
        "an array of 2**62 numbers",
    )
    yield (
        "texts.gguf",
        gguf(keys=gguf_key("k", 9, struct.pack("<IQ", 8, 2**40) + b"\0" * 800_000), key_count=1),
        "100,000 empty texts of 2**40",
    )
    deep = gguf_string("{{ " + "(" * 50_000 + " }}")
    yield (
        "template.gguf",
        gguf(keys=gguf_key("tokenizer.chat_template", 8, deep), key_count=1),
        "a template of 50,000 parentheses",
    )
    yield (
        "header.npy",
        npy("{" + "'a':{" * 20_000, version=2),
        "20,000 dictionaries, one in another",
    )
    yield (
        "number.npy",
        npy(
            "{'descr': '<f4', 'fortran_order': False, 'shape': (" + "9" * 50_000 + ",)}", version=2
        ),
        "a number of 50,000 digits",
    )
    yield "nesting.onnx", _deep_fields(300), "300 graphs, one in another"
    yield (
        "lengths.onnx",
        onnx_model(graph(node("Add"))) + field(7, b"")[:-1] + b"\xff" * 9 + b"\x01",
        "a field of 2**64 bytes",
    )
    yield "size.tar", tar_member("a.bin", b"x", size=8**11 - 1) + TAR_END, "a member of 8 GiB"
    yield "aliases.yaml", _laughs(12).encode(), "nine to the twelfth texts"
    yield "lines.pkl", b"S'" + b"x" * 500_000, "a text that does not end"
    yield "digits.pkl", b"L" + b"7" * 300_000 + b"L\n.", "an integer of 300,000 digits"
    yield (
        "memo.pkl",
        PROTO_2 + text("x") + b"r\xf0\xff\xff\xff.",
        "a memo of four thousand million entries",
    )


def samples() -> Iterator[Sample]:
    """All of them."""
    for name, content, why in cases():
        yield Sample("malformed", "exhausting", name, content, (), why)
