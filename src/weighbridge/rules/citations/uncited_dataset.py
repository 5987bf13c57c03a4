"""Every dataset is cited."""

from __future__ import annotations

from weighbridge.model.evidence import EvidenceKind
from weighbridge.model.facts.dataset import DatasetFacts
from weighbridge.model.finding import Conclusion, Finding, Severity, conclude, not_applicable
from weighbridge.model.rule import Case, RuleMeta
from weighbridge.rules.citations._shared import (
    Dataset,
    Datasets,
    datasets,
    not_collected,
    unread_place,
)

META = RuleMeta(
    id="uncited-dataset",
    family="citations",
    since="0.1",
    severity=Severity.MEDIUM,
    summary="every dataset that the model card or the code names has a citation on record",
    why=(
        "Whoever judges a model for bias, for personal data or for copyright has to find what it "
        "was trained and measured on. A hub id is an address and not a source: it can be moved, "
        "emptied or taken over. A DOI or a full citation says what was meant for good, and the "
        "summaries of training data that the law asks for are written from it."
    ),
    remedy=(
        "Add the dataset to datasets.yaml with a 'doi' or a 'citation' (text or BibTeX), or to the "
        "references of CITATION.cff."
    ),
    example=(
        "A train.py with load_dataset(\"example/corpus\") and no entry 'example/corpus' in "
        "datasets.yaml."
    ),
    needs=(EvidenceKind.DATASET,),
    references=(
        "https://citation-file-format.github.io/",
        "https://huggingface.co/docs/hub/doi",
    ),
)


def check(case: Case) -> Conclusion:
    """Look for a DOI, a citation, or an address other than the hub's own page."""
    found = datasets(case)
    digests = [evidence.digest for evidence in found.everything]
    if not found.everything:
        return conclude([not_collected()], digests)
    findings = [unread_place(evidence) for evidence in found.unread]
    findings += [_uncited(d, found) for d in found.known if not _is_cited(d.facts)]
    if not findings and not found.known:
        return not_applicable("The model card and the code name no dataset.", digests)
    return conclude(findings, digests, note=f"Datasets, each cited: {len(found.known)}.")


def _is_cited(facts: DatasetFacts) -> bool:
    if facts["doi"] or facts["citation"]:
        return True
    return bool(facts["url"]) and not _is_own_page(facts["url"], facts["id"])


def _is_own_page(url: str, dataset: str) -> bool:
    """Whether an address is only the dataset's id written out: that cites nothing."""
    plain = url.lower().partition("://")[2].removeprefix("www.")
    own = {f"{host}/datasets/{dataset.lower()}" for host in ("huggingface.co", "hf.co")}
    return url == dataset or any(f"{plain}/".startswith(f"{page}/") for page in own)


def _uncited(dataset: Dataset, found: Datasets) -> Finding:
    facts = dataset.facts
    what = "has no record" if not facts["recorded_in"] else "has a record without a citation"
    return Finding(
        found.gap(),
        f"The dataset '{facts['id']}', {dataset.places}, {what}.",
        f"Give '{facts['id']}' a 'doi' or a 'citation' in datasets.yaml.",
        dataset.location,
        key=facts["id"],
        evidence=(dataset.evidence.digest,),
    )
