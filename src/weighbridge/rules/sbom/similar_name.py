"""No package has a name that could be taken for another one's."""

from __future__ import annotations

from collections.abc import Iterator

from weighbridge.model.evidence import Evidence, EvidenceKind
from weighbridge.model.facts.packages import PackageFact, PackagesFacts
from weighbridge.model.finding import Conclusion, Finding, Outcome, Severity
from weighbridge.model.likeness import Likenesses
from weighbridge.model.popular_names import KNOWN_NEIGHBORS, POPULAR
from weighbridge.model.rule import Case, Param, RuleMeta
from weighbridge.rules.sbom._sources import judge, location

META = RuleMeta(
    id="similar-name",
    family="sbom",
    since="0.1",
    severity=Severity.MEDIUM,
    summary="no package's name is one typing error, hyphen, affix or look-alike character away "
    "from a popular package's or from one of your own",
    why=(
        "Who wants to be installed by mistake takes a name that people mistype or that a language "
        "model makes up: 'langchian', 'python-transformers', 't0rch'. Such packages work like the "
        "real one and run their own code at installation. A likeness proves nothing: this is a "
        "warning to look twice, with the reason why. Popular names of the AI field are never "
        "warned of, nor are their well-known neighbors, such as 'cattrs' beside 'attrs'."
    ),
    remedy=(
        "Compare the name with the documentation of the package you mean; where it is the one you "
        "mean, put it into 'allowed'."
    ),
    example="`requirements.txt:2` names `transfomers`, which lacks one letter of `transformers`.",
    needs=(EvidenceKind.PACKAGES,),
    params=(
        Param(
            "own",
            (),
            "Normalized names of packages of your own, which strangers could imitate.",
            stricter="more",
        ),
        Param(
            "allowed",
            (),
            "Normalized names that are meant as they are, however much they are like others.",
            stricter="fewer",
        ),
    ),
    references=(
        "https://attack.mitre.org/techniques/T1195/001/",
        "https://slsa.dev/spec/v1.2/threats",
    ),
)


def check(case: Case) -> Conclusion:
    """One finding for each name that is like a popular one or one of the user's own."""
    own = frozenset(case.texts("own"))
    exempt = frozenset(case.texts("allowed")) | own
    popular, yours = Likenesses(POPULAR), Likenesses(own)

    def like(name: str) -> str:
        """What it could be taken for and why; empty where it could not."""
        if name in exempt:
            return ""
        if found := yours.of(name):
            return f"could be taken for your own {found[0]}: it {found[1]}"
        if name in KNOWN_NEIGHBORS or not (found := popular.of(name)):
            return ""
        return f"could be taken for the popular {found[0]}: it {found[1]}"

    def judge_one(evidence: Evidence, facts: PackagesFacts) -> Iterator[Finding]:
        for package in facts["packages"]:
            if why := like(package["name"]):
                yield _finding(evidence, package, why)

    return judge(
        case,
        judge_one,
        question="every name is the one that is meant",
        mute="No source of packages was read.",
    )


def _finding(evidence: Evidence, package: PackageFact, why: str) -> Finding:
    return Finding(
        Outcome.FAIL,
        f"'{evidence.about}' names {package['name']}, which {why}.",
        "Make sure that it is the package you mean, then put its name into 'allowed'.",
        location(evidence, package["line"]),
        key=package["name"],
        evidence=(evidence.digest,),
    )
