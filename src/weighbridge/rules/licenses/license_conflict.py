"""No license behind the model forbids what is done with it, or the license it states."""

from __future__ import annotations

from weighbridge.model.evidence import EvidenceKind
from weighbridge.model.finding import (
    Conclusion,
    Finding,
    Outcome,
    Severity,
    conclude,
    not_applicable,
    not_collected,
)
from weighbridge.model.licensing.graph import SUBJECT
from weighbridge.model.licensing.judge import judge
from weighbridge.model.licensing.judge_unknown import LICENSE, UNKNOWN
from weighbridge.model.licensing.read import lineage_of, terms_of
from weighbridge.model.licensing.terms import Basis
from weighbridge.model.licensing.use import Activity, Purpose, Use
from weighbridge.model.licensing.verdict import Answer, Verdict
from weighbridge.model.rule import Case, Param, RuleMeta
from weighbridge.rules.licenses._shared import at_verdict, no_lineage, verdict_key

META = RuleMeta(
    id="license-conflict",
    family="licenses",
    since="0.1",
    severity=Severity.HIGH,
    summary=(
        "no clause of a license that reaches the model, from any model, data or code it was made "
        "from, stands against its stated license or the stated use"
    ),
    why=(
        "A model carries the terms of what it was made from. A permissive license put over a base "
        "that is for research only, or that demands its use restrictions be passed on, grants what "
        "its author does not have: more than a third of the restrictions of published models are "
        "lost on the way to an application. Whoever relies on the label infringes the base."
    ),
    remedy=(
        "State the license that the ancestors leave room for, replace the ancestor, or get a "
        "license from its rights holder."
    ),
    example="A fine-tune of Llama 3.1 whose card says 'license: apache-2.0'.",
    needs=(EvidenceKind.LINEAGE, EvidenceKind.TERMS),
    params=(
        Param(
            "purpose",
            "",
            "What the model is used for: 'research' or 'commercial'. Empty: not stated.",
        ),
        Param(
            "activities",
            (),
            "What is done with the model: 'internal', 'service', 'weights', 'application'. Empty: "
            "not stated.",
            stricter="more",
        ),
        Param(
            "territory",
            (),
            "Where it is used or offered: ISO 3166-1 alpha-2 codes, and 'EU'. Empty: not stated.",
            stricter="more",
        ),
        Param(
            "users",
            0,
            "Monthly active users of all products of whoever uses the model. 0: not stated.",
            stricter="higher",
        ),
        Param(
            "revenue",
            0,
            "Revenue a year in US dollars of whoever uses the model. 0: not stated.",
            stricter="higher",
        ),
        Param(
            "fail_on",
            (Basis.TEXT.value, Basis.STATEMENT.value),
            "On what a conflict must rest to fail: 'text', 'licensor-statement', 'interpretation'. "
            "Any other is for a person to decide.",
            stricter="more",
        ),
    ),
    references=(
        "https://arxiv.org/abs/2509.09873",
        "https://arxiv.org/abs/2503.02784",
        "https://huggingface.co/docs/hub/model-cards#specifying-a-base-model",
    ),
)

_NAMED = 5


def check(case: Case) -> Conclusion:
    """Judge the lineage for the stated use, and tell conflicts and open questions."""
    evidence = (*case.of(EvidenceKind.LINEAGE), *case.of(EvidenceKind.TERMS))
    digests = [item.digest for item in evidence]
    lineage = lineage_of(case.of(EvidenceKind.LINEAGE))
    if not evidence:
        return conclude([not_collected("the lineage", "its licenses")], digests)
    if lineage is None:
        return conclude([no_lineage(case)], digests)
    use, wrong = stated_use(case)
    if wrong:
        return conclude([_misstated(wrong)], digests)
    verdicts = judge(lineage, terms_of(case.of(EvidenceKind.TERMS)), use)
    findings = [f for verdict in verdicts if (f := _finding(verdict, case)) is not None]
    findings += _not_judged([v for v in verdicts if v.word in UNKNOWN and not _own(v)])
    known = [v for v in verdicts if v.license]
    if not findings and not known:
        return not_applicable("No license is known of the model or what it was made from.", digests)
    return conclude(findings, digests, note=f"Clauses judged: {len(known)}.")


def stated_use(case: Case) -> tuple[Use, str]:
    """The use that the policy states, and what of it is no such thing; empty where all is."""
    purpose = case.text("purpose")
    activities = case.texts("activities")
    for value, allowed in ((purpose, Purpose), *((a, Activity) for a in activities)):
        if value and value not in tuple(allowed):
            return Use(), f"'{value}' is none of {', '.join(allowed)}"
    return (
        Use(
            activities=frozenset(Activity(activity) for activity in activities),
            purpose=Purpose(purpose) if purpose else None,
            territory=frozenset(case.texts("territory")),
            users=case.integer("users") or None,
            revenue=case.integer("revenue") or None,
        ),
        "",
    )


def _finding(verdict: Verdict, case: Case) -> Finding | None:
    """A conflict, or what only a person can answer."""
    if verdict.answer is Answer.CONFLICT:
        fails = verdict.basis is not None and verdict.basis in case.texts("fail_on")
        outcome = Outcome.FAIL if fails else Outcome.MANUAL
    elif verdict.answer is Answer.UNDETERMINED and verdict.word not in UNKNOWN:
        outcome = Outcome.MANUAL
    else:
        return None
    remedy = verdict.remedy
    if verdict.asks:
        named = " and ".join(f"'{field}'" for field in verdict.asks)
        remedy = f"State it in the policy as the parameter {named} of license-conflict."
    return Finding(
        outcome,
        f"{verdict.message[:-1]}; way: {verdict.path}.",
        remedy,
        at_verdict(verdict),
        key=verdict_key(verdict),
    )


def _own(verdict: Verdict) -> bool:
    """The model's own license is not known, which unknown-license and its siblings tell."""
    return verdict.node == SUBJECT and verdict.word == LICENSE and not verdict.license


def _not_judged(unknown: list[Verdict]) -> list[Finding]:
    """One finding for all that was not judged: unknown-ancestor has one for each model."""
    if not unknown:
        return []
    first = unknown[0]
    names = list(dict.fromkeys(v.license or v.path.rpartition("> ")[2] for v in unknown))
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return [
        Finding(
            Outcome.MANUAL,
            f"Not everything behind the model was judged, as licenses or their clauses are not "
            f"known: {', '.join(names[:_NAMED])}{more}. {first.message}",
            first.remedy,
            at_verdict(first),
            key="not-judged",
        )
    ]


def _misstated(wrong: str) -> Finding:
    return Finding(
        Outcome.UNKNOWN,
        f"The use that the policy states for license-conflict cannot be judged: {wrong}.",
        "Correct the parameter in the policy.",
        key="misstated-use",
    )
