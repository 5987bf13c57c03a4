# ruff: noqa: E501 - a sample reads best as one line of bytes
"""Keras archives and HDF5 models whose configuration would run, fetch or read something."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.corpus.assemble import MISSING, RUN_PICKLE, Zip
from tests.corpus.hdf5 import Hdf5
from tests.corpus.sample import Sample

Config = dict[str, Any]
_CODE = "4wEAAAAAAAAAAAAAAAEAAAADAAAA8wYAAACXAHwAUwCpAU6pAA=="  # of no function: inert text


def layer(
    name: str,
    config: Config,
    *,
    module: str = "keras.layers",
    registered: str | None = None,
    **more: Any,
) -> Config:
    """A layer as ``serialize_keras_object`` writes it."""
    return {
        "module": module,
        "class_name": name,
        "config": config,
        "registered_name": registered,
        **more,
    }


def model(*layers: Config, name: str = "Sequential") -> Config:
    """A model of layers."""
    return {
        "module": "keras",
        "class_name": name,
        "config": {"name": "inert", "layers": list(layers)},
        "registered_name": None,
    }


def dense() -> Config:
    """A layer that is harmless."""
    return layer("Dense", {"name": "dense", "units": 2, "activation": "linear", "use_bias": True})


def archive(
    config: Config, *, weights: bytes | None = None, extra: dict[str, bytes] | None = None
) -> bytes:
    """A ``.keras`` file."""
    made = Zip().add(
        "metadata.json", b'{"keras_version": "3.15.1", "date_saved": "2026-11-20@00:00:00"}'
    )
    made.add("config.json", json.dumps(config).encode())
    made.add("model.weights.h5", plain_weights() if weights is None else weights)
    for name, data in (extra or {}).items():
        made.add(name, data)
    return made.end()


def plain_weights() -> bytes:
    """A weights file of one dataset."""
    file = Hdf5()
    return file.end(
        file.group(Hdf5.hard("layers", file.group(Hdf5.hard("0", file.dataset(1.0, 2.0)))))
    )


def in_hdf5(config: Config) -> bytes:
    """A model in an ``.h5`` file, its configuration in an attribute."""
    file = Hdf5()
    weights = file.group(Hdf5.hard("w", file.dataset(1.0, 2.0)))
    return file.end(file.group(
        Hdf5.attribute("model_config", json.dumps(config)), Hdf5.attribute("keras_version", "2.15.0"),
        Hdf5.attribute("backend", "tensorflow"), Hdf5.hard("model_weights", weights),
    ))  # fmt: skip


_FUNCTION = {
    "module": "builtins",
    "class_name": "function",
    "config": "run",
    "registered_name": "function",
}
_LAMBDA = {"class_name": "__lambda__", "config": {"code": _CODE, "defaults": None, "closure": None}}
_OLD_LAMBDA = [_CODE, None, None]

CONFIGS: dict[str, tuple[Config, str, str]] = {
    "lambda": (layer("Lambda", {"name": "l", "function": _LAMBDA}), "Lambda", "code in the configuration (CVE-2024-3660)"),
    "lambda-old": (layer("Lambda", {"name": "l", "function": _OLD_LAMBDA, "function_type": "lambda", "module": "inert"}), "Lambda", "Keras 2's marshaled function"),
    "lambda-nested": (layer("TimeDistributed", {"name": "t", "layer": layer("Lambda", {"name": "l", "function": _LAMBDA})}), "Lambda", "a Lambda inside a wrapper (modelscan #340)"),
    "lambda-in-a-model": (model(layer("Lambda", {"name": "l", "function": _LAMBDA}), name="Functional"), "Lambda", "a Lambda inside a nested model"),
    "lambda-output-shape": (layer("Lambda", {"name": "l", "function": "relu", "output_shape": _LAMBDA}), "Lambda", "code in a second argument"),
    "lambda-mask": (layer("Lambda", {"name": "l", "function": "relu", "mask": _LAMBDA}), "Lambda", "code in a third argument"),
    "lambda-as-an-activation": (layer("Dense", {"units": 1, "activation": _LAMBDA}), "__lambda__", "code where an activation stands"),
    "lambda-in-an-initializer": (layer("Dense", {"units": 1, "kernel_initializer": _LAMBDA}), "__lambda__", "code where an initializer stands"),
    "module-os": (layer("system", {"command": "echo inert"}, module="os"), "system", "any module's function (CVE-2025-1550)"),
    "module-subprocess": (layer("Popen", {"args": ["echo", "inert"]}, module="subprocess"), "Popen", "any module's class (CVE-2025-1550)"),
    "module-builtins": (layer("eval", {"source": "1"}, module="builtins"), "eval", "a builtin (CVE-2025-1550)"),
    "module-numpy": (layer("fromfile", {"file": MISSING}, module="numpy"), "fromfile", "another library's function"),
    "module-in-a-function": (layer("Dense", {"activation": {**_FUNCTION, "module": "os", "config": "system"}}), "system", "a function named by its module"),
    "module-unknown": (layer("Net", {}, module="inert.layers", registered="inert>Net"), "inert", "a class of nobody's package"),
    "get-file": (layer("get_file", {"fname": "inert", "origin": "http://127.0.0.1:9/x", "extract": True}, module="keras.utils"), "get_file", "fetches and unpacks (CVE-2025-8747)"),
    "keras-src": (layer("get_file", {"fname": "inert", "origin": "http://127.0.0.1:9/x"}, module="keras.src.utils.file_utils"), "get_file", "the same by its private name"),
    "load-model": (layer("load_model", {"filepath": MISSING}, module="keras.models"), "load_model", "loads another model"),
    "enable-unsafe": (layer("enable_unsafe_deserialization", {}, module="keras.config"), "enable_unsafe_deserialization", "switches safe mode off (CVE-2025-9906)"),
    "torch-module-wrapper": (layer("TorchModuleWrapper", {"module": "gAJOLg=="}, module="keras.utils"), "TorchModuleWrapper", "torch.load of bytes in the configuration (CVE-2025-49655)"),
    "tfsm-layer": (layer("TFSMLayer", {"filepath": MISSING}), "TFSMLayer", "loads a SavedModel (CVE-2026-1462)"),
    "jax-layer": (layer("JaxLayer", {"call_fn": _FUNCTION}, module="keras.layers"), "JaxLayer", "calls a function of the file's choosing"),
    "string-lookup": (layer("StringLookup", {"vocabulary": MISSING}), "StringLookup", "a vocabulary that is a path (CVE-2025-12058)"),
    "integer-lookup": (layer("IntegerLookup", {"vocabulary": "/etc/hostname"}), "IntegerLookup", "a vocabulary that is a path (CVE-2025-12058)"),
    "text-vectorization": (layer("TextVectorization", {"vocabulary": "http://127.0.0.1:9/x"}), "TextVectorization", "a vocabulary that is an address (CVE-2025-12058)"),
    "callable-loss": (layer("MeanMetricWrapper", {"fn": _LAMBDA}, module="keras.metrics"), "__lambda__", "code where a metric's function stands"),
}  # fmt: skip


def _weights(case: str) -> bytes:
    file = Hdf5()
    data = file.dataset(1.0, 2.0)
    parts = {
        "external-link": lambda: [Hdf5.external("w", MISSING, "/w")],
        "external-link-relative": lambda: [Hdf5.external("w", "../../nonexistent/inert.h5", "/w")],
        "external-link-deep": lambda: [Hdf5.hard("a", file.group(Hdf5.hard("b", file.group(Hdf5.external("w", MISSING, "/w")))))],
        "external-storage": lambda: [Hdf5.hard("w", file.stored_outside(MISSING, 3))],
        "external-storage-deep": lambda: [Hdf5.hard("a", file.group(Hdf5.hard("w", file.stored_outside("/etc/hostname", 2))))],
        "user-link": lambda: [Hdf5.user("w", 0x41)],
    }[case]()  # fmt: skip
    return file.end(file.group(Hdf5.hard("v", data), *parts))


LINKS = ("external-link", "external-link-relative", "external-link-deep", "external-storage",
         "external-storage-deep", "user-link")  # fmt: skip


def samples() -> Iterator[Sample]:
    """Each configuration as ``.keras`` and ``.h5``; HDF5 files that reach into others."""
    for how, (config, word, why) in CONFIGS.items():
        whole = model(dense(), config)
        yield Sample("malicious", "keras", f"{how}.keras", archive(whole), (word,), why)
        yield Sample("malicious", "keras-hdf5", f"{how}.h5", in_hdf5(whole), (word,), why)
    compiled = {**model(dense()), "compile_config": {"loss": _LAMBDA, "optimizer": "adam"}}
    yield Sample("malicious", "keras", "compile-config.keras", archive(compiled), ("__lambda__",),
                 "code in the configuration of training")  # fmt: skip
    built = {
        **model(dense()),
        "build_config": {"input_shape": layer("system", {"command": "echo inert"}, module="os")},
    }
    yield Sample("malicious", "keras", "build-config.keras", archive(built), ("system",),
                 "a foreign module in the configuration of building")  # fmt: skip
    whole = model(dense())
    for name in ("assets/inert.pkl", "model.weights.pkl"):
        yield Sample("malicious", "keras", f"pickle-{name.replace('/', '-')}.keras",
                     archive(whole, extra={name: RUN_PICKLE}), ("os.system",), "a pickle in the archive")  # fmt: skip
    npz = Zip().add("__root__.npy", RUN_PICKLE).end()
    made = (
        Zip()
        .add("metadata.json", b"{}")
        .add("config.json", json.dumps(whole).encode())
        .add("model.weights.npz", npz)
    )
    yield Sample("malicious", "keras", "pickled-weights.keras", made.end(), ("os.system",),
                 "weights that are unpickled (modelscan #262)")  # fmt: skip
    yield Sample("malicious", "keras", "traversal.keras", archive(whole, extra={"assets/../../../nonexistent/inert": b"x"}),
                 ("traversal-name",), "a name that climbs out of the folder")  # fmt: skip
    twice = Zip().add("metadata.json", b"{}").add("config.json", json.dumps(whole).encode())
    twice.add("config.json", json.dumps(model(CONFIGS["lambda"][0])).encode()).add(
        "model.weights.h5", plain_weights()
    )
    yield Sample(
        "malicious",
        "keras",
        "two-configs.keras",
        twice.end(),
        ("duplicate-member",),
        "two configurations, one of which runs",
    )
    for how in LINKS:
        weights = _weights(how)
        why = "HDF5 that reaches into another file (CVE-2026-1669)"
        yield Sample("malicious", "hdf5-links", f"{how}.h5", weights, (), why)
        yield Sample(
            "malicious", "hdf5-links", f"{how}.keras", archive(whole, weights=weights), (), why
        )
