"""Benign files written by the real Keras 3, h5py, PyTables and pandas: models, weights, tables.

None of these libraries is a dependency of this project: they are imported when samples are asked
for, in the environment of ``requirements.txt``. Models are small and untrained; nothing is
downloaded.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

Sample = tuple[str, str, bytes]


def samples() -> Iterator[Sample]:
    """(class, file name, content) of each sample."""
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    with tempfile.TemporaryDirectory() as folder:
        for number, maker in enumerate(_MODELS):
            yield from _saved(maker(), maker.__name__.strip("_"), Path(folder) / str(number))
        for maker in (_h5py_default, _h5py_latest, _h5py_old, _pandas_fixed, _pandas_table,
                      _pandas_compressed, _pytables, _user_block):  # fmt: skip
            path = Path(folder) / f"{maker.__name__.strip('_').replace('_', '-')}.h5"
            maker(path)
            yield "hdf5", path.name, path.read_bytes()


def _saved(model, title: str, folder: Path) -> Iterator[Sample]:
    """A model in each form that Keras 3 writes."""
    folder.mkdir()
    title = title.replace("_", "-")
    for suffix, family in ((".keras", "keras"), (".h5", "hdf5")):
        path = folder / f"{title}{suffix}"
        model.save(path)
        yield family, path.name, path.read_bytes()
    path = folder / f"{title}.weights.h5"
    model.save_weights(path)
    yield "hdf5", path.name, path.read_bytes()
    yield "keras-json", f"{title}.json", model.to_json().encode()


def _sequential():
    import keras

    return keras.Sequential(
        [
            keras.Input((8,)),
            keras.layers.Dense(16, activation="relu", kernel_regularizer="l2"),
            keras.layers.BatchNormalization(),
            keras.layers.Dropout(0.2),
            keras.layers.Dense(1, activation="sigmoid", kernel_initializer="he_normal"),
        ],
        name="sequential",
    )


def _compiled():
    import keras

    model = _sequential()
    schedule = keras.optimizers.schedules.CosineDecay(1e-3, 100)
    model.compile(
        optimizer=keras.optimizers.AdamW(schedule, weight_decay=1e-4, clipnorm=1.0),
        loss=keras.losses.BinaryCrossentropy(label_smoothing=0.1),
        metrics=["accuracy", keras.metrics.AUC(), keras.metrics.TopKCategoricalAccuracy(3)],
    )
    return model


def _convolutional():
    import keras

    return keras.Sequential(
        [
            keras.Input((16, 16, 3)),
            keras.layers.RandomFlip("horizontal"),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Conv2D(4, 3, padding="same", activation=keras.activations.gelu),
            keras.layers.SeparableConv2D(4, 3),
            keras.layers.MaxPooling2D(),
            keras.layers.LeakyReLU(),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(3, activation="softmax"),
        ],
        name="conv",
    )


def _recurrent():
    import keras

    cells = [keras.layers.LSTMCell(3), keras.layers.GRUCell(3)]
    return keras.Sequential(
        [
            keras.Input((10,), dtype="int32"),
            keras.layers.Embedding(50, 8, mask_zero=True),
            keras.layers.Bidirectional(keras.layers.LSTM(4, return_sequences=True)),
            keras.layers.RNN(cells, return_sequences=True),
            keras.layers.TimeDistributed(keras.layers.Dense(2)),
            keras.layers.GRU(2),
        ],
        name="recurrent",
    )


def _many_inputs():
    import keras

    left, right = keras.Input((4,), name="left"), keras.Input((3,), name="right")
    joined = keras.layers.Concatenate()([left, right])
    hidden = keras.layers.Dense(5, activation="swish")(joined) * 2.0 + 1.0
    hidden = keras.ops.relu(keras.ops.reshape(hidden, (-1, 5)))
    one = keras.layers.Dense(1, name="one")(hidden)
    two = keras.layers.Dense(2, name="two")(hidden[:, :3])
    model = keras.Model({"left": left, "right": right}, {"one": one, "two": two}, name="many")
    model.compile(
        "sgd",
        loss={"one": "mse", "two": keras.losses.Huber()},
        loss_weights={"one": 1.0, "two": 0.5},
        metrics={"one": ["mae"], "two": ["mse"]},
    )
    return model


def _nested():
    import keras

    inner = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)], name="inner")
    source = keras.Input((4,))
    middle = keras.Model(source, keras.layers.Add()([inner(source), inner(source)]), name="middle")
    outer = keras.Input((4,))
    return keras.Model(outer, keras.layers.Dense(1)(middle(outer)), name="outer")


def _attention():
    import keras

    source = keras.Input((6, 8))
    mixed = keras.layers.MultiHeadAttention(2, 4)(source, source)
    mixed = keras.layers.LayerNormalization()(keras.layers.Add()([source, mixed]))
    return keras.Model(source, keras.layers.Dense(2)(mixed), name="attention")


def _normalization():
    import keras
    import numpy as np

    layer = keras.layers.Normalization()
    layer.adapt(np.arange(12, dtype="float32").reshape(4, 3))
    bins = keras.layers.Discretization(bin_boundaries=[0.0, 1.0, 2.0])
    source = keras.Input((3,))
    return keras.Model(source, [layer(source), bins(source)], name="normalization")


def _string_lookup():
    import keras

    source = keras.Input((1,), dtype="string")
    words = keras.layers.StringLookup(vocabulary=["one", "two", "../three", "/four"])
    found = words(source)
    return keras.Model(source, keras.layers.Embedding(8, 2)(found), name="lookup")


def _integer_lookup():
    import keras

    source = keras.Input((1,), dtype="int64")
    numbers = keras.layers.IntegerLookup(vocabulary=[10, 20, 30], output_mode="one_hot")
    return keras.Model(source, numbers(source), name="integers")


def _text_vectorization():
    import keras

    layer = keras.layers.TextVectorization(max_tokens=20, output_sequence_length=4)
    layer.adapt(["a small text", "another text, with words", "http://example.org is a word"])
    source = keras.Input((1,), dtype="string")
    return keras.Model(source, keras.layers.Embedding(20, 2)(layer(source)), name="vectorization")


def _mixed_precision():
    import keras

    policy = keras.DTypePolicy("mixed_float16")
    model = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(4, dtype=policy), keras.layers.Dense(1)],
        name="mixed",
    )
    model.compile(keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam()), loss="mae")
    return model


def _constrained():
    import keras

    return keras.Sequential(
        [
            keras.Input((6,)),
            keras.layers.Dense(
                4,
                kernel_constraint=keras.constraints.MaxNorm(2.0),
                kernel_regularizer=keras.regularizers.L1L2(1e-5, 1e-4),
                kernel_initializer=keras.initializers.VarianceScaling(2.0, mode="fan_out"),
                bias_initializer=keras.initializers.Constant(0.1),
            ),
            keras.layers.Activation(keras.activations.silu),
            keras.layers.ActivityRegularization(l2=0.1),
            keras.layers.Lambda(keras.ops.square),
            keras.layers.UnitNormalization(),
        ],
        name="constrained",
    )


_MODELS: tuple[Callable[[], object], ...] = (
    _sequential, _compiled, _convolutional, _recurrent, _many_inputs, _nested, _attention,
    _normalization, _string_lookup, _integer_lookup, _text_vectorization, _mixed_precision,
    _constrained,
)  # fmt: skip


def _fill(file) -> None:
    """Every form of storage that h5py offers without plugins."""
    import h5py
    import numpy as np

    numbers = np.arange(600, dtype="float32").reshape(20, 30)
    file["plain"] = numbers
    file["scalar"] = 2.5
    file["text"] = "a sentence."
    file["empty"] = h5py.Empty("f4")
    file["nothing"] = np.zeros((0, 3))
    file["truth"] = np.array([True, False])
    file["complex"] = np.zeros(3, dtype="complex64")
    file["words"] = np.array(["one", "two."], dtype=h5py.string_dtype())
    file["table"] = np.zeros(4, dtype=[("a", "i4"), ("b", "f8", (2,)), ("c", "S5")])
    file["reference"] = np.array([file["plain"].ref], dtype=h5py.ref_dtype)
    file.create_dataset("chunked", data=numbers, chunks=(3, 7))
    file.create_dataset("packed", data=numbers, chunks=(5, 5), compression="gzip", shuffle=True)
    file.create_dataset("lzf", data=numbers, chunks=(5, 5), compression="lzf", fletcher32=True)
    file.create_dataset("growing", data=numbers, chunks=(4, 30), maxshape=(None, 30))
    file.create_dataset("both", data=numbers, chunks=(4, 4), maxshape=(None, None))
    file.create_dataset("never", shape=(100,), dtype="f8")
    lists = file.create_dataset("lists", (2,), dtype=h5py.vlen_dtype("int32"))
    lists[0] = [1, 2, 3]
    many = file.create_group("many")
    for number in range(1200):
        many[f"layer_{number:04d}"] = h5py.SoftLink("/plain")
    many["again"] = file["plain"]
    many["circle"] = file["/"]
    for number in range(40):
        many.attrs[f"attribute {number}"] = f"text number {number}."
    file.attrs["long"] = "y" * 100_000
    file.attrs["names"] = [b"dense", b"dense_1."]


def _h5py_default(path: Path) -> None:
    import h5py

    with h5py.File(path, "w") as file:
        _fill(file)


def _h5py_latest(path: Path) -> None:
    import h5py

    with h5py.File(path, "w", libver="latest", track_order=True) as file:
        _fill(file)


def _h5py_old(path: Path) -> None:
    import h5py

    with h5py.File(path, "w", libver=("earliest", "v108")) as file:
        _fill(file)


def _user_block(path: Path) -> None:
    import h5py

    with h5py.File(path, "w", userblock_size=512) as file:
        file["x"] = [1, 2, 3]
    with path.open("r+b") as stream:
        stream.write(json.dumps({"note": "free text before the file"}).encode())


def _frame():
    import numpy as np
    import pandas as pd

    return pd.DataFrame(
        {
            "number": np.arange(20),
            "text": [f"row {n}" for n in range(20)],
            "when": pd.date_range("2020-01-01", periods=20, tz="UTC"),
        }
    )


def _pandas_fixed(path: Path) -> None:
    import pandas as pd

    with pd.HDFStore(path, "w") as store:
        store.put("frame", _frame())
        store.put("series", pd.Series([1.0, 2.0], index=["a", "b"], name="values"))
        store.get_storer("frame").attrs.metadata = {"note": "nested", "numbers": [1, 2]}


def _pandas_table(path: Path) -> None:
    import pandas as pd

    frame = _frame()
    frame["kind"] = pd.Categorical(["u", "v"] * 10)
    with pd.HDFStore(path, "w", complib="zlib", complevel=5) as store:
        store.append("frame", frame, data_columns=["text"])


def _pandas_compressed(path: Path) -> None:
    _frame().to_hdf(path, key="frame", mode="w", complib="blosc", complevel=5)


def _pytables(path: Path) -> None:
    import numpy as np
    import tables

    with tables.open_file(path, "w", title="Tables, and objects that are pickled.") as file:
        file.create_array("/", "array", np.arange(5))
        packed = tables.Filters(5, "zlib", shuffle=True)
        file.create_carray("/", "packed", obj=np.zeros((30, 30)), filters=packed)
        objects = file.create_vlarray("/", "objects", tables.ObjectAtom(), filters=packed)
        objects.append({"a": [1, 2]})
        objects.append(("text", None))
        group = file.create_group("/", "group")
        group._v_attrs.mapping = {"key": [1, 2.0, "three"]}
        group._v_attrs.sentence = "ends with a full stop."
