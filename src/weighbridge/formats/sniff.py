"""What a file is, from its bytes. Its name is never looked at.

Formats are told by the marks their own loaders look for. Where a loader accepts more than one
beginning (HDF5 after a user block, a zip archive after foreign bytes), so does this. Sources: the
formats' specifications; for pickle, torch and NumPy the code of the loaders.
"""

from __future__ import annotations

import re
import struct

from weighbridge.formats.onnx_start import looks_like_onnx
from weighbridge.formats.peek import HEAD_BYTES as HEAD_BYTES
from weighbridge.formats.peek import Peek as Peek
from weighbridge.formats.pickle_start import Verdict, pickle_start
from weighbridge.formats.unmarked import unmarked_kind
from weighbridge.formats.zip_names import zip_names
from weighbridge.model.artifact import Kind

_SAFETENSORS_MAX_HEADER = 100_000_000  # the bound of the reference implementation

_MAGIC: tuple[tuple[bytes, Kind], ...] = (
    (b"GGUF", Kind.GGUF),
    (b"\x93NUMPY", Kind.NUMPY),
    (b"\x1f\x8b\x08", Kind.GZIP),
    (b"\xfd7zXZ\x00", Kind.XZ),
    (b"\x28\xb5\x2f\xfd", Kind.ZSTD),
    (b"\x04\x22\x4d\x18", Kind.LZ4),
    (b"\x02\x21\x4c\x18", Kind.LZ4),  # its legacy frame
    (b"7z\xbc\xaf\x27\x1c", Kind.SEVEN_ZIP),
    (b"\x7fELF", Kind.ELF),
    (b"\xfe\xed\xfa\xce", Kind.MACHO),
    (b"\xfe\xed\xfa\xcf", Kind.MACHO),
    (b"\xce\xfa\xed\xfe", Kind.MACHO),
    (b"\xcf\xfa\xed\xfe", Kind.MACHO),
)
_BZIP2 = re.compile(rb"BZh[1-9](1AY&SY|\x17\x72\x45\x38\x50\x90)")
_ZSTD_SKIPPABLE = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18")
# torch.save before 1.6: a pickled magic number (torch/serialization.py, MAGIC_NUMBER) of its own.
_TORCH_LEGACY = re.compile(
    rb"\x80[\x02-\x05](\x95.{8})?\x8a\x0al\xfc\x9cF\xf9\x20j\xa8P\x19\.", re.DOTALL
)
_ZIP = b"PK\x03\x04"
_SAVED_MODEL = b"\x08\x01\x12"  # the schema version 1, and the tag of a MetaGraphDef
_HDF5 = b"\x89HDF\r\n\x1a\n"


def sniff(peek: Peek) -> Kind:
    """The kind of a file's content. Reads a bounded number of bytes beyond the head."""
    if peek.size == 0:
        return Kind.EMPTY
    if _TORCH_LEGACY.match(peek.head):
        return Kind.TORCH_LEGACY
    pickle = pickle_start(peek.head, peek.size)
    # What a pickle loader would run is a pickle, whatever else it is made to look like. (Except a
    # zip archive: loaders look for its mark first, and its `P` is an opcode that only raises.)
    if pickle is Verdict.CALLS and not peek.head.startswith(_ZIP):
        return Kind.PICKLE
    kind = kind_by_magic(peek.head) or _by_structure(peek)
    if kind is not None:
        return kind
    names = zip_names(peek)
    if names is not None:  # loaders find an archive by its end: bytes in front do not hide it
        return zip_kind(names)
    if pickle is Verdict.ENDS:
        return Kind.PICKLE
    kind = unmarked_kind(peek.head, peek.size)
    if kind is not None:
        return kind
    if _is_text(peek):
        return (
            Kind.JSON if peek.head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[") else Kind.TEXT
        )
    return Kind.BINARY


def kind_by_magic(head: bytes) -> Kind | None:
    """The kind whose mark stands at the file's beginning."""
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if head[4:8] == b"TFL3":
        return Kind.TFLITE
    if _BZIP2.match(head):
        return Kind.BZIP2
    if _ZSTD_SKIPPABLE.match(head):
        return Kind.ZSTD
    return None


def _by_structure(peek: Peek) -> Kind | None:
    head = peek.head
    if is_safetensors(head):
        return Kind.SAFETENSORS
    if hdf5_at(head) is not None:
        return Kind.HDF5
    if is_tar(head):
        return Kind.TAR
    if _is_fat_macho(head):
        return Kind.MACHO
    if head.startswith(b"MZqFpD="):  # a program for several systems at once, as llamafile's are
        return Kind.PE
    if head[:2] == b"MZ" and len(head) >= 64:
        (at,) = struct.unpack_from("<I", head, 60)
        if peek.at(at, 4) == b"PE\0\0":
            return Kind.PE
    if head.startswith(_ZIP):
        return zip_kind(zip_names(peek) or ())
    if head.startswith(_SAVED_MODEL):  # may begin like an ONNX model
        from weighbridge.formats.tensorflow_start import looks_like_saved_model

        if looks_like_saved_model(head, peek.size):
            return Kind.TF_SAVED_MODEL
    return Kind.ONNX if looks_like_onnx(peek) else None


def is_safetensors(head: bytes) -> bool:
    """Eight bytes of header length, little-endian, then the header's opening brace."""
    if head[8:9] != b"{":
        return False
    length = int.from_bytes(head[:8], "little")
    return 2 <= length <= _SAFETENSORS_MAX_HEADER


def hdf5_at(head: bytes) -> int | None:
    """Where the superblock stands: at 0, 512 or a doubling (HDF5 specification, II.A)."""
    places = (0, *(512 << n for n in range(12) if (512 << n) < len(head)))
    return next((at for at in places if head[at : at + 8] == _HDF5), None)


def is_tar(head: bytes) -> bool:
    """A tar header: its mark, or from before there was one, its checksum."""
    if head[257:262] == b"ustar":
        return True
    if len(head) < 512 or not head[0]:
        return False
    field = head[148:156].strip(b" \0")
    if not re.fullmatch(rb"[0-7]{1,7}", field):
        return False
    total: int = sum(head[:148]) + sum(head[156:512]) + 8 * 32
    return total == int(field, 8)


def _is_fat_macho(head: bytes) -> bool:
    """Java classes share the magic number; their next word, a version, is never that small."""
    return head[:4] in (b"\xca\xfe\xba\xbe", b"\xca\xfe\xba\xbf") and (
        0 < int.from_bytes(head[4:8], "big") < 30
    )


def zip_kind(names: tuple[str, ...]) -> Kind:
    """Which loader a zip archive is made for, the most dangerous first."""
    # torch looks its members up without minding case
    if any(name.rsplit("/", 1)[-1].casefold() == "data.pkl" for name in names):
        return Kind.TORCH_ZIP
    if "config.json" in names and ("model.weights.h5" in names or "metadata.json" in names):
        return Kind.KERAS_ZIP
    if names and all(name.endswith(".npy") for name in names):
        return Kind.NUMPY_ZIP
    return Kind.ZIP


def _is_text(peek: Peek) -> bool:
    """UTF-8 without NUL in the first and last 64 KiB: as far as a kind needs to know."""
    if not _is_utf8(peek.head, cut=peek.size > len(peek.head)):
        return False
    if peek.size <= len(peek.head):
        return True
    tail = peek.at(max(len(peek.head), peek.size - HEAD_BYTES), HEAD_BYTES)
    start = next((n for n, byte in enumerate(tail[:4]) if byte & 0xC0 != 0x80), 0)
    return _is_utf8(tail[start:], cut=False)


def _is_utf8(data: bytes, *, cut: bool) -> bool:
    if b"\0" in data:
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return cut and error.start >= len(data) - 3 and error.reason == "unexpected end of data"
    return True
