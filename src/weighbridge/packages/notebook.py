"""Notebooks: what their code cells install, read as text and never run.

IPython hands ``%pip``, ``!pip`` and shell cells to a shell, so a line is split as a shell splits
it. What a shell or Python would compute first (a variable, a loop, a call) is told as an issue with
its cell and line, both counted from 1. nbformat 3 and 4.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from weighbridge.edge.json import load_json
from weighbridge.model.errors import BoundExceeded
from weighbridge.packages.inline import UnclosedBlock, parse_block, script_block
from weighbridge.packages.install_lines import Installed
from weighbridge.packages.source import (
    LINUX_311,
    MAX_FILE_BYTES,
    MAX_PACKAGES,
    MalformedSource,
    Package,
    PackageSource,
    unique,
)
from weighbridge.packages.toml import table, tables

MAX_CELLS = 20_000
MAX_LINES = 500_000

_SHELL_CELL = re.compile(r"%%(?:(?:bash|sh|script\s+(?:\S*/)?(?:ba|z|da)?sh)\b|!)")
_MAGIC = re.compile(r"\s*(?:[A-Za-z_]\w*\s*=\s*)?(?P<mark>[!%]+)\s*(?P<command>\S.*)")
# A call that hands a command to a shell or to pip, and its arguments up to the next parenthesis.
_CALL = re.compile(
    r"\b(?:system|getoutput|getstatusoutput|run|call|check_call|check_output|Popen|run_line_magic"
    r"|run_cell_magic|pip\.main|_internal\.main|pipmain)\s{0,8}\(([^()]{0,400})"
)
_INSTALLER = re.compile(r"\b(?:pip3?|conda|mamba|uv)\b|pipmain")


def parse_notebook(path: str, data: bytes) -> PackageSource | None:
    """What the code cells install and declare; None where they install and declare nothing.

    Raises:
        MalformedSource: it is no notebook of version 3 or 4.
        HostileInput: it is not JSON.
        BoundExceeded: it is too large.
    """
    cells = list(_code_cells(load_json(data, source=path, max_bytes=MAX_FILE_BYTES), path))
    installed = Installed(path)
    blocks: list[PackageSource] = []
    for number, source in cells:
        try:
            block = script_block(source, f"cell {number} of {path}")
        except UnclosedBlock as unclosed:
            installed.issue("unparsed", f"cell {number}, line {unclosed.line}", unclosed.message)
        else:
            if block is not None:
                blocks.append(parse_block(path, block, "notebook"))
        _read_cell(number, source, installed)
    if len(blocks) > 1:
        raise MalformedSource(f"{path} has {len(blocks)} script blocks; it may have one")
    if not (installed.packages or installed.issues or installed.includes or blocks):
        return None
    declared = [_without_line(p) for block in blocks for p in block.packages]
    issues = [replace(issue, line=0) for block in blocks for issue in block.issues]
    packages = _each_once([*declared, *installed.packages])
    if len(packages) > MAX_PACKAGES:
        raise BoundExceeded(f"the list of {path}", MAX_PACKAGES, "packages")
    return PackageSource(
        path,
        "notebook",
        packages,
        environment=blocks[0].environment if blocks else LINUX_311,
        inactive=installed.inactive + sum(block.inactive for block in blocks),
        includes=unique(installed.includes),
        constraints=unique(installed.constraints),
        issues=(*issues, *installed.issues),
    )


def _code_cells(body: Any, path: str) -> Iterator[tuple[int, str]]:
    """Number (from 1, of all cells) and text of each code cell."""
    notebook = table(body, path)
    version = notebook.get("nbformat")
    if version not in (3, 4) or isinstance(version, bool):
        raise MalformedSource(f"{path} has the nbformat {str(version)[:40]!r}; 3, 4 are understood")
    if version == 4:
        cells = tables(notebook.get("cells"), f"cells of {path}")
    else:
        sheets = tables(notebook.get("worksheets"), f"worksheets of {path}")
        cells = [c for sheet in sheets for c in tables(sheet.get("cells"), f"cells of {path}")]
    if len(cells) > MAX_CELLS:
        raise BoundExceeded(path, MAX_CELLS, "cells")
    for number, cell in enumerate(cells, 1):
        if cell.get("cell_type") != "code":
            continue
        source = cell.get("source" if version == 4 else "input", "")
        parts = source if isinstance(source, list) else [source]
        if not all(isinstance(part, str) for part in parts):
            raise MalformedSource(f"cell {number} of {path} holds no text")
        yield number, "".join(parts)


def _read_cell(number: int, source: str, installed: Installed) -> None:
    lines = re.split(r"\r\n|\r|\n", source)
    if len(lines) > MAX_LINES:
        raise BoundExceeded(f"cell {number} of {installed.path}", MAX_LINES, "lines")
    first = next((line for line in lines if line.strip()), "")
    shell = bool(_SHELL_CELL.match(first))
    code: list[str] = []
    for line_number, line in _joined(lines):
        where = f"cell {number}, line {line_number}"
        match = _MAGIC.match(line)
        if shell and not line.startswith("%%"):
            installed.command(line.strip(), where)
        elif match is not None:
            installed.command(match["command"].lstrip("!%"), where)
        elif not line.lstrip().startswith("#"):
            code.append(line)
    for match in _CALL.finditer("\n".join(code)):
        arguments = match.group(1)
        named = _INSTALLER.search(match.group(0))
        if not named or not re.search(r"\binstall\b", arguments):
            continue
        detail = f"a call installs packages: {' '.join(match.group(0).split())[:100]}"
        installed.issue("dynamic", f"cell {number}", detail)


def _joined(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Lines with those joined that end in a backslash, each with its first line's number."""
    parts: list[str] = []
    first = 1
    for number, line in enumerate(lines, 1):
        if not parts:
            first = number
        if line.endswith("\\"):
            parts.append(line[:-1])
            continue
        yield first, " ".join([*parts, line])
        parts = []
    if parts:
        yield first, " ".join(parts)


def _without_line(package: Package) -> Package:
    """The lines of a notebook's file mean nothing to a reader of its cells."""
    return replace(package, line=0)


def _each_once(packages: list[Package]) -> tuple[Package, ...]:
    return tuple(dict.fromkeys(packages))
