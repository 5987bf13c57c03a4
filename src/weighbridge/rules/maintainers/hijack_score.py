"""The signals of a hijack, taken together, stay below what hijacked projects show."""

from __future__ import annotations

from collections import Counter

from weighbridge.model.finding import Conclusion, Finding, Outcome, Severity, conclude
from weighbridge.model.hijack.score import STOPS, WARN_POINTS, Score, score, unknown_stops
from weighbridge.model.rule import Case, Param, RuleMeta
from weighbridge.rules.maintainers._projects import NEEDS, Judged, projects

MAX_NOTED = 50

META = RuleMeta(
    id="hijack-score",
    family="maintainers",
    since="0.1",
    severity=Severity.MEDIUM,
    summary="no project that the model stands on shows together what projects show that were "
    "taken over",
    why=(
        "Single signs of a hijack are common: maintainers come and go, some releases are late and "
        "some untagged. Each sign is therefore worth what it says: ten times the logarithm of how "
        "much more often it was seen in twenty known incidents than in benign releases. The points "
        "are added for each release, and the worst one counts. Signs that are not independent "
        "count once; signs that rest on times alone never reach the warning line. Absence of a "
        "sign takes nothing away, and what nobody could be asked is listed, never taken for "
        "absent. A record that calls the release malicious, a quarantine, an identity that was "
        "made anew, a revoked digest and the combinations named here stop at once. Nationality, "
        "names, time zones and popularity are never looked at. The figures come from the incidents "
        "that they are measured on: a warning asks a person to look, it proves nothing."
    ),
    remedy=(
        "Stay with the accepted release, and ask the maintainers on a channel of your own; accept "
        "the new state with 'weighbridge maintainers snapshot' once it is explained."
    ),
    example=(
        "'pkg:pypi/ctx' has an owner whose mail domain was registered again, and three releases in "
        "a day after eight years."
    ),
    needs=NEEDS,
    params=(
        Param(
            "warn_points",
            default=WARN_POINTS,
            help="The warning line: ten points are a likelihood ratio of ten, twenty of a hundred.",
            stricter="lower",
        ),
        Param(
            "minimum_coverage",
            default=50,
            help="Of the signals that apply to a project, how many in a hundred must have been "
            "judged; with fewer the rule does not know.",
            stricter="higher",
        ),
        Param(
            "stops",
            default=STOPS,
            help="Combinations of signals, joined by '+', that on one release need no points.",
            stricter="more",
        ),
        Param(
            "revoked_digests",
            default=(),
            help="SHA-256 digests of files that nobody may use any more.",
            stricter="more",
        ),
    ),
    references=(
        "https://arxiv.org/abs/2103.03846",
        "https://arxiv.org/abs/2112.10165",
        "https://arxiv.org/abs/2209.13288",
    ),
    network=True,
)


def check(case: Case) -> Conclusion:
    """Add up each project's signals; say every point, and what could not be judged."""
    found = projects(case)
    if isinstance(found, Conclusion):
        return found
    findings = [*found.open, *_misnamed(case)]
    scored = [
        (
            project,
            score(
                project.view,
                warn_points=case.integer("warn_points"),
                stops=case.texts("stops"),
                revoked=case.texts("revoked_digests"),
            ),
        )
        for project in found.judged
    ]
    for project, total in scored:
        findings += _judge(case, project, total)
    return conclude(findings, found.evidence, note=_note(case, scored))


def _judge(case: Case, project: Judged, total: Score) -> list[Finding]:
    line = case.integer("warn_points")
    if total.stops or total.points >= line:
        return [_flagged(project, total, line)]
    findings = [
        _open(project, f"gap {number}", what) for number, what in enumerate(total.gaps, start=1)
    ]
    if total.coverage < case.integer("minimum_coverage"):
        what = (
            f"could be judged by {len(total.judged)} of {len(total.judged + total.unavailable)} "
            f"signals that apply to it, {total.coverage} in a hundred; not by "
            f"{', '.join(total.unavailable) or 'any'}"
        )
        findings.append(_open(project, "coverage", what))
    return findings


def _flagged(project: Judged, total: Score, line: int) -> Finding:
    named = f"{project.about}@{total.release}" if total.release else project.about
    stopped = f"is stopped ({'; '.join(total.stops)}); it has {total.points} points"
    seen = f"shows what hijacked projects show: {total.points} points"
    items = "; ".join(str(item) for item in total.items) or "no signal fired"
    return Finding(
        outcome=Outcome.FAIL,
        message=(
            f"{named} {stopped if total.stops else seen}, the warning line is {line}: {items}."
        ),
        remedy=META.remedy,
        key=f"{project.about} {'stop' if total.stops else 'score'}",
        severity=Severity.CRITICAL if total.stops else None,
        evidence=project.evidence,
    )


def _open(project: Judged, key: str, what: str) -> Finding:
    return Finding(
        outcome=Outcome.UNKNOWN,
        message=f"{project.about} {what}.",
        remedy="Ask the services themselves, with a baseline, or lower 'minimum_coverage'.",
        key=f"{project.about} {key}",
        evidence=project.evidence,
    )


def _misnamed(case: Case) -> list[Finding]:
    """A combination with a typing error would silently stop nothing."""
    return [
        Finding(
            outcome=Outcome.UNKNOWN,
            message=f"The policy's combination '{stop}' names a signal that does not exist.",
            remedy="Name signals as their rules are called, joined by '+'.",
            key=f"stops {stop}",
        )
        for stop in unknown_stops(case.texts("stops"))
    ]


def _note(case: Case, scored: list[tuple[Judged, Score]]) -> str:
    line = case.integer("warn_points")
    below = [
        f"{project.about}{'@' + total.release if total.release else ''} {total.points}: "
        + "; ".join(str(item) for item in total.items)
        for project, total in scored
        if total.items and not total.stops and total.points < line
    ]
    parts = [f"Projects scored: {len(scored)}; warning line: {line} points"]
    if below:
        more = f" | and {len(below) - MAX_NOTED} more" if len(below) > MAX_NOTED else ""
        parts.append(f"below it: {' | '.join(below[:MAX_NOTED])}{more}")
    missing = Counter(name for _, total in scored for name in total.unavailable)
    if missing:
        said = ", ".join(f"{name} {count}" for name, count in sorted(missing.items()))
        parts.append(f"signals that could not be judged, by projects: {said}")
    return "; ".join(parts) + "."
