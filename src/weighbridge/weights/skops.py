"""skops: the tree of nodes in ``schema.json``, each of which names what loading constructs.

Sources: ``skops/io`` (protocols 0 to 2) for the loaders and what each does with the class and
module that its node names; CVE-2025-54412 (``OperatorFuncNode`` whose module is not the one that is
used), CVE-2025-54413 (``MethodNode`` whose class is not that of its object), CVE-2025-54886 (a
pickle where a skops file is due: the dispatcher identifies files by content).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from weighbridge.model.errors import HostileInput
from weighbridge.weights import json_text, numpy
from weighbridge.weights.inspection import Verdict
from weighbridge.weights.json_text import Json
from weighbridge.weights.log import Log
from weighbridge.weights.pickle.classes import is_listed
from weighbridge.weights.pickle.gadgets import gadget
from weighbridge.weights.skops_names import (
    NUMPY_DTYPES,
    NUMPY_FUNCTIONS,
    SKLEARN_CLASSES,
    SKLEARN_FUNCTIONS,
)
from weighbridge.weights.source import Source

_MAX_PROTOCOL = 2
_PLAIN = frozenset(
    {
        "builtins.dict", "builtins.list", "builtins.set", "builtins.tuple", "builtins.str",
        "builtins.int", "builtins.float", "builtins.bool", "builtins.bytes", "builtins.bytearray",
        "builtins.slice", "builtins.map", "builtins.frozenset", "builtins.NoneType",
        "builtins.type", "collections.OrderedDict", "collections.defaultdict", "numpy.ndarray",
        "numpy.matrix", "numpy.memmap", "numpy.ma.MaskedArray", "numpy.ma.core.MaskedArray",
        "numpy.dtype", "numpy.random.RandomState", "numpy.random.mtrand.RandomState",
        "numpy.random.Generator", "numpy.random._generator.Generator", "numpy.matrixlib.matrix",
        "scipy.interpolate._bsplines.BSpline",
    }
)  # fmt: skip
# Loader -> what it does with the name of its node.
_LOADERS = {
    "DictNode": "construct", "DefaultDictNode": "construct", "ListNode": "construct",
    "SetNode": "construct", "TupleNode": "construct", "BytesNode": "construct",
    "BytearrayNode": "construct", "SliceNode": "construct", "JsonNode": "construct",
    "NdArrayNode": "construct", "MaskedArrayNode": "construct", "DTypeNode": "construct",
    "RandomStateNode": "construct", "RandomGeneratorNode": "construct",
    "SparseMatrixNode": "construct", "ObjectNode": "construct", "TreeNode": "construct",
    "LossNode": "construct", "QuantileForestNode": "construct",
    "_DictWithDeprecatedKeysNode": "construct", "CachedNode": "", "TypeNode": "import",
    "FunctionNode": "import", "PartialNode": "call", "MethodNode": "call",
    "OperatorFuncNode": "call", "ConstructorFromReduceNode": "call", "ReduceNode": "call",
}  # fmt: skip
# What skops calls the members beside its schema: the id of an object and an ending (SaveContext).
_MEMBER = re.compile(r"[\w\-]{1,200}(?:\.\w{1,10})?\Z")
_GENERATORS = ("MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64")
_PICKERS = ("attrgetter", "itemgetter")


def inspect_schema_file(source: Source, log: Log) -> set[str] | None:
    """The schema of an archive: the members that its nodes take data from, None where that is not
    known.

    Raises:
        HostileInput: the member is malformed.
    """
    if source.size > json_text.MAX_PARSED:
        log.gap("schema.json holds more nodes than are read here")
        return None
    return inspect_schema(source.head(json_text.MAX_PARSED), log)


def compare_members(named: set[str], members: list[str], log: Log) -> None:
    """Each member that a node names must be there, and each that is there must be named."""
    there = set(members) - {"schema.json"}
    for name in sorted(named - there)[:10]:
        log.issue("missing-member", f"the schema takes data from {name[:80]!r}, which is missing")
    for name in sorted(there - named)[:10]:
        log.issue("foreign-member", f"no node of the schema names the member {name[:80]!r}", -1, "")


def inspect_schema(text: bytes, log: Log) -> set[str] | None:
    """Judge every node of a schema. Gives the members that they take data from.

    Raises:
        HostileInput: the text is not JSON, or no schema.
        BoundExceeded: it is nested too deeply.
    """
    log.bytes_read += len(text)
    if len(text) > json_text.MAX_PARSED or sum(map(text.count, b",[{")) > json_text.MAX_VALUES:
        log.gap("schema.json holds more nodes than are read here")
        return None
    document = json_text.parse(text)
    for key in document.twice:
        log.issue("duplicate-key", f"the key {key[:80]!r} stands twice in one object")
    root = document.value
    if not isinstance(root, dict) or "__loader__" not in root:
        raise HostileInput("schema.json has no root node")
    protocol = root.get("protocol")
    if type(protocol) is not int or not 0 <= protocol <= _MAX_PROTOCOL:
        log.gap(f"no reader for protocol {str(protocol)[:20]} of skops")
    files: set[str] = set()
    known: set[object] = set()
    cached: list[object] = []
    for node in _nodes(root):
        _judge(node, log)
        file = node.get("file")
        files.update([file] if isinstance(file, str) else [])
        number = node.get("__id__")
        if isinstance(number, int):
            (cached.append if node.get("__loader__") == "CachedNode" else known.add)(number)
    lost = [number for number in cached if number not in known]
    if lost:
        log.issue("bad-structure", f"a node stands for object {lost[0]}, which is nowhere")
    return files


def inspect_member(name: str, source: Source, log: Log) -> bool:
    """Inspect one member of a ``.skops`` archive; false where the zip reader's own way will do.

    Raises:
        HostileInput: the member is malformed.
    """
    if name == "schema.json":
        if source.size > json_text.MAX_PARSED:
            log.gap("schema.json holds more nodes than are read here")
        else:
            inspect_schema(source.head(json_text.MAX_PARSED), log)
        return True
    if name.endswith(".npy"):
        numpy.inspect(source, log)
        return True
    return False


def looks_like_schema(text: bytes) -> bool:
    """Whether a member called ``schema.json`` is skops': its root names a class and a loader."""
    head = text[:4096]
    return head.lstrip()[:1] == b"{" and b'"__class__"' in head and b'"__module__"' in head


def _nodes(root: Json) -> Iterator[dict[str, Json]]:
    pending: list[Json] = [root]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            if "__loader__" in value:
                yield value
            pending += value.values()
        elif isinstance(value, list):
            pending += value


def _judge(node: dict[str, Json], log: Log) -> None:
    loader, module, name = (node.get(key) for key in ("__loader__", "__module__", "__class__"))
    if not (isinstance(loader, str) and isinstance(module, str) and isinstance(name, str)):
        log.issue("bad-structure", "a node has no loader, class or module")
        return
    file = node.get("file")
    if isinstance(file, str) and not _MEMBER.match(file):
        message = f"a node takes its data from {file[:80]!r}, which skops calls no member"
        log.issue("traversal-name", message)
    action = _LOADERS.get(loader)
    if action is None:
        log.issue("bad-structure", f"no version of skops has the loader {loader[:60]!r}")
        log.gap(f"no reader for the skops loader {loader[:60]!r}")
        return
    if not action:
        return
    if loader == "OperatorFuncNode":
        _operator(module, name, log)
    elif loader == "MethodNode":
        _method(node, module, name, log)
    else:
        _named(loader, action, module, name, log)


def _named(loader: str, action: str, module: str, name: str, log: Log) -> None:
    dotted = f"{module}.{name}"
    if _listed(loader, module, name):
        log.allow(dotted, 1)
        return
    effect = gadget(module, name)
    if effect and dotted != "functools.partial":
        _record(Verdict.DANGEROUS, action, dotted, effect, loader, log)
    else:
        does = "imports a name that skops does not trust by itself"
        if action != "import":
            does = "constructs an object of a class that skops does not trust by itself"
        _record(Verdict.UNLISTED, action, dotted, does, loader, log)


def _listed(loader: str, module: str, name: str) -> bool:
    package = module.partition(".")[0]
    if "." in name:
        return False
    if loader == "FunctionNode":
        return (
            (package == "numpy" and name in NUMPY_FUNCTIONS)
            or (module.startswith("scipy.special") and not name.startswith("_"))
            or (package in ("sklearn", "scipy") and name in SKLEARN_FUNCTIONS)
        )
    if f"{module}.{name}" in _PLAIN:
        return True
    if package == "sklearn":
        return name in SKLEARN_CLASSES or (loader == "ObjectNode" and is_listed(module, name))
    if package == "_loss" or module == "_loss":  # compiled losses before scikit-learn 1.5
        return name in SKLEARN_CLASSES
    if package == "numpy":
        return name in NUMPY_DTYPES or (module.startswith("numpy.random") and name in _GENERATORS)
    if module.startswith("scipy.sparse") and name.endswith(("_matrix", "_array")):
        return True
    return loader == "ObjectNode" and package in _MODELS and is_listed(module, name)


# Libraries whose classes skops asks about, and pickles of which hold the same state: an instance is
# made without ``__init__`` and given it (skops/io/_general.py, object_get_instance).
_MODELS = ("xgboost", "lightgbm", "imblearn", "catboost")


def _operator(module: str, name: str, log: Log) -> None:
    """The function is taken from ``operator``, whatever module the node names."""
    dotted = f"operator.{name}"
    if module != "operator":
        effect = f"calls {dotted} under the name {module}.{name} (CVE-2025-54412)"
        _record(Verdict.DANGEROUS, "call", dotted, effect, "OperatorFuncNode", log)
    elif name == "methodcaller":
        _record(
            Verdict.UNLISTED_CALL, "call", dotted, "calls a method of whatever it is given later",
            "OperatorFuncNode", log,
        )  # fmt: skip
    elif name not in _PICKERS:
        _record(
            Verdict.DANGEROUS, "call", dotted, "calls any function of the operator module",
            "OperatorFuncNode", log,
        )  # fmt: skip
    else:
        _record(
            Verdict.UNLISTED, "call", dotted, "reaches into whatever it is given later",
            "OperatorFuncNode", log,
        )  # fmt: skip


def _method(node: dict[str, Json], module: str, name: str, log: Log) -> None:
    content = node.get("content")
    table = content if isinstance(content, dict) else {}
    function, owner = table.get("func"), table.get("obj")
    if not isinstance(function, str) or not isinstance(owner, dict):
        log.issue("bad-structure", "a method's node has no function or object")
        return
    real = f"{owner.get('__module__')}.{owner.get('__class__')}"
    dotted = f"{real}.{function}"
    if real != f"{module}.{name}":
        effect = f"takes a method of {real} under the name {module}.{name} (CVE-2025-54413)"
        _record(Verdict.DANGEROUS, "call", dotted, effect, "MethodNode", log)
    elif function.startswith("_") or "." in function or gadget(module, f"{name}.{function}"):
        _record(
            Verdict.DANGEROUS, "call", dotted, "reaches a special attribute, the first step to "
            "calling anything", "MethodNode", log,
        )  # fmt: skip
    else:
        _record(
            Verdict.UNLISTED, "call", dotted, "hands over a method of an object", "MethodNode", log
        )


def _record(verdict: Verdict, action: str, dotted: str, effect: str, loader: str, log: Log) -> None:
    log.operation(verdict, action, dotted, f"{loader}: {dotted}", effect, -1, loader)
