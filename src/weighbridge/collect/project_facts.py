"""The facts of a project and its releases, before anybody was asked: everything untold."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from weighbridge.collect.project_wanted import Wanted
from weighbridge.model.facts.project import MAX_RELEASES, ProjectFacts, ReleaseFacts

# Where times are those at which a mirror copied the files, 33 to 57 % of neighbors stood in the
# wrong order (7 packages); an index's own are wrong once a line that is still kept.
MIRROR_SHARE = 0.25
MIN_PAIRS = 5
MAX_CLOSELY = 8  # releases of a project about which single questions are asked


def untold(wanted: Wanted) -> ProjectFacts:
    """A project of which nothing is known but its name."""
    return {
        "system": wanted.system,
        "name": wanted.name,
        "release": wanted.release,
        "identity": "",
        "created": "",
        "status": "",
        "status_reason": "",
        "owner": "",
        "owner_id": "",
        "owner_created": "",
        "owners": None,
        "domains": None,
        "repository": None,
        "releases": None,
        "order": "unknown",
        "dependencies": None,
        "scorecard": None,
        "malicious": None,
        "resembles": None,
        "asked": [],
    }


def release(version: str, *, final: bool = True) -> ReleaseFacts:
    """A release of which nothing is known but its version."""
    return {
        "version": version,
        "uploaded": "",
        "final": final,
        "yanked": None,
        "publisher": None,
        "attested": None,
        "tag": None,
        "commit": "",
        "signed_by": None,
        "signing_key": "",
        "requires": None,
        "hooks": None,
        "size": None,
        "binaries": None,
        "differs": None,
        "patterns": None,
        "sha256": [],
    }


def version_key(version: str) -> tuple[int, Any, str]:
    """Sorts versions as PEP 440 does; what is none comes first."""
    from packaging.version import InvalidVersion, Version

    try:
        return 1, Version(version), ""
    except InvalidVersion:
        return 0, 0, version


def is_final(version: str) -> bool:
    """Whether a version is neither a pre-release nor one of development (PEP 440)."""
    kind, parsed, _ = version_key(version)
    return not (kind and parsed.is_prerelease)


def public(version: str) -> str:
    """A version as an index has it: normalized, without a local part such as ``+cu118``."""
    kind, parsed, _ = version_key(version)
    return str(parsed.public) if kind else version


def order_of(
    releases: Iterable[ReleaseFacts], *, owners_told: bool
) -> Literal["upload", "mirror", "unknown"]:
    """Whether the times of releases can be believed: by how often they contradict the versions.

    Args:
        releases: in any order.
        owners_told: whether the index told who owns the project, which mirrors do not pass on.
            Too few releases to test are believed of it alone.
    """
    dated = [one for one in releases if one["uploaded"] and one["final"]]
    if not dated:
        return "unknown"
    dated.sort(key=lambda one: version_key(one["version"]))
    pairs = list(itertools.pairwise(dated))
    wrong = sum(earlier["uploaded"] > later["uploaded"] for earlier, later in pairs)
    if len(pairs) < MIN_PAIRS:
        return "upload" if owners_told else "unknown"
    return "mirror" if wrong >= MIRROR_SHARE * len(pairs) else "upload"


def oldest_first(
    releases: Sequence[ReleaseFacts], order: Literal["upload", "mirror", "unknown"]
) -> list[ReleaseFacts]:
    """The last releases: by their time where it can be believed, by their version otherwise.

    A release without a time stands last: an index that lists it no more has it taken away.
    """
    if order == "upload":
        found = sorted(
            releases,
            key=lambda one: (not one["uploaded"], one["uploaded"], version_key(one["version"])),
        )
    else:
        found = sorted(releases, key=lambda one: version_key(one["version"]))
    return found[-MAX_RELEASES:]


def closely(
    releases: Sequence[ReleaseFacts], used: str, accepted: frozenset[str] | None
) -> tuple[str, ...]:
    """The versions to ask single questions about: of these a signal judges, or compares with.

    The one in use, the newest, those that were not accepted yet, the newest first; and the one
    before the one in use, where no accepted state tells what was usual.

    Args:
        releases: oldest first.
        used: the version in use, empty for none.
        accepted: versions of the accepted state, None without one.
    """
    versions = [one["version"] for one in releases]
    if not versions:
        return ()
    chosen = [used] if used in versions else []
    chosen.append(versions[-1])
    if accepted is not None:
        chosen += [version for version in reversed(versions) if version not in accepted]
    else:
        at = versions.index(used) if used in versions else len(versions) - 1
        before = [one["version"] for one in releases[:at] if one["final"] and not one["yanked"]]
        chosen += before[-1:]
    return tuple(dict.fromkeys(chosen))[:MAX_CLOSELY]
