"""A result says what it was measured with, on which data, and when."""

from __future__ import annotations

from collections.abc import Iterable

from weighbridge.model.evidence import EvidenceKind
from weighbridge.model.facts.documentation import CardFacts, EvaluationFacts
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
from weighbridge.rules.documentation._shared import Documents, documents

_WORDS = {
    "harness": "the harness that it was measured with",
    "date": "the day of the evaluation",
    "dataset": "the data that it was measured on",
}

META = RuleMeta(
    id="undocumented-evaluation",
    family="documentation",
    since="0.1",
    severity=Severity.LOW,
    summary="every result of an evaluation names its harness, its data and its date",
    why=(
        "The same model gets other numbers from another harness, another version of it, or "
        "another split: a number without these can be neither repeated nor compared. Without a "
        "date nobody can tell whether it is of these weights or of older ones."
    ),
    remedy=(
        "Give 'dataset' and 'source' with a name in model-index, and a 'date' beside them; or name "
        "harness, version and date in the section on evaluation."
    ),
    example="'Accuracy: 91.3 %' in a card that does not say on which data it was measured.",
    needs=(EvidenceKind.DOCUMENTATION,),
    params=(
        Param(
            "require",
            ("harness", "date", "dataset"),
            "what every result must name: harness, date, dataset",
            stricter="more",
        ),
    ),
    references=(
        "https://github.com/huggingface/hub-docs/blob/main/modelcard.md",
        "https://arxiv.org/abs/2405.14782",
    ),
)


def check(case: Case) -> Conclusion:
    """Look at each result; what the text of a document names holds for all of its results."""
    found = documents(case)
    if found is None:
        return conclude([not_collected("evaluations")], [])
    digests = [found.evidence.digest]
    required = case.texts("require")
    wrong = [key for key in required if key not in _WORDS]
    if wrong:
        # a misspelled key must not make the question go away
        return conclude([_no_such_key(wrong[0])], digests)
    results = found.facts["evaluations"] if found.facts else []
    if not results and not found.gap:
        return not_applicable("No document gives results of an evaluation.", digests)
    findings = list(_judge(found, results, required))
    if found.gap and not findings:
        findings.append(_unread(found))
    return conclude(findings, digests, note=f"Results, each documented: {len(results)}.")


def _judge(
    found: Documents, results: list[EvaluationFacts], required: tuple[str, ...]
) -> Iterable[Finding]:
    groups: dict[tuple[str, tuple[str, ...]], list[EvaluationFacts]] = {}
    facts = found.facts
    for result in results if facts else []:
        assert facts
        missing = tuple(key for key in required if not _named(facts, result, key))
        if missing:
            groups.setdefault((result["path"], missing), []).append(result)
    for (path, missing), group in groups.items():
        first = group[0]
        others = len(group) - 1
        more = f" and {others} more result{'s' if others > 1 else ''}" if others else ""
        verb = "do" if len(group) > 1 else "does"
        words = ", nor ".join(_WORDS[key] for key in missing)
        yield Finding(
            found.outcome,
            f"The result '{first['result']}'{more} in {path} {verb} not name {words}.",
            f"Write {' and '.join(_WORDS[key] for key in missing)} beside it.",
            Location(path, line=first["line"]),
            key="+".join(missing),
            evidence=(found.evidence.digest,),
        )


def _named(facts: CardFacts, result: EvaluationFacts, key: str) -> bool:
    if _value(result, key):
        return True
    return any(
        _value(other, key)
        for other in facts["evaluations"]
        if other["origin"] == "text" and other["path"] == result["path"]
    )


def _value(result: EvaluationFacts, key: str) -> str:
    return {"harness": result["harness"], "date": result["date"], "dataset": result["dataset"]}[key]


def _unread(found: Documents) -> Finding:
    return Finding(
        Outcome.UNKNOWN,
        f"Not everything was read, so results may stand there undocumented: {found.gap}.",
        "Repair the document, or move results to where they are read: model-index, or the card.",
        found.place,
        key="unread",
        evidence=(found.evidence.digest,),
    )


def _no_such_key(key: str) -> Finding:
    return Finding(
        Outcome.UNKNOWN,
        f"The policy requires '{key}' of results, and there is no such thing to require.",
        f"Set 'require' to some of {', '.join(_WORDS)}.",
        key=f"require:{key}",
    )
