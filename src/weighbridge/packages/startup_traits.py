"""What Python code does, as traits, by its syntax tree: what it calls, names, and runs.

Nothing is run. Traits are short words; those that begin with ``place:``
name a family of credentials. :mod:`weighbridge.packages.startup_patterns` combines them.
"""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass, field

from weighbridge.packages import startup_calls as calls
from weighbridge.packages.code_names import text_of
from weighbridge.packages.hook_code import MAX_NODES
from weighbridge.packages.startup_flow import (
    CREDENTIAL,
    DECODED,
    DOWNLOADED,
    ENVIRONMENT,
    XOR,
    Flow,
    method_of,
)
from weighbridge.packages.startup_words import texts


@dataclass(slots=True)
class Looked:
    """What was found: traits, and texts that hold code themselves and want to be looked at too."""

    traits: set[str] = field(default_factory=set)
    code: list[str] = field(default_factory=list)
    literals: list[str] = field(default_factory=list)


def look(source: str) -> Looked | None:
    """What some code does; None where it does not parse, is nested too deep or too large."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
        if sum(1 for _ in ast.walk(tree)) > MAX_NODES:
            return None
        return _Look(tree).run()
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


class _Look:
    def __init__(self, tree: ast.Module) -> None:
        self.flow = Flow(tree)
        self.found = Looked()

    def run(self) -> Looked:
        """Look at every node, follow the values, then look at where they arrive."""
        self.flow.follow({id(node): self._own(node) for node in self.flow.nodes})
        for node in self.flow.nodes:
            if isinstance(node, ast.Call):
                self._sink(node)
        return self.found

    # ---- what one node is by itself

    def _own(self, node: ast.AST) -> int:
        flags = 0
        if isinstance(node, ast.Call):
            flags = self._call(node)
        elif isinstance(node, ast.Constant | ast.BinOp | ast.JoinedStr | ast.Subscript):
            flags = self._text(node)
        elif isinstance(node, ast.BitXor):
            flags = XOR
        elif isinstance(node, ast.Name | ast.Attribute):
            name = self.flow.names.dotted(node)
            if name in calls.ENVIRONS and self._whole(node):
                flags = ENVIRONMENT
            elif name == "ssl.CERT_NONE":
                self.found.traits.add("tls-off")
        elif isinstance(node, ast.Assign) and _is_false(node.value):
            # context.check_hostname = False, session.verify = False
            targets = [t.attr for t in node.targets if isinstance(t, ast.Attribute)]
            if calls.VERIFIES.intersection(targets):
                self.found.traits.add("tls-off")
        return flags

    def _call(self, node: ast.Call) -> int:
        name, method = self.flow.dotted[id(node)], method_of(node)
        add = self.found.traits.add
        for trait, pattern in calls.DOES.items():
            if name and pattern.match(name):
                add(trait)
        if method in calls.READS_METHOD:
            add("reads")
        if method in calls.WRITES_METHOD or self._opens_to_write(node, name):
            add("writes")
        if name == "ssl._create_unverified_context" or any(
            keyword.arg in calls.VERIFIES and _is_false(keyword.value) for keyword in node.keywords
        ):
            add("tls-off")
        flags = 0
        if (name and calls.DECODES.match(name)) or method in calls.DECODES_METHOD:
            flags |= DECODED
            add("decodes")
        if (name and calls.DOWNLOADS.match(name)) or method in calls.DOWNLOADS_METHOD:
            flags |= DOWNLOADED
        if name.endswith("urlretrieve") and len(node.args) > 1:
            self.flow.carry(f"file:{self.flow.key(node.args[1])}", DOWNLOADED)
        return flags

    def _opens_to_write(self, node: ast.Call, name: str) -> bool:
        if name not in ("builtins.open", "io.open") and method_of(node) != "open":
            return False
        given = [*node.args[:2], *(k.value for k in node.keywords if k.arg == "mode")]
        return any(set(text_of(each) or "r") & set("wax+") and len(text_of(each) or "") <= 4
                   for each in given)  # fmt: skip

    def _text(self, node: ast.AST) -> int:
        parent = self.flow.parents.get(id(node))
        if isinstance(parent, ast.Expr) and isinstance(node, ast.Constant):
            return 0  # a docstring, or text that is thrown away
        if isinstance(node, ast.BinOp) and isinstance(parent, ast.BinOp):
            return 0  # the whole sum was looked at
        if isinstance(node, ast.Constant) and isinstance(node.value, int):
            text: str | None = str(node.value) if 0 <= node.value < 2**32 else None
        else:
            text = text_of(node)
        if not text:
            return 0
        if len(text) >= 40:
            self.found.literals.append(text)
        named = texts(text)
        self.found.traits |= named
        return CREDENTIAL if any(trait.startswith("place:") for trait in named) else 0

    def _whole(self, node: ast.Name | ast.Attribute) -> bool:
        parent = self.flow.parents.get(id(node))
        if isinstance(parent, ast.Subscript | ast.Compare):
            return False
        return not (isinstance(parent, ast.Attribute) and parent.attr in calls.ONE_VARIABLE)

    # ---- where they must not arrive

    def _sink(self, node: ast.Call) -> None:
        name, method = self.flow.dotted[id(node)], method_of(node)
        if name and (calls.RUNS.match(name) or calls.PROCESS.match(name)):
            self._run(node, process=bool(calls.PROCESS.match(name)))
        elif any(self._runs(each) for each in (*node.args, *(k.value for k in node.keywords))):
            self._run(node, process=False)  # Thread(target=exec, args=(code,)), map(exec, codes)
        sends = bool(name and calls.CONNECTS.match(name)) or method in calls.SENDS_METHOD
        arguments = [*node.args, *(k.value for k in node.keywords if k.arg not in calls.OWN_WAY_IN)]
        flags = 0
        for argument in arguments:
            flags |= self.flow.flags[id(argument)]
        packs = method in ("dumps", "urlencode", "b64encode") or name in (
            "builtins.str", "builtins.repr")  # fmt: skip
        if flags & ENVIRONMENT and (sends or packs):
            self.found.traits.add("environment-packed")
        if flags & CREDENTIAL and sends:
            self.found.traits.add("credential-sent")

    def _runs(self, node: ast.AST) -> bool:
        """Whether an expression stands for a function that runs code, to be called by another."""
        if not isinstance(node, ast.Name | ast.Attribute):
            return False
        name = self.flow.names.dotted(node)
        if name.startswith("types."):  # isinstance(value, types.CodeType)
            return False
        return bool(calls.RUNS.match(name) or calls.PROCESS.match(name))

    def _run(self, node: ast.Call, *, process: bool) -> None:
        add = self.found.traits.add
        named = [k.value for k in node.keywords if k.arg in (None, "args", "input", "kwargs")]
        arguments = [*node.args, *named]
        for argument in arguments:
            parts = argument.elts if isinstance(argument, ast.List | ast.Tuple) else [argument]
            flags = self._flags_of_run(parts, process=process)
            if flags & DECODED:
                add("decoded-run")
            if flags & DOWNLOADED:
                add("downloaded-run")
            previous = ""
            for part in parts:
                text = text_of(part)
                if text and (not process or previous in ("-c", "-e", "-Command")):
                    self.found.code.append(text)
                previous = text or ""

    def _flags_of_run(self, parts: list[ast.expr], *, process: bool) -> int:
        """What arrives in what is run. ``tar xf download`` does not run the download."""
        flags = 0
        program = text_of(parts[0]) if parts else ""
        if process and program and calls.HANDLES.match(program):
            return 0
        for at, part in enumerate(parts):
            runs = not process or at == 0 or not program or bool(calls.INTERPRETERS.match(program))
            flags |= (self.flow.flags[id(part)] & (DECODED | DOWNLOADED)) if runs else 0
            if runs:
                for inner in self.flow.near(part):
                    flags |= self.flow.of_file(inner)
        return flags


def _is_false(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is False
