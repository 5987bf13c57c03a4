"""Of every dataset it is recorded when it was taken and what for."""

from __future__ import annotations

from weighbridge.model.evidence import EvidenceKind
from weighbridge.model.facts.dataset import DatasetFacts
from weighbridge.model.finding import Conclusion, Finding, Outcome, Severity, conclude
from weighbridge.model.rule import Case, Param, RuleMeta
from weighbridge.rules.citations._shared import Dataset, Datasets, datasets, judge_each

_KEYS = ("accessed", "purpose", "license_file", "doi", "citation", "url")

META = RuleMeta(
    id="undocumented-dataset",
    family="citations",
    since="0.1",
    severity=Severity.LOW,
    summary="the record of every dataset says when it was taken, what for, or what else is asked",
    why=(
        "A dataset and its license change, so a citation without the day of access says too "
        "little. Whether a model was measured on what it was trained on shows only where "
        "the purpose of each dataset stands. The text of the license as it was then is the one "
        "proof of the terms that a hub cannot take away."
    ),
    remedy=(
        "Add 'accessed' and 'purpose' to the dataset's entry in datasets.yaml; "
        "'weighbridge citations PATH --fix' drafts the entry."
    ),
    example="An entry of datasets.yaml with 'id', 'license' and 'doi', and no 'accessed'.",
    needs=(EvidenceKind.DATASET,),
    params=(
        Param(
            "require",
            ("accessed", "purpose"),
            "the keys that every dataset must have: accessed, purpose, license_file, doi, "
            "citation, url",
            stricter="more",
        ),
    ),
    references=("https://arxiv.org/abs/1803.09010",),
)


def check(case: Case) -> Conclusion:
    """Look for each key that the policy asks for."""
    required = case.texts("require")
    wrong = [key for key in required if key not in _KEYS]
    if wrong:
        # a misspelled key must not make the question go away
        digests = [evidence.digest for evidence in datasets(case).everything]
        return conclude([_no_such_key(wrong[0])], digests)
    return judge_each(
        case,
        lambda dataset, found: _judge(dataset, found, required),
        f"each with {', '.join(required)}" if required else "nothing asked of them",
    )


def _judge(dataset: Dataset, found: Datasets, required: tuple[str, ...]) -> list[Finding]:
    missing = [key for key in required if not _has(dataset.facts, key)]
    if not missing:
        return []
    facts = dataset.facts
    words = " and ".join(f"'{key}'" for key in missing)
    has = "has a record without" if facts["recorded_in"] else "has no record, so no"
    return [
        Finding(
            found.gap(),
            f"The dataset '{facts['id']}', {dataset.places}, {has} {words}.",
            f"Give '{facts['id']}' {words} in datasets.yaml.",
            dataset.location,
            key=facts["id"],
            evidence=(dataset.evidence.digest,),
        )
    ]


def _has(facts: DatasetFacts, key: str) -> bool:
    return bool(facts.get(key, ""))


def _no_such_key(key: str) -> Finding:
    return Finding(
        Outcome.UNKNOWN,
        f"The policy requires '{key}' of datasets, and no record has such a key.",
        f"Set 'require' to some of {', '.join(_KEYS)}.",
        key=f"require:{key}",
    )
