"""No package is an attack itself."""

from __future__ import annotations

from weighbridge.model.affected import Affected, affected
from weighbridge.model.evidence import EvidenceKind, EvidenceState
from weighbridge.model.finding import (
    Conclusion,
    Finding,
    Outcome,
    Severity,
    conclude,
    not_applicable,
    not_collected,
)
from weighbridge.model.rule import Case, RuleMeta
from weighbridge.rules.vulnerabilities._shared import looked_at, unasked

META = RuleMeta(
    id="malicious-package",
    family="vulnerabilities",
    since="0.1",
    severity=Severity.CRITICAL,
    summary="no recorded package version is listed as malicious (an advisory MAL-…)",
    why=(
        "Some releases are no mistake but an attack: a name that looks like another, or a real "
        "project that was taken over for a few hours. They steal keys while they are installed or "
        "imported, so the harm is done before any model is loaded. Such a finding is never a "
        "matter of severity."
    ),
    remedy=(
        "Remove the package at once, treat every machine and secret it could reach as taken over, "
        "and find out how it came into the list."
    ),
    example="`tourch==2.1.0` is malicious according to MAL-0000-1: a name made to be mistyped.",
    needs=(EvidenceKind.VULNERABILITY, EvidenceKind.PACKAGES),
    references=("https://github.com/ossf/malicious-packages",),
    network=True,
)


def check(case: Case) -> Conclusion:
    """One finding for each malicious package; one for each reason not to know."""
    everything = case.of(EvidenceKind.VULNERABILITY)
    digests = [evidence.digest for evidence in everything]
    if not everything:
        return conclude([not_collected("advisories", "malice")], digests)
    if all(e.state is EvidenceState.ABSENT for e in everything):
        return not_applicable("No packages are recorded, see unrecorded-dependencies.", digests)
    findings = [_finding(one) for one in affected(case.evidence) if one.malicious]
    findings += unasked(everything)
    return conclude(findings, digests, note=f"{looked_at(everything)}.")


def _finding(one: Affected) -> Finding:
    package = one.about.rpartition(" in ")[2] if one.kind == "embedded" else one.package
    remedy = (
        f"Remove {package} and treat what it could reach as taken over."
        if one.kind in ("package", "embedded")
        else "Load it nowhere, and treat every machine that did as taken over."
    )
    return Finding(
        Outcome.FAIL,
        f"{one.named} is malicious according to {one.id}"
        f"{': ' + one.summary.rstrip('.') if one.summary else ''}"
        f"{' (it comes in by ' + one.way + ')' if one.way else ''}.",
        remedy,
        one.location,
        key=f"{one.about} {one.id}",
        severity=Severity.CRITICAL,
        evidence=one.evidence,
    )
