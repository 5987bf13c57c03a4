"""What a card's front matter and text say of the model."""

from __future__ import annotations

from typing import Any

import pytest

from weighbridge.collect.card import read_card
from weighbridge.collect.model_card import KEYS, read_front_matter
from weighbridge.collect.model_ledger import FIELDS, Ledger
from weighbridge.collect.model_names import Own, is_hub_id, reference
from weighbridge.collect.model_prose import read_sections, sections
from weighbridge.collect.model_tasks import TASKS, task_of_class
from weighbridge.testing.memory import snapshot_of


def ledger_of(text: str) -> Ledger:
    ledger = Ledger(Own("subject"))
    card = read_card(snapshot_of({"README.md": text.encode()}))
    read_front_matter(card, ledger)
    read_sections(card, ledger)
    return ledger


def front(text: str) -> Ledger:
    return ledger_of(f"---\n{text}---\n")


def found(ledger: Ledger, field: str) -> list[tuple[str, str, int]]:
    return [
        (c["value"], c["place"]["key"], c["place"]["line"])
        for c in ledger.claims
        if c["field"] == field
    ]


def test_every_key_has_a_field_that_is_documented() -> None:
    assert set(KEYS.values()) <= set(FIELDS)
    assert len(FIELDS) == len(set(FIELDS))


def test_values_of_any_shape_become_claims_with_their_line() -> None:
    ledger = front(
        "license: mit\nlanguage: [en, no]\nauthors:\n- Ada\n- name: Bob\n  mail: b@example.org\n"
        "inference:\n  parameters:\n    temperature: 0.7\nversion: 1.0\ntags:\n"
    )
    assert found(ledger, "license") == [("mit", "license", 2)]
    assert [v for v, _, _ in found(ledger, "language")] == ["en", "no"]  # not "false"
    assert found(ledger, "author") == [
        ("Ada", "authors[0]", 5),
        ("Bob", "authors[1].name", 6),
        ("b@example.org", "authors[1].mail", 7),
    ]
    assert found(ledger, "inference") == [
        ("temperature=0.7", "inference.parameters.temperature", 10)
    ]
    assert found(ledger, "version") == [("1.0", "version", 11)]
    assert found(ledger, "tag") == []
    assert ledger.unread == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("co2_eq_emissions: 12.5\n", ("12.5", "", "co2_eq_emissions")),
        ("co2_eq_emissions: '12.5'\n", ("12.5", "", "co2_eq_emissions")),
        ("co2_eq_emissions: 0\n", ("0", "", "co2_eq_emissions")),
        ("co2_eq_emissions: {emissions: 3, energy_consumed: 0.01}\n",
         ("3", "0.01", "co2_eq_emissions.emissions")),
        ("co2_eq_emissions: {source: meter}\n", ("", "", "co2_eq_emissions")),
    ],
)  # fmt: skip
def test_energy_is_in_the_units_of_the_card(text: str, expected: tuple[str, str, str]) -> None:
    (energy,) = front(text).energy
    assert (energy["co2_grams"], energy["kwh"], energy["place"]["key"]) == expected


@pytest.mark.parametrize("text", ["true", "'12 kg'", "[1]", ".nan", "1e999", "-1", "x" * 200])
def test_what_is_no_amount_of_energy_is_not_made_one(text: str) -> None:
    ledger = front(f"co2_eq_emissions: {text}\n")
    assert ledger.energy == []
    assert len(ledger.unread) == 1


@pytest.mark.parametrize(
    ("text", "relation", "inferred"),
    [
        ("base_model: a/b\n", "", False),
        ("base_model: a/b\nbase_model_relation: quantized\n", "quantized", False),
        ("base_model: [a/b, c/d]\n", "merge", True),
        ("base_model: [a/b, c/d]\nbase_model_relation: finetune\n", "finetune", False),
        ("base_model: a/b\nlibrary_name: peft\n", "adapter", True),
        ("base_model: a/b\nquantized_by: somebody\n", "quantized", True),
        ("base_model: a/b\nlibrary_name: peft\nbase_model_relation: [x]\n", "adapter", True),
        ("base_model: a/b\nlibrary_name: peft\nbase_model_relation: cousin\n", "", False),
    ],
)
def test_how_a_base_is_related(text: str, relation: str, inferred: bool) -> None:
    bases: list[Any] = front(text).base_models
    assert {(b["relation"], b["inferred"]) for b in bases} == {(relation, inferred)}


def test_results_of_any_shape() -> None:
    ledger = front(
        "model-index:\n- name: m\n  results:\n  - task: {type: t}\n    dataset: [no]\n"
        "    metrics:\n    - {type: acc, value: 0.5, verified: true}\n    - {type: f1}\n"
        "    - just words\n  - words\n- 3\n"
    )
    (metric,) = ledger.metrics
    assert (metric["task"], metric["dataset"], metric["metric"], metric["value"]) == (
        "t", "", "acc", "0.5",
    )  # fmt: skip
    assert metric["place"]["key"] == "model-index[0].results[0].metrics[0].value"
    assert metric["place"]["line"] == 8
    assert len(ledger.unread) == 4


TEMPLATE = """
<!-- a comment

# that hides a heading -->
# Model Card for Tern

## Model Details

### Model Description

- **Developed by:** The Harbor Lab
- **Model type:** [More Information Needed]
- **Repository [optional]:** [our page](https://example.org/tern)

## Uses

### Direct Use

Sorting letters.

### Out-of-Scope Use

[More Information Needed]

## Bias, Risks, and Limitations

It has only seen letters.

```
## Citation
in code
```

Environmental Impact
--------------------

Little.

| a | b |
|---|---|
## Training Details
### Training Data
Letters.
### Training Procedure
#### Training Hyperparameters
- learning_rate: 2e-05
- **optimizer:** AdamW, `betas=(0.9, 0.999)`
"""


def test_the_sections_of_the_hubs_template() -> None:
    ledger = ledger_of(TEMPLATE)
    lines = TEMPLATE.split("\n")
    for claim in ledger.claims:
        assert claim["place"]["key"].split()[0].lower() in lines[claim["place"]["line"] - 1].lower()
    assert found(ledger, "author") == [("The Harbor Lab", "Developed by", 11)]
    assert found(ledger, "architecture_family") == []
    assert found(ledger, "link") == [("https://example.org/tern", "Repository", 13)]
    assert [(v, k) for v, k, _ in found(ledger, "intended_use")] == [
        ("Sorting letters.", "Uses"), ("Sorting letters.", "Direct Use"),
    ]  # fmt: skip
    assert found(ledger, "out_of_scope_use") == []
    assert all("hides" not in claim["place"]["key"] for claim in ledger.claims)
    assert [k for _, k, _ in found(ledger, "risk")] == ["Bias, Risks, and Limitations"]
    assert [k for _, k, _ in found(ledger, "limitation")] == ["Bias, Risks, and Limitations"]
    assert found(ledger, "citation") == []
    assert [k for _, k, _ in found(ledger, "environment")] == ["Environmental Impact"]
    assert [k for _, k, _ in found(ledger, "training_data")] == ["Training Data"]
    assert [v for v, _, _ in found(ledger, "hyperparameter")] == [
        "learning_rate=2e-05", "optimizer=AdamW, `betas=(0.9, 0.999)`",
    ]  # fmt: skip


def test_a_section_is_cut_and_its_line_counts_the_front_matter() -> None:
    ledger = ledger_of("---\nlicense: mit\n---\r\n\r\n## Limitations\r\n" + "word " * 1000)
    ((value, key, line),) = found(ledger, "limitation")
    assert (key, line) == ("Limitations", 5)
    assert value.startswith("word word")
    assert value.endswith("more characters)")
    assert len(value) < 540


def test_thousands_of_headings_end_at_a_bound() -> None:
    assert len(list(sections("# a\n" * 5_000, 1))) == 500


@pytest.mark.parametrize(
    ("text", "hub_id", "revision"),
    [
        ("a/b", "a/b", ""),
        ("gpt2", "gpt2", ""),
        ("https://huggingface.co/a/b", "a/b", ""),
        ("https://hf.co/a/b/tree/main", "a/b", "main"),
        ("https://huggingface.co/datasets/a", "", ""),
        ("https://huggingface.co/datasets/a/b", "", ""),
        ("https://huggingface.co.evil.example/a/b", "", ""),
        ("https://example.org/a/b", "", ""),
        ("../a", "", ""),
        ("a/b/c", "", ""),
        ("a--b", "", ""),
        ("a b", "", ""),
        ("a/b\n", "a/b", ""),
        ("a/\u202eb", "", ""),
        ("ä/b", "", ""),
    ],
)
def test_what_a_reference_means(text: str, hub_id: str, revision: str) -> None:
    named = reference(text)
    assert (named.hub_id, named.revision) == (hub_id, revision)
    assert bool(named.purl) is bool(hub_id)
    assert is_hub_id(hub_id) or not hub_id


def test_a_package_url_keeps_case_and_takes_only_a_commit_as_version() -> None:
    assert reference("Org/Name", "A" * 40).purl == f"pkg:huggingface/Org/Name@{'a' * 40}"
    assert reference("Org/Name", "main").purl == "pkg:huggingface/Org/Name"


def test_tasks_have_inputs_and_outputs() -> None:
    assert TASKS["image-text-to-text"] == (("image", "text"), ("text",))
    assert all(inputs and outputs for inputs, outputs in TASKS.values())
    assert task_of_class("LlamaForCausalLM") == "text-generation"
    assert task_of_class("LlamaModel") == ""
    ledger = front("pipeline_tag: text-to-image\n")
    assert found(ledger, "output") == [("image", "pipeline_tag", 2)]
