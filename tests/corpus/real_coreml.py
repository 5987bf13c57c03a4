"""Benign Core ML models and weight files, made by coremltools: nothing here may be flagged.

Importing this module needs no library. ``samples`` gives ``(class, file name, content)``; without
coremltools there are none.
"""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Entry = tuple[str, str, bytes]


def samples() -> Iterator[Entry]:
    """Every sample, if coremltools is there."""
    if importlib.util.find_spec("coremltools"):
        yield from networks()
        yield from programs()
        yield from estimators()


def networks() -> Iterator[Entry]:
    """Neural networks of layers: a classifier, branches, quantized weights, metadata."""
    import coremltools as ct
    import numpy as np
    from coremltools.models import datatypes
    from coremltools.models.neural_network import NeuralNetworkBuilder, quantization_utils

    random = np.random.default_rng(5)
    inputs = [("x", datatypes.Array(4))]
    builder = NeuralNetworkBuilder(inputs, [("y", datatypes.Array(3))])
    weights = random.normal(size=(3, 4)).astype(np.float32)
    builder.add_inner_product("dense", weights, np.zeros(3, np.float32), 4, 3, True, "x", "h")
    builder.add_activation("relu", "RELU", "h", "y")
    spec = builder.spec
    spec.description.metadata.author = "nobody"
    spec.description.metadata.userDefined["names"] = "{0: 'cat'}"
    yield "coreml-network", "dense.mlmodel", spec.SerializeToString()
    half = quantization_utils.quantize_weights(ct.models.MLModel(spec, skip_model_load=True), 16)
    half = getattr(half, "get_spec", lambda: half)()
    yield "coreml-network", "half.mlmodel", half.SerializeToString()
    branching = NeuralNetworkBuilder(
        [("x", datatypes.Array(1))], [("y", None)], disable_rank5_shape_mapping=True
    )
    branching.add_load_constant_nd("zero", "zero", np.zeros(1, np.float32), (1,))
    branching.add_greater_than("compare", ["x", "zero"], "condition")
    layer = branching.add_branch("branch", "condition")
    for part, name in ((layer.branch.ifBranch, "then"), (layer.branch.elseBranch, "else")):
        inner = NeuralNetworkBuilder(nn_spec=part, disable_rank5_shape_mapping=True)
        inner.add_elementwise(name, ["x", "zero"], "y", "ADD")
    yield "coreml-network", "branch.mlmodel", branching.spec.SerializeToString()


def _package(model: Any, name: str) -> Iterator[Entry]:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "model.mlpackage")
        model.save(str(place))
        for path in sorted(place.rglob("*")):
            if path.suffix in (".mlmodel", ".bin"):
                yield "coreml-program", f"{name}{path.suffix}", path.read_bytes()


def programs() -> Iterator[Entry]:
    """ML Programs with their weight file: plain, with branches and loops, compressed."""
    import coremltools as ct
    import numpy as np
    from coremltools.converters.mil import Builder
    from coremltools.optimize.coreml import (
        OpLinearQuantizerConfig,
        OpPalettizerConfig,
        OptimizationConfig,
        linear_quantize_weights,
        palettize_weights,
    )

    weight = np.random.default_rng(5).normal(size=(64, 128)).astype(np.float32)

    @Builder.program(input_specs=[Builder.TensorSpec(shape=(1, 128))])
    def dense(x: Any) -> Any:
        hidden = Builder.linear(x=x, weight=weight, bias=np.zeros(64, np.float32))
        return Builder.relu(x=hidden)

    @Builder.program(input_specs=[Builder.TensorSpec(shape=(1, 128))])
    def branches(x: Any) -> Any:
        total = Builder.reduce_sum(x=x, axes=[0, 1])
        positive = Builder.greater(x=total, y=0.0)
        return Builder.cond(
            pred=positive,
            _true_fn=lambda: Builder.linear(x=x, weight=weight),
            _false_fn=lambda: Builder.linear(x=x, weight=-weight),
        )

    # converting changes the program, so each is converted once
    for name, program, precision in (
        ("dense-float32", dense, ct.precision.FLOAT32),
        ("branches-float16", branches, ct.precision.FLOAT16),
    ):
        model = ct.convert(
            program,
            convert_to="mlprogram",
            compute_precision=precision,
            minimum_deployment_target=ct.target.iOS17,
            skip_model_load=True,
        )
        yield from _package(model, name)
    model = ct.convert(
        dense,
        convert_to="mlprogram",
        minimum_deployment_target=ct.target.iOS18,
        skip_model_load=True,
    )
    four = OptimizationConfig(
        global_config=OpLinearQuantizerConfig(
            dtype="int4", granularity="per_block", weight_threshold=0
        )
    )
    yield from _package(linear_quantize_weights(model, four), "int4")
    three = OptimizationConfig(
        global_config=OpPalettizerConfig(nbits=3, mode="uniform", weight_threshold=0)
    )
    yield from _package(palettize_weights(model, three), "three-bits")


def estimators() -> Iterator[Entry]:
    """Models that are no networks: linear, trees, pipelines of them."""
    from coremltools.models import datatypes
    from coremltools.models.pipeline import Pipeline
    from coremltools.models.tree_ensemble import TreeEnsembleRegressor
    from coremltools.proto import Model_pb2

    trees = TreeEnsembleRegressor([("x", datatypes.Array(2))], "y")
    trees.add_branch_node(0, 0, 0, 1.5, "BranchOnValueLessThanEqual", 1, 2)
    trees.add_leaf_node(0, 1, 1.0)
    trees.add_leaf_node(0, 2, 2.0)
    trees.set_default_prediction_value([0.0])
    yield "coreml-estimator", "trees.mlmodel", trees.spec.SerializeToString()
    linear = Model_pb2.Model(specificationVersion=1)
    linear.glmRegressor.weights.add().value.extend([1.0, 2.0])
    linear.glmRegressor.offset.append(0.5)
    linear.description.predictedFeatureName = "y"
    yield "coreml-estimator", "linear.mlmodel", linear.SerializeToString()
    pipeline = Pipeline([("x", datatypes.Array(2))], [("y", datatypes.Double())])
    pipeline.add_model(trees.spec)
    pipeline.add_model(linear)
    yield "coreml-estimator", "pipeline.mlmodel", pipeline.spec.SerializeToString()
