"""Python scripts and notebooks as syntax trees, and the datasets that they load.

Used by the pre-commit hook too, so nothing heavy is imported here. Nothing is ever run.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
import unicodedata
import warnings
from collections.abc import Iterator
from typing import Any

from weighbridge.collect import dataset_readers
from weighbridge.collect.dataset_code import WORDS, CodeDoubt, CodeUse, read_trees
from weighbridge.edge.json import load_json
from weighbridge.model.errors import HostileInput

MAX_SCRIPT_BYTES = 2 * 2**20
MAX_NOTEBOOK_BYTES = 16 * 2**20

# Encodings in which the words that are looked for read as they do in ASCII; others can hide them
# (utf-7), or run a codec that somebody installed.
_ENCODINGS = frozenset(
    {"utf-8", "utf-8-sig", "iso-8859-1", "iso8859-1", "latin-1", "ascii", "cp1252"}
)
_MAGIC = re.compile(r"(\s*)(?:[%!?].*|[\w.]+\?{1,2}\s*)\Z")
_TIMED = re.compile(r"\s*(%(?:time|timeit|prun)\s+)")
_PYTHON_CELL = re.compile(r"%%(?:time|timeit|capture|prun)\b")
_ESCAPED = re.compile(rb"\\u00[2-7][0-9a-fA-F]")

Cells = list[tuple[str, str]]


def is_notebook(path: str) -> bool:
    """Whether a file is a notebook by its name."""
    return path.lower().endswith(".ipynb")


def source_cells(data: bytes, path: str) -> Cells:
    """The code that may load a dataset: cells' names (empty for a script) and sources.

    Empty where no word of the loaders stands in it.

    Raises:
        HostileInput: it is no text that Python reads, or no notebook.
        BoundExceeded: it is too large or nested too deeply.
    """
    if is_notebook(path):
        if not (_mentions(data.decode("utf-8", "replace")) or _ESCAPED.search(data)):
            return []
        cells = list(_cells(load_json(data, source=path, max_bytes=MAX_NOTEBOOK_BYTES), path))
    else:
        cells = [("", decode_source(data))]
    cells = [(member, source) for member, source in cells if source]
    return cells if any(_mentions(source) for _, source in cells) else []


def read_cells(cells: Cells) -> tuple[list[CodeUse], list[CodeDoubt]]:
    """What the code loads, and the places that could not be read."""
    trees = []
    doubts = []
    for member, source in cells:
        try:
            trees.append((member, parse_python(source)))
        except SyntaxError as error:
            # a cell that names no loader has nothing to say, whatever language it is in
            if _mentions(source):
                doubts.append(CodeDoubt("it is not Python 3", error.lineno or 0, member))
    uses, more = read_trees(trees)
    return uses, [*doubts, *more]


def _mentions(text: str) -> bool:
    """Whether code may load a dataset: Python reads identifiers in their NFKC form."""
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return any(word in plain for word in WORDS) or dataset_readers.may_read(plain)


def decode_source(data: bytes) -> str:
    """Python source as text, by its byte order mark or its PEP 263 comment.

    Raises:
        HostileInput: NUL bytes, an encoding that is not read, or bytes that are not of it.
    """
    if b"\0" in data:
        raise HostileInput("it holds NUL bytes: it is not Python source")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    except SyntaxError as error:
        raise HostileInput("it is not UTF-8, and declares no encoding that Python has") from error
    if encoding.lower() not in _ENCODINGS:
        raise HostileInput(f"it declares the encoding '{encoding}', which is not read")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise HostileInput(f"it is not {encoding} text (byte {error.start})") from error


def parse_python(source: str) -> ast.Module:
    """A syntax tree.

    Raises:
        SyntaxError: it is not Python 3, or nested beyond what Python itself takes.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes in the subject's strings
            return ast.parse(source)
    except (MemoryError, RecursionError) as error:
        raise SyntaxError("it is nested too deeply") from error
    except ValueError as error:
        raise SyntaxError(str(error)) from error


def _cells(notebook: Any, path: str) -> Iterator[tuple[str, str]]:
    """The Python code cells of a notebook, formats 3 and 4, with what is only IPython blanked out.

    Raises:
        HostileInput: it is JSON and no notebook.
    """
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if cells is None and isinstance(notebook, dict):
        sheets = notebook.get("worksheets")
        sheets = sheets if isinstance(sheets, list) else []
        nested = [s.get("cells") for s in sheets if isinstance(s, dict)]
        cells = [c for some in nested if isinstance(some, list) for c in some] if nested else None
    if not isinstance(cells, list):
        raise HostileInput(f"{path} is no notebook: it has no list of cells")
    if _language(notebook) not in ("", "python"):
        return
    for number, cell in enumerate(cells, 1):
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        source = cell.get("source", cell.get("input", ""))
        if isinstance(source, list):
            source = "".join(part for part in source if isinstance(part, str))
        if isinstance(source, str):
            yield f"cell {number}", _plain_python(source)


def _language(notebook: dict[str, Any]) -> str:
    """The kernel's language, empty where the notebook does not say."""
    metadata = notebook.get("metadata")
    kernel = metadata.get("kernelspec") if isinstance(metadata, dict) else None
    language = kernel.get("language") if isinstance(kernel, dict) else None
    return language.lower() if isinstance(language, str) else ""


def _plain_python(source: str) -> str:
    """A cell without magics, shell commands and help; the lines stay where they are.

    A line that is taken out and names a loader stays as it is: that the cell is then no Python is
    reported, and nothing is lost.
    """
    lines = source.splitlines()
    first = lines[0] if lines else ""
    if first.startswith("%%"):
        if _PYTHON_CELL.match(first):
            lines[0] = ""
        elif not _mentions(source):
            return ""
    return "\n".join(_plain_line(line) for line in lines)


def _plain_line(line: str) -> str:
    timed = _TIMED.match(line)
    if timed is not None:
        return line[: timed.start(1)] + line[timed.end(1) :]
    return _MAGIC.sub(r"\1pass", line) if not _mentions(line) else line
