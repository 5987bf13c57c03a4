"""What the model is: hostile files first, then what a fine-tune says of itself."""

from __future__ import annotations

import datetime as dt
import json
import struct
import time
from pathlib import Path
from typing import Any

import pytest
from tests import fine_tune

from weighbridge.audit import AuditRequest, run_audit
from weighbridge.collect import model, structure, weights
from weighbridge.collect.context import CollectContext
from weighbridge.collect.model_weights import FILE_TYPES
from weighbridge.model.canonical import thaw
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.model import MAX_ENTRIES
from weighbridge.snapshot.take import take_snapshot

DAY = dt.date(2026, 11, 20)
POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'ab' * 32}\nsize 999\n"
BASE = "meta-llama/Llama-3.2-1B"


def look(folder: Path, earlier: dict[EvidenceKind, tuple[Evidence, ...]] | None = None) -> Any:
    context = CollectContext(take_snapshot(folder), DAY, offline=True, earlier=earlier or {})
    (evidence,) = model.collect(context)
    assert (evidence.kind, evidence.about) == (EvidenceKind.MODEL, "")
    assert evidence.state is EvidenceState.OBSERVED
    assert evidence.digest  # every value can stand in canonical JSON
    return thaw(evidence.data)


def write(folder: Path, **files: str | bytes | dict[str, Any]) -> Path:
    """Files by their name, with ``__`` for the dot."""
    folder.mkdir(exist_ok=True)
    for name, content in {"x__txt": "text", **files}.items():
        if isinstance(content, dict):
            content = json.dumps(content)
        data = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
        (folder / name.replace("__", ".")).write_bytes(data)
    return folder


def of(facts: Any, field: str) -> list[str]:
    return [claim["value"] for claim in facts["claims"] if claim["field"] == field]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("config__json", POINTER, "pointer"),
        ("config__json", "{", "not valid JSON"),
        ("config__json", "[1]", "no object"),
        ("config__json", '{"model_type": "a", "model_type": "b"}', "'model_type' stands twice"),
        ("config__json", "[" * 100_000, "nest"),
        ("config__json", '{"model_type": ["a"], "quantization_config": 3}', "model_type is a list"),
        ("config__json", '{"architectures": [1, {}]}', "architectures[0] is not a name"),
        ("adapter_config__json", POINTER, "pointer"),
        ("adapter_config__json", '{"base_model_name_or_path": {"a": 1}}', "is an object"),
        ("mergekit_config__yml", "models: [", "expected"),
        ("mergekit_config__yml", "- a\n", "no mapping"),
        ("mergekit_config__yml", b"models: \xff\n", "UTF-8"),
        ("mergekit_config__yml", "models:\n- model: {model: {path: [a]}}\n- 3\n", "no name"),
        ("README__md", POINTER, "pointer"),
        ("README__md", "---\nbase_model: a/b\nbase_model: c/d\n---\n", "stands twice"),
        ("README__md", "---\nbase_model: [" + "a/b," * 100_000 + "]\n---\n", "exceeds"),
        ("README__md", "---\ntags: [[[[[deep]]]]]\n---\n", "nested"),
        ("README__md", "---\nmodel-index: {a: 1}\nlicense: mit\n---\n", "is no list"),
        ("README__md", "---\nbase_model_relation: cousin\nbase_model: a/b\n---\n", "cousin"),
        ("README__md", "---\nco2_eq_emissions: -3\n---\n", "not an amount"),
        ("README__md", "---\nco2_eq_emissions: {emissions: .inf}\n---\n", "not an amount"),
        ("README__md", "---\nco2_eq_emissions: lots\n---\n", "'lots'"),
        ("m__gguf", b"GGUF" + struct.pack("<IQQ", 3, 0, 2**60) + bytes(64), "more entries"),
    ],
)
def test_what_cannot_be_read_is_said(
    tmp_path: Path, name: str, content: str | bytes, says: str
) -> None:
    facts = look(write(tmp_path / "tuned", **{name: content}))
    assert any(says in note for note in facts["unread"]), facts["unread"]
    assert facts["name"] == "tuned"


def test_a_bomb_a_card_of_ten_megabytes_and_sums_of_sixties_end_soon(tmp_path: Path) -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(9)
    )
    long = (
        "---\nlicense: mit\n---\n# Long\n" + "<!-- " * 10_000 + "[" * 50_000 + "word " * 2_000_000
    )
    sixties = "---\nlicense: mit\nversion: 1" + ":1" * 400_000 + "\n---\n"
    hexadecimal = "---\nlicense: 0x" + "f" * 20_000 + "\n---\n"
    started = time.process_time()
    for number, text in enumerate((f"---\n{bomb}---\n", long, sixties, hexadecimal)):
        facts = look(write(tmp_path / f"m{number}", README__md=text))
        assert facts["claims"] or facts["unread"]
    assert time.process_time() - started < 10
    assert any("65536 characters" in n for n in look(tmp_path / "m1")["unread"])


def test_many_base_models_are_cut_and_counted(tmp_path: Path) -> None:
    recipe = "models:\n" + "".join(f"- model: org/m{n}\n" for n in range(3_000))
    facts = look(write(tmp_path / "merged", mergekit_config__yml=recipe))
    assert len(facts["base_models"]) == MAX_ENTRIES
    assert "2000 more base models were left out" in facts["unread"]
    tags = "---\ntags: [" + ", ".join(f"t{n}" for n in range(4_000)) + "]\n---\n"
    facts = look(write(tmp_path / "tagged", README__md=tags))
    assert len(of(facts, "tag")) == 200
    assert "3800 more values of the field 'tag' were left out" in facts["unread"]


def test_control_characters_in_names_are_escaped(tmp_path: Path) -> None:
    card = '---\nmodel_name: "evil\\u202egpj.exe\\x07"\nbase_model: "a/b\\u2066"\n---\n'
    facts = look(write(tmp_path / "m", README__md=card, config__json='{"model_type": "\\ud800"}'))
    assert facts["name"] == "evil\\u202egpj.exe\\x07"
    assert facts["base_models"][0]["purl"] == ""
    assert of(facts, "architecture_family") == ["\\ud800"]
    assert json.dumps(facts, ensure_ascii=False).encode()


def test_a_link_out_of_the_subject_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "secret.json"
    outside.write_text('{"model_type": "secret"}')
    folder = write(tmp_path / "m")
    (folder / "config.json").symlink_to(outside)
    (folder / "generation.json").write_text('{"temperature": 0.5}')
    (folder / "generation_config.json").symlink_to("generation.json")
    facts = look(folder)
    assert of(facts, "architecture_family") == []
    assert any(note.startswith("config.json: ") for note in facts["unread"])
    assert of(facts, "generation") == ["temperature=0.5"]


def test_a_model_is_never_its_own_ancestor(tmp_path: Path) -> None:
    cache = fine_tune.build_hub_cache(tmp_path)
    own = f"{fine_tune.NAMESPACE}/{fine_tune.NAME}"
    card = (cache / "README.md").read_text().replace(f"base_model: {BASE}", f"base_model: {own}")
    for name, text in (("README.md", card), ("config.json", f'{{"_name_or_path": "{own}"}}')):
        (cache / name).unlink()
        (cache / name).write_text(text)
    facts = look(cache)
    assert [base["place"]["path"] for base in facts["base_models"]] == [fine_tune.GGUF]
    assert of(facts, "base_model") == [own, own]
    assert len([c for c in of(facts, "conflict") if "its own ancestor" in c]) == 2
    plain = write(tmp_path / "Llama-3.2-1B", config__json={"_name_or_path": BASE})
    assert look(plain)["base_models"] == []
    tuned = write(tmp_path / "tuned", config__json={"_name_or_path": BASE})
    assert [b["id"] for b in look(tuned)["base_models"]] == [BASE]


@pytest.mark.parametrize("written", ["/home/me/out", "./out", "../base", "out/checkpoint-500", ""])
def test_a_path_of_the_training_machine_is_no_base(tmp_path: Path, written: str) -> None:
    facts = look(write(tmp_path / "m", config__json={"_name_or_path": written}))
    assert facts["base_models"] == []
    assert of(facts, "base_model") == ([written] if written else [])


@pytest.mark.parametrize(
    ("card", "name", "key"),
    [
        ("---\nmodel_name: Own\nmodel-index:\n- name: Index\n---\n# Title\n", "Own", "model_name"),
        ("---\nmodel-index:\n- name: Index\n---\n# Title\n", "Index", "model-index[0].name"),
        ("---\nlicense: mit\n---\n\n# **Title**\n", "Title", "Title"),
        ("# Model Card for Tuned\n", "Tuned", "Model Card for Tuned"),
        ("Tuned\n=====\n", "Tuned", "Tuned"),
        ("```\n# no title\n```\n# Title\n", "Title", "Title"),
        ("# Model Card for Model ID\n", "folder", ""),
        ("# Overview\n\n# Second\n", "folder", ""),
        ("## Only the second level\n", "folder", ""),
        (f"---\nbase_model: {BASE}\nmodel_name: {BASE}\n---\n# Title\n", "Title", "Title"),
        (f"---\nbase_model: {BASE}\nmodel-index:\n- name: LLAMA 3.2 1b\n---\n", "folder", ""),
        (f"---\nbase_model: {BASE}\n---\n# Llama-3.2-1B\n", "folder", ""),
        (f"---\nbase_model: [a/b, {BASE}]\n---\n# Llama-3.2-1B\n", "folder", ""),
    ],
)
def test_the_name_is_the_models_own(tmp_path: Path, card: str, name: str, key: str) -> None:
    facts = look(write(tmp_path / "folder", README__md=card))
    assert (facts["name"], facts["name_place"]["key"]) == (name, key)
    assert facts["purl"] == ""
    passed_over = BASE in card and key != "model_name"
    assert bool([c for c in of(facts, "conflict") if "base model" in c]) is passed_over


def test_a_name_is_not_taken_from_what_the_configuration_was_loaded_from(tmp_path: Path) -> None:
    card, config = "# Llama 3.2 1B\n", {"_name_or_path": BASE}
    assert look(write(tmp_path / "tuned", README__md=card, config__json=config))["name"] == "tuned"
    named = {"base_model_name_or_path": BASE, "revision": "a" * 40, "peft_type": "LORA", "r": 16,
             "task_type": "CAUSAL_LM"}  # fmt: skip
    facts = look(write(tmp_path / "lora", README__md=card, adapter_config__json=named))
    assert facts["name"] == "lora"
    (base,) = facts["base_models"]
    assert (base["relation"], base["inferred"]) == ("adapter", True)
    assert base["purl"] == f"pkg:huggingface/{BASE}@{'a' * 40}"
    assert (of(facts, "adapter_type"), of(facts, "task")) == (["LORA"], ["text-generation"])


def test_a_fine_tune_says_what_it_is(tmp_path: Path) -> None:
    facts = look(fine_tune.build(tmp_path / "some-folder"))
    assert facts["unread"] == []
    assert (facts["name"], facts["namespace"], facts["purl"]) == (fine_tune.NAME, "", "")
    assert {base["purl"] for base in facts["base_models"]} == {f"pkg:huggingface/{BASE}"}
    assert [b["relation"] for b in facts["base_models"]] == ["finetune", "", ""]
    assert of(facts, "license") == ["other", "apache-2.0"]  # both stay
    assert set(of(facts, "parameters")) == {str(fine_tune.PARAMETERS)}
    counted = [c["place"]["path"] for c in facts["claims"] if c["field"] == "parameters"]
    assert counted == ["model.safetensors.index.json", fine_tune.GGUF]  # two shards are one model
    assert of(facts, "dataset") == list(fine_tune.DATASETS)
    assert (of(facts, "input"), of(facts, "output")) == (["text"], ["text"])
    assert {c["field"] for c in facts["claims"]} <= set(model.FIELDS)
    lines = fine_tune.CARD.split("\n")
    for claim in facts["claims"]:
        place = claim["place"]
        if place["path"] == "README.md" and claim["field"] != "hyperparameter":
            word = place["key"].rpartition(".")[2].partition("[")[0]
            entry = lines[place["line"] - 1]
            assert word in entry or claim["value"] in entry


def test_in_the_hubs_cache_the_folder_says_which_model_it_is(tmp_path: Path) -> None:
    facts = look(fine_tune.build_hub_cache(tmp_path))
    own = f"{fine_tune.NAMESPACE}/{fine_tune.NAME}"
    assert facts["purl"] == f"pkg:huggingface/{own}@{fine_tune.REVISION}"
    assert (facts["name_place"]["path"], facts["revision"]) == ("", fine_tune.REVISION)


def test_earlier_evidence_gives_the_same_as_the_headers(tmp_path: Path) -> None:
    folder = fine_tune.build(tmp_path / "m")
    context = CollectContext(take_snapshot(folder), DAY, offline=True)
    earlier = {c.KINDS[0]: tuple(c.collect(context)) for c in (structure, weights)}
    assert look(folder, earlier) == look(folder)


def test_headers_say_where_weights_come_from(tmp_path: Path) -> None:
    keys: dict[str, str | int] = {
        "general.architecture": "llama", "general.file_type": 15, "general.name": "Llama 3.2 1B",
        "general.base_model.0.name": "Old", "general.base_model.0.organization": "Other Org",
        "general.base_model.7.repo_url": f"https://huggingface.co/{BASE}/tree/{'b' * 40}",
        "general.base_model.x.name": "no number", "general.dataset.0.name": "Some data",
    }  # fmt: skip
    metadata = {"modelspec.title": "Own LoRA", "modelspec.merged_from": "a/b, c/d",
                "ss_sd_model_name": "sd15.ckpt", "ss_network_module": "lora"}  # fmt: skip
    folder = write(
        tmp_path / "m",
        a__gguf=fine_tune.gguf(keys, {"t": (4,)}),
        b__safetensors=fine_tune.safetensors({"t": (2,)}, 1, metadata),
    )
    facts = look(folder)
    assert facts["name"] == "m"  # headers name files, and often the base
    assert of(facts, "name") == ["Llama 3.2 1B", "Own LoRA"]
    found = {b["id"]: (b["purl"], b["relation"], b["revision"]) for b in facts["base_models"]}
    assert found["Other Org/Old"] == ("", "", "")
    page = f"https://huggingface.co/{BASE}/tree/{'b' * 40}"
    assert found[page] == (f"pkg:huggingface/{BASE}@{'b' * 40}", "", "b" * 40)
    assert found["a/b"] == ("pkg:huggingface/a/b", "merge", "")
    assert found["sd15.ckpt"][1:] == ("adapter", "")
    assert (of(facts, "quantization"), of(facts, "dataset")) == (["Q4_K_M"], ["Some data"])


def test_weights_that_are_away_and_many_folders_of_them_are_said(tmp_path: Path) -> None:
    folder = write(tmp_path / "m", model__safetensors=POINTER, a__gguf=POINTER)
    facts = look(folder)
    assert of(facts, "parameters") == []
    assert len([note for note in facts["unread"] if "not all of its tensors" in note]) == 2
    for number in range(60):
        one = folder / f"checkpoint-{number}"
        one.mkdir()
        (one / "model.safetensors").write_bytes(fine_tune.safetensors({"t": (2,)}, number))
    facts = look(folder)
    assert len(of(facts, "parameters")) == 49
    assert any("beyond 50 folders" in note for note in facts["unread"])


def test_a_recipe_names_what_was_merged(tmp_path: Path) -> None:
    recipe = (
        "merge_method: slerp\nbase_model: a/b@" + "c" * 40 + "\nslices:\n- sources:\n"
        "  - model: d/e+f/g\n    layer_range: [0, 32]\nmodels:\n"
        "- model: {model: {path: h/i, revision: main}}\n"
    )
    facts = look(write(tmp_path / "m", mergekit_config__yml=recipe))
    found = [(b["id"], b["revision"], b["relation"], b["place"]["line"])
             for b in facts["base_models"]]  # fmt: skip
    assert found == [("h/i", "main", "merge", 8), ("d/e", "", "merge", 5),
                     ("f/g", "", "merge", 5),
                     ("a/b", "c" * 40, "merge", 2)]  # fmt: skip
    assert of(facts, "merge_method") == ["slerp"]


def test_file_types_are_those_of_the_library() -> None:
    gguf = pytest.importorskip("gguf")
    library = {int(t): t.name.removeprefix("MOSTLY_").removeprefix("ALL_")
               for t in gguf.LlamaFileType}  # fmt: skip
    assert {n: FILE_TYPES[n] for n in FILE_TYPES if n in library} == {
        n: library[n] for n in FILE_TYPES if n in library
    }
    assert len(FILE_TYPES.keys() & library.keys()) > 30


def test_an_audit_has_it_whatever_the_policy_and_takes_more_digests(tmp_path: Path) -> None:
    request = AuditRequest(
        fine_tune.build(tmp_path / "m"), DAY, offline=True, algorithms=("sha512",)
    )
    record = run_audit(request).record
    assert [e.about for e in record.evidence if e.kind is EvidenceKind.MODEL] == [""]
    assert record.breakages == ()
    for artifact in record.artifacts:
        assert [d.algorithm for d in artifact.digests] == ["sha256", "sha512"]
