"""Defaults from ``weighbridge.yaml`` or ``[tool.weighbridge]`` in ``pyproject.toml``.

Flags and ``WEIGHBRIDGE_*`` variables come first. Both files at once, an unknown key or a value of
another type is an error: a typo must not quietly loosen an audit. Nor must whoever made the model:
a file that lies inside the subject counts only where the user names it.
"""

from __future__ import annotations

import difflib
import os
import re
import stat
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from weighbridge.model.errors import ConfigurationError

FILE = "weighbridge.yaml"
PROJECT = "pyproject.toml"
MAX_BYTES = 2**20
MAX_MODELS = 10_000
_MODEL = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,95}/[0-9A-Za-z][0-9A-Za-z._-]{0,95}")
_FOLDERS = ("osv_database", "model_advisories", "cards", "attestations", "license_lock", "baseline")


@dataclass(frozen=True, slots=True)
class Config:
    """The keys of the configuration file. Paths are relative to the file's folder.

    ``file`` is where they were read, empty where there is no file.
    """

    file: str = ""
    policies: tuple[str, ...] = ()
    timestamp_url: str = ""
    osv_url: str = ""
    osv_database: str = ""
    osv_database_days: int = 5
    index_url: str = ""
    model_advisories: str = ""
    cards: str = ""
    hub_url: str = ""
    attestations: str = ""
    license_lock: str = ""
    forge_url: str = ""
    scorecard_url: str = ""
    deps_dev_url: str = ""
    rdap_url: str = ""
    baseline: str = ""
    known_models: tuple[str, ...] = ()
    offline: bool = False
    sha512: bool = False


def load_config(folder: Path, *, subject: Path | None = None, named: str = "") -> Config:
    """The configuration of a folder; all defaults where there is none.

    Args:
        folder: where ``weighbridge.yaml`` and ``pyproject.toml`` are looked for.
        subject: what is audited; a file in it that nobody named is refused.
        named: the file to read instead, by the user's own word.

    Raises:
        ConfigurationError: with file and line.
    """
    if named:
        path = Path(named)
        config = _from_pyproject(path) if path.name == PROJECT else _from_yaml(path)
        if config is None:
            raise ConfigurationError("there is no such file, or nothing for us in it", source=named)
        return config
    own, project = _from_yaml(folder / FILE), _from_pyproject(folder / PROJECT)
    if own and project:
        raise ConfigurationError(
            f"both {FILE} and [tool.weighbridge] in {PROJECT} configure weighbridge",
            remedy="Keep one of the two.",
        )
    found = own or project
    if found and subject is not None and _inside(Path(found.file), subject):
        raise ConfigurationError(
            "the file lies inside of what is audited: whoever made the model may have written it",
            source=found.file,
            remedy=f"If it is yours, say so with '--config {found.file}'; if not, call weighbridge "
            "from another folder.",
        )
    return found or Config()


def _inside(file: Path, subject: Path) -> bool:
    """Whether a file, or what a link of that name leads to, lies in the subject's folder."""
    try:
        top = subject.resolve(strict=True)
        places = (file.parent.resolve() / file.name, file.resolve())
    except (OSError, RuntimeError):
        return False  # the subject is not there, which is said when it is opened
    top = top if top.is_dir() else top.parent
    return any(place.is_relative_to(top) for place in places)


def _read(path: Path) -> str | None:
    """A file's text, None where nothing has that name.

    Raises:
        ConfigurationError: it is no regular file, too large, or not UTF-8.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb") as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise ConfigurationError("this is not a regular file", source=str(path))
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        if not os.path.lexists(path):
            return None
        raise ConfigurationError(
            f"the file cannot be read: {error.strerror}", source=str(path)
        ) from error
    if len(data) > MAX_BYTES:
        raise ConfigurationError(f"the file is larger than {MAX_BYTES} bytes", source=str(path))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigurationError("the file is not UTF-8", source=str(path)) from error


def _from_yaml(path: Path) -> Config | None:
    from weighbridge.edge.yaml import load_yaml

    text = _read(path)
    if text is None:
        return None
    document = load_yaml(text, source=str(path), max_bytes=MAX_BYTES)
    table = {} if document.value is None else document.value
    return _config(table, str(path), lambda key: document.line((key,)), path.parent)


def _from_pyproject(path: Path) -> Config | None:
    import tomllib

    text = _read(path)
    if text is None:
        return None
    try:
        tool = tomllib.loads(text).get("tool", {})
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigurationError(f"not valid TOML: {error}", source=str(path), line=1) from error
    if not isinstance(tool, dict) or "weighbridge" not in tool:
        return None
    return _config(tool["weighbridge"], str(path), lambda _key: 0, path.parent)


def _config(table: Any, source: str, line: Any, folder: Path) -> Config:
    if not isinstance(table, dict):
        raise ConfigurationError("the configuration must be a table of keys", source=source, line=1)
    known = {field.name: field for field in fields(Config) if field.name != "file"}
    values: dict[str, Any] = {"file": source}
    for key, value in table.items():
        if key not in known:
            near = difflib.get_close_matches(str(key), known, 1)
            raise ConfigurationError(
                f"unknown key {key!r}",
                source=source,
                line=line(key),
                remedy=f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(known)}.",
            )
        values[key] = _typed(key, value, source, line(key), folder)
    return Config(**values)


def _typed(key: str, value: Any, source: str, line: int, folder: Path) -> Any:
    if key == "policies":
        items = [value] if isinstance(value, str) else value
        if isinstance(items, list) and all(isinstance(item, str) for item in items):
            return tuple(_policy(item, folder) for item in items)
        raise ConfigurationError("policies must be names or paths", source=source, line=line)
    if key == "known_models":
        return _models(value, source, line)
    expected = {"offline": bool, "sha512": bool, "osv_database_days": int}.get(key, str)
    if not isinstance(value, expected) or (expected is int and isinstance(value, bool)):
        raise ConfigurationError(f"{key} must be a {expected.__name__}", source=source, line=line)
    if isinstance(value, int) and value < 0:
        raise ConfigurationError(f"{key} must not be negative", source=source, line=line)
    if key in _FOLDERS and isinstance(value, str) and value:
        return str(folder / value)
    return value


def _models(value: Any, source: str, line: int) -> tuple[str, ...]:
    """Names of models on a Hub, ``owner/name``."""
    items = value if isinstance(value, list) and len(value) <= MAX_MODELS else [None]
    if all(isinstance(item, str) and _MODEL.fullmatch(item) for item in items):
        return tuple(items)
    raise ConfigurationError(
        f"known_models must be a list of at most {MAX_MODELS} names like openai/privacy-filter",
        source=source,
        line=line,
    )


def _policy(item: str, folder: Path) -> str:
    """A shipped policy's name stays; a path is taken from the configuration's folder."""
    here = folder == Path()  # then the path stands as it is, and "./" is not lost
    path = "/" in item or item.endswith((".yaml", ".yml"))
    return str(folder / item) if path and not here else item
