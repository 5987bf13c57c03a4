"""What a configuration, a card and an index say of a model's tensors, held against them.

``config.json`` is compared with the files that transformers and diffusers load by it, and no
others: adapters, variants and other formats beside it have numbers of their own. A number of
parameters in words is rounded, and counts sometimes leave out what is saved twice or only for
reading (tied embeddings, buffers): it contradicts only where it is off by more than
a factor of two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from weighbridge.collect.card import MAX_SCAN, NAMES, split_front_matter
from weighbridge.collect.structure_models import Folder, Model
from weighbridge.edge.yaml import YamlDocument, load_yaml
from weighbridge.model.artifact import Artifact
from weighbridge.model.errors import HostileInput
from weighbridge.weights import json_text
from weighbridge.weights.architecture import (
    Architecture,
    Mismatch,
    TensorShape,
    read_architecture,
)
from weighbridge.weights.declared import config_mismatches, total_mismatch
from weighbridge.weights.log import Log
from weighbridge.weights.source import file_source

SIZES = ("layers", "decoder_layers", "hidden", "vocabulary", "positions", "inner", "query", "key")
_STEMS = ("model", "diffusion_pytorch_model", "pytorch_model")
_LOADED = re.compile(
    rf"(?:{'|'.join(_STEMS)})\.(?:safetensors|bin)(?:\.index\.json)?\Z"
)  # what from_pretrained() of transformers and diffusers looks for beside config.json
_KEYS = (
    "parameters", "num_parameters", "number_of_parameters", "n_parameters", "parameter_count",
    "params", "model_size",
)  # fmt: skip
_UNITS = {"": 1, "k": 10**3, "m": 10**6, "b": 10**9, "t": 10**12,
          "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}  # fmt: skip
_AMOUNT = (
    r"[~≈]?\s*(\d{1,20}(?:,\d{3})*(?:\.\d{1,6})?)\s*(thousand|million|billion|trillion|[KMBT])?"
)
_VALUE = re.compile(rf"{_AMOUNT}(?:\s*(?:parameters|params))?\Z", re.IGNORECASE)
_LINE = re.compile(
    r"[\s*_|#>-]*(?:total |model )?(?:number of |# of |num )?"
    r"(?:parameters|params|parameter count|model size)[\s*_]*[:|=][\s*_]*"
    rf"{_AMOUNT}(?:\s*(?:parameters|params))?[\s*_|.]*\Z",
    re.IGNORECASE,
)
_MAX_LINE = 200  # characters
_LARGE = 2**40 + 1  # no size of a model, and no multiple of eight
_TYPE = "type"
_NO_SIZE = (
    "none of its sizes was compared: the tensors' names, or the class that it names, are of no "
    "layout known here"
)
_BLOCK = re.compile(r"blk\.(\d{1,5})\.")


@dataclass(slots=True)
class Held:
    """What was compared (path, values), found (path, line, both), and not compared."""

    compared: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    mismatches: list[tuple[str, int, Mismatch]] = field(default_factory=list)
    gaps: list[tuple[str, str, bool]] = field(default_factory=list)


def architecture_of(folder: Folder, model: Model) -> Architecture:
    """What is known of a model's tensors. Layouts are those of transformers' names, which GGUF
    does not use."""
    tensors: list[TensorShape] = []
    if model.format in ("safetensors", "gguf"):
        for artifact in model.files:
            tensors += folder.headers.of(artifact).tensors
    found = read_architecture(tensors)
    if model.format == "safetensors":
        return found
    return replace(found, layout="", exact=model.format == "gguf")


def hold(folder: Folder, found: Mapping[str, Architecture]) -> Held:
    """Everything that is said of the models of one folder.

    Args:
        folder: with its models.
        found: what their tensors say, by the model's name.
    """
    held = Held()
    loaded = [m for m in folder.models if _LOADED.match(m.name.rpartition("/")[2])]
    if loaded and (config := folder.snapshot.find(folder.join("config.json"))):
        _config(folder, config, loaded, found, held)
    for model in folder.models:
        if model.format == "gguf":
            _gguf(folder, model, held)
        if model.total > 0 and not model.why:
            said = (model.total, f"{model.index}, metadata.total_parameters")
            _about(held, model.index, found[model.name], *said)
    card = next((a for n in NAMES if (a := folder.snapshot.find(folder.join(n)))), None)
    whole = [model for model in loaded if model.format == "safetensors"]
    if card is not None and whole:
        _card(folder, card, whole, found, held)
    return held


def _config(
    folder: Folder,
    artifact: Artifact,
    models: list[Model],
    found: Mapping[str, Architecture],
    held: Held,
) -> None:
    config = _table(folder, artifact, held)
    if config is None:
        return
    names: set[str] = set()
    unread = False
    for model in models:
        if model.format != "safetensors":
            read = _types(folder, model)
        elif model.why:
            held.gaps.append((model.name, model.why, model.unread))
            unread = True
            continue
        else:
            read = found[model.name]
        if read is not None:
            names |= _comparable(read, config, artifact.path)
            held.mismatches += [
                (artifact.path, 0, one) for one in config_mismatches(read, config, artifact.path)
            ]
    if names:
        held.compared.append((artifact.path, tuple(sorted(names))))
    if not unread and names <= {_TYPE}:
        held.gaps.append((artifact.path, _NO_SIZE, False))


def _table(folder: Folder, artifact: Artifact, held: Held) -> Mapping[str, object] | None:
    """A parsed ``config.json``. Configurations hold ``Infinity``, which strict JSON refuses."""
    try:
        with folder.snapshot.open(artifact) as stream:
            document = json_text.read(file_source(stream, artifact.size), Log())
    except HostileInput as error:
        why = error.message
    except OSError as error:
        why = f"it cannot be read: {error.strerror or error}"
    else:
        if document is not None and document.twice:
            why = f"the key {document.twice[0][:80]!r} stands twice in one object"
        elif document is None or not isinstance(document.value, dict):
            why = "it is no configuration: too large, or no JSON object"
        else:
            return document.value
    held.gaps.append((artifact.path, why, True))
    return None


def _types(folder: Folder, model: Model) -> Architecture | None:
    """The types of torch storages, which is all that is certain of them."""
    headers = [folder.headers.of(artifact) for artifact in model.files]
    if not headers or any(header.why for header in headers):
        return None
    return read_architecture([tensor for header in headers for tensor in header.tensors])


def _known_sizes(found: Architecture) -> dict[str, int]:
    return {name: getattr(found, name) for name in SIZES if getattr(found, name) >= 0}


def _comparable(found: Architecture, config: Mapping[str, object], path: str) -> set[str]:
    """What of a configuration is compared: all it would contradict if the tensors were others."""
    other = found
    for size in _known_sizes(found):
        other = replace(other, **{size: _LARGE})  # type: ignore[arg-type]  # all are counts
    names: set[str] = set()
    for dtype in ("F64", "F16"):  # one of them is not the declared one
        floats = any(name in ("F64", "F32", "F16", "BF16") for name, _ in found.dtypes)
        probe = replace(other, dtypes=((dtype, 1),)) if floats else other
        names.update(one.what for one in config_mismatches(probe, config, path))
    return names


def _gguf(folder: Folder, model: Model, held: Held) -> None:
    """GGUF carries its own configuration: ``<architecture>.block_count`` and its like."""
    headers = [folder.headers.of(artifact) for artifact in model.files]
    if model.why or not headers:
        return
    values = headers[0].values
    if values.get("general.type", "model") != "model":
        return  # adapters and projectors carry the keys of the model that they are for
    prefix = values.get("general.architecture")
    tensors = [tensor for header in headers for tensor in header.tensors]
    blocks = {int(match.group(1)) for t in tensors if (match := _BLOCK.match(t.name))}
    embedding = next((t.shape for t in tensors if t.name == "token_embd.weight"), ())
    known = {}
    if blocks and len(blocks) == max(blocks) + 1:
        known["block_count", "number of layers"] = len(blocks)
    if len(embedding) == 2:
        known["embedding_length", "hidden size"] = embedding[1]
    at = model.files[0].path
    names = []
    for (key, what), value in known.items():
        declared = values.get(f"{prefix}.{key}")
        if isinstance(declared, int):
            names.append(what)
            if declared != value:
                one = Mismatch(
                    what, str(declared), f"{at}, {prefix}.{key}", str(value),
                    "the tensors' names and shapes",
                )  # fmt: skip
                held.mismatches.append((at, 0, one))
    if names:
        held.compared.append((at, tuple(sorted(names))))


def _card(
    folder: Folder,
    artifact: Artifact,
    models: list[Model],
    found: Mapping[str, Architecture],
    held: Held,
) -> None:
    try:
        with folder.snapshot.open(artifact) as stream:
            head = stream.read(MAX_SCAN)
        front, body = split_front_matter(head, whole=artifact.size <= MAX_SCAN)
        document = load_yaml(front or "", source="the card", max_bytes=MAX_SCAN)
    except HostileInput as error:
        held.gaps.append((artifact.path, error.message, True))
        return
    except OSError as error:
        held.gaps.append((artifact.path, f"it cannot be read: {error.strerror or error}", True))
        return
    table = document.value if isinstance(document.value, dict) else {}
    counted = table.get("safetensors")
    exact = counted.get("total") if isinstance(counted, dict) else None
    said = list(_counts(table, document, body, 1 if front is None else front.count("\n") + 2))
    if type(exact) is not int and not said:
        return
    if len(models) > 1 or len({count for count, _, _ in said}) > 1:
        why = "it gives several numbers of parameters, or the folder holds several models"
        held.gaps.append((artifact.path, why, False))
        return
    (model,) = models
    architecture = found[model.name]
    if model.why or not architecture.exact:
        why = model.why or "quantized weights do not show how many parameters there are"
        held.gaps.append((artifact.path, why, model.unread))
        return
    if type(exact) is int:
        held.compared.append((artifact.path, ("number of parameters",)))
        place = f"{artifact.path}, safetensors.total"
        line = document.line(("safetensors", "total"))
        held.mismatches += [
            (artifact.path, line, one) for one in total_mismatch(architecture, exact, place)
        ]
    for count, field_name, line in said[:1]:
        place = f"{artifact.path}, {field_name}"
        _about(held, artifact.path, architecture, count, place, line)


def _counts(
    table: Mapping[str, object], document: YamlDocument, body: str, first: int
) -> Iterator[tuple[int, str, int]]:
    """Numbers of parameters that a card gives, each with its key and line: keys of its front
    matter, and lines of its text that say nothing else (``Number of parameters: 7.61B``).

    ``first`` is the line that the text begins at.
    """
    for key in _KEYS:
        value = table.get(key)
        text = str(value) if type(value) is int else value
        match = _VALUE.match(text.strip()) if isinstance(text, str) else None
        if match is not None and (amount := _amount(match)):
            yield amount, key, document.line((key,))
    for number, line in enumerate(body.splitlines(), first):
        match = _LINE.match(line) if len(line) <= _MAX_LINE else None
        if match is not None and (amount := _amount(match)):
            yield amount, "its text", number


def _amount(match: re.Match[str]) -> int:
    """A number of parameters; 0 for one too small to be meant as such."""
    unit = (match.group(2) or "").lower()
    whole, _, part = match.group(1).replace(",", "").partition(".")
    amount = int(whole + part) * _UNITS[unit] // 10 ** len(part)
    return amount if unit or amount >= 10_000 else 0


def _about(
    held: Held, at: str, found: Architecture, declared: int, place: str, line: int = 0
) -> None:
    if not found.exact or not found.parameters:
        return
    held.compared.append((at, ("number of parameters",)))
    if not found.parameters <= 2 * declared <= 4 * found.parameters:
        held.mismatches += [(at, line, one) for one in total_mismatch(found, declared, place)]
