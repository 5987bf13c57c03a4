"""Kinds, from bytes alone. Samples are made here; nothing is ever loaded."""

import bz2
import gzip
import io
import json
import lzma
import pickle
import struct
import tarfile
import zipfile

import numpy as np
import pytest

from weighbridge.formats.sniff import HEAD_BYTES, Peek, sniff
from weighbridge.model.artifact import Kind


def kind(data: bytes) -> Kind:
    return sniff(Peek.of(data))


def zipped(*names: str, prefix: bytes = b"", comment: bytes = b"") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, b"content of " + name.encode())
        archive.comment = comment
    return prefix + out.getvalue()


def safetensors() -> bytes:
    header = json.dumps({"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
    return struct.pack("<Q", len(header)) + header + bytes(4)


def saved(array: "np.ndarray") -> bytes:
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()


def tarred() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a.txt"), io.BytesIO())
    return out.getvalue()


def field(number: int, value: bytes | int) -> bytes:
    if isinstance(value, int):
        return bytes([number << 3]) + bytes([value])
    return bytes([number << 3 | 2]) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def onnx(graph: bytes = b"\x0a\x00") -> bytes:
    return field(1, 8) + field(2, b"pytorch") + field(7, graph) + field(8, b"\x10\x11")


def old_tar() -> bytes:
    header = bytearray(512)
    header[:5] = b"a.txt"
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header) + bytes(1024)


class Call:
    """Pickles to a look-up and a call; the function named does not exist."""

    def __reduce__(self) -> tuple[object, ...]:
        return (print, ("never",))


PICKLED = {"a": [1, 2.5, None, True, "text", b"bytes"], "b": {"c": (1, 2, 3)}}
TORCH_MAGIC = 0x1950A86A20F9469CFC6C

SAMPLES = {
    "empty": (b"", Kind.EMPTY),
    "safetensors": (safetensors(), Kind.SAFETENSORS),
    "safetensors cut in its header": (safetensors()[:20], Kind.SAFETENSORS),
    "gguf": (b"GGUF" + struct.pack("<IQQ", 3, 2, 5) + bytes(64), Kind.GGUF),
    "numpy": (saved(np.zeros(3)), Kind.NUMPY),
    "hdf5": (b"\x89HDF\r\n\x1a\n" + bytes(100), Kind.HDF5),
    "hdf5 after a user block": (bytes(2048) + b"\x89HDF\r\n\x1a\n" + bytes(99), Kind.HDF5),
    "onnx": (onnx(), Kind.ONNX),
    "onnx with a large graph": (onnx(bytes(3 * HEAD_BYTES)), Kind.ONNX),
    "onnx in another order": (field(7, b"\x0a\x00") + field(1, 8), Kind.ONNX),
    "tflite": (struct.pack("<I", 28) + b"TFL3" + bytes(40), Kind.TFLITE),
    "torch zip": (zipped("archive/data.pkl", "archive/data/0"), Kind.TORCH_ZIP),
    "keras zip": (zipped("metadata.json", "config.json", "model.weights.h5"), Kind.KERAS_ZIP),
    "numpy zip": (zipped("a.npy", "b.npy"), Kind.NUMPY_ZIP),
    "zip": (zipped("a.txt", "b.npy"), Kind.ZIP),
    "empty zip": (zipped(), Kind.ZIP),
    "zip behind other bytes": (zipped("x/data.pkl", prefix=b"#!/bin/sh\n" * 9), Kind.TORCH_ZIP),
    "zip with a comment": (zipped("x/data.pkl", comment=b"PK\5\6 " * 50), Kind.TORCH_ZIP),
    "zip cut short": (zipped("x/data.pkl")[:60], Kind.ZIP),
    "tar": (tarred(), Kind.TAR),
    "tar from before ustar": (old_tar(), Kind.TAR),
    "gzip": (gzip.compress(b"x"), Kind.GZIP),
    "bzip2": (bz2.compress(b"x"), Kind.BZIP2),
    "xz": (lzma.compress(b"x"), Kind.XZ),
    "zstd": (b"\x28\xb5\x2f\xfd\x04\x00", Kind.ZSTD),
    "zstd after a skippable frame": (b"\x50\x2a\x4d\x18" + bytes(8), Kind.ZSTD),
    "lz4": (b"\x04\x22\x4d\x18" + bytes(8), Kind.LZ4),
    "7z": (b"7z\xbc\xaf\x27\x1c\x00\x04", Kind.SEVEN_ZIP),
    "elf": (b"\x7fELF\x02\x01\x01" + bytes(60), Kind.ELF),
    "pe": (b"MZ" + bytes(58) + struct.pack("<I", 64) + b"PE\0\0" + bytes(20), Kind.PE),
    "mach-o": (b"\xcf\xfa\xed\xfe" + bytes(28), Kind.MACHO),
    "fat mach-o": (b"\xca\xfe\xba\xbe\x00\x00\x00\x02" + bytes(40), Kind.MACHO),
    "java class": (b"\xca\xfe\xba\xbe\x00\x00\x00\x41" + bytes(40), Kind.BINARY),
    "json": (b'\xef\xbb\xbf \n{"a": 1}', Kind.JSON),
    "json array": (b"[1, 2]", Kind.JSON),
    "text": ("größer\n".encode(), Kind.TEXT),
    "text longer than the head": (b"0123456789abcde\n" * 8192, Kind.TEXT),
    "text cut inside a character": ("aé".encode() * 50_000, Kind.TEXT),
    "text with a binary end": (b"words " * 20_000 + bytes(10), Kind.BINARY),
    "utf-16": ("text".encode("utf-16"), Kind.BINARY),
    "binary": (bytes(range(256)), Kind.BINARY),
    "torch legacy": (pickle.dumps(TORCH_MAGIC, 2) + pickle.dumps(1001, 2), Kind.TORCH_LEGACY),
    "torch legacy, newer": (pickle.dumps(TORCH_MAGIC, 4), Kind.TORCH_LEGACY),
    **{
        f"pickle protocol {p}": (pickle.dumps(PICKLED, p), Kind.PICKLE)
        for p in range(pickle.HIGHEST_PROTOCOL + 1)
    },
    **{
        f"calling pickle protocol {p}": (pickle.dumps(Call(), p), Kind.PICKLE)
        for p in range(pickle.HIGHEST_PROTOCOL + 1)
    },
    "long pickle": (pickle.dumps(list(range(100_000)), 0), Kind.PICKLE),
    "pickle of one long buffer": (pickle.dumps(bytes(10 * HEAD_BYTES), 4), Kind.PICKLE),
    "pickle without its first opcode": (pickle.dumps(PICKLED, 3)[2:], Kind.PICKLE),
    "pickle that calls, then ends in rubbish": (b"cos\nsystem\n(S'id'\ntR\0\xff", Kind.PICKLE),
    "pickle that calls by INST": (b"(S'id'\nios\nsystem\n.", Kind.PICKLE),
    "pickle that calls and is a text": (b"cos\nsystem\n(S'id'\ntR.\nmore words\n", Kind.PICKLE),
    "pickle posing as a tar": (
        (b"cos\nsystem\n(S'id'\ntR.".ljust(257, b"\0") + b"ustar").ljust(2048, b"\0"),
        Kind.PICKLE,
    ),
    "pickle posing as hdf5": (
        b"cos\nsystem\n(S'id'\ntR.".ljust(512, b"\0") + b"\x89HDF\r\n\x1a\n",
        Kind.PICKLE,
    ),
    "pickle with a zip behind it": (zipped("a.txt", prefix=b"cos\nf\n(tR."), Kind.PICKLE),
    "pickle posing as gguf": (b"GGUF" + bytes(5) + b"cos\nsystem\n(S'id'\ntR.", Kind.PICKLE),
}  # fmt: skip


@pytest.mark.parametrize("name", SAMPLES)
def test_kinds(name: str) -> None:
    data, expected = SAMPLES[name]
    assert kind(data) is expected


@pytest.mark.parametrize(
    "text",
    [
        "Copyright (c) the authors of this model.\n",
        "C" + "T" + "x" * 84 + ".\n",  # by chance an opcode, its 84 bytes and a STOP
        "cat\ndog\nemu\n",
        "config\nfile\nNone\n",
        "I am a text.\n",
        "Notes. More notes.\n",
        "(a list)\n",
        "]\n",
        "\n",
        ".",
        "0.\n",
        "K.\n",
        "}.x",
    ],
)
def test_texts_are_not_taken_for_pickles(text: str) -> None:
    assert kind(text.encode()) is Kind.TEXT


@pytest.mark.parametrize(
    "data",
    [
        b"\x80",
        b"\x80\x04",
        b"\x80\x06N.",
        b"\x80\x02\x00",
        b"\x80\x04\x94.",  # memoizes nothing
        b"\x80\x02t.",  # a tuple without a mark
        b"\x80\x04\x8c\xff",  # a string longer than the file
        b"\x0a\x00\x01\x02",
    ],
)
def test_broken_pickles_are_plain_binary(data: bytes) -> None:
    assert kind(data) is Kind.BINARY


def test_a_zip64_archive_is_read_from_its_own_end_record() -> None:
    name = b"x/data.pkl"
    entry = struct.pack("<4s6H3L5H2L", b"PK\1\2", 45, 45, 0, 0, 0, 0, 0, 0, 0, len(name),
                        0, 0, 0, 0, 0, 0) + name  # fmt: skip
    local = b"PK\3\4" + bytes(26) + name
    end64 = struct.pack("<4sQHHLLQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, len(entry), len(local))
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, len(local) + len(entry), 1)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 2**32 - 1, 2**32 - 1, 0)
    assert kind(local + entry + end64 + locator + end) is Kind.TORCH_ZIP


def test_end_records_without_number_cost_little() -> None:
    asked: list[int] = []
    data = bytes(5 * 2**20) + b"PK\5\6".ljust(22, b"\xff") * 2900

    def read(offset: int, count: int) -> bytes:
        asked.append(count)
        return data[offset : offset + count]

    assert sniff(Peek(read, len(data), data[:HEAD_BYTES])) is Kind.BINARY
    assert sum(asked) < 4 * HEAD_BYTES


def test_the_name_is_never_asked(tmp_path: object) -> None:
    from pathlib import Path

    from weighbridge.snapshot.take import take_snapshot

    folder = Path(str(tmp_path))
    (folder / "weights.safetensors").write_bytes(pickle.dumps(PICKLED))
    (folder / "notes.txt").write_bytes(safetensors())
    found = {a.path: a.kind for a in take_snapshot(folder).artifacts}
    assert found == {"notes.txt": Kind.SAFETENSORS, "weights.safetensors": Kind.PICKLE}
