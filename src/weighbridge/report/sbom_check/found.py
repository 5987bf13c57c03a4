"""What a check of a bill of materials says: messages with their place, and what was counted."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from weighbridge.edge.text import visible
from weighbridge.model.errors import ExitCode, worst
from weighbridge.report import g7

MAX_MESSAGES = 100  # of one kind; the rest are counted
_LONG = 240  # characters of a validator's message
MAX_ALL_ERRORS = 2**18  # bytes of a document whose errors of schema are all told


class Level(enum.StrEnum):
    """An error makes the document wrong; a warning is worth a look."""

    ERROR = "error"
    WARNING = "warning"
    NOT_CHECKED = "not-checked"


@dataclass(frozen=True, slots=True)
class Message:
    """``pointer`` is a JSON pointer (RFC 6901), in XML a line; empty for the whole document.

    ``code`` names what was checked: ``schema``, ``duplicate-reference``, ``dangling-reference``, …
    """

    level: Level
    code: str
    pointer: str
    text: str


@dataclass(frozen=True, slots=True)
class Component:
    """One component as the minimum elements ask for it; ``identifier`` is a purl or the like."""

    pointer: str
    name: str
    version: str
    supplier: str
    identifier: str
    license: str
    hashed: bool


@dataclass(frozen=True, slots=True)
class Inventory:
    """What a document lists, whatever its format."""

    author: str = ""
    timestamp: str = ""
    components: tuple[Component, ...] = ()
    relationships: int = 0


@dataclass(frozen=True, slots=True)
class Element:
    """A minimum element: how many of those that should have it do."""

    name: str
    have: int
    of: int


@dataclass(frozen=True, slots=True)
class SbomReport:
    """The result for one document. ``unsupported``: nothing here can read it, or not all of it.

    ``g7`` is given for the bill of materials of a model in CycloneDX 1.6 or 1.7.
    """

    format: str
    version: str
    messages: tuple[Message, ...]
    unsupported: bool = False
    inventory: Inventory = field(default_factory=Inventory)
    ntia: tuple[Element, ...] = ()
    g7: tuple[g7.Element, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        """1 with an error, 3 where the document could not be read, else 0."""
        codes = [ExitCode.VIOLATED for m in self.messages if m.level is Level.ERROR]
        if self.unsupported or any(m.level is Level.NOT_CHECKED for m in self.messages):
            codes.append(ExitCode.INCONCLUSIVE)
        return worst(codes)


class Messages:
    """Collects messages, at most :data:`MAX_MESSAGES` of one code; the rest are counted."""

    def __init__(self, size: int = 0) -> None:
        self._size = size  # of the document, in bytes
        self._kept: list[Message] = []
        self._counts: dict[tuple[Level, str], int] = {}

    def error(self, code: str, pointer: str, text: str) -> None:
        """The document is wrong."""
        self._add(Level.ERROR, code, pointer, text)

    def warning(self, code: str, pointer: str, text: str) -> None:
        """Worth a look."""
        self._add(Level.WARNING, code, pointer, text)

    def not_checked(self, code: str, pointer: str, text: str) -> None:
        """Something that nobody looked at."""
        self._add(Level.NOT_CHECKED, code, pointer, text)

    def schema(self, validator: Any, document: Any, breaks: str) -> bool:
        """Whether a document is valid; if not, what is wrong is told.

        The validator makes all its errors at once, each with the value that it is about: of a large
        document only the first is asked for.
        """
        import jsonschema_rs

        if validator.is_valid(document):
            return True
        if self._size <= MAX_ALL_ERRORS:
            for error in validator.iter_errors(document):
                self.error(
                    "schema", pointer(*error.instance_path), f"{breaks}: {_said(error.message)}"
                )
            return False
        try:
            validator.validate(document)
        except jsonschema_rs.ValidationError as error:
            said = _said(error.message)
            text = f"{breaks}: {said} (of a document of this size, the first error only)"
            self.error("schema", pointer(*error.instance_path), text)
        return False

    def _add(self, level: Level, code: str, pointer: str, text: str) -> None:
        count = self._counts[(level, code)] = self._counts.get((level, code), 0) + 1
        if count <= MAX_MESSAGES:
            self._kept.append(Message(level, code, visible(pointer, 300), visible(text, 400)))

    def any(self, code: str) -> bool:
        """Whether there is a message of a code."""
        return any(kept.code == code for kept in self._kept)

    def all(self) -> tuple[Message, ...]:
        """Errors first, each kind in the order it was met, then what was not kept."""
        order = list(Level)
        kept = sorted(self._kept, key=lambda m: order.index(m.level))
        more = [
            Message(level, code, "", f"{count - MAX_MESSAGES} more of these")
            for (level, code), count in self._counts.items()
            if count > MAX_MESSAGES
        ]
        return (*kept, *more)


def _said(message: str) -> str:
    """The validator's message: the value, which may be a whole list, then what is wrong with it."""
    return message if len(message) <= _LONG else f"{message[:40]} … {message[-_LONG // 2 :]}"


def pointer(*parts: str | int) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in parts)


def ntia(inventory: Inventory) -> tuple[Element, ...]:
    """The data fields that the NTIA's minimum elements (July 2021, section III) ask for."""
    parts: Sequence[Component] = inventory.components
    return (
        Element("supplier name", sum(bool(c.supplier) for c in parts), len(parts)),
        Element("component name", sum(bool(c.name) for c in parts), len(parts)),
        Element("version", sum(bool(c.version) for c in parts), len(parts)),
        Element("other unique identifiers", sum(bool(c.identifier) for c in parts), len(parts)),
        Element("dependency relationship", int(inventory.relationships > 0), 1),
        Element("author of SBOM data", int(bool(inventory.author)), 1),
        Element("timestamp", int(bool(inventory.timestamp)), 1),
    )
