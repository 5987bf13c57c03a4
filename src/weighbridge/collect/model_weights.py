"""What weight files say of the model in their own headers, and what their headers add up to.

Counts come from the evidence ``structure`` and ``weights`` where those collectors ran before, and
from the headers themselves where they did not. Keys of GGUF (ggml's ``docs/gguf.md``) and entries
of safetensors' ``__metadata__`` (Stability AI's ModelSpec) are read of one file a model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, cast

from weighbridge.collect.context import CollectContext
from weighbridge.collect.model_ledger import Ledger, Relation, place, word
from weighbridge.collect.model_names import reference
from weighbridge.collect.structure_declared import architecture_of
from weighbridge.collect.structure_headers import MAX_TENSORS, Headers, format_of
from weighbridge.collect.structure_models import Folder, find_models, is_index
from weighbridge.model.artifact import Artifact, Kind, Presence
from weighbridge.model.errors import HostileInput
from weighbridge.model.evidence import EvidenceKind
from weighbridge.model.facts.structure import ArchitectureFacts
from weighbridge.model.facts.weights import WeightFacts
from weighbridge.snapshot.snapshot import Snapshot
from weighbridge.weights import gguf, safetensors
from weighbridge.weights.log import Log
from weighbridge.weights.source import Source, file_source

MAX_FOLDERS = 50  # that headers are read of
MAX_MODELS = 100  # whose keys are read
_GGUF = {
    "general.name": "name",
    "general.basename": "basename",
    "general.finetune": "finetune",
    "general.version": "version",
    "general.description": "description",
    "general.author": "author",
    "general.organization": "producer",
    "general.quantized_by": "quantized_by",
    "general.size_label": "size_label",
    "general.license": "license",
    "general.license.name": "license_name",
    "general.license.link": "license_link",
    "general.url": "link",
    "general.repo_url": "link",
    "general.doi": "doi",
    "general.source.url": "source",
    "general.source.repo_url": "source",
    "general.source.huggingface.repository": "source",
    "general.architecture": "architecture_family",
    "general.parameter_count": "parameters",
    "general.quantization_version": "quantization_version",
}
_SPEC = {
    "format": "framework",
    "modelspec.title": "name",
    "modelspec.author": "author",
    "modelspec.description": "description",
    "modelspec.license": "license",
    "modelspec.architecture": "architecture",
    "modelspec.resolution": "input_detail",
    "modelspec.tags": "tag",
    "modelspec.usage_hint": "usage",
    "license": "license",
    "author": "author",
    "ss_base_model_version": "architecture_family",
    "ss_network_module": "adapter_type",
    "ss_learning_rate": "hyperparameter",
    "ss_num_epochs": "hyperparameter",
    "ss_seed": "hyperparameter",
}
_BASE = re.compile(r"general\.base_model\.(\d{1,4})\.[a-z_]+\Z")
_DATASET = re.compile(r"general\.dataset\.(\d{1,4})\.(?:name|url|repo_url)\Z")
# general.file_type -> llama.cpp's name for how most of the tensors are stored (llama_ftype).
FILE_TYPES = {
    0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K",
    11: "Q3_K_S", 12: "Q3_K_M", 13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S",
    17: "Q5_K_M", 18: "Q6_K", 19: "IQ2_XXS", 20: "IQ2_XS", 21: "Q2_K_S", 22: "IQ3_XS",
    23: "IQ3_XXS", 24: "IQ1_S", 25: "IQ4_NL", 26: "IQ3_S", 27: "IQ3_M", 28: "IQ2_S", 29: "IQ2_M",
    30: "IQ4_XS", 31: "IQ1_M", 32: "BF16", 36: "TQ1_0", 37: "TQ2_0", 38: "MXFP4_MOE", 39: "NVFP4",
    40: "Q1_0",
}  # fmt: skip
_UNQUANTIZED = (0, 1, 32)


class Counted(NamedTuple):
    """One model of a folder: a file to cite, the files it is made of, and what they add up to.

    ``parameters`` is -1 where the headers do not tell it.
    """

    path: str
    files: tuple[str, ...]
    format: str
    tensors: int
    parameters: int
    dtypes: tuple[str, ...]


class _Enough(Exception):
    """The texts that come before the tensors were read, and the tensors are known."""


def read_weights(ctx: CollectContext, ledger: Ledger) -> None:
    """Put what the headers of weights say, and add up to, into the ledger."""
    counted = list(_counted(ctx, ledger))
    for model in counted:
        ledger.claim("file_format", model.format, place(model.path, computed=True))
        if model.tensors > 0:
            at = place(model.path, "tensors", computed=True)
            ledger.claim("tensors", str(model.tensors), at)
        if model.parameters > 0:
            at = place(model.path, "parameters", computed=True)
            ledger.claim("parameters", str(model.parameters), at)
        for dtype in model.dtypes:
            ledger.claim("dtype", dtype, place(model.path, "dtypes", computed=True))
    told = [model for model in counted if model.format in ("safetensors", "gguf")]
    if len(told) > MAX_MODELS:
        ledger.miss(told[MAX_MODELS].path, f"keys of more than {MAX_MODELS} models were not read")
    for model in told[:MAX_MODELS]:
        artifact = next((a for f in model.files if (a := ctx.snapshot.find(f))), None)
        if artifact is None or artifact.presence is not Presence.CONTENT:
            continue
        values = _keys(ctx.snapshot, artifact, ledger)
        if artifact.kind is Kind.GGUF:
            _gguf(artifact.path, values, ledger)
        else:
            _metadata(artifact.path, values, ledger)


def _counted(ctx: CollectContext, ledger: Ledger) -> Iterator[Counted]:
    """Every model, those of safetensors, GGUF and torch by their structure, then the others."""
    structure = ctx.earlier.get(EvidenceKind.STRUCTURE)
    if structure is None:
        yield from _from_headers(ctx.snapshot, ledger)
    else:
        for evidence in structure:
            facts = cast(ArchitectureFacts, evidence.data)
            for model in facts["models"] if facts.get("part") == "architecture" else ():
                whole = model["whole"]
                if not whole:
                    ledger.miss(model["name"], "not all of its tensors are known")
                yield Counted(
                    _cited(ctx.snapshot, model["name"], model["files"]),
                    tuple(model["files"]),
                    model["format"],
                    model["tensors"] if whole else 0,
                    model["parameters"] if whole and model["exact"] else -1,
                    tuple(one["dtype"] for one in model["dtypes"]),
                )
    for evidence in ctx.earlier.get(EvidenceKind.WEIGHTS, ()):
        found = ctx.snapshot.find(evidence.about)
        if found is None or format_of(found) or not found.is_weight or not evidence.data:
            continue
        seen = cast(WeightFacts, evidence.data)
        if seen["tensors"] > 0:
            yield Counted(
                evidence.about,
                (evidence.about,),
                seen["format"],
                seen["tensors"],
                seen["parameters"] if seen["complete"] else -1,
                tuple(seen["dtypes"]),
            )


def _from_headers(snapshot: Snapshot, ledger: Ledger) -> Iterator[Counted]:
    folders: dict[str, list[Artifact]] = {}
    for artifact in snapshot.artifacts:
        if format_of(artifact) or is_index(artifact.path):
            folders.setdefault(artifact.path.rpartition("/")[0], []).append(artifact)
    away = {problem.path: problem.detail for problem in snapshot.problems}
    tensors = 0
    for position, path in enumerate(sorted(folders)):
        if position == MAX_FOLDERS or tensors > MAX_TENSORS:
            bounds = f"{MAX_FOLDERS} folders or {MAX_TENSORS} tensors"
            ledger.miss(path or ".", f"headers beyond {bounds} were not read")
            return
        folder = Folder(snapshot, path, tuple(folders[path]), away, Headers(snapshot))
        find_models(folder)
        for model in folder.models:
            found = architecture_of(folder, model)
            tensors += found.tensors
            if model.why:
                ledger.miss(model.name, f"not all of its tensors are known: {model.why}")
            files = tuple(artifact.path for artifact in model.files)
            yield Counted(
                _cited(snapshot, model.name, files),
                files,
                model.format,
                0 if model.why else found.tensors,
                found.parameters if found.exact and not model.why else -1,
                tuple(dtype for dtype, _ in found.dtypes),
            )


def _cited(snapshot: Snapshot, name: str, files: Sequence[str]) -> str:
    """A path that is there: a series without an index is named by a pattern."""
    return name if snapshot.find(name) or not files else files[0]


def _keys(snapshot: Snapshot, artifact: Artifact, ledger: Ledger) -> Mapping[str, int | str]:
    """GGUF's keys, or the texts of ``__metadata__``, which stand before the tensors."""
    texts: dict[str, str] = {}

    def each(*_: object) -> None:
        if texts:
            raise _Enough

    try:
        with snapshot.open(artifact) as stream:
            source: Source = file_source(stream, artifact.size)
            if artifact.kind is Kind.GGUF:
                header = gguf.read_header(source, Log())
                return header.values if header else {}
            safetensors.read_header(source, Log(), each, texts)
    except _Enough:
        pass
    except HostileInput as error:
        ledger.miss(artifact.path, error.message)
    except OSError as error:
        ledger.miss(artifact.path, f"it cannot be read: {error.strerror or error}")
    return texts


def _gguf(path: str, values: Mapping[str, int | str], ledger: Ledger) -> None:
    for key, field in _GGUF.items():
        ledger.claim(field, word(values.get(key)), place(path, key))
    family = values.get("general.architecture")
    for name, field in (("context_length", "context_length"), ("vocab_size", "vocabulary_size")):
        key = f"{family}.{name}"
        ledger.claim(field, word(values.get(key)), place(path, key))
    stored = values.get("general.file_type")
    if isinstance(stored, int):
        text = FILE_TYPES.get(stored, f"file type {stored}")
        field = "dtype" if stored in _UNQUANTIZED else "quantization"
        ledger.claim(field, text, place(path, "general.file_type"))
    for number in _numbers(_BASE, values):
        _gguf_base(path, f"general.base_model.{number}", values, ledger)
    for number in _numbers(_DATASET, values):
        at = f"general.dataset.{number}"
        key = next(k for end in ("repo_url", "url", "name") if (k := f"{at}.{end}") in values)
        ledger.claim("dataset", word(values[key]), place(path, key))


def _gguf_base(path: str, at: str, values: Mapping[str, int | str], ledger: Ledger) -> None:
    """A base by the address of its repository, else by its maker and name."""
    for end in ("repo_url", "url"):
        key = f"{at}.{end}"
        if written := word(values.get(key)):
            ledger.base(reference(written), "", place(path, key))
            return
    name, maker = word(values.get(f"{at}.name")), word(values.get(f"{at}.organization"))
    if name:
        written = f"{maker}/{name}" if maker else name
        ledger.base(reference(written), "", place(path, f"{at}.name"))


def _numbers(pattern: re.Pattern[str], values: Mapping[str, int | str]) -> list[int]:
    """The numbers that stand in the keys that match, as many as there are keys at most."""
    found = {match[1] for key in values if (match := pattern.match(key))}
    return sorted({int(number) for number in found if number == str(int(number))})


def _metadata(path: str, values: Mapping[str, int | str], ledger: Ledger) -> None:
    for key, field in _SPEC.items():
        text = word(values.get(key))
        if text and field == "hyperparameter":
            text = f"{key.removeprefix('ss_')}={text}"
        ledger.claim(field, text, place(path, f"__metadata__.{key}" if text else ""))
    for name in word(values.get("modelspec.merged_from")).split(",")[:100]:
        at = place(path, "__metadata__.modelspec.merged_from")
        ledger.base(reference(name), "merge", at, inferred=True)
    if trained := word(values.get("ss_sd_model_name")):
        at = place(path, "__metadata__.ss_sd_model_name")
        relation: Relation = "adapter" if values.get("ss_network_module") else "finetune"
        ledger.base(reference(trained), relation, at, inferred=True)
