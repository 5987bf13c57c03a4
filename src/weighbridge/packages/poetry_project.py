"""What a ``pyproject.toml`` asks for in Poetry's own tables, and what a lock file needs of it.

Poetry's constraints: "Dependency specification" in its documentation. ``^1.2`` and ``~1.2`` are
ranges, a bare version is exact.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from weighbridge.edge.text import visible
from weighbridge.model.errors import HostileInput
from weighbridge.packages.addresses import names_a_commit, without_secrets
from weighbridge.packages.source import (
    MAX_VERSION,
    MalformedSource,
    checked_version,
    normalized,
)
from weighbridge.packages.toml import Table, load_toml, table, text, texts

MAX_CONSTRAINT = 1_000
_CLAUSE = re.compile(r"(\^|~=|~|===?|!=|<=|>=|<|>|=)?\s*([0-9][0-9A-Za-z.*+!-]*|\*)\Z")
_BLANK_IN_CLAUSE = re.compile(r"([\^~=!<>])\s+")


@dataclass(frozen=True, slots=True)
class Declared:
    """One dependency in Poetry's tables, as a table of its own or a text."""

    name: str
    specifier: str  # as written
    version: str  # empty unless one exact version
    marker: str
    extras: frozenset[str]
    optional: bool
    origin: str
    address: str  # empty unless it comes from one
    pinned: bool


@dataclass(frozen=True, slots=True)
class Project:
    """What a project asks for by name, with the extras of each."""

    extras: Mapping[str, frozenset[str]]


def read_project(path: str, data: bytes) -> Project | None:
    """What a ``pyproject.toml`` names: in its main dependencies and its groups.

    None where it cannot be read: the lock file beside it is then read without it.
    """
    from packaging.requirements import InvalidRequirement, Requirement

    found: dict[str, frozenset[str]] = {}
    try:
        body = load_toml(path, data)
        project = table(body.get("project", {}), path)
        groups = table(body.get("dependency-groups", {}), path).values()
        for items in (project.get("dependencies"), *groups):
            for item in items if isinstance(items, list) else ():
                if not isinstance(item, str) or len(item) > MAX_CONSTRAINT:
                    continue
                requirement = Requirement(item)
                name = normalized(requirement.name, source=path)
                found[name] = found.get(name, frozenset()) | requirement.extras
        for declared in poetry_dependencies(body, path, every_group=True):
            found[declared.name] = found.get(declared.name, frozenset()) | declared.extras
        return Project(
            {
                name: frozenset(normalized(extra, source=path) for extra in extras)
                for name, extras in found.items()
            }
        )
    except (HostileInput, InvalidRequirement, RecursionError):
        return None


def poetry_dependencies(body: Table, path: str, *, every_group: bool) -> Iterator[Declared]:
    """The dependencies under ``tool.poetry``, of the main group or of every group.

    Raises:
        MalformedSource: a table is none, or a name is no name.
    """
    tools = table(body.get("tool", {}), f"tool of {path}")
    poetry = table(tools.get("poetry", {}), f"tool.poetry of {path}")
    places = [poetry.get("dependencies", {})]
    if every_group:
        places.append(poetry.get("dev-dependencies", {}))
        groups = table(poetry.get("group", {}), f"tool.poetry.group of {path}")
        places += [table(group, path).get("dependencies", {}) for group in groups.values()]
    for place in places:
        for name, value in table(place, f"tool.poetry of {path}").items():
            if name.lower() == "python":
                continue
            where = f"{name[:80]!r} in {path}"
            for item in value if isinstance(value, list) else [value]:
                yield _declared(normalized(name, source=path), item, where)


def _declared(name: str, value: Any, where: str) -> Declared:
    item = {"version": text(value, where)} if not isinstance(value, dict) else value
    written = text(item.get("version"), where)
    place = next((key for key in ("git", "url", "path", "file") if key in item), "")
    address = text(item.get(place), where) if place else ""
    origin = {"git": "vcs", "url": "url", "path": "path", "file": "path"}.get(place, "index")
    if origin == "path" and (item.get("develop") is True):
        origin = "editable"
    marker = text(item.get("markers"), where)
    python = text(item.get("python"), where)
    if python and python_specifier(python):
        wanted = _python_marker(python_specifier(python))
        marker = f"({marker}) and ({wanted})" if marker else wanted
    commit = text(item.get("rev"), where)
    version = "" if place else exact(written)
    shown = f"@ {without_secrets(address)}" if place else written
    return Declared(
        name,
        visible(shown, MAX_VERSION),
        version,
        marker,
        frozenset(texts(item.get("extras"), where)),
        item.get("optional") is True,
        origin,
        address,
        bool(version) or (place == "git" and names_a_commit(f"@{commit}")),
    )


def exact(constraint: str) -> str:
    """The one version that a Poetry constraint allows, empty where it leaves a choice."""
    match = _CLAUSE.match(constraint.strip()) if len(constraint) <= MAX_CONSTRAINT else None
    if match is None or match.group(1) not in (None, "=", "==", "===") or "*" in match.group(2):
        return ""
    try:
        return checked_version(match.group(2), source="a constraint")
    except MalformedSource:
        return ""


def python_specifier(constraint: str) -> str:
    """A Poetry constraint as PEP 440 clauses; of alternatives (``||``) the last, the newest.

    What is no such constraint is returned as it is.
    """
    if len(constraint) > MAX_CONSTRAINT:
        return constraint
    last = re.split(r"\|\|?", constraint)[-1].strip()
    clauses = []
    for clause in re.split(r"[,\s]+", _BLANK_IN_CLAUSE.sub(r"\1", last)):
        match = _CLAUSE.match(clause)
        if match is None:
            return constraint
        operator, version = match.group(1) or "==", match.group(2)
        if version == "*":
            continue
        clauses.append(_pep440(operator, version))
    return ",".join(clauses)


def _pep440(operator: str, version: str) -> str:
    """One clause: ``^`` keeps the first part that is not zero, ``~`` the second part."""
    if operator in ("=", "=="):
        return f"=={version}"
    if operator not in ("^", "~"):
        return f"{operator}{version}"
    parts = [int(p) for p in re.findall(r"\d{1,6}", version.partition("+")[0])[:4]]
    keep = min(2, len(parts)) - 1
    if operator == "^":
        keep = next((i for i, part in enumerate(parts) if part), len(parts) - 1)
    upper = [*parts[:keep], parts[keep] + 1]
    return f">={version},<{'.'.join(map(str, upper))}"


def _python_marker(specifier: str) -> str:
    clauses = re.findall(r"(===|~=|==|!=|<=|>=|<|>)([^,]+)", specifier)
    return " and ".join(f'python_full_version {op} "{version}"' for op, version in clauses)
