"""What both rules on advisories say alike: where a package is named, what was not asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.packages import PackagesFacts
from weighbridge.model.finding import Finding, Location, Outcome
from weighbridge.model.rule import Case

_NAMED = 5
_SERVICE = ("osv", "http://", "https://")  # how the source of a service's answer begins


def places(case: Case) -> dict[tuple[str, str], Location]:
    """Where each name and version stands first, inside the subject."""
    found: dict[tuple[str, str], Location] = {}
    for source in case.observed(EvidenceKind.PACKAGES):
        if source.about.startswith("environment:"):
            continue
        for package in cast(PackagesFacts, source.data)["packages"]:
            place = Location(source.about, package["line"])
            found.setdefault((package["name"], package["version"]), place)
    return found


def unasked(everything: tuple[Evidence, ...]) -> Iterator[Finding]:
    """One finding a reason: offline, hundreds of packages share one.

    Both rules say it in the same words, so that a view can say it once for both.
    """
    by_reason: dict[str, list[Evidence]] = {}
    for evidence in everything:
        if evidence.state in (EvidenceState.UNAVAILABLE, EvidenceState.UNSUPPORTED):
            by_reason.setdefault(evidence.reason, []).append(evidence)
    for reason, alike in sorted(by_reason.items()):
        names = sorted(evidence.about or "all packages" for evidence in alike)
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        about = ", ".join(names[:_NAMED]) + more
        yield Finding(
            Outcome.UNKNOWN,
            f"The advisories on {about} are not known: {reason}.",
            _remedy(alike[0]),
            key=f"unasked:{reason}",
            evidence=tuple(sorted(evidence.digest for evidence in alike)),
        )


def _remedy(evidence: Evidence) -> str:
    """What to do about a package that nobody was asked about, by why that is so."""
    if evidence.reason.startswith("offline"):
        return "Audit again without --offline."
    if evidence.source.startswith(_SERVICE):
        return "Audit again when the advisory service answers, or name another with --osv-url URL."
    return "Record each package by name and exact version, then audit again."
