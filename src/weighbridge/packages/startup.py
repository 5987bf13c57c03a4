"""What Python runs by itself whenever it starts in an environment, listed and judged.

CPython's ``Lib/site.py``: of every ``*.pth`` file in the folder, lines that start with ``import``
and a space or tab are executed, lines with ``#`` and empty ones are skipped, all others are folders
for ``sys.path``. A name that starts with a dot is skipped since 3.8.19, 3.9.19, 3.10.14, 3.11.9 and
3.12.2, and run by the releases before. Up to 3.12 lines end as in any text file and the encoding is
the locale's; since 3.13 it is UTF-8 with or without a mark and lines also end at the characters of
``str.splitlines``. Here a line counts as run if any of these would run it. PEP 829 (3.15):
``*.start`` holds ``package.module:callable``, each called. ``sitecustomize`` and ``usercustomize``
are imported, in whatever form a module may have.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from weighbridge.edge.text import visible
from weighbridge.model.errors import HostileInput
from weighbridge.packages.hook_code import MAX_SOURCE, CodeView, look_at
from weighbridge.packages.installed import Place, place_of, read_inside, unreadable
from weighbridge.packages.known_hooks import known_hook

MAX_HOOKS = 10_000
MAX_LINES = 20
MAX_LINE = 300
_MAX_MODULES = 20  # of the environment that are looked into for one hook
_MAX_REASONS = 20
_IMPORT = ("import ", "import\t")
_MODULES: tuple[Literal["sitecustomize", "usercustomize"], ...] = ("sitecustomize", "usercustomize")
_COMPILED = re.compile(r"(?:\.[A-Za-z0-9_-]+)*\.(?:pyc|pyo|so|pyd|dll)\Z")
_ENTRY = re.compile(r"([A-Za-z_][\w.]*)\s*:\s*([A-Za-z_][\w.]*)\Z")
_COOKIE = re.compile(rb"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]{1,40})")
_PLAIN_ENCODINGS = (
    "utf-8",
    "utf8",
    "utf-8-sig",
    "utf_8",
    "latin-1",
    "iso-8859-1",
    "ascii",
    "us-ascii",
)
_RANK = ("dangerous", "code", "known", "path")

Kind = Literal["pth", "start", "sitecustomize", "usercustomize"]
Verdict = Literal["path", "known", "code", "dangerous"]


@dataclass(frozen=True, slots=True)
class Hook:
    """One file; the fields are those of ``HookFacts``. ``path`` is as it is named on disk."""

    path: str
    kind: Kind
    package: str
    sha256: str
    verdict: Verdict
    reasons: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()


def find_hooks(folder: Path, owners: Mapping[str, str]) -> tuple[Hook, ...]:
    """Every start-up hook, the worst first.

    Args:
        folder: the folder of installed packages.
        owners: which package's RECORD lists a path, where one does.

    Raises:
        EnvironmentUnreadable: the folder cannot be listed.
    """
    place = place_of(folder)
    try:
        names = sorted(os.listdir(place.folder))  # noqa: PTH208  # names, not paths
    except OSError as error:
        raise unreadable(error) from error
    hooks: list[Hook] = []
    for name in names:
        for path, kind in _candidates(place, name):
            if len(hooks) < MAX_HOOKS:
                hooks.append(_judge(place, path, kind, owners.get(path, "")))
    return tuple(sorted(hooks, key=lambda hook: (_RANK.index(hook.verdict), hook.path)))


def _candidates(place: Place, name: str) -> Iterator[tuple[str, Kind]]:
    if name.endswith(".pth"):
        yield name, "pth"
    elif name.endswith(".start"):
        yield name, "start"
    for module in _MODULES:
        if name == f"{module}.py" or _is_compiled(name, module):
            yield name, module
        elif name == module:
            try:
                inside = sorted(os.listdir(f"{place.folder}/{name}"))  # noqa: PTH208  # names
            except OSError:
                continue
            for file in inside:
                if file == "__init__.py" or _is_compiled(file, "__init__"):
                    yield f"{name}/{file}", module


def _is_compiled(name: str, module: str) -> bool:
    return name.startswith(f"{module}.") and bool(_COMPILED.match(name[len(module) :]))


def _judge(place: Place, path: str, kind: Kind, package: str) -> Hook:
    try:
        data = read_inside(place, f"{place.folder}/{path}", MAX_SOURCE)
    except (HostileInput, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        # what cannot be read cannot be cleared
        words = visible(f"what it runs cannot be read: {reason}", MAX_LINE)
        return Hook(path, kind, package, "", "dangerous", (words,))
    digest = hashlib.sha256(data).hexdigest()
    if kind == "pth":
        verdict, reasons, lines = _path_file(place, path, data)
    elif kind == "start":
        verdict, reasons, lines = _start_file(place, data)
    elif not path.endswith(".py"):
        compiled = "it is compiled, so what it runs cannot be read"
        return Hook(path, kind, package, digest, "dangerous", (compiled,))
    else:
        verdict, reasons, lines = _module(place, data)
    if path.startswith("."):
        reasons.append("its name starts with a dot: older Pythons run it all the same")
    return Hook(path, kind, package, digest, verdict, _cut(reasons), _shown(lines))


def _path_file(place: Place, path: str, data: bytes) -> tuple[Verdict, list[str], list[str]]:
    lines = _lines(data)
    run = [line for line in lines if line.startswith(_IMPORT)]
    folders = [s for line in lines if (s := line.strip()) and not line.startswith(("#", *_IMPORT))]
    reasons: list[str] = []
    if away := sum(not place.holds(_real(place, folder)) for folder in folders):
        reasons.append(f"folders outside the environment that it adds: {away}")
    if not run:
        return "path", reasons, []
    found, local = [], _Modules(place)
    for line in run:
        view = look_at(line.rstrip())
        found += [reason for _, reason in view.reasons]
        local.follow(view)
    known = known_hook(path, tuple(run))
    if known:
        # its own lines are known; what they import lies in this environment and may be another's
        if not local.reasons:
            return "known", [*reasons, f"it is {known.what}"], run
        found = []
    return _verdict([*found, *local.reasons]), [*found, *local.reasons, *local.notes, *reasons], run


def _start_file(place: Place, data: bytes) -> tuple[Verdict, list[str], list[str]]:
    stripped = dict.fromkeys(line.lstrip("\ufeff").strip() for line in _lines(data))
    entries = [line for line in stripped if line and not line.startswith("#")]
    local = _Modules(place)
    malformed = 0
    for entry in entries:
        match = _ENTRY.match(entry)
        if match is None:
            malformed += 1  # Python reports it and goes on
            continue
        module, function = match.groups()
        local.enter(module, frozenset({function.partition(".")[0]}))
    if malformed == len(entries):
        return "path", [], []
    return _verdict(local.reasons), [*local.reasons, *local.notes], entries


def _module(place: Place, data: bytes) -> tuple[Verdict, list[str], list[str]]:
    text, odd = _source(data)
    view = look_at(text)
    local = _Modules(place)
    local.follow(view)
    lines = text.splitlines()
    flagged = sorted({line for line, _ in view.reasons if 0 < line <= len(lines)})
    code = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    if not code:
        return "path", ["it holds no code"], []
    own = [f"line {line}: {reason}" if line else reason for line, reason in view.reasons]
    found = [*odd, *own, *local.reasons]
    return _verdict(found), [*found, *local.notes], [lines[n - 1] for n in flagged] or code


def _verdict(dangers: list[str]) -> Verdict:
    return "dangerous" if dangers else "code"


class _Modules:
    """Modules of the environment that a hook imports, each looked into once, not further."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.reasons: list[str] = []
        self.notes: list[str] = []
        self._seen: set[tuple[str, frozenset[str]]] = set()

    def follow(self, view: CodeView) -> None:
        """Look into what a piece of code imports, with the functions that it calls there."""
        for module in sorted(view.imports):
            prefix = f"{module}."
            called = {
                n[len(prefix) :].partition(".")[0] for n in view.calls if n.startswith(prefix)
            }
            self.enter(module, frozenset(called))

    def enter(self, module: str, called: frozenset[str]) -> None:
        """Look into one module; its packages run before it."""
        parts = module.split(".")
        for count in range(1, len(parts) + 1):
            name = ".".join(parts[:count])
            wanted = called if count == len(parts) else frozenset()
            if (name, wanted) in self._seen or len(self._seen) >= _MAX_MODULES:
                continue
            self._seen.add((name, wanted))
            self._look_into(name, wanted)

    def _look_into(self, name: str, called: frozenset[str]) -> None:
        path = name.replace(".", "/")
        if not re.fullmatch(r"[\w/]+", path):
            return
        for file in (f"{path}/__init__.py", f"{path}.py"):
            try:
                data = read_inside(self.place, f"{self.place.folder}/{file}", MAX_SOURCE)
            except (FileNotFoundError, NotADirectoryError):
                continue
            except (HostileInput, OSError):
                self.reasons.append(f"it imports {file}, which cannot be read")
                return
            self.notes.append(f"it imports {file}")
            text, odd = _source(data)
            self.reasons += [f"it imports {file}: {why}" for why in odd]
            found = look_at(text, called).reasons
            self.reasons += [f"it imports {file}: line {n}: {why}" for n, why in found]
            return


def _lines(data: bytes) -> list[str]:
    """The lines that any release of Python sees, in order, those that two see alike once."""
    found: dict[str, None] = {}
    for text, split in _readings(data):
        found.update(dict.fromkeys(line.rstrip("\r\n") for line in split(text)))
    return list(found)


def _readings(data: bytes) -> Iterator[tuple[str, Callable[[str], list[str]]]]:
    for encoding in ("utf-8-sig", "utf-8"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            # the locale's encoding decides: what is run must start in ASCII, which all agree on
            text = data.decode("latin-1")
        yield text, str.splitlines
        yield text, lambda text: list(io.StringIO(text, newline=None))


def _source(data: bytes) -> tuple[str, list[str]]:
    """A module's text, and what is odd about its encoding (PEP 263).

    An encoding such as UTF-7 or unicode_escape makes code of what reads as a comment.
    """
    odd: list[str] = []
    for line in data.split(b"\n", 2)[:2]:
        match = _COOKIE.match(line)
        if match and match.group(1).lower().decode("latin-1") not in _PLAIN_ENCODINGS:
            odd.append(f"it is in the encoding {match.group(1).decode('latin-1')}, not read here")
    try:
        return data.decode("utf-8-sig"), odd
    except UnicodeDecodeError:
        return data.decode("latin-1"), odd


def _real(place: Place, folder: str) -> str:
    try:
        return os.path.realpath(Path(place.folder) / folder)
    except (OSError, ValueError):
        return ""


def _cut(reasons: list[str]) -> tuple[str, ...]:
    return tuple(visible(text, MAX_LINE) for text in list(dict.fromkeys(reasons))[:_MAX_REASONS])


def _shown(lines: list[str]) -> tuple[str, ...]:
    return tuple(visible(line.strip(), MAX_LINE) for line in lines[:MAX_LINES])
