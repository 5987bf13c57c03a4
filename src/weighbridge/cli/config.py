"""Defaults from ``weighbridge.yaml`` or ``[tool.weighbridge]`` in ``pyproject.toml``.

Flags and ``WEIGHBRIDGE_*`` variables come first. Both files at once, an unknown key or a value of
another type is an error: a typo must not quietly loosen an audit.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from weighbridge.model.errors import ConfigurationError

FILE = "weighbridge.yaml"


@dataclass(frozen=True, slots=True)
class Config:
    """The keys of the configuration file. Paths are relative to the file's folder."""

    policies: tuple[str, ...] = ()
    timestamp_url: str = ""
    osv_url: str = ""
    offline: bool = False


def load_config(folder: Path) -> Config:
    """The configuration of a folder; all defaults where there is none.

    Raises:
        ConfigurationError: with file and line.
    """
    own, project = folder / FILE, folder / "pyproject.toml"
    table = _from_pyproject(project) if project.is_file() else None
    if own.is_file():
        if table is not None:
            raise ConfigurationError(
                f"both {FILE} and [tool.weighbridge] in pyproject.toml configure weighbridge",
                remedy="Keep one of the two.",
            )
        return _from_yaml(own)
    return _config(table or {}, "pyproject.toml", lambda _key: 0, folder)


def _from_yaml(path: Path) -> Config:
    from weighbridge.edge.yaml import load_yaml

    document = load_yaml(path.read_text(encoding="utf-8"), source=path.name, max_bytes=2**20)
    return _config(document.value or {}, path.name, lambda key: document.line((key,)), path.parent)


def _from_pyproject(path: Path) -> dict[str, Any] | None:
    import tomllib

    try:
        tool = tomllib.loads(path.read_text(encoding="utf-8")).get("tool", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"not valid TOML: {error}", source=path.name, line=1) from error
    return tool.get("weighbridge") if isinstance(tool, dict) else None


def _config(table: Any, source: str, line: Any, folder: Path) -> Config:
    if not isinstance(table, dict):
        raise ConfigurationError("the configuration must be a table of keys", source=source, line=1)
    known = {field.name: field for field in fields(Config)}
    values: dict[str, Any] = {}
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
    expected = bool if key == "offline" else str
    if not isinstance(value, expected):
        raise ConfigurationError(f"{key} must be a {expected.__name__}", source=source, line=line)
    return value


def _policy(item: str, folder: Path) -> str:
    """A shipped policy's name stays; a path is taken from the configuration's folder."""
    return str(folder / item) if "/" in item or item.endswith((".yaml", ".yml")) else item
