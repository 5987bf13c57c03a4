"""Licenses that ask for the same license, and which others they accept in its place.

Sources: GPL-3.0 section 13 (with AGPL-3.0), LGPL-3.0 (the GPL with permissions added) and LGPL-2.1
section 3 (may be had under the GPL), "or later" in an id, Creative Commons' later versions and its
one-way compatibility of BY-SA 4.0 with GPL-3.0, MPL-2.0's secondary licenses (sections 1.12, 3.3),
EUPL-1.2's appendix as far as these ids go.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from weighbridge.model.licensing.terms import Mode, Scope, Terms

_VERSIONED = re.compile(r"(?P<name>[A-Za-z-]+?)-(?P<version>\d+(\.\d+)*)(?P<later>-or-later|\+)?$")
_LATER = ("CC-BY-SA", "CC-BY-NC-SA", "EUPL", "OSL", "CDLA-Sharing")
# name of the license -> names that may take its place, and the lowest version of each
_TAKEN_BY = {
    ("GPL", "3.0"): (("AGPL", "3.0"),),
    ("LGPL", "2.1"): (("GPL", "2.0"), ("AGPL", "3.0")),
    ("LGPL", "3.0"): (("GPL", "3.0"), ("AGPL", "3.0")),
    ("MPL", "2.0"): (("GPL", "2.0"), ("LGPL", "2.1"), ("AGPL", "3.0")),
    ("EUPL", "1.2"): (("GPL", "2.0"), ("AGPL", "3.0")),
    ("CC-BY-SA", "4.0"): (("GPL", "3.0"), ("AGPL", "3.0")),
}
# They ask for the same license for their own files or for the library, not for what stands beside.
_WEAK = ("LGPL", "MPL", "EPL", "CDDL", "CPL", "MS-PL", "ECL", "Artistic", "LPPL", "EUPL", "OFL")


def same_license(terms: Terms, ids: Iterable[str]) -> bool:
    """Whether one of some license ids is the license itself or one that it accepts."""
    own = (terms.id, *terms.also)
    return any(other in own or _accepts(mine, other) for other in ids for mine in own)


def copyleft(terms: Terms) -> bool:
    """Whether a larger work that takes the code in must stand under the same license as a whole."""
    scope = terms.reach(Scope.MODIFIED)
    asks = scope is not None and scope.mode is Mode.SAME_LICENSE
    return asks and terms.kind == "software" and not terms.id.startswith(_WEAK)


def network_copyleft(terms: Terms) -> bool:
    """Whether use over a network already asks for it."""
    scope = terms.reach(Scope.HOSTED)
    return copyleft(terms) and scope is not None and scope.mode is Mode.SAME_LICENSE


def _accepts(mine: str, other: str) -> bool:
    one, two = _parts(mine), _parts(other)
    if one is None or two is None:
        return False
    (name, version, later), (other_name, other_version, _) = one, two
    if name == other_name:
        newer = _number(other_version) > _number(version)
        return version == other_version or (newer and (later or name in _LATER))
    taken = _TAKEN_BY.get((name, version), ())
    if later and name == "GPL":
        taken = (*taken, ("AGPL", "3.0"))
    return any(
        other_name == allowed and _number(other_version) >= _number(lowest)
        for allowed, lowest in taken
    )


def _parts(license_id: str) -> tuple[str, str, bool] | None:
    found = _VERSIONED.match(license_id.removesuffix("-only"))
    return (found["name"], found["version"], bool(found["later"])) if found else None


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part[:9]) for part in version.split("."))
