# ruff: noqa: E501 - a sample reads best as one line of bytes
"""Pickles that break: what ran before the break has run, and scanners that stop there see nothing.

"Hide and Seek" (arXiv 2508.19774) calls the use of a loader's error paths exception-oriented.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from tests.corpus.assemble import (
    PROTO_2,
    PROTO_4,
    RUN,
    RUN_PICKLE,
    RUN_TEXT,
    Zip,
    frame,
    short,
    text,
)
from tests.corpus.sample import Sample

BEHIND: dict[str, bytes] = {
    "no-stop": PROTO_2 + RUN,
    "unknown-opcode": PROTO_2 + RUN + b"\xff.",
    "stack-underflow": PROTO_2 + RUN + b"0000.",
    "missing-mark": PROTO_2 + RUN + b"t.",
    "missing-memo": PROTO_2 + RUN + b"h\x63.",
    "cut-text": PROTO_2 + RUN + b"X\xff\xff\x00\x00abc",
    "cut-number": PROTO_2 + RUN + b"G\x00\x00",
    "cut-frame": PROTO_4 + RUN + b"\x95\xff\xff\xff\xff\x00\x00\x00\x00N.",
    "negative-length": PROTO_2 + RUN + b"T\xff\xff\xff\xffabc.",
    "not-utf8": PROTO_2 + RUN + b"X\x02\x00\x00\x00\xff\xfe.",
    "bad-integer": RUN + b"Iabc\n.",
    "bad-long": RUN + b"L12z\n.",
    "bad-float": RUN + b"F1.2.3\n.",
    "unquoted-string": RUN + b"Sabc\n.",
    "bad-escape": RUN + b"S'\\x4'\n.",
    "protocol-6": PROTO_2 + RUN + b"\x80\x06N.",
    "append-to-none": PROTO_2 + RUN + b"0NNa.",
    "unhashable-key": PROTO_2 + RUN + b"0}]Ns.",
    "tuple-of-nothing": PROTO_2 + RUN + b"00\x85.",
    "extension-zero": PROTO_2 + RUN + b"\x82\x00.",
    "global-of-one-line": PROTO_2 + RUN + b"cos",
    "build-on-none": PROTO_2 + RUN + b"0N}b.",
    "stop-on-empty": PROTO_2 + RUN + b"0.",
    "zeros": PROTO_2 + RUN + b"\0" * 600,
    "huge-length": PROTO_2 + RUN + b"\x8d" + struct.pack("<Q", 2**62) + b".",
    "frame-then-cut": PROTO_4 + frame(RUN) + b"\x8c\xff",
}  # fmt: skip

BEFORE: dict[str, bytes] = {
    "unknown-opcode": b"\x80\x02N\xff." + RUN_PICKLE,
    "bad-number-then-text-pickle": b"I9z\n." + RUN_TEXT,
    "cut-then-a-pickle": PROTO_2 + text("x")[:3] + b"." + RUN_PICKLE,
    "missing-memo": b"\x80\x02h\x05." + RUN_PICKLE,
    "underflow": b"\x80\x020000." + RUN_PICKLE,
    "protocol-99": b"\x80\x63N." + RUN_PICKLE,
}  # fmt: skip


def samples() -> Iterator[Sample]:
    """The break behind the call, before it, and in the archive around it."""
    for how, content in BEHIND.items():
        yield Sample("malicious", "exception-oriented", f"behind-{how}.pkl", content, ("os.system",),
                     "the call has run when the pickle breaks")  # fmt: skip
    for how, content in BEFORE.items():
        yield Sample("malicious", "exception-oriented", f"before-{how}.pkl", content, ("os.system",),
                     "a reader that stops at the damage does not see the pickle behind it")  # fmt: skip
    broken = Zip(torch=True).add("a/data.pkl", PROTO_4 + short("x") + b"\xff" + RUN + b".")
    yield Sample("malicious", "exception-oriented", "in-a-torch-archive.pt", broken.end(),
                 ("os.system",), "damage, then the call, inside an archive")  # fmt: skip
    cut = Zip(torch=True).add("a/data.pkl", RUN_PICKLE).add("a/data/0", b"\0" * 400).end()
    yield Sample("malicious", "exception-oriented", "archive-without-its-end.pt", cut[:-30],
                 (), "the archive's directory is cut, its members are whole")  # fmt: skip
