"""Records of datasets: broken BibTeX, citations of another dataset, the license's text."""

import datetime as dt

import pytest

from weighbridge.collect.dataset_records import (
    hub_dataset,
    parse_citation_cff,
    parse_datasets_yaml,
)
from weighbridge.collect.datasets import evidence_of
from weighbridge.edge.yaml import MalformedYaml
from weighbridge.model.rule import Case
from weighbridge.rules.citations import uncited_dataset, unlicensed_dataset
from weighbridge.testing.memory import snapshot_of

USE = 'from datasets import load_dataset\nload_dataset("o/n")\n'


def concluded(rule, files: dict[str, str]):
    snapshot = snapshot_of({path: data.encode() for path, data in files.items()})
    return rule.check(Case(snapshot.subject, dt.date(2026, 11, 20), evidence_of(snapshot)))


@pytest.mark.parametrize(
    ("citation", "says"),
    [
        ("'@misc{a, title={x}'", "never closed"),
        ("'@misc{a, title={x}}}'", "closes nothing"),
        ("'@comment{x}'", "holds no entry"),
    ],
)
def test_broken_bibtex_names_its_line(citation: str, says: str) -> None:
    text = f"- id: o/n\n  license: MIT\n  citation: {citation}\n"
    with pytest.raises(MalformedYaml, match=says) as caught:
        parse_datasets_yaml(text, source="datasets.yaml")
    assert caught.value.line == 3


def test_bibtex_and_prose_are_citations() -> None:
    for citation in ("'@misc{a, title={x}}'", "'Doe {sic} (2020). N}.'", "|\n    @misc{a,\n    }"):
        text = f"- id: o/n\n  citation: {citation}\n"
        assert parse_datasets_yaml(text, source="datasets.yaml")[0].citation


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://huggingface.co/datasets/o/n", "o/n"),
        ("HTTPS://HuggingFace.co/datasets/o/n/tree/main", "o/n"),
        ("http://www.hf.co/datasets/squad/tree/main", "squad"),
        ("hf-mirror.com/datasets/o/n", "o/n"),
        ("git@hf.co:datasets/o/n.git", "o/n"),
        ("hf://datasets/o/n@main/x.csv", "o/n"),
        ("https://example.org/?u=https://huggingface.co/datasets/o/n", ""),
        ("https://huggingface.co/o/n", ""),
        ("https://nothuggingface.co/datasets/o/n", ""),
        ("datasets/o/n", ""),
    ],
)
def test_addresses_of_the_hub(address: str, name: str) -> None:
    assert hub_dataset(address) == name


@pytest.mark.parametrize(
    "link",
    ["https://huggingface.co/datasets/other/n", "https://HUGGINGFACE.CO/datasets/other/n",
     "git@hf.co:datasets/other/n.git", "hf.co/datasets/other/n", "hf://datasets/other/n"],
)  # fmt: skip
def test_a_reference_of_that_title_to_another_dataset_does_not_count(link: str) -> None:
    cff = (
        "references:\n- type: dataset\n  title: o/n\n  authors: [{name: A}]\n  doi: 10.5555/x\n"
        f"  repository: {link}\n"
    )
    assert [r.id for r in parse_citation_cff(cff, source="CITATION.cff")] == ["other/n"]
    assert concluded(uncited_dataset, {"t.py": USE, "CITATION.cff": cff}).outcome == "fail"


def test_two_works_of_one_title_are_not_told_apart() -> None:
    one = "- type: dataset\n  title: o/n\n  authors: [{name: A}]\n  doi: 10.5555/%s\n"
    two = f"references:\n{one % 'x'}{one % 'y'}"
    assert parse_citation_cff(two, source="CITATION.cff") == ()
    same = f"references:\n{one % 'x'}{one % 'x'}"
    assert len(parse_citation_cff(same, source="CITATION.cff")) == 2
    assert concluded(uncited_dataset, {"t.py": USE, "CITATION.cff": two}).outcome == "fail"
    assert concluded(uncited_dataset, {"t.py": USE, "CITATION.cff": same}).outcome == "pass"


@pytest.mark.parametrize(
    ("record", "outcome"),
    [
        ("url: https://huggingface.co/datasets/other/n", "fail"),
        ("url: https://hf.co/datasets/n", "fail"),
        ("citation: '@misc{n, url={https://huggingface.co/datasets/other/n}}'", "fail"),
        ("citation: 'Doe (2020), https://huggingface.co/datasets/o/n/tree/main.'", "pass"),
        ("citation: 'Taken from hf.co/datasets/a/b and hf.co/datasets/O/N'", "pass"),
        ("citation: 'Doe (2020). A paper. https://example.org/n'", "pass"),
        ("{doi: 10.5555/n, url: 'https://hf.co/datasets/other/n'}", "pass"),
    ],
)
def test_the_page_of_another_dataset_cites_that_one(record: str, outcome: str) -> None:
    text = f"- id: o/n\n  {record}\n"
    if record.startswith("{"):
        text = f"- {{id: o/n, {record[1:]}\n"
    result = concluded(uncited_dataset, {"t.py": USE, "datasets.yaml": text})
    assert result.outcome == outcome
    if outcome == "fail":
        assert "another" in result.findings[0].message


MIT_TOO_SHORT = "MIT License\n\nPermission is granted.\n"


@pytest.mark.parametrize(
    ("files", "outcome", "says"),
    [
        ({}, "unknown", "is not there"),
        ({"x.LICENSE": MIT_TOO_SHORT}, "pass", ""),
        ({"x.LICENSE": "\x00" * 10}, "pass", ""),
    ],
)
def test_the_text_of_a_license(files: dict[str, str], outcome: str, says: str) -> None:
    record = "- id: o/n\n  license: MIT\n  license_file: x.LICENSE\n"
    result = concluded(unlicensed_dataset, {"t.py": USE, "datasets.yaml": record, **files})
    assert result.outcome == outcome
    assert not says or says in result.findings[0].message


def test_the_text_is_hashed_and_counts_from_the_record() -> None:
    files = {"a/t.py": USE, "a/datasets.yaml": "- id: o/n\n  license_file: l/x.txt\n",
             "a/l/x.txt": MIT_TOO_SHORT}  # fmt: skip
    snapshot = snapshot_of({path: data.encode() for path, data in files.items()})
    facts = evidence_of(snapshot)[0].data
    assert facts["license_file"] == "a/l/x.txt"
    digest = snapshot.find("a/l/x.txt").digest()
    assert facts["license_sha256"] == digest.value
    assert facts["license_text"] == ""
