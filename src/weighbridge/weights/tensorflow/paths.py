"""Where an operator's file name comes from: the graph itself, its assets, or whoever calls it.

Savers take their file name from a placeholder or a function's argument, and pass it on through a
handful of operators. The tracing here follows those, through calls of the graph's own functions
too. A name that comes from anywhere else counts as computed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from weighbridge.weights.inspection import Verdict
from weighbridge.weights.log import Log
from weighbridge.weights.tensorflow.nodes import MAX_INPUTS
from weighbridge.weights.tensorflow.operators import PathUse

MAX_NODES = 60_000  # of one file that are kept to trace file names through
MAX_TEXT = 200  # bytes of a constant that are kept
_MAX_STEPS = 2000  # of one tracing
_MAX_ALL_STEPS = 200_000  # of all of one file
_MAX_SINKS = 20_000
_MOST_INPUTS = MAX_INPUTS - 2  # of a call: there may be more than were kept
_MAX_ASSIGNED = 32  # values of one variable

CONSTANT, CALLER, PASS = "constant", "caller", "pass"
OUTER = "\0"  # stands for a node outside the graph: no node has that name
_CALLERS = frozenset(("Placeholder", "PlaceholderV2", "_Arg", "Arg"))
# A text in a variable is what the graph assigns to it, or what a checkpoint brings.
_VARIABLES = frozenset(("VarHandleOp", "VariableV2", "Variable"))
_ASSIGNS = frozenset(("AssignVariableOp", "Assign"))
# Operators that give on a file name: the inputs that it may come from, None for all of them.
_PASSES: dict[str, tuple[int, ...] | None] = {
    **dict.fromkeys(
        ("ShardedFilename", "Identity", "Reshape", "ExpandDims", "Squeeze", "EnsureShape",
         "StopGradient", "Snapshot", "StridedSlice", "Slice", "Tile", "RegexReplace",
         "StaticRegexReplace", "StringStrip", "Gather", "GatherV2", "Unpack", "Switch",
         "RefSwitch", "ShardedFilespec", "DTensorShardedPrefix", "PlaceholderWithDefault",
         "ReadVariableOp"),
        (0,),
    ),
    **dict.fromkeys(("Select", "SelectV2"), (1, 2)),
    **dict.fromkeys(("IdentityN", "Pack", "ConcatV2", "Merge", "RefMerge", "StringJoin"), None),
}  # fmt: skip
# Operators whose nodes :meth:`Scope.add` wants to know.
RELEVANT = frozenset(("Const", *_CALLERS, *_PASSES, *_VARIABLES, *_ASSIGNS))
# Operators that call functions of the graph: how many inputs precede the function's arguments.
CALLS = {
    "PartitionedCall": 0, "StatefulPartitionedCall": 0, "TPUPartitionedCall": 0, "While": 0,
    "StatelessWhile": 0, "If": 1, "StatelessIf": 1, "Case": 1, "StatelessCase": 1,
    "RemoteCall": 1, "BatchFunction": 0, "SymbolicGradient": 0,
}  # fmt: skip
_OUTSIDE = re.compile(r"[/\\~]|[A-Za-z]:[/\\]|(?:.*[/\\])?\.\.(?:[/\\]|\Z)|.*://", re.S)
_REMOTE = re.compile(r".*://", re.S)


def outside(path: str) -> bool:
    """Whether a path leaves the folder it starts from: absolute, climbing, or of another system."""
    return _OUTSIDE.match(path) is not None


@dataclass(slots=True)
class Origins:
    """Where a file name comes from. ``fixed`` has the graph's own texts."""

    fixed: dict[str, None] = field(default_factory=dict)
    arguments: set[int] = field(default_factory=set)
    computed: bool = False
    steps: int = 0


@dataclass(slots=True)
class Scope:
    """The main graph, or one function: what of its nodes may carry a file name."""

    name: str
    arguments: dict[str, int] = field(default_factory=dict)
    width: int = 0  # how many arguments there are; only those that may be texts are kept
    nodes: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    assets: set[str] = field(default_factory=set)
    assigned: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def add(self, name: str, op: str, inputs: list[str], texts: tuple[str, ...]) -> None:
        """Keep a node. ``texts`` are a constant's values."""
        if op == "Const":
            self.nodes[name] = (CONSTANT, texts)
        elif op in _CALLERS or op in _VARIABLES:
            self.nodes[name] = (CALLER, ())
        elif op in _ASSIGNS:
            if len(inputs) > 1:
                before = self.assigned.get(inputs[0], ())
                value = inputs[1] if len(before) < _MAX_ASSIGNED else ""  # counts as computed
                self.assigned[inputs[0]] = (*before[:_MAX_ASSIGNED], value)
        elif op == "StringJoin":
            self.nodes[name] = (op, tuple(inputs))
        else:
            wanted = _PASSES[op]
            kept = inputs if wanted is None else [inputs[i] for i in wanted if i < len(inputs)]
            self.nodes[name] = (PASS, tuple(kept))

    def origins(self, start: str) -> Origins:
        """Follow one input back."""
        found = Origins()
        seen = {start}
        left = [start]
        while left:
            name = left.pop()
            found.steps += 1
            if len(seen) > _MAX_STEPS:
                found.computed = True
                break
            more = self._step(name, found)
            for other in more:
                if other not in seen:
                    seen.add(other)
                    left.append(other)
        return found

    def _step(self, name: str, found: Origins) -> tuple[str, ...]:
        """Enter where a node's value comes from, and name the nodes to go on with."""
        known = self.nodes.get(name)
        if name in self.arguments and known is None:
            found.arguments.add(self.arguments[name])
            return ()
        if known is None:
            found.computed = True
            return ()
        kind, rest = known
        if kind == CONSTANT:
            if name not in self.assets:
                found.fixed.update(dict.fromkeys(rest))
            return ()
        if kind == "StringJoin":
            return self._joined(rest, found)
        return rest if kind == PASS else self.assigned.get(name, ())

    def _joined(self, inputs: tuple[str, ...], found: Origins) -> tuple[str, ...]:
        """Texts one behind the other: the first that is not empty says where the path starts."""
        texts: list[str] = []
        for name in inputs:
            kind, values = self.nodes.get(name, ("", ()))
            if kind != CONSTANT or name in self.assets or len(values) != 1:
                if not "".join(texts):
                    return (name,)
                texts.append("…")
            else:
                texts.append(values[0])
        found.fixed["".join(texts)] = None
        return ()


@dataclass(slots=True)
class Sink:
    """An operator that takes a file name."""

    op: str
    use: PathUse
    offset: int


@dataclass(slots=True)
class Paths:
    """The sinks of a file's scopes, and the calls between them."""

    log: Log
    sinks: list[tuple[Scope, str, Sink]] = field(default_factory=list)
    calls: dict[str, list[tuple[Scope, tuple[str, ...]]]] = field(default_factory=dict)
    kept: int = 0
    full: bool = False
    _steps: int = 0
    _known: dict[tuple[int, str], Origins] = field(default_factory=dict)

    def room(self, cost: int = 1) -> bool:
        """Whether another node may be kept."""
        self.kept += cost
        self.full = self.full or self.kept > MAX_NODES
        return not self.full

    def call(self, scope: Scope, callee: str, inputs: tuple[str, ...]) -> None:
        """Keep a call of a function."""
        if self.room(1 + len(inputs) // 8):
            self.calls.setdefault(callee, []).append((scope, inputs))

    def sink(self, scope: Scope, source: str, sink: Sink) -> None:
        """Keep an operator that takes a file name."""
        if len(self.sinks) < _MAX_SINKS:
            self.sinks.append((scope, source, sink))
        else:
            self.full = True

    def judge(self) -> None:
        """Report every sink whose file name is not one that loading or its caller gives."""
        self._judge()
        if self.full and self.sinks:
            self.log.gap("where some file names of the graph come from was not followed")

    def _judge(self) -> None:
        done: set[tuple[str, int, str, PathUse]] = set()
        left = list(self.sinks)
        while left:
            scope, source, sink = left.pop()
            origins = self._origins(scope, source)
            if origins is None:
                self.full = True
                return
            for text in origins.fixed:
                self._report(sink, text)
            if origins.computed and not self.full:
                self._computed(sink)
            for index in origins.arguments:
                key = (scope.name, index, sink.op, sink.use)
                if key in done or len(done) > _MAX_SINKS:
                    continue
                done.add(key)
                for caller, inputs in self.calls.get(scope.name, ()):
                    if index < len(inputs):
                        left.append((caller, inputs[index], sink))
                    elif len(inputs) >= _MOST_INPUTS:
                        self._computed(sink)
            if sink.use is PathUse.EVENTS and not origins.fixed and not origins.computed:
                self._operation(Verdict.UNLISTED_CALL, sink, "…")

    def _origins(self, scope: Scope, source: str) -> Origins | None:
        """What the tracing of one input found; None where the file has had its share of steps."""
        known = self._known.get((id(scope), source))
        if known is None and self._steps < _MAX_ALL_STEPS:
            known = scope.origins(source)
            self._steps += known.steps
            self._known[(id(scope), source)] = known
        return known

    def _report(self, sink: Sink, text: str) -> None:
        use, leaves = sink.use, outside(text)
        if use is PathUse.WRITE or use is PathUse.LIST:
            if leaves:
                self._operation(Verdict.DANGEROUS, sink, text)
        elif use is PathUse.RESTORE:
            if _REMOTE.match(text):
                self._operation(Verdict.UNLISTED_CALL, sink, text)
        elif use is PathUse.TABLE:
            if leaves:
                remote = _REMOTE.match(text) is not None
                verdict = Verdict.DANGEROUS if remote else Verdict.UNLISTED_CALL
                self._operation(verdict, sink, text)
        elif text:  # a cache without a name stays in memory
            self._operation(Verdict.DANGEROUS, sink, text)

    def _computed(self, sink: Sink) -> None:
        if sink.use is not PathUse.RESTORE:
            self._operation(Verdict.UNLISTED_CALL, sink, "<computed>")

    def _operation(self, verdict: Verdict, sink: Sink, text: str) -> None:
        self.log.operation(
            verdict,
            "operator",
            sink.op,
            f"{sink.op}({text!r})" if text[:1] != "<" else f"{sink.op}({text})",
            sink.use.value,
            sink.offset,
            "NodeDef",
        )
