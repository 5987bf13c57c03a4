"""What the nodes of a main graph take: only what other nodes of the graph give.

Source: ``graph_constructor.cc``: importing a ``GraphDef`` fails where an input's node is not there.
Nodes of functions name their inputs in another way and are left out.
"""

from __future__ import annotations

from weighbridge.weights import protobuf
from weighbridge.weights.log import Log
from weighbridge.weights.protobuf import LEN, Budget, Field, Wire
from weighbridge.weights.tensorflow import nodes

MAX_NODES = 5000  # of a graph that is compared: the nodes are walked once more for it
_MAX_FIELDS = 200_000
_LISTED = 5  # inputs without a node that are reported


def compare_inputs(wire: Wire, place: Field, names: set[str], log: Log, depth: int) -> None:
    """Report inputs of a small graph that name no node of it.

    Args:
        wire: the file's bytes.
        place: a ``GraphDef``.
        names: of its nodes.
        log: gets what is found.
        depth: how many messages enclose it.

    Raises:
        HostileInput: it is no message.
    """
    if len(names) > MAX_NODES:
        return
    budget = Budget(_MAX_FIELDS)
    listed = 0
    for found in protobuf.fields(wire, place.start, place.end, budget, depth=depth):
        if found.number != 1 or found.wire != LEN:
            continue
        if budget.left < found.length:  # a field takes two bytes at least
            return
        node = nodes.Node(found.start, found.end)
        for name in nodes.input_names(wire, node, budget, depth + 1):
            if name not in names and len(name) < nodes.MAX_NAME and listed < _LISTED:
                listed += 1
                message = f"a node takes {name[:80]!r}, and the graph has no such node"
                log.issue("undefined-value", message, found.start)
