"""What both rules on advisories say alike: where a package is named, what was not asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.packages import PackagesFacts
from weighbridge.model.finding import Finding, Location, Outcome
from weighbridge.model.rule import Case

_NAMED = 5


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


def unasked(everything: tuple[Evidence, ...], sentence: str) -> Iterator[Finding]:
    """One finding a reason: offline, hundreds of packages share one.

    Args:
        everything: all evidence about advisories.
        sentence: what is not known, with ``{}`` where the packages are named.
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
            f"{sentence.replace('{}', about)} ({len(alike)} not asked): {reason}.",
            "Record exact versions and run the audit where the advisory service can be reached.",
            key=f"unasked:{reason}",
            evidence=tuple(sorted(evidence.digest for evidence in alike)),
        )
