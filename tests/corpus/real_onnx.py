"""Benign ONNX models, made by ``onnx``, ``skl2onnx`` and ONNX Runtime's own tools.

Nothing here may be flagged. Needs the libraries of the corpus environment; importing this module
needs none. ``samples`` gives ``(class, file name, content)``; a part whose library is absent is
left out.
"""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Entry = tuple[str, str, bytes]


def samples() -> Iterator[Entry]:
    """Every sample of the parts whose libraries are there."""
    for needs, part in PARTS:
        if all(importlib.util.find_spec(name) for name in needs):
            for family, name, model in part():
                yield f"onnx-{family}", f"{name}.onnx", model.SerializeToString()


Part = Iterator[tuple[str, str, Any]]


def _model(nodes: list[Any], initializers: tuple[Any, ...] = (), **more: Any) -> Any:
    from onnx import TensorProto, helper

    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "graph",
        [value("x", TensorProto.FLOAT, ["batch", 4])],
        [value("y", TensorProto.FLOAT, None)],
        list(initializers),
    )
    return helper.make_model(graph, producer_name="corpus", **more)


def dtypes() -> Part:
    """An initializer of each type, as raw bytes and in typed fields, with odd element counts."""
    import numpy as np
    from onnx import TensorProto, helper, numpy_helper

    node = helper.make_node("Identity", ["x"], ["y"])
    types = {
        key: number
        for key, number in TensorProto.DataType.items()
        if key not in ("UNDEFINED", "STRING")
    }  # fmt: skip
    typed, raw = [], []
    for key, number in types.items():
        dtype = helper.tensor_dtype_to_np_dtype(number)
        raw.append(numpy_helper.from_array(np.zeros((3, 5), dtype), f"raw_{key}"))
        typed.append(helper.make_tensor(f"typed_{key}", number, [3, 3], [0] * 9))
    yield "dtypes", "raw", _model([node], tuple(raw))
    yield "dtypes", "typed", _model([node], tuple(typed))
    texts = helper.make_tensor("texts", TensorProto.STRING, [3], [b"one", b"", "größe".encode()])
    scalar = helper.make_tensor("scalar", TensorProto.FLOAT, [], [1.5])
    empty = helper.make_tensor("empty", TensorProto.INT64, [0, 4], [])
    large = helper.make_tensor("large", TensorProto.INT64, [40_000], list(range(-20_000, 20_000)))
    yield "dtypes", "texts-scalars-empty", _model([node], (texts, scalar, empty, large))
    values = helper.make_tensor("sparse", TensorProto.FLOAT, [2], [1.0, 2.0])
    indices = helper.make_tensor("indices", TensorProto.INT64, [2], [0, 5])
    sparse = _model([node])
    sparse.graph.sparse_initializer.append(helper.make_sparse_tensor(values, indices, [3, 3]))
    yield "dtypes", "sparse", sparse


def graphs() -> Part:
    """Graphs in graphs, functions, attributes of every type, metadata, training."""
    import onnx
    from onnx import TensorProto, helper

    value = helper.make_tensor_value_info
    constant = helper.make_node("Constant", [], ["c"], value_float=1.0)
    text = helper.make_node("Constant", [], ["s"], value_strings=["a", "b" * 300])
    yield (
        "graphs",
        "constants",
        _model([constant, text, helper.make_node("Add", ["x", "c"], ["y"])]),
    )
    then = helper.make_graph([helper.make_node("Neg", ["x"], ["t"])], "then", [],
                             [value("t", TensorProto.FLOAT, None)],
                             [helper.make_tensor("w", TensorProto.FLOAT, [2], [1, 2])])  # fmt: skip
    other = helper.make_graph(
        [helper.make_node("Abs", ["x"], ["e"])],
        "else",
        [],
        [value("e", TensorProto.FLOAT, None)],
        [helper.make_tensor("w", TensorProto.FLOAT, [2], [1, 2])],
    )
    branch = helper.make_node("If", ["condition"], ["y"], then_branch=then, else_branch=other)
    condition = helper.make_tensor("condition", TensorProto.BOOL, [], [True])
    yield "graphs", "if", _model([branch], (condition,))
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["go"], ["again"]),
            helper.make_node("If", ["go"], ["out"], then_branch=then, else_branch=other),
        ],
        "body",
        [value("i", TensorProto.INT64, []), value("go", TensorProto.BOOL, []),
         value("state", TensorProto.FLOAT, None)],
        [value("again", TensorProto.BOOL, []), value("out", TensorProto.FLOAT, None)],
    )  # fmt: skip
    loop = helper.make_node("Loop", ["trips", "", "x"], ["y"], body=body)
    trips = helper.make_tensor("trips", TensorProto.INT64, [], [3])
    yield "graphs", "loop-with-if", _model([loop], (trips,))
    scan_body = helper.make_graph(
        [helper.make_node("Add", ["a", "b"], ["sum"]),
         helper.make_node("Identity", ["sum"], ["o"])],
        "scan", [value("a", TensorProto.FLOAT, [1]), value("b", TensorProto.FLOAT, [1])],
        [value("sum", TensorProto.FLOAT, [1]), value("o", TensorProto.FLOAT, [1])],
    )  # fmt: skip
    scan = helper.make_node("Scan", ["s0", "x"], ["last", "y"], body=scan_body, num_scan_inputs=1)
    yield "graphs", "scan", _model([scan], (helper.make_tensor("s0", TensorProto.FLOAT, [1], [0]),))
    function = helper.make_function(
        "local.math", "Twice", ["a"], ["b"],
        [helper.make_node("Add", ["a", "a"], ["b"])], [helper.make_opsetid("", 20)],
    )  # fmt: skip
    outer = helper.make_function(
        "pkg.library", "FourTimes", ["a"], ["b"],
        [helper.make_node("Twice", ["a"], ["m"], domain="local.math"),
         helper.make_node("Twice", ["m"], ["b"], domain="local.math")],
        [helper.make_opsetid("", 20), helper.make_opsetid("local.math", 1)],
        attributes=["alpha"], attribute_protos=[helper.make_attribute("beta", [1.0, 2.0])],
    )  # fmt: skip
    opsets = [helper.make_opsetid("", 20), helper.make_opsetid("local.math", 1),
              helper.make_opsetid("pkg.library", 1)]  # fmt: skip
    call = helper.make_node("FourTimes", ["x"], ["y"], domain="pkg.library", alpha=2)
    yield "graphs", "functions", _model([call], opset_imports=opsets, functions=[function, outer])
    described = _model([helper.make_node("Relu", ["x"], ["y"], name="n", doc_string="A. " * 400)])
    helper.set_model_props(described, {"author": "nobody", "names": "{0: 'cat', 1: 'dog'}"})
    described.graph.metadata_props.add(key="k", value="v")
    described.graph.node[0].metadata_props.add(key="pkg.torch.onnx.stack_trace", value="File x, 1")
    yield "graphs", "metadata", onnx.shape_inference.infer_shapes(described)
    trained = _model([helper.make_node("Relu", ["x"], ["y"])])
    info = trained.training_info.add()
    info.algorithm.CopyFrom(then)
    info.initialization.CopyFrom(other)
    info.update_binding.add(key="w", value="t")
    yield "graphs", "training", trained
    old = _model([helper.make_node("ImageScaler", ["x"], ["y"], scale=1.0, bias=[0.1, 0.2])])
    del old.opset_import[:]
    old.opset_import.add(domain="", version=7)
    old.ir_version = 3
    yield "graphs", "ir-version-3", old


def large() -> Part:
    """Many nodes, many initializers, many elements."""
    import numpy as np
    from onnx import helper, numpy_helper

    names = [f"h{i}" for i in range(3000)]
    chain = [
        helper.make_node("Gemm" if i % 2 else "Relu", [a, f"w{i % 50}"], [b], name=f"/layer.{i}/op",
                         **({"alpha": 0.5, "transB": 1} if i % 2 else {}))
        for i, (a, b) in enumerate(zip(["x", *names], [*names, "y"], strict=True))
    ]  # fmt: skip
    random = np.random.default_rng(7)
    weights = tuple(
        numpy_helper.from_array(random.normal(size=(64, 64)).astype(np.float32), f"w{i}")
        for i in range(50)
    )
    yield "large", "three-thousand-nodes", _model(chain, weights)
    whole = numpy_helper.from_array(random.normal(size=(1500, 700)).astype(np.float16), "w")
    yield (
        "large",
        "one-big-tensor",
        _model([helper.make_node("MatMul", ["x", "w"], ["y"])], (whole,)),
    )


def external() -> Part:
    """Models whose tensors lie beside them, in one file and in one each."""
    import numpy as np
    import onnx
    from onnx import helper, numpy_helper

    weights = tuple(
        numpy_helper.from_array(np.ones((32, 32), np.float32), f"layers.{i}.weight")
        for i in range(4)
    )
    nodes = [helper.make_node("Sum", ["x", *(w.name for w in weights)], ["y"])]
    for name, options in {
        "one-file": {"all_tensors_to_one_file": True, "location": "model.onnx.data"},
        "one-file-each": {"all_tensors_to_one_file": False},
        "in-a-folder": {"all_tensors_to_one_file": True, "location": "weights/model.data"},
    }.items():
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "weights").mkdir()
            path = Path(folder, "model.onnx")
            model = _model(nodes, weights)
            onnx.save_model(model, path, save_as_external_data=True, size_threshold=0, **options)
            yield "external", name, onnx.load(path, load_external_data=False)


def quantized() -> Part:
    """Quantized operators of ONNX and of ONNX Runtime."""
    import numpy as np
    from onnx import TensorProto, helper, numpy_helper

    def scale(name: str) -> Any:
        return numpy_helper.from_array(np.float32(0.1), name)

    def zero(name: str) -> Any:
        return numpy_helper.from_array(np.uint8(128), name)

    weight = numpy_helper.from_array(np.zeros((4, 4), np.uint8), "w")
    parts = [scale("s"), zero("z"), scale("ws"), zero("wz"), weight]
    nodes = [
        helper.make_node("QuantizeLinear", ["x", "s", "z"], ["q"]),
        helper.make_node("QLinearMatMul", ["q", "s", "z", "w", "ws", "wz", "s", "z"], ["r"]),
        helper.make_node("DequantizeLinear", ["r", "s", "z"], ["y"]),
    ]
    yield "quantized", "qlinear", _model(nodes, tuple(parts))
    four = helper.make_tensor("w4", TensorProto.INT4, [4, 5], [1, -2] * 10)
    block = helper.make_node("DequantizeLinear", ["w4", "s"], ["y"])
    yield "quantized", "int4", _model([block], (four, scale("s")))
    packed = numpy_helper.from_array(np.zeros((8, 1, 16), np.uint8), "B")
    scales = numpy_helper.from_array(np.ones(8, np.float32), "scales")
    node = helper.make_node("MatMulNBits", ["x", "B", "scales"], ["y"], domain="com.microsoft",
                            K=32, N=8, bits=4, block_size=32)  # fmt: skip
    opsets = [helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)]
    yield "quantized", "matmulnbits", _model([node], (packed, scales), opset_imports=opsets)
    add = helper.make_node(
        "QLinearAdd", ["q", "s", "z", "q", "s", "z", "s", "z"], ["y"], domain="com.microsoft"
    )
    yield (
        "quantized",
        "contrib-qlinearadd",
        _model([nodes[0], add], tuple(parts[:2]), opset_imports=opsets),
    )
    attention = helper.make_node("GroupQueryAttention", ["x", "x", "x"], ["y"], num_heads=4,
                                 kv_num_heads=2, domain="com.microsoft")  # fmt: skip
    yield "quantized", "attention", _model([attention], opset_imports=opsets)


def sklearn_models() -> Part:
    """What skl2onnx makes of estimators: ai.onnx.ml, long lists of numbers and of texts."""
    import numpy as np
    from skl2onnx import to_onnx
    from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.neural_network import MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler
    from sklearn.svm import SVC

    random = np.random.default_rng(3)
    numbers = random.normal(size=(200, 4)).astype(np.float32)
    classes = np.where(numbers[:, 0] > 0, "positive", "negative")
    for name, estimator in {
        "forest": RandomForestClassifier(50, random_state=0),
        "boosting": GradientBoostingClassifier(n_estimators=5, random_state=0),
        "pipeline": make_pipeline(StandardScaler(), LogisticRegression()),
        "svc": SVC(probability=True, random_state=0),
    }.items():
        estimator.fit(numbers, classes)
        yield (
            "sklearn",
            name,
            to_onnx(estimator, numbers[:1], options={"zipmap": False} if name == "svc" else None),
        )
    network = MLPRegressor(hidden_layer_sizes=(8, 4), max_iter=20, random_state=0).fit(
        numbers, numbers[:, 1]
    )
    yield "sklearn", "network", to_onnx(network, numbers[:1])
    words = np.array([["red"], ["green"], ["blue"]], object)
    yield "sklearn", "onehot", to_onnx(OneHotEncoder().fit(words), words[:1])
    texts = np.array(["the cat sat", "a dog ran", "cats and dogs"])
    from skl2onnx.common.data_types import StringTensorType

    vectors = TfidfVectorizer().fit(texts)
    yield "sklearn", "tfidf", to_onnx(vectors, initial_types=[("text", StringTensorType([None]))])


def runtime() -> Part:
    """What ONNX Runtime writes: an optimized graph in its own layout, dynamic quantization."""
    import numpy as np
    import onnx
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper
    from onnxruntime.quantization import quantize_dynamic

    weight = numpy_helper.from_array(np.ones((8, 3, 3, 3), np.float32), "w")
    value = helper.make_tensor_value_info
    nodes = [helper.make_node("Conv", ["x", "w"], ["c"], kernel_shape=[3, 3]),
             helper.make_node("Relu", ["c"], ["y"])]  # fmt: skip
    graph = helper.make_graph(nodes, "g", [value("x", TensorProto.FLOAT, [1, 3, 8, 8])],
                              [value("y", TensorProto.FLOAT, None)], [weight])  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    dense = numpy_helper.from_array(np.ones((64, 64), np.float32), "w")
    product = _model([helper.make_node("MatMul", ["x", "w"], ["y"])], (dense,),
                     opset_imports=[helper.make_opsetid("", 17)], ir_version=8)  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        for level in ("BASIC", "EXTENDED", "ALL"):
            options = onnxruntime.SessionOptions()
            options.optimized_model_filepath = str(Path(folder, f"{level}.onnx"))
            options.graph_optimization_level = getattr(
                onnxruntime.GraphOptimizationLevel, f"ORT_ENABLE_{level}"
            )
            onnxruntime.InferenceSession(
                model.SerializeToString(), options, ["CPUExecutionProvider"]
            )
            yield (
                "runtime",
                f"optimized-{level.lower()}",
                onnx.load(options.optimized_model_filepath),
            )
        plain = Path(folder, "plain.onnx")
        onnx.save(product, plain)
        quantize_dynamic(plain, Path(folder, "quantized.onnx"))
        yield "runtime", "quantized-dynamically", onnx.load(Path(folder, "quantized.onnx"))


PARTS: tuple[tuple[tuple[str, ...], Callable[[], Part]], ...] = (
    (("onnx", "numpy"), dtypes),
    (("onnx",), graphs),
    (("onnx", "numpy"), large),
    (("onnx", "numpy"), external),
    (("onnx", "numpy"), quantized),
    (("skl2onnx", "sklearn"), sklearn_models),
    (("onnxruntime", "onnx"), runtime),
)
