"""Files that ordinary tools write, and that a careless reader would take for something else."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import struct
import zipfile
import zlib

import pytest
from tests.unit.weights.looking import codes

from weighbridge.formats.sniff import sniff
from weighbridge.formats.tensorflow_start import looks_like_graph
from weighbridge.weights.content import peek_of
from weighbridge.weights.inspect import inspect_file
from weighbridge.weights.inspection import Inspection, Verdict
from weighbridge.weights.source import file_source

_ARRAY = b"\x93NUMPY\x01\0\x39\0{'descr':'<f4','fortran_order':False,'shape':(1,)}      \nabcd"
_PROTO = b"\x80\x02"


def inspect(path: str, data: bytes) -> Inspection:
    stream = io.BytesIO(data)
    return inspect_file(stream, len(data), sniff(peek_of(file_source(stream, len(data)))), path)


def nothing(found: Inspection) -> bool:
    return not (found.operations or found.issues or found.gaps)


def worst(found: Inspection) -> Verdict | None:
    order = tuple(Verdict)
    return max((o.verdict for o in found.operations), key=order.index, default=None)


def _call(module: str, name: str, args: bytes) -> bytes:
    return _PROTO + f"c{module}\n{name}\n".encode() + args + b"R."


def _made(module: str, name: str, state: bytes = b"}") -> bytes:
    return _PROTO + f"c{module}\n{name}\n".encode() + b")\x81" + state + b"b."


@pytest.mark.parametrize(
    "text",
    [
        b"centroid_lat,centroid_lon\n45.47,-73.58\n.1,.2\n" * 30,
        b"country,year,pop\nAfghanistan,1952,8425333\n" * 30,
        b"cat\ndog\n(bird\nios\nimage\nR\n.\n" * 30,
    ],
    ids=["numbers", "table", "words"],
)
def test_a_packed_table_of_text_is_no_pickle(text: bytes) -> None:
    """``c`` and ``i`` are opcodes of protocol 0, and letters that words begin with."""
    assert nothing(inspect("data.csv.gz", gzip.compress(text)))


def test_a_pickle_that_is_named_like_text_is_one() -> None:
    found = inspect("data.csv.gz", gzip.compress(b"cos\nsystem\n(S'echo inert'\ntR."))
    assert worst(found) is Verdict.DANGEROUS


def test_a_name_that_is_no_identifier_reaches_nothing() -> None:
    found = inspect("m.pkl", _PROTO + b"ca,b\n45.4,-7.5\n.")
    assert worst(found) is Verdict.UNLISTED


@pytest.mark.parametrize("ends", [b"\n", b"\r\n", b"\n" * 8])
def test_line_ends_behind_a_pickle_are_an_editor_s(ends: bytes) -> None:
    assert nothing(inspect("m.pkl", pickle.dumps([1], 2) + ends))


@pytest.mark.parametrize("tail", [b"\n" * 9, b"\nx", b"\0"])
def test_anything_else_behind_a_pickle_is_said(tail: bytes) -> None:
    assert "trailing-data" in codes(inspect("m.pkl", pickle.dumps([1], 2) + tail))


@pytest.mark.parametrize(
    "data",
    [
        _made("__torch__.torch.nn.modules.linear.___torch_mangle_1", "Linear"),
        _made("__torch__", "Net"),
        _made("__torch__.torch.classes.quantized", "LinearPackedParamsBase"),
        _made("networkx.classes.graph", "Graph", b"}X\x12\0\0\0__networkx_cache__}s"),
        _made("catboost.core", "CatBoostClassifier"),
        _made("scipy.spatial._qhull", "Delaunay"),
        _made("statsmodels.regression.linear_model", "OLSResults"),
        _made("optax._src.transform", "ScaleByAdamState"),
        _made("torch.distributions.normal", "Normal"),
        _made("transformers.tokenization_utils_tokenizers", "TokenizersBackend"),
        _call("numpy.core.multiarray", "_reconstruct", b"cnumpy\nmemmap\nK\0\x85U\x01b\x87"),
        _call("__builtin__", "FileNotFoundError", b"K\x02U\x02no\x86"),
        _call("http", "HTTPStatus", b"K\xc8\x85"),
        _PROTO + b"cfunctools\npartial\nc__builtin__\nint\n\x85R.",
        _call("__builtin__", "getattr", b"c__builtin__\nstr\nX\x05\0\0\0split\x86"),
        _call("__builtin__", "iter", b"]\x85"),
        _PROTO + b"cml_dtypes\nbfloat16\n.",
        _PROTO + b"csklearn.metrics._classification\nconfusion_matrix\n.",
    ],
)  # fmt: skip
def test_what_libraries_write_is_listed(data: bytes) -> None:
    assert nothing(inspect("m.pkl", data))


@pytest.mark.parametrize(
    ("data", "verdict"),
    [
        (_made("__torch__.torch.classes.inert", "Runner"), Verdict.UNLISTED),
        (_call("__torch__", "run", b")"), Verdict.UNLISTED_CALL),
        (_call("numpy", "memmap", b"U\x01x\x85"), Verdict.DANGEROUS),
        (_PROTO + b"cfunctools\npartial\ncnumpy\nmemmap\n\x85R.", Verdict.DANGEROUS),
        (_call("__builtin__", "iter", b"cos\nsystem\nN\x86"), Verdict.DANGEROUS),
        (_call("operator", "itemgetter", b"K\x01\x85"), Verdict.DANGEROUS),
        (
            _made("statsmodels.base.data", "ModelData", b"}X\x12\0\0\0restore_model_spec\x88s"),
            Verdict.DANGEROUS,
        ),
        (
            _call("jax._src.array", "_reconstruct_array", b"(cos\nsystem\n(U\x04echot)}t"),
            Verdict.DANGEROUS,
        ),
        (
            _call("jax._src.array", "_reconstruct_array", b"(c__builtin__\nlist\n)N}t"),
            Verdict.UNLISTED_CALL,
        ),
        (
            _call(
                "__builtin__", "getattr",
                b"ckeras.src.models.sequential\nSequential\nX\x0f\0\0\0_unpickle_model\x86",
            )[:-1]
            + b"c_io\nBytesIO\n)R\x85R.",
            Verdict.DANGEROUS,
        ),
    ],
)  # fmt: skip
def test_the_lists_do_not_reach_further(data: bytes, verdict: Verdict) -> None:
    assert worst(inspect("m.pkl", data)) is verdict


def test_a_descriptor_set_is_no_graph() -> None:
    """``FileDescriptorSet`` begins as a ``GraphDef`` does: a name, and what may be an operator."""
    file = b"\x0a\x0ba/b/c.proto\x12\x0atensorflow"
    assert not looks_like_graph(b"\x0a" + bytes([len(file)]) + file, len(file) + 2)
    node = b"\x0a\x01n\x12\x08Identity"
    assert looks_like_graph(b"\x0a" + bytes([len(node)]) + node, len(node) + 2)


def test_json_lines_are_json_and_a_config_is_one_document() -> None:
    lines = b'{"a": 1}\n{"a": 2}\n'
    assert nothing(inspect("train.json", lines))
    assert "malformed" in codes(inspect("config.json", lines))
    assert "malformed" in codes(inspect("train.json", b'{"a": 1}\n{"a": \n'))


def test_a_small_message_is_no_text() -> None:
    found = inspect("input_0.pb", b"\x08\x02\x10\x08\x32\x06monday\x32\x07tuesday\x42\x01x")
    assert not found.issues
    assert found.uninspected


def test_a_configuration_of_xgboost_has_no_model() -> None:
    config = {"learner": {"gradient_booster": {"name": "gbtree"}, "learner_train_param": {}}}
    assert not inspect("c.json", json.dumps({**config, "version": [3, 2, 0]}).encode()).issues


def _zip(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def test_what_is_not_as_torch_writes_it_is_said() -> None:
    ok = pickle.dumps({}, 2)
    for name, value in (("byteorder", b"middle"), ("version", b"abc\n")):
        data = _zip(**{"m/data.pkl": ok, f"m/{name}": value})
        assert "bad-value" in codes(inspect("m.pt", data))
    both = _zip(**{"a/data.pkl": ok, "b/data.pkl": ok})
    assert "foreign-member" in codes(inspect("m.pt", both))
    assert "missing-member" in codes(inspect("m.pt", _zip(**{"m/data/0": b"abcd"})))
    assert nothing(
        inspect("m.pt", _zip(**{"m/data.pkl": ok, "m/byteorder": b"little", "m/version": b"3\n"}))
    )


def test_a_keras_archive_has_weights() -> None:
    config = b'{"module": "keras", "class_name": "Sequential", "config": {"layers": []}}'
    data = _zip(**{"config.json": config, "metadata.json": b"{}"})
    assert "missing-member" in codes(inspect("m.keras", data))


def _pickled_keras(archive: bytes) -> bytes:
    """What ``pickle.dumps`` writes of a Keras model: a file in memory, and who loads it."""
    return (
        _PROTO
        + b"c__builtin__\ngetattr\nckeras.src.models.sequential\nSequential\n"
        + b"X\x0f\0\0\0_unpickle_model\x86Rc_io\nBytesIO\n)R(B"
        + struct.pack("<I", len(archive)) + archive + b"K\0Ntb\x85R."
    )  # fmt: skip


def test_a_keras_model_in_a_pickle_is_read_as_one() -> None:
    config = {"module": "keras", "class_name": "Sequential", "config": {"layers": []}}
    members = {"metadata.json": b"{}", "model.weights.npz": _zip(**{"a.npy": _ARRAY})}
    good = _zip(**{"config.json": json.dumps(config).encode(), **members})
    assert nothing(inspect("m.pkl", _pickled_keras(good)))
    config["config"] = {"layers": [{"module": "os", "class_name": "system", "config": {}}]}
    evil = _zip(**{"config.json": json.dumps(config).encode(), **members})
    assert worst(inspect("m.pkl", _pickled_keras(evil))) is Verdict.DANGEROUS
    behind = inspect("m.pkl", _pickled_keras(good) + evil)
    assert {"polyglot", "trailing-data"} & codes(behind)


def test_data_behind_a_zlib_stream_is_said() -> None:
    packed = zlib.compress(pickle.dumps([1], 4))
    assert nothing(inspect("m.joblib", packed))
    assert "malformed" in codes(inspect("m.joblib", packed + b"junk"))


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("m.ckpt", b"\x89PNG\r\n\x1a\n" + bytes(range(90)), "not-weights"),
        ("config.json", b'{"a": 1}\x01\xff\xfe', "not-text"),
        ("m.7z", b"\x01\xff\xfe" * 9, "unrecognized"),
        ("m.pdparams", b"not found", "not-weights"),
        ("x/saved_model.pb", b"\x08\x01\x12\xff\xff\x03" + b"\x0a\x01" * 9, "malformed"),
        ("m.npy", _ARRAY.replace(b"{", b"\n {").replace(b"      \n", b"    \n"), "malformed"),
        ("m.npy", b"\x93NUMPY\x02\0\0\0\0\x80{'descr': 1", "malformed"),
        ("m.safetensors.index.json", b'{"weight_map": [1]}', "bad-structure"),
    ],
)
def test_a_name_s_promise_is_kept_or_its_breach_said(name: str, data: bytes, code: str) -> None:
    assert code in codes(inspect(name, data))


def test_a_lightgbm_model_that_breaks_off_in_its_parameters() -> None:
    tree = b"Tree=0\nnum_leaves=1\nleaf_value=0.5\n\n\n"
    model = b"tree\nversion=v4\nnum_class=1\ntree_sizes=%d\n\n" % len(tree) + tree
    model += b"end of trees\n\nparameters:\n[boosting: gbdt]\n"
    assert "truncated" in codes(inspect("m.txt", model))
    whole = model + b"end of parameters\n\npandas_categorical:null\n"
    assert nothing(inspect("m.txt", whole))
    assert "trailing-data" in codes(inspect("m.txt", whole + b"\x01junk"))


def _gguf(*keys: bytes, tensors: tuple[bytes, ...] = ()) -> bytes:
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(keys)) + b"".join(keys)
    head += b"".join(
        struct.pack("<Q", len(n)) + n + struct.pack("<IQIQ", 1, 8, 0, 32 * i)
        for i, n in enumerate(tensors)
    )
    return head + bytes(-len(head) % 32) + bytes(32 * len(tensors))


def _key(name: bytes, kind: int, value: bytes) -> bytes:
    return struct.pack("<Q", len(name)) + name + struct.pack("<I", kind) + value


def _text(value: bytes) -> bytes:
    return struct.pack("<Q", len(value)) + value


@pytest.mark.parametrize(
    "key",
    [
        _key(b"general.alignment", 8, _text(b"32")),
        _key(b"general.architecture", 4, b"\1\0\0\0"),
        _key(b"general.name", 8, _text(b"\xff\xfe")),
        _key(b"tokenizer.chat_template", 4, b"\1\0\0\0"),
        _key(b"tokenizer.ggml.tokens", 9, struct.pack("<IQ", 8, 1) + _text(b"a"))
        + b"",
    ],
    ids=["alignment", "architecture", "utf-8", "template", "tokens-alone"],
)  # fmt: skip
def test_gguf_keys_have_the_type_that_loaders_read(key: bytes) -> None:
    found = codes(inspect("m.gguf", _gguf(key, tensors=(b"w",))))
    assert ("bad-value" in found or "bad-alignment" in found) is (b"ggml.tokens" not in key)


def test_gguf_scores_are_as_many_as_tokens() -> None:
    tokens = _key(b"tokenizer.ggml.tokens", 9, struct.pack("<IQ", 8, 1) + _text(b"a"))
    scores = _key(b"tokenizer.ggml.scores", 9, struct.pack("<IQ", 6, 5) + bytes(20))
    assert "bad-value" in codes(inspect("m.gguf", _gguf(tokens, scores, tensors=(b"w",))))


def test_gguf_names_of_image_models_may_be_longer() -> None:
    """64 bytes by gguf.md, 127 in the converters and loaders of image models."""
    flux = _key(b"general.architecture", 8, _text(b"flux"))
    llama = _key(b"general.architecture", 8, _text(b"llama"))
    assert nothing(inspect("m.gguf", _gguf(flux, tensors=(b"n" * 127,))))
    assert "odd-name" in codes(inspect("m.gguf", _gguf(flux, tensors=(b"n" * 128,))))
    assert "odd-name" in codes(inspect("m.gguf", _gguf(llama, tensors=(b"n" * 65,))))
    assert "odd-name" in codes(inspect("m.gguf", _gguf(llama, tensors=(b"",))))


@pytest.mark.parametrize(
    ("template", "costs"),
    [
        ("{{ 'a' * 1000000000 }}", True),
        ("{{ 9 ** 999999999 }}", True),
        ("{% for i in range(100000000) %}{{ i }}{% endfor %}", True),
        ("{{ '-' * 40 }}{{ 2 ** 10 }}{{ 9 ** 9 ** 9 }}{{ range(10) }}", False),
    ],
)
def test_a_template_that_exhausts_the_machine(template: str, costs: bool) -> None:
    found = inspect("chat_template.jinja", template.encode())
    assert (worst(found) is Verdict.UNLISTED_CALL) is costs


def test_a_bomb_of_many_small_members_is_one() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(80):
            archive.writestr(f"{number}.bin", bytes(2**20))
    assert "decompression-bomb" in codes(inspect("m.zip", out.getvalue()))


def test_many_tiny_frames_cost_no_reading_of_the_window() -> None:
    """Each frame's end once copied the window: half a million of them took sixteen seconds."""
    frame = b"\x95\x02\0\0\0\0\0\0\0N0"
    found = inspect("m.pkl", b"\x80\x04" + frame * 60_000 + b"N.")
    assert nothing(found)
    assert found.bytes_read < 2**20
