# ruff: noqa: E501 - a sample reads best as one line of bytes
"""Builds weight files byte by byte. Every payload is inert text, and nothing here loads anything."""

from __future__ import annotations

import struct
import zlib

ECHO = "echo inert"


def text(value: str) -> bytes:
    """BINUNICODE."""
    raw = value.encode()
    return b"X" + struct.pack("<I", len(raw)) + raw


def short(value: str) -> bytes:
    """SHORT_BINUNICODE."""
    raw = value.encode()
    return b"\x8c" + bytes([len(raw)]) + raw


def imp(module: str, name: str) -> bytes:
    """GLOBAL."""
    return f"c{module}\n{name}\n".encode()


def stack_imp(module: str, name: str) -> bytes:
    """STACK_GLOBAL over two constants."""
    return short(module) + short(name) + b"\x93"


def call(function: bytes, *args: bytes) -> bytes:
    """REDUCE."""
    return function + b"(" + b"".join(args) + b"tR"


def blob(data: bytes) -> bytes:
    """BINBYTES."""
    return b"B" + struct.pack("<I", len(data)) + data


def frame(body: bytes, size: int | None = None) -> bytes:
    """FRAME around opcodes; ``size`` lies where given."""
    return b"\x95" + struct.pack("<Q", len(body) if size is None else size) + body


def state_dict(elements: int = 6, key: str = "0", *, extra: bytes = b"") -> bytes:
    """The pickle of an OrderedDict with one float tensor, as torch.save writes it (protocol 2)."""
    ordered = imp("collections", "OrderedDict")
    storage = (
        b"(" + text("storage") + imp("torch", "FloatStorage") + text(key) + text("cpu")
        + b"K" + bytes([elements]) + b"tQ"
    )  # fmt: skip
    tensor = (
        imp("torch._utils", "_rebuild_tensor_v2") + b"(" + storage + b"K\x00K\x02K\x03\x86K\x03K\x01\x86"
        + b"\x89" + ordered + b")RtR"
    )  # fmt: skip
    return b"\x80\x02" + ordered + b"q\x00)Rq\x01(" + text("weight") + tensor + extra + b"u."


class Zip:
    """A zip archive, member by member, each part open to lies. ``torch`` writes as miniz does."""

    def __init__(self, *, torch: bool = False, base: int = 0) -> None:
        self.torch = torch
        self.base = base  # added to every offset the directory holds
        self.body = b""
        self.central = b""
        self.count = 0

    def add(self, name: str, data: bytes, *, method: int = 0, flags: int | None = None,
            local_flags: int | None = None, local_name: str | None = None, crc: int | None = None,
            size: int | None = None, offset: int | None = None,
            local_size: int | None = None) -> Zip:  # fmt: skip
        packed = data
        if method == 8:
            squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
            packed = squeeze.compress(data) + squeeze.flush()
        flags = (0x808 if self.torch else 0) if flags is None else flags
        local_flags = flags if local_flags is None else local_flags
        crc = zlib.crc32(data) if crc is None else crc
        size = len(data) if size is None else size
        where = len(self.body) if offset is None else offset
        raw = name.encode()
        local_raw = raw if local_name is None else local_name.encode()
        extra = struct.pack("<HH", 0x4246, 4) + b"ZZZZ" if self.torch else b""
        described = bool(local_flags & 8)
        seen = (0, 0, 0) if described else (crc, len(packed), local_size or size)
        self.body += struct.pack("<4sHHHHHIIIHH", b"PK\x03\x04", 0 if self.torch else 20, local_flags,
                                 method, 0, 0, *seen, len(local_raw), len(extra))  # fmt: skip
        self.body += local_raw + extra + packed
        if described:
            self.body += struct.pack("<4sIII", b"PK\x07\x08", crc, len(packed), size)
        self.central += struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\x01\x02", 0, 20, flags, method, 0, 0,
                                    crc, len(packed), size, len(raw), 0, 0, 0, 0, 0,
                                    where + self.base) + raw  # fmt: skip
        self.count += 1
        return self

    def end(self, *, comment: bytes = b"", gap: bytes = b"") -> bytes:
        """The whole archive."""
        return self.body + gap + self.central + struct.pack(
            "<4sHHHHIIH", b"PK\x05\x06", 0, 0, self.count, self.count, len(self.central),
            len(self.body) + len(gap) + self.base, len(comment)
        ) + comment  # fmt: skip


def torch_zip(pickle: bytes | None = None, **members: bytes) -> Zip:
    """A torch archive with one storage, not yet ended."""
    archive = Zip(torch=True).add("archive/data.pkl", state_dict() if pickle is None else pickle)
    archive.add("archive/byteorder", b"little").add("archive/data/0", b"\0" * 24)
    for name, data in members.items():
        archive.add(f"archive/{name}", data)
    return archive.add("archive/version", b"3\n")


def safetensors(header: str | bytes, body: bytes = b"") -> bytes:
    """A safetensors file of a literal header; a whole one is filled up to 8 bytes, as by the library."""
    raw = header.encode() if isinstance(header, str) else header
    raw += b" " * (-len(raw) % 8 if raw.endswith(b"}") else 0)
    return struct.pack("<Q", len(raw)) + raw + body


def npy(header: str, body: bytes = b"", *, version: int = 1) -> bytes:
    """A ``.npy`` file of a literal header."""
    raw = header.encode("latin-1") + b"\n"
    return (
        b"\x93NUMPY"
        + bytes([version, 0])
        + struct.pack("<H" if version == 1 else "<I", len(raw))
        + raw
        + body
    )


def gguf(*, version: int = 3, keys: bytes = b"", key_count: int = 0, tensors: bytes = b"",
         tensor_count: int = 0, body: bytes = b"") -> bytes:  # fmt: skip
    """A GGUF file of literal parts, the body aligned to 32."""
    head = b"GGUF" + struct.pack("<IQQ", version, tensor_count, key_count) + keys + tensors
    return head + b"\0" * (-len(head) % 32 if body else 0) + body


def gguf_string(value: str) -> bytes:
    raw = value.encode()
    return struct.pack("<Q", len(raw)) + raw


def gguf_key(name: str, kind: int, value: bytes) -> bytes:
    return gguf_string(name) + struct.pack("<I", kind) + value


def gguf_tensor(name: str, shape: tuple[int, ...], kind: int = 0, offset: int = 0) -> bytes:
    dims = struct.pack(f"<I{len(shape)}Q", len(shape), *shape)
    return gguf_string(name) + dims + struct.pack("<IQ", kind, offset)


def torch_legacy(pickle: bytes | None = None, body: bytes | None = None) -> bytes:
    """torch's legacy file with one float storage of six elements."""
    magic = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
    protocol = b"\x80\x02M\xe9\x03."
    system = b"\x80\x02}(" + text("little_endian") + b"\x88u."
    keys = b"\x80\x02]" + text("0") + b"a."
    storage = struct.pack("<Q", 6) + b"\0" * 24 if body is None else body
    return magic + protocol + system + (state_dict() if pickle is None else pickle) + keys + storage


def joblib_array(data: bytes, *, shape: tuple[int, ...], code: str = "f8", proto: int = 4) -> bytes:
    """The opcodes of a joblib array and the raw bytes behind them (no STOP)."""
    sides = b"".join(b"K" + bytes([side]) for side in shape)
    dtype = stack_imp("numpy", "dtype") + short(code) + b"\x89\x88\x87R"
    state = (
        b"}(" + short("subclass") + stack_imp("numpy", "ndarray") + short("shape") + b"(" + sides + b"t"
        + short("order") + short("C") + short("dtype") + dtype + short("allow_mmap") + b"\x88"
        + short("numpy_array_alignment_bytes") + b"K\x10u"
    )  # fmt: skip
    wrapper = stack_imp("joblib.numpy_pickle", "NumpyArrayWrapper") + b")\x81" + state + b"b"
    return wrapper + b"\x03\xff\xff\xff" + data
