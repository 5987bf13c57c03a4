"""Each package is named with one exact version."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.packages import PackageFact, PackagesFacts
from weighbridge.model.finding import (
    Conclusion,
    Finding,
    Location,
    Outcome,
    Severity,
    conclude,
    not_applicable,
    not_collected,
)
from weighbridge.model.rule import Case, Param, RuleMeta

META = RuleMeta(
    id="unpinned-dependency",
    family="sbom",
    since="0.1",
    severity=Severity.MEDIUM,
    summary="every Python package that the model asks for is named with one exact version",
    why=(
        "A range lets the package index decide, on the day of installation, which code runs "
        "beside the weights. What was audited is then not what runs: a release that is taken over "
        "tomorrow is installed without anyone changing a file, and no advisory can be looked up "
        "for a version that nobody knows. A branch or tag of a repository is as movable as a range."
    ),
    remedy=(
        "Name exact versions, best with a lock file: pip-compile, uv lock and poetry lock write "
        "one from the ranges you have."
    ),
    example="`requirements.txt:3` asks for `torch>=2.1`, which is not one version.",
    needs=(EvidenceKind.PACKAGES,),
    params=(
        Param(
            "allowed",
            (),
            "Normalized names of packages that may be named without an exact version.",
            stricter="fewer",
        ),
    ),
    references=(
        "https://packaging.python.org/en/latest/specifications/version-specifiers/",
        "https://slsa.dev/spec/v1.0/threats",
    ),
)


def check(case: Case) -> Conclusion:
    """One finding for each package without an exact version, one for each source not read whole."""
    everything = case.of(EvidenceKind.PACKAGES)
    digests = [evidence.digest for evidence in everything]
    if everything and all(e.state is EvidenceState.ABSENT for e in everything):
        return not_applicable("No packages are recorded, see unrecorded-dependencies.", digests)
    allowed = frozenset(case.texts("allowed"))
    findings = [finding for evidence in everything for finding in _findings(evidence, allowed)]
    if not everything:
        findings.append(not_collected("packages"))
    read = [cast(PackagesFacts, e.data) for e in case.observed(EvidenceKind.PACKAGES)]
    count = sum(len(facts["packages"]) for facts in read)
    return conclude(findings, digests, note=f"Packages looked at: {count}; sources: {len(read)}.")


def _findings(evidence: Evidence, allowed: frozenset[str]) -> Iterator[Finding]:
    if evidence.state is EvidenceState.ABSENT:
        return
    if evidence.state is not EvidenceState.OBSERVED:
        yield Finding(
            Outcome.UNKNOWN,
            f"Whether the packages in '{evidence.about}' have exact versions is not known: "
            f"{evidence.reason}.",
            "Give the packages in a file that can be read: requirements, pylock, uv or poetry.",
            _location(evidence.about),
            key=f"unread:{evidence.about}",
            evidence=(evidence.digest,),
        )
        return
    facts = cast(PackagesFacts, evidence.data)
    for package in facts["packages"]:
        if not package["pinned"] and package["name"] not in allowed:
            yield _unpinned(package, evidence)
    hidden = [issue for issue in facts["issues"] if issue["incomplete"]]
    if hidden:
        first = hidden[0]
        places = "1 place" if len(hidden) == 1 else f"{len(hidden)} places"
        yield Finding(
            Outcome.UNKNOWN,
            f"'{evidence.about}' may name packages that could not be read, in {places}; "
            f"the first is {first['kind']}: {first['detail']}.",
            "Name each package by name and exact version in this file.",
            _location(evidence.about, first["line"]),
            key=f"incomplete:{evidence.about}",
            evidence=(evidence.digest,),
        )


def _unpinned(package: PackageFact, evidence: Evidence) -> Finding:
    name, specifier = package["name"], package["specifier"]
    asked = f"{name} {specifier}" if specifier else f"{name} in any version"
    if package["origin"] == "index":
        remedy = "Name one exact version with '==', best in a lock file."
    else:
        remedy = "Name a full commit id, or add the archive's SHA-256 with --hash."
    return Finding(
        Outcome.FAIL,
        f"'{evidence.about}' asks for {asked}, which is not one exact version.",
        remedy,
        _location(evidence.about, package["line"]),
        key=name,
        evidence=(evidence.digest,),
    )


def _location(about: str, line: int = 0) -> Location | None:
    inside = about and not about.startswith("environment:")
    return Location(about, line) if inside else None
