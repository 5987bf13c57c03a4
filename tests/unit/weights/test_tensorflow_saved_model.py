"""SavedModels, ``.meta`` files, Keras metadata, and which file is which."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.unit.weights import flat_build as b
from tests.unit.weights import looking

from weighbridge.formats import crc32c
from weighbridge.formats.tensorflow_start import (
    looks_like_checkpoint_index,
    looks_like_graph,
    looks_like_keras_metadata,
    looks_like_meta_graph,
    looks_like_saved_model,
    looks_like_tfrecord,
)
from weighbridge.weights.log import Log
from weighbridge.weights.tensorflow import (
    inspect_keras_metadata,
    inspect_meta_graph,
    inspect_saved_model,
    keras_metadata,
)

PLAIN = b.graph(b.node("Placeholder", "x"), b.node("Relu", "y", ["x"]))
LAMBDA = json.dumps({"class_name": "Lambda", "config": {"function": ["inert", None, None]}})


def look(graph: bytes, *rest: tuple[int, bytes], version: int = 1) -> Any:
    return looking.seen(inspect_saved_model, b.saved_model(graph, *rest, version=version))


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The configurations that were handed to the judge of Keras configurations."""
    texts: list[bytes] = []

    def inspect_config(text: bytes, log: Log) -> None:
        texts.append(text)

    from weighbridge.weights import keras_config

    monkeypatch.setattr(keras_config, "inspect_config", inspect_config)
    return texts


def metadata(*texts: str) -> bytes:
    return b.message(
        *(
            (1, b.message((3, "root"), (4, "_tf_keras_sequential"), (5, text), (6, b"\x08\1")))
            for text in texts
        )
    )


def test_operators_of_every_graph_count() -> None:
    bad = b.graph(b.node("ReadFile"))
    two = b.saved_model(PLAIN) + b.message((2, b.meta_graph(bad)))
    assert b.named(looking.seen(inspect_saved_model, two)) == {"ReadFile": "dangerous"}
    assert b.named(looking.seen(inspect_meta_graph, b.meta_graph(bad))) == {"ReadFile": "dangerous"}


def test_a_graph_that_is_given_twice_is_read_twice() -> None:
    """Parsers merge the two messages of one field."""
    bad = b.graph(b.node("WriteFile", "w"))
    assert b.named(look(PLAIN, (2, bad))) == {"WriteFile": "dangerous"}


def test_another_schema_version_is_a_gap() -> None:
    assert look(PLAIN, version=2).gaps
    assert "malformed" in looking.codes(looking.seen(inspect_saved_model, b.message((1, 1))))


@pytest.mark.parametrize("cut", range(1, 40, 5))
def test_a_model_that_is_cut_off_is_never_clean(cut: int) -> None:
    assert not looking.clean(looking.seen(inspect_saved_model, b.saved_model(PLAIN)[:-cut]))


def asset(node: str, name: str) -> tuple[int, bytes]:
    return 6, b.message((1, b.message((1, f"{node}:0"))), (2, name))


def test_a_table_from_an_asset_is_no_finding() -> None:
    graph = b.graph(
        b.text_const("path", "/home/someone/words.txt"),
        b.node("HashTableV2", "table"),
        b.node("InitializeTableFromTextFileV2", "t", ["table", "path"]),
    )
    assert looking.clean(look(graph, asset("path", "words.txt")))
    assert not looking.clean(look(graph))


@pytest.mark.parametrize(
    "name", ["../../x", "/nonexistent/inert", "a/../../x", "https://x.invalid"]
)
def test_an_asset_outside_the_model(name: str) -> None:
    assert b.named(look(PLAIN, asset("path", name))) == {"AssetFileDef": "dangerous"}


def test_a_file_name_that_a_function_is_bound_to() -> None:
    """The last arguments of a function come from objects of the model, not from the caller."""
    function = b.function("save", ["x", "name"], b.node("SaveV2", "s", ["name"]))
    graph = b.graph(b.text_const("c", "/nonexistent/inert"), functions=(function,))
    constant = b.message((9, b.message((1, "c"))))
    bound = (2, b.message((1, "save"), (2, b.message((2, 1)))))
    objects = b.message((1, b""), (1, constant), bound)
    assert b.named(look(graph, (7, objects))) == {"SaveV2": "dangerous"}
    unbound = b.message((1, b""), (1, constant))
    assert looking.clean(look(graph, (7, unbound)))


def test_collections_and_unknown_fields_are_looked_into() -> None:
    collection = b.message((1, "extra"), (2, b.message((2, b.message((1, b.PICKLE))))))
    seen = look(PLAIN, (4, collection))
    assert "hidden-pickle" in looking.codes(seen)
    assert b.named(seen)["posix.system"] == "dangerous"
    assert "executable-content" in looking.codes(look(PLAIN, (90, b.ELF)))


def test_the_json_of_layers_goes_to_the_judge_of_keras(judged: list[bytes]) -> None:
    user = b.message((4, b.message((1, "_tf_keras_layer"), (3, LAMBDA))))
    look(PLAIN, (7, b.message((1, user))))
    looking.seen(inspect_keras_metadata, metadata(LAMBDA, "{}"))
    assert judged == [LAMBDA.encode()] * 2


def test_the_json_of_layers_is_bounded(
    judged: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keras_metadata, "MAX_JSON", len(LAMBDA) + 1)
    seen = looking.seen(inspect_keras_metadata, metadata(LAMBDA, LAMBDA))
    assert len(judged) == 1
    assert seen.gaps


def test_keras_metadata_of_nothing_is_none() -> None:
    assert "malformed" in looking.codes(looking.seen(inspect_keras_metadata, b.message((9, 1))))


def test_models_as_they_should_be() -> None:
    seen = look(PLAIN)
    assert looking.clean(seen)
    assert dict(seen.allowed) == {"Placeholder": 1, "Relu": 1}
    assert looking.clean(looking.seen(inspect_meta_graph, b.meta_graph(PLAIN)))


RECORD = (3).to_bytes(8, "little")
RECORD += crc32c.masked_crc32c(RECORD).to_bytes(4, "little") + b"abc" + b"\0" * 4
FILES = {
    "saved-model": b.saved_model(PLAIN),
    "meta-graph": b.meta_graph(PLAIN),
    "graph": PLAIN,
    "keras-metadata": metadata("{}"),
    "checkpoint-index": b"\0\0\6\x08\1\x1a\2\x08\1" + b"\0" * 100,
    "tfrecord": RECORD,
}
RECOGNIZERS = {
    "saved-model": looks_like_saved_model,
    "meta-graph": looks_like_meta_graph,
    "graph": looks_like_graph,
    "keras-metadata": looks_like_keras_metadata,
    "checkpoint-index": looks_like_checkpoint_index,
    "tfrecord": looks_like_tfrecord,
}
OTHERS = [
    b"", b"\x08\1\x12", b"{}", b"\n", b"text\n" * 20, b"\0" * 200, b"\n" * 200, bytes(range(256)),
    b"\x08\7\x12\7pytorch\x1a\0032.1:\4\n\0\x12\0",  # ONNX
    b"\x08\1\x12\7pytorch\x1a\0032.1",
    b"\n\x0e\n\5<unk>\x15\0\0\0\0\x18\2\n\x0c\n\3<s>\x15\0\0\0\0",  # SentencePiece
    b"\x80\4\x95\0\0\0\0\0\0\0\0N.", b"PK\3\4" + b"\0" * 60, b"GGUF\3\0\0\0" + b"\0" * 40,
]  # fmt: skip


@pytest.mark.parametrize("kind", RECOGNIZERS)
def test_each_file_is_recognized_by_its_first_bytes(kind: str) -> None:
    recognize = RECOGNIZERS[kind]
    for other, data in FILES.items():
        assert recognize(data, len(data)) == (other == kind), other
    for data in OTHERS:
        assert not recognize(data, len(data)), data


@pytest.mark.parametrize("kind", RECOGNIZERS)
def test_a_cut_off_head_is_no_error(kind: str) -> None:
    data = FILES[kind]
    for length in range(len(data)):
        RECOGNIZERS[kind](data[:length], len(data))
    assert not RECOGNIZERS[kind](data[:2], len(data))


def test_the_checksum_of_the_standard() -> None:
    """RFC 3720, B.4: 32 bytes of zeros give 0x8a9136aa, here as LevelDB masks it."""
    plain = 0x8A9136AA
    masked = ((plain >> 15 | plain << 17) + 0xA282EAD8) % 2**32
    assert crc32c.masked_crc32c(b"\0" * 32) == masked
