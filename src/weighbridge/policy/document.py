"""Reading a configuration file: bounded, typed, and every complaint with its line."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from weighbridge.edge.yaml import KeyPath, MalformedYaml, YamlDocument, load_yaml
from weighbridge.model.digest import Digest, sha256
from weighbridge.model.errors import BoundExceeded, ConfigurationError
from weighbridge.policy.suggest import did_you_mean

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic_core import ErrorDetails

MAX_BYTES = 2**20
_SHOWN = 60

M = TypeVar("M", bound="BaseModel")


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML file. ``name`` is what messages call it: the path as the user wrote it."""

    path: Path
    name: str
    digest: Digest
    yaml: YamlDocument

    @property
    def value(self) -> Any:
        """The document's plain value."""
        return self.yaml.value

    def error(self, message: str, at: KeyPath = (), remedy: str = "") -> ConfigurationError:
        """A complaint about a key path of this file, to be raised."""
        return ConfigurationError(message, source=self.name, line=self.yaml.line(at), remedy=remedy)


def read_document(path: Path, name: str, *, max_bytes: int = MAX_BYTES) -> Document:
    """Read a YAML file.

    Raises:
        ConfigurationError: no regular file, unreadable, too large, not UTF-8, or not plain YAML.
    """
    try:
        path = path.resolve()
    except (OSError, RuntimeError, ValueError) as error:  # a loop of links, a NUL
        raise ConfigurationError("the path cannot be followed", source=name) from error
    data = read_regular(path, name, max_bytes)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ConfigurationError(
            "the file is not UTF-8", source=name, line=line, remedy="Save it as UTF-8."
        ) from error
    try:
        return Document(path, name, sha256(data), load_yaml(text, source=name, max_bytes=max_bytes))
    except MalformedYaml as error:
        where = f"{name}:{error.line}: " if error.line else f"{name}: "
        raise ConfigurationError(
            error.message.removeprefix(where), source=name, line=error.line
        ) from error
    except BoundExceeded as error:
        raise ConfigurationError(error.message, source=name) from error


def read_regular(path: Path, name: str, max_bytes: int) -> bytes:
    """The bytes of a regular file. A FIFO or a device is never waited for.

    Raises:
        ConfigurationError: it is none, cannot be read, or is larger.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb") as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise ConfigurationError("this is not a regular file", source=name)
            data = stream.read(max_bytes + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ConfigurationError(f"the file cannot be read: {reason}", source=name) from error
    if len(data) > max_bytes:
        raise ConfigurationError(f"the file is larger than {max_bytes} bytes", source=name)
    return data


def beside(document: Document, relative: str, at: KeyPath) -> Path:
    """A file in the document's folder or below it.

    Raises:
        ConfigurationError: the path leaves the folder, also through a symbolic link.
    """
    folder = document.path.resolve().parent
    try:
        path = (folder / relative).resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise document.error(f"the path {_shown(relative)} cannot be followed", at) from error
    if Path(relative).is_absolute() or not path.is_relative_to(folder):
        raise document.error(
            f"the path {_shown(relative)} leaves the policy's folder",
            at,
            "Put the file beside the policy, or below it, and name it relative to the policy.",
        )
    return path


def parse(document: Document, model: type[M], keys_at: Any) -> M:
    """The document as a pydantic model.

    Args:
        document: what was read.
        model: its shape.
        keys_at: key path to the keys that may stand there, for suggestions.

    Raises:
        ConfigurationError: the first complaint in the file's order, and how many there are.
    """
    from pydantic import ValidationError

    if not isinstance(document.value, dict):
        what = "empty" if document.value is None else "not a table of keys"
        raise document.error(f"the file is {what}", (), "Write 'schema: 1' and the keys below it.")
    try:
        return model.model_validate(document.value)
    except ValidationError as error:
        details = error.errors(include_url=False)
    # what is missing comes last: a misspelt key is both unknown and missing
    complaints = sorted(
        (detail["type"] == "missing", document.yaml.line(_place(detail)), index, detail)
        for index, detail in enumerate(details)
    )
    message, remedy = _words(complaints[0][-1], keys_at)
    more = len(complaints) - 1
    if more:
        remedy = (
            f"{remedy} There {'is 1 more problem' if more == 1 else f'are {more} more problems'}."
        )
    raise document.error(message, _place(complaints[0][-1]), remedy.strip())


def _place(detail: ErrorDetails) -> KeyPath:
    path = tuple(detail["loc"])
    return path[:-1] if detail["type"] == "missing" else path


def dotted(path: KeyPath) -> str:
    """``waivers[0].created``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _words(detail: ErrorDetails, keys_at: Any) -> tuple[str, str]:
    """What is wrong, and what to do, in our words where pydantic's would not help."""
    path, kind, given = tuple(detail["loc"]), detail["type"], detail["input"]
    where = dotted(path)
    if kind == "extra_forbidden":
        inside = f" in {dotted(path[:-1])}" if path[:-1] else ""
        known = keys_at(path[:-1])
        return f"unknown key {_shown(path[-1])}{inside}", did_you_mean(str(path[-1]), known)
    if kind == "missing":
        inside = f" in {dotted(path[:-1])}" if path[:-1] else ""
        return f"the key {path[-1]!r} is missing{inside}", ""
    if kind in ("enum", "literal_error"):
        expected = str(detail.get("ctx", {}).get("expected", ""))
        words = [word for word in expected.replace(" or ", ", ").split(", ") if word]
        known = [word.strip("'") for word in words]
        return f"{where} cannot be {_shown(given)}", did_you_mean(str(given), known)
    if kind in ("date_type", "date_from_datetime_parsing", "date_parsing"):
        return f"{where} is not a date: {_shown(given)}", "Write YYYY-MM-DD, without quotes."
    if kind == "string_type":
        quotes = isinstance(given, int | float) or hasattr(given, "isoformat")
        remedy = "Put it in quotes." if quotes else ""
        return f"{where} must be text, not {_shown(given)}", remedy
    if kind in ("model_type", "dict_type", "model_attributes_type"):
        return f"{where} must be a table of keys, not {_shown(given)}", ""
    if kind == "list_type":
        return f"{where} must be a list, not {_shown(given)}", ""
    if kind == "too_short":
        return f"{where} is empty", ""
    if kind == "string_too_short":
        return f"{where} is empty", ""
    message = detail["msg"]
    return f"{where} cannot be {_shown(given)}: {message[:1].lower()}{message[1:]}", ""
