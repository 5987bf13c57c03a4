# ruff: noqa: E501 - a sample reads best as one line of bytes
"""Files that are not what their names say, files that are two things at once, and programs."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from tests.corpus.assemble import (
    RUN,
    RUN_PICKLE,
    RUN_TEXT,
    Zip,
    gguf,
    gguf_tensor,
    npy,
    safetensors,
    state_dict,
    torch_legacy,
    torch_zip,
)
from tests.corpus.keras_models import plain_weights
from tests.corpus.pack import TAR_END, tar_member
from tests.corpus.sample import Sample

_SAFE = safetensors('{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}', b"\0" * 4)
_GGUF = gguf(tensors=gguf_tensor("t", (8,)), tensor_count=1, body=b"\0" * 32)
_NPY = npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", b"\0" * 4)
_RUN_ZIP = torch_zip(RUN_PICKLE).end()
OS = ("os.system",)

# A pickle, or an archive of one, by the name of a format without code.
LIARS = {
    "pickle.safetensors": RUN_PICKLE, "protocol-0.safetensors": RUN_TEXT, "torch.safetensors": _RUN_ZIP,
    "pickle.gguf": RUN_PICKLE, "torch.gguf": _RUN_ZIP, "pickle.onnx": RUN_PICKLE, "torch.onnx": _RUN_ZIP,
    "pickle.h5": RUN_PICKLE, "torch.h5": _RUN_ZIP, "pickle.keras": RUN_PICKLE, "pickle.tflite": RUN_PICKLE,
    "pickle.npz": RUN_PICKLE, "pickle.bin": RUN_PICKLE, "pickle.pt": RUN_PICKLE, "protocol-0.bin": RUN_TEXT,
    "protocol-0.pth": RUN_TEXT, "pickle.ckpt": RUN_PICKLE, "pickle.pb": RUN_PICKLE, "pickle.msgpack": RUN_PICKLE,
    "pickle.tar": RUN_PICKLE, "pickle.zip": RUN_PICKLE, "pickle.gz": RUN_PICKLE, "pickle.json": RUN_TEXT,
    "pickle.txt": RUN_PICKLE, "protocol-0.txt": RUN_TEXT, "pickle.model": RUN_PICKLE, "pickle.dat": RUN_PICKLE,
    "pickle.pdparams": RUN_PICKLE, "pickle.dill": RUN_PICKLE, "pickle.weights": RUN_PICKLE, "no-suffix": RUN_PICKLE,
    "pickle.png": RUN_PICKLE, "torch.txt": _RUN_ZIP, "legacy.safetensors": torch_legacy(RUN_PICKLE),
    "npy.safetensors": npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", RUN_PICKLE),
}  # fmt: skip

POLYGLOTS: dict[str, tuple[bytes, tuple[str, ...]]] = {
    "safetensors-zip.safetensors": (_SAFE + _RUN_ZIP, OS),
    "gguf-zip.gguf": (_GGUF + _RUN_ZIP, OS),
    "npy-zip.npy": (_NPY + _RUN_ZIP, OS),
    "pickle-zip.pt": (b"\x80\x02N." + _RUN_ZIP, OS),
    "pickle-benign-zip.pt": (RUN_PICKLE + torch_zip().end(), OS),
    "hdf5-zip.h5": (plain_weights() + _RUN_ZIP, OS),
    "tar-zip.tar": (tar_member("a.txt", b"inert") + TAR_END + _RUN_ZIP, OS),
    "legacy-zip.pth": (torch_legacy() + _RUN_ZIP, OS),
    "png-zip.bin": (b"\x89PNG\r\n\x1a\n" + b"\0" * 60 + _RUN_ZIP, OS),
    "pdf-zip.bin": (b"%PDF-1.7\n" + b"inert\n" * 20 + _RUN_ZIP, OS),
    "script-zip.pt": (b"#!/bin/sh\necho inert\nexit 0\n" + _RUN_ZIP, OS),
    "elf-zip.pt": (b"\x7fELF\x02\x01\x01" + b"\0" * 57 + _RUN_ZIP, OS),
    "safetensors-pickle.safetensors": (_SAFE + RUN_PICKLE, ()),
    "gguf-pickle.gguf": (_GGUF + RUN_PICKLE, ()),
    "pickle-with-user-block.h5": (RUN_PICKLE.ljust(512, b"\0") + plain_weights(), OS),
    "tar-that-is-a-pickle.tar": (tar_member("cos\nsystem\n(S'echo inert'\ntR.", b"inert") + TAR_END, OS),
    "safetensors-header-pickle.safetensors": (struct.pack("<Q", 14) + b"{}" + b" " * 12 + RUN_PICKLE, ()),
}  # fmt: skip

_ELF = b"\x7fELF\x02\x01\x01" + b"\0" * 9 + struct.pack("<HHI", 3, 62, 1) + b"\0" * 200
_PE = (
    b"MZ"
    + b"\0" * 58
    + struct.pack("<I", 64)
    + b"PE\0\0"
    + struct.pack("<HH", 0x8664, 1)
    + b"\0" * 200
)
_MACHO = b"\xcf\xfa\xed\xfe" + struct.pack("<IIIIIII", 0x01000007, 3, 6, 0, 0, 0, 0) + b"\0" * 200
PROGRAMS = {
    "elf.bin": _ELF, "pe.pt": _PE, "mach-o.ckpt": _MACHO, "fat-mach-o.h5": b"\xca\xfe\xba\xbe\0\0\0\x02" + b"\0" * 200,
    "elf.safetensors": _ELF, "pe.onnx": _PE, "in-torch.pt": torch_zip(**{"lib/run.so": _ELF}).end(),
    "in-torch-by-another-name.pt": torch_zip(**{"data/1": _ELF}).end(),
    "in-zip.zip": Zip().add("a.dll", _PE, method=8).end(), "in-tar.tar": tar_member("run", _ELF) + TAR_END,
    "script.bin": b"#!/bin/sh\necho inert\n", "llamafile.llamafile": b"MZqFpD='\n" + b"\0" * 100,
}  # fmt: skip


def samples() -> Iterator[Sample]:
    """Liars, polyglots, programs."""
    for name, content in LIARS.items():
        yield Sample(
            "malicious",
            "extension-liar",
            name,
            content,
            OS,
            "the content is not what the name says (CVE-2025-1889, CVE-2025-10155)",
        )
    for name, (content, expect) in POLYGLOTS.items():
        yield Sample("malicious", "polyglot", name, content, expect, "two formats in one file")
    for name, content in PROGRAMS.items():
        yield Sample("malicious", "executable", name, content, (), "a program among the weights")
    inner = torch_zip(state_dict(extra=b"X\x01\0\0\0x" + RUN)).end()
    yield Sample(
        "malicious",
        "extension-liar",
        "state-dict.safetensors",
        inner,
        OS,
        "a torch archive by a safe name",
    )
