"""Advisories for packages of other ecosystems than PyPI, in OSV form as a service gave them.

pip-audit reads none of them. The service has compared the versions; what is left is to read which
ones repair it. Of what does not hold together nothing is left out: the package is not assessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from weighbridge.edge.text import visible
from weighbridge.model.errors import HostileInput
from weighbridge.sources.advisory import Advisory, advisory_without_versions
from weighbridge.sources.osv import PackageVersion
from weighbridge.sources.purls import ECOSYSTEMS

_MAX_FIXED = 50
_MAX_EVENTS = 20_000


def read_other(
    package: PackageVersion, bodies: Sequence[Mapping[str, Any]]
) -> tuple[tuple[Advisory, ...], tuple[str, ...]]:
    """The advisories on a package that is asked for by purl, and the ids of the withdrawn.

    Raises:
        HostileInput: one of them cannot be read. None is left out.
    """
    found = [_advisory(package, body) for body in bodies if body.get("withdrawn") is None]
    withdrawn = sorted(str(body["id"]) for body in bodies if body.get("withdrawn") is not None)
    return tuple(sorted(found, key=lambda one: one.id)), tuple(withdrawn)


def _advisory(package: PackageVersion, body: Mapping[str, Any]) -> Advisory:
    where = f"advisory {visible(str(body.get('id')), 80)}"
    if str(body.get("schema_version", "1.0.0")).split(".")[0] != "1":
        raise HostileInput(f"{where} has a schema version that is not understood")
    aliases = body.get("aliases", [])
    if not isinstance(aliases, list) or not all(isinstance(alias, str) for alias in aliases):
        raise HostileInput(f"{where} has aliases that are not a list of ids")
    try:
        fixed = list(dict.fromkeys(_fixed(package, body)))
    except (AttributeError, KeyError, TypeError) as error:
        raise HostileInput(f"{where} has ranges of another shape") from error
    shown = [visible(alias, 100) for alias in aliases]
    return advisory_without_versions(body, shown, [visible(v, 100) for v in fixed[:_MAX_FIXED]])


def _fixed(package: PackageVersion, body: Mapping[str, Any]) -> Iterator[str]:
    """The versions that repair it, in the order of the advisory."""
    count = 0
    for entry in body["affected"]:
        if not _names(package, entry.get("package") or {}):
            continue
        for item in entry.get("ranges", []):
            for event in item["events"] if item["type"] in ("ECOSYSTEM", "SEMVER") else ():
                count += 1
                if count > _MAX_EVENTS:
                    raise HostileInput(f"an advisory has more than {_MAX_EVENTS} events")
                if isinstance(event.get("fixed"), str):
                    yield event["fixed"]


def _names(package: PackageVersion, named: Mapping[str, Any]) -> bool:
    kind = package.purl.removeprefix("pkg:").partition("/")[0]
    ecosystem = str(named.get("ecosystem", "")).partition(":")[0]
    same_name = str(named.get("name", "")).lower() == package.name.lower()
    return ecosystem == ECOSYSTEMS.get(kind) and same_name
