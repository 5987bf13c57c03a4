"""Neural networks in Core ML models: layers, what they take from each other, and their weights.

Source: ``NeuralNetwork.proto`` of coremltools 9, and its validator
(``NeuralNetworkValidatorGraph.cpp``, ``NeuralNetworkLayerValidator.cpp``): a layer takes what the
model's inputs or earlier layers give; weights are of one kind, and as many as the sizes ask for.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

from weighbridge.weights.protobuf import LEN, VARINT, Field, varints
from weighbridge.weights.protobuf_file import ProtobufFile

Custom: TypeAlias = Callable[[Field, int, str], None]
MAX_NAMES = 200_000  # values of one model that are told apart
_MAX_NAME = 400  # bytes
_MAX_SIDES = 8
# NeuralNetworkLayer
_NAME, _INPUT, _OUTPUT, _FIRST_TYPE = 1, 2, 3, 100
_CONVOLUTION, _INNER_PRODUCT, _CUSTOM, _BRANCH, _LOOP = 100, 140, 500, 605, 615
# WeightParams: 32-bit floats, 16-bit floats, quantized ones, and integers for dynamic quantization.
_FLOATS, _HALVES, _RAW, _INTEGERS, _QUANTIZATION = 1, 2, 30, 31, 40


class Network:
    """Reads the network of one model. ``custom`` judges a custom layer."""

    def __init__(self, file: ProtobufFile, given: set[str], custom: Custom) -> None:
        self.file, self.log = file, file.log
        self.known = set(given)
        self.custom = custom
        # a model that does not say what it is given is reported as such, and nothing else
        self.compared = bool(given)

    def read(self, place: Field, depth: int) -> None:
        """The layers of a network, in the order in which they run.

        Raises:
            HostileInput: it is no message.
        """
        for layer in self.file.parts(place, depth, 1):
            self._layer(layer, depth + 1)

    def _layer(self, place: Field, depth: int) -> None:
        name, kind = "", 0
        made: list[str] = []
        for found in self.file.fields(place, depth):
            if found.wire != LEN:
                continue
            if found.number == _NAME:
                name = self.file.text(found, _MAX_NAME)
            elif found.number == _INPUT:
                self._take(self.file.text(found, _MAX_NAME), found.start)
            elif found.number == _OUTPUT:
                made.append(self.file.text(found, _MAX_NAME))
            elif found.number >= _FIRST_TYPE:
                kind = found.number
                self._kind(found, depth + 1, name)
        if not kind:
            self.log.issue("bad-node", f"the layer {name[:80]!r} has no type", place.start)
        self.known.update(made)
        if len(self.known) > MAX_NAMES and self.compared:
            self.compared = False
            self.log.gap(f"names of more than {MAX_NAMES} values were not compared")

    def _take(self, name: str, at: int) -> None:
        if self.compared and name not in self.known:
            message = f"the value {name[:80]!r} is used, and nothing before it makes it"
            self.log.issue("undefined-value", message, at)

    def _kind(self, place: Field, depth: int, name: str) -> None:
        if place.number == _CUSTOM:
            self.custom(place, depth, "custom layer")
        elif place.number in (_BRANCH, _LOOP):
            numbers = (1, 2) if place.number == _BRANCH else (3, 4)
            for inner in self.file.parts(place, depth, *numbers):
                self.read(inner, depth + 1)
        elif place.number == _INNER_PRODUCT:
            self._weighted(place, depth, name, (20, 21))
        elif place.number == _CONVOLUTION:
            self._weighted(place, depth, name, (90, 91))

    def _weighted(self, place: Field, depth: int, name: str, numbers: tuple[int, int]) -> None:
        """A layer with weights and a bias: how many there are against how many it asks for."""
        sizes: dict[int, int] = {}
        kernel: list[int] = []
        weights: dict[int, Field] = {}
        for found in self.file.fields(place, depth):
            if found.wire == VARINT and found.number != 20:
                sizes[found.number] = found.value
            elif found.number in numbers and found.wire == LEN and found.number != 20:
                weights[found.number] = found
            elif found.number == 20 and 20 in numbers:
                weights[20] = found
            elif found.number == 20:
                kernel += varints(self.file.wire, found, self.file.budget)
        first, second = numbers
        if 20 in numbers:
            asked = {first: sizes.get(1, 0) * sizes.get(2, 0), second: sizes.get(2, 0)}
        elif len(kernel) > _MAX_SIDES:
            self.log.issue("bad-shape", f"the layer {name[:80]!r} has {len(kernel)} sides")
            return
        else:
            count = sizes.get(1, 0) * sizes.get(2, 0) * math.prod(kernel or [3, 3])
            if sizes.get(60):  # a deconvolution: its kernel is by group the other way around
                count //= max(sizes.get(10, 1), 1)
            asked = {first: count, second: sizes.get(1, 0)}
        for number, found in weights.items():
            self._weights(found, depth + 1, asked[number], name)

    def _weights(self, place: Field, depth: int, asked: int, name: str) -> None:
        """``WeightParams``."""
        held: dict[int, int] = {}
        packed = False
        for found in self.file.fields(place, depth):
            if found.number in (_FLOATS, _HALVES, _RAW, _INTEGERS):
                length = found.length if found.wire == LEN else 4
                held[found.number] = held.get(found.number, 0) + length
            packed = packed or found.number == _QUANTIZATION
        held = {number: length for number, length in held.items() if length}
        title = f"the layer {name[:80]!r}"
        if len(held) > 1:
            self.log.issue("two-values", f"{title} has weights of {len(held)} kinds", place.start)
        for number, length in held.items():
            width = {_FLOATS: 4, _HALVES: 2}.get(number)
            if width is not None and length != asked * width:
                message = (
                    f"{title} asks for {asked} weights, and {length} bytes are {length / width:g}"
                )
                self.log.issue("size-mismatch", message, place.start)
            elif number == _RAW and packed and length > asked:
                message = f"{title} asks for {asked} quantized weights, and has {length} bytes"
                self.log.issue("size-mismatch", message, place.start)
