"""Where the policies and clauses that come with the package lie."""

from __future__ import annotations

import re
from pathlib import Path

from weighbridge.model.errors import ConfigurationError
from weighbridge.policy.suggest import did_you_mean

_FRAMEWORK = re.compile(r"^framework:[ \t]*[\"']?([A-Za-z0-9][A-Za-z0-9._-]*)", re.MULTILINE)
_HEAD_BYTES = 4096


def shipped_root() -> Path:
    """The folder of the shipped policies: inside the package in a wheel, else in the checkout.

    Raises:
        ConfigurationError: the installation lacks it.
    """
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "policies", package.parents[1] / "policies"):
        if folder.is_dir():
            return folder
    raise ConfigurationError(
        "the shipped policies are not installed", remedy="Install weighbridge again."
    )


def shipped_names() -> tuple[str, ...]:
    """The names under which shipped policies can be asked for, sorted."""
    return tuple(sorted(path.stem for path in shipped_root().glob("*.yaml")))


def shipped_policy(name: str) -> Path:
    """The file of a shipped policy.

    Raises:
        ConfigurationError: there is none of that name.
    """
    known = shipped_names()
    if name not in known:
        raise ConfigurationError(
            f"there is no shipped policy {name!r}",
            remedy=f"{did_you_mean(name, known)} A file is named by a path: ./{name}.yaml.",
        )
    return shipped_root() / f"{name}.yaml"


def clause_files() -> tuple[Path, ...]:
    """The shipped clause files, by name."""
    return tuple(sorted((shipped_root() / "clauses").glob("*.yaml")))


def shipped_frameworks() -> tuple[str, ...]:
    """The ids of the frameworks that the shipped clauses come from, without parsing the files."""
    found = set()
    for path in clause_files():
        with path.open(encoding="utf-8") as stream:
            match = _FRAMEWORK.search(stream.read(_HEAD_BYTES))
        if match:
            found.add(match.group(1))
    return tuple(sorted(found))
