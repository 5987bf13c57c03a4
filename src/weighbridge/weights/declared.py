"""A configuration's and a card's numbers against those that the tensors have."""

from __future__ import annotations

from collections.abc import Mapping

from weighbridge.weights.architecture import LAYOUTS, Architecture, Mismatch
from weighbridge.weights.decimal_text import decimal

_TENSORS = "the tensors' names and shapes"
_NESTED = ("text_config", "vision_config", "audio_config", "encoder", "decoder", "language_config")
_EXPERTS = ("num_experts", "num_local_experts", "n_routed_experts", "moe_intermediate_size")
_NAMES = {
    "hidden": "hidden size",
    "layers": "number of layers",
    "decoder_layers": "number of decoder layers",
    "vocabulary": "size of the vocabulary",
    "inner": "inner size of a layer",
    "positions": "number of positions",
}
_FLOATS = {
    "float64": "F64", "double": "F64", "float32": "F32", "float": "F32", "float16": "F16",
    "half": "F16", "bfloat16": "BF16",
}  # fmt: skip


def config_mismatches(
    found: Architecture, config: Mapping[str, object], path: str = "config.json"
) -> tuple[Mismatch, ...]:
    """What a parsed ``config.json`` says otherwise. Empty where nothing is certain.

    Sizes are compared only where ``architectures`` names a class whose tensors are known here.
    """
    out: list[Mismatch] = []
    quantized = not found.exact or "quantization_config" in config
    if any(key in config for key in _NESTED):
        return ()
    layout = LAYOUTS.get(found.layout)
    if layout is not None and _class_name(config).startswith(layout.classes):
        for name, keys in layout.fields:
            if quantized and name not in ("layers", "decoder_layers"):
                continue
            _compare(found, name, keys, config, path, out)
        if not quantized:
            _heads(found, config, path, out)
    _class(found, config, path, out)
    if not quantized:
        _dtype(found, config, path, out)
    return tuple(out)


def total_mismatch(found: Architecture, declared: object, path: str) -> tuple[Mismatch, ...]:
    """A declared number of parameters (``safetensors.total``) that is not the tensors' own."""
    if type(declared) is not int or not found.exact or declared == found.parameters:
        return ()
    return (
        Mismatch(
            "number of parameters", decimal(declared), path, decimal(found.parameters), _TENSORS
        ),
    )


def _compare(
    found: Architecture,
    name: str,
    keys: tuple[str, ...],
    config: Mapping[str, object],
    path: str,
    out: list[Mismatch],
) -> None:
    value = getattr(found, name)
    key = next((key for key in keys if key in config), None)
    declared = config.get(key) if key is not None else None
    if value < 0 or type(declared) is not int or key is None or declared == value:
        return
    if name == "vocabulary" and value > declared and value % 8 == 0:
        return  # padded to a size that hardware likes
    if name == "inner" and any(word in config for word in _EXPERTS):
        return
    if name == "layers" and value == declared + _count(config, "num_nextn_predict_layers"):
        return  # heads that predict further tokens are kept as layers
    out.append(
        Mismatch(_NAMES[name], decimal(declared), f"{path}, {key}", decimal(value), _TENSORS)
    )


def _count(config: Mapping[str, object], key: str) -> int:
    value = config.get(key)
    return value if type(value) is int else 0


def _heads(
    found: Architecture, config: Mapping[str, object], path: str, out: list[Mismatch]
) -> None:
    """Heads times their width: certain only where the configuration gives the width."""
    width = config.get("head_dim", config.get("d_kv"))
    if type(width) is not int or "layer_types" in config:
        return
    for value, keys in (
        (found.query, ("num_attention_heads", "num_heads")),
        (found.key, ("num_key_value_heads",)),
    ):
        key = next((key for key in keys if key in config), None)
        heads = config.get(key) if key is not None else None
        if value < 0 or type(heads) is not int or heads * width == value:
            continue
        out.append(
            Mismatch(
                "width of all heads",
                f"{decimal(heads)} x {decimal(width)}",
                f"{path}, {key}",
                decimal(value),
                _TENSORS,
            )
        )


def _class_name(config: Mapping[str, object]) -> str:
    """The first of ``architectures``, empty where there is none."""
    classes = config.get("architectures")
    first = classes[0] if isinstance(classes, list | tuple) and classes else ""
    return first if isinstance(first, str) else ""


def _class(
    found: Architecture, config: Mapping[str, object], path: str, out: list[Mismatch]
) -> None:
    """A class whose layout is known, over tensors of another layout that is known."""
    name = _class_name(config)
    expected = [key for key, layout in LAYOUTS.items() if name.startswith(layout.classes)]
    if found.layout and expected and found.layout not in expected:
        out.append(
            Mismatch(
                "layout", name, f"{path}, architectures", f"tensors named as in {found.layout}",
                _TENSORS,
            )
        )  # fmt: skip


def _dtype(
    found: Architecture, config: Mapping[str, object], path: str, out: list[Mismatch]
) -> None:
    """A type that none of the tensors has. (Some may be wider: norms often are.)"""
    key = "dtype" if "dtype" in config else "torch_dtype"
    declared = config.get(key)
    if not isinstance(declared, str):
        return
    expected = _FLOATS.get(declared.removeprefix("torch."))
    floats = [dtype for dtype, _ in found.dtypes if dtype in _FLOATS.values()]
    if expected is not None and floats and expected not in floats:
        out.append(Mismatch("type", declared, f"{path}, {key}", ", ".join(floats), _TENSORS))
