"""Every dataset's license is on record."""

from __future__ import annotations

import re

from weighbridge.model.evidence import EvidenceKind
from weighbridge.model.facts.dataset import DatasetFacts
from weighbridge.model.finding import Conclusion, Finding, Outcome, Severity
from weighbridge.model.rule import Case, RuleMeta
from weighbridge.rules.citations._shared import Dataset, Datasets, judge_each, no_entry

META = RuleMeta(
    id="unlicensed-dataset",
    family="citations",
    since="0.1",
    severity=Severity.MEDIUM,
    summary="every dataset that the model card or the code names has a known license on record",
    why=(
        "Data under a license for research only does not become free by being trained on, and of "
        "the datasets that look usable for trade only about a fifth still do once what they were "
        "made from is followed. The license as it stood when the data was taken has to be written "
        "down: it is what the use is judged by later."
    ),
    remedy="Add 'license: <SPDX id or hub id>' to the dataset's entry in datasets.yaml.",
    example="An entry of datasets.yaml with 'id' and 'doi' and no 'license'.",
    needs=(EvidenceKind.DATASET,),
    references=("https://arxiv.org/abs/2503.02784", "https://spdx.org/licenses/"),
)


def check(case: Case) -> Conclusion:
    """Look for a license id, and whether it is one."""
    return judge_each(case, _judge, "each licensed")


def _judge(dataset: Dataset, found: Datasets) -> list[Finding]:
    if not dataset.facts["license"]:
        return [no_entry(dataset, found, "a license", "a 'license'")]
    if dataset.facts["license_status"] != "known":
        return [_unclear(dataset)]
    return [_contradicted(dataset)] if _contradicts(dataset.facts) else []


def _contradicts(facts: DatasetFacts) -> bool:
    """Whether the text that the record points at is another known license.

    A text that is none that is known contradicts nothing: nobody can say what it is.
    """
    texts = facts.get("license_text", "").split(" OR ")
    named = re.split(r"[\s()]+", facts["license_id"])
    return texts != [""] and not set(texts) & set(named)


def _contradicted(dataset: Dataset) -> Finding:
    facts = dataset.facts
    return Finding(
        Outcome.UNKNOWN,
        f"The dataset '{facts['id']}' is recorded under '{facts['license']}', and the text kept as "
        f"'{facts['license_file']}' is that of {facts['license_text']}.",
        "Find out which of the two the data came under, and correct 'license' or 'license_file'.",
        dataset.location,
        key=f"{facts['id']}:{facts['license']}:text",
        evidence=(dataset.evidence.digest,),
    )


def _unclear(dataset: Dataset) -> Finding:
    """A license is named, and which one that is cannot be told."""
    facts = dataset.facts
    says = {
        "family": "which names a family of licenses and not one text",
        "other": "which leaves the text to the author",
    }.get(facts["license_status"], "which neither SPDX nor the Hub has")
    return Finding(
        Outcome.UNKNOWN,
        f"The dataset '{facts['id']}' is recorded under '{facts['license']}', {says}.",
        "Record an SPDX id or a hub id that names one license.",
        dataset.location,
        key=f"{facts['id']}:{facts['license']}",
        evidence=(dataset.evidence.digest,),
    )
