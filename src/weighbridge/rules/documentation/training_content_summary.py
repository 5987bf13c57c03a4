"""The record of training content has every field that the frameworks ask for."""

from __future__ import annotations

from collections.abc import Iterator

from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
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
from weighbridge.model.training_answers import Answer, Content, answers, content
from weighbridge.model.training_content import FRAMEWORKS, NAME

META = RuleMeta(
    id="training-content-summary",
    family="documentation",
    since="0.1",
    severity=Severity.MEDIUM,
    summary="the training-content record has every field that the frameworks of the policy ask for",
    why=(
        "Who offers a general-purpose model in the Union has to publish a summary of what it was "
        "trained on, by the AI Office's template; California asks for twelve items on every "
        "dataset of a generative system. A field that nobody filled is a gap that cannot be closed "
        "from the weights later. Whether what is written is true and complete, only its author "
        "knows."
    ),
    remedy=(
        f"Write the empty fields into {NAME}; 'weighbridge citations PATH --format "
        "ai-act-template' lists them."
    ),
    example=f"A {NAME} that names a provider and does not say whether data were crawled.",
    needs=(EvidenceKind.TRAINING_CONTENT, EvidenceKind.DATASET, EvidenceKind.MODEL),
    params=(
        Param(
            "required",
            default=False,
            help="whether a model without the record fails; else the rule does not apply to it",
        ),
        Param(
            "frameworks",
            ("eu-ai-act",),
            "whose fields are asked for: eu-ai-act, ab-2013, data-provenance",
            stricter="more",
        ),
    ),
    references=(
        "https://artificialintelligenceact.eu/article/53/",
        "https://dataandtrustalliance.org/our-initiatives/data-provenance-standards",
    ),
)


def check(case: Case) -> Conclusion:
    """Look for each mandatory field."""
    records = case.of(EvidenceKind.TRAINING_CONTENT)
    digests = [evidence.digest for evidence in case.evidence]
    if not records:
        return conclude([not_collected("training content")], digests)
    frameworks = case.texts("frameworks")
    unknown = [name for name in frameworks if name not in FRAMEWORKS]
    if unknown:
        return conclude([_no_such_framework(unknown[0])], digests)
    (record,) = records
    if record.state is EvidenceState.ABSENT:
        if not case.params["required"]:
            return not_applicable(f"There is no {NAME}.", digests)
        return conclude([_no_record(record)], digests)
    if record.state is not EvidenceState.OBSERVED:
        return conclude([_unread(record)], digests)
    known = content(case.evidence)
    found = {framework: answers(framework, known) for framework in frameworks}
    findings = [
        finding
        for framework, given in found.items()
        for finding in _empty(framework, given, known, record)
    ]
    findings += _not_all_known(case, known)
    asked = sum(map(len, found.values()))
    return conclude(findings, digests, note=f"Fields of {', '.join(frameworks)}: {asked}.")


def _empty(
    framework: str, given: tuple[Answer, ...], known: Content, record: Evidence
) -> Iterator[Finding]:
    """One finding a field of the model, one a dataset."""
    by_dataset: dict[str, list[Answer]] = {}
    for answer in given:
        if not answer.missing:
            continue
        if answer.dataset:
            by_dataset.setdefault(answer.dataset, []).append(answer)
            continue
        key = answer.asked.keys[0]
        yield Finding(
            Outcome.FAIL,
            f"{NAME} does not answer '{answer.asked.label}' ({framework} {answer.asked.number}).",
            f"Write '{key}' into {NAME}."
            if key != "datasets.public"
            else f"Set 'source: public' of the public datasets under 'datasets' in {NAME}.",
            Location(known.path),
            key=f"{framework}:{key}",
            evidence=(record.digest,),
        )
    for name, missing in by_dataset.items():
        keys = ", ".join(dict.fromkeys(answer.asked.keys[0] for answer in missing))
        yield Finding(
            Outcome.FAIL,
            f"{NAME} does not answer {framework} for the dataset '{name}': {keys}.",
            f"Write them into the entry '{name}' under 'datasets' in {NAME}; if the model was not "
            "trained on it, say so with 'purpose: evaluation' in datasets.yaml.",
            Location(known.path, line=known.line_of.get(name, 0)),
            key=f"{framework}:dataset:{name}",
            evidence=(record.digest,),
        )


def _not_all_known(case: Case, known: Content) -> list[Finding]:
    """A summary of datasets is whole only where all of them could be read."""
    states = (EvidenceState.UNAVAILABLE, EvidenceState.UNSUPPORTED)
    unread = [e for e in case.of(EvidenceKind.DATASET) if e.state in states]
    if not unread:
        return []
    more = f" and {len(unread) - 1} more places" if len(unread) > 1 else ""
    return [
        Finding(
            Outcome.UNKNOWN,
            f"Which datasets {unread[0].about}{more} use could not be read, so the record may lack "
            "some.",
            "Write the ids of datasets as plain text there.",
            Location(known.path),
            key="datasets-unread",
            evidence=tuple(evidence.digest for evidence in unread[:100]),
        )
    ]


def _no_record(record: Evidence) -> Finding:
    return Finding(
        Outcome.FAIL,
        f"There is no {NAME}, and the policy requires one.",
        f"Write {NAME} at the top of the model; docs/how-to/training-content.md has its keys.",
        key="no-record",
        evidence=(record.digest,),
    )


def _unread(record: Evidence) -> Finding:
    return Finding(
        Outcome.UNKNOWN,
        f"{NAME} could not be read: {record.reason}.",
        "Repair it so that it is valid YAML of the documented shape.",
        Location(NAME),
        key="unread",
        evidence=(record.digest,),
    )


def _no_such_framework(name: str) -> Finding:
    return Finding(
        Outcome.UNKNOWN,
        f"The policy names the framework '{name}', which is none that is known.",
        f"Set 'frameworks' to some of {', '.join(FRAMEWORKS)}.",
        key=f"framework:{name}",
    )
