"""Evaluating environment markers (PEP 508) in a declared environment, never in this machine's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from packaging.markers import Marker
    from packaging.requirements import Requirement


class MarkerUndecided(Exception):
    """A marker that cannot be evaluated. Never leaves this room: the package is then listed."""


def holds(
    marker: Marker | str | None, environment: Mapping[str, str], extras: Iterable[str] = ()
) -> bool:
    """Whether a marker holds, in the base or with any of the extras.

    Raises:
        MarkerUndecided: it cannot be told.
    """
    from packaging.markers import InvalidMarker, UndefinedComparison, UndefinedEnvironmentName
    from packaging.markers import Marker as MarkerType
    from packaging.version import InvalidVersion

    if marker is None or marker == "":
        return True
    try:
        parsed = MarkerType(marker) if isinstance(marker, str) else marker
        return any(
            parsed.evaluate({**environment, "extra": extra}) for extra in ("", *sorted(extras))
        )
    except (
        InvalidMarker,
        UndefinedComparison,
        UndefinedEnvironmentName,
        InvalidVersion,
        RecursionError,
    ) as error:
        raise MarkerUndecided(str(error)[:200]) from error


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
