"""What a ``MetaGraphDef`` says about itself: the operators it needs, how it is saved, what it is
called with. Nothing in it runs, so it is only walked: TensorFlow refuses the whole file where one
of these messages is damaged.

Source: ``meta_graph.proto`` (``MetaInfoDef``, ``SignatureDef``, ``TensorInfo``), ``op_def.proto``
and ``attr_value.proto`` in ``tensorflow/core``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from weighbridge.weights import protobuf
from weighbridge.weights.protobuf import LEN, Budget, Field, Wire

# The fields of a message that are messages again.
_Shape: TypeAlias = "Mapping[int, _Shape]"

_LEAF: _Shape = {}
_VALUE: _Shape = {1: _LEAF, 7: {2: _LEAF}}  # a list, a shape and its sides
_OPERATOR: _Shape = {2: _LEAF, 3: _LEAF, 4: {3: _VALUE, 7: _VALUE}}
_TENSOR: _Shape = {3: {2: _LEAF}}
_ENTRY: _Shape = {2: _TENSOR}
META_INFO, SAVER, SIGNATURE = 1, 3, 5
PARTS: Mapping[int, _Shape] = {
    META_INFO: {2: {1: _OPERATOR}},
    SAVER: _LEAF,
    SIGNATURE: {2: {1: _ENTRY, 2: _ENTRY}},
}


def walk(wire: Wire, place: Field, budget: Budget, depth: int, shape: _Shape) -> None:
    """Walk a message and the messages in it.

    Raises:
        HostileInput: one of them is damaged.
        BoundExceeded: there are too many fields.
    """
    for found in protobuf.fields(wire, place.start, place.end, budget, depth=depth):
        inner = shape.get(found.number)
        if inner is not None and found.wire == LEN:
            walk(wire, found, budget, depth + 1, inner)
