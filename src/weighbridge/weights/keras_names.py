"""The names that Keras itself knows, and what loading a name of a configuration amounts to.

The lists are ``keras_names.json``, which says what they were taken from. What they do not hold is
not thereby dangerous: it is custom code, which the loader must already have.
"""

from __future__ import annotations

import functools
import json
import re
from dataclasses import dataclass
from importlib import resources

from weighbridge.weights.inspection import Verdict
from weighbridge.weights.pickle.policy import rule_on

_KERAS = re.compile(
    r"(?:keras|tf_keras|keras_core|tensorflow\.keras|tensorflow\.python\.keras)(?:\.|\Z)"
    r"(?:src(?:\.|\Z)|api(?:\.|\Z)|_tf_keras\.keras(?:\.|\Z))*"
)
# Packages whose functions are parts of models; functions of the others read files or change Keras.
_MODELING = frozenset((
    "activations", "constraints", "initializers", "layers", "losses", "metrics", "ops",
    "optimizers", "random", "regularizers",
))  # fmt: skip
# Layers that load something else, whatever module is named with them.
_LOADS = {
    "TFSMLayer": "loads a SavedModel, which is a program, from a path (CVE-2026-1462)",
    "ReloadedLayer": "loads a SavedModel, which is a program, from a path",
    "TorchModuleWrapper": "unpickles a PyTorch module (CVE-2025-49655)",
}
_CLASS = "constructs an object of a class that is not part of Keras"
_FUNCTION = "calls a function that is not part of Keras"
# What metrics and losses are also called (keras/src/metrics/__init__.py, compile_utils.py).
_ALIASES = frozenset(("acc", "accuracy", "ce", "crossentropy", "cosine", "cosineproximity",
                      "cosinedistance"))  # fmt: skip
# ``package>Class`` without a module is looked for among the classes that the loading program has
# registered itself, and nowhere else (keras/src/saving/serialization_lib.py).
_REGISTERED = re.compile(
    r"(?!keras|tensorflow|tf\b)[A-Za-z_][\w.\-]{0,60}>[A-Za-z_]\w{0,60}\Z", re.A
)
_TF_SPACES = frozenset((
    "__operators__", "bitwise", "debugging", "dtypes", "image", "keras.activations",
    "keras.backend", "keras.losses", "keras.metrics", "linalg", "math", "math.special", "nn",
    "quantization", "ragged", "random", "sets", "signal", "sparse", "spectral", "strings", "manip",
))  # fmt: skip
_TF_DANGEROUS = re.compile(
    r"(?:.*\.)?(?:py_func|py_function|numpy_function|eager_py_func|read_file|write_file"
    r"|matching_files|load_library|load_op_library|load_file_system_library)\Z"
    r"|(?:io|data|saved_model|raw_ops|sysconfig|train|summary|distribute|estimator|lookup|queue)\."
    r"|keras\.(?:utils|models|saving|preprocessing)\."
)
_TF_OP_DANGEROUS = re.compile(r".*(?:PyFunc|File|Checkpoint|Save|Restore|Rpc)|XlaCustomCall")


@dataclass(frozen=True, slots=True)
class Ruling:
    """What loading a name amounts to. ``action`` and ``effect`` as of an operation; ``name`` is
    the name by which it is reported."""

    verdict: Verdict
    name: str
    action: str = "construct"
    effect: str = ""


@functools.lru_cache(maxsize=1)
def _lists() -> dict[str, frozenset[str]]:
    text = resources.files("weighbridge.weights").joinpath("keras_names.json").read_bytes()
    return {
        key: frozenset(names) for key, names in json.loads(text).items() if isinstance(names, list)
    }


@functools.lru_cache(maxsize=1)
def _spellings() -> frozenset[str]:
    """Every name as Keras compares strings: in lower case, without underscores."""
    lists = _lists()
    return _ALIASES | {_plain(name) for name in lists["classes"] | lists["functions"]}


def _plain(name: str) -> str:
    return name.replace("_", "").casefold()


def is_spelling(text: str) -> bool:
    """Whether a text names a loss, metric, activation or optimizer of Keras."""
    return _plain(text) in _spellings()


def _area(module: str) -> str | None:
    """The package of a Keras module (``""``: Keras itself), None for modules of others."""
    match = _KERAS.match(module)
    return module[match.end() :].partition(".")[0] if match else None


def rule_on_class(name: str, module: str, registered: str) -> Ruling:
    """What making an object amounts to.

    Args:
        name: the configuration's ``class_name``.
        module: its ``module``, empty where it has none, as in files of Keras 2.
        registered: its ``registered_name``, or empty.
    """
    if name in _LOADS:
        return Ruling(Verdict.DANGEROUS, f"keras.layers.{name}", effect=_LOADS[name])
    dotted = f"{module}.{name}" if module else registered or name
    area = "" if not module else _area(module)
    if area is None:
        return _foreign(name, module, dotted)
    lists = _lists()
    if name in lists["classes"]:
        return Ruling(Verdict.SAFE, f"keras.{name}")
    if not module:
        # Keras 2.9 to 2.12 registered its own optimizers as if they were custom objects.
        if name.startswith("Custom>") and name[7:] in lists["classes"]:
            return Ruling(Verdict.SAFE, f"keras.{name[7:]}")
        if _REGISTERED.match(registered or name):
            return Ruling(Verdict.SAFE, registered or name)
        return Ruling(Verdict.UNLISTED, dotted, effect=_CLASS)
    if not name[:1].islower():
        return Ruling(Verdict.UNLISTED, dotted, effect=_CLASS)
    return _own_function(name, area, dotted)


def rule_on_function(name: str, module: str) -> Ruling:
    """What looking up a function amounts to; ``module`` is empty or ``builtins`` for Keras' own."""
    area = "" if not module else _area(module)
    if module in ("", "builtins") and name in _lists()["functions"]:
        return Ruling(Verdict.SAFE, f"keras.{name}")
    dotted = f"{module}.{name}" if module else name
    if module == "builtins":
        found = _foreign(name, module, dotted)
        if found.verdict is Verdict.DANGEROUS:
            return found
        return Ruling(Verdict.UNLISTED, name, "call", _FUNCTION)
    if area is None:
        return _foreign(name, module, dotted)
    if not module:
        return Ruling(Verdict.UNLISTED, name, "call", _FUNCTION)
    return _own_function(name, area, dotted)


def _own_function(name: str, area: str, dotted: str) -> Ruling:
    """A function by a module of Keras."""
    if area not in _MODELING:
        effect = "calls a function of Keras that is no part of a model (CVE-2025-8747)"
        return Ruling(Verdict.DANGEROUS, dotted, "call", effect)
    if name in _lists()["functions"]:
        return Ruling(Verdict.SAFE, f"keras.{name}")
    return Ruling(Verdict.UNLISTED_CALL, dotted, "call", _FUNCTION)


def _foreign(name: str, module: str, dotted: str) -> Ruling:
    """A name by a module of somebody else, which Keras before 3.9 imports (CVE-2025-1550)."""
    if module == "__main__":
        return Ruling(Verdict.UNLISTED, name, effect=_CLASS)
    construct = name[:1].isupper()
    verdict, effect = rule_on(module, name).on_call((), construct=construct)
    if verdict is Verdict.SAFE:  # safe in a pickle, and nothing that a Keras model needs
        verdict, effect = Verdict.UNLISTED_CALL, _FUNCTION
    return Ruling(verdict, dotted, "construct" if construct else "call", effect)


def rule_on_tensorflow(name: str) -> Ruling:
    """What a TensorFlow function amounts to that a layer calls by its public name."""
    short = name.removeprefix("compat.v1.")
    space, _, last = short.rpartition(".")
    dotted = f"tensorflow.{name}"
    if _TF_DANGEROUS.match(short):
        effect = "calls a function of TensorFlow that reads or writes files or runs code"
        return Ruling(Verdict.DANGEROUS, dotted, "call", effect)
    if space in _TF_SPACES or (not space and last in _lists()["tensorflow_functions"]):
        return Ruling(Verdict.SAFE, dotted)
    effect = "calls a function of TensorFlow that is not on the list"
    return Ruling(Verdict.UNLISTED_CALL, dotted, "call", effect)


def rule_on_op(name: str) -> Ruling:
    """What an operation of a TensorFlow graph amounts to that a layer wraps."""
    dotted = f"tensorflow.raw_ops.{name}"
    if name in _lists()["tensorflow_ops"]:
        return Ruling(Verdict.SAFE, dotted)
    dangerous = bool(_TF_OP_DANGEROUS.match(name))
    return Ruling(
        Verdict.DANGEROUS if dangerous else Verdict.UNLISTED_CALL,
        dotted,
        "call",
        "runs an operation of TensorFlow that is not on the list",
    )
