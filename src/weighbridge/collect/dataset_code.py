"""Which datasets Python code loads, read from its syntax tree. Nothing is ever run or imported.

Known are ``load_dataset`` and ``load_dataset_builder`` of ``datasets``, and ``snapshot_download``
and ``hf_hub_download`` of ``huggingface_hub`` for dataset repositories, under whatever name they
were imported; and any ``hf://datasets/…`` address. What is read without these libraries is found by
:mod:`~weighbridge.collect.dataset_readers`. A name that is computed when the code runs is reported
as such, and never passed over.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from weighbridge.collect.dataset_ids import HUB_ADDRESS, Named, classify
from weighbridge.collect.dataset_readers import Imports, Read, read_calls

# function: (its library, the argument that names the dataset)
LOADERS: dict[str, tuple[str, str]] = {
    "load_dataset": ("datasets", "path"),
    "load_dataset_builder": ("datasets", "path"),
    "snapshot_download": ("huggingface_hub", "repo_id"),
    "hf_hub_download": ("huggingface_hub", "repo_id"),
}
# Methods of HfApi by the same name: whatever object they are called on.
_METHODS = frozenset({"snapshot_download", "hf_hub_download"})
WORDS = (*LOADERS, HUB_ADDRESS)  # code without one of these loads none of the above
MAX_HOPS = 5  # names followed from one to the next
MAX_STEPS = 100_000  # expressions looked at for one file; past it every name counts as computed

COMPUTED = "the dataset's name is computed when the code runs"
COMPUTED_REVISION = "the dataset's revision is computed when the code runs"
COMPUTED_KIND = "whether a dataset is downloaded is computed when the code runs"
HANDED_ON = "is handed on as a value, so what it loads cannot be read"


@dataclass(frozen=True, slots=True)
class CodeUse:
    """A dataset that code loads. ``member`` is the notebook cell, empty in a script."""

    id: str
    revision: str
    line: int
    member: str


@dataclass(frozen=True, slots=True)
class CodeDoubt:
    """A place where code may load a dataset that cannot be read from it."""

    reason: str
    line: int
    member: str


def read_trees(
    trees: Sequence[tuple[str, ast.Module]],
) -> tuple[list[CodeUse], list[CodeDoubt]]:
    """What a script, or a notebook's cells in order, load.

    Args:
        trees: the cells' names (empty for a script) and syntax trees.
    """
    walked = [(member, list(ast.walk(tree))) for member, tree in trees]
    everything = [node for _, nodes in walked for node in nodes]
    scope = _Scope(everything)
    imports = Imports(everything)
    uses: dict[CodeUse, None] = {}
    doubts: dict[CodeDoubt, None] = {}
    for member, nodes in walked:
        for found in _Reader(scope, member).read(nodes):
            if isinstance(found, CodeUse):
                uses[found] = None
            else:
                doubts[found] = None
        for read in read_calls(nodes, imports, scope.texts):
            if isinstance(read, Read):
                uses[CodeUse(read.id, read.revision, read.line, member)] = None
            else:
                doubts[CodeDoubt(read.reason, read.line, member)] = None
    return list(uses), list(doubts)


class _Scope:
    """Which names stand for loaders, their libraries, and constant texts, in all of a file.

    Python's scopes are not kept apart: a name bound twice is not followed at all.
    """

    def __init__(self, nodes: Iterable[ast.AST]) -> None:
        self.loaders: dict[str, str] = {}
        self.modules: dict[str, str] = {}
        self.bound: dict[str, int] = {}
        self.values: dict[str, ast.expr] = {}
        self.choices: dict[str, list[ast.expr]] = {}
        self.steps = 0
        aliases: list[tuple[str, ast.expr]] = []
        for node in nodes:
            self._bind(node, aliases)
        for name in LOADERS:
            if name not in self.bound:  # a star import, or a cell that was deleted
                self.loaders.setdefault(name, name)
        for name, value in aliases:
            loader = self.loader(value)
            if loader is not None and self.bound.get(name) == 1:
                self.loaders[name] = loader

    def _bind(self, node: ast.AST, aliases: list[tuple[str, ast.expr]]) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                root = alias.name.partition(".")[0]
                local = alias.asname or root
                self._count(local)
                if root in ("datasets", "huggingface_hub"):
                    self.modules[local] = root
        elif isinstance(node, ast.ImportFrom):
            self._bind_from(node)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
            self._count(node.id)
        elif isinstance(node, ast.arg):
            self._count(node.arg)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            self._count(node.name)
        elif isinstance(node, ast.For | ast.comprehension):
            if isinstance(node.target, ast.Name) and isinstance(node.iter, ast.List | ast.Tuple):
                self.choices[node.target.id] = node.iter.elts
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if node.value is not None and len(targets) == 1 and isinstance(targets[0], ast.Name):
                self.values[targets[0].id] = node.value
                aliases.append((targets[0].id, node.value))

    def _bind_from(self, node: ast.ImportFrom) -> None:
        root = (node.module or "").partition(".")[0] if not node.level else ""
        for alias in node.names:
            local = alias.asname or alias.name
            loader = LOADERS.get(alias.name)
            if loader is not None and loader[0] == root:
                self.loaders[local] = alias.name
            elif root in ("datasets", "huggingface_hub"):
                self.modules[local] = root
            if local != "*":
                self._count(local)

    def _count(self, name: str) -> None:
        self.bound[name] = self.bound.get(name, 0) + 1

    def loader(self, node: ast.expr) -> str | None:
        """The loader that an expression stands for."""
        if isinstance(node, ast.Name):
            return self.loaders.get(node.id)
        if not isinstance(node, ast.Attribute) or node.attr not in LOADERS:
            return None
        if node.attr in _METHODS:
            return node.attr
        base = node.value
        while isinstance(base, ast.Attribute):
            base = base.value
        library = LOADERS[node.attr][0]
        known = isinstance(base, ast.Name) and self.modules.get(base.id) == library
        return node.attr if known else None

    def texts(self, node: ast.expr | None, hops: int = MAX_HOPS) -> tuple[str, ...] | None:
        """Every text that an expression may have, None where that cannot be told."""
        self.steps += 1
        if self.steps > MAX_STEPS:
            return None
        if isinstance(node, ast.Constant):
            return (node.value,) if isinstance(node.value, str) else None
        if hops == 0:
            return None
        if isinstance(node, ast.Name):
            if self.bound.get(node.id) != 1:
                return None
            if node.id in self.choices:
                return self._all(self.choices[node.id], hops)
            return self.texts(self.values.get(node.id), hops - 1)
        if isinstance(node, ast.IfExp):
            return self._all((node.body, node.orelse), hops)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            left, right = self.texts(node.left, hops - 1), self.texts(node.right, hops - 1)
            if left is not None and right is not None and len(left) == len(right) == 1:
                return (left[0] + right[0],)
        return None

    def _all(self, nodes: Iterable[ast.expr], hops: int) -> tuple[str, ...] | None:
        found: list[str] = []
        for node in nodes:
            texts = self.texts(node, hops - 1)
            if texts is None:
                return None
            found += texts
        return tuple(found)


class _Reader:
    """Reads one tree: the calls of loaders, and the addresses."""

    def __init__(self, scope: _Scope, member: str) -> None:
        self.scope = scope
        self.member = member
        self.seen: set[int] = set()  # nodes that are a call's function, or an alias's value
        self.joined: set[int] = set()  # texts that others are put behind

    def read(self, nodes: Iterable[ast.AST]) -> Iterator[CodeUse | CodeDoubt]:
        """What the nodes of a tree load, an outer node before those in it."""
        for node in nodes:
            if isinstance(node, ast.Call):
                yield from self._call(node)
            elif isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr):
                if node.value is not None:
                    self.seen.add(id(node.value))
            elif isinstance(node, ast.JoinedStr | ast.BinOp):
                self.joined.update(id(part) for part in ast.iter_child_nodes(node))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                if node.value.startswith(HUB_ADDRESS):
                    yield from self._address(node)
            elif isinstance(node, ast.Name | ast.Attribute) and id(node) not in self.seen:
                yield from self._handed_on(node)

    def _address(self, node: ast.Constant) -> Iterator[CodeUse | CodeDoubt]:
        """A hub address; the beginning of one, or a template, is put together as the code runs."""
        if node.value == HUB_ADDRESS and id(node) not in self.joined:
            return  # what an address is compared with
        named = classify(str(node.value))
        if named.id.startswith(HUB_ADDRESS):
            yield self._doubt(COMPUTED, node.lineno)
        else:
            yield from self._name(named, "", node.lineno)

    def _handed_on(self, node: ast.Name | ast.Attribute) -> Iterator[CodeDoubt]:
        loader = self.scope.loader(node)
        if loader is not None and isinstance(node.ctx, ast.Load):
            yield self._doubt(f"{loader} {HANDED_ON}", node.lineno)

    def _call(self, call: ast.Call) -> Iterator[CodeUse | CodeDoubt]:
        loader = self.scope.loader(call.func)
        arguments = call.args
        if loader is not None:
            self.seen.add(id(call.func))
        elif _is_partial(call.func) and arguments:
            loader, arguments = self.scope.loader(arguments[0]), arguments[1:]
            self.seen.add(id(call.args[0]))
        if loader is None:
            return
        keywords = {k.arg: k.value for k in call.keywords if k.arg is not None}
        open_ended = any(k.arg is None for k in call.keywords)
        if LOADERS[loader][0] == "huggingface_hub":
            kind = self.scope.texts(keywords.get("repo_type"))
            if kind is None and ("repo_type" in keywords or open_ended):
                yield self._doubt(COMPUTED_KIND, call.lineno)
                return
            if kind is None or "dataset" not in kind:
                return  # a model or a space
        first = arguments[0] if arguments else keywords.get(LOADERS[loader][1])
        names = self.scope.texts(first)
        if names is None:
            yield self._doubt(COMPUTED, call.lineno)
            return
        revision = self.scope.texts(keywords.get("revision"))
        given = not _is_none(keywords.get("revision")) or open_ended
        if given and (revision is None or len(revision) != 1):
            revision = None
            yield self._doubt(COMPUTED_REVISION, call.lineno)
        for name in names:
            named = classify(name)
            if named.kind == "builder":
                yield from self._files(keywords, call.lineno)
            else:
                yield from self._name(named, revision[0] if revision else "", call.lineno)

    def _files(self, keywords: dict[str, ast.expr], line: int) -> Iterator[CodeUse | CodeDoubt]:
        """What a builder such as ``json`` reads; files beside the code are no dataset by name."""
        for argument in ("data_files", "data_dir"):
            if argument not in keywords:
                continue
            names = self._listed(keywords[argument])
            if names is None:
                yield self._doubt(COMPUTED, line)
                continue
            for name in names:
                if "://" in name:
                    yield from self._name(classify(name), "", line)

    def _listed(self, node: ast.expr) -> tuple[str, ...] | None:
        """The texts of a text, a list of them, or a mapping to them."""
        if isinstance(node, ast.Dict):
            node = ast.List(elts=node.values, ctx=ast.Load())
        if not isinstance(node, ast.List | ast.Tuple):
            return self.scope.texts(node)
        found: list[str] = []
        for item in node.elts:
            inner = item.elts if isinstance(item, ast.List | ast.Tuple) else [item]
            for text in (self.scope.texts(i) for i in inner):
                if text is None:
                    return None
                found += text
        return tuple(found)

    def _name(self, named: Named, revision: str, line: int) -> Iterator[CodeUse]:
        if named.kind == "dataset":
            yield CodeUse(named.id, revision or named.revision, line, self.member)

    def _doubt(self, reason: str, line: int) -> CodeDoubt:
        return CodeDoubt(reason, line, self.member)


def _is_partial(node: ast.expr) -> bool:
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    return name == "partial"


def _is_none(node: ast.expr | None) -> bool:
    """Whether an argument is not given, or given as ``None``."""
    return node is None or (isinstance(node, ast.Constant) and node.value is None)
