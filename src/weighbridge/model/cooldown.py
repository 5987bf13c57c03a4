"""Whether a release is too young to be taken: most takeovers are found within hours or a few days.

Recorded exposures of hijacked releases lie between 42 minutes and some days (litellm 2 h 32 min,
telnyx 3 h 42 min, axios about 3 h, ua-parser-js about 4 h). A release that fixes a known weakness
of the one in use before it is named and let through: waiting would keep the weakness.
"""

from __future__ import annotations

import datetime as dt
import enum
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from weighbridge.model.affected import Affected
from weighbridge.model.facts.project import ProjectFacts
from weighbridge.model.hijack.view import moment

HOURS = 72
_ZEROS = re.compile(r"(?:\.0)+\Z")  # 2.0 and 2 are one version (PEP 440)


class Age(enum.StrEnum):
    """What is known of a release's age."""

    OLD_ENOUGH = "old-enough"
    YOUNG = "young"
    FIX = "security-fix"  # young, and it fixes a weakness of the release before it
    UNKNOWN = "unknown"  # nobody tells when it was uploaded, or the time cannot be believed


@dataclass(frozen=True, slots=True)
class Aged:
    """One release in use. ``hours`` since its upload, -1 where unknown; ``fixes`` are ids."""

    about: str
    release: str
    age: Age
    hours: int
    fixes: tuple[str, ...] = ()


def aged(
    about: str,
    project: ProjectFacts,
    now: dt.datetime,
    hours: int,
    fixes: Sequence[str] = (),
) -> Aged | None:
    """How old the release in use is; None where the subject names none.

    Args:
        about: the project.
        project: what is known of it.
        now: the time to judge at.
        hours: how old a release must be.
        fixes: weaknesses of the release before it that it fixes.
    """
    used = project["release"]
    if not used:
        return None
    release = next((r for r in project["releases"] or () if r["version"] == used), None)
    uploaded = moment(release["uploaded"]) if release is not None else None
    if uploaded is None:
        return Aged(about, used, Age.UNKNOWN, -1)
    passed = (now - uploaded).total_seconds() / 3600
    # a mirror copies a release after it was uploaded: its time is never too early
    if passed >= hours:
        return Aged(about, used, Age.OLD_ENOUGH, int(passed))
    if project["order"] == "mirror":
        return Aged(about, used, Age.UNKNOWN, -1)
    if fixes:
        return Aged(about, used, Age.FIX, int(passed), tuple(fixes))
    return Aged(about, used, Age.YOUNG, int(passed))


def fixed(
    name: str,
    release: str,
    before: Iterable[Affected],
    now: Collection[str],
) -> tuple[str, ...]:
    """Ids of weaknesses that an earlier version of a package had and this one is said to fix.

    Args:
        name: the package's normalized name.
        release: its version now.
        before: what is known against the versions that were in use.
        now: ids and aliases of what is known against this version.
    """
    ids = {
        one.id
        for one in before
        if one.kind == "package"
        and one.package == name
        and not one.malicious
        and not {one.id, *one.aliases}.intersection(now)
        and any(_reaches(release, first) for first in one.fixed_versions)
    }
    return tuple(sorted(ids))


def _reaches(release: str, first: str) -> bool:
    """Whether a version is the one that fixes it: a later one may bring in anything else too."""
    return _ZEROS.sub("", release) == _ZEROS.sub("", first)
