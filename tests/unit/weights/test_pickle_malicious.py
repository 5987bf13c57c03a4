# ruff: noqa: E501 - a sample reads best as one line of bytes
"""Pickles that would run something: each technique must be seen, and named, from bytes alone."""

from __future__ import annotations

import bz2
import gzip
import lzma
import struct
import zlib

import pytest
from tests.unit.weights import craft as c

from weighbridge.model.artifact import Kind
from weighbridge.weights.inspection import Verdict

RUN = c.call(c.imp("os", "system"), c.text(c.ECHO))
D, F, U = Verdict.DANGEROUS, Verdict.UNLISTED_CALL, Verdict.UNLISTED


def sparse(index: int) -> bytes:
    return b"r" + struct.pack("<I", index)


# name -> (bytes, the dotted name that must be found, its verdict)
OPCODES: dict[str, tuple[bytes, str, Verdict]] = {
    "global-reduce": (b"cos\nsystem\n(S'echo inert'\ntR.", "os.system", D),
    "global-protocol-2": (b"\x80\x02" + RUN + b".", "os.system", D),
    "import-never-called": (b"cos\nsystem\n.", "os.system", D),
    "posix": (b"cposix\nsystem\n)R.", "posix.system", D),
    "windows": (b"cnt\nsystem\n)R.", "nt.system", D),
    "stack-global": (b"\x80\x04" + c.stack_imp("os", "system") + c.short("x") + b"\x85R.",
                     "os.system", D),
    "stack-global-binunicode8": (
        b"\x80\x04\x8d" + struct.pack("<Q", 2) + b"os" + c.short("system") + b"\x93.", "os.system", D),
    "stack-global-from-string-opcodes": (b"\x80\x04S'os'\nS'system'\n\x93.", "os.system", D),
    "stack-global-from-short-binstring": (b"\x80\x04U\x02osU\x06system\x93.", "os.system", D),
    "stack-global-from-binstring": (
        b"\x80\x04T\x02\0\0\0osT\x06\0\0\0system\x93.", "os.system", D),
    "stack-global-from-unicode": (b"\x80\x04Vos\nVsystem\n\x93.", "os.system", D),
    "stack-global-escaped-unicode": (b"\x80\x04V\\u006fs\nVsystem\n\x93.", "os.system", D),
    "stack-global-escaped-string": (b"\x80\x04S'\\x6f\\163'\nS'system'\n\x93.", "os.system", D),
    "inst": (b"(S'echo inert'\nios\nsystem\n.", "os.system", D),
    "inst-no-args": (b"(ios\ngetcwd\n.", "os.getcwd", D),
    "obj": (b"(cos\nsystem\nS'echo inert'\no.", "os.system", D),
    "obj-then-pop": (b"(cos\nsystem\nS'echo inert'\no0N.", "os.system", D),
    "newobj": (b"\x80\x02csubprocess\nPopen\n" + c.text(c.ECHO) + b"\x85\x81.", "subprocess.Popen", D),
    "newobj-ex": (b"\x80\x04" + c.stack_imp("subprocess", "Popen") + c.short("x") + b"\x85}("
                  + c.short("shell") + b"\x88u\x92.", "subprocess.Popen", D),
    "reduce-then-pop": (b"\x80\x02" + RUN + b"0N.", "os.system", D),
    "reduce-below-a-mark": (b"(" + RUN + b"1N.", "os.system", D),
    "memo-put-get": (b"cos\nsystem\np9\n0g9\n(S'x'\ntR.", "os.system", D),
    "memo-sparse-binget": (b"cos\nsystem\n" + sparse(4_000_000_000) + b"0j"
                           + struct.pack("<I", 4_000_000_000) + b")R.", "os.system", D),
    "memo-name-swap": (b"\x80\x04" + c.short("collections") + b"\x94" + c.short("OrderedDict") + b"\x94"
                       + c.short("os") + b"q\x00" + c.short("system") + b"q\x01h\x00h\x01\x93)R.",
                       "os.system", D),
    "memoize-index": (b"\x80\x04" + c.short("os") + b"\x94" + c.short("system") + b"\x94(h\x00h\x01t0"
                      b"h\x00h\x01\x93)R.", "os.system", D),
    "dup": (b"cos\nsystem\n2)R.", "os.system", D),
    "pop-mark": (b"\x80\x04" + c.short("os") + b"(" + c.short("junk") + b"1" + c.short("system")
                 + b"\x93)R.", "os.system", D),
    "tuple-of-args": (b"\x80\x02cos\nsystem\n" + c.text("x") + b"\x85R.", "os.system", D),
    "int-base-0": (b"I0x10\n0cos\nsystem\n(S'x'\ntR.", "os.system", D),
    "int-octal": (b"I010\n0cos\nsystem\n)R.", "os.system", D),
    "int-underscore": (b"I1_0\n0cos\nsystem\n)R.", "os.system", D),
    "int-nul": (b"I5\x00junk\n0cos\nsystem\n)R.", "os.system", D),
    "long-base-0": (b"L0x10L\n0cos\nsystem\n)R.", "os.system", D),
    "long-many-digits": (b"L" + b"9" * 4000 + b"L\n0cos\nsystem\n)R.", "os.system", D),
    "binstring-unsigned": (b"N0cos\nsystem\n)R.", "os.system", D),
    "python-2-builtins": (b"c__builtin__\neval\n(S'1'\ntR.", "builtins.eval", D),
    "python-2-urllib": (b"curllib2\nurlopen\n(S'x'\ntR.", "urllib.request.urlopen", D),
    "python-2-commands": (b"ccommands\ngetoutput\n)R.", "subprocess.getoutput", D),
    "python-2-name-in-3": (b"\x80\x04" + c.stack_imp("__builtin__", "eval") + b")R.",
                           "__builtin__.eval", D),
    "protocol-lowered-midway": (b"\x80\x04\x80\x02c__builtin__\nexec\n)R.", "builtins.exec", D),
    "dotted-attribute": (b"\x80\x04" + c.stack_imp("random", "_os.system") + b")R.",
                         "random._os.system", D),
    "dotted-on-a-listed-class": (b"\x80\x04" + c.stack_imp("collections", "OrderedDict.fromkeys")
                                 + b")R.", "collections.OrderedDict.fromkeys", D),
    "module-through-module": (b"crandom\n_os\n.", "random._os", D),
    "dunder-attribute": (b"\x80\x04" + c.stack_imp("numpy", "__builtins__") + b".",
                         "numpy.__builtins__", D),
    "getattr": (b"cbuiltins\ngetattr\n(cos\nenviron\nS'x'\ntR.", "builtins.getattr", D),
    "import-function": (b"cbuiltins\n__import__\n(S'os'\ntR.", "builtins.__import__", D),
    "resolve-name": (b"cpkgutil\nresolve_name\n(S'os:system'\ntR.", "pkgutil.resolve_name", D),
    "attrgetter": (b"coperator\nattrgetter\n(S'system'\ntR.", "operator.attrgetter", D),
    "partial": (b"cfunctools\npartial\n(cos\nsystem\nS'x'\ntR.", "functools.partial", D),
    "runpy": (b"crunpy\n_run_code\n)R.", "runpy._run_code", D),
    "pty": (b"cpty\nspawn\n)R.", "pty.spawn", D),
    "ctypes": (b"cctypes\nCDLL\n(S'x'\ntR.", "ctypes.CDLL", D),
    "pip": (b"cpip\nmain\n)R.", "pip.main", D),
    "webbrowser": (b"cwebbrowser\nopen\n(S'x'\ntR.", "webbrowser.open", D),
    "uuid-helper": (b"cuuid\n_get_command_stdout\n)R.", "uuid._get_command_stdout", D),
    "logging-handler": (b"clogging\nFileHandler\n(S'x'\ntR.", "logging.FileHandler", D),
    "numpy-runstring": (b"cnumpy.testing._private.utils\nrunstring\n)R.",
                        "numpy.testing._private.utils.runstring", D),
    "torch-load": (b"ctorch\nload\n(S'x'\ntR.", "torch.load", D),
    "torch-hub": (b"ctorch.hub\nload\n)R.", "torch.hub.load", D),
    "socket": (b"csocket\ncreate_connection\n)R.", "socket.create_connection", D),
    "open": (b"c__builtin__\nopen\n(S'x'\ntR.", "builtins.open", D),
    "nested-loads": (b"cpickle\nloads\n(C\x00tR.", "pickle.loads", D),
    "code-object": (b"\x80\x02ctypes\nCodeType\n)R.", "types.CodeType", D),
    "build-on-a-function": (b"cnumpy\nsize\n}S'x'\nNsb.", "numpy.size", D),
    "setitem-on-a-module-dict": (b"cos\nenviron\nS'k'\nS'v'\ns.", "os.environ", D),
    "append-to-a-global": (b"ctorch.serialization\n_package_registry\nNa.",
                           "torch.serialization._package_registry", D),
    "unlisted-function": (b"cmylib.util\nrun\n(S'x'\ntR.", "mylib.util.run", F),
    "unlisted-stdlib-class": (b"ccmd\nCmd\n)R.", "cmd.Cmd", F),
    "unlisted-class": (b"\x80\x02cmylib.nets\nNet\n)\x81}b.", "mylib.nets.Net", U),
    "unlisted-class-by-reconstructor": (
        b"ccopyreg\n_reconstructor\n(cmylib.nets\nNet\ncbuiltins\nobject\nNtR.", "mylib.nets.Net", U),
    "unlisted-codec": (b"c_codecs\nencode\n(S'x'\nS'zlib'\ntR.", "_codecs.encode", F),
    "listed-for-importing-only": (b"ctorch\nfloat32\n)R.", "torch.float32", F),
    "rebuild-calls-its-argument": (
        b"ctorch._tensor\n_rebuild_from_type_v2\n(cmylib\nrun\nN)}tR.",
        "torch._tensor._rebuild_from_type_v2", F),
    "computed-name": (b"\x80\x04" + c.stack_imp("builtins", "str") + c.short("os") + b"\x85R"
                      + c.short("system") + b"\x93)R.", "<computed>", F),
    "computed-callee": (b"\x80\x02ccollections\nOrderedDict\n)R)R.", "<computed>", F),
    "persistent-callee": (b"\x80\x02NQ)R.", "<computed>", F),
    "persistent-id-protocol-0": (b"Pkey\n)R.", "<computed>", F),
    "out-of-band-buffer-called": (b"\x80\x05\x97)R.", "<computed>", F),
    "extension-1": (b"\x82\x05.", "<extension 5>", F),
    "extension-2": (b"\x83\x05\x01)R.", "<extension 261>", F),
    "extension-4": (b"\x84\x05\0\0\x01.", "<extension 16777221>", F),
    "special-attribute": (b"\x80\x02cargparse\nNamespace\n)\x81}" + c.text("__class__") + b"Nsb.",
                          "__class__", F),
    "second-pickle": (b"N." + b"\x80\x02" + RUN + b".", "os.system", D),
    "second-pickle-memo-kept": (
        b"\x80\x04" + c.short("os") + b"\x94" + c.short("system") + b"\x94." + b"\x80\x04"
        + c.short("collections") + b"\x94" + c.short("OrderedDict") + b"\x94h\x00h\x01\x93)R.",
        "os.system", D),
    "behind-junk": (b"N.\xff\xffjunk\x80\x02" + RUN + b".", "os.system", D),
    "behind-junk-text": (b"N.\xff\xffjunk" + RUN + b".", "os.system", D),
    "then-truncated": (b"\x80\x02" + RUN, "os.system", D),
    "then-damaged": (b"\x80\x02" + RUN + b"\xff.", "os.system", D),
    "then-missing-memo": (b"\x80\x02" + RUN + b"h\x09.", "os.system", D),
    "then-underflow": (b"\x80\x02" + RUN + b"000.", "os.system", D),
    "inside-bytes": (b"\x80\x04" + c.blob(b"\x80\x02" + RUN + b".") + b".", "os.system", D),
    "inside-bytes-protocol-0": (b"\x80\x04" + c.blob(RUN + b".") + b".", "os.system", D),
    "inside-bytes-twice": (b"\x80\x04" + c.blob(b"\x80\x04" + c.blob(RUN + b".") + b".") + b".",
                           "os.system", D),
    "inside-bytearray": (b"\x80\x05\x96" + struct.pack("<Q", len(RUN) + 1) + RUN + b"..",
                         "os.system", D),
    "inside-a-python-2-string": (b"T" + struct.pack("<I", len(RUN) + 3) + b"\x80\x02" + RUN + b"..",
                                 "os.system", D),
    "frame-straddled": (
        # The second reading drops the frame's rest and reads the argument behind it.
        b"\x80\x04N0" + c.frame(b"\x8c\x06", 2) + b"ignore" + b"0" + c.stack_imp("os", "system")
        + b")R.", "os.system", D),
    "frame-hides-the-call": (
        # Read straight through, a text of 300 bytes; read from a file, an empty text, then a call.
        b"\x80\x04" + c.frame(b"K\x010X\x2c\x01") + b"\0\0\0\0"
        + (c.imp("os", "system") + b")R.").ljust(298, b"N") + b".", "os.system", D),
}  # fmt: skip


@pytest.mark.parametrize(("data", "name", "verdict"), OPCODES.values(), ids=OPCODES)
def test_an_operation_is_seen_and_named(look, data: bytes, name: str, verdict: Verdict) -> None:
    seen = look(data)
    found = {(o.name, o.verdict) for o in seen.operations}
    assert (name, verdict) in found or (name == "mylib.nets.Net" and (name, U) in found), found


def test_there_are_enough_variants() -> None:
    assert len(OPCODES) >= 90


def test_the_call_is_shown_as_python_with_its_place(look) -> None:
    seen = look(b"\x80\x02" + RUN + b".")
    call = next(o for o in seen.operations if o.action == "call")
    assert call.rendered == "os.system('echo inert')"
    assert call.opcode == "REDUCE"
    assert call.offset == 2 + len(RUN) - 1
    assert call.effect == "runs a program or a shell command"
    imported = next(o for o in seen.operations if o.action == "import")
    assert (imported.rendered, imported.offset) == ("from os import system", 2)


def test_hostile_text_is_escaped_in_what_is_shown(look) -> None:
    seen = look(
        b"\x80\x04" + c.stack_imp("evil\x1b[2J\u202e", "a\nb") + c.short("\x1b]0;x") + b"\x85R."
    )
    shown = "".join(o.name + o.rendered for o in seen.operations)
    assert shown
    assert shown.isprintable()


def test_surrogates_in_names_do_not_break_the_record(look) -> None:
    from weighbridge.collect.weights import facts
    from weighbridge.model.canonical import canonical

    seen = look(b"\x80\x04\x8c\x03\xed\xa0\x80" + c.short("x") + b"\x93.")
    assert seen.operations
    assert canonical(facts(seen, 10))


CONTAINERS = {
    "gzip": (gzip.compress(b"\x80\x02" + RUN + b".", mtime=0), Kind.GZIP, "m.joblib"),
    "gzip-two-members": (
        gzip.compress(b"\x80\x02" + RUN[:5], mtime=0) + gzip.compress(RUN[5:] + b".", mtime=0),
        Kind.GZIP, "m.joblib"),
    "bzip2": (bz2.compress(b"\x80\x02" + RUN + b"."), Kind.BZIP2, "m.joblib"),
    "xz": (lzma.compress(b"\x80\x02" + RUN + b"."), Kind.XZ, "m.joblib"),
    "lzma-alone": (lzma.compress(b"\x80\x02" + RUN + b".", format=lzma.FORMAT_ALONE), Kind.BINARY,
                   "m.joblib"),
    "zlib": (zlib.compress(b"\x80\x02" + RUN + b"."), Kind.BINARY, "m.joblib"),
    "protocol-0-as-text": (RUN.replace(c.text(c.ECHO), b"S'echo inert'\n") + b".", Kind.TEXT,
                           "pytorch_model.bin"),
    "raw-pickle-as-bin": (b"\x80\x02" + RUN + b".", Kind.PICKLE, "pytorch_model.bin"),
    "torch-zip": (c.torch_zip(b"\x80\x02" + RUN + b".").end(), Kind.TORCH_ZIP, "m.pt"),
    "torch-zip-deflated": (c.Zip().add("a/data.pkl", b"\x80\x02" + RUN + b".", method=8).end(),
                           Kind.TORCH_ZIP, "m.pt"),
    "torch-zip-case": (c.Zip(torch=True).add("a/DATA.PKL", RUN + b".").end(), Kind.TORCH_ZIP, "m.pt"),
    "torch-zip-other-member": (
        c.torch_zip(**{"extra/thing": b"\x80\x02" + RUN + b"."}).end(), Kind.TORCH_ZIP, "m.pt"),
    "torch-zip-storage": (
        c.Zip(torch=True).add("a/data.pkl", c.state_dict()).add("a/data/0", b"\x80\x02" + RUN + b".")
        .end(), Kind.TORCH_ZIP, "m.pt"),
    "torch-zip-constants": (c.torch_zip(**{"constants.pkl": b"\x80\x02" + RUN + b"."}).end(),
                            Kind.TORCH_ZIP, "m.pt"),
    "torch-zip-value-in-state-dict": (
        c.torch_zip(c.state_dict(extra=c.text("x") + RUN)).end(), Kind.TORCH_ZIP, "m.pt"),
    "torch-legacy": (c.torch_legacy(c.state_dict(extra=c.text("x") + RUN)), Kind.TORCH_LEGACY, "m.pt"),
    "torch-legacy-magic-computed": (
        b"\x80\x02" + RUN + b"." + c.torch_legacy(), Kind.TORCH_LEGACY, "m.pt"),
    "npy-object": (
        c.npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", b"\x80\x02" + RUN + b"."),
        Kind.NUMPY, "a.npy"),
    "npy-structured-object": (
        c.npy("{'descr': [('a', '<f4'), ('b', '|O')], 'fortran_order': False, 'shape': (1,)}",
              b"\x80\x02" + RUN + b"."), Kind.NUMPY, "a.npy"),
    "npz-object": (
        c.Zip().add("a.npy", c.npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}",
                                   b"\x80\x02" + RUN + b"."), method=8).end(), Kind.NUMPY_ZIP, "a.npz"),
    "npz-foreign-pickle": (c.Zip().add("a.pkl", b"\x80\x02" + RUN + b".").end(), Kind.NUMPY_ZIP,
                           "a.npz"),
    "keras-zip": (c.Zip().add("config.json", b"{}").add("x.pkl", RUN + b".").end(), Kind.KERAS_ZIP,
                  "m.keras"),
    "zip-in-zip": (
        c.Zip().add("inner.zip", c.torch_zip(b"\x80\x02" + RUN + b".").end()).end(), Kind.ZIP, "m.mar"),
    "pickle-before-a-zip": (b"\x80\x02" + RUN + b"." + c.torch_zip().end(), Kind.PICKLE, "m.pt"),
    "zip-behind-a-pickle": (b"\x80\x02N." + c.torch_zip(b"\x80\x02" + RUN + b".").end(), Kind.PICKLE,
                            "m.pt"),
    "zip-behind-safetensors": (
        c.safetensors('{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', b"\0")
        + c.torch_zip(b"\x80\x02" + RUN + b".").end(), Kind.SAFETENSORS, "m.safetensors"),
    "joblib-object-array": (
        b"\x80\x04" + c.joblib_array(b"", shape=(1,), code="O8")[:-4] + b"\x80\x02" + RUN + b".."
        , Kind.PICKLE, "m.joblib"),
    "joblib-array-bytes-as-opcodes": (
        # What joblib skips as an array, pickle.load runs.
        b"\x80\x04" + c.joblib_array((RUN + b".").ljust(80, b"N"), shape=(10,)).replace(
            b"\x03\xff\xff\xff", b"N" * 79, 1) + b".", Kind.PICKLE, "m.joblib"),
}  # fmt: skip


@pytest.mark.parametrize(("data", "kind", "path"), CONTAINERS.values(), ids=CONTAINERS)
def test_a_payload_is_found_inside(look, data: bytes, kind: Kind, path: str) -> None:
    seen = look(data, kind, path)
    assert ("os.system", D) in {(o.name, o.verdict) for o in seen.operations}, seen
