"""What both rules on advisories say alike: how much was looked at, and what was not asked."""

from __future__ import annotations

from collections.abc import Iterator

from weighbridge.model.affected import is_beyond, looked_up
from weighbridge.model.evidence import Evidence, EvidenceState
from weighbridge.model.finding import Finding, Outcome

_NAMED = 5
_SERVICE = ("osv", "package-index", "http://", "https://")  # how a service's name begins
_DATABASE = "osv-database"
_OVERLAY = "model-advisories"


def looked_at(everything: tuple[Evidence, ...]) -> str:
    """How many packages and models some source has answered for."""
    answered = [thing for thing in looked_up(everything) if not thing.reasons]
    packages = sum(thing.kind == "package" for thing in answered)
    models = sum(thing.kind in ("model", "base-model") for thing in answered)
    more = f"; models compared with advisories: {models}" if models else ""
    return f"Packages asked for: {packages}{more}"


def unasked(everything: tuple[Evidence, ...]) -> Iterator[Finding]:
    """One finding a reason: offline, hundreds of packages share one.

    Both rules say it in the same words, so that a view can say it once for both.
    """
    by_reason: dict[tuple[str, bool], list[Evidence]] = {}
    for evidence in everything:
        if evidence.state in (EvidenceState.UNAVAILABLE, EvidenceState.UNSUPPORTED):
            by_reason.setdefault((evidence.reason, is_beyond(evidence)), []).append(evidence)
    for (reason, beyond), alike in sorted(by_reason.items()):
        names = sorted(evidence.about or "all packages" for evidence in alike)
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        about = ", ".join(names[:_NAMED]) + more
        yield Finding(
            Outcome.MANUAL if beyond else Outcome.UNKNOWN,
            f"The advisories on {about} are not known: {reason}.",
            _remedy(alike[0]),
            key=f"unasked:{reason}",
            evidence=tuple(sorted(evidence.digest for evidence in alike)),
        )


def _remedy(evidence: Evidence) -> str:
    """What to do about a package that nobody was asked about, by why that is so."""
    if evidence.reason.startswith("offline"):
        return "Audit again without --offline, or name a local database with --osv-database DIR."
    if "does not know this package" in evidence.reason:
        return "Ask who publishes it for its advisories; accept a package of your own by a waiver."
    if is_beyond(evidence):
        return "Look the library up where its distribution keeps its advisories."
    if evidence.source.startswith(_DATABASE):
        return "Fetch a newer, whole copy of the database, or leave out --osv-database."
    if evidence.source.startswith(_OVERLAY):
        return "Repair the advisory, or audit the model under its Hub id."
    if evidence.source.startswith(_SERVICE):
        return "Audit again when the advisory service answers, or name another with --osv-url URL."
    return "Record each package by name and exact version, then audit again."
