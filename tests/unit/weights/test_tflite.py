"""TensorFlow Lite: tables against each other, operators, what buffers hold, what follows."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from tests.unit.weights import flat_build as b
from tests.unit.weights import looking

from weighbridge.weights import tflite

INT, U, L = "<i", "<I", "<Q"
WEIGHT = struct.pack("<6f", *range(6))


def ints(*values: int) -> Any:
    return b.Numbers("<i", values)


def code(number: int = 0, custom: str = "") -> dict[int, Any]:
    table: dict[int, Any] = {0: ("<b", min(number, 127)), 3: (INT, number)}
    return {**table, 1: custom} if custom else table


def tensor(shape: Any = None, kind: int = 0, buffer: int = 0, **extra: Any) -> dict[int, Any]:
    table = {0: shape or ints(2, 3), 1: ("<B", kind), 2: (U, buffer), 3: "name"}
    return {**table, **{int(k[1:]): v for k, v in extra.items()}}


def subgraph(tensors: list[Any], operators: list[Any], inputs: Any = None) -> dict[int, Any]:
    return {0: tensors, 1: inputs or ints(0), 2: ints(1), 3: operators, 4: "main"}


def operator(number: int = 0, inputs: Any = None, outputs: Any = None, **extra: Any) -> Any:
    table = {0: (U, number), 1: inputs or ints(0, 2), 2: outputs or ints(1)}
    return {**table, **{int(k[1:]): v for k, v in extra.items()}}


def model(**change: Any) -> dict[int, Any]:
    """A model of one addition: a constant in buffer 1, everything as it should be."""
    table = {
        0: (U, 3),
        1: [code()],
        2: [subgraph([tensor(), tensor(), tensor(buffer=1)], [operator()])],
        3: "made by hand",
        4: [{}, {0: WEIGHT}, {0: b"1.5.0\0\0\0"}],
        6: [{0: "min_runtime_version", 1: (U, 2)}],
        7: [{0: [{0: "x", 1: (U, 0)}], 1: [{0: "y", 1: (U, 1)}], 2: "serve", 4: (U, 0)}],
    }
    return {**table, **{int(k[1:]): v for k, v in change.items()}}


def look(table: dict[int, Any], tail: bytes = b"") -> Any:
    return looking.seen(tflite.inspect, b.flat(table, b"TFL3") + tail)


def strings(*texts: bytes) -> bytes:
    at = 4 * (len(texts) + 2)
    offsets = [at]
    for text in texts:
        offsets.append(offsets[-1] + len(text))
    return struct.pack(f"<{len(texts) + 2}I", len(texts), *offsets) + b"".join(texts)


def graph_of(*tensors: Any, ops: list[Any] | None = None) -> Any:
    return [subgraph(list(tensors), ops or [])]


CASES: dict[str, tuple[dict[str, Any], str]] = {
    "builtin-delegate": ({"f1": [code(51)]}, "bad-operator"),
    "code-of-an-operator": ({"f1": []}, "bad-index"),
    "buffer-of-a-tensor": ({"f4": [{}]}, "bad-index"),
    "buffer-of-metadata": ({"f6": [{0: "m", 1: (U, 9)}]}, "bad-index"),
    "metadata-buffer": ({"f5": ints(7)}, "bad-index"),
    "subgraph-of-a-signature": ({"f7": [{2: "s", 4: (U, 5)}]}, "bad-index"),
    "tensor-of-a-signature": ({"f7": [{0: [{0: "x", 1: (U, 9)}], 2: "s"}]}, "bad-index"),
    "input": ({"f2": [subgraph([tensor(), tensor()], [], ints(9))]}, "bad-index"),
    "operator-input": ({"f2": graph_of(tensor(), tensor(), ops=[operator(inputs=ints(9))])},
                       "bad-index"),
    "operator-output": ({"f2": graph_of(tensor(), tensor(), ops=[operator(outputs=ints(-1))])},
                        "bad-index"),
    "takes-what-it-gives": ({"f2": graph_of(tensor(), tensor(), ops=[operator(inputs=ints(1))])},
                            "cycle"),
    "size": ({"f4": [{}, {0: WEIGHT[:-1]}, {}]}, "size-mismatch"),
    "size-of-int4": ({"f2": graph_of(tensor(), tensor(kind=17, buffer=1))}, "size-mismatch"),
    "negative-side": ({"f2": graph_of(tensor(), tensor(ints(-1, 6), buffer=1))}, "bad-shape"),
    "type": ({"f2": graph_of(tensor(), tensor(kind=99, buffer=1))}, "unknown-type"),
    "overflow": ({"f2": graph_of(tensor(), tensor(ints(*[2**31 - 1] * 9), buffer=1))},
                 "size-mismatch"),
    "offset-outside": ({"f4": [{}, {1: (L, 64), 2: (L, 2**40)}, {}]}, "range-outside"),
    "offset-wraps": ({"f4": [{}, {1: (L, 2**64 - 8), 2: (L, 24)}, {}]}, "range-outside"),
    "texts": ({"f2": graph_of(tensor(), tensor(ints(2), 5, 1)),
               "f4": [{}, {0: b"\2\0\0\0" * 4}, {}]}, "bad-strings"),
    "texts-huge": ({"f2": graph_of(tensor(), tensor(ints(2), 5, 1)),
                    "f4": [{}, {0: b"\xff\xff\xff\x3f\0\0\0\0"}, {}]}, "bad-strings"),
    "external-buffer": ({"f2": graph_of(tensor(), tensor(f10=(U, 3)))}, "bad-index"),
    "elf": ({"f4": [{}, {0: WEIGHT}, {0: b.ELF}]}, "executable-content"),
    "pickle": ({"f4": [{}, {0: WEIGHT}, {0: b.PICKLE}]}, "hidden-pickle"),
    "zip": ({"f4": [{}, {0: WEIGHT}, {0: b.ZIP}]}, "hidden-archive"),
    "options-elf": ({"f1": [code(32, "Mfcc")], "f2": graph_of(tensor(), tensor(), ops=[
        operator(inputs=ints(0), f5=b.ELF)])}, "executable-content"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "issue"), CASES.values(), ids=CASES)
def test_a_defect_is_an_issue(change: dict[str, Any], issue: str) -> None:
    assert issue in looking.codes(look(model(**change)))


def test_a_pickle_in_a_buffer_says_what_it_would_call() -> None:
    seen = look(model(f4=[{}, {0: WEIGHT}, {0: b.PICKLE}]))
    assert b.named(seen)["posix.system"] == "dangerous"


@pytest.mark.parametrize(
    ("custom", "verdict"),
    [("InertRunCommand", "unlisted-call"), ("../../nonexistent/inert.so", "unlisted-call"),
     ("FlexReadFile", "dangerous"), ("FlexWriteFile", "dangerous"), ("FlexPyFunc", "dangerous"),
     ("FlexTextLineDataset", "dangerous"), ("FlexMatchingFiles", "unlisted-call"),
     ("FlexNobodysOp", "unlisted-call"), ("Flex", "unlisted-call")],
)  # fmt: skip
def test_a_custom_operator_is_judged_by_its_name(custom: str, verdict: str) -> None:
    assert b.named(look(model(f1=[code(32, custom)]))) == {custom: verdict}


def test_a_custom_operator_without_a_name() -> None:
    assert b.named(look(model(f1=[code(32)]))) == {"<empty>": "unlisted-call"}


@pytest.mark.parametrize(
    "custom", ["TFLite_Detection_PostProcess", "MaxUnpooling2D", "FlexStringLower", "FlexSaveV2"]
)
def test_a_well_known_custom_operator_is_no_finding(custom: str) -> None:
    seen = look(model(f1=[code(32, custom)]))
    assert looking.clean(seen)
    assert (custom, 1) in seen.allowed


def test_printing_to_a_file_is_seen_in_the_options() -> None:
    def printing(target: bytes) -> Any:
        node = b.node("PrintV2", "p", ("x",), b.attr("output_stream", (2, target)))
        ops = [operator(inputs=ints(0), f5=b"\x07PrintV2\0" + node)]
        return look(model(f1=[code(32, "FlexPrintV2")], f2=graph_of(tensor(), tensor(), ops=ops)))

    assert b.named(printing(b"file:///nonexistent/inert"))["FlexPrintV2"] == "dangerous"
    assert looking.clean(printing(b"stderr"))


def test_a_newer_version_or_operator_is_a_gap() -> None:
    assert look(model(f0=(U, 4))).gaps
    assert look(model(f1=[code(250)])).gaps


def test_another_identifier_is_malformed() -> None:
    assert "malformed" in looking.codes(looking.seen(tflite.inspect, b.flat(model(), b"TFL9")))


@pytest.mark.parametrize("cut", [0, 4, 8, 100, 300])
def test_a_model_that_is_cut_off_is_never_clean(cut: int) -> None:
    assert not looking.clean(looking.seen(tflite.inspect, b.flat(model(), b"TFL3")[:cut]))


@pytest.mark.parametrize(
    ("kind", "options"), [(93, {0: (INT, 0), 1: (INT, 1)}), (92, {0: (INT, 1), 1: (INT, 1)})]
)
def test_subgraphs_that_run_themselves(kind: int, options: dict[int, Any]) -> None:
    calls = operator(inputs=ints(0), f3=("<B", kind), f4=options)
    graphs = [subgraph([tensor(), tensor()], [calls]) for _ in range(2)]
    assert "cycle" in looking.codes(look(model(f1=[code(119)], f2=graphs)))


def test_subgraphs_that_end_are_no_cycle() -> None:
    calls = operator(inputs=ints(0), f3=("<B", 93), f4={0: (INT, 1), 1: (INT, 2)})
    inner = [subgraph([tensor(), tensor()], []) for _ in range(2)]
    first = subgraph([tensor(), tensor()], [calls])
    assert looking.clean(look(model(f1=[code(119)], f2=[first, *inner])))
    outside = operator(inputs=ints(0), f3=("<B", 93), f4={0: (INT, 1), 1: (INT, 9)})
    graphs = [subgraph([tensor(), tensor()], [outside]), *inner]
    assert "bad-index" in looking.codes(look(model(f1=[code(119)], f2=graphs)))


def test_tensors_in_other_files() -> None:
    def external(name: str) -> Any:
        group = {"f8": [{0: name}], "f9": [{0: (U, 1), 1: (U, 0), 2: (L, 0), 3: (L, 24)}]}
        return look(model(f2=graph_of(tensor(), tensor(f10=(U, 1))), **group))

    assert looking.clean(external("weights.bin"))
    for name in ("../weights.bin", "/nonexistent/inert", "https://nowhere.invalid/w"):
        assert b.named(external(name)) == {"ExternalBufferGroup": "dangerous"}


def test_a_model_as_it_should_be() -> None:
    seen = look(model())
    assert looking.clean(seen)
    assert (seen.tensors, seen.parameters, seen.dtypes) == (1, 6, ("float32",))


def test_constants_of_every_kind() -> None:
    tensors = [
        tensor(), tensor(), tensor(ints(3), 17, 1), tensor(ints(2), 5, 2), tensor(ints(4), 9, 3),
        tensor(ints(), 2, 4), tensor(ints(50, 50), 0, 5, f6={}),
    ]  # fmt: skip
    data = [b"\x21\3", strings(b"a", b"bc"), b"\x80\2\3\4", b"\1\0\0\0", b"packed as it is sparse"]
    seen = look(model(f2=graph_of(*tensors), f4=[{}, *({0: d} for d in data)], f6=[]))
    assert looking.clean(seen)
    assert seen.tensors == 5


def test_a_buffer_behind_the_tables() -> None:
    """Models of more than two gigabytes keep their weights there."""
    table = model(f4=[{}, {1: (L, 0xAAAA), 2: (L, 24)}, {}])
    size = len(b.flat(table, b"TFL3")) + 8
    table = model(f4=[{}, {1: (L, size), 2: (L, 24)}, {}])
    seen = look(table, b"\0" * 8 + WEIGHT)
    assert looking.clean(seen)
    assert seen.parameters == 6


def _archive(write: Callable[[zipfile.ZipFile], None]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        write(archive)
    return out.getvalue()


def test_label_files_behind_the_model_are_no_finding() -> None:
    labels = _archive(lambda z: z.writestr("labels.txt", "cat\ndog\n"))
    assert looking.clean(look(model(), labels))
    whole = io.BytesIO(b.flat(model(), b"TFL3"))
    with zipfile.ZipFile(whole, "a") as archive:
        archive.writestr("labels.txt", "cat\n", compress_type=zipfile.ZIP_DEFLATED)
    assert looking.clean(looking.seen(tflite.inspect, whole.getvalue()))


def test_other_files_behind_the_model() -> None:
    def write(archive: zipfile.ZipFile) -> None:
        archive.writestr("labels.pkl", b.PICKLE)

    assert not looking.clean(look(model(), _archive(write)))
    hidden = b"\0" * 6000 + _archive(lambda z: z.writestr("labels.txt", "a"))
    assert "hidden-data" in looking.codes(look(model(), hidden))


def test_what_follows_the_model_belongs_to_it() -> None:
    assert looking.clean(look(model(), b"\0" * 5000))
    assert "trailing-data" in looking.codes(look(model(), b"\1" * 5000))
    assert "executable-content" in looking.codes(look(model(), b"\0" * 7 + b.ELF))
    assert "hidden-pickle" in looking.codes(look(model(), b.PICKLE))


def test_a_pickle_of_protocol_0_behind_the_model_is_found() -> None:
    payload = b"cos\nsystem\n(S'echo inert'\ntR."
    found = look(model(), _archive(lambda z: z.writestr("labels.txt", payload)))
    assert {o.name for o in found.operations} == {"os.system"}
    words = _archive(lambda z: z.writestr("labels.txt", "cat\nInbox\nS'x\n(a\n.\n"))
    assert not look(model(), words).operations
