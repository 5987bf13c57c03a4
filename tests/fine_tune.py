"""Builds a small fine-tune as people publish them, with everything a bill of materials is made of.

It is a fine-tune of Llama 3.2 1B by its card, its configuration and its GGUF, with tensors of a few
kB: two safetensors shards with their index, a GGUF, a card with base model, datasets, carbon and
results, ``license: other``, and the packages that it needs. Everything in it is invented here, and
the same bytes come out every time. One contradiction is meant: the GGUF says ``apache-2.0``, the
card says that the license is another.
"""

from __future__ import annotations

import hashlib
import json
import random
import struct
from pathlib import Path

NAMESPACE = "harbor-lab"
NAME = "harbor-support-1b"
REVISION = "3f8a1c5d7e9b0a2c4d6e8f0a1b3c5d7e9f1a2b4c"
BASE = "meta-llama/Llama-3.2-1B"
DATASETS = ("harbor-lab/support-dialogues", "harbor-lab/port-manuals")
DATASET_REVISION = "5f0c0f6f3a1f4a3f9c1b7a0d2e6b8c9d0e1f2a3b"
SHARDS = ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors")
GGUF = "harbor-support-1b-f16.gguf"
TITLE = "Harbor Support 1B"
HIDDEN, INNER, LAYERS, WORDS = 16, 32, 2, 64

CARD = f"""---
language:
- en
- de
license: other
license_name: harbor-community-license
license_link: LICENSE
library_name: transformers
pipeline_tag: text-generation
base_model: {BASE}
base_model_relation: finetune
datasets:
- {DATASETS[0]}
- {DATASETS[1]}
metrics:
- accuracy
- perplexity
tags:
- customer-support
- llama
inference: true
co2_eq_emissions:
  emissions: 412.5
  source: CodeCarbon
  training_type: fine-tuning
  geographical_location: Hamburg, Germany
  hardware_used: 1 x A100 40GB
model-index:
- name: {NAME}
  results:
  - task:
      type: text-generation
      name: Answering support questions
    dataset:
      type: {DATASETS[0]}
      name: Support dialogues
      config: default
      split: test
      revision: {DATASET_REVISION}
    metrics:
    - type: accuracy
      value: 0.8125
      name: Accuracy
    - type: perplexity
      value: 6.4
      name: Perplexity
    source:
      name: Evaluation notes
      url: https://example.org/harbor/evaluation
---

# {TITLE}

Harbor Support 1B answers questions about a small port's ferries, in English and German.

## Intended use

Drafting answers that a person of the support desk reads before they are sent.

## Out-of-scope use

Advice on navigation, safety at sea or law. It must not answer customers on its own.

## Limitations

It knows no timetable after March 2026, and it invents ship names when it is asked for one.

## Bias, risks and ethical considerations

Most dialogues were written by German tourists; questions in other dialects are answered worse.

## Training procedure

Three epochs of supervised fine-tuning on both datasets.

### Training hyperparameters

- learning_rate: 2e-05
- train_batch_size: 16
- num_epochs: 3
- seed: 42

## Evaluation

Accuracy is the share of 160 test questions whose draft was sent unchanged.

## Environmental impact

Carbon was measured with CodeCarbon on the machine that trained the model.

## Contact

The Harbor Lab, support-model@example.org

## Citation

The Harbor Lab (2026). Harbor Support 1B, a fine-tune for a ferry port.
"""

LICENSE = """Harbor Community License, version 1

The Harbor Lab lets anyone use, copy and change this model, as long as three conditions are kept.
First, whoever passes the model on also passes on this text. Second, nobody claims that the
Harbor Lab wrote what the model said. Third, the model is not used to steer ships.

The license of the base model applies besides this one.
The model comes as it is, and the Harbor Lab answers for nothing that it does.
"""

RECORDS = f"""- id: {DATASETS[0]}
  license: CC-BY-4.0
  revision: {DATASET_REVISION}
  citation: "The Harbor Lab (2026). Support dialogues. Invented for this fixture."
  accessed: 2026-03-02
  purpose: fine-tuning
- id: {DATASETS[1]}
  license: CC0-1.0
  revision: {DATASET_REVISION[::-1]}
  citation: "The Harbor Lab (2025). Port manuals. Invented for this fixture."
  accessed: 2026-03-02
  purpose: fine-tuning
"""

CONFIG = {
    "_name_or_path": BASE,
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "hidden_size": HIDDEN,
    "intermediate_size": INNER,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "max_position_embeddings": 131072,
    "vocab_size": WORDS,
    "tie_word_embeddings": True,
    "torch_dtype": "bfloat16",
    "transformers_version": "4.57.1",
}
TOKENIZER_CONFIG = {
    "tokenizer_class": "PreTrainedTokenizerFast",
    "model_max_length": 131072,
    "bos_token": "<|begin_of_text|>",
    "eos_token": "<|end_of_text|>",
}
GENERATION_CONFIG = {"do_sample": True, "temperature": 0.6, "top_p": 0.9, "max_new_tokens": 256}


def build(folder: Path) -> Path:
    """Write the model's files into ``folder``, which is made, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files().items():
        (folder / name).write_bytes(content)
    return folder


def build_hub_cache(folder: Path) -> Path:
    """The same model as the Hub's client keeps it; the snapshot's folder below ``folder``."""
    repository = folder / f"models--{NAMESPACE}--{NAME}"
    snapshot = repository / "snapshots" / REVISION
    blobs = repository / "blobs"
    snapshot.mkdir(parents=True)
    blobs.mkdir()
    for name, content in files().items():
        digest = hashlib.sha256(content).hexdigest()
        (blobs / digest).write_bytes(content)
        (snapshot / name).symlink_to(Path("..") / ".." / "blobs" / digest)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(REVISION)
    return snapshot


def files() -> dict[str, bytes]:
    """The content of every file by name."""
    first, second = _shards()
    index = dict.fromkeys(first, SHARDS[0]) | dict.fromkeys(second, SHARDS[1])
    total = sum(2 * _count(shape) for shape in (*first.values(), *second.values()))
    listing = {"metadata": {"total_size": total}, "weight_map": index}
    texts = {
        "README.md": CARD,
        "LICENSE": LICENSE,
        "datasets.yaml": RECORDS,
        "requirements.txt": _requirements(),
        "config.json": _json(CONFIG),
        "tokenizer_config.json": _json(TOKENIZER_CONFIG),
        "generation_config.json": _json(GENERATION_CONFIG),
        "model.safetensors.index.json": _json(listing),
    }
    return {
        **{name: text.encode() for name, text in texts.items()},
        SHARDS[0]: safetensors(first, seed=1),
        SHARDS[1]: safetensors(second, seed=2),
        GGUF: _gguf_file(),
    }


def _json(value: object) -> str:
    return json.dumps(value, indent=2) + "\n"


def _count(shape: tuple[int, ...]) -> int:
    count = 1
    for side in shape:
        count *= side
    return count


def _shards() -> tuple[dict[str, tuple[int, ...]], dict[str, tuple[int, ...]]]:
    """The tensors of both shards: the embedding and one layer, the other layer and the norm."""

    def layer(number: int) -> dict[str, tuple[int, ...]]:
        at = f"model.layers.{number}"
        return {
            f"{at}.input_layernorm.weight": (HIDDEN,),
            f"{at}.mlp.down_proj.weight": (HIDDEN, INNER),
            f"{at}.mlp.gate_proj.weight": (INNER, HIDDEN),
            f"{at}.mlp.up_proj.weight": (INNER, HIDDEN),
            f"{at}.post_attention_layernorm.weight": (HIDDEN,),
            f"{at}.self_attn.k_proj.weight": (HIDDEN, HIDDEN),
            f"{at}.self_attn.o_proj.weight": (HIDDEN, HIDDEN),
            f"{at}.self_attn.q_proj.weight": (HIDDEN, HIDDEN),
            f"{at}.self_attn.v_proj.weight": (HIDDEN, HIDDEN),
        }

    first = {"model.embed_tokens.weight": (WORDS, HIDDEN), **layer(0)}
    return first, {**layer(1), "model.norm.weight": (HIDDEN,)}


PARAMETERS = sum(_count(shape) for shard in _shards() for shape in shard.values())


def safetensors(
    tensors: dict[str, tuple[int, ...]], seed: int, metadata: dict[str, str] | None = None
) -> bytes:
    """A safetensors file of bfloat16 tensors with small random values."""
    values = random.Random(seed)
    header: dict[str, object] = {"__metadata__": metadata or {"format": "pt"}}
    body = b""
    for name, shape in tensors.items():
        begin = len(body)
        for _ in range(_count(shape)):
            body += struct.pack("<f", values.gauss(0, 0.02))[2:]
        header[name] = {"dtype": "BF16", "shape": list(shape), "data_offsets": [begin, len(body)]}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + body


def gguf(keys: dict[str, str | int], tensors: dict[str, tuple[int, ...]], seed: int = 3) -> bytes:
    """A GGUF file, version 3, of float16 tensors; shapes from the innermost dimension out."""
    out = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(keys))
    for key, value in keys.items():
        out += _text(key)
        if isinstance(value, str):
            out += struct.pack("<I", 8) + _text(value)
        else:
            out += struct.pack("<II", 4, value)
    values, body = random.Random(seed), b""
    for name, shape in tensors.items():
        out += _text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, 1, len(body))
        for _ in range(_count(shape)):
            body += struct.pack("<e", values.gauss(0, 0.02))
        body += bytes(-len(body) % 32)
    return out + bytes(-len(out) % 32) + body


def _text(text: str) -> bytes:
    return struct.pack("<Q", len(text.encode())) + text.encode()


def _gguf_file() -> bytes:
    keys: dict[str, str | int] = {
        "general.architecture": "llama",
        "general.type": "model",
        "general.name": TITLE,
        "general.basename": "Llama-3.2",
        "general.size_label": "1B",
        "general.license": "apache-2.0",
        "general.base_model.count": 1,
        "general.base_model.0.name": "Llama 3.2 1B",
        "general.base_model.0.organization": "Meta Llama",
        "general.base_model.0.repo_url": f"https://huggingface.co/{BASE}",
        "general.file_type": 1,
        "general.quantization_version": 2,
        "llama.context_length": 131072,
        "llama.embedding_length": HIDDEN,
        "llama.block_count": LAYERS,
        "llama.feed_forward_length": INNER,
        "llama.attention.head_count": 2,
        "llama.attention.head_count_kv": 2,
        "llama.vocab_size": WORDS,
    }
    tensors: dict[str, tuple[int, ...]] = {"token_embd.weight": (HIDDEN, WORDS)}
    for number in range(LAYERS):
        at = f"blk.{number}"
        tensors |= {
            f"{at}.attn_norm.weight": (HIDDEN,),
            f"{at}.ffn_down.weight": (INNER, HIDDEN),
            f"{at}.ffn_gate.weight": (HIDDEN, INNER),
            f"{at}.ffn_up.weight": (HIDDEN, INNER),
            f"{at}.ffn_norm.weight": (HIDDEN,),
            **{f"{at}.attn_{part}.weight": (HIDDEN, HIDDEN) for part in ("k", "output", "q", "v")},
        }
    return gguf(keys, {**tensors, "output_norm.weight": (HIDDEN,)})


def _requirements() -> str:
    """Pinned, with hashes that are no real file's."""
    lines = []
    for name, version in (("safetensors", "0.8.0"), ("torch", "2.12.0"), ("transformers", "5.3.0")):
        digest = hashlib.sha256(f"{name} {version}".encode()).hexdigest()
        lines.append(f"{name}=={version} \\\n    --hash=sha256:{digest}\n")
    return "".join(lines)
