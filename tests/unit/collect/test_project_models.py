"""Models of a Hub that pass for better known ones, and the many ordinary ones that do not."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
from pathlib import Path
from typing import Any, cast

import pytest

from weighbridge.collect import projects
from weighbridge.collect.context import CollectContext, Services
from weighbridge.collect.project_models import KnownModels, known_models
from weighbridge.licensing.families import all_families
from weighbridge.model.digest import sha256
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.project import ProjectFacts
from weighbridge.model.hijack import hostile_fork
from weighbridge.model.hijack.view import SignalState, View
from weighbridge.model.known_models import KNOWN_MODELS
from weighbridge.model.subject import Subject, SubjectKind
from weighbridge.snapshot.snapshot import Snapshot
from weighbridge.testing.hub_accounts import FakeHubAccounts, HubEntry

KNOWN = known_models(())
DAY = dt.date(2026, 11, 20)
OLD = "638f7ae36c25af4071044105"  # of December 2022
WEEK_OLD = f"{int(dt.datetime(2026, 11, 13, tzinfo=dt.UTC).timestamp()):08x}{'0' * 16}"


def node(kind: str, name: str, state: str = "named") -> dict[str, Any]:
    return {"key": f"{kind}:{name}", "kind": kind, "id": name, "revision": "", "state": state}


def edge(child: str, parent: str, relation: str = "finetune") -> dict[str, str]:
    return {"child": child, "parent": parent, "relation": relation}


def context(hub: str, *nodes: dict[str, Any], edges: tuple[Any, ...] = (), known: Any = ()) -> Any:
    subject = Subject(SubjectKind.DIRECTORY, "m", sha256(b""))
    first = {**node("model", ""), "key": "subject"}
    data = {"nodes": [first, *nodes], "edges": list(edges)}
    evidence = Evidence(EvidenceKind.LINEAGE, "", EvidenceState.OBSERVED, "s", "l@1", "", data)
    return CollectContext(
        Snapshot(subject, (), (), lambda _: io.BytesIO()), DAY, False,
        services=Services(timeout_seconds=2.0, hub=hub, known_models=known),
        earlier={EvidenceKind.LINEAGE: (evidence,)},
    )  # fmt: skip


def collected(entries: dict[str, HubEntry], **more: Any) -> dict[str, ProjectFacts]:
    with FakeHubAccounts(entries, users={n.partition("/")[0]: "" for n in entries}) as hub:
        nodes = more.pop("nodes", [node("model", name) for name in entries])
        found = projects.collect(context(hub.url, *nodes, **more))
        return {e.about.removeprefix("pkg:huggingface/"): cast(ProjectFacts, e.data)
                for e in found}  # fmt: skip


def state(facts: ProjectFacts) -> SignalState:
    (reading,) = hostile_fork.read(View(facts, None, DAY))
    return reading.state


# ---- hostile first


def test_the_incident_fires_out_of_the_hubs_answer() -> None:
    name = "Open-OSS/privacy-filter"
    found = collected({name: HubEntry(WEEK_OLD, card={"license": "apache-2.0"})})
    assert list(found[name]["resembles"]) == ["openai/privacy-filter"]
    assert state(found[name]) is SignalState.FIRED


def test_a_name_of_the_users_own_list() -> None:
    name, known = "Mallory/house_model.v2", ("acme/House-Model-v2",)
    entries = {name: HubEntry(WEEK_OLD, card={})}
    assert state(collected(entries)[name]) is SignalState.CLEAR
    found = collected(entries, known=known)[name]
    assert (list(found["resembles"]), state(found)) == (["acme/House-Model-v2"], SignalState.FIRED)


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("Open-OSS/privacy-filter", "openai/privacy-filter"),
        ("Open-OSS/Privacy_Filter", "openai/privacy-filter"),
        ("meta-1lama/Llama-3.2-1B-Medical", "meta-llama/Llama-3.2-1B-Medical"),
        ("opena1/whisper-large-v3", "openai/whisper-large-v3"),
        ("mistralaii/anything", "mistralai/anything"),
        ("deepseek-al/DeepSeek-R1", "deepseek-ai/DeepSeek-R1"),
        ("someone/Llama-3.2-1B-Instruct", "meta-llama/Llama-3.2-1B-Instruct"),
        ("someone/DeepSeek-R1", "deepseek-ai/deepseek-r1"),
        ("someone/Qwen2.5-Coder-7B-Instruct", "qwen/Qwen2.5-Coder-7B-Instruct"),
        ("someone/Mixtral-8x7B-Instruct-v0.1", "mistralai/Mixtral-8x7B-Instruct-v0.1"),
    ],
)
def test_a_known_name_or_almost_a_known_owner(name: str, known: str) -> None:
    assert KNOWN.like(name, ()) == [known]


def test_an_owner_one_edit_away_is_not_excused_by_what_it_says_of_itself() -> None:
    assert KNOWN.like("opena1/whisper-large-v3", ("openai/whisper-large-v3",))


@pytest.mark.parametrize(
    "name",
    ["", "/", "a/", "/b", "\x00/\x1b[2J", "a" * 5_000 + "/" + "b-" * 5_000, "x/" + "7-" * 50_000,
     "\u202e/llama", "x/" + "llama-2-" * 5_000],
)  # fmt: skip
def test_names_that_are_none_cost_nothing_and_are_like_none(name: str) -> None:
    assert KNOWN.like(name, ()) == []


def test_a_card_that_nobody_read_leaves_a_known_name_open() -> None:
    assert KNOWN.like("someone/Llama-3.2-1B", None) is None
    assert KNOWN.like("someone/Llama-3.2-1B-recipes", None) == []
    found = collected({"someone/Llama-3.2-1B": HubEntry(WEEK_OLD)})["someone/Llama-3.2-1B"]
    assert (found["resembles"], state(found)) == (None, SignalState.UNAVAILABLE)


@pytest.mark.parametrize("given", [7, [7, None, {}], {"a": "b"}, [""], "\x1b[2J"])
def test_a_base_that_is_no_name_excuses_nothing(given: object) -> None:
    name = "Open-OSS/privacy-filter"
    found = collected({name: HubEntry(WEEK_OLD, card={"base_model": given})})[name]
    assert state(found) is SignalState.FIRED


# ---- facts that make an ordinary one


@pytest.mark.parametrize("base", ["meta-llama/Llama-3.2-1B", ["meta-llama/Llama-3.2-1B", "x/y"]])
def test_who_names_the_original_in_the_card_does_not_pass_for_it(base: object) -> None:
    name = "unsloth/Llama-3.2-1B"
    found = collected({name: HubEntry(WEEK_OLD, card={"base_model": base})})[name]
    assert (list(found["resembles"]), state(found)) == ([], SignalState.CLEAR)


def test_the_lineage_tells_what_the_hub_does_not() -> None:
    name = "someone/Llama-3.2-1B"
    nodes = [node("model", name, "read"), node("model", "meta-llama/Llama-3.2-1B")]
    made = edge(f"model:{name}", "model:meta-llama/Llama-3.2-1B")
    there = {one["id"]: HubEntry(WEEK_OLD) for one in nodes}
    assert list(collected(there, nodes=nodes, edges=(made,))[name]["resembles"]) == []
    # its card was read, and names nothing; or names it as what it was measured against
    assert state(collected(there, nodes=nodes)[name]) is SignalState.FIRED
    measured = {**made, "relation": "evaluated-on"}
    assert state(collected(there, nodes=nodes, edges=(measured,))[name]) is SignalState.FIRED


def test_the_same_name_as_an_ancestors_under_another_owner_is_a_fine_tune() -> None:
    models = KnownModels(("acme/house-model",))
    assert models.like("bob/house-model", ("carol/house-model",)) == []
    assert models.like("bob/house-model", ("acme/other",)) == []
    assert models.like("bob/house-model", ("carol/other",)) == ["acme/house-model"]


def test_an_old_copy_is_not_young() -> None:
    name = "NousResearch/Llama-2-7b-hf"
    found = collected({name: HubEntry(OLD, card={})})[name]
    assert found["resembles"]
    assert state(found) is not SignalState.FIRED


# Ordinary ones, by what their cards say: the original, something else, or nothing at all.
SUFFIXED = """
TheBloke/Llama-2-7B-GGUF TheBloke/Llama-2-7B-Chat-GPTQ TheBloke/Mistral-7B-Instruct-v0.2-AWQ
TheBloke/Mixtral-8x7B-Instruct-v0.1-GGUF TheBloke/CodeLlama-34B-Instruct-GGUF
bartowski/Llama-3.2-1B-Instruct-GGUF bartowski/Meta-Llama-3.1-8B-Instruct-GGUF
bartowski/Qwen2.5-Coder-32B-Instruct-GGUF bartowski/gemma-2-9b-it-GGUF
unsloth/Llama-3.2-1B-bnb-4bit unsloth/Llama-3.2-1B-Instruct-unsloth-bnb-4bit
unsloth/gemma-3-4b-it-GGUF unsloth/Qwen3-8B-GGUF unsloth/DeepSeek-R1-Distill-Llama-8B-GGUF
mlx-community/Llama-3.2-3B-Instruct-4bit mlx-community/Qwen3-4B-8bit
mlx-community/whisper-large-v3-mlx
lmstudio-community/Qwen3-8B-GGUF MaziyarPanahi/Mistral-7B-Instruct-v0.3-GGUF
RedHatAI/Meta-Llama-3.1-8B-Instruct-FP8 neuralmagic/Mistral-7B-Instruct-v0.3-GPTQ-4bit
hugging-quants/Meta-Llama-3.1-8B-Instruct-AWQ-INT4 casperhansen/llama-3-8b-instruct-awq
QuantFactory/Phi-3.5-mini-instruct-GGUF second-state/Llama-2-7B-Chat-GGUF
Systran/faster-whisper-large-v3 distil-whisper/distil-large-v3
Xenova/whisper-tiny.en-quantized NousResearch/Hermes-3-Llama-3.1-8B
NousResearch/Nous-Hermes-Llama2-13b cognitivecomputations/dolphin-2.9-llama3-8b
HuggingFaceH4/zephyr-7b-beta Open-Orca/Mistral-7B-OpenOrca teknium/OpenHermes-2.5-Mistral-7B
tatsu-lab/alpaca-7b-wdiff berkeley-nest/Starling-LM-7B-alpha Intel/neural-chat-7b-v3-1
shenzhi-wang/Llama3-8B-Chinese-Chat h2oai/h2ogpt-4096-llama2-7b-chat defog/sqlcoder-7b-2
nlptown/bert-base-multilingual-uncased-sentiment dslim/bert-base-NER ckiplab/bert-base-chinese-ws
textattack/bert-base-uncased-SST-2 deepset/roberta-base-squad2 cardiffnlp/twitter-roberta-base
j-hartmann/emotion-english-distilroberta-base philschmid/bart-large-cnn-samsum
"""
SAME_NAME = """
unsloth/Llama-3.2-1B unsloth/Llama-3.2-3B unsloth/Llama-3.2-1B-Instruct unsloth/gemma-2-9b-it
unsloth/mistral-7b-v0.3 unsloth/Qwen2.5-7B-Instruct unsloth/Meta-Llama-3.1-8B
alpindale/Mistral-7B-v0.2-hf onnx-community/Llama-3.2-1B-Instruct Xenova/gpt2
onnx-community/whisper-base
Xenova/bert-base-uncased Xenova/all-MiniLM-L6-v2 Xenova/whisper-tiny optimum/all-MiniLM-L6-v2
"""


def test_ordinary_ones_with_a_name_of_their_own_are_like_none() -> None:
    """Whatever their cards say: nobody needs to ask."""
    for said in (None, (), ("x/y",)):
        assert {
            name: like for name in SUFFIXED.split() if (like := KNOWN.like(name, said)) != []
        } == {}


def test_ordinary_ones_of_the_same_name_are_excused_by_their_cards() -> None:
    for name in SAME_NAME.split():
        original = (KNOWN.like(name, ()) or [""])[0]
        assert KNOWN.like(name, (original,)) == [], name
        assert KNOWN.like(name, (f"other/{name.partition('/')[2]}",)) == [], name


def test_known_ones_are_like_nobody() -> None:
    for name in (*KNOWN_MODELS, *(row.pattern for row in all_families())):
        assert KNOWN.like(name, None) == [], name
    assert KNOWN.like("gpt2", None) == [], "the Hub's own names have no owner"


def test_the_tables_can_be_read_by_people() -> None:
    assert len(set(KNOWN_MODELS)) == len(KNOWN_MODELS) >= 50
    assert all(name.count("/") == 1 and name == name.casefold() for name in KNOWN_MODELS)
    assert all(row.pattern.find("*") in (-1, len(row.pattern) - 1) for row in all_families())


def test_a_dataset_is_compared_with_nothing() -> None:
    found = collected({"datasets/a/squad": HubEntry(WEEK_OLD)}, nodes=[node("dataset", "a/squad")])
    assert found["datasets/a/squad"]["resembles"] is None


def test_a_model_that_nobody_could_be_asked_about_is_never_cleared() -> None:
    offline = dataclasses.replace(context("", node("model", "Open-OSS/privacy-filter")),
                                  offline=True)  # fmt: skip
    (found,) = projects.collect(offline)
    assert found.state is EvidenceState.UNAVAILABLE


def test_the_configuration_names_models(tmp_path: Path, monkeypatch) -> None:
    from weighbridge.cli.config import load_config

    (tmp_path / "weighbridge.yaml").write_text("known_models: [acme/house-model]\n")
    assert load_config(tmp_path).known_models == ("acme/house-model",)
