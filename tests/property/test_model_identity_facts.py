"""Mutated cards and configurations end as evidence, whatever they hold."""

from __future__ import annotations

import datetime as dt
import io
import json
from typing import BinaryIO

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests import fine_tune

from weighbridge.collect import model
from weighbridge.collect.context import CollectContext
from weighbridge.edge.text import visible
from weighbridge.model.artifact import Artifact, Kind, Presence
from weighbridge.model.digest import directory_digest, sha256
from weighbridge.model.evidence import EvidenceState
from weighbridge.model.facts.model import MAX_ENTRIES
from weighbridge.model.subject import Subject, SubjectKind
from weighbridge.snapshot.snapshot import Snapshot

FILES: dict[str, bytes] = {
    **fine_tune.files(),
    "adapter_config.json": json.dumps(
        {"base_model_name_or_path": fine_tune.BASE, "revision": None, "peft_type": "LORA"}
    ).encode(),
    "mergekit_config.yml": b"merge_method: ties\nmodels:\n- model: a/b\n  parameters: {}\n",
    "preprocessor_config.json": b'{"size": {"height": 224, "width": 224}}',
}
KINDS = {".safetensors": Kind.SAFETENSORS, ".gguf": Kind.GGUF, ".json": Kind.JSON}
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.dates()
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)


def _snapshot(files: dict[str, bytes]) -> Snapshot:
    artifacts = tuple(
        Artifact(
            path,
            len(data),
            next((kind for end, kind in KINDS.items() if path.endswith(end)), Kind.TEXT),
            Presence.CONTENT,
            (sha256(data),),
        )
        for path, data in sorted(files.items())
    )

    def opener(artifact: Artifact) -> BinaryIO:
        return io.BytesIO(files[artifact.path])

    root = directory_digest((a.path, a.digests[0]) for a in artifacts)
    return Snapshot(Subject(SubjectKind.DIRECTORY, "subject", root), artifacts, (), opener)


def _check(files: dict[str, bytes]) -> None:
    context = CollectContext(_snapshot(files), dt.date(2026, 11, 20), offline=True)
    (evidence,) = model.collect(context)
    assert evidence.state is EvidenceState.OBSERVED
    assert evidence.digest
    facts = evidence.data
    assert facts["name"]
    assert all(len(facts[key]) <= MAX_ENTRIES for key in ("claims", "base_models", "metrics"))
    for claim in facts["claims"]:
        assert claim["field"] in model.FIELDS
        assert claim["value"] == visible(claim["value"], 2_000)
        assert claim["place"]["path"] in files
        lines = files[claim["place"]["path"]].count(b"\n") + files[claim["place"]["path"]].count(
            b"\r"
        )
        assert 0 <= claim["place"]["line"] <= lines + 1


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(
    name=st.sampled_from(sorted(FILES)),
    edits=st.lists(
        st.tuples(st.integers(0, 20_000), st.integers(0, 20), st.binary(max_size=12)),
        min_size=1,
        max_size=6,
    ),
)
def test_a_file_with_other_bytes(name: str, edits: list[tuple[int, int, bytes]]) -> None:
    data = bytearray(FILES[name])
    for at, cut, put in edits:
        start = at % (len(data) + 1)
        data[start : start + cut] = put
    _check({**FILES, name: bytes(data)})


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(
    name=st.sampled_from(
        ["config.json", "adapter_config.json", "tokenizer_config.json", "generation_config.json",
         "preprocessor_config.json", "model_index.json"]
    ),
    key=st.sampled_from(
        ["architectures", "model_type", "torch_dtype", "_name_or_path", "text_config", "revision",
         "quantization_config", "base_model_name_or_path", "model_max_length", "size", "top_p",
         "_class_name", "task_type", "peft_type", "tokenizer_class"]
    ),
    value=VALUES,
)  # fmt: skip
def test_a_configuration_with_other_values(name: str, key: str, value: object) -> None:
    table = json.loads(FILES.get(name, b"{}"))
    table[key] = value
    _check({**FILES, name: json.dumps(table, default=str).encode()})


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(
    key=st.sampled_from(
        ["base_model", "base_model_relation", "model-index", "co2_eq_emissions", "language", "tags",
         "license", "datasets", "inference", "model_name", "pipeline_tag", "quantized_by"]
    ),
    value=VALUES,
    body=st.text(max_size=200),
)  # fmt: skip
def test_a_card_with_other_values(key: str, value: object, body: str) -> None:
    front = json.dumps({key: value, "base_model ": "a/b"}, default=str)
    card = f"---\n{front}\n---\n# Heading\n{body}\n## Limitations\n- a: {body}\n"
    _check({**FILES, "README.md": card.encode("utf-8", "replace")})
