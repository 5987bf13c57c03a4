"""Every dataset is cited."""

from __future__ import annotations

from weighbridge.model.evidence import EvidenceKind
from weighbridge.model.finding import Conclusion, Finding, Severity
from weighbridge.model.rule import Case, RuleMeta
from weighbridge.rules.citations._shared import (
    Dataset,
    Datasets,
    judge_each,
    no_entry,
    other_dataset,
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
    return judge_each(case, _judge, "each cited")


def _judge(dataset: Dataset, found: Datasets) -> list[Finding]:
    facts = dataset.facts
    if facts["doi"] or _cites(facts["citation"], facts["id"]):
        return []
    if _cites(facts["url"], facts["id"]) and not _is_own_page(facts["url"], facts["id"]):
        return []
    other = other_dataset(f"{facts['citation']} {facts['url']}", facts["id"])
    if other:
        return [_of_another(dataset, found, other)]
    return [no_entry(dataset, found, "a citation", "a 'doi' or a 'citation'")]


def _cites(text: str, dataset: str) -> bool:
    return bool(text) and not other_dataset(text, dataset)


def _of_another(dataset: Dataset, found: Datasets, other: str) -> Finding:
    """What is recorded leads to another dataset, maybe of the same name."""
    name = dataset.facts["id"]
    return Finding(
        found.gap(),
        f"The dataset '{name}', {dataset.places}, is recorded with the address of another one, "
        f"'{other}': that is the other's citation.",
        f"Give '{name}' a 'doi' or a 'citation' of its own in datasets.yaml; if '{other}' is what "
        "was used, make that its 'id'.",
        dataset.location,
        key=name,
        evidence=(dataset.evidence.digest,),
    )


def _is_own_page(url: str, dataset: str) -> bool:
    """Whether an address is only the dataset's id written out: that cites nothing."""
    plain = url.lower().partition("://")[2].removeprefix("www.")
    own = {f"{host}/datasets/{dataset.lower()}" for host in ("huggingface.co", "hf.co")}
    return url == dataset or any(f"{plain}/".startswith(f"{page}/") for page in own)
