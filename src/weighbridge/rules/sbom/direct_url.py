"""Packages come from an index by name, and not from an address of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from weighbridge.model.evidence import Evidence, EvidenceKind
from weighbridge.model.facts.packages import PackageFact, PackageIssue, PackagesFacts
from weighbridge.model.finding import Conclusion, Finding, Outcome, Severity
from weighbridge.model.rule import Case, Param, RuleMeta
from weighbridge.rules.sbom._sources import judge, location

META = RuleMeta(
    id="direct-url",
    family="sbom",
    since="0.1",
    severity=Severity.MEDIUM,
    summary="no package is taken from a web address, a repository or a folder instead of an index",
    why=(
        "An index keeps releases: it does not let one be replaced, marks those that are withdrawn, "
        "and advisories are matched to them. An address is what its owner serves today. A branch "
        "or tag of a repository moves with its owner, and with whoever takes over the account; a "
        "folder exists on one machine only, so that nobody else can build the same. A full commit "
        "id or a hash holds the bytes still, and weighs less here."
    ),
    remedy=(
        "Publish the package to an index of yours and name its version; until then, name a full "
        "commit id, or the SHA-256 of the archive."
    ),
    example="`requirements.txt:4` takes `ours` from `git+https://host.example/ours@main`.",
    needs=(EvidenceKind.PACKAGES,),
    params=(
        Param(
            "allowed",
            (),
            "Normalized names of packages that may come from an address or a folder.",
            stricter="fewer",
        ),
    ),
    references=(
        "https://peps.python.org/pep-0440/#direct-references",
        "https://packaging.python.org/en/latest/specifications/direct-url/",
    ),
)

_KINDS = ("url", "path")
_COMMIT = re.compile(r"@[0-9a-f]{40}(?:[0-9a-f]{24})?(?=[#?]|\Z)")


def check(case: Case) -> Conclusion:
    """One finding for each package from elsewhere than an index."""
    allowed = frozenset(case.texts("allowed"))

    def judge_one(evidence: Evidence, facts: PackagesFacts) -> Iterator[Finding]:
        named_at = {package["line"] for package in facts["packages"] if package["line"]}
        for package in facts["packages"]:
            if package["origin"] != "index" and package["name"] not in allowed:
                yield _finding(evidence, facts, package)
        for issue in facts["issues"]:
            if issue["kind"] in _KINDS and issue["line"] not in named_at:
                yield _nameless(evidence, issue)

    return judge(
        case,
        judge_one,
        question="packages come from an address of their own",
        mute="No source of packages was read.",
        hiding=_KINDS,
    )


def _finding(evidence: Evidence, facts: PackagesFacts, package: PackageFact) -> Finding:
    where = package["specifier"].removeprefix("@ ") if "@ " in package["specifier"] else ""
    severity = Severity.LOW
    if package["origin"] == "vcs":
        found = "a repository"
        remedy = "Name a release of an index instead."
        if not _holds_still(facts, package):
            found += " at no full commit id, so that its owner decides what is installed"
            remedy = "Name a full commit id, or better a release of an index."
            severity = Severity.MEDIUM
    elif package["origin"] == "url":
        found, remedy = "a web address", "Name a release of an index instead."
        if not package["hashes"]:
            found += " without a hash, so that its owner decides what is installed"
            remedy = "Add the archive's SHA-256 with --hash, or better name a release of an index."
            severity = Severity.MEDIUM
    else:
        found = "a folder or file of one machine"
        remedy = "Publish the package to an index of yours and name its version."
    return Finding(
        Outcome.FAIL,
        f"'{evidence.about}' takes {package['name']} from {found}"
        + (f": {where}." if where else "."),
        remedy,
        location(evidence, package["line"]),
        key=package["name"],
        severity=severity,
        evidence=(evidence.digest,),
    )


def _holds_still(facts: PackagesFacts, package: PackageFact) -> bool:
    # An environment is always exact; a lock file says "==1.0" of what it resolved to a commit.
    if facts["format"] == "environment" or "@ " in package["specifier"]:
        return bool(_COMMIT.search(package["specifier"]))
    return package["pinned"]


def _nameless(evidence: Evidence, issue: PackageIssue) -> Finding:
    return Finding(
        Outcome.FAIL,
        f"'{evidence.about}' takes a package that it does not name from '{issue['detail']}'.",
        "Publish the package to an index of yours and name its version.",
        location(evidence, issue["line"]),
        key=f"{issue['kind']}:{issue['detail']}",
        severity=Severity.MEDIUM if issue["kind"] == "url" else Severity.LOW,
        evidence=(evidence.digest,),
    )
