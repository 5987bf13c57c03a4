"""Where the values of Python code come from, followed through its syntax tree. Nothing is run.

Roughly, and on the safe side: what is assigned, returned, passed to a function, put into a
container or written to a file keeps what it came from, whatever is done to it. Names are told apart
by the function that they are in, attributes by their name alone.
"""

from __future__ import annotations

import ast

from weighbridge.packages import startup_calls as calls
from weighbridge.packages.code_names import Names, text_of

DECODED, DOWNLOADED, CREDENTIAL, ENVIRONMENT, XOR = 1, 2, 4, 8, 16
_ROUNDS = 4  # how often what flows through names is followed
_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


class Flow:
    """One tree. ``flags`` say of each node, by its ``id``, where its value came from."""

    def __init__(self, tree: ast.Module) -> None:
        # a context (load, store) is one object for all nodes, and says nothing here
        self.nodes = [n for n in ast.walk(tree) if not isinstance(n, ast.expr_context)]
        self.children = {
            id(n): [c for c in ast.iter_child_nodes(n) if not isinstance(c, ast.expr_context)]
            for n in self.nodes
        }
        self.parents = {id(c): n for n in self.nodes for c in self.children[id(n)]}
        self.names = Names(self.nodes)
        self.dotted = {
            id(node): self.names.dotted(node.func)
            for node in self.nodes
            if isinstance(node, ast.Call)
        }
        self.functions = {node.name: node for node in self.nodes if isinstance(node, _FUNCTION)}
        self.scopes: dict[int, int] = {}  # the function that a node is in, 0 for the module
        for node in self.nodes:
            scope = id(node) if isinstance(node, _FUNCTION) else self.scopes.get(id(node), 0)
            self.scopes.update((id(child), scope) for child in self.children[id(node)])
        declared = (n.names for n in self.nodes if isinstance(n, ast.Global | ast.Nonlocal))
        self.shared = frozenset(name for names in declared for name in names)
        self.flags: dict[int, int] = {}
        # by scope and name; 0 for the module's names, attributes, and ``file:`` with its path
        self.carried: dict[tuple[int, str], int] = {}
        self.files: dict[str, str] = {}  # name of an open file: what it was opened by

    def follow(self, own: dict[int, int]) -> None:
        """Follow the values until nothing new comes of it, for some rounds.

        Args:
            own: what each node is by itself.
        """
        for _ in range(_ROUNDS):
            before = dict(self.carried)
            self._follow_once(own)
            if self.carried == before:
                break

    def _follow_once(self, own: dict[int, int]) -> None:
        for node in reversed(self.nodes):  # children come after their parents in it
            flags = own[id(node)]
            for child in self.children[id(node)]:
                flags |= self.flags.get(id(child), 0)
            if isinstance(node, ast.Name):
                flags |= self._of_name(node)
            elif isinstance(node, ast.Attribute):
                flags |= self.carried.get((0, f".{node.attr}"), 0)
            elif isinstance(node, ast.GeneratorExp | ast.ListComp) and flags & XOR:
                flags |= DECODED  # bytes(x ^ key for x in data): the plainest of ciphers
            elif isinstance(node, ast.Call) and self.dotted[id(node)] == "builtins.open":
                flags |= self.of_file(node.args[0]) if node.args else 0
            self.flags[id(node)] = flags
        for node in self.nodes:
            self._assign(node)

    def _assign(self, node: ast.AST) -> None:
        value: ast.AST | None = None
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            value, targets = node.value, node.targets
        elif isinstance(node, ast.AnnAssign | ast.AugAssign | ast.NamedExpr):
            value, targets = node.value, [node.target]
        elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
            value, targets = node.iter, [node.target]
        elif isinstance(node, ast.withitem) and node.optional_vars is not None:
            value, targets = node.context_expr, [node.optional_vars]
        elif isinstance(node, ast.Return | ast.Yield) and node.value is not None:
            if name := self._function(node):
                self.carry(name, self.flags[id(node.value)])
                self.carry(f".{name}", self.flags[id(node.value)])
        elif isinstance(node, ast.Call):
            self._written(node)
            self._passed(node)
        if value is None:
            return
        for target in targets:
            for name in _targets(target):
                scope = self._scope(node, name)
                self.carry(name, self.flags[id(value)], scope)
                if isinstance(value, ast.Call) and self.dotted[id(value)] == "builtins.open":
                    self.files[name] = self.key(value.args[0]) if value.args else ""

    def _written(self, node: ast.Call) -> None:
        """``file.write(data)``, ``Path(p).write_bytes(data)``, ``items.append(data)``."""
        method = method_of(node)
        if not isinstance(node.func, ast.Attribute):
            return
        flags = 0
        for argument in node.args:
            flags |= self.flags[id(argument)]
        owner = node.func.value
        if method in calls.WRITES_METHOD:
            path = self.files.get(owner.id, owner.id) if isinstance(owner, ast.Name) else ""
            if isinstance(owner, ast.Call) and owner.args:
                path = self.key(owner.args[0])
            if path:
                self.carry(f"file:{path}", flags)
        elif method in ("append", "extend", "update", "add", "insert", "setdefault"):
            for name in _targets(owner):
                scope = self._scope(node, name)
                self.carry(name, flags, scope)

    def _passed(self, node: ast.Call) -> None:
        """What a function of this code is given arrives in its parameters."""
        function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | None
        if isinstance(node.func, ast.Lambda):
            function, scope = node.func, self.scopes[id(node)]
        else:
            name = node.func.id if isinstance(node.func, ast.Name) else method_of(node)
            function = self.functions.get(name)
            scope = id(function)
        if function is None:
            return
        parameters = [*function.args.posonlyargs, *function.args.args]
        if isinstance(node.func, ast.Attribute):
            parameters = parameters[1:]
        for parameter, argument in zip(parameters, node.args, strict=False):
            self.carry(parameter.arg, self.flags[id(argument)], scope)
        for keyword in node.keywords:
            if keyword.arg:
                self.carry(keyword.arg, self.flags[id(keyword.value)], scope)

    def _function(self, node: ast.AST) -> str:
        parent = self.parents.get(id(node))
        while parent is not None:
            if isinstance(parent, _FUNCTION):
                return parent.name
            parent = self.parents.get(id(parent))
        return ""

    def carry(self, name: str, flags: int, scope: int = 0) -> None:
        """Note that a name's value came from somewhere."""
        if flags:
            self.carried[scope, name] = self.carried.get((scope, name), 0) | flags

    def _scope(self, node: ast.AST, name: str) -> int:
        """Where a name that is given a value lives; attributes are told by their name alone."""
        return 0 if name.startswith(".") or name in self.shared else self.scopes[id(node)]

    def _of_name(self, node: ast.Name) -> int:
        """What a name carries in its function, in those around that, and in the module."""
        scope, flags = self.scopes[id(node)], self.carried.get((0, node.id), 0)
        while scope:
            flags |= self.carried.get((scope, node.id), 0)
            scope = self.scopes.get(scope, 0)
        return flags

    def of_file(self, path: ast.AST) -> int:
        """What was written to a file."""
        return self.carried.get((0, f"file:{self.key(path)}"), 0)

    def near(self, node: ast.AST) -> list[ast.AST]:
        """An expression, its parts, and what an f-string puts in."""
        parts = self.children[id(node)]
        put_in = [n.value for n in parts if isinstance(n, ast.FormattedValue)]
        return [node, *parts, *put_in]

    def key(self, node: ast.AST) -> str:
        """What a path is told by: its text, or the name that holds it."""
        if isinstance(node, ast.Name | ast.Attribute):
            return node.id if isinstance(node, ast.Name) else node.attr
        return text_of(node) or f"?{id(node)}"


def method_of(node: ast.Call) -> str:
    """The method that a call names, whatever it is called on."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else ""


def _targets(node: ast.expr) -> list[str]:
    """The names that an assignment gives a value, an attribute's with a dot before it."""
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Attribute):
        return [f".{node.attr}"]
    if isinstance(node, ast.Subscript | ast.Starred):
        return _targets(node.value)
    if isinstance(node, ast.Tuple | ast.List):
        return [name for part in node.elts for name in _targets(part)]
    return []
