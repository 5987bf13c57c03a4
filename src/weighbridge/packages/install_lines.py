"""Commands that install packages (``pip install``, ``uv pip install``, ``conda install``), as text.

A command is split as a shell splits it. A word that the shell would compute first (a variable, a
command, a glob, ``{name}`` of IPython) is not guessed: it is told.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from weighbridge.edge.text import visible
from weighbridge.model.errors import BoundExceeded
from weighbridge.packages.addresses import is_address, masked, without_secrets
from weighbridge.packages.match_spec import parse_match_spec
from weighbridge.packages.requirement_options import WITH_VALUE
from weighbridge.packages.requirements import RequirementReader
from weighbridge.packages.source import MAX_ISSUES, MAX_PACKAGES, Issue, MalformedSource, Package

MAX_COMMAND = 64 * 1024

_INSTALLERS = re.compile(
    r"^(?:\S*/)?(?P<tool>pip(?:3(?:\.\d{1,2})?)?|conda|mamba|micromamba|uv|poetry|pipenv|pixi)$"
)
_MENTION = re.compile(r"\b(?:pip[\d.]*|conda|mamba|micromamba|uv|poetry|pipenv|pixi)\b")
_COMPUTED = re.compile(r"[$`{}*?]")
_PYTHON = re.compile(r"^(?:(?:\S*/)?python[\d.]*|\{sys\.executable\}|\$\{?sys\.executable\}?)$")
_OPERATOR = re.compile(r"[();<>|&]+\Z")
_BEFORE = frozenset({"sudo", "time", "exec", "command", "env", "nohup", "yes", "then", "do", "if"})
# Options of `pip install` with a value that changes no package; the others have none.
_SKIPPED = frozenset(
    {"-t", "--target", "--prefix", "--root", "--src", "-b", "--build", "-d", "--platform", "--abi",
     "--python-version", "--implementation", "--upgrade-strategy", "--no-binary", "--only-binary",
     "--progress-bar", "--timeout", "--default-timeout", "--retries", "--proxy", "--cert",
     "--client-cert", "--log", "--cache-dir", "--python", "-p", "--report", "--exists-action",
     "--root-user-action", "--config-settings", "-C", "--global-option", "--use-feature",
     "--use-deprecated", "--no-build-isolation-package", "--index-strategy", "--torch-backend",
     "--exclude-newer", "--resolution", "--prerelease", "--extra", "--link-mode", "--hash",
     "--reinstall-package", "--refresh-package", "-P", "--upgrade-package", "--override"}
)  # fmt: skip
_CONDA_VALUES = frozenset({"-n", "--name", "-p", "--prefix", "--solver", "--repodata-fn",
                           "--experimental", "-r", "--root-prefix"})  # fmt: skip


_OTHERS = frozenset(
    {("add",), ("install",), ("sync",), ("create",), ("update",), ("env", "create"),
     ("env", "update"), ("pip", "sync")}
)  # fmt: skip


class Installed:
    """What the commands of one file install, and what they leave open."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.issues: list[Issue] = []
        self.conda: list[Package] = []
        self.reader = RequirementReader(path)

    @property
    def packages(self) -> list[Package]:
        """Those of pip, then those of conda."""
        return [*self.reader.packages, *self.conda]

    @property
    def includes(self) -> list[str]:
        """Requirements files that the commands name."""
        return self.reader.includes

    @property
    def constraints(self) -> list[str]:
        """Constraints files that the commands name."""
        return self.reader.constraints

    @property
    def inactive(self) -> int:
        """Requirements whose markers do not hold."""
        return self.reader.inactive

    def issue(self, kind: str, where: str, detail: str) -> None:
        """Note something at a place that is no line of a file."""
        self.issues.append(Issue(kind, 0, visible(masked(f"{where}: {detail}"), 200)))
        if len(self.issues) > MAX_ISSUES:
            raise BoundExceeded(f"what is odd in {self.path}", MAX_ISSUES, "issues")

    def command(self, text: str, where: str) -> None:
        """One line for the shell, which may hold several commands."""
        if not _MENTION.search(text):
            return
        try:
            if len(text) > MAX_COMMAND:
                raise ValueError(f"it has {len(text)} characters")
            lexer = shlex.shlex(_without_comment(text), posix=True, punctuation_chars=True)
            lexer.commenters = ""
            lexer.whitespace_split = True
            words = list(lexer)
        except ValueError as error:
            self.issue("unparsed", where, f"a command cannot be split: {error}")
            return
        for one in _commands(words):
            self._one(one, where)

    def _one(self, words: list[str], where: str) -> None:
        tool, rest = _installer(words)
        if tool == "uv" and rest[:1] == ["pip"]:
            tool, rest = "pip", rest[1:]
        if tool in ("pip", "conda") and rest[:1] == ["install"]:
            before = len(self.reader.issues)
            if tool == "pip":
                self._pip(rest[1:], where)
            else:
                self._conda(rest[1:], where)
            for issue in self.reader.issues[before:]:
                self.issue(issue.kind, where, issue.detail)
            del self.reader.issues[before:]
        elif tuple(rest[:1]) in _OTHERS or tuple(rest[:2]) in _OTHERS:
            self.issue("dynamic", where, f"'{' '.join([tool, *rest])[:80]}' is not followed")
        if len(self.conda) > MAX_PACKAGES:
            raise BoundExceeded(f"the list of {self.path}", MAX_PACKAGES, "packages")

    def _pip(self, words: list[str], where: str) -> None:
        waiting = iter(words)
        for word in waiting:
            name, separator, value = word.partition("=")
            if word.startswith("-") and not word.startswith("--") and len(word) > 2:
                name, separator, value = word[:2], "=", word[2:]
            if not word.startswith("-"):
                self._requirement(word, where)
            elif WITH_VALUE.get(name):
                value = value if separator else next(waiting, "")
                self._option(name, value, where)
            elif name in _SKIPPED and not separator:
                next(waiting, "")

    def _option(self, name: str, value: str, where: str) -> None:
        if _COMPUTED.search(value) or not value:
            self.issue("dynamic", where, f"the value of {name} is computed: {value[:80]}")
            return
        self.reader.option_line(0, f"{name} {shlex.quote(value)}")

    def _requirement(self, word: str, where: str) -> None:
        if _COMPUTED.search(word) and not (is_address(word) and not re.search(r"[$`{}]", word)):
            self.issue("dynamic", where, f"a package is computed: {without_secrets(word)[:80]}")
            return
        self.reader.requirement_line(0, word)

    def _conda(self, words: list[str], where: str) -> None:
        waiting = iter(words)
        for word in waiting:
            name, separator, value = word.partition("=")
            if not word.startswith("-"):
                self._match_spec(word, where)
            elif name in ("-c", "--channel"):
                channel = value if separator else next(waiting, "")
                if is_address(channel):
                    self.issue("index", where, without_secrets(channel))
            elif name in ("-f", "--file"):
                file = value if separator else next(waiting, "")
                self.issue("include-missing", where, f"conda's list {file[:80]} is not read")
            elif name in _CONDA_VALUES and not separator:
                next(waiting, "")

    def _match_spec(self, word: str, where: str) -> None:
        if re.search(r"[$`{}]", word):
            self.issue("dynamic", where, f"a package is computed: {word[:80]}")
            return
        try:
            spec = parse_match_spec(word)
        except MalformedSource as error:
            self.issue("unparsed", where, error.message)
            return
        self.conda.append(spec.package())


def _commands(words: list[str]) -> Iterator[list[str]]:
    """The commands between ``&&``, ``;`` and pipes, without what they are redirected to."""
    current: list[str] = []
    skip = False
    for word in words:
        if _OPERATOR.match(word):
            redirects = set(word) <= set("<>&") and bool(set(word) & set("<>"))
            if redirects:
                skip = True
                if current and current[-1] in ("1", "2"):
                    current.pop()  # `2>` names a descriptor
            else:
                yield current
                current, skip = [], False
        elif skip:
            skip = False
        else:
            current.append(word)
    yield current


def _without_comment(text: str) -> str:
    """A line up to a ``#`` that begins a word outside quotation marks."""
    quote = ""
    before = " "
    for position, character in enumerate(text):
        if quote:
            quote = "" if character == quote and before != "\\" else quote
        elif character in "'\"":
            quote = character
        elif character == "#" and before.isspace():
            return text[:position]
        before = character
    return text


def _installer(words: list[str]) -> tuple[str, list[str]]:
    """The installer that a command begins with, and what follows it; empty where it is none."""
    position = 0
    while position < len(words) and (
        words[position] in _BEFORE or re.match(r"[A-Za-z_]\w*=", words[position])
    ):
        position += 1
    rest = words[position:]
    if len(rest) > 2 and _PYTHON.match(rest[0]) and "-m" in rest[1:4]:
        rest = rest[rest.index("-m") + 1 :]
    match = _INSTALLERS.match(rest[0]) if rest else None
    if match is None:
        return "", []
    tool = match["tool"]
    if tool.startswith("pip") and tool != "pipenv":
        tool = "pip"
    elif tool in ("mamba", "micromamba"):
        tool = "conda"
    after = rest[1:]
    while after and after[0].startswith("-"):
        after = after[1:]  # options of the tool itself
    return tool, after
