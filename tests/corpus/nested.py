# ruff: noqa: E501 - a sample reads best as one line of bytes
"""Pickles inside other things: byte strings, compressed streams, archives in archives."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zlib
from collections.abc import Callable, Iterator

from tests.corpus.assemble import (
    PROTO_4,
    RUN,
    RUN_PICKLE,
    RUN_TEXT,
    Zip,
    blob,
    call,
    imp,
    npy,
    stack_imp,
    state_dict,
    text,
    torch_zip,
)
from tests.corpus.pack import TAR_END, lz4, seven_zip, tar_member, zstd
from tests.corpus.sample import Sample

Packer = Callable[[bytes], bytes]

COMPRESSORS: dict[str, Packer] = {
    "gz": lambda d: gzip.compress(d, mtime=0),
    "z": zlib.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "lzma": lambda d: lzma.compress(d, format=lzma.FORMAT_ALONE),
    "zst": zstd,
    "lz4": lz4,
}  # fmt: skip


def _loads(inner: bytes) -> bytes:
    return call(imp("pickle", "loads"), blob(inner))


NESTED: dict[str, bytes] = {
    "bytes": PROTO_4 + blob(RUN_PICKLE) + b".",
    "bytes-protocol-0": PROTO_4 + blob(RUN_TEXT) + b".",
    "bytes-in-a-list": PROTO_4 + b"](" + blob(b"x") + blob(RUN_PICKLE) + b"e.",
    "bytes-in-a-state": PROTO_4 + b"}" + text("payload") + blob(RUN_PICKLE) + b"s.",
    "bytes-three-deep": PROTO_4 + blob(PROTO_4 + blob(PROTO_4 + blob(RUN_PICKLE) + b".") + b".") + b".",
    "short-bytes": PROTO_4 + b"C" + bytes([len(RUN_PICKLE)]) + RUN_PICKLE + b".",
    "bytes-8": PROTO_4 + b"\x8e" + struct.pack("<Q", len(RUN_PICKLE)) + RUN_PICKLE + b".",
    "byte-array": b"\x80\x05\x96" + struct.pack("<Q", len(RUN_PICKLE)) + RUN_PICKLE + b".",
    "python-2-string": b"T" + struct.pack("<I", len(RUN_PICKLE)) + RUN_PICKLE + b".",
    "latin-1-text": PROTO_4 + call(imp("_codecs", "encode"), text(RUN_PICKLE.decode("latin-1")), text("latin1")) + b".",
    "given-to-loads": PROTO_4 + _loads(RUN_PICKLE) + b".",
    "given-to-torch": PROTO_4 + call(stack_imp("torch.storage", "_load_from_bytes"), blob(RUN_PICKLE)) + b".",
    "zlib-in-bytes": PROTO_4 + blob(zlib.compress(RUN_PICKLE)) + b".",
    "gzip-in-bytes": PROTO_4 + blob(gzip.compress(RUN_PICKLE, mtime=0)) + b".",
    "bz2-in-bytes": PROTO_4 + blob(bz2.compress(RUN_PICKLE)) + b".",
    "xz-in-bytes": PROTO_4 + blob(lzma.compress(RUN_PICKLE)) + b".",
    "zlib-decompressed-and-loaded": PROTO_4 + call(imp("pickle", "loads"), call(imp("zlib", "decompress"), blob(zlib.compress(RUN_PICKLE)))) + b".",
    "base64-decoded-and-loaded": PROTO_4 + call(imp("pickle", "loads"), call(imp("base64", "b64decode"), text(base64.b64encode(RUN_PICKLE).decode()))) + b".",
    "codec-transform": PROTO_4 + call(imp("_codecs", "decode"), blob(zlib.compress(RUN_PICKLE)), text("zlib")) + b".",
    "torch-archive-in-bytes": PROTO_4 + blob(torch_zip(RUN_PICKLE).end()) + b".",
}  # fmt: skip


def _tar(*members: tuple[str, bytes]) -> bytes:
    return b"".join(tar_member(name, data) for name, data in members) + TAR_END


def _gnu_tar(name: str, data: bytes) -> bytes:
    """By the standard library, with a name longer than a header holds."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.GNU_FORMAT) as archive:
        info = tarfile.TarInfo(name)
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return stream.getvalue()


ARCHIVES: dict[str, tuple[bytes, tuple[str, ...], str]] = {
    "pickle.tar": (_tar(("model.pkl", RUN_PICKLE)), ("os.system",), "a pickle in a tar archive"),
    "second-member.tar": (_tar(("readme.txt", b"inert"), ("model.pkl", RUN_PICKLE)), ("os.system",), "the second member"),
    "weights.nemo": (_tar(("./model_config.yaml", b"name: inert\n"), ("./model_weights.ckpt", torch_zip(RUN_PICKLE).end())), ("os.system",), "NeMo: a tar archive with a torch archive"),
    "compressed.nemo": (gzip.compress(_tar(("model_weights.ckpt", torch_zip(RUN_PICKLE).end())), mtime=0), ("os.system",), "NeMo, compressed"),
    "hydra.nemo": (_tar(("model_config.yaml", b"model:\n  _target_: os.system\n  command: echo inert\n"), ("model_weights.ckpt", torch_zip().end())), ("os.system",), "CVE-2025-23304: the config names what is called"),
    "gz.tgz": (gzip.compress(_tar(("model.pkl", RUN_PICKLE)), mtime=0), ("os.system",), "a compressed tar archive"),
    "bz2.tar.bz2": (bz2.compress(_tar(("model.pkl", RUN_PICKLE))), ("os.system",), "a compressed tar archive"),
    "xz.tar.xz": (lzma.compress(_tar(("model.pkl", RUN_PICKLE))), ("os.system",), "a compressed tar archive"),
    "zst.tar.zst": (zstd(_tar(("model.pkl", RUN_PICKLE))), ("os.system",), "a compressed tar archive"),
    "long-name.tar": (_gnu_tar("x" * 150 + "/model.pkl", RUN_PICKLE), ("os.system",), "a GNU long name"),
    "traversal.tar": (_tar(("../../nonexistent/inert.pkl", b"inert")), (), "a name that climbs out of the folder"),
    "absolute.tar": (_tar(("/nonexistent/inert.bin", b"inert")), (), "an absolute name"),
    "symlink.tar": (tar_member("model.bin", kind=b"2", link="/nonexistent/inert") + TAR_END, (), "a symbolic link out of the folder"),
    "hardlink.tar": (tar_member("model.bin", kind=b"1", link="../../nonexistent/inert") + TAR_END, (), "a hard link out of the folder"),
    "link-then-file.tar": (tar_member("d", kind=b"2", link="/nonexistent") + tar_member("d/inert", b"inert") + TAR_END, (), "writes through a link it made"),
    "device.tar": (tar_member("model.bin", kind=b"3") + TAR_END, (), "a device file"),
    "tar-in-tar.tar": (_tar(("inner.tar", _tar(("model.pkl", RUN_PICKLE)))), ("os.system",), "an archive in an archive"),
    "zip-in-tar.tar": (_tar(("inner.pt", torch_zip(RUN_PICKLE).end())), ("os.system",), "a torch archive in a tar archive"),
    "stored.7z": (seven_zip("model.pkl", RUN_PICKLE), ("os.system",), "a pickle stored in 7z"),
    "lzma2.7z": (seven_zip("model.pkl", RUN_PICKLE, coder="lzma2"), (), "a pickle compressed in 7z"),
    "torch.7z": (seven_zip("pytorch_model.bin", torch_zip(RUN_PICKLE).end()), ("os.system",), "a torch archive stored in 7z"),
    "traversal.7z": (seven_zip("../../nonexistent/inert.pkl", b"\x80\x02N."), (), "a name that climbs out of the folder"),
    "pickle.zip": (Zip().add("model.pkl", RUN_PICKLE, method=8).end(), ("os.system",), "a pickle in a zip archive"),
    "zip-in-zip.zip": (Zip().add("inner.zip", Zip().add("model.pkl", RUN_PICKLE).end()).end(), ("os.system",), "an archive in an archive"),
    "three-zips.mar": (Zip().add("a.zip", Zip().add("b.zip", Zip().add("model.pkl", RUN_PICKLE, method=8).end(), method=8).end(), method=8).end(), ("os.system",), "three archives deep"),
    "gz-in-zip.zip": (Zip().add("model.pkl.gz", gzip.compress(RUN_PICKLE, mtime=0)).end(), ("os.system",), "a compressed pickle in an archive"),
    "tar-in-zip.zip": (Zip().add("inner.tar", _tar(("model.pkl", RUN_PICKLE))).end(), ("os.system",), "a tar archive in a zip archive"),
    "7z-in-zip.zip": (Zip().add("inner.7z", seven_zip("model.pkl", RUN_PICKLE)).end(), ("os.system",), "a 7z archive in a zip archive"),
    "odd-name.zip": (Zip().add("notes.txt", RUN_PICKLE).end(), ("os.system",), "a pickle with a text's name"),
    "npy-in-zip.zip": (Zip().add("x/a.npy", npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", RUN_PICKLE)).end(), ("os.system",), "an object array in an archive"),
    "traversal.zip": (Zip().add("../../nonexistent/inert.pkl", b"\x80\x02N.").end(), ("traversal-name",), "a name that climbs out of the folder"),
    "handler.mar": (Zip().add("MAR-INF/MANIFEST.json", b'{"model":{"handler":"handler.py"}}').add("handler.py", b"import os\nos.system('echo inert')\n").end(), (), "TorchServe: a handler that runs"),
}  # fmt: skip


def samples() -> Iterator[Sample]:
    """Nested pickles, compressed ones, archives."""
    for how, content in NESTED.items():
        yield Sample("malicious", "pickle-nested", f"{how}.pkl", content,
                     ("_codecs.decode",) if how == "codec-transform" else ("os.system",)
                     if "base64" not in how else ("pickle.loads",),
                     "a pickle as a value of another")  # fmt: skip
    for how, pack in COMPRESSORS.items():
        yield Sample("malicious", "pickle-compressed", f"model.pkl.{how}", pack(RUN_PICKLE),
                     ("os.system",), "a compressed pickle")  # fmt: skip
        yield Sample("malicious", "pickle-compressed", f"protocol-0-{how}.joblib", pack(RUN_TEXT),
                     ("os.system",), "a compressed pickle of protocol 0, by joblib's name")  # fmt: skip
    twice = gzip.compress(bz2.compress(RUN_PICKLE), mtime=0)
    yield Sample("malicious", "pickle-compressed", "twice.pkl.gz", twice, ("os.system",),
                 "compressed by two compressors")  # fmt: skip
    parts = gzip.compress(RUN_PICKLE[:9], mtime=0) + gzip.compress(RUN_PICKLE[9:], mtime=0)
    yield Sample("malicious", "pickle-compressed", "two-members.pkl.gz", parts, ("os.system",),
                 "a stream of two members, cut in the middle of the pickle")  # fmt: skip
    behind = gzip.compress(state_dict(), mtime=0) + gzip.compress(RUN_PICKLE, mtime=0)
    yield Sample("malicious", "pickle-compressed", "second-member.pkl.gz", behind, ("os.system",),
                 "the second member is the pickle that runs")  # fmt: skip
    cut = gzip.compress(PROTO_4 + RUN + b"0" + text("x" * 5000) + b".", 0, mtime=0)[:-300]
    yield Sample("malicious", "pickle-compressed", "cut.pkl.gz", cut, ("os.system",),
                 "the stream is cut behind the call")  # fmt: skip
    for name, (content, expect, why) in ARCHIVES.items():
        family = (
            "tar"
            if ".tar" in name or name.endswith((".tgz", ".nemo"))
            else "7z"
            if name.endswith(".7z")
            else "zip"
        )
        yield Sample("malicious", f"archive-{family}", name, content, expect, why)
