"""Where a TensorFlow Lite model's tables end, with those that no check reads.

A FlatBuffer is written from its end, so what a converter makes first stands last: with TOCO it is a
tensor's name or its quantization. Bytes at the end are nobody's only where those were passed.
"""

from __future__ import annotations

from weighbridge.model.errors import HostileInput
from weighbridge.weights.flatbuffer import Flatbuffer, Table


def whole_reach(buffer: Flatbuffer) -> int | None:
    """The offset behind the last byte of all tables, None where they cannot be walked.

    Never raises: what is malformed was reported by the reader that went before.
    """
    try:
        root = buffer.root()
        root.text(3)
        for graph in root.tables(2):
            graph.text(4)
            for tensor in graph.tables(0):
                _tensor(tensor)
            for operator in graph.tables(3):
                operator.table(4)
                operator.table(12)
                operator.vector(7, 1)
    except HostileInput:
        return None
    return buffer.reach


def _tensor(tensor: Table) -> None:
    tensor.text(3)
    tensor.vector(7, 4)
    quantization = tensor.table(4)
    if quantization is not None:
        for slot, width in ((0, 4), (1, 4), (2, 4), (3, 8)):
            quantization.vector(slot, width)
        details = quantization.table(5)
        if details is not None:
            details.vector(0, 1)
    sparsity = tensor.table(6)
    if sparsity is not None:
        sparsity.vector(0, 4)
        sparsity.vector(1, 4)
        for dimension in sparsity.tables(2):
            for slot in (3, 5):
                dimension.table(slot)
