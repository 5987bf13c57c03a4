"""JSON files beside weights that a loader obeys: which code they name, which files, which template.

Sources: transformers' ``auto_map`` and ``custom_pipelines`` (``dynamic_module_utils.py``),
diffusers' ``model_index.json`` (``pipeline_loading_utils.py``), sentence-transformers'
``modules.json``, PEFT's ``auto_mapping``, sharded checkpoints' ``weight_map``, Hydra's ``_target_``
(CVE-2025-23304).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from weighbridge.weights import json_text
from weighbridge.weights.coreml_manifest import judge_manifest
from weighbridge.weights.index_json import judge_index, judge_path, judge_shard_index
from weighbridge.weights.inspection import Verdict
from weighbridge.weights.json_text import Json
from weighbridge.weights.keras_config import MAX_TEXT, looks_like_keras_config
from weighbridge.weights.keras_config import inspect_config as inspect_keras
from weighbridge.weights.log import Log
from weighbridge.weights.paddle_pir import is_program, judge_program
from weighbridge.weights.source import Source
from weighbridge.weights.targets import is_dotted, judge_target, rule_on_target
from weighbridge.weights.templates import inspect_template

_REMOTE = "runs Python code of the repository ({file}) when loading is told to trust it"
_FOREIGN = "runs Python code of another repository, {repo}, when loading is told to trust it"
_REFERENCE = re.compile(r"(?:([\w.-]{1,100}/[\w.-]{1,100})--)?([\w./]{1,300})\.(\w{1,200})\Z")
# Read by the tokenizers library, which obeys nothing in them: words and their numbers.
_VOCABULARIES = ("tokenizer.json", "vocab.json", "added_tokens.json", "encoder.json", "merges.json")
# What a component of a diffusers pipeline may come from besides diffusers' own pipeline packages.
_LIBRARIES = frozenset(
    {
        "diffusers", "transformers", "onnxruntime", "onnxruntime.training", "optimum", "peft",
        "torch", "k_diffusion", "invisible_watermark", "controlnet_aux", "sentencepiece", "librosa",
        "note_seq", "optimum.quanto", "accelerate",
    }
)  # fmt: skip
_PIPELINE_NAMES = """
    allegro alt_diffusion amused animatediff audioldm audioldm2 aura_flow blip_diffusion bria
    chroma cogvideo cogview3 cogview4 consisid consistency_models controlnet cosmos
    dance_diffusion ddim ddpm deepfloyd_if dit easyanimate flux hidream_image hunyuan_video
    hunyuandit i2vgen_xl kandinsky kandinsky2_2 kandinsky3 kolors latent_consistency_models
    latent_diffusion latte ledits_pp ltx lumina lumina2 marigold mochi musicldm omnigen pag
    paint_by_example pia pixart_alpha qwenimage sana semantic_stable_diffusion shap_e
    skyreels_v2 stable_audio stable_cascade stable_diffusion stable_diffusion_safe
    stable_diffusion_xl stable_video_diffusion t2i_adapter text_to_video_synthesis unclip
    unidiffuser versatile_diffusion visualcloze vq_diffusion wan wuerstchen
"""
_PIPELINES = frozenset(_PIPELINE_NAMES.split())
# Files that libraries load as one JSON document; any other may hold one in each line.
_OBEYED = ("config.json", "index.json", "modules.json", "tokenizer.json", "template.json")
_CLASSES = ("activation_function", "activation_fn", "sbert_ce_default_activation_function")


def inspect_config(source: Source, log: Log, name: str) -> None:
    """Judge one configuration file; ``name`` is its path, which tells who obeys it.

    Raises:
        HostileInput: the file is not JSON.
        BoundExceeded: it is too large or nested too deeply to be read.
    """
    base = name.rpartition("/")[2].lower()
    document = json_text.read(source, log, lines=not base.endswith(_OBEYED))
    if document is None:
        if base in _VOCABULARIES:
            json_text.scan(source, log)
        else:
            log.gap("the file holds more values than are read of a configuration")
        return
    for key in document.twice:
        log.issue("duplicate-key", f"the key {key[:80]!r} stands twice in one object")
    if base in _VOCABULARIES:
        # Read by Rust alone. Configurations are not: Mamba's own has a time limit of Infinity.
        if base == "tokenizer.json" and document.constants:
            names = ", ".join(document.constants)
            log.issue("json-constant", f"{names} is no JSON, and the tokenizers library refuses it")
        return
    if is_program(document.value):
        judge_program(document.value, log)
        return
    for end, judge in _FILES:
        if base.endswith(end):
            judge(document.value, log)
    for table in _tables(document.value):
        _table(table, log)


def inspect(source: Source, log: Log) -> None:
    """:func:`inspect_config` under the name that the log has for it; Keras's are recognized."""
    if looks_like_keras_config(source.head(4096)):
        raw = source.head(MAX_TEXT + 1)
        log.bytes_read += len(raw)
        inspect_keras(raw, log)
        return
    inspect_config(source, log, log.name)


def local_code(auto_map: Mapping[str, object]) -> tuple[str, ...]:
    """The files of the repository that an ``auto_map`` loads, sorted; ``dir/name.py``.

    What it takes from another repository is not among them.
    """
    files = set()
    for reference in _references(auto_map):
        match = _REFERENCE.match(reference)
        if match and not match[1]:
            files.add(match[2].replace(".", "/") + ".py")
    return tuple(sorted(files))


def _table(table: dict[str, Json], log: Log) -> None:
    for key, inner in table.items():
        judge = _KEYS.get(key)
        if judge is not None:
            judge(inner, log)
        elif key.endswith(("_args", "_kwargs")) and isinstance(inner, dict):
            _arguments(key, inner, log)
        elif isinstance(inner, str) and key.endswith("attn_implementation") and "/" in inner:
            _kernel(inner, log)


def _tables(value: Json) -> Iterator[dict[str, Json]]:
    """Every object of a document, without recursion."""
    pending = [value]
    while pending:
        one = pending.pop()
        if isinstance(one, dict):
            yield one
            pending += one.values()
        elif isinstance(one, list):
            pending += one


def _references(value: object) -> Iterator[str]:
    for inner in value.values() if isinstance(value, Mapping) else ():
        for one in inner if isinstance(inner, list | tuple) else (inner,):
            if isinstance(one, str):
                yield one


def _auto_map(value: Json, log: Log) -> None:
    for reference in _references(value):
        _code(reference, "auto_map", log)


def _code(reference: str, key: str, log: Log) -> None:
    match = _REFERENCE.match(reference)
    if match is None:
        log.issue("bad-reference", f"{key} names {reference[:80]!r}, which is no class of a module")
        return
    repository, module, _ = match.groups()
    file = module.replace(".", "/") + ".py"
    rendered = f'"{key}": "{reference}"'
    if repository:
        effect = _FOREIGN.format(repo=repository)
        log.operation(Verdict.UNLISTED_CALL, "call", reference, rendered, effect, -1, key)
    else:  # the file lies beside this one, and is judged by what it does
        effect = _REMOTE.format(file=file)
        log.operation(Verdict.UNLISTED, "import", reference, rendered, effect, -1, key)


def _custom_pipelines(value: Json, log: Log) -> None:
    for task in value.values() if isinstance(value, dict) else ():
        implementation = task.get("impl") if isinstance(task, dict) else None
        if isinstance(implementation, str):
            _code(implementation, "custom_pipelines", log)


def _target(value: Json, log: Log) -> None:
    if isinstance(value, str):
        judge_target(value, "_target_", log, -1)


def _class_path(value: Json, log: Log) -> None:
    if isinstance(value, str):
        judge_target(value, "class_path", log, -1, known_only=True)


def _activation(value: Json, log: Log) -> None:
    """sentence-transformers imports an activation by its dotted name."""
    if isinstance(value, str) and "." in value:
        judge_target(value, "activation_function", log, -1)


def _template(value: Json, log: Log) -> None:
    """One template, a list of named ones, or a table of them."""
    for one in value if isinstance(value, list) else (value,):
        if isinstance(one, str):
            inspect_template(one, log, -1)
        elif isinstance(one, dict):
            for text in one.values():
                if isinstance(text, str):
                    inspect_template(text, log, -1)


def _auto_mapping(value: Json, log: Log) -> None:
    """PEFT imports ``parent_library`` to find the class of the base model."""
    library = value.get("parent_library") if isinstance(value, dict) else None
    if not isinstance(library, str):
        return
    if library.startswith("transformers_modules."):
        return  # what the base model's own repository was loaded as; its auto_map is judged there
    verdict, effect = rule_on_target(library)
    if verdict is not Verdict.SAFE:
        log.operation(verdict, "import", library, f"parent_library: {library}", effect, -1, "PEFT")


def _arguments(key: str, value: dict[str, Json], log: Log) -> None:
    """sentence-transformers hands ``model_args`` on to transformers as they are."""
    if value.get("trust_remote_code") is True:
        log.operation(
            Verdict.UNLISTED_CALL,
            "call",
            "trust_remote_code",
            f'"{key}": {{"trust_remote_code": true}}',
            "has the loader trust Python code of the repository without being asked",
            -1,
            key,
        )


def _kernel(value: str, log: Log) -> None:
    log.operation(
        Verdict.UNLISTED_CALL,
        "call",
        value,
        f'"attn_implementation": "{value}"',
        "downloads a compiled kernel from another repository and runs it",
        -1,
        "attn_implementation",
    )


def _modules(value: Json, log: Log) -> None:
    """sentence-transformers imports the ``type`` of each module and opens its ``path``."""
    for module in value if isinstance(value, list) else ():
        if not isinstance(module, dict):
            continue
        kind, path = module.get("type"), module.get("path")
        if isinstance(kind, str) and not kind.startswith("sentence_transformers."):
            match = _REFERENCE.match(kind)
            dangerous = is_dotted(kind) and rule_on_target(kind)[0] is Verdict.DANGEROUS
            if dangerous or match is None:
                judge_target(kind, "type", log, -1)
            else:
                _code(kind, "type", log)
        if isinstance(path, str):
            judge_path(path, "a module", log)


def _pipeline(value: Json, log: Log) -> None:
    """diffusers imports the library of each component, or a module of the repository."""
    for key, inner in value.items() if isinstance(value, dict) else ():
        if not (isinstance(inner, list) and len(inner) >= 2):
            continue
        library, name = inner[0], inner[1]
        if not isinstance(library, str) or not isinstance(name, str):
            continue
        if library in _LIBRARIES or library in _PIPELINES or library.startswith("diffusers."):
            continue
        dotted = f"{library}.{name}"
        if is_dotted(dotted) and rule_on_target(dotted)[0] is Verdict.DANGEROUS:
            judge_target(dotted, key, log, -1)
        else:
            _code(dotted, key, log)


_KEYS: dict[str, Callable[[Json, Log], None]] = {
    "auto_map": _auto_map, "custom_pipelines": _custom_pipelines, "_target_": _target,
    "class_path": _class_path, "_component_": _target, "chat_template": _template,
    "auto_mapping": _auto_mapping,
    **dict.fromkeys(_CLASSES, _activation),
}  # fmt: skip
_FILES: tuple[tuple[str, Callable[[Json, Log], None]], ...] = (
    ("modules.json", _modules),
    ("model_index.json", _pipeline),
    (".index.json", judge_index),
    (".safetensors.index.json", judge_shard_index),
    (".bin.index.json", judge_shard_index),
    ("manifest.json", judge_manifest),
)
