"""No package lies too deep below those that were asked for."""

from __future__ import annotations

from collections.abc import Iterator

from weighbridge.model.dependencies import Dependencies
from weighbridge.model.evidence import Evidence, EvidenceKind
from weighbridge.model.facts.packages import PackagesFacts
from weighbridge.model.finding import Conclusion, Finding, Outcome, Severity
from weighbridge.model.rule import Case, Param, RuleMeta
from weighbridge.rules.sbom._sources import judge, location

META = RuleMeta(
    id="deep-dependency",
    family="sbom",
    since="0.1",
    severity=Severity.LOW,
    summary="every package can be reached from one that was asked for in few steps",
    why=(
        "Each step down is one more maintainer whom nobody chose, and one more project that has to "
        "release before a fix at the bottom arrives at the top. What lies deep is what nobody "
        "knows they run. Depth is counted by the shortest path: 1 is what was asked for directly."
    ),
    remedy=(
        "Replace or drop the package at the top of the shown path, or ask for the deep one "
        "directly, so that somebody looks after it."
    ),
    example="`uv.lock`: `a > b > c > d > e > f` lies 6 deep, and the limit is 5.",
    needs=(EvidenceKind.PACKAGES,),
    params=(
        Param(
            "max_depth",
            15,
            "How deep a package may lie; 1 is what is asked for directly.",
            stricter="lower",
        ),
    ),
    references=("https://doi.org/10.1109/MSR.2017.55",),
)

_SHOWN = 5


def check(case: Case) -> Conclusion:
    """One finding for each of the deepest packages of a source, and one for the rest of them."""
    limit = case.integer("max_depth")

    def judge_one(evidence: Evidence, facts: PackagesFacts) -> Iterator[Finding] | None:
        if not any(package["requires"] for package in facts["packages"]):
            return None  # a list of names tells nothing of who requires whom
        return _findings(evidence, facts, limit)

    return judge(
        case,
        judge_one,
        question="no package lies too deep",
        mute="No source tells which package requires which.",
    )


def _findings(evidence: Evidence, facts: PackagesFacts, limit: int) -> Iterator[Finding]:
    graph = Dependencies(facts["packages"])
    names = {package["name"] for package in facts["packages"]}
    deep = sorted((n for n in names if graph.depth(n) > limit), key=lambda n: (-graph.depth(n), n))
    for name in deep[:_SHOWN]:
        yield Finding(
            Outcome.FAIL,
            f"'{evidence.about}' holds {name}, which lies {graph.depth(name)} deep where {limit} "
            f"is the limit: {graph.introduction(name)}.",
            "Replace or drop the package at the top of the path, or ask for this one directly.",
            location(evidence),
            key=name,
            evidence=(evidence.digest,),
        )
    if len(deep) > _SHOWN:
        yield Finding(
            Outcome.FAIL,
            f"'{evidence.about}' holds {len(deep) - _SHOWN} more packages that lie deeper than "
            f"{limit}.",
            "Look at the paths of the deepest ones first.",
            location(evidence),
            key=f"more:{evidence.about}",
            evidence=(evidence.digest,),
        )
