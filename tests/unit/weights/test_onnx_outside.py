"""What reaches out of an ONNX model: data in other files, operators of libraries and of Python."""

from __future__ import annotations

import pytest
from tests.unit.weights import looking
from tests.unit.weights import proto_build as p

from weighbridge.weights import onnx
from weighbridge.weights.inspection import Inspection, Verdict
from weighbridge.weights.onnx import operators
from weighbridge.weights.relative_path import outside


def seen(data: bytes) -> Inspection:
    result: Inspection = looking.seen(onnx.inspect, data)
    return result


def linked(*entries: tuple[str, str], **more) -> Inspection:
    return seen(p.model(p.graph(p.node("Relu"), tensors=(p.tensor(external=entries, **more),))))


OUTSIDE = {
    "/etc/passwd": "absolute", "//server/share": "absolute", "\\\\server\\share": "absolute",
    "\\windows": "absolute", "../w.bin": "above", "a/../../w.bin": "above", "a/../w.bin": "above",
    "..\\w.bin": "above", "a\\..\\..\\w.bin": "above", "a/..": "above", "..": "above",
    ".. /w.bin": "above", "a/.. ./w": "above", "C:w.bin": "drive", "c:\\w.bin": "drive",
    "file:///etc/passwd": "address", "http://127.0.0.1/w": "address", "s3://bucket/w": "address",
    "~/w.bin": "home", "w.bin\0.onnx": "NUL",
}  # fmt: skip
INSIDE = ("w.bin", "weights/w.bin", "model.onnx.data", "..w.bin", "w..bin", "a/..b/c", "a..",
          "layers.0.weight", "onnx__MatMul_1", "./w.bin", "ünïcode.bin", "a b.bin")  # fmt: skip


@pytest.mark.parametrize("path", OUTSIDE)
def test_paths_out_of_the_folder(path: str) -> None:
    assert OUTSIDE[path] in outside(path)
    (operation,) = linked(("location", path)).operations
    assert operation.verdict is Verdict.DANGEROUS
    assert (operation.action, operation.name) == ("link", "external data")


@pytest.mark.parametrize("path", INSIDE)
def test_paths_beside_the_model_are_ordinary(path: str) -> None:
    assert outside(path) == ""
    found = linked(("location", path), ("offset", "4096"), ("length", "8"), ("checksum", "ab"))
    assert (found.operations, found.issues, found.gaps) == ((), (), ())
    assert (f"external data in {path}", 1) in found.allowed


def test_an_address_in_memory_is_dangerous() -> None:
    (operation,) = linked(("location", "*/_ORT_MEM_ADDR_/*"), ("offset", "1234")).operations
    assert operation.verdict is Verdict.DANGEROUS
    assert "memory" in operation.effect


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        ((("offset", "0"),), "bad-external-data"),
        ((("location", ""),), "bad-external-data"),
        ((("location", "w"), ("offset", "-1")), "bad-external-data"),
        ((("location", "w"), ("offset", "0x10")), "bad-external-data"),
        ((("location", "w"), ("length", "-8")), "bad-external-data"),
        ((("location", "w"), ("length", "1e3")), "bad-external-data"),
        ((("location", "w"), ("length", "")), "bad-external-data"),
        ((("location", "w"), ("length", "9" * 30)), "bad-external-data"),
        ((("location", "w"), ("location", "v")), "bad-external-data"),
        ((("location", "w"), ("__class__", "x")), "bad-external-data"),
        ((("location", "w"), ("length", "4")), "size-mismatch"),
    ],
)
def test_nonsense_in_external_data_is_named(codes, entries, code: str) -> None:
    assert code in codes(linked(*entries))


def test_every_location_counts_whichever_a_reader_believes() -> None:
    for entries in (
        (("location", "w"), ("location", "/a")),
        (("location", "/a"), ("location", "w")),
    ):
        assert [o.rendered for o in linked(*entries).operations] == ["/a"]


def test_external_data_that_no_reader_would_take_counts_as_well(codes) -> None:
    body = p.tensor(more=p.pair(13, "location", "../w"))  # data_location says: here
    found = seen(p.model(p.graph(p.node("Relu"), tensors=(body,))))
    assert [o.verdict for o in found.operations] == [Verdict.DANGEROUS]
    assert "bad-external-data" in codes(found)


def test_values_here_and_outside_are_an_issue(codes) -> None:
    found = linked(("location", "w"), more=p.sub(9, b"\0" * 8))
    assert "two-values" in codes(found)


def test_too_many_entries_are_a_gap() -> None:
    found = linked(*(("location", "w"),) * 1500)
    assert "1000 entries" in found.incomplete_reason


def test_keys_of_onnx_runtime_are_known() -> None:
    found = linked(("location", "w"), ("offset", "0"), ("length", "8"), ("prepacked_0", "k|1|2"))
    assert (found.operations, found.issues, found.gaps) == ((), (), ())


@pytest.mark.parametrize("place", ["constant", "branch", "function", "training", "sparse"])
def test_links_are_found_wherever_they_stand(place: str) -> None:
    bad = p.tensor(external=(("location", "../w"),))
    constant = p.node("Constant", p.attribute("value", p.sub(5, bad)))
    data = {
        "constant": p.model(p.graph(constant)),
        "branch": p.model(p.graph(p.node("If", p.attribute("t", p.sub(6, p.graph(constant)))))),
        "function": p.model(functions=(p.function("f", "d", constant),)),
        "training": p.model(more=p.sub(20, p.sub(1, p.graph(constant)))),
        "sparse": p.model(p.graph(p.node("Relu"), more=p.sub(15, p.sub(1, bad)))),
    }[place]
    assert [o.rendered for o in seen(data).operations] == ["../w"]


# (operator, domain, its text attributes) -> verdict
OPERATORS = {
    ("PyOp", "pyop", ()): Verdict.DANGEROUS,
    ("PyOp", "", (("module", "inert"),)): Verdict.DANGEROUS,
    ("PythonOp", "com.microsoft", (("func_name", "inert.Function"),)): Verdict.DANGEROUS,
    ("PyCustomOp", "ai.onnx.contrib", ()): Verdict.DANGEROUS,
    ("ATen", "org.pytorch.aten", (("operator", "aten::embedding"),)): Verdict.UNLISTED_CALL,
    ("ATen", "org.pytorch.aten", (("operator", "aten::from_file"),)): Verdict.DANGEROUS,
    ("ATen", "", ()): Verdict.UNLISTED_CALL,
    ("EPContext", "com.microsoft", (("ep_cache_context", "model_ctx.bin"),)): Verdict.UNLISTED,
    ("EPContext", "com.microsoft", (("ep_cache_context", "../x.bin"),)): Verdict.DANGEROUS,
    ("Snpe", "com.microsoft", (("DLC", "blob"),)): Verdict.UNLISTED,
    ("NotListed", "ai.onnx.contrib", ()): Verdict.UNLISTED,
    ("OpenAIAudioToText", "com.microsoft.extensions", ()): Verdict.DANGEROUS,
    ("NotAPlugin", "TRT", ()): Verdict.UNLISTED_CALL,
    ("AzureTextToText", "com.microsoft.extensions", ()): Verdict.DANGEROUS,
    ("Anything", "inert.custom", ()): Verdict.UNLISTED_CALL,
    ("NotInOnnx", "", ()): Verdict.UNLISTED_CALL,
    ("NotInOnnx", "ai.onnx", ()): Verdict.UNLISTED_CALL,
    ("NotInOnnx", "ai.onnx.ml", ()): Verdict.UNLISTED_CALL,
}


def _node(operator: str, domain: str, texts: tuple[tuple[str, str], ...]) -> bytes:
    attributes = (p.attribute(name, p.sub(4, text), p.num(20, 3)) for name, text in texts)
    return p.node(operator, *attributes, domain=domain)


@pytest.mark.parametrize(("key", "verdict"), OPERATORS.items())
def test_operators_that_reach_further(key, verdict: Verdict) -> None:
    (operation,) = seen(p.model(p.graph(_node(*key)))).operations
    assert (operation.verdict, operation.action) == (verdict, "operator")
    assert operation.name == f"{key[1] or 'ai.onnx'}.{key[0]}"
    for _, text in key[2]:
        assert text in operation.rendered


def test_an_operator_in_a_nested_graph_or_a_function_counts() -> None:
    inner = p.graph(p.node("PyOp", domain="pyop"))
    loop = p.node("Loop", p.attribute("body", p.sub(6, inner)))
    several = p.node("Relu", p.attribute("graphs", p.sub(11, inner)))
    inside = p.function("f", "local", p.node("PyOp", domain="pyop"))
    for data in (
        p.model(p.graph(loop)),
        p.model(p.graph(several)),
        p.model(functions=(inside,)),
        p.model(more=p.sub(20, p.sub(2, inner))),
    ):
        assert [o.name for o in seen(data).operations] == ["pyop.PyOp"]


def test_what_comes_first_in_a_node_does_not_matter() -> None:
    body = p.sub(7, "pyop") + p.attribute("module", p.sub(4, "inert")) + p.sub(4, "PyOp")
    (operation,) = seen(p.model(p.graph(body))).operations
    assert operation.rendered == "PyOp(module='inert')"


def test_a_function_of_the_model_defines_its_operator_and_no_other() -> None:
    functions = (p.function("Twice", "local", p.node("Add")),)
    nodes = (p.node("Twice", domain="local"), p.node("Thrice", domain="local"))
    found = seen(p.model(p.graph(*nodes), functions=functions))
    assert [o.name for o in found.operations] == ["local.Thrice"]


def test_a_function_does_not_make_python_harmless() -> None:
    functions = (p.function("PyOp", "local", p.node("Add")),)
    found = seen(p.model(p.graph(p.node("PyOp", domain="local")), functions=functions))
    assert [o.verdict for o in found.operations] == [Verdict.DANGEROUS]


def test_known_operators_are_counted() -> None:
    listed = [
        ("Conv", ""), ("Conv", "ai.onnx"), ("Scaler", "ai.onnx.ml"),
        ("MatMulNBits", "com.microsoft"), ("Adam", "ai.onnx.preview.training"),
        ("Conv", "com.microsoft.nchwc"), ("ImageScaler", ""), ("GPT2Tokenizer", "ai.onnx.contrib"),
        ("EfficientNMS_TRT", "TRT"), ("TRTBatchedNMS", "mmdeploy"),
    ]  # fmt: skip
    nodes = [
        p.node(operator, domain=domain, makes=(f"y{number}",))
        for number, (operator, domain) in enumerate(listed)
    ]
    found = seen(p.model(p.graph(*nodes)))
    assert (found.operations, found.issues, found.gaps) == ((), (), ())
    assert ("ai.onnx.Conv", 2) in found.allowed


def test_the_list_of_domains_is_what_it_says() -> None:
    known = operators.domains()
    assert {"ai.onnx", "ai.onnx.ml", "com.microsoft", "org.pytorch.aten"} <= known.keys()
    standard = known["ai.onnx"]
    assert standard.operators is not None
    assert len(standard.operators) > 200
    assert standard.latest >= 24
    assert not any(name in (standard.operators or ()) for name in operators.TEXT_OPERATORS)
