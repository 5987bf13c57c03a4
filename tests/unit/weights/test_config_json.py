# ruff: noqa: E501 - a sample reads best as one line
"""JSON that loaders obey: whose code it runs, which files it opens."""

from __future__ import annotations

import contextlib
import io
import json
import time

import pytest

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.weights.config_json import inspect_config, local_code
from weighbridge.weights.inspection import Inspection
from weighbridge.weights.log import Log
from weighbridge.weights.source import file_source


def looked(value: object, name: str = "config.json") -> Inspection:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    log = Log()
    inspect_config(file_source(io.BytesIO(data), len(data)), log, name)
    return log.freeze("json")


def found(seen: Inspection) -> set[tuple[str, str]]:
    return {(o.verdict.value, o.name) for o in seen.operations}


def test_auto_map_runs_code_of_this_and_of_another_repository() -> None:
    seen = looked(
        {
            "auto_map": {
                "AutoConfig": "configuration_x.XConfig",
                "AutoModel": "somebody/other--modeling_x.XModel",
                "AutoTokenizer": ["tokenization_x.XTokenizer", None],
            }
        }
    )
    assert found(seen) == {
        ("unlisted", "configuration_x.XConfig"),
        ("unlisted-call", "somebody/other--modeling_x.XModel"),
        ("unlisted", "tokenization_x.XTokenizer"),
    }
    effects = {o.name: o.effect for o in seen.operations}
    assert "configuration_x.py" in effects["configuration_x.XConfig"]
    assert "another repository, somebody/other" in effects["somebody/other--modeling_x.XModel"]


def test_the_files_an_auto_map_loads() -> None:
    assert local_code(
        {
            "AutoConfig": "configuration_x.XConfig",
            "AutoModel": "other/repo--modeling.X",
            "AutoTokenizer": ["tok.Tok", None, "tok.TokFast"],
            "odd": 3,
        }
    ) == ("configuration_x.py", "tok.py")
    assert local_code({}) == ()


def test_custom_pipelines() -> None:
    seen = looked({"custom_pipelines": {"my-task": {"impl": "my_pipeline.Mine", "pt": ["X"]}}})
    assert found(seen) == {("unlisted", "my_pipeline.Mine")}


@pytest.mark.parametrize(
    ("target", "verdict"),
    [
        ("os.system", "dangerous"),
        ("builtins.eval", "dangerous"),
        ("eval", "dangerous"),
        ("subprocess.Popen", "dangerous"),
        ("lightning.fabric.subprocess.run", "dangerous"),
        ("torch.hub.load", "dangerous"),
        ("torch.load", "dangerous"),
        ("nemo.core.__class__.x", "dangerous"),
        ("somebody.module.Thing", "unlisted-call"),
        ("nemo.collections.asr.models.EncDecCTCModel", ""),
        ("torch.optim.AdamW", ""),
        ("functools.partial", ""),
        ("Compose", ""),
        ("not a name", ""),
    ],
)
def test_hydra_targets(target: str, verdict: str) -> None:
    seen = looked({"model": [{"deep": {"_target_": target}}]})
    assert {v for v, _ in found(seen)} == ({verdict} if verdict else set())


def test_a_template_in_a_tokenizer_s_configuration() -> None:
    bad = "{{ messages.__class__ }}"
    for value in (bad, [{"name": "default", "template": bad}], {"default": bad}):
        seen = looked({"chat_template": value}, "tokenizer_config.json")
        assert ("dangerous", "__class__") in found(seen)


def test_a_pipeline_of_diffusers() -> None:
    seen = looked(
        {
            "_class_name": ["my_pipeline", "MyPipeline"],
            "unet": ["diffusers", "UNet2DConditionModel"],
            "text_encoder": ["transformers", "CLIPTextModel"],
            "safety_checker": ["stable_diffusion", "StableDiffusionSafetyChecker"],
            "feature_extractor": [None, None],
            "own": ["my_unet", "MyUNet"],
            "bad": ["os", "system"],
        },
        "model_index.json",
    )
    assert found(seen) == {
        ("unlisted", "my_pipeline.MyPipeline"),
        ("unlisted", "my_unet.MyUNet"),
        ("dangerous", "os.system"),
    }


def test_the_modules_of_sentence_transformers() -> None:
    seen = looked(
        [
            {"idx": 0, "path": "", "type": "sentence_transformers.models.Transformer"},
            {"idx": 1, "path": "../../../etc", "type": "custom_st.Pooling"},
            {"idx": 2, "path": "2_x", "type": "subprocess.Popen"},
        ],
        "modules.json",
    )
    assert found(seen) == {
        ("unlisted", "custom_st.Pooling"),
        ("dangerous", "subprocess.Popen"),
    }
    assert [i.code for i in seen.issues] == ["path-outside"]


def test_arguments_that_trust_code() -> None:
    seen = looked({"model_args": {"trust_remote_code": True}}, "sentence_bert_config.json")
    assert found(seen) == {("unlisted-call", "trust_remote_code")}
    assert not looked({"model_args": {"trust_remote_code": False}}).operations


def test_other_names_that_are_imported() -> None:
    assert found(looked({"activation_function": "os.system"})) == {("dangerous", "os.system")}
    assert not looked({"activation_function": "torch.nn.modules.activation.Tanh"}).operations
    assert not looked({"activation_function": "gelu"}).operations
    assert found(looked({"auto_mapping": {"parent_library": "os"}})) == {("dangerous", "os")}
    assert not looked({"auto_mapping": {"parent_library": "transformers.models.bert"}}).operations
    assert found(looked({"_attn_implementation": "somebody/kernel"})) == {
        ("unlisted-call", "somebody/kernel")
    }


def test_an_index_names_files_of_the_model() -> None:
    name = "model.safetensors.index.json"
    shards = {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}
    assert not looked({"metadata": {}, "weight_map": shards}, name).issues
    for path in (
        "../other/model.safetensors",
        "/etc/passwd",
        "C:\\x",
        "https://host/x",
        "a/../../b",
    ):
        seen = looked({"weight_map": {**shards, "c": path}}, name)
        assert {i.code for i in seen.issues} == {"path-outside"}, path


def test_a_key_that_stands_twice() -> None:
    seen = looked(b'{"auto_map": {"A": "x.Y"}, "auto_map": {}}')
    assert [i.code for i in seen.issues] == ["duplicate-key"]


@pytest.mark.parametrize(
    "data", [b"", b"{", b"\xff\xfe{", b'{"a":}', b"[1,]", b"{'a':1}", b"nul", b'{"a":1}x']
)
def test_what_is_no_json(data: bytes) -> None:
    with pytest.raises(HostileInput):
        looked(data)


def test_nesting_is_bounded() -> None:
    with pytest.raises(BoundExceeded):
        looked(b"[" * 200_000 + b"]" * 200_000)


def test_a_large_vocabulary_is_scanned_and_clean() -> None:
    table = {
        "model": {
            "vocab": {f'w"\\{i}': i for i in range(160_000)},
            "merges": [["a", "b"]] * 200_000,
        }
    }
    data = json.dumps(table, ensure_ascii=False).encode()
    started = time.process_time()
    seen = looked(data, "tokenizer.json")
    assert time.process_time() - started < 1
    assert (seen.operations, seen.issues, seen.gaps) == ((), (), ())
    assert seen.bytes_read == len(data)


@pytest.mark.parametrize(
    "data",
    [
        b'{"a": [' + b"1," * 400_000 + b"1]",
        b'{"a": [' + b"1," * 400_000 + b"1]}}",
        b'{"a": [' + b"1," * 400_000 + b'"]}',
        b'{"a": [' + b"1," * 400_000 + b"@]}",
        b'{"a": [' + b"1," * 400_000 + b'"\\"]}',
    ],
)
def test_a_large_vocabulary_that_is_no_json(data: bytes) -> None:
    with pytest.raises(HostileInput):
        looked(data, "tokenizer.json")


def test_a_large_configuration_is_a_gap() -> None:
    seen = looked(b'{"a": [' + b"1," * 400_000 + b"1]}", "config.json")
    assert seen.gaps
    assert not seen.complete


@pytest.mark.parametrize(
    "data", [b'"' + b'\\"' * 7_000_000, b'"a",' * 3_400_000, b"[" * 13_000_000]
)
def test_a_hostile_large_file_is_cheap(data: bytes) -> None:
    started = time.process_time()
    with contextlib.suppress(HostileInput):
        assert not looked(data, "tokenizer.json").operations
    assert time.process_time() - started < 2


def test_ordinary_files_are_nothing_to_report() -> None:
    for name, value in {
        "config.json": {
            "architectures": ["LlamaForCausalLM"], "_name_or_path": "/home/me/../model",
            "torch_dtype": "bfloat16", "rope_scaling": None, "attn_implementation": "sdpa",
            "quantization_config": {"quant_method": "gptq", "bits": 4},
        },
        "generation_config.json": {"eos_token_id": [1, 2], "temperature": 0.6},
        "tokenizer_config.json": {
            "added_tokens_decoder": {"0": {"content": "<s>", "special": True}},
            "tokenizer_file": "/root/.cache/x/tokenizer.json", "chat_template": "{{ messages[0].content }}",
        },
        "adapter_config.json": {
            "base_model_name_or_path": "org/base", "peft_type": "LORA", "target_modules": ["q_proj"],
            "auto_mapping": {"base_model_class": "X", "parent_library": "transformers_modules.org.m"},
        },
        "preprocessor_config.json": {"image_processor_type": "CLIPImageProcessor", "size": 224},
    }.items():  # fmt: skip
        seen = looked(value, name)
        assert (seen.operations, seen.issues, seen.gaps) == ((), (), ()), name
