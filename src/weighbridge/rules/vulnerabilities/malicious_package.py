"""No package is an attack itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.vulnerability import VulnerabilityFacts
from weighbridge.model.finding import (
    Conclusion,
    Finding,
    Location,
    Outcome,
    Severity,
    conclude,
    not_applicable,
)
from weighbridge.model.rule import Case, RuleMeta
from weighbridge.rules.vulnerabilities._shared import places, unasked

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
    """One finding for each malicious package; one for each reason that left packages unasked."""
    everything = case.of(EvidenceKind.VULNERABILITY)
    digests = [evidence.digest for evidence in everything]
    if not everything:
        return conclude([_not_collected()], digests)
    if all(e.state is EvidenceState.ABSENT for e in everything):
        return not_applicable("No packages are recorded, see unrecorded-dependencies.", digests)
    answered = case.observed(EvidenceKind.VULNERABILITY)
    where = places(case)
    findings = [finding for evidence in answered for finding in _findings(evidence, where)]
    findings += unasked(everything)
    return conclude(findings, digests, note=f"Packages asked for: {len(answered)}.")


def _findings(evidence: Evidence, where: dict[tuple[str, str], Location]) -> Iterator[Finding]:
    facts = cast(VulnerabilityFacts, evidence.data)
    for advisory in facts["advisories"]:
        if advisory["malicious"]:
            yield Finding(
                Outcome.FAIL,
                f"{evidence.about} is malicious according to {advisory['id']}"
                f"{': ' + advisory['summary'] if advisory['summary'] else ''}.",
                f"Remove {facts['package']} and treat what it could reach as taken over.",
                where.get((facts["package"], facts["version"])),
                key=f"{evidence.about} {advisory['id']}",
                severity=Severity.CRITICAL,
                evidence=(evidence.digest,),
            )


def _not_collected() -> Finding:
    return Finding(
        Outcome.UNKNOWN,
        "No evidence about advisories was collected, so nothing can be said about malice.",
        "Run the audit again and look at the collectors that broke.",
        key="not-collected",
    )
