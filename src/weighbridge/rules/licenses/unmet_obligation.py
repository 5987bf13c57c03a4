"""What the licenses of the model's ancestors demand of a release is there."""

from __future__ import annotations

from weighbridge.model.evidence import EvidenceKind
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
from weighbridge.model.licensing.fulfillment import Fulfillment, Status, fulfillments
from weighbridge.model.licensing.obligations import Obligation, Source, Untold, demands
from weighbridge.model.licensing.read import lineage_of, terms_of
from weighbridge.model.licensing.released import Release
from weighbridge.model.licensing.use import Activity, Use
from weighbridge.model.rule import Case, Param, RuleMeta

META = RuleMeta(
    id="unmet-obligation",
    family="licenses",
    since="0.1",
    severity=Severity.MEDIUM,
    summary="the release holds what the licenses of the models and data it is made from demand",
    why=(
        "A license that allows to pass a changed model on does so under conditions: its text goes "
        "along, a sentence stands in NOTICE, a badge is shown, the name begins as it says, the use "
        "policy binds the next user. Who leaves them out may lose the license. Of published models "
        "that are built on another one, about a quarter keep the notices. That a notice names the "
        "right holder, and that changes are stated well, only a person can say."
    ),
    remedy=("Add what is missing; 'weighbridge licenses SUBJECT --write-notice NOTICE' drafts it."),
    example=(
        "A fine-tune of Llama 3.1, given to others as weights, whose README.md does not show "
        "'Built with Llama'."
    ),
    needs=(
        EvidenceKind.LINEAGE,
        EvidenceKind.TERMS,
        EvidenceKind.RELEASE,
        EvidenceKind.LICENSE,
    ),
    params=(
        Param(
            "activities",
            (),
            "what is done with the model: internal, service, weights, application; where nothing "
            "is stated, what is missing is shown for a person to decide and fails nothing",
            stricter="more",
        ),
    ),
    references=("https://arxiv.org/abs/2602.08816", "https://arxiv.org/abs/2509.09873"),
)

_OUTCOMES = {
    Status.UNMET: Outcome.FAIL,
    Status.UNKNOWN: Outcome.UNKNOWN,
    Status.MANUAL: Outcome.MANUAL,
}


def check(case: Case) -> Conclusion:
    """Hold each obligation against the files."""
    digests = [evidence.digest for evidence in case.evidence]
    lineage = lineage_of(case.of(EvidenceKind.LINEAGE))
    release = case.observed(EvidenceKind.RELEASE)
    if lineage is None or not release:
        return conclude([not_collected("what the model was made from and what it says")], digests)
    if not lineage.parents:
        return not_applicable("Nothing says that the model was made from another work.", digests)
    use, wrong = _use(case)
    if wrong is not None:
        return conclude([wrong], digests)
    found = demands(lineage, terms_of(case.of(EvidenceKind.TERMS)), use)
    results = fulfillments(found, Release.of(release[0], case.of(EvidenceKind.LICENSE)))
    findings = [_finding(result) for result in results if result.status is not Status.MET]
    findings += _untold(found.untold)
    if not results and not findings:
        return not_applicable("No license demands anything of the release.", digests)
    met = sum(result.status is Status.MET for result in results)
    return conclude(findings, digests, note=f"Obligations met: {met} of {len(results)}.")


def _use(case: Case) -> tuple[Use, Finding | None]:
    """The stated use; a word that is none must not make the obligations go away."""
    said = case.texts("activities")
    known = {activity.value for activity in Activity}
    if wrong := [word for word in said if word not in known]:
        return Use(), Finding(
            Outcome.UNKNOWN,
            f"The parameter 'activities' names '{wrong[0]}', which is no activity.",
            f"Use {', '.join(sorted(known))}.",
            key="unknown-activity",
        )
    return Use(activities=frozenset(Activity(word) for word in said)), None


def _finding(result: Fulfillment) -> Finding:
    duty = result.obligation
    where = f" ({duty.where})" if duty.where else ""
    return Finding(
        _OUTCOMES[result.status],
        f"{duty.license_name}{where} asks for {_ASKED[duty.word]}, by {_ways(duty)}: "
        f"{result.found}.",
        result.remedy,
        result.location or _read_at(duty.sources[0]),
        key=f"{duty.word}:{duty.license}:{duty.where}",
    )


def _ways(duty: Obligation) -> str:
    first = duty.sources[0].path
    more = len(duty.sources) - 1
    return f"{first} and {more} more" if more else first


def _read_at(source: Source) -> Location | None:
    """Where the first step to an ancestor was read."""
    place = source.place
    return Location(place["path"], line=place["line"]) if place["path"] else None


def _untold(untold: tuple[Untold, ...]) -> list[Finding]:
    """One finding for the ancestors whose demands are not known; another rule names each."""
    if not untold:
        return []
    first = untold[0]
    more = f", and of {len(untold) - 1} more works" if len(untold) > 1 else ""
    return [
        Finding(
            Outcome.UNKNOWN,
            f"What {first.source.id} demands of a release is not known{more}: {first.reason} "
            f"({first.source.path}).",
            "Find out the license, and record it in the card of that work or of this model.",
            _read_at(first.source),
            key="untold",
        )
    ]


_ASKED = {
    "license-copy": "a copy of its text",
    "copyright-notice": "the copyright notices",
    "notice-sentence": "a sentence in NOTICE",
    "state-changes": "a statement of changes",
    "source": "the source",
    "network-source": "the source for users of a service",
    "badge": "a line that is shown",
    "name-prefix": "a beginning of the model's name",
    "register": "registration with the licensor",
    "attribution": "attribution",
    "use-policy-flow-down": "its use restrictions to be passed on",
}
