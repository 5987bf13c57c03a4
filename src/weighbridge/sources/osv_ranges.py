"""Whether an advisory in OSV form affects a version: the schema's own evaluation algorithm.

Source: OSV schema 1.7, "Evaluation": a version is affected if it is listed in ``versions``, or if
the events of a range, sorted, leave it affected. Versions are those of PEP 440.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from weighbridge.edge.text import visible
from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.sources.osv import ECOSYSTEM, PackageVersion

if TYPE_CHECKING:
    from packaging.version import Version

MAX_ENTRIES = 20_000  # affected entries, ranges, events or versions of one advisory


def affects(body: Mapping[str, Any], package: PackageVersion) -> bool:
    """Whether an advisory is about this version of this package, withdrawn or not.

    Raises:
        HostileInput: it names the package, and which versions are meant cannot be told.
    """
    from packaging.version import Version

    where = f"advisory {visible(str(body.get('id')), 80)}"
    version = Version(package.version)
    return any(
        _in_entry(entry, version, where)
        for entry in _list(body.get("affected"), where, "what it affects")
        if _names(entry, package.name, where)
    )


def _names(entry: Any, name: str, where: str) -> bool:
    from packaging.utils import canonicalize_name

    if not isinstance(entry, Mapping):
        raise HostileInput(f"{where} affects something that is no object")
    package = entry.get("package")
    if package is None:
        return False
    if not isinstance(package, Mapping):
        raise HostileInput(f"{where} names a package that is no object")
    ecosystem, named = package.get("ecosystem", ""), package.get("name", "")
    if not isinstance(ecosystem, str) or not isinstance(named, str):
        raise HostileInput(f"{where} names a package in another form")
    # "PyPI:suffix" is a part of the same ecosystem
    return ecosystem.partition(":")[0] == ECOSYSTEM and canonicalize_name(named) == name


def _in_entry(entry: Mapping[str, Any], version: Version, where: str) -> bool:
    listed = _list(entry.get("versions", []), where, "its versions")
    ranges = _list(entry.get("ranges", []), where, "its ranges")
    if any(_same(text, version) for text in listed):
        return True
    told = bool(listed)
    for item in ranges:
        kind = item.get("type") if isinstance(item, Mapping) else None
        if not isinstance(kind, str):
            raise HostileInput(f"{where} has a range of another form")
        if kind in ("ECOSYSTEM", "SEMVER"):
            told = True
            if _in_range(_list(item.get("events"), where, "a range's events"), version, where):
                return True
    if not told:
        raise HostileInput(f"{where} does not say which versions it affects")
    return False


def _same(text: Any, version: Version) -> bool:
    from packaging.version import InvalidVersion, Version

    try:
        return isinstance(text, str) and Version(text) == version
    except InvalidVersion:
        return False  # "2004d" and the like: no version that could be asked for equals it


def _in_range(events: Sequence[Any], version: Version, where: str) -> bool:
    """The events in the order of their versions; of equal ones, in the order they are written."""
    if not all(isinstance(event, Mapping) for event in events):
        raise HostileInput(f"{where} has an event that is no object")
    found = [
        (_bound(event[kind], kind, where), kind)
        for event in events
        for kind in ("introduced", "fixed", "last_affected", "limit")
        if kind in event
    ]
    found.sort(key=lambda pair: (False,) if pair[0] is None else (True, pair[0]))
    limits = [bound for bound, kind in found if kind == "limit"]
    if limits and not any(bound is None or version < bound for bound in limits):
        return False
    affected = False
    for bound, kind in found:
        if kind == "introduced" and (bound is None or version >= bound):
            affected = True
        elif bound is not None and (
            (kind == "fixed" and version >= bound) or (kind == "last_affected" and version > bound)
        ):
            affected = False
    return affected


def _bound(text: Any, kind: str, where: str) -> Version | None:
    """A version; None for ``introduced: "0"`` (before all) and ``limit: "*"`` (no limit)."""
    from packaging.version import InvalidVersion, Version

    if (kind, text) in (("introduced", "0"), ("limit", "*")):
        return None
    try:
        return Version(text)
    except (InvalidVersion, TypeError) as error:
        raise HostileInput(
            f"{where} has an event at {visible(str(text), 60)!r}, which is no version"
        ) from error


def _list(value: Any, where: str, what: str) -> Sequence[Any]:
    if not isinstance(value, list | tuple):
        raise HostileInput(f"{where} does not list {what}")
    if len(value) > MAX_ENTRIES:
        raise BoundExceeded(f"{where}, in {what},", MAX_ENTRIES, "entries")
    return value
