"""Every dataset is pinned to the content that was read."""

from __future__ import annotations

import re

from weighbridge.model.evidence import EvidenceKind
from weighbridge.model.facts.dataset import DatasetFacts, DatasetUseFacts
from weighbridge.model.finding import Conclusion, Finding, Outcome, Severity
from weighbridge.model.rule import Case, RuleMeta
from weighbridge.rules.citations._shared import Dataset, Datasets, judge_each, place_of

META = RuleMeta(
    id="unpinned-dataset",
    family="citations",
    since="0.1",
    severity=Severity.MEDIUM,
    summary="every dataset is pinned to a commit or a hash, and the code loads what is recorded",
    why=(
        "A dataset on a hub can change from one day to the next, and by whoever controls it: a "
        "model that was trained on 'main' cannot be trained again, and poisoned rows can be put in "
        "and taken out unseen. Only a full commit id or a hash of the data fixes what was read; a "
        "branch or a tag can be moved."
    ),
    remedy=(
        "Record the full commit id as 'revision' (or the 'sha256' or '.dvc' file of the data) in "
        "datasets.yaml, and pass the same revision where the code loads the dataset."
    ),
    example='load_dataset("example/corpus") or load_dataset("example/corpus", revision="main").',
    needs=(EvidenceKind.DATASET,),
    references=(
        "https://huggingface.co/docs/datasets/loading#hugging-face-hub",
        "https://arxiv.org/abs/2302.10149",
    ),
)

_ASKING = frozenset({"code", "config", "model-index"})  # places that may ask for a revision
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")


def check(case: Case) -> Conclusion:
    """Compare the recorded pin with what each place asks for."""
    return judge_each(case, _of_dataset, "each pinned")


def _of_dataset(dataset: Dataset, found: Datasets) -> list[Finding]:
    facts = dataset.facts
    if facts["pin_kind"] == "commit":
        code = [use for use in facts["used_in"] if use["kind"] in ("code", "config")]
        return [_other(dataset, use) for use in code if use["revision"].lower() != facts["pin"]]
    if facts["pin_kind"] in ("sha256", "dvc"):
        return []
    if _pinned_where_used(facts):
        return []
    return [_unpinned(dataset, found)]


def _pinned_where_used(facts: DatasetFacts) -> bool:
    """Whether every place that loads the dataset asks for one and the same commit."""
    asking = [use for use in facts["used_in"] if use["kind"] in _ASKING]
    revisions = {use["revision"].lower() for use in asking}
    return len(revisions) == 1 and all(_COMMIT.match(revision) for revision in revisions)


def _unpinned(dataset: Dataset, found: Datasets) -> Finding:
    facts = dataset.facts
    movable = sorted({use["revision"] for use in facts["used_in"] if use["revision"]})
    if facts["pin_kind"] == "branch-or-tag":
        what = f"is recorded at '{facts['pin']}', which is a branch or tag and can be moved"
    elif movable:
        what = "is pinned to no single commit; asked for is " + ", ".join(f"'{m}'" for m in movable)
    elif facts["recorded_in"]:
        what = "has a record without a commit or hash"
    else:
        what = "is pinned nowhere"
    return Finding(
        found.gap(),
        f"The dataset '{facts['id']}', {dataset.places}, {what}.",
        f"Give '{facts['id']}' its full commit id as 'revision' in datasets.yaml, and load that.",
        dataset.location,
        key=facts["id"],
        evidence=(dataset.evidence.digest,),
    )


def _other(dataset: Dataset, use: DatasetUseFacts) -> Finding:
    """Code that loads something else than what is on record."""
    facts = dataset.facts
    loads = f"revision '{use['revision']}'" if use["revision"] else "whatever is newest"
    return Finding(
        Outcome.FAIL,
        f"The dataset '{facts['id']}' is recorded at commit {facts['pin'][:12]}, and "
        f"{place_of(use)} loads {loads}.",
        f'Pass revision="{facts["pin"]}" there, or record what was loaded.',
        place_of(use),
        key=f"{facts['id']}@{use['revision']}",
        evidence=(dataset.evidence.digest,),
    )
