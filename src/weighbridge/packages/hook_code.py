"""Whether Python code that runs at start-up does what a start-up hook has no need of.

Judged by its syntax tree, never run. Whoever wants to can hide from such a look; that a hook runs
code at all is therefore reported in any case, and this only tells which ones are worse. The signs
are those of real attacks: litellm 1.82.8 (PYSEC-2026-2) decoded base64 and started a process from
its ``.pth``; telnyx and lightning did the like at import (2026).
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from weighbridge.packages.code_names import IMPORTERS, Names, text_of

MAX_SOURCE = 2**20
MAX_NODES = 200_000
_MAX_REASONS = 20
_LONG_TEXT = 1_000  # characters of one text that looks encoded
_ENCODED = re.compile(r"[A-Za-z0-9+/=_\s-]+\Z")

# dotted name: what using it, or anything under it, does
DANGEROUS: Mapping[str, str] = {
    **dict.fromkeys(
        ("subprocess", "_posixsubprocess", "pty", "multiprocessing", "os.system", "os.popen",
         "os.fork", "os.forkpty", "os.startfile", "os.posix_spawn", "os.posix_spawnp",
         "os.execl", "os.execle", "os.execlp", "os.execlpe", "os.execv", "os.execve", "os.execvp",
         "os.execvpe", "os.spawnl", "os.spawnle", "os.spawnlp", "os.spawnlpe", "os.spawnv",
         "os.spawnve", "os.spawnvp", "os.spawnvpe", "posix", "nt", "pexpect",
         "asyncio.create_subprocess_exec", "asyncio.create_subprocess_shell"),
        "starts a process"),
    **dict.fromkeys(
        ("socket", "_socket", "ssl", "_ssl", "socketserver", "http", "urllib.request", "urllib3",
         "requests", "httpx", "aiohttp", "ftplib", "smtplib", "telnetlib", "imaplib", "poplib",
         "nntplib", "xmlrpc", "paramiko", "websocket", "websockets", "pycurl",
         "asyncio.open_connection", "asyncio.start_server"),
        "opens a connection"),
    **dict.fromkeys(
        ("builtins.exec", "builtins.eval", "builtins.compile", "marshal", "pickle", "_pickle",
         "cloudpickle", "dill", "code", "codeop", "runpy", "types.CodeType", "types.FunctionType",
         "builtins.__builtins__", "zipimport"),
        "runs code that is made at run time"),
    **dict.fromkeys(
        ("base64", "binascii", "zlib", "bz2", "lzma", "gzip", "codecs.decode", "quopri",
         "cryptography", "Crypto", "nacl"),
        "decodes data"),
    **dict.fromkeys(("ctypes", "_ctypes", "cffi", "_cffi_backend"), "calls native code"),
}  # fmt: skip
# methods that say the same whatever they are called on
_METHODS: Mapping[str, str] = {
    "b64decode": "decodes data", "b85decode": "decodes data", "a85decode": "decodes data",
    "decompress": "decodes data", "unhexlify": "decodes data", "fromhex": "decodes data",
    "urlopen": "opens a connection", "urlretrieve": "opens a connection",
    "Popen": "starts a process", "check_output": "starts a process",
    "__subclasses__": "reaches around names", "__globals__": "reaches around names",
    "__builtins__": "reaches around names", "__code__": "reaches around names",
}  # fmt: skip
_ENVIRONS = ("os.environ", "os.environb")
_ONE_VARIABLE = frozenset({"get", "setdefault", "pop", "update", "__contains__", "__getitem__"})
_SECRET_PLACES = re.compile(
    r"\.ssh/|\.aws/|\.netrc|\.kube/|id_rsa|id_ed25519|git-credentials|\.docker/config|\.pypirc"
    r"|169\.254\.169\.254|metadata\.google\.internal|/etc/shadow"
)
_BUILTINS = frozenset({"exec", "eval", "compile", "__builtins__"})
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(slots=True)
class CodeView:
    """What code does. ``reasons`` make it dangerous, each with the line it stands at (from 1).

    ``imports`` are the modules it imports, ``calls`` the functions of those that it calls, dotted.
    """

    reasons: list[tuple[int, str]] = field(default_factory=list)
    imports: set[str] = field(default_factory=set)
    calls: set[str] = field(default_factory=set)

    def add(self, line: int, reason: str) -> None:
        """Note a reason, unless there are many or the same stands there."""
        if len(self.reasons) < _MAX_REASONS and (line, reason) not in self.reasons:
            self.reasons.append((line, reason))


def look_at(source: str, called: frozenset[str] | None = None) -> CodeView:
    """Judge a module's code.

    Args:
        source: its text.
        called: None judges all of it, imports too: it is a hook's own code. Else it is a module
            that a hook imports: only what runs at its import counts, and these functions of it.
    """
    view = CodeView()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
        if sum(1 for _ in ast.walk(tree)) > MAX_NODES:
            raise ValueError
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        _look_at_words(source, view)
        return view
    _Look(tree, view, everything=called is None).run(called or frozenset())
    return view


def _look_at_words(source: str, view: CodeView) -> None:
    """Code of another Python's syntax: the words in it are all that can be gone by."""
    words = set(_WORD.findall(source))
    named = {name.rpartition(".")[2]: why for name, why in DANGEROUS.items()}
    for word in sorted(words & (set(named) | set(_METHODS) | _BUILTINS)):
        why = named.get(word) or _METHODS.get(word, "runs code that is made at run time")
        view.add(0, f"it does not parse, and holds the word {word} ({why})")


class _Look:
    def __init__(self, tree: ast.Module, view: CodeView, *, everything: bool) -> None:
        self.tree = tree
        self.view = view
        self.everything = everything
        self._dotted = Names(list(ast.walk(tree))).dotted
        self.functions = {
            node.name: node
            for node in tree.body
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        }

    def run(self, called: frozenset[str]) -> None:
        """Judge what runs: the module, then the functions that are called, each once."""
        nodes = list(ast.walk(self.tree)) if self.everything else list(_running(self.tree.body))
        waiting, seen = sorted(called), set(called)
        while True:
            parents = {id(child): node for node in nodes for child in ast.iter_child_nodes(node)}
            for node in nodes:
                self._judge(node, parents.get(id(node)))
                if not self.everything and isinstance(node, ast.Call):
                    name = node.func.id if isinstance(node.func, ast.Name) else ""
                    if name in self.functions and name not in seen:
                        seen.add(name)
                        waiting.append(name)
            while waiting and waiting[-1] not in self.functions:
                waiting.pop()
            if not waiting:
                return
            nodes = list(_running(self.functions[waiting.pop()].body))

    def _judge(self, node: ast.AST, parent: ast.AST | None) -> None:
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Import | ast.ImportFrom):
            self._import(node, line)
        elif isinstance(node, ast.Name | ast.Attribute):
            if isinstance(node.ctx, ast.Load) and not isinstance(parent, ast.Attribute):
                self._use(node, line)
            self._environment(node, parent, line)
        elif isinstance(node, ast.Call):
            self._call(node, line)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
            self._text(node.value, line)

    def _import(self, node: ast.Import | ast.ImportFrom, line: int) -> None:
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
            modules = names
        elif node.level or not node.module:
            return
        else:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            modules = [node.module]
        self.view.imports.update(modules)
        if self.everything:
            for name in names:
                if why := _danger(name):
                    self.view.add(line, f"it imports {name}, which {why}")

    def _use(self, node: ast.Name | ast.Attribute, line: int) -> None:
        """A name that is read: what it stands for, or the method that it ends in."""
        name = self._dotted(node)
        why = _danger(name) if name else ""
        # what a module merely names, it does not use: only a hook's own code is judged so closely
        if why and (self.everything or name.startswith("builtins.") or "." not in name):
            self.view.add(line, f"it uses {name.removeprefix('builtins.')}, which {why}")
        method = _METHODS.get(node.attr) if isinstance(node, ast.Attribute) else None
        if method and not why and self.everything:
            assert isinstance(node, ast.Attribute)
            self.view.add(line, f"it uses .{node.attr}, which {method}")

    def _call(self, node: ast.Call, line: int) -> None:
        name = self._dotted(node.func)
        if name:
            self.view.calls.add(name)
        if name in IMPORTERS or name == "builtins.getattr":
            position = 1 if name == "builtins.getattr" else 0
            given = node.args[position] if len(node.args) > position else None
            said = text_of(given) if given is not None else None
            if said is not None:
                if position:
                    if why := _danger(self._dotted(node)):
                        self.view.add(line, f"it uses {self._dotted(node)}, which {why}")
                    return
                self.view.imports.add(said)
                if self.everything and (why := _danger(said)):
                    self.view.add(line, f"it imports {said}, which {why}")
            elif self.everything:
                self.view.add(line, "it makes up the name of what it uses at run time")
        elif name and not self.everything and (why := _danger(name)):
            self.view.add(line, f"it calls {name.removeprefix('builtins.')}, which {why}")

    def _environment(self, node: ast.AST, parent: ast.AST | None, line: int) -> None:
        """All environment variables at once, which is how tokens are collected."""
        if self._dotted(node) not in _ENVIRONS or not isinstance(
            getattr(node, "ctx", None), ast.Load
        ):
            return
        one = isinstance(parent, ast.Subscript) or (
            isinstance(parent, ast.Attribute) and parent.attr in _ONE_VARIABLE
        )
        if not one and not isinstance(parent, ast.Compare):
            self.view.add(line, "it takes all environment variables at once")

    def _text(self, value: str | bytes, line: int) -> None:
        text = value if isinstance(value, str) else value.decode("latin-1")
        if len(text) >= _LONG_TEXT and _ENCODED.match(text) and " " not in text.strip():
            self.view.add(line, f"it carries an encoded text of {len(text)} characters")
        elif self.everything and (place := _SECRET_PLACES.search(text)):
            self.view.add(line, f"it names a place of secrets ({place.group(0)})")


def _danger(name: str) -> str:
    """What using a dotted name does, if it is one of the dangerous ones or lies under one."""
    while name:
        if name in DANGEROUS:
            return DANGEROUS[name]
        name = name.rpartition(".")[0]
    return ""


def _running(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """The nodes of statements that run when their block does: not what functions hold inside."""
    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            waiting += [*node.decorator_list, *node.args.defaults]
        elif isinstance(node, ast.Lambda):
            continue
        elif not (isinstance(node, ast.If) and _never(node.test)):
            waiting += ast.iter_child_nodes(node)


def _never(test: ast.expr) -> bool:
    """``if TYPE_CHECKING:`` and ``if __name__ == "__main__":`` do not hold at an import."""
    if isinstance(test, ast.Name):
        return test.id == "TYPE_CHECKING"
    return isinstance(test, ast.Compare) and ast.unparse(test) == "__name__ == '__main__'"
