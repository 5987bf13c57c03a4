"""Builds small models byte by byte, and runs the collector and the two rules over them."""

from __future__ import annotations

import datetime as dt
import json
import struct
from pathlib import Path
from typing import Any

from weighbridge.collect import structure
from weighbridge.collect.context import CollectContext
from weighbridge.model.evidence import Evidence, EvidenceState
from weighbridge.model.finding import Conclusion, Outcome
from weighbridge.model.rule import Case
from weighbridge.rules.weights import contradicting_architecture, inconsistent_shards
from weighbridge.snapshot.take import take_snapshot

DAY = dt.date(2026, 11, 20)
A, B = "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"
INDEX = "model.safetensors.index.json"
POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'ab' * 32}\nsize 999\n"
WIDTHS = {"F32": 4, "BF16": 2, "U8": 1}
Shapes = dict[str, tuple[int, ...]]
LLAMA: Shapes = {
    "model.embed_tokens.weight": (96, 16),
    "model.layers.0.self_attn.q_proj.weight": (16, 16),
    "model.layers.0.mlp.gate_proj.weight": (40, 16),
    "model.layers.1.self_attn.q_proj.weight": (16, 16),
    "model.layers.1.mlp.gate_proj.weight": (40, 16),
}
CONFIG = {
    "architectures": ["LlamaForCausalLM"],
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "vocab_size": 96,
    "intermediate_size": 40,
    "torch_dtype": "bfloat16",
    "time_step_limit": [0, float("inf")],  # Mamba's configurations hold one
}
COUNT = 96 * 16 + 2 * 16 * 16 + 2 * 40 * 16


def safetensors(shapes: Shapes, dtype: str = "BF16", *, cut: int = 0) -> bytes:
    header: dict[str, object] = {}
    at = 0
    for name, shape in shapes.items():
        length = WIDTHS[dtype]
        for side in shape:
            length *= side
        header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [at, at + length]}
        at += length
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + bytes(at - cut)


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value)) + value.encode()


def gguf(tensors: Shapes, **keys: int | str) -> bytes:
    """``split__no`` stands for ``split.no``; numbers are 32 bits wide."""
    body = b""
    for key, value in keys.items():
        body += text(key.replace("__", "."))
        body += (
            struct.pack("<I", 8) + text(value)
            if isinstance(value, str)
            else struct.pack("<II", 4, value)
        )
    at = 0
    for name, shape in tensors.items():
        body += (
            text(name)
            + struct.pack(f"<I{len(shape)}Q", len(shape), *shape[::-1])
            + struct.pack("<IQ", 0, at)
        )
        size = 4
        for side in shape:
            size *= side
        at += -(-size // 32) * 32
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(keys)) + body
    return head + bytes(-len(head) % 32) + bytes(at)


def index(**files: tuple[str, ...] | list[str]) -> dict[str, Any]:
    return {"weight_map": {tensor: file for file, tensors in files.items() for tensor in tensors}}


def split(first: Shapes, second: Shapes, **metadata: object) -> dict[str, bytes | str]:
    """Two shards and an index that is right."""
    table = {"metadata": metadata, **index(**{A: list(first), B: list(second)})}
    return {A: safetensors(first), B: safetensors(second), INDEX: json.dumps(table)}


FIRST = dict(list(LLAMA.items())[:3])
SECOND = dict(list(LLAMA.items())[3:])


def collect(folder: Path, files: dict[str, bytes | str]) -> tuple[Evidence, ...]:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    context = CollectContext(snapshot=take_snapshot(folder), as_of=DAY, offline=True)
    return tuple(structure.collect(context))


def conclude(rule: Any, evidence: tuple[Evidence, ...]) -> Conclusion:
    subject: Any = None
    found: Conclusion = rule.check(Case(subject, DAY, evidence, rule.META.defaults))
    had = {one.digest for one in evidence if one.state is EvidenceState.OBSERVED}
    assert found.outcome is not Outcome.PASS or had.intersection(found.evidence)
    return found


def part(evidence: tuple[Evidence, ...], name: str = "architecture") -> Evidence:
    """The one piece of evidence about that part."""
    (found,) = [one for one in evidence if one.data["part"] == name]
    return found


def shards(evidence: tuple[Evidence, ...]) -> list[str]:
    return [f.key for f in conclude(inconsistent_shards, evidence).findings]


def architecture(evidence: tuple[Evidence, ...]) -> list[str]:
    return [f.key for f in conclude(contradicting_architecture, evidence).findings]
