"""Each pinned package is bound to the bytes of its release by a hash."""

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
from weighbridge.model.rule import Case, RuleMeta

META = RuleMeta(
    id="unhashed-dependency",
    family="sbom",
    since="0.1",
    severity=Severity.LOW,
    summary="every exact version in a requirements or lock file carries a SHA-2 hash",
    why=(
        "A version number names a release; it does not say which bytes it is made of. Whoever "
        "controls the index, a mirror or the way to it can answer the number with other bytes. "
        "With hashes the installer refuses anything but the files that were locked. MD5 and SHA-1 "
        "do not count: for both, two files with the same hash can be made."
    ),
    remedy=(
        "Write the hashes into the file (pip-compile --generate-hashes, uv export, or a lock file) "
        "and install with --require-hashes."
    ),
    example="`requirements.txt` pins 12 packages without a hash, the first being `numpy==1.26.4`.",
    needs=(EvidenceKind.PACKAGES,),
    references=("https://pip.pypa.io/en/stable/topics/secure-installs/",),
)

_CAN_HOLD_HASHES = (
    "requirements", "pylock", "uv.lock", "poetry.lock", "pdm.lock", "pipfile.lock", "conda-lock",
)  # fmt: skip
_NAMED = 5


def check(case: Case) -> Conclusion:
    """One finding for each file that pins packages without a hash."""
    everything = case.of(EvidenceKind.PACKAGES)
    digests = [evidence.digest for evidence in everything]
    findings = [finding for evidence in everything for finding in _findings(evidence)]
    if not everything:
        findings.append(not_collected("packages", "their hashes"))
    pinned = sum(len(_pinned(e)) for e in case.observed(EvidenceKind.PACKAGES))
    if not findings and not pinned:
        return not_applicable("No requirements or lock file pins a package.", digests)
    return conclude(findings, digests, note=f"Packages pinned in files: {pinned}.")


def _pinned(evidence: Evidence) -> list[PackageFact]:
    """What could carry a hash: a folder or a commit has none of a release."""
    facts = cast(PackagesFacts, evidence.data)
    if facts["format"] not in _CAN_HOLD_HASHES:
        return []
    return [p for p in facts["packages"] if p["pinned"] and p["origin"] in ("index", "url")]


def _findings(evidence: Evidence) -> Iterator[Finding]:
    if evidence.state in (EvidenceState.UNAVAILABLE, EvidenceState.UNSUPPORTED):
        inside = evidence.about and not evidence.about.startswith("environment:")
        yield Finding(
            Outcome.UNKNOWN,
            f"Whether the packages in '{evidence.about}' carry hashes is not known: "
            f"{evidence.reason}.",
            "Give the packages in a file that can be read: requirements, pylock, uv or poetry.",
            Location(evidence.about) if inside else None,
            key=f"unread:{evidence.about}",
            evidence=(evidence.digest,),
        )
    elif evidence.state is EvidenceState.OBSERVED:
        unhashed = [package for package in _pinned(evidence) if not package["hashes"]]
        if unhashed:
            yield _unhashed(unhashed, evidence)
        facts = cast(PackagesFacts, evidence.data)
        if facts["format"] in _CAN_HOLD_HASHES and any(i["incomplete"] for i in facts["issues"]):
            yield Finding(
                Outcome.UNKNOWN,
                f"'{evidence.about}' may name packages that could not be read, with or without "
                "a hash.",
                "Name each package by name, exact version and hash in this file.",
                Location(evidence.about),
                key=f"incomplete:{evidence.about}",
                evidence=(evidence.digest,),
            )


def _unhashed(packages: list[PackageFact], evidence: Evidence) -> Finding:
    names = [f"{p['name']}=={p['version']}" if p["version"] else p["name"] for p in packages]
    shown = ", ".join(names[:_NAMED])
    more = len(names) - _NAMED
    rest = f" and {more} more" if more > 0 else ""
    count = "1 package" if len(names) == 1 else f"{len(names)} packages"
    return Finding(
        Outcome.FAIL,
        f"'{evidence.about}' pins {count} without a hash: {shown}{rest}.",
        "Add the hashes of the releases and install with --require-hashes.",
        Location(evidence.about, packages[0]["line"]),
        key=f"unhashed:{evidence.about}",
        evidence=(evidence.digest,),
    )
