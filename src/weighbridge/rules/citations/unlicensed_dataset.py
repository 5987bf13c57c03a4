"""Every dataset's license is on record."""

from __future__ import annotations

from weighbridge.model.evidence import EvidenceKind
from weighbridge.model.finding import (
    Conclusion,
    Finding,
    Outcome,
    Severity,
    conclude,
    not_applicable,
)
from weighbridge.model.rule import Case, RuleMeta
from weighbridge.rules.citations._shared import (
    Dataset,
    Datasets,
    datasets,
    not_collected,
    unread_place,
)

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
    found = datasets(case)
    digests = [evidence.digest for evidence in found.everything]
    if not found.everything:
        return conclude([not_collected()], digests)
    findings = [unread_place(evidence) for evidence in found.unread]
    for dataset in found.known:
        if not dataset.facts["license"]:
            findings.append(_unlicensed(dataset, found))
        elif dataset.facts["license_status"] != "known":
            findings.append(_unclear(dataset))
    if not findings and not found.known:
        return not_applicable("The model card and the code name no dataset.", digests)
    return conclude(findings, digests, note=f"Datasets, each licensed: {len(found.known)}.")


def _unlicensed(dataset: Dataset, found: Datasets) -> Finding:
    facts = dataset.facts
    what = "has no record" if not facts["recorded_in"] else "has a record without a license"
    return Finding(
        found.gap(),
        f"The dataset '{facts['id']}', {dataset.places}, {what}.",
        f"Give '{facts['id']}' a 'license' in datasets.yaml.",
        dataset.location,
        key=facts["id"],
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
