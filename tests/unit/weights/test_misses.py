# ruff: noqa: E501 - a sample reads best as one line of bytes
"""Samples that an independent corpus found to be called clean, and their harmless neighbors."""

from __future__ import annotations

import base64
import json
import pickle
import random
import struct
import time

import msgpack as packer
import pytest
from tests.unit.weights import craft, looking
from tests.unit.weights import flat_build as b
from tests.unit.weights import proto_build as p
from tests.unit.weights.test_tflite import look as look_at_tflite
from tests.unit.weights.test_tflite import model as tflite_model

from weighbridge.model.artifact import Kind
from weighbridge.weights import gbdt, json_text, msgpack, onnx, safetensors, xml_model, yaml_config
from weighbridge.weights.config_json import inspect_config
from weighbridge.weights.gguf import layout
from weighbridge.weights.inspection import Inspection
from weighbridge.weights.tensorflow import inspect_graph

EVIL = b"\x80\x02cos\nsystem\nX\n\x00\x00\x00echo inert\x85R."
EVIL_TEXT = base64.b64encode(EVIL).decode()
PLAIN = pickle.dumps({"a": [1.0, 2.0], "text": "nothing is imported here"})
ELF = b"\x7fELF\x02\x01\x01" + b"\0" * 60


def names(seen: Inspection) -> set[tuple[str, str]]:
    return {(o.verdict.value, o.name) for o in seen.operations}


def tensor(data: bytes, metadata: str = "") -> bytes:
    entry = f'"a":{{"dtype":"U8","shape":[{len(data)}],"data_offsets":[0,{len(data)}]}}'
    return craft.safetensors("{" + metadata + entry + "}", data)


# safetensors


def test_a_pickle_in_a_tensor() -> None:
    seen = looking.seen(safetensors.inspect, tensor(EVIL))
    assert ("dangerous", "os.system") in names(seen)
    assert "hidden-pickle" in looking.codes(seen)


def test_a_broken_pickle_in_a_tensor_that_calls_before_it_breaks() -> None:
    seen = looking.seen(safetensors.inspect, tensor(EVIL[:-1] + b"\xff" * 40))
    assert ("dangerous", "os.system") in names(seen)


@pytest.mark.parametrize(("data", "code"), [
    (ELF, "executable-content"),
    (b"#!/bin/sh\necho inert\n" + bytes(20), "executable-content"),
    (craft.torch_zip().end(), "hidden-archive"),
])  # fmt: skip
def test_a_program_or_an_archive_in_a_tensor(data: bytes, code: str) -> None:
    assert code in looking.codes(looking.seen(safetensors.inspect, tensor(data)))


def test_numbers_that_begin_like_a_pickle_are_numbers() -> None:
    noise = random.Random(3)
    for start in (b"\x80\x02", b"\x80\x04\x95", b"MZ", b"PK\x03\x04", b"#!", b"\x7fELF"):
        for _ in range(40):
            seen = looking.seen(safetensors.inspect, tensor(start + noise.randbytes(4000)))
            assert looking.clean(seen)


def test_a_pickle_of_plain_data_in_a_tensor_is_a_librarys_state() -> None:
    assert looking.clean(looking.seen(safetensors.inspect, tensor(PLAIN)))


def test_a_chat_template_among_the_metadata_of_safetensors() -> None:
    climbs = '"__metadata__":{"chat_template":"{{ \'\'.__class__.__mro__ }}"},'
    seen = looking.seen(safetensors.inspect, tensor(b"abcd", climbs))
    assert ("dangerous", "__class__") in names(seen)
    plain = '"__metadata__":{"chat_template":"{% for m in messages %}{{ m.content }}{% endfor %}"},'
    assert looking.clean(looking.seen(safetensors.inspect, tensor(b"abcd", plain)))


# msgpack


@pytest.mark.parametrize("leaf", [
    EVIL, packer.ExtType(1, packer.packb(((len(EVIL),), "uint8", EVIL))), packer.ExtType(42, EVIL), [EVIL],
])  # fmt: skip
def test_a_pickle_in_a_value_of_msgpack(leaf: object) -> None:
    seen = looking.seen(msgpack.inspect, packer.packb({"params": {"w": leaf}}))
    assert ("dangerous", "os.system") in names(seen)


def test_a_packed_pickle_in_a_text_of_msgpack() -> None:
    seen = looking.seen(msgpack.inspect, packer.packb({"note": EVIL_TEXT}))
    assert "hidden-payload" in looking.codes(seen)
    assert looking.clean(
        looking.seen(msgpack.inspect, packer.packb({"note": "a" * 400, "w": b"\x80\x02" * 90}))
    )


# GGUF

ARCHITECTURE = craft.gguf_key("general.architecture", 8, craft.gguf_string("llama"))


def gguf(value: bytes, kind: int) -> Inspection:
    keys = ARCHITECTURE + craft.gguf_key("own.key", kind, value)
    return looking.seen(layout.inspect, craft.gguf(keys=keys, key_count=2))


def raw(data: bytes) -> bytes:
    return struct.pack("<Q", len(data)) + data


@pytest.mark.parametrize(("value", "kind"), [
    (struct.pack("<I", 0) + raw(EVIL), 9),  # an array of bytes
    (struct.pack("<IQ", 8, 3) + raw(b"one") + raw(EVIL) + raw(b"three"), 9),  # of strings
    (raw(EVIL), 8),
])  # fmt: skip
def test_a_pickle_in_a_value_of_gguf(value: bytes, kind: int) -> None:
    assert ("dangerous", "os.system") in names(gguf(value, kind))


def test_a_pickle_far_into_a_vocabulary_of_gguf() -> None:
    for place in (70_000, 131_000, 131_063, 139_999):
        words = [b"word %d" % n for n in range(140_000)]
        words[place] = EVIL
        value = struct.pack("<IQ", 8, len(words)) + b"".join(map(raw, words))
        assert ("dangerous", "os.system") in names(gguf(value, 9))


def test_a_packed_pickle_in_an_array_of_gguf() -> None:
    value = struct.pack("<IQ", 8, 2) + raw(b"one") + raw(EVIL_TEXT.encode())
    assert "hidden-payload" in looking.codes(gguf(value, 9))


def test_a_pickle_in_a_big_endian_value_of_gguf() -> None:
    name = b"own.key"
    key = struct.pack(">Q", len(name)) + name + struct.pack(">IIQQ", 9, 8, 1, len(EVIL)) + EVIL
    data = b"GGUF" + struct.pack(">IQQ", 3, 0, 1) + key
    assert ("dangerous", "os.system") in names(looking.seen(layout.inspect, data))


def test_many_values_that_begin_like_a_payload_cost_little() -> None:
    began = time.process_time()
    like = b"\x80\x02N0N0N0N0N0N0N."
    value = struct.pack("<IQ", 8, 200_000) + raw(like) * 200_000
    assert gguf(value, 9).gaps
    assert not gguf(struct.pack("<IQ", 0, 8_000_000) + bytes(8_000_000), 9).gaps
    assert looking.seen(msgpack.inspect, packer.packb([like] * 100_000)).gaps
    assert time.process_time() - began < 10


def test_bytes_of_a_vocabulary_are_no_payload() -> None:
    words = [bytes((high, low)) for high in range(256) for low in range(0, 256, 5)]
    words += [b"MZ", b"PK\x03\x04", b"cos", b"gASV" + b"A" * 30, b"#!/bin/sh"]
    value = struct.pack("<IQ", 8, len(words)) + b"".join(map(raw, words))
    assert looking.clean(gguf(value, 9))


def test_a_language_model_of_gguf_names_its_architecture() -> None:
    weight = craft.gguf_tensor("token_embd.weight", (8,))
    bare = craft.gguf(tensors=weight, tensor_count=1, body=bytes(32))
    assert "bad-value" in looking.codes(looking.seen(layout.inspect, bare))
    matrix = craft.gguf_key("general.type", 8, craft.gguf_string("imatrix"))
    for keys, tensors in (
        (ARCHITECTURE, weight),
        (matrix, weight),
        (b"", craft.gguf_tensor("first_stage_model.x", (8,))),
    ):
        data = craft.gguf(
            keys=keys, key_count=bool(keys), tensors=tensors, tensor_count=1, body=bytes(32)
        )
        assert looking.clean(looking.seen(layout.inspect, data))


# ONNX and XGBoost


def test_a_packed_pickle_in_a_property_of_onnx() -> None:
    graph = p.graph(p.node("Relu"))
    evil = p.model(graph, more=p.pair(14, "x", EVIL_TEXT))
    assert "hidden-payload" in looking.codes(looking.seen(onnx.inspect, evil))
    plain = p.model(graph, more=p.pair(14, "x", base64.b64encode(PLAIN).decode()))
    assert looking.clean(looking.seen(onnx.inspect, plain))


def booster(note: str) -> dict[str, object]:
    forest = {"name": "gbtree", "model": {"trees": [], "tree_info": []}}
    learner = {
        "gradient_booster": forest,
        "attributes": {"scikit_learn": note},
        "learner_model_param": {"num_feature": "1"},
    }
    return {"learner": learner, "version": [2, 0, 0]}


def test_a_packed_pickle_in_an_attribute_of_xgboost() -> None:
    evil = json.dumps(booster(json.dumps({"x": EVIL_TEXT}))).encode()
    assert "hidden-payload" in looking.codes(looking.seen(gbdt.inspect_xgboost_json, evil))
    plain = json.dumps(
        booster('{"_estimator_type": "classifier", "note": "eJwrSS0uAQAEXQHB and more"}')
    ).encode()
    assert looking.clean(looking.seen(gbdt.inspect_xgboost_json, plain))


def test_a_packed_pickle_in_ubjson() -> None:
    def text(value: str) -> bytes:
        return b"L" + struct.pack(">q", len(value)) + value.encode()

    note = " " * 5000 + EVIL_TEXT
    inner = b"{" + text("name") + b"S" + text("gblinear") + b"}"
    data = (
        b"{"
        + text("learner")
        + b"{"
        + text("gradient_booster")
        + inner
        + text("note")
        + b"S"
        + text(note)
        + b"}}"
    )
    assert "hidden-payload" in looking.codes(looking.seen(gbdt.inspect_xgboost_ubjson, data))


# text


def test_aliases_that_grow_name_the_limit() -> None:
    lines = ["a0: &a0 [x,x,x,x,x,x,x,x,x]"]
    lines += [f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 7)]
    seen = looking.seen(yaml_config.inspect, "\n".join(lines).encode())
    assert [(i.code, str(yaml_config.MAX_EXPANDED) in i.message) for i in seen.issues] == [
        ("alias-bomb", True)
    ]
    assert looking.clean(looking.seen(yaml_config.inspect, "\n".join(lines[:4]).encode()))


def xml(inner: str) -> Inspection:
    data = f'<?xml version="1.0"?><PMML version="4.4" xmlns="http://www.dmg.org/PMML-4_4"><Header/><DataDictionary/>{inner}</PMML>'
    return looking.seen(xml_model.inspect, data.encode())


@pytest.mark.parametrize("inner", [
    '<Extension name="x"><script>run()</script></Extension>',
    '<s:script xmlns:s="http://www.w3.org/2000/svg" href="x.js"/>',
    '<Extension name="x" value="javascript:run()"/>',
    '<Own onload="run()"/>',
    "<?php echo 1; ?>",
    '<?xml-stylesheet href="x.xsl" type="text/xsl"?>',
    "<Own><![CDATA[<?php echo 1; ?>]]></Own>",
    "<Own>&lt;script&gt;run()</Own>",
    '<iframe src="x"/>',
])  # fmt: skip
def test_a_script_in_an_xml_model(inner: str) -> None:
    assert ("unlisted-call", "script") in names(xml(inner))


@pytest.mark.parametrize("inner", [
    '<Extension name="script" value="a note on javascript"/>',
    '<DataDictionary><DataField name="onload" optype="continuous"/></DataDictionary>',
    "<Extension>3 &lt; 4, description of a transcript</Extension>",
])  # fmt: skip
def test_words_about_scripts_are_no_script(inner: str) -> None:
    assert looking.clean(xml(inner))


def config(name: str, text: str) -> Inspection:
    return looking.seen(lambda source, log: inspect_config(source, log, name), text.encode())


def test_constants_that_are_no_json_where_rust_reads() -> None:
    assert "json-constant" in looking.codes(config("tokenizer.json", '{"model": {"score": NaN}}'))
    assert looking.clean(config("tokenizer.json", '{"model": {"score": 1.5}}'))
    # transformers writes and reads this, as in Mamba 2's time_step_limit
    assert looking.clean(config("config.json", '{"time_step_limit": [0.0, Infinity]}'))
    assert json_text.parse(b"[NaN, -Infinity, NaN]").constants == ("-Infinity", "NaN")


# pickles


def look(data: bytes) -> Inspection:
    from weighbridge.weights.pickle_file import inspect

    return looking.seen(inspect, data)


@pytest.mark.parametrize("data", [
    b"\x80\x02NNa.", b"\x80\x02N(K\x01e.", b"\x80\x02NNNs.", b"\x80\x02K\x01(NNu.", b"\x80\x02N}X\x01\0\0\0aK\x01sb.", b"\x80\x02)K\x01a.",
])  # fmt: skip
def test_items_and_attributes_of_what_takes_none(data: bytes) -> None:
    assert "damaged-pickle" in looking.codes(look(data))


def test_no_state_for_none_is_what_unpicklers_pass_over_and_no_pickler_writes() -> None:
    assert looking.codes(look(b"\x80\x02NNb.")) == {"empty-state"}


def test_values_left_on_the_stack() -> None:
    assert looking.codes(look(b"\x80\x02NNN.")) == {"stack-leftover"}
    assert looking.codes(look(b"\x80\x02(N.")) == {"stack-leftover"}
    assert looking.clean(look(b"\x80\x02N."))


# TensorFlow


@pytest.mark.parametrize(("op", "verdict"), [
    ("WriteSummary", "unlisted"), ("DebugIdentityV2", "unlisted"), ("SummaryWriter", ""), ("LookupTableExportV2", ""),
])  # fmt: skip
def test_operators_that_write_only_where_another_says(op: str, verdict: str) -> None:
    """Odd in a model, and no danger by themselves; tables are exported to tensors, not to files."""
    graph = b.graph(b.text_const("c", "/etc/cron.d/x"), b.node(op, "n", ["c"]))
    expected = {(verdict, op)} if verdict else set()
    assert names(looking.seen(inspect_graph, graph)) == expected


@pytest.mark.parametrize(("op", "inputs"), [
    ("CreateSummaryFileWriter", ["w", "c"]), ("SerializeTRTResource", ["w", "c"]), ("WriteFile", ["c", "w"]),
])  # fmt: skip
def test_operators_that_write_a_file_of_the_graphs_choice(op: str, inputs: list[str]) -> None:
    graph = b.graph(
        b.text_const("c", "/etc/cron.d/x"), b.node("SummaryWriter", "w"), b.node(op, "n", inputs)
    )
    assert ("dangerous", op) in names(looking.seen(inspect_graph, graph))


def test_junk_behind_a_tflite_model() -> None:
    assert "trailing-data" in looking.codes(look_at_tflite(tflite_model(), b"\x09\x01junk\xff" * 7))
    assert looking.clean(look_at_tflite(tflite_model(), bytes(48)))
    assert looking.clean(look_at_tflite(tflite_model()))


def test_the_door_that_files_take_leads_there_too(look, codes) -> None:
    seen = look(tensor(EVIL), Kind.SAFETENSORS, "model.safetensors")
    assert "hidden-pickle" in codes(seen)
