# ruff: noqa: E501 - a sample reads best as one line of bytes
"""What published advisories about pickle scanners and loaders describe: each is seen here.

The ids name the technique. The samples are our own, inert, and never loaded.
"""

from __future__ import annotations

import struct

import pytest
from tests.unit.weights import craft as c

from weighbridge.model.artifact import Kind
from weighbridge.weights.inspection import Verdict

D, F = Verdict.DANGEROUS, Verdict.UNLISTED_CALL
P2, P4 = b"\x80\x02", b"\x80\x04"
RUN = c.call(c.imp("os", "system"), c.text(c.ECHO))


def calling(module: str, name: str, *args: bytes) -> bytes:
    return P4 + c.call(c.stack_imp(module, name), *(args or (c.short("inert"),))) + b"."


# advisory and what it is about -> (bytes, the name that must be found, its verdict)
ADVISORIES: dict[str, tuple[bytes, str, Verdict]] = {
    "CVE-2025-1716 pip.main": (calling("pip", "main"), "pip.main", D),
    "CVE-2025-1716 pip internals": (calling("pip._internal.cli.main", "main"), "pip._internal.cli.main.main", D),
    "CVE-2025-10157 submodule import": (calling("asyncio.unix_events", "_UnixSubprocessTransport._start"),
                                        "asyncio.unix_events._UnixSubprocessTransport._start", D),
    "GHSA-9gvj-pp9x-gcfr STACK_GLOBAL over STRING": (
        P4 + b"S'os'\nS'system'\n\x93" + c.short("x") + b"\x85R.", "os.system", D),
    "GHSA-9gvj-pp9x-gcfr STACK_GLOBAL over UNICODE": (
        P4 + b"Vos\nVsystem\n\x93" + c.short("x") + b"\x85R.", "os.system", D),
    "GHSA-vvpj-8cmc-gx39 pkgutil.resolve_name": (
        calling("pkgutil", "resolve_name", c.short("os:system")), "pkgutil.resolve_name", D),
    "GHSA-g38g-8gr9-h9xp uuid": (calling("uuid", "_get_command_stdout"), "uuid._get_command_stdout", D),
    "GHSA-g38g-8gr9-h9xp imaplib": (calling("imaplib", "IMAP4_stream"), "imaplib.IMAP4_stream", D),
    "GHSA-g38g-8gr9-h9xp _osx_support": (calling("_osx_support", "_read_output"), "_osx_support._read_output", D),
    "GHSA-g38g-8gr9-h9xp _aix_support": (calling("_aix_support", "_read_cmd_output"),
                                         "_aix_support._read_cmd_output", D),
    "GHSA-g38g-8gr9-h9xp _pyrepl": (calling("_pyrepl.pager", "pipe_pager"), "_pyrepl.pager.pipe_pager", F),
    "CVE-2026-56304 logging.FileHandler": (calling("logging", "FileHandler"), "logging.FileHandler", D),
    "CVE-2026-56304 logging.handlers": (calling("logging.handlers", "RotatingFileHandler"),
                                        "logging.handlers.RotatingFileHandler", D),
    "GHSA-955r-x9j8-7rhh operator.attrgetter": (calling("operator", "attrgetter"), "operator.attrgetter", D),
    "GHSA-955r-x9j8-7rhh operator.methodcaller": (calling("_operator", "methodcaller"), "_operator.methodcaller", D),
    "legacy magic computed by REDUCE": (
        P2 + c.call(c.imp("builtins", "int"), RUN) + b"." + c.torch_legacy(), "os.system", D),
    "GHSA-r7v6-mfhq-g3m2 pty": (calling("pty", "spawn"), "pty.spawn", D),
    "GHSA-565g-hwwr-4pp3 marshal": (calling("marshal", "loads", c.blob(b"\xe3")), "marshal.loads", D),
    "GHSA-565g-hwwr-4pp3 types.FunctionType": (calling("types", "FunctionType"), "types.FunctionType", D),
    "GHSA-wfq2-52f7-7qvj runpy": (calling("runpy", "run_path"), "runpy.run_path", D),
    "GHSA-q5qq-mvfm-j35x importlib": (calling("importlib", "import_module"), "importlib.import_module", D),
    "CVE-2026-22608 ctypes": (calling("ctypes", "CDLL"), "ctypes.CDLL", D),
    "CVE-2026-22608 pydoc.locate": (calling("pydoc", "locate"), "pydoc.locate", D),
    "CVE-2026-22612 builtins": (b"c__builtin__\nexec\n(S'pass'\ntR.", "builtins.exec", D),
    "GHSA-mxhj-88fx-4pcv OBJ then POP": (b"(cos\nsystem\nS'echo inert'\no0N.", "os.system", D),
    "GHSA-5j3x-jp52-966f dotted attribute": (calling("random", "_os.system"), "random._os.system", D),
    "python/cpython#154848 frame divergence": (
        P4 + b"N0" + c.frame(b"\x8c\x06", 2) + b"ignore" + b"0" + c.stack_imp("os", "system") + b")R.",
        "os.system", D),
    "modelscan #330 numpy.size BUILD": (b"cnumpy\nsize\n}S'x'\nNsb.", "numpy.size", D),
    "modelscan #330 functools BUILD": (b"cinspect\nsignature\n}S'__code__'\nNsb.", "inspect.signature", D),
    "base-0 integer I0x10": (b"I0x10\n0cos\nsystem\n(S'x'\ntR.", "os.system", D),
    "base-0 integer L0x10L": (b"L0x10L\n0cos\nsystem\n(S'x'\ntR.", "os.system", D),
    "memo kept between stacked pickles": (
        P4 + c.short("os") + b"\x94" + c.short("system") + b"\x94." + P4 + c.short("collections") + b"\x94"
        + c.short("OrderedDict") + b"\x94h\x00h\x01\x93)R.", "os.system", D),
    "Hide and Seek: exception-oriented": (
        # The call happens; what follows raises and hides it from readers that want a whole pickle.
        P2 + RUN + b"0" + c.call(c.imp("builtins", "int"), c.text("no number")) + b"\x52\x52.", "os.system", D),
    "CVE-2025-32434 torch.load in a state dict": (calling("torch", "load"), "torch.load", D),
    "CVE-2025-32434 torch.jit": (calling("torch.jit", "load"), "torch.jit.load", D),
    "torch.hub": (calling("torch.hub", "load_state_dict_from_url"), "torch.hub.load_state_dict_from_url", D),
    "numpy.memmap": (calling("numpy", "memmap"), "numpy.memmap", D),
    "numpy.fromfile": (calling("numpy", "fromfile"), "numpy.fromfile", D),
    "pandas.eval": (calling("pandas", "eval"), "pandas.eval", D),
    "pandas.read_pickle": (calling("pandas", "read_pickle"), "pandas.read_pickle", D),
    "CVE-2024-34997 joblib cache": (calling("joblib.numpy_pickle_utils", "_read_fileobject"),
                                    "joblib.numpy_pickle_utils._read_fileobject", D),
    "extension registry": (b"\x82\x01" + c.text("x") + b"\x85R.", "<extension 1>", F),
    "persistent id as a callee": (P2 + c.text("x") + b"Q" + c.text("y") + b"\x85R.", "<computed>", F),
}  # fmt: skip


@pytest.mark.parametrize(("data", "name", "verdict"), ADVISORIES.values(), ids=ADVISORIES)
def test_an_advisory_is_covered(look, data: bytes, name: str, verdict: Verdict) -> None:
    seen = look(data)
    assert (name, verdict) in {(o.name, o.verdict) for o in seen.operations}, seen.operations


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pt", "weights.dat", "LICENSE"])
def test_no_name_hides_a_pickle_cve_2025_1889_and_10155(look, name: str) -> None:
    seen = look(P2 + RUN + b".", Kind.PICKLE, name)
    assert ("os.system", D) in {(o.name, o.verdict) for o in seen.operations}


def tensor(offset: int, size: int, stride: int, elements: int = 6) -> bytes:
    storage = (
        b"(" + c.text("storage") + c.imp("torch", "FloatStorage") + c.text("0") + c.text("cpu")
        + b"J" + struct.pack("<i", elements) + b"tQ"
    )  # fmt: skip
    numbers = (b"J" + struct.pack("<i", number) for number in (offset, size, stride))
    start, sides, steps = numbers
    return (
        c.imp("torch._utils", "_rebuild_tensor_v2") + b"(" + storage + start + sides + b"\x85" + steps
        + b"\x85\x89" + c.imp("collections", "OrderedDict") + b")RtR"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("offset", "size", "stride"),
    [(0, 7, 1), (6, 1, 1), (1, 6, 1), (0, 2, 6), (-1, 1, 1), (0, 3, -1), (0, 2**31 - 1, 2**31 - 1)],
)
def test_a_tensor_beyond_its_storage_is_malformed_cve_2026_24747(
    look, codes, offset: int, size: int, stride: int
) -> None:
    seen = look(P2 + tensor(offset, size, stride) + b".")
    assert "tensor-bounds" in codes(seen)


@pytest.mark.parametrize(
    ("offset", "size", "stride"), [(0, 6, 1), (5, 1, 9), (0, 3, 2), (99, 0, 1)]
)
def test_a_tensor_inside_its_storage_is_well_formed(
    look, offset: int, size: int, stride: int
) -> None:
    seen = look(P2 + tensor(offset, size, stride) + b".")
    assert (seen.operations, seen.issues) == ((), ())


def test_a_view_of_raw_bytes_is_measured_by_its_type(look, codes) -> None:
    """``_rebuild_tensor_v3`` names its element type; the storage counts bytes."""
    for sides, malformed in ((3, False), (4, True)):
        storage = (
            b"(" + c.text("storage") + c.imp("torch.storage", "UntypedStorage") + c.text("0")
            + c.text("cpu") + b"K\x06tQ"
        )  # fmt: skip
        data = (
            c.imp("torch._utils", "_rebuild_tensor_v3") + b"(" + storage + b"K\x00K" + bytes([sides])
            + b"\x85K\x01\x85\x89" + c.imp("collections", "OrderedDict") + b")R"
            + c.imp("torch", "uint16") + b"tR"
        )  # fmt: skip
        assert ("tensor-bounds" in codes(look(P2 + data + b"."))) is malformed


def test_one_storage_key_with_two_lengths_is_malformed(look, codes) -> None:
    """The loader keeps the first; a reader that keeps the last compares the wrong length."""
    seen = look(P2 + tensor(0, 1, 1, elements=1_000_000) + b"0" + tensor(0, 6, 1) + b".")
    assert "storage-conflict" in codes(seen)


def test_the_source_of_a_legacy_module_is_no_computed_call(look) -> None:
    """torch's legacy form names a module's class by a persistent id, with its source beside it."""
    pid = (
        b"("
        + c.text("module")
        + c.imp("torch.nn.modules.linear", "Linear")
        + c.text("f")
        + c.text("s")
        + b"tQ"
    )
    seen = look(P2 + pid + b")\x81}b.")
    assert (seen.operations, seen.issues) == ((), ())
    evil = b"(" + c.text("module") + c.imp("os", "system") + c.text("f") + c.text("s") + b"tQ"
    assert ("os.system", D) in {(o.name, o.verdict) for o in look(P2 + evil + b")R.").operations}
