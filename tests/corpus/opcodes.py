# ruff: noqa: E501 - a sample reads best as one line of bytes
"""Pickles by technique: how a name is brought in, how it is called, what is put in the way."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator

from tests.corpus.assemble import (
    PROTO_2,
    PROTO_4,
    RUN,
    RUN_PICKLE,
    RUN_TEXT,
    binunicode8,
    frame,
    imp,
    short,
    stack_imp,
    string,
    text,
)
from tests.corpus.sample import Sample

_OS, _SYSTEM, _ARG = "os", "system", text("echo inert")

# How two texts come onto the stack, for STACK_GLOBAL.
TEXTS: dict[str, Callable[[str], bytes]] = {
    "short-binunicode": short,
    "binunicode": text,
    "binunicode8": binunicode8,
    "unicode": lambda s: b"V" + s.encode() + b"\n",
    "unicode-escaped": lambda s: b"V" + "".join(f"\\u{ord(c):04x}" for c in s).encode() + b"\n",
    "string": string,
    "string-double-quoted": lambda s: b'S"' + s.encode() + b'"\n',
    "string-escaped": lambda s: b"S'" + "".join(f"\\x{ord(c):02x}" for c in s).encode() + b"'\n",
    "binstring": lambda s: b"T" + struct.pack("<i", len(s)) + s.encode(),
    "short-binstring": lambda s: b"U" + bytes([len(s)]) + s.encode(),
}  # fmt: skip

# How the function is called once it and its arguments can be had.
CALLS: dict[str, Callable[[bytes, bytes], bytes]] = {
    "reduce": lambda f, a: f + b"(" + a + b"tR",
    "reduce-tuple1": lambda f, a: f + a + b"\x85R",
    "obj": lambda f, a: b"(" + f + a + b"o",
    "newobj": lambda f, a: f + a + b"\x85\x81",
    "newobj-ex": lambda f, a: f + a + b"\x85}\x92",
    "reduce-list-to-nothing": lambda f, a: f + a + b"\x85R0N",
    "in-a-dictionary": lambda f, a: b"}(" + text("weight") + f + a + b"\x85R" + b"u",
    "as-a-key": lambda f, a: b"}" + f + a + b"\x85RNs",
    "in-a-list": lambda f, a: b"](" + f + a + b"\x85Re",
    "in-a-set": lambda f, a: b"\x8f(" + f + a + b"\x85R\x90",
    "in-a-frozenset": lambda f, a: b"(" + f + a + b"\x85R\x91",
    "as-a-state": lambda f, a: imp("collections", "OrderedDict") + b")\x81" + f + a + b"\x85Rb",
    "as-an-argument": lambda f, a: imp("collections", "OrderedDict") + f + a + b"\x85R\x85R",
    "as-a-persistent-id": lambda f, a: f + a + b"\x85RQ",
    "as-the-second-of-a-pair": lambda f, a: b"K\x01" + f + a + b"\x85R\x86",
}  # fmt: skip


def _put(index: int) -> bytes:
    return b"r" + struct.pack("<I", index)


def _get(index: int) -> bytes:
    return b"j" + struct.pack("<I", index)


_LISTED = short("collections") + b"\x94" + short("OrderedDict") + b"\x94"

EVASIONS: dict[str, tuple[bytes, str]] = {
    "inst": (b"(S'echo inert'\nios\nsystem\n.", "INST imports and calls at once"),
    "import-only": (b"cos\nsystem\n.", "the import alone runs the module's top level"),
    "posix": (b"cposix\nsystem\n(S'echo inert'\ntR.", "the module behind os"),
    "nt": (b"cnt\nsystem\n(S'echo inert'\ntR.", "the module behind os on Windows"),
    "memo-swap": (PROTO_4 + _LISTED + short("os") + b"q\x00" + short("system") + b"q\x01h\x00h\x01\x93" + _ARG + b"\x85R.", "PUT overwrites what MEMOIZE had stored"),
    "memo-sparse": (b"cos\nsystem\n" + _put(2**31) + b"0" + _get(2**31) + b"(S'echo inert'\ntR.", "a memo index of two thousand million"),
    "memo-text-index": (b"cos\nsystem\np4294967296\n0g4294967296\n(S'echo inert'\ntR.", "a memo index beyond 32 bits in text"),
    "memoize-after-put": (PROTO_4 + short("os") + b"q\x05" + short("system") + b"\x940h\x05h\x01\x93" + _ARG + b"\x85R.", "MEMOIZE counts entries, not indices"),
    "memo-kept-between-pickles": (PROTO_4 + short("os") + b"\x94" + short("system") + b"\x94." + PROTO_4 + short("collections") + b"\x94" + short("OrderedDict") + b"\x94h\x00h\x01\x93" + _ARG + b"\x85R.", "one Unpickler keeps its memo from one load to the next"),
    "int-hexadecimal": (b"I0x10\n0cos\nsystem\n(S'echo inert'\ntR.", "the C unpickler reads INT with base 0"),
    "int-octal": (b"I0o17\n0cos\nsystem\n(S'echo inert'\ntR.", "the C unpickler reads INT with base 0"),
    "int-binary": (b"I0b11\n0cos\nsystem\n(S'echo inert'\ntR.", "the C unpickler reads INT with base 0"),
    "int-space": (b"I 7 \n0cos\nsystem\n(S'echo inert'\ntR.", "spaces around a number"),
    "long-hexadecimal": (b"L0x10L\n0cos\nsystem\n(S'echo inert'\ntR.", "the C unpickler reads LONG with base 0"),
    "long-1-negative": (b"\x80\x02\x8a\x01\xff0cos\nsystem\n(S'echo inert'\ntR.", "LONG1 of a negative number"),
    "float-inf": (b"Finf\n0cos\nsystem\n(S'echo inert'\ntR.", "a FLOAT that is not a number in most grammars"),
    "protocol-0-comment-like": (b"S'# just text'\n0" + RUN_TEXT, "a text first"),
    "protocol-5-header": (b"\x80\x05" + RUN + b".", "a protocol number that does not fit the opcodes"),
    "protocol-twice": (PROTO_4 + PROTO_2 + RUN + b".", "PROTO in the middle"),
    "python-2-name": (b"c__builtin__\neval\n(S'1'\ntR.", "fix_imports maps the name of Python 2"),
    "python-2-name-proto-2": (PROTO_2 + b"c__builtin__\nexec\n" + text("pass") + b"\x85R.", "fix_imports maps the name of Python 2"),
    "python-2-commands": (b"ccommands\ngetoutput\n(S'echo inert'\ntR.", "fix_imports maps commands to subprocess"),
    "module-with-newline-trick": (PROTO_4 + stack_imp("os", "system") + _ARG + b"\x85R0" + stack_imp("numpy", "ndarray") + b".", "a listed name behind it"),
    "frame-too-long": (PROTO_4 + b"\x95" + struct.pack("<Q", 10**6) + RUN + b".", "a frame longer than the file"),
    "frame-too-short": (PROTO_4 + frame(RUN + b".", 3), "a frame that ends inside an opcode (python/cpython#154848)"),
    "frame-in-frame": (PROTO_4 + frame(b"N0" + frame(RUN + b".")), "a frame in a frame"),
    "frame-empty": (PROTO_4 + frame(b"") + RUN + b".", "a frame of no bytes"),
    "frame-protocol-0": (frame(RUN + b"."), "a frame without a protocol"),
    "frame-hides-the-call": (PROTO_4 + frame(b"K\x010X\x2c\x01") + b"\0\0\0\0" + (RUN + b".").ljust(298, b"N") + b".", "read straight through, a text; read from a file, a call (python/cpython#154848)"),
    "padding-of-pops": (PROTO_2 + b"N0" * 5000 + RUN + b".", "ten thousand idle opcodes first"),
    "padding-of-marks": (PROTO_2 + b"(1" * 5000 + RUN + b".", "ten thousand idle opcodes first"),
    "padding-of-text": (PROTO_2 + text("x" * 70_000) + b"0" + RUN + b".", "the call lies behind the first 64 KiB"),
    "padding-of-protocols": (PROTO_2 * 3000 + RUN + b".", "PROTO three thousand times"),
    "popped": (PROTO_2 + RUN + b"0N.", "the result is dropped (GHSA-mxhj-88fx-4pcv)"),
    "obj-popped": (b"(cos\nsystem\nS'echo inert'\no0N.", "OBJ's result is dropped (GHSA-mxhj-88fx-4pcv)"),
    "mark-popped": (b"(" + RUN + b"1N.", "everything above the mark is dropped"),
    "duplicated": (b"cos\nsystem\n2(S'echo inert'\ntR.", "DUP doubles the function"),
    "build-setstate": (PROTO_2 + imp("os", "system") + b"}" + text("a") + b"Nsb.", "BUILD on a function (modelscan #330)"),
    "build-slots": (PROTO_2 + imp("collections", "OrderedDict") + b")\x81N}" + text("x") + imp("os", "system") + b"s\x86b.", "a state of slots that holds the function"),
    "get-undefined-then": (PROTO_2 + RUN + b"h\x7f.", "a missing memo entry behind the call"),
    "text-module-unicode": (b"cos\nsyste\xef\xbd\x8d\n(S'echo inert'\ntR.", "a fullwidth letter, which import does not normalize and readers might"),
    "extension-code-1": (PROTO_2 + b"\x82\x01)R.", "a name of the extension registry"),
    "extension-code-2": (PROTO_2 + b"\x83\x01\x01)R.", "a name of the extension registry"),
    "extension-code-4": (PROTO_2 + b"\x84\x01\x01\x01\x00)R.", "a name of the extension registry"),
    "computed-module": (PROTO_4 + imp("builtins", "str") + short("os") + b"\x85R" + short("system") + b"\x93" + _ARG + b"\x85R.", "a name that is computed while loading"),
    "computed-function": (PROTO_2 + imp("collections", "OrderedDict") + b")R)R.", "a call of a call's result"),
    "getattr-chain": (PROTO_2 + imp("builtins", "getattr") + imp("os", "path") + text("join") + b"\x86R)R.", "an attribute, then its call"),
    "import-function": (PROTO_2 + imp("builtins", "__import__") + text("os") + b"\x85R.", "the import statement as a function"),
    "unhashable-then": (PROTO_2 + b"}" + RUN + b"]Ns.", "the call is a value whose dictionary cannot be built"),
}  # fmt: skip

# What each evasion must be recognized as, where it is not os.system.
_NAMES = {
    "posix": "posix.system", "nt": "nt.system", "python-2-name": "builtins.eval",
    "python-2-name-proto-2": "builtins.exec", "python-2-commands": "subprocess.getoutput",
    "text-module-unicode": "", "extension-code-1": "<extension 1>",
    "extension-code-2": "<extension 257>", "extension-code-4": "<extension 65793>",
    "computed-module": "<computed>", "computed-function": "<computed>",
    "getattr-chain": "builtins.getattr", "import-function": "builtins.__import__",
}  # fmt: skip

_STACKED: dict[str, tuple[bytes, str]] = {
    "second": (b"\x80\x02N." + RUN_PICKLE, "the second pickle of the file"),
    "hundredth": (b"\x80\x02N." * 99 + RUN_PICKLE, "the hundredth pickle of the file"),
    "behind-junk": (b"\x80\x02N.\xff\xfe\xfdjunk" + RUN_PICKLE, "behind bytes that are no opcode"),
    "behind-zeros": (b"\x80\x02N." + b"\0" * 5000 + RUN_PICKLE, "behind zeros"),
    "behind-protocol-0": (b"N." + RUN_TEXT, "a pickle of protocol 0 behind another"),
    "behind-a-large-one": (b"\x80\x02" + text("x" * 200_000) + b"." + RUN_PICKLE, "behind 200 kB"),
    "between-two": (b"\x80\x02N." + RUN_PICKLE + b"\x80\x02N.", "the second of three"),
    "behind-an-empty-dictionary": (
        b"\x80\x04}." + PROTO_4 + RUN + b".",
        "a stack that torch reads",
    ),
}


def samples() -> Iterator[Sample]:
    """Every way to bring a name in with REDUCE, every call with GLOBAL, and the evasions."""
    for how, push in TEXTS.items():
        body = push(_OS) + push(_SYSTEM) + b"\x93" + _ARG + b"\x85R"
        yield Sample("malicious", "pickle-import", f"stack-global-{how}.pkl",
                     PROTO_4 + body + b".", ("os.system",), "STACK_GLOBAL over texts of one opcode")  # fmt: skip
        memo = push(_OS) + b"\x940" + push(_SYSTEM) + b"\x940h\x00h\x01\x93" + _ARG + b"\x85R"
        yield Sample("malicious", "pickle-import", f"stack-global-memo-{how}.pkl",
                     PROTO_4 + memo + b".", ("os.system",), "the texts come out of the memo")  # fmt: skip
    for how, apply in CALLS.items():
        yield Sample("malicious", "pickle-call", f"{how}.pkl",
                     PROTO_4 + apply(imp(_OS, _SYSTEM), _ARG) + b".", ("os.system",),
                     "one way to have a function called, or its result used")  # fmt: skip
    for how, (content, why) in EVASIONS.items():
        name = _NAMES.get(how, "os.system")
        expect = (name,) if name else ()
        yield Sample("malicious", "pickle-evasion", f"{how}.pkl", content, expect, why)
    for how, (content, why) in _STACKED.items():
        yield Sample("malicious", "pickle-stacked", f"{how}.pkl", content, ("os.system",), why)
