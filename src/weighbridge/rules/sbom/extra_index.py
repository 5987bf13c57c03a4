"""Packages come from the installer's own index and from nowhere else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from weighbridge.model.evidence import Evidence, EvidenceKind
from weighbridge.model.facts.packages import PackageIssue, PackagesFacts
from weighbridge.model.finding import Conclusion, Finding, Outcome, Severity
from weighbridge.model.rule import Case, Param, RuleMeta
from weighbridge.rules.sbom._sources import judge, location

META = RuleMeta(
    id="extra-index",
    family="sbom",
    since="0.1",
    severity=Severity.MEDIUM,
    summary="no requirements or lock file takes packages from another index, an additional one or "
    "a folder of archives, or trusts a host without a certificate",
    why=(
        "An installer that is given two indexes asks both for every name and takes the higher "
        "version, whoever published it. Whoever registers the name of an internal package on the "
        "other index is installed instead of it: dependency confusion. That is how the nightly "
        "builds of PyTorch installed a stranger's 'torchtriton' in December 2022. A trusted host "
        "is asked without checking its certificate, so that anyone on the way can answer."
    ),
    remedy=(
        "Take everything from one index, a proxy that you control if need be, or bind every "
        "package to its bytes with hashes; name indexes that are meant to be there in 'allowed'."
    ),
    example="`requirements.txt:1` names the index `https://packages.example.org/simple`.",
    needs=(EvidenceKind.PACKAGES,),
    params=(
        Param(
            "allowed",
            (),
            "Addresses and folders that packages may come from, and hosts that may be trusted: as "
            "the file names them, or a beginning up to a slash.",
            stricter="fewer",
        ),
    ),
    references=(
        "https://pytorch.org/blog/compromised-nightly-dependency/",
        "https://peps.python.org/pep-0708/",
        "https://cwe.mitre.org/data/definitions/427.html",
    ),
)

_KINDS = ("index", "extra-index", "find-links", "trusted-host")


def check(case: Case) -> Conclusion:
    """One finding for each index, folder and host of each file."""
    allowed = case.texts("allowed")

    def judge_one(evidence: Evidence, facts: PackagesFacts) -> Iterator[Finding] | None:
        if facts["format"] == "environment":
            return None  # what is installed does not tell which index it came from
        return _findings(evidence, facts, allowed)

    return judge(
        case,
        judge_one,
        question="another index is named",
        mute="No file that could name an index was found.",
        hiding=("path",),
    )


def _findings(
    evidence: Evidence, facts: PackagesFacts, allowed: Sequence[str]
) -> Iterator[Finding]:
    packages = facts["packages"]
    hashed = bool(packages) and all(package["hashes"] for package in packages)
    seen: set[tuple[str, str]] = set()
    for issue in facts["issues"]:
        what = (issue["kind"], issue["detail"])
        if issue["kind"] in _KINDS and what not in seen and not _is_in(issue["detail"], allowed):
            seen.add(what)
            yield _finding(evidence, issue, hashed=hashed)


def _is_in(detail: str, allowed: Sequence[str]) -> bool:
    return any(
        detail.rstrip("/") == one.rstrip("/") or detail.startswith(f"{one.rstrip('/')}/")
        for one in allowed
        if one.strip("/")
    )


def _finding(evidence: Evidence, issue: PackageIssue, *, hashed: bool) -> Finding:
    kind, detail = issue["kind"], issue["detail"]
    if kind == "trusted-host":
        found = f"trusts the host '{detail}' without checking its certificate"
        remedy = "Give the host a certificate that the installer can check, and take the line out."
    elif kind == "find-links":
        found = f"takes packages from the archives at '{detail}'"
        remedy = "Take them from one index, or bind every package to its bytes with hashes."
    elif kind == "extra-index":
        found = f"adds the index '{detail}', which is asked for every name beside the usual one"
        remedy = (
            "Put one index in its place that has everything (--index-url), or bind every package "
            "to its bytes with hashes."
        )
    else:
        found = f"names the index '{detail}'"
        remedy = "Take everything from one index, or bind every package to its bytes with hashes."
    # With hashes, other bytes of the same name and version are refused.
    is_folder = kind == "find-links" and "://" not in detail
    return Finding(
        Outcome.FAIL,
        f"'{evidence.about}' {found}"
        + (", and every package is bound to its bytes by hashes." if hashed else "."),
        remedy,
        location(evidence, issue["line"]),
        key=f"{kind}:{detail}",
        severity=Severity.LOW if hashed or is_folder else Severity.MEDIUM,
        evidence=(evidence.digest,),
    )
