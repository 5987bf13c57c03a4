"""Evaluating environment markers (PEP 508) in a declared environment, never in this machine's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from weighbridge.edge.text import visible
from weighbridge.packages.addresses import masked
from weighbridge.packages.source import LINUX_311, Issue, python_environment

if TYPE_CHECKING:
    from packaging.markers import Marker
    from packaging.requirements import Requirement

MAX_MARKER = 64 * 1024
_MAX_SPECIFIER = 1_000
# The project's declared version first; where it excludes that one, the next it allows.
_MINORS = (11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 10, 9, 8, 7, 6)


class MarkerUndecided(Exception):
    """A marker that cannot be evaluated. Never leaves this room: the package is then listed."""


def holds(
    marker: Marker | str | None, environment: Mapping[str, str], extras: Iterable[str] = ()
) -> bool:
    """Whether a marker holds, in the base or with any of the extras.

    Raises:
        MarkerUndecided: it cannot be told.
    """
    if marker is None or marker == "":
        return True
    return any(
        evaluated(marker, {**environment, "extra": extra}) for extra in ("", *sorted(extras))
    )


def evaluated(marker: Marker | str, environment: Mapping[str, str]) -> bool:
    """Whether a marker holds in an environment that names its extra.

    Raises:
        MarkerUndecided: it cannot be told.
    """
    from packaging.markers import InvalidMarker, UndefinedComparison, UndefinedEnvironmentName
    from packaging.markers import Marker as MarkerType
    from packaging.version import InvalidVersion

    if isinstance(marker, str) and len(marker) > MAX_MARKER:
        raise MarkerUndecided(f"a marker has {len(marker)} characters")
    try:
        parsed = MarkerType(marker) if isinstance(marker, str) else marker
        return parsed.evaluate({**environment})
    except (
        InvalidMarker,
        UndefinedComparison,
        UndefinedEnvironmentName,
        InvalidVersion,
        RecursionError,
    ) as error:
        raise MarkerUndecided(str(error)[:200]) from error


class Markers:
    """The markers of one source in one environment; each is evaluated once, and doubts are kept.

    A marker that cannot be evaluated holds, with an issue: the package is listed.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        self.issues: list[Issue] = []
        self._known: dict[tuple[str, str], bool] = {}

    def hold(self, marker: str, name: str, extra: str = "") -> bool:
        """Whether a marker holds when exactly this extra is asked for (none where it is empty)."""
        if not marker:
            return True
        key = (marker, extra)
        if key not in self._known:
            try:
                self._known[key] = evaluated(marker, {**self.environment, "extra": extra})
            except MarkerUndecided as error:
                self._known[key] = True
                self.issues.append(Issue("marker", 0, visible(f"{name}: {error}", 200)))
        return self._known[key]


def environment_for(requires_python: str, where: str) -> tuple[Mapping[str, str], list[Issue]]:
    """The environment a source is read in: Linux with CPython 3.11, or with the version it allows.

    A lock file for newer versions alone has its markers cut down to these; they mean nothing on
    3.11. What cannot be read or allows no known version is told, and 3.11 is taken.
    """
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    if not requires_python:
        return LINUX_311, []
    try:
        if len(requires_python) > _MAX_SPECIFIER:
            raise InvalidSpecifier("it is too long")
        wanted = SpecifierSet(requires_python)
        for minor in _MINORS:
            named = {0, *map(int, re.findall(rf"3\.{minor}\.(\d{{1,3}})(?!\d)", requires_python))}
            for micro in sorted({*named, *(number + 1 for number in named)}):
                if wanted.contains(f"3.{minor}.{micro}", prereleases=True):
                    return python_environment(minor, micro), []
        problem = "allows no Python version from 3.6 to 3.20"
    except (InvalidSpecifier, ValueError):
        problem = "cannot be read"
    shown = masked(requires_python[:2_000])[:60]  # masked first: a cut password is one too
    detail = f"the Python requirement {shown!r} of {where} {problem}; 3.11 is taken"
    return LINUX_311, [Issue("marker", 0, visible(detail, 200))]


def exact_version(requirement: Requirement) -> str:
    """The one version that a requirement allows, empty where it leaves a choice.

    ``==`` without a wildcard and ``===`` are exact; two different exact versions are none.
    """
    exact = {
        clause.version.strip()
        for clause in requirement.specifier
        if clause.operator in ("==", "===") and not clause.version.strip().endswith(".*")
    }
    return next(iter(exact)) if len(exact) == 1 else ""
