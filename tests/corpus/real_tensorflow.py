"""Benign files written by the real TensorFlow: SavedModels, graphs, checkpoints, TFLite models.

TensorFlow is no dependency of this project: the corpus runs in an environment of its own
(``tensorflow-cpu``; ``tf-keras`` adds Keras 2's SavedModels). Everything is small, untrained and
made here; nothing is downloaded.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

Sample = tuple[str, str, bytes]

_CLASSES = {
    "saved_model.pb": "saved-model",
    "keras_metadata.pb": "keras-metadata",
    ".index": "tf-checkpoint-index",
    ".meta": "tf-meta",
    ".pb": "tf-graph",
    ".pbtxt": "",
    ".tflite": "tflite",
    ".tfrecord": "tfrecord",
}


def samples() -> Iterator[Sample]:
    """(class, file name, content) of each sample."""
    makers: tuple[Callable[[Path], None], ...] = (
        _module, _tables_and_assets, _control_flow, _text_preprocessing, _keras3_export,
        _keras2, _session_saver, _frozen_graph, _training_graph, _checkpoints, _tflite,
        _tflite_quantized, _tflite_select, _tflite_control_flow, _records, _ragged, _many_variables,
    )  # fmt: skip
    for maker in makers:
        with tempfile.TemporaryDirectory() as folder:
            maker(Path(folder))
            yield from _files(Path(folder), maker.__name__.strip("_"))


def _files(folder: Path, title: str) -> Iterator[Sample]:
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.name == "fingerprint.pb":
            continue
        kind = next((k for suffix, k in _CLASSES.items() if path.name.endswith(suffix)), "")
        if kind:
            name = "-".join((title, *path.relative_to(folder).parts[:-1]))
            yield kind, f"{name}/{path.name}", path.read_bytes()


def _dense_model(tf, width: int = 8):
    return tf.keras.Sequential(
        [
            tf.keras.layers.Input((width,)),
            tf.keras.layers.Dense(16, activation="relu"),
            tf.keras.layers.BatchNormalization(),
            tf.keras.layers.Dropout(0.5),
            tf.keras.layers.Dense(4, activation="softmax"),
        ]
    )


def _image_model(tf):
    return tf.keras.Sequential(
        [
            tf.keras.layers.Input((16, 16, 3)),
            tf.keras.layers.Conv2D(8, 3, activation="relu"),
            tf.keras.layers.DepthwiseConv2D(3),
            tf.keras.layers.MaxPool2D(),
            tf.keras.layers.Flatten(),
            tf.keras.layers.Dense(5),
        ]
    )


def _module(folder: Path) -> None:
    import tensorflow as tf

    class Adder(tf.Module):
        def __init__(self):
            self.weight = tf.Variable(tf.random.normal((4, 4)), name="weight")

        @tf.function(input_signature=[tf.TensorSpec((None, 4), tf.float32)])
        def __call__(self, x):
            return tf.nn.relu(x @ self.weight) + tf.constant([1.0, 2.0, 3.0, 4.0])

    module = Adder()
    tf.saved_model.save(module, str(folder / "plain"))
    tf.saved_model.save(module, str(folder / "signed"), signatures=module.__call__)


def _tables_and_assets(folder: Path) -> None:
    import tensorflow as tf

    words = folder / "words.txt"
    words.write_text("a\nb\nc\n")

    class Lookup(tf.Module):
        def __init__(self):
            initializer = tf.lookup.TextFileInitializer(
                str(words), tf.string, tf.lookup.TextFileIndex.WHOLE_LINE,
                tf.int64, tf.lookup.TextFileIndex.LINE_NUMBER,
            )  # fmt: skip
            self.table = tf.lookup.StaticHashTable(initializer, -1)
            self.fixed = tf.lookup.StaticHashTable(
                tf.lookup.KeyValueTensorInitializer(["x", "y"], [1, 2]), -1
            )
            self.asset = tf.saved_model.Asset(str(words))

        @tf.function(input_signature=[tf.TensorSpec((None,), tf.string)])
        def __call__(self, x):
            return self.table.lookup(x), self.fixed.lookup(x)

    module = Lookup()
    tf.saved_model.save(module, str(folder / "tables"), signatures=module.__call__)


def _control_flow(folder: Path) -> None:
    import tensorflow as tf

    class Loop(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec((), tf.int32), tf.TensorSpec((3,), tf.float32)])
        def run(self, count, x):
            for i in tf.range(count):
                if i % 2 == 0:
                    x = x + 1.0
                else:
                    x = tf.switch_case(
                        i % 3, [lambda y=x: y * 2.0, lambda y=x: y / 2.0, lambda y=x: -y]
                    )
            tf.print("done", count)
            tf.debugging.assert_all_finite(x, "not finite")
            return tf.map_fn(tf.sin, x)

    module = Loop()
    tf.saved_model.save(module, str(folder / "loop"), signatures={"run": module.run})


def _text_preprocessing(folder: Path) -> None:
    import tensorflow as tf

    class Images(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec((None,), tf.string)])
        def decode(self, encoded):
            def one(raw):
                image = tf.io.decode_image(raw, channels=3, expand_animations=False)
                return tf.image.resize(tf.cast(image, tf.float32), (8, 8))

            images = tf.map_fn(one, encoded, fn_output_signature=tf.float32)
            labels = tf.strings.join([tf.constant(["cat", "dog"]), tf.constant(["s", "s"])])
            return {"images": images, "labels": labels}

        @tf.function(input_signature=[tf.TensorSpec((None,), tf.string)])
        def parse(self, serialized):
            spec = {
                "x": tf.io.FixedLenFeature((2,), tf.float32),
                "y": tf.io.VarLenFeature(tf.string),
            }
            parsed = tf.io.parse_example(serialized, spec)
            return parsed["x"], tf.sparse.to_dense(parsed["y"])

    module = Images()
    tf.saved_model.save(
        module, str(folder / "images"), signatures={"d": module.decode, "p": module.parse}
    )


def _keras3_export(folder: Path) -> None:
    import tensorflow as tf

    for name, model in (("dense", _dense_model(tf)), ("image", _image_model(tf))):
        model.export(str(folder / name), verbose=False)
    inputs = tf.keras.Input((10,), dtype="int32")
    hidden = tf.keras.layers.Embedding(50, 8, mask_zero=True)(inputs)
    hidden = tf.keras.layers.Bidirectional(tf.keras.layers.LSTM(6, return_sequences=True))(hidden)
    hidden = tf.keras.layers.MultiHeadAttention(2, 4)(hidden, hidden)
    outputs = tf.keras.layers.GRU(3)(hidden)
    tf.keras.Model(inputs, outputs).export(str(folder / "sequence"), verbose=False)


def _keras2(folder: Path) -> None:
    """Keras 2's SavedModel with its ``keras_metadata.pb``; nothing where it is not installed."""
    import importlib.util
    import os

    if importlib.util.find_spec("tf_keras") is None:
        return
    os.environ["TF_USE_LEGACY_KERAS"] = "1"
    import tf_keras

    model = tf_keras.Sequential(
        [
            tf_keras.layers.InputLayer((6,)),
            tf_keras.layers.Dense(5, activation="relu", kernel_regularizer="l2"),
            tf_keras.layers.Dense(1),
        ]
    )
    model.compile("adam", "mse", metrics=["mae"])
    model.save(str(folder / "sequential"), save_format="tf")
    inputs = tf_keras.Input((8,), dtype="int32")
    hidden = tf_keras.layers.Embedding(20, 4)(inputs)
    hidden = tf_keras.layers.Bidirectional(tf_keras.layers.LSTM(4))(hidden)
    functional = tf_keras.Model(inputs, tf_keras.layers.Dense(2)(hidden))
    functional.save(str(folder / "functional"), save_format="tf")


def _session_graph(tf):
    v1 = tf.compat.v1
    x = v1.placeholder(tf.float32, (None, 4), name="x")
    w = v1.get_variable("w", (4, 3), use_resource=False)
    b = v1.get_variable("b", (3,), initializer=v1.zeros_initializer(), use_resource=True)
    y = tf.nn.softmax(tf.matmul(x, w) + b, name="y")
    return x, y


def _session_saver(folder: Path) -> None:
    import tensorflow as tf

    v1 = tf.compat.v1
    for name, options in (
        ("single", {}),
        ("sharded", {"sharded": True}),
        ("first", {"write_version": v1.train.SaverDef.V1}),
    ):
        with tf.Graph().as_default(), v1.Session() as session:
            x, y = _session_graph(tf)
            session.run(v1.global_variables_initializer())
            saver = v1.train.Saver(**options)
            (folder / name).mkdir()
            saver.save(session, str(folder / name / "model"), global_step=7)
            if name == "single":
                v1.saved_model.simple_save(session, str(folder / "simple"), {"x": x}, {"y": y})


def _frozen_graph(folder: Path) -> None:
    import tensorflow as tf

    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        _session_graph(tf)
        session.run(v1.global_variables_initializer())
        frozen = v1.graph_util.convert_variables_to_constants(
            session, session.graph.as_graph_def(), ["y"]
        )
        v1.train.write_graph(frozen, str(folder), "frozen.pb", as_text=False)
        v1.train.write_graph(session.graph, str(folder), "graph.pb", as_text=False)
    from tensorflow.python.framework.convert_to_constants import (
        convert_variables_to_constants_v2,
    )

    model = _image_model(tf)
    call = tf.function(model).get_concrete_function(tf.TensorSpec((1, 16, 16, 3), tf.float32))
    second = convert_variables_to_constants_v2(call)
    tf.io.write_graph(second.graph, str(folder), "frozen2.pb", as_text=False)


def _training_graph(folder: Path) -> None:
    import tensorflow as tf

    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        _, y = _session_graph(tf)
        loss = tf.reduce_mean(y)
        v1.summary.scalar("loss", loss)
        v1.summary.histogram("y", y)
        v1.summary.merge_all()
        v1.train.AdamOptimizer(0.1).minimize(loss)
        data = tf.data.Dataset.from_tensor_slices([[1.0, 2.0]]).shuffle(2).batch(1).repeat()
        v1.data.make_initializable_iterator(data).get_next()
        session.run(v1.global_variables_initializer())
        v1.train.Saver(max_to_keep=3).save(session, str(folder / "train"))


def _checkpoints(folder: Path) -> None:
    import tensorflow as tf

    model = _dense_model(tf)
    model.compile("adam", "mse")
    tf.train.Checkpoint(model=model, step=tf.Variable(3)).save(str(folder / "objects"))
    kinds = [
        tf.bool, tf.int8, tf.uint8, tf.int16, tf.uint16, tf.int32, tf.int64, tf.float16,
        tf.bfloat16, tf.float32, tf.float64, tf.complex64, tf.complex128, tf.string,
    ]  # fmt: skip
    values = {
        t.name: tf.Variable(tf.zeros((2, 3), t) if t != tf.string else [["a"], ["bc"]])
        for t in kinds
    }
    tf.train.Checkpoint(**values).write(str(folder / "types"))
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        tf.compat.v1.get_variable(
            "parts", (6, 4), partitioner=tf.compat.v1.fixed_size_partitioner(3)
        )
        session.run(tf.compat.v1.global_variables_initializer())
        tf.compat.v1.train.Saver().save(session, str(folder / "parts"))


def _tflite(folder: Path) -> None:
    import tensorflow as tf

    for name, model in (("dense", _dense_model(tf)), ("image", _image_model(tf))):
        converter = tf.lite.TFLiteConverter.from_keras_model(model)
        (folder / f"{name}.tflite").write_bytes(converter.convert())
    converter = tf.lite.TFLiteConverter.from_keras_model(_dense_model(tf))
    converter._experimental_use_buffer_offset = True
    (folder / "offsets.tflite").write_bytes(converter.convert())


def _tflite_quantized(folder: Path) -> None:
    import tensorflow as tf

    model = _image_model(tf)

    def images():
        for _ in range(4):
            yield [tf.random.normal((1, 16, 16, 3))]

    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    (folder / "dynamic.tflite").write_bytes(converter.convert())
    converter.target_spec.supported_types = [tf.float16]
    (folder / "float16.tflite").write_bytes(converter.convert())
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = images
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    (folder / "int8.tflite").write_bytes(converter.convert())


def _tflite_select(folder: Path) -> None:
    """Operators that the Flex delegate runs, and text that stays text."""
    import tensorflow as tf

    @tf.function(input_signature=[tf.TensorSpec((None,), tf.string)])
    def split(text):
        return tf.strings.lower(tf.strings.join([text, tf.constant("!")]))

    converter = tf.lite.TFLiteConverter.from_concrete_functions([split.get_concrete_function()])
    converter.target_spec.supported_ops = [
        tf.lite.OpsSet.TFLITE_BUILTINS, tf.lite.OpsSet.SELECT_TF_OPS,
    ]  # fmt: skip
    (folder / "flex.tflite").write_bytes(converter.convert())


def _tflite_control_flow(folder: Path) -> None:
    import tensorflow as tf

    class Counter(tf.Module):
        def __init__(self):
            self.count = tf.Variable(tf.zeros((2,)))

        @tf.function(input_signature=[tf.TensorSpec((2,), tf.float32)])
        def add(self, x):
            while tf.reduce_sum(x) < 10.0:
                x = x + 1.0
            if tf.reduce_sum(x) > 20.0:
                x = x - 1.0
            self.count.assign_add(x)
            return self.count.read_value()

    module = Counter()
    converter = tf.lite.TFLiteConverter.from_concrete_functions(
        [module.add.get_concrete_function()], module
    )
    converter.experimental_enable_resource_variables = True
    (folder / "loop.tflite").write_bytes(converter.convert())

    model = tf.keras.Sequential(
        [tf.keras.layers.Input((5, 3), batch_size=1), tf.keras.layers.LSTM(4)]
    )
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    (folder / "lstm.tflite").write_bytes(converter.convert())


def _records(folder: Path) -> None:
    import tensorflow as tf

    with tf.io.TFRecordWriter(str(folder / "data.tfrecord")) as writer:
        for index in range(3):
            writer.write(bytes([index]) * 20)


def _ragged(folder: Path) -> None:
    import tensorflow as tf

    class Ragged(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec((None,), tf.string)])
        def words(self, text):
            pieces = tf.strings.split(tf.strings.regex_replace(text, "[^a-z ]", ""))
            return tf.strings.to_hash_bucket_fast(pieces.to_tensor(), 100)

    module = Ragged()
    tf.saved_model.save(module, str(folder / "ragged"), signatures={"w": module.words})


def _many_variables(folder: Path) -> None:
    import tensorflow as tf

    module = tf.Module()
    module.layers = [tf.Variable(tf.zeros((3, 2)), name=f"layer{i}") for i in range(400)]
    tf.saved_model.save(module, str(folder / "many"))
