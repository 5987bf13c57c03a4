"""Gadgets: one pickle for each callable of the two tables, and names reached through others."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.corpus import gadgets_libraries, gadgets_stdlib
from tests.corpus.assemble import MISSING, PROTO_4, stack_imp, value
from tests.corpus.sample import Sample

_TABLES = (
    ("gadget-stdlib-execution", gadgets_stdlib.EXECUTION),
    ("gadget-stdlib-code", gadgets_stdlib.CODE),
    ("gadget-stdlib-reach", gadgets_stdlib.REACH),
    ("gadget-stdlib-system", gadgets_stdlib.SYSTEM),
    ("gadget-torch", gadgets_libraries.TORCH),
    ("gadget-arrays", gadgets_libraries.ARRAYS),
    ("gadget-libraries", gadgets_libraries.OTHERS),
)

# A module that another module has imported is one of its attributes.
DOTTED = """
random _os.system
random _os.popen
tempfile _os.system
shutil os.system
glob os.system
pathlib os.system
zipfile os.system
uuid os.system
logging os.system
inspect os.system
platform subprocess.Popen
ctypes.util subprocess.Popen
webbrowser subprocess.Popen
statistics sys.exit
collections _sys.modules
dataclasses sys.exit
dataclasses builtins.exec
enum sys.exit
functools reduce.__call__
json decoder.scanner.__builtins__
numpy os.system
numpy __builtins__
numpy core.sys.exit
numpy testing._private.utils.runstring
torch os.system
torch sys.exit
torch.serialization os.system
torch.serialization pickle.loads
torch.nn.modules.module warnings.sys
torch.storage io.open
sklearn os.system
sklearn.base platform.os.system
sklearn.utils.fixes sys.exit
pandas compat.os.system
transformers utils.os.system
joblib os.system
joblib.numpy_pickle os.system
xgboost core.ctypes.CDLL
xgboost.core os.system
lightgbm.basic ctypes.CDLL
collections OrderedDict.__init__.__globals__
collections OrderedDict.__class__.__base__.__subclasses__
"""


def _rows(table: str) -> Iterator[tuple[str, str, tuple[object, ...]]]:
    for line in table.strip().splitlines():
        module, name, arguments = (*line.split(" ", 2), "")[:3]
        literal = arguments.replace("{p}", MISSING)
        yield module, name, ast.literal_eval(f"({literal},)") if literal else ()


def _argument(item: object) -> bytes:
    if isinstance(item, bytes):
        return b"C" + bytes([len(item)]) + item
    if isinstance(item, float):
        return f"F{item}\n".encode()
    return value(item)


def samples() -> Iterator[Sample]:
    """One call each, the function named by STACK_GLOBAL; dotted names in a family of their own."""
    for family, table in _TABLES:
        for module, name, arguments in _rows(table):
            pushed = b"(" + b"".join(map(_argument, arguments)) + b"t"
            content = PROTO_4 + stack_imp(module, name) + pushed + b"R."
            yield Sample("malicious", family, f"{module}.{name}.pkl", content,
                         (f"{module}.{name}",), "calls what its name says")  # fmt: skip
    for module, name, _ in _rows(DOTTED):
        content = PROTO_4 + stack_imp(module, name) + b")R."
        yield Sample("malicious", "gadget-dotted", f"{module}.{name}.pkl", content,
                     (f"{module}.{name}",), "reaches one module through another")  # fmt: skip
