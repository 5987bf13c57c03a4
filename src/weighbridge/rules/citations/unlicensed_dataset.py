"""Every dataset's license is on record."""

from __future__ import annotations

from weighbridge.model.evidence import EvidenceKind
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
    return [_unclear(dataset)] if dataset.facts["license_status"] != "known" else []


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
