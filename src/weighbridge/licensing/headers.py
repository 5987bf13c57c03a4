"""Licenses that the headers of code files name: SPDX ids, or "licensed under" in a comment.

The id is that of the SPDX specification (annex E, "Using SPDX short identifiers in source files"),
which REUSE uses too. Only a file's beginning is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from weighbridge.licensing.ids import Resolution, resolve
from weighbridge.licensing.prose import statements
from weighbridge.model.artifact import Artifact, Presence
from weighbridge.model.errors import HostileInput
from weighbridge.snapshot.snapshot import Snapshot

MAX_FILES = 400
MAX_HEAD = 4_096  # bytes of one file
MAX_LINES = 60
MAX_KEPT = 20  # paths of files that name one license

SUFFIXES = (
    ".py", ".pyi", ".pyx", ".js", ".ts", ".c", ".h", ".cc", ".cpp", ".hpp", ".cu", ".cuh", ".rs",
    ".go", ".java", ".kt", ".sh", ".bash", ".jl", ".r", ".lua", ".rb", ".swift", ".m", ".proto",
    ".jinja", ".jinja2", ".ipynb", ".toml", ".yaml", ".yml",
)  # fmt: skip
_SPDX = re.compile(r"SPDX-License-Identifier:[ \t]*([A-Za-z0-9.+() \t-]{1,200})")
_MARK = re.compile(r"[ \t]*(?:#+!?|//+!?|/?\*+/?|--|;+|%+|\{#|\"{3}|'{3})[ \t]?")
_BLOCKS = (("/*", "*/"), ('"""', '"""'), ("'''", "'''"), ("{#", "#}"))


@dataclass(slots=True)
class HeaderLicense:
    """A license that headers name: as written, resolved, in how many files, the first of them.

    ``line`` is where the first file names it, ``words`` its sentence.
    """

    raw: str
    resolution: Resolution
    line: int
    words: str
    paths: list[str] = field(default_factory=list)
    count: int = 0


@dataclass(frozen=True, slots=True)
class Headers:
    """What was found, in the order of paths; ``cut`` says why reading ended early, if it did."""

    licenses: tuple[HeaderLicense, ...]
    cut: str = ""
    cut_at: str = ""


def read_headers(snapshot: Snapshot) -> Headers:
    """The licenses that the code files of a subject name at their beginning."""
    found: dict[str, HeaderLicense] = {}
    code = [
        a
        for a in snapshot.artifacts
        if a.path.lower().endswith(SUFFIXES) and a.presence is Presence.CONTENT
    ]
    for artifact in code[:MAX_FILES]:
        for raw, resolution, line, words in _of_file(snapshot, artifact):
            key = resolution.id or raw
            entry = found.setdefault(key, HeaderLicense(raw, resolution, line, words))
            entry.count += 1
            if len(entry.paths) < MAX_KEPT:
                entry.paths.append(artifact.path)
    if len(code) <= MAX_FILES:
        return Headers(tuple(found.values()))
    cut = f"there are {len(code)} code files, and the headers of the first {MAX_FILES} were read"
    return Headers(tuple(found.values()), cut, code[MAX_FILES].path)


def _of_file(snapshot: Snapshot, artifact: Artifact) -> Iterator[tuple[str, Resolution, int, str]]:
    try:
        with snapshot.open(artifact) as stream:
            data = stream.read(MAX_HEAD)
    except (OSError, HostileInput):
        return  # the file collector tells of it
    if b"icen" not in data and b"ICEN" not in data:
        return
    lines = data.decode("utf-8", "replace").split("\n")[:MAX_LINES]
    text = "\n".join(lines)
    seen: set[str] = set()
    for match in _SPDX.finditer(text):
        raw = match[1].strip(" \t-*")
        resolution = resolve(raw)
        if raw and raw not in seen:
            seen.add(raw)
            yield raw, resolution, text.count("\n", 0, match.start()) + 1, match[0].strip()
    if seen:
        return
    # a comment's lines are sentences once their marks are gone
    for statement in statements(_comment(lines)):
        if statement.source not in ("sentence", "label") or not statement.ids:
            continue
        joined = f" {statement.joined} ".join(statement.ids) if statement.joined else ""
        key = joined or statement.ids[0]
        if key not in seen:
            seen.add(key)
            resolution = Resolution(key, tuple(sorted(statement.ids)), "known")
            yield statement.raw, resolution, statement.line, statement.words


def _comment(lines: list[str]) -> str:
    """The comment that a file begins with, without its marks; code leaves its line blank."""
    kept: list[str] = []
    closing = ""
    for line in lines:
        bare = line.strip()
        opened = next((pair for pair in _BLOCKS if bare.startswith(pair[0])), None)
        mark = _MARK.match(line)
        if not (closing or opened or mark or not bare):
            break
        inner = line[mark.end() :] if mark else line
        if closing:
            closing = "" if closing in bare else closing
        elif opened and opened[1] not in bare[len(opened[0]) :]:
            closing = opened[1]
        kept.append(inner.replace("*/", "").replace('"""', "").replace("#}", ""))
    return "\n".join(kept)
