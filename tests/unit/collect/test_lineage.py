"""The subject's own parents: from cards, configurations, recipes, GGUF keys, records, packages."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest
from tests.unit.collect.lineage_build import COMMIT, DAY, card, draw, write

from weighbridge.collect import lineage
from weighbridge.collect.context import CollectContext
from weighbridge.model.evidence import EvidenceState
from weighbridge.snapshot.take import take_snapshot

BASE = "meta-llama/Llama-3.1-8B"


def gguf(**texts: str) -> bytes:
    """A GGUF file of version 3 with text keys, dots written as ``__``, and no tensors."""

    def text(value: str) -> bytes:
        return struct.pack("<Q", len(value.encode())) + value.encode()

    pairs = [text(k.replace("__", ".")) + struct.pack("<I", 8) + text(v) for k, v in texts.items()]
    head = b"GGUF" + struct.pack("<IQQ", 3, 0, len(pairs) + 1)
    kind = text("general.file_type") + struct.pack("<II", 4, 15)
    return head + b"".join(pairs) + kind


@pytest.mark.parametrize(
    "front",
    [
        "[a, b]", "a: &a [*a]", "base_model: [[a/b], {x: y}, 5, null, true]", "license: {a: b}",
        "license: [mit, [x], {y: z}, 5]\ntags: {a: [b]}\nmodel-index: [[[]]]",
        "a: &a [x,x,x,x,x,x,x,x,x]\n" + "\n".join(
            f"{b}: &{b} [*{a},*{a},*{a},*{a},*{a},*{a},*{a},*{a}]"
            for a, b in zip("abcdef", "bcdefg", strict=True)),
        "base_model: \"a\\u0007\\u202e\\nb/c\"\ndatasets: [\"x\\u0000y\"]",
        "base_model: " + "x" * 5000,
        "tags: ['base_model:', 'base_model:finetune:', 'license:', 'dataset:../x', 'base_model:a']",
    ],
)  # fmt: skip
def test_hostile_front_matter_never_breaks_the_graph(front: str, tmp_path: Path) -> None:
    drawn = draw(write(tmp_path / "m", {"README.md": f"---\n{front}\n---\n"}))
    text = str([node["id"] for node in drawn.facts["nodes"]])
    assert "\x07" not in text
    assert "\u202e" not in text
    assert "\n" not in text


def test_a_broken_card_is_said_of_the_subject(tmp_path: Path) -> None:
    drawn = draw(write(tmp_path / "m", {"README.md": "---\nlicense: [\n---\n"}))
    subject = drawn.node("subject")
    assert subject["state"] == "unavailable"
    assert "could not be read" in subject["why"]


def test_without_the_model_there_is_no_graph(tmp_path: Path) -> None:
    folder = write(tmp_path / "m", {"x.txt": "x"})
    evidence, terms = lineage.collect(CollectContext(take_snapshot(folder), DAY, offline=True))
    assert terms.state is EvidenceState.ABSENT
    assert evidence.state is EvidenceState.UNAVAILABLE


@pytest.mark.parametrize(
    ("front", "edge"),
    [
        ({"base_model": BASE}, ("finetune", f"model:{BASE}", "declared")),
        (
            {"base_model": BASE, "base_model_relation": "quantized"},
            ("quantized", f"model:{BASE}", "declared"),
        ),
        ({"base_model": BASE, "library_name": "peft"}, ("adapter", f"model:{BASE}", "declared")),
        ({"tags": [f"base_model:adapter:{BASE}"]}, ("adapter", f"model:{BASE}", "declared")),
        (
            {"tags": [f"base_model:{BASE}", f"base_model:merge:{BASE}"]},
            ("merge", f"model:{BASE}", "declared"),
        ),
        ({"datasets": ["o/d"]}, ("trained-on", "dataset:o/d", "declared")),
        ({"tags": ["dataset:o/d"]}, ("trained-on", "dataset:o/d", "declared")),
    ],
)
def test_what_a_card_declares(front: dict[str, Any], edge: Any, tmp_path: Path) -> None:
    drawn = draw(write(tmp_path / "m", {"README.md": card(**front)}))
    assert drawn.edges() == [edge]


def test_model_index_names_what_it_was_measured_on(tmp_path: Path) -> None:
    result = {
        "dataset": {"type": "o/d", "revision": COMMIT, "name": "D"},
        "metrics": [{"type": "acc", "value": 1}],
        "task": {"type": "x"},
    }
    front = {"model-index": [{"name": "m", "results": [result]}]}
    drawn = draw(write(tmp_path / "m", {"README.md": card(**front)}))
    assert drawn.edges() == [("evaluated-on", f"dataset:o/d@{COMMIT}", "declared")]
    assert drawn.facts["edges"][0]["pinned"]


def test_an_adapter_pins_its_base_and_the_card_joins_it(tmp_path: Path) -> None:
    config = {"base_model_name_or_path": BASE, "revision": COMMIT, "peft_type": "LORA"}
    files = {"README.md": card(base_model=BASE), "adapter_config.json": config}
    drawn = draw(write(tmp_path / "m", files))
    assert drawn.edges() == [("adapter", f"model:{BASE}@{COMMIT}", "declared")]
    assert drawn.facts["edges"][0]["pinned"]
    assert drawn.node("subject")["kind"] == "adapter"
    assert drawn.facts["disputes"] == []


def test_a_path_of_the_training_machine_is_no_second_base(tmp_path: Path) -> None:
    config = {"base_model_name_or_path": "/home/me/llama", "peft_type": "LORA"}
    files = {"README.md": card(base_model=BASE), "adapter_config.json": config}
    assert draw(write(tmp_path / "m", files)).edges() == [("adapter", f"model:{BASE}", "declared")]
    alone = draw(write(tmp_path / "n", {"adapter_config.json": config}))
    assert alone.edges() == [("adapter", "model:/home/me/llama", "computed")]


def test_other_bases_in_card_and_configuration_are_a_dispute(tmp_path: Path) -> None:
    config = {"base_model_name_or_path": BASE}
    files = {"README.md": card(base_model="o/other-7b"), "adapter_config.json": config}
    drawn = draw(write(tmp_path / "m", files))
    (dispute,) = drawn.facts["disputes"]
    assert dispute["kind"] == "base"
    assert dispute["keys"] == ["subject", f"model:{BASE}", "model:o/other-7b"]
    # unless a card says that one was made from the other
    cards = write(tmp_path / "cards", {f"{BASE}/README.md": card(base_model="o/other-7b")})
    assert draw(tmp_path / "m", cards=cards).facts["disputes"] == []


def test_two_stated_relations_are_a_dispute(tmp_path: Path) -> None:
    config = {"base_model_name_or_path": BASE}
    front = {"base_model": BASE, "base_model_relation": "merge"}
    drawn = draw(write(tmp_path / "m", {"README.md": card(**front), "adapter_config.json": config}))
    (dispute,) = drawn.facts["disputes"]
    assert dispute["kind"] == "relation"
    assert [e[0] for e in drawn.edges()] == ["merge", "adapter"]


def test_a_recipe_of_mergekit_with_an_adapter(tmp_path: Path) -> None:
    recipe = f"merge_method: slerp\nslices:\n- sources:\n  - model: a/x-7b@{COMMIT}+l/lora-1\n"
    drawn = draw(write(tmp_path / "m", {"mergekit_config.yml": recipe}))
    assert drawn.edges() == [
        ("merge", f"model:a/x-7b@{COMMIT}", "computed"), ("merge", "model:l/lora-1", "computed"),
    ]  # fmt: skip


def test_keys_of_gguf(tmp_path: Path) -> None:
    data = gguf(
        general__architecture="llama",
        general__base_model__0__name="Llama 3.1 8B",
        general__base_model__0__repo_url=f"https://huggingface.co/{BASE}",
        general__source__huggingface__repository="o/tuned-8b",
        general__dataset__0__repo_url="https://huggingface.co/datasets/o/d",
    )
    drawn = draw(write(tmp_path / "m", {"m.gguf": data}))
    assert set(drawn.edges()) == {
        ("quantized", f"model:{BASE}", "computed"),
        ("quantized", "model:o/tuned-8b", "computed"),
        ("trained-on", "dataset:o/d", "computed"),
    }


def test_a_quantized_model_names_its_calibration_data(tmp_path: Path) -> None:
    quantized = {"quant_method": "gptq", "bits": 4, "dataset": "wikitext2"}
    config = {"_name_or_path": BASE, "quantization_config": quantized}
    drawn = draw(write(tmp_path / "m", {"config.json": config}))
    assert drawn.edges() == [
        ("quantized", f"model:{BASE}", "inferred"),
        ("calibrated-on", "dataset:wikitext2", "computed"),
    ]


def test_further_files_of_trainers(tmp_path: Path) -> None:
    files = {
        "modules.json": [{"idx": 0, "path": "0_Transformer"}, {"path": "../x"}, 5],
        "0_Transformer/config.json": {"_name_or_path": "microsoft/mpnet-base"},
        "training_args.yaml": f"model_name_or_path: {BASE}\ndataset: o/d, local_data\n",
        "config.json": {"vision_config": {}, "text_config": {}},
    }
    drawn = draw(write(tmp_path / "m", files))
    assert set(drawn.edges()) == {
        ("finetune", "model:microsoft/mpnet-base", "inferred"),
        ("finetune", f"model:{BASE}", "computed"),
        ("trained-on", "dataset:o/d", "computed"),
    }
    assert drawn.node("subject")["multimodal"] is True


def test_licenses_of_the_subject_its_data_its_code_and_its_packages(tmp_path: Path) -> None:
    mit = (Path(__file__).parents[3] / "fixtures/models/tiny-chat/LICENSE").read_text()
    files = {
        "README.md": card(license="mit", datasets=["o/d"]),
        "LICENSE": mit,
        "vendored/LICENSE": mit,
        "vendored/model.py": "x = 1\n",
        "original/LICENSE": mit,
        "datasets.yaml": f"- id: o/d\n  license: CC-BY-4.0\n  revision: '{COMMIT}'\n",
        "requirements.txt": "numpy==2.4.6\n",
    }
    drawn = draw(write(tmp_path / "m", files))
    assert drawn.licenses("subject") == [("declared", "MIT"), ("detected", "MIT")]
    assert drawn.licenses(f"dataset:o/d@{COMMIT}") == [("declared", "CC-BY-4.0")]
    assert drawn.licenses("code:vendored") == [("detected", "MIT")]
    assert {e[:2] for e in drawn.edges()} == {
        ("trained-on", f"dataset:o/d@{COMMIT}"),
        ("links", "package:numpy==2.4.6"),
        ("bundles", "code:vendored"),
    }
    assert {about: e.state for about, e in drawn.terms.items()} == {
        "MIT": EvidenceState.OBSERVED, "CC-BY-4.0": EvidenceState.OBSERVED,
    }  # fmt: skip


def test_a_license_by_its_name_and_one_that_nobody_knows(tmp_path: Path) -> None:
    files = {
        "README.md": card(base_model="google/gemma-3-27b-it", license="LicenseRef-ours-1"),
    }
    drawn = draw(write(tmp_path / "m", files))
    ((how, identifier),) = drawn.licenses("model:google/gemma-3-27b-it")
    assert how == "family"
    assert "gemma" in identifier
    assert drawn.terms["LicenseRef-ours-1"].state is EvidenceState.ABSENT
    assert drawn.terms["LicenseRef-ours-1"].reason
