"""What all parts of one ONNX model share: its bytes, its bounds, and what it defines."""

from __future__ import annotations

from weighbridge.model.errors import BoundExceeded
from weighbridge.weights.hidden_text import HiddenText
from weighbridge.weights.log import Log
from weighbridge.weights.onnx import operators, schema
from weighbridge.weights.onnx.calls import Calls
from weighbridge.weights.protobuf import LEN, Field
from weighbridge.weights.protobuf_file import ProtobufFile
from weighbridge.weights.source import Source

MAX_TENSORS = 100_000
MAX_OPERATORS = 20_000  # told apart by domain and name
MAX_NAME = 400  # characters of a name that are read: what is longer is no operator of a list
MAX_TEXT = 4 * 2**20  # bytes of all properties that are searched for what hides in them
_LEAST_HIDDEN = 24  # bytes: nothing that runs is shorter in Base64
_MAX_KEY, _MAX_VALUE = 200, 4096  # bytes


class File(ProtobufFile):
    """One model. ``functions`` are the model's own, as (domain, name);
    ``overloads`` the same with their overload."""

    def __init__(self, source: Source, log: Log) -> None:
        super().__init__(source, log)
        self.ir_version = 0
        self.opsets: dict[str, int] = {}
        self.functions: set[tuple[str, str]] = set()
        self.overloads: set[tuple[str, str, str]] = set()
        self.used: dict[tuple[str, str], int] = {}
        self.properties: set[str] = set()
        self.calls = Calls()
        self.tensors = self.searched = 0
        self.values = 0  # whose names were compared
        self.hidden = HiddenText(log)

    def entry(self, place: Field, depth: int) -> tuple[str, str, Field | None]:
        """A ``StringStringEntryProto``: its key, its value, and where the value stands."""
        key, value, where = "", "", None
        for found in self.fields(place, depth):
            if found.number == 1 and found.wire == LEN:
                key = self.text(found, _MAX_KEY)
            elif found.number == 2 and found.wire == LEN:
                value, where = self.text(found, _MAX_VALUE), found
            else:
                self.unknown(found, "StringStringEntryProto")
        return key, value, where

    def metadata(self, place: Field, depth: int, what: str) -> None:
        """One of a message's ``metadata_props``: nothing loads it, and a pickle may hide in it."""
        key, _, where = self.entry(place, depth)
        if what == "the model":  # onnx.checker refuses a model with two properties of one name
            if key in self.properties:
                self.log.issue(
                    "duplicate-key", f"two properties are called {key[:80]!r}", place.start
                )
            self.properties.add(key)
        if where is not None:
            place_name = f"the property {key[:80]!r} of {what}"
            self.glance(where, place_name)
            self._hidden_in(where, place_name)

    def _hidden_in(self, where: Field, what: str) -> None:
        """A payload that a property carries packed, or as text."""
        if where.length < _LEAST_HIDDEN:
            return
        self.searched += where.length
        if self.searched > MAX_TEXT:
            self.log.gap(f"properties beyond {MAX_TEXT} bytes were not searched")
            return
        self.hidden.search(self.text(where, MAX_TEXT), what, where.start)

    def unknown(self, found: Field, message: str) -> None:
        """Record a field that the message does not have."""
        if self.ir_version > schema.LAST_IR_VERSION:
            self.log.gap(f"fields of IR version {self.ir_version} have no reader yet")
        else:
            self.log.issue(
                "unknown-field", f"{message} has no field {found.number} of that type", found.start
            )
        if found.wire == LEN:
            self.glance(found, f"an unknown field of {message}")

    def name(self, place: Field) -> str:
        """A name, or the first :data:`MAX_NAME` bytes of it; one that is no text is a defect."""
        text = self.text(place, MAX_NAME)
        if "\\x" in text and place.length <= MAX_NAME:
            try:
                self.wire.read(place.start, place.length).decode("utf-8")
            except UnicodeDecodeError:
                self.log.issue("not-text", "a name of the model is not UTF-8", place.start)
        return text

    def use(self, domain: str, operator: str, texts: dict[str, str], offset: int) -> None:
        """Judge a node by its operator, and by those attributes that matter to that.

        Raises:
            BoundExceeded: there are too many different operators.
        """
        domain = domain or operators.STANDARD
        key = (domain, operator)
        count = self.used.get(key, 0)
        if count and not texts:
            self.used[key] = count + 1
            return
        if len(self.used) >= MAX_OPERATORS:
            raise BoundExceeded("the model", MAX_OPERATORS, "different operators")
        self.used[key] = count + 1
        judgement = operators.by_name(operator, texts)
        if judgement is None and key not in self.functions:
            judgement = operators.by_domain(domain, operator)
            version = self.opsets.get(domain, 0)
            if judgement is not None and operators.is_newer(domain, version):
                self.log.gap(f"version {version} of the domain {domain} has no list here yet")
                return
        if judgement is not None:
            shown = ", ".join(f"{name}={text[:80]!r}" for name, text in sorted(texts.items()))
            self.log.operation(
                judgement.verdict, "operator", f"{domain}.{operator}", f"{operator}({shown})",
                judgement.effect, offset, "NodeProto",
            )  # fmt: skip

    def count_node(self, called: tuple[str, str, str]) -> None:
        """Count a node by its domain, operator and overload, and a call where it is one."""
        self.calls.node()
        if called in self.overloads:
            self.calls.call(called)

    def tensor(self, dtype: str, elements: int) -> None:
        """Count a tensor.

        Raises:
            BoundExceeded: there are too many.
        """
        self.tensors += 1
        if self.tensors > MAX_TENSORS:
            raise BoundExceeded("the model", MAX_TENSORS, "tensors")
        self.log.tensor(dtype, elements)

    def finish(self) -> None:
        """Write down what the model uses of what is listed."""
        super().finish()
        for (domain, operator), times in self.used.items():
            self.log.allow(f"{domain}.{operator}", times)
