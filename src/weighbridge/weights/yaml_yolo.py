"""YOLO's description of a network, whose texts its loader evaluates as Python.

Source: ``parse_model`` of YOLOv5's ``models/yolo.py`` (``eval`` of a layer's module and of each
text among its arguments) and of Ultralytics' ``nn/tasks.py`` (``eval`` of ``activation``). A layer
is ``[from, number, module, arguments]`` in the lists ``backbone`` and ``head``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from weighbridge.edge.text import visible
from weighbridge.weights.inspection import Verdict
from weighbridge.weights.log import Log

LAYERS = ("backbone", "head")
ACTIVATIONS = ("activation", "act")
EVALUATED = frozenset((*LAYERS, *ACTIVATIONS))  # keys of the file's table
_CALL = re.compile(r"([\w.]*)\s{0,100}\(")
_PART = re.compile(r"(?:torch\.)?nn\.[A-Z]\w*\Z")
_REACHES = re.compile(r"__|\blambda\b|\bimport\b|[\])]\s{0,100}\(")


def is_evaluated(path: Sequence[tuple[str, int]]) -> bool:
    """Whether a scalar is one that the loader evaluates.

    Args:
        path: for each collection around it, the outermost first, the key under which the scalar or
            the next collection stands, and its number there.
    """
    if len(path) == 1:
        return path[0][0] in ACTIVATIONS
    # the file's table, the list of layers, the layer: its module, or the list of its arguments
    if len(path) not in (3, 4) or path[0][0] not in LAYERS:
        return False
    return path[2][1] == (2 if len(path) == 3 else 3)


def judge_expression(text: str, log: Log, offset: int) -> None:
    """Record an expression that does more than name a part of a network or make an activation."""
    calls = [match[1] for match in _CALL.finditer(text)]
    if not _REACHES.search(text) and all(_PART.match(name) for name in calls):
        return
    shown = visible(text, 100)
    log.operation(
        Verdict.DANGEROUS, "call", shown, f"eval({shown!r})",
        "is evaluated as Python when the network is built from its description", offset, "YOLO",
    )  # fmt: skip
