"""Inline script metadata (PEP 723): the ``# /// script`` block of a Python file.

Nothing is executed or imported; the block is a comment, and a comment is all that is read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from weighbridge.model.errors import HostileInput
from weighbridge.packages.markers import Markers, environment_for
from weighbridge.packages.pyproject import DeclaredReader
from weighbridge.packages.source import Issue, MalformedSource, PackageSource
from weighbridge.packages.textfile import decode
from weighbridge.packages.toml import load_toml, table, text, texts

MARK = b"# /// script"
_BEGIN = "# /// script"
_END = "# ///"
_QUOTED = re.compile(r"\"([^\"]*)\"|'([^']*)'")


@dataclass(frozen=True, slots=True)
class Block:
    """The TOML of a block, and the line (from 1) that its first line of TOML stands on."""

    content: str
    line: int


def parse_script(path: str, data: bytes) -> PackageSource | None:
    """The dependencies that a script declares; None where it declares none.

    Raises:
        MalformedSource: two blocks, or a block that is not TOML of the right shape.
        BoundExceeded: it is too large.
    """
    if MARK not in data:
        return None
    script = decode(data, source=path)
    try:
        block = script_block(script, path)
    except UnclosedBlock as unclosed:
        return PackageSource(
            path, "script", (), issues=(Issue("unparsed", unclosed.line, unclosed.message),)
        )
    return None if block is None else parse_block(path, block, "script")


class UnclosedBlock(HostileInput):
    """A block without its end; by the specification it is none. ``line`` is where it begins."""

    def __init__(self, line: int) -> None:
        super().__init__("the script block has no closing '# ///' and is not read by any tool")
        self.line = line


def script_block(script: str, path: str) -> Block | None:
    """The one block of type ``script``, as the specification's regular expression finds it.

    The end is the last ``# ///`` of the run of comment lines that follow the beginning.

    Raises:
        MalformedSource: there are two.
        UnclosedBlock: it has no end.
    """
    lines = re.split(r"\r\n|\r|\n", script)
    found: Block | None = None
    number = 0
    while number < len(lines):
        if lines[number] != _BEGIN:
            number += 1
            continue
        first = end = number + 1
        last = 0
        while end < len(lines) and (lines[end] == "#" or lines[end].startswith("# ")):
            if lines[end] == _END:
                last = end
            elif lines[end] == _BEGIN and last:
                break
            end += 1
        if not last:
            raise UnclosedBlock(number + 1)
        if found is not None:
            raise MalformedSource(f"{path} has two script blocks; a script may have one")
        content = "\n".join(line[2:] for line in lines[first:last])
        found = Block(content, first + 1)
        number = last + 1
    return found


def parse_block(path: str, block: Block, kind: str) -> PackageSource:
    """The dependencies in a block's TOML.

    Raises:
        MalformedSource: it is not TOML, or not of the right shape.
        BoundExceeded: it is too large.
    """
    body = load_toml(f"the script block of {path}", block.content.encode("utf-8", "replace"))
    wanted_python = text(body.get("requires-python"), f"requires-python of {path}")
    environment, doubts = environment_for(wanted_python, path)
    reader = DeclaredReader(path, Markers(environment))
    reader.use_uv(table(body.get("tool", {}), f"tool of {path}"))
    lines = _lines_of(block)
    for item in texts(body.get("dependencies"), f"dependencies of {path}"):
        reader.requirement(item, lines.get(item, block.line))
    return PackageSource(
        path,
        kind,
        tuple(reader.packages),
        environment=environment,
        inactive=reader.inactive,
        issues=(*doubts, *reader.markers.issues, *reader.issues),
    )


def _lines_of(block: Block) -> dict[str, int]:
    """The first line that each quoted text of a block stands on."""
    lines: dict[str, int] = {}
    for number, line in enumerate(block.content.split("\n"), block.line):
        for match in _QUOTED.finditer(line):
            lines.setdefault(match.group(1) or match.group(2) or "", number)
    return lines
