"""No release is so new that nobody has had the time to look at it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from weighbridge.model.evidence import Evidence, EvidenceKind
from weighbridge.model.facts.packages import PackageFact, PackagesFacts
from weighbridge.model.finding import Conclusion, Finding, Outcome, Severity
from weighbridge.model.rule import Case, Param, RuleMeta
from weighbridge.rules.sbom._sources import judge, location

META = RuleMeta(
    id="young-version",
    family="sbom",
    since="0.1",
    severity=Severity.LOW,
    summary="every release had been in its index for some days on the day of the audit",
    why=(
        "Most releases of a hijacked account are found and withdrawn within hours or a few days. "
        "Who waits a week before a new version is locked is spared nearly all of them. Lock files "
        "of uv and pylock.toml tell when the files were uploaded; other sources do not."
    ),
    remedy=(
        "Lock the version before it, or wait; 'exclude-newer' of uv and '--uploaded-prior-to' of "
        "pip keep the newest releases out. An urgent fix is a reason for a waiver."
    ),
    example="`uv.lock` holds `ultralytics==8.3.41`, uploaded 1 day before the audit.",
    needs=(EvidenceKind.PACKAGES,),
    params=(
        Param(
            "days",
            7,
            "How many days a release must have been in its index, counted to the audit date.",
            stricter="higher",
        ),
        Param(
            "require_dates",
            default=False,
            help="Leave it open, as unknown, where a source does not tell a release's date.",
            stricter="higher",
        ),
        Param(
            "allowed",
            (),
            "Normalized names of packages whose releases may be young, such as your own.",
            stricter="fewer",
        ),
    ),
    references=(
        "https://docs.astral.sh/uv/reference/settings/#exclude-newer",
        "https://packaging.python.org/en/latest/specifications/pylock-toml/",
    ),
)

_NAMED = 5


def check(case: Case) -> Conclusion:
    """One finding for each young release, and for each source without dates where they are due."""
    days, allowed = case.integer("days"), frozenset(case.texts("allowed"))
    demanded = bool(case.params["require_dates"])

    def judge_one(evidence: Evidence, facts: PackagesFacts) -> Iterator[Finding] | None:
        packages = [
            package
            for package in facts["packages"]
            if package["origin"] == "index" and package["name"] not in allowed
        ]
        dated = [(package, _uploaded(package)) for package in packages]
        if not demanded and not any(day for _, day in dated):
            return None
        return _findings(evidence, dated, days=days, as_of=case.as_of, demanded=demanded)

    return judge(
        case,
        judge_one,
        question="every release is old enough",
        mute="No source tells when its releases came into the index.",
    )


def _findings(
    evidence: Evidence,
    dated: list[tuple[PackageFact, dt.date | None]],
    *,
    days: int,
    as_of: dt.date,
    demanded: bool,
) -> Iterator[Finding]:
    for package, day in dated:
        if day is not None and (as_of - day).days < days:
            yield _young(evidence, package, day, as_of=as_of, days=days)
    undated = [package["name"] for package, day in dated if day is None]
    if demanded and undated:
        more = len(undated) - _NAMED
        rest = f" and {more} more" if more > 0 else ""
        yield Finding(
            Outcome.UNKNOWN,
            f"'{evidence.about}' does not tell when these came into the index: "
            f"{', '.join(undated[:_NAMED])}{rest}.",
            "Lock the packages with a tool that writes upload times: uv lock, or pylock.toml.",
            location(evidence),
            key=f"undated:{evidence.about}",
            evidence=(evidence.digest,),
        )


def _uploaded(package: PackageFact) -> dt.date | None:
    try:
        return dt.date.fromisoformat(package.get("uploaded", "")[:10])
    except ValueError:
        return None


def _young(
    evidence: Evidence, package: PackageFact, day: dt.date, *, as_of: dt.date, days: int
) -> Finding:
    age = (as_of - day).days
    if age < 0:
        when = "dated after the audit"
    else:
        when = {0: "on the day of the audit", 1: "1 day before the audit"}.get(
            age, f"{age} days before the audit"
        )
    return Finding(
        Outcome.FAIL,
        f"'{evidence.about}' holds {package['name']}=={package['version']}, uploaded on {day} "
        f"({when}); {days} days are demanded.",
        "Lock the version before it, or wait until it is old enough.",
        location(evidence, package["line"]),
        key=f"{package['name']}=={package['version']}",
        evidence=(evidence.digest,),
    )
