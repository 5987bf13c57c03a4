"""PaddlePaddle programs: ``.pdmodel``, and ``__model__`` of earlier versions.

Source: ``paddle/fluid/framework/framework.proto`` (ProgramDesc) of versions 1.0 to 3.3, and the
operators' own definitions. A program is a list of operators that are run one after the other: among
Paddle's own are some that read and write files, open connections or call Python.

``paddle_operators.json`` lists Paddle's operators; another one is somebody's compiled library.
"""

from __future__ import annotations

import functools
import json
from importlib import resources

from weighbridge.formats.paddle_tensors_start import DTYPES
from weighbridge.model.errors import BoundExceeded
from weighbridge.weights.inspection import Verdict
from weighbridge.weights.log import Log
from weighbridge.weights.paddle_tensors import read_description
from weighbridge.weights.protobuf import I32, I64, LEN, VARINT, Field, runs, signed, varints
from weighbridge.weights.protobuf_file import ProtobufFile
from weighbridge.weights.source import Source

MAX_OPERATORS = 20_000  # told apart by name
_MAX_TEXT = 400  # bytes of a name
_MAX_TEXTS = 20  # attributes of one operator that are text and are kept

_BAD, _HIGH, _LOW = Verdict.DANGEROUS, Verdict.UNLISTED_CALL, Verdict.UNLISTED
_JUDGEMENTS: dict[str, tuple[Verdict, str]] = {
    **dict.fromkeys(("py_func", "pylayer", "py_layer"), (_BAD, "calls back into Python")),
    **dict.fromkeys(
        ("load", "load_combine", "read_file", "sparse_tensor_load", "lookup_sparse_table_load",
         "open_files", "create_recordio_file_reader", "load_box_sparse"),
        (_BAD, "reads a file that the program names"),
    ),
    **dict.fromkeys(
        ("save", "save_combine", "sparse_tensor_save", "lookup_sparse_table_save",
         "checkpoint_save", "recv_save"),
        (_BAD, "writes a file that the program names"),
    ),
    **dict.fromkeys(
        ("listen_and_serv", "fl_listen_and_serv", "heter_listen_and_serv", "send", "recv",
         "send_and_recv", "send_barrier", "fetch_barrier", "prefetch", "checkpoint_notify",
         "gen_nccl_id", "gen_bkcl_id", "gen_hccl_id", "c_gen_nccl_id", "c_gen_bkcl_id",
         "c_gen_hccl_id", "c_gen_cncl_id", "c_gen_xccl_id", "distributed_lookup_table",
         "distributed_push_sparse", "pull_sparse", "pull_sparse_v2", "push_sparse",
         "push_sparse_v2", "push_dense", "distributed_notify", "notify_server", "channel_send",
         "channel_recv"),
        (_BAD, "opens network connections to addresses that the program names"),
    ),
    "run_program": (_HIGH, "runs a program that is no part of this one"),
    **dict.fromkeys(
        ("read", "create_py_reader", "create_custom_reader", "create_double_buffer_reader",
         "create_shuffle_reader", "create_batch_reader", "queue_generator", "enqueue", "dequeue"),
        (_LOW, "takes its data from a reader outside of the program"),
    ),
    **dict.fromkeys(
        ("tensorrt_engine", "openvino_engine", "lite_engine", "dlnne_engine", "anakin_engine",
         "ngraph_engine", "cinn_launch", "cinn_instruction_run", "ipu_runtime"),
        (_LOW, "runs a compiled engine that the program carries"),
    ),
}  # fmt: skip
_CUSTOM = (_HIGH, "is a custom operator, which a compiled library must provide")
# Training programs have each operator's gradient under its name.
_GRADIENTS = ("_grad", "_grad_grad", "_double_grad", "_triple_grad")

_PROGRAM = frozenset(((1, LEN), (2, LEN), (3, LEN), (4, LEN), (5, LEN)))
_INDICES = {
    1: "a block's own number",
    2: "a block's parent",
    5: "the block of a gradient's forward",
}
_BLOCK_ATTRIBUTE, _BLOCKS_ATTRIBUTE = 12, 14
_BLOCK = frozenset(((1, VARINT), (2, VARINT), (3, LEN), (4, LEN), (5, VARINT)))
_OPERATOR = frozenset(((1, LEN), (2, LEN), (3, LEN), (4, LEN), (5, VARINT)))
# OpDesc.Attr: everything that is a number, and lists of them; OpDesc.Var: names.
_QUIET_OPERATOR = runs((1, LEN), (2, LEN))
_QUIET_ATTRIBUTE = runs(
    (2, VARINT), (3, VARINT), (4, I32), (6, VARINT), (7, I32), (10, VARINT), (11, VARINT),
    (13, VARINT), (15, VARINT), (16, I64), (17, LEN), (18, LEN),
    (19, I64), (20, LEN), (21, LEN),
)  # fmt: skip


@functools.cache
def known() -> frozenset[str]:
    """The names of all operators in ``paddle_operators.json``."""
    raw = resources.files(__package__).joinpath("paddle_operators.json").read_text("utf-8")
    return frozenset(name for part in json.loads(raw)["operators"] for name in part["names"])


def inspect(source: Source, log: Log) -> None:
    """Check a program.

    Raises:
        HostileInput: the bytes are no protobuf message, or a bound was reached.
    """
    program = _Program(ProtobufFile(source, log))
    try:
        program.read(Field(0, LEN, 0, 0, source.size))
    finally:
        program.file.finish()
        for operator, times in program.used.items():
            log.allow(operator, times)


def judge(operator: str) -> tuple[Verdict, str] | None:
    """The verdict on an operator and what it does; None for a harmless one."""
    if operator in _JUDGEMENTS:
        return _JUDGEMENTS[operator]
    if operator in known():
        return None
    for ending in _GRADIENTS:
        if operator.endswith(ending) and operator.removesuffix(ending) in known():
            return judge(operator.removesuffix(ending))
    return _CUSTOM


class _Program:
    def __init__(self, file: ProtobufFile) -> None:
        self.file, self.log = file, file.log
        self.used: dict[str, int] = {}
        self.blocks = 0

    def read(self, place: Field) -> None:
        blocks = 0
        self.blocks = sum(1 for _ in self.file.parts(place, 0, 1))
        for found in self.file.fields(place, 0):
            if (found.number, found.wire) not in _PROGRAM:
                self.unknown(found, "ProgramDesc")
            elif found.number == 1:
                blocks += 1
                self.block(found)
        if not blocks:
            self.log.issue("bad-model", "the program has no block", 0)

    def unknown(self, found: Field, message: str) -> None:
        self.log.issue(
            "unknown-field", f"{message} has no field {found.number} of that type", found.start
        )
        if found.wire == LEN:
            self.file.glance(found, f"an unknown field of {message}")

    def block(self, place: Field) -> None:
        names: set[str] = set()
        for found in self.file.fields(place, 1):
            if (found.number, found.wire) not in _BLOCK:
                self.unknown(found, "BlockDesc")
            elif found.number in _INDICES:
                self.index(signed(found.value), _INDICES[found.number], found.start)
            elif found.number == 3:
                self.variable(found, names)
            elif found.number == 4:
                self.operator(found)

    def index(self, number: int, what: str, at: int) -> None:
        """The number of a block; -1 is the parent of the first one."""
        if not -1 <= number < self.blocks:
            message = f"{what} is block {number} of {self.blocks}"
            self.log.issue("bad-index", message, at)

    def variable(self, place: Field, names: set[str]) -> None:
        """A ``VarDesc``: its name, which its block has once; of parameters, type and shape."""
        kind, persistable = None, False
        for found in self.file.fields(place, 2):
            if found.number == 2 and found.wire == LEN:
                kind = found
            elif found.number == 3 and found.wire == VARINT:
                persistable = found.value != 0
            elif found.number == 1 and found.wire == LEN:
                name = self.file.text(found, _MAX_TEXT)
                if name in names:
                    message = f"two variables of a block are called {name[:80]!r}"
                    self.log.issue("duplicate-value", message, found.start)
                names.add(name)
        if kind is None or not persistable:
            return
        for tensor in self.file.parts(kind, 3, 3):
            for description in self.file.parts(tensor, 4, 1):
                dtype, dims = read_description(self.file, description, 5)
                count = 1
                for side in dims:
                    count = min(count * max(side, 0), 2**53)
                self.log.tensor(DTYPES.get(dtype, (f"type {dtype}", 0))[0], count)

    def operator(self, place: Field) -> None:
        name = ""
        texts: dict[str, str] = {}
        for found in self.file.fields(place, 2, _QUIET_OPERATOR):
            if (found.number, found.wire) not in _OPERATOR:
                self.unknown(found, "OpDesc")
            elif found.number == 3:
                if name:
                    self.log.issue("bad-node", "an operator with two types", place.start)
                name = self.file.text(found, _MAX_TEXT)
            elif found.number == 4:
                self.attribute(found, texts)
        if not name:
            self.log.issue("bad-node", "an operator without a type", place.start)
            return
        self.use(name, texts, place.start)

    def attribute(self, place: Field, texts: dict[str, str]) -> None:
        name = ""
        for found in self.file.fields(place, 3, _QUIET_ATTRIBUTE):
            if found.number == 1 and found.wire == LEN:
                name = self.file.text(found, _MAX_TEXT)
            elif found.number in (_BLOCK_ATTRIBUTE, _BLOCKS_ATTRIBUTE):
                for number in varints(self.file.wire, found, self.file.budget):
                    self.index(signed(number), "what an operator runs", found.start)
            elif found.number in (5, 8) and found.wire == LEN:
                self.file.glance(found, "an attribute")
                if found.length and len(texts) < _MAX_TEXTS and not name.startswith("op_"):
                    texts.setdefault(name, self.file.text(found, _MAX_TEXT))

    def use(self, name: str, texts: dict[str, str], offset: int) -> None:
        """Judge an operator by its name."""
        judgement = judge(name)
        if judgement is None:
            if name not in self.used and len(self.used) >= MAX_OPERATORS:
                raise BoundExceeded("the program", MAX_OPERATORS, "different operators")
            self.used[name] = self.used.get(name, 0) + 1
            return
        shown = ", ".join(f"{key}={text[:80]!r}" for key, text in sorted(texts.items()))
        verdict, effect = judgement
        self.log.operation(
            verdict, "operator", f"paddle.{name}", f"{name}({shown})", effect, offset, "OpDesc"
        )
