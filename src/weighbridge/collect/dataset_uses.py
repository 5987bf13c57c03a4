"""Where a subject names the datasets it was made from or measured on: cards, scripts, notebooks.

Used by the collector and by the pre-commit hook, so nothing heavy is imported here.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
import unicodedata
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from weighbridge.collect.card import CardState, ModelCard, read_cards
from weighbridge.collect.dataset_code import WORDS, read_trees
from weighbridge.collect.dataset_ids import card_id
from weighbridge.edge.json import load_json
from weighbridge.model.artifact import Artifact, Presence
from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.snapshot.snapshot import Snapshot

MAX_SCRIPT_BYTES = 2 * 2**20
MAX_NOTEBOOK_BYTES = 16 * 2**20
MAX_PARSED_BYTES = 16 * 2**20  # of Python source that names a loader, in all of a subject
MAX_FILES = 20_000
MAX_USES = 10_000

# Encodings in which the words that are looked for read as they do in ASCII; others can hide them
# (utf-7), or run a codec that somebody installed.
_ENCODINGS = frozenset(
    {"utf-8", "utf-8-sig", "iso-8859-1", "iso8859-1", "latin-1", "ascii", "cp1252"}
)
_MAGIC = re.compile(r"(\s*)(?:[%!?].*|[\w.]+\?{1,2}\s*)\Z")
_TIMED = re.compile(r"\s*(%(?:time|timeit|prun)\s+)")
_PYTHON_CELL = re.compile(r"%%(?:time|timeit|capture|prun)\b")
_ESCAPED = re.compile(rb"\\u00[2-7][0-9a-fA-F]")

Kind = Literal["card", "code", "model-index"]


@dataclass(frozen=True, slots=True, order=True)
class DatasetUse:
    """One place that names a dataset.

    ``member`` is the notebook's cell, counted from 1 (``cell 3``); ``line`` then counts inside it.
    ``revision`` is what the place asks for, empty where it asks for none.
    """

    path: str
    member: str
    line: int
    id: str
    kind: Kind
    revision: str


@dataclass(frozen=True, slots=True, order=True)
class Unread:
    """A place whose datasets, if any, could not be read; ``part`` says what kind of place."""

    path: str
    member: str
    line: int
    reason: str
    part: Literal["card", "code"]


@dataclass(frozen=True, slots=True)
class Uses:
    """All that was found, sorted by place, and how many files were looked at."""

    uses: tuple[DatasetUse, ...]
    unread: tuple[Unread, ...]
    files: int


@dataclass(slots=True)
class _Budget:
    """How much has been read."""

    parsed: int = 0
    files: int = 0
    uses: dict[DatasetUse, None] = field(default_factory=dict)
    unread: dict[Unread, None] = field(default_factory=dict)

    def add(self, found: DatasetUse | Unread) -> None:
        if isinstance(found, Unread):
            self.unread[found] = None
        else:
            self.uses[found] = None


def find_uses(snapshot: Snapshot) -> Uses:
    """Every dataset that the subject's cards, scripts and notebooks name. Never raises for content.

    A README.md in a folder is a card too: adapters and checkpoints carry their own.
    """
    budget = _Budget()
    for problem in snapshot.problems:
        if problem.path.lower().endswith((".py", ".ipynb")):
            budget.add(Unread(problem.path, "", 0, problem.detail, "code"))
    for found in _found(snapshot, budget):
        budget.add(found)
        if len(budget.uses) + len(budget.unread) > MAX_USES:
            reason = f"more than {MAX_USES} places name datasets, and the rest was not read"
            budget.add(Unread(found.path, "", 0, reason, "code"))
            break
    return Uses(tuple(sorted(budget.uses)), tuple(sorted(budget.unread)), budget.files)


def _found(snapshot: Snapshot, budget: _Budget) -> Iterator[DatasetUse | Unread]:
    beyond = f"it is one of more than {MAX_FILES} cards, scripts and notebooks, and was not read"
    for card in read_cards(snapshot):
        budget.files += 1
        if budget.files > MAX_FILES:
            yield Unread(card.path, "", 0, beyond, "card")
            return
        yield from _in_card(card)
    for artifact in snapshot.artifacts:
        if not artifact.path.lower().endswith((".py", ".ipynb")):
            continue
        budget.files += 1
        if budget.files > MAX_FILES:
            yield Unread(artifact.path, "", 0, beyond, "code")
            return
        try:
            yield from _in_code(snapshot, artifact, budget)
        except HostileInput as error:
            yield Unread(artifact.path, "", 0, error.message, "code")
        except OSError as error:
            yield Unread(artifact.path, "", 0, f"it cannot be read: {error.strerror}", "code")


def _in_card(card: ModelCard) -> Iterator[DatasetUse | Unread]:
    if card.state is CardState.BROKEN:
        yield Unread(card.path, "", card.line, card.reason, "card")
    for entry in card.datasets:
        if entry.plain and entry.text:
            yield DatasetUse(card.path, "", entry.line, card_id(entry.text), "card", "")
        else:
            reason = f"an entry of 'datasets' is {entry.text or 'empty'}, and no dataset's name"
            yield Unread(card.path, "", entry.line, reason, "card")
    for dataset in card.evaluated_on:
        if dataset.id:
            yield DatasetUse(
                card.path, "", dataset.line, card_id(dataset.id), "model-index", dataset.revision
            )


def _in_code(
    snapshot: Snapshot, artifact: Artifact, budget: _Budget
) -> Iterator[DatasetUse | Unread]:
    path = artifact.path
    if artifact.presence is not Presence.CONTENT:
        raise HostileInput(f"it is a {artifact.presence}: its code is not here")
    notebook = path.lower().endswith(".ipynb")
    data = snapshot.read(artifact, MAX_NOTEBOOK_BYTES if notebook else MAX_SCRIPT_BYTES)
    if notebook:
        if not (_mentions(data.decode("utf-8", "replace")) or _ESCAPED.search(data)):
            return
        cells = list(_cells(load_json(data, source=path, max_bytes=MAX_NOTEBOOK_BYTES), path))
    else:
        cells = [("", decode_source(data))]
    cells = [(member, source) for member, source in cells if source]
    if not any(_mentions(source) for _, source in cells):
        return
    budget.parsed += sum(len(source) for _, source in cells)
    if budget.parsed > MAX_PARSED_BYTES:
        raise BoundExceeded("the code that names datasets", MAX_PARSED_BYTES, "bytes")
    trees = []
    for member, source in cells:
        try:
            trees.append((member, parse_python(source)))
        except SyntaxError as error:
            # a cell that names no loader has nothing to say, whatever language it is in
            if _mentions(source):
                reason = "it is not Python 3"
                yield Unread(path, member, error.lineno or 0, reason, "code")
    uses, doubts = read_trees(trees)
    for use in uses:
        yield DatasetUse(path, use.member, use.line, use.id, "code", use.revision)
    for doubt in doubts:
        yield Unread(path, doubt.member, doubt.line, doubt.reason, "code")


def _mentions(text: str) -> bool:
    """Whether code may load a dataset: Python reads identifiers in their NFKC form."""
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return any(word in plain for word in WORDS)


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
