"""What tensor names and shapes say of a transformer, against what its configuration says.

Sources: transformers' modeling files, for the names of the layouts below. Only what is certain is
compared: nothing of quantized weights or adapters but the number of layers; no vocabulary that is
padded; no shape of a model whose configuration is that of several (``text_config``); no count that
is not exact. Tied embeddings need no care: the input embedding alone is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_INDEX = r"(\d{1,5})"
_PACKED = re.compile(
    r"(?:^|\.)(?:qweight|qzeros|g_idx|weight_packed|weight_scale(?:_inv)?|weight_format"
    r"|quant_map|absmax|SCB|scales)$|\.quant_state\."
)
_ADAPTER = re.compile(r"(?:^|\.)lora_[AB]\b|(?:^|\.)lora_embedding_|\.hada_w\d|lora_(?:up|down)\.")


@dataclass(frozen=True, slots=True)
class TensorShape:
    """One tensor by name, safetensors' dtype, and shape from the outermost dimension in."""

    name: str
    dtype: str
    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Architecture:
    """What the tensors say; -1 and empty where they do not.

    ``layout`` is a key of :data:`LAYOUTS`. ``query`` and ``key`` are the rows that all heads of a
    layer take (heads times the width of one), ``exact`` is false for quantized weights, whose
    shapes and counts are not those of the model.
    """

    layout: str
    tensors: int
    parameters: int
    dtypes: tuple[tuple[str, int], ...]  # with the parameters of each, most first
    layers: int = -1
    decoder_layers: int = -1
    hidden: int = -1
    vocabulary: int = -1
    positions: int = -1
    inner: int = -1
    query: int = -1
    key: int = -1
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Two values that should be one, each with where it is from."""

    what: str
    declared: str
    declared_in: str
    found: str
    found_in: str


@dataclass(frozen=True, slots=True)
class Layout:
    """Names of one family of models, each a pattern and an axis; ``fields`` maps what is found to
    the keys of ``config.json``; ``classes`` are the starts of class names that use this layout."""

    layer: str
    embedding: str
    classes: tuple[str, ...]
    fields: tuple[tuple[str, tuple[str, ...]], ...]
    query: tuple[str, int] = ("", 0)
    key: tuple[str, int] = ("", 0)
    inner: tuple[str, int] = ("", 0)
    hidden: tuple[str, int] = ("", 0)  # where it is not the width of the embedding
    positions: str = ""
    decoder_layer: str = ""


_COMMON = (
    ("hidden", ("hidden_size",)),
    ("layers", ("num_hidden_layers",)),
    ("vocabulary", ("vocab_size",)),
    ("inner", ("intermediate_size",)),
)
_BERT_FIELDS = (*_COMMON, ("positions", ("max_position_embeddings",)))
# The prefix of a model's base (``model.``, ``bert.``) is optional: base models are saved without.
LAYOUTS: dict[str, Layout] = {
    "llama": Layout(
        rf"(?:model\.)?layers\.{_INDEX}\.(?:self_attn|mlp|input_layernorm|post_attention_layernorm)"
        r"\..+",
        r"(?:model\.)?embed_tokens\.weight",
        ("Llama", "Mistral", "Qwen2F", "Qwen2M", "Qwen3F", "Qwen3M", "GemmaF", "Gemma2F", "Phi3F",
         "Mixtral", "Olmo", "Starcoder2", "SmolLM3", "InternLM3", "Cohere", "Granite"),
        _COMMON,
        (r"self_attn\.q_proj\.weight", 0),
        (r"self_attn\.k_proj\.weight", 0),
        (r"mlp\.gate_proj\.weight", 0),
    ),
    "gpt2": Layout(
        rf"(?:transformer\.)?h\.{_INDEX}\.(?:attn|mlp|ln_1|ln_2)\..+",
        r"(?:transformer\.)?wte\.weight",
        ("GPT2",),
        (("hidden", ("n_embd", "hidden_size")), ("layers", ("n_layer", "num_hidden_layers")),
         ("vocabulary", ("vocab_size",)), ("positions", ("n_positions",)),
         ("inner", ("n_inner",))),
        inner=(r"mlp\.c_fc\.weight", 1),
        positions=r"(?:transformer\.)?wpe\.weight",
    ),
    "gpt_neox": Layout(
        rf"(?:gpt_neox\.)?layers\.{_INDEX}\.(?:attention|mlp|input_layernorm)\..+",
        r"(?:gpt_neox\.)?embed_in\.weight",
        ("GPTNeoX",),
        _COMMON,
        inner=(r"mlp\.dense_h_to_4h\.weight", 0),
    ),
    "bert": Layout(
        rf"(?:[a-z_]+\.)?encoder\.layer\.{_INDEX}\.(?:attention|intermediate|output)\..+",
        r"(?:[a-z_]+\.)?embeddings\.word_embeddings\.weight",
        ("Bert", "Roberta", "XLMRoberta", "Camembert", "Electra"),
        _BERT_FIELDS,
        (r"attention\.self\.query\.weight", 0),
        inner=(r"intermediate\.dense\.weight", 0),
        hidden=(r"attention\.self\.query\.weight", 1),
        positions=r"(?:[a-z_]+\.)?embeddings\.position_embeddings\.weight",
    ),
    "distilbert": Layout(
        rf"(?:distilbert\.)?transformer\.layer\.{_INDEX}\..+",
        r"(?:distilbert\.)?embeddings\.word_embeddings\.weight",
        ("DistilBert",),
        (("hidden", ("dim",)), ("layers", ("n_layers",)), ("vocabulary", ("vocab_size",)),
         ("inner", ("hidden_dim",)), ("positions", ("max_position_embeddings",))),
        (r"attention\.q_lin\.weight", 0),
        inner=(r"ffn\.lin1\.weight", 0),
        positions=r"(?:distilbert\.)?embeddings\.position_embeddings\.weight",
    ),
    "t5": Layout(
        rf"encoder\.block\.{_INDEX}\.layer\..+",
        r"shared\.weight",
        ("T5", "MT5", "UMT5", "LongT5"),
        (("hidden", ("d_model",)), ("layers", ("num_layers",)),
         ("decoder_layers", ("num_decoder_layers",)), ("vocabulary", ("vocab_size",)),
         ("inner", ("d_ff",))),
        (r"layer\.0\.SelfAttention\.q\.weight", 0),
        inner=(r"layer\.1\.DenseReluDense\.wi(?:_0)?\.weight", 0),
        decoder_layer=rf"decoder\.block\.{_INDEX}\.layer\..+",
    ),
}  # fmt: skip


def read_architecture(tensors: Sequence[TensorShape]) -> Architecture:
    """What the tensors of one whole model (all its shards) say."""
    counts: dict[str, int] = {}
    parameters = 0
    exact, adapter = True, False
    for tensor in tensors:
        count = 1
        for side in tensor.shape:
            count *= side
        counts[tensor.dtype] = counts.get(tensor.dtype, 0) + count
        parameters += count
        exact = exact and not _PACKED.search(tensor.name) and not tensor.dtype.startswith("F8")
        adapter = adapter or _ADAPTER.search(tensor.name) is not None
    dtypes = tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
    plain = Architecture("", len(tensors), parameters, dtypes, exact=exact)
    if adapter:
        return plain
    names = {tensor.name: tensor.shape for tensor in tensors}
    for key, layout in LAYOUTS.items():
        found = _matched(key, layout, names, plain)
        if found is not None:
            return found
    return plain


def _matched(
    key: str, layout: Layout, names: Mapping[str, tuple[int, ...]], plain: Architecture
) -> Architecture | None:
    """The architecture by one layout, None where the tensors are of another."""
    embedding = next((shape for name, shape in names.items()
                      if re.fullmatch(layout.embedding, name)), None)  # fmt: skip
    layers = _indices(layout.layer, names)
    if embedding is None or len(embedding) != 2 or not layers or min(layers):
        return None
    compiled = re.compile(layout.layer)
    first: dict[str, tuple[int, ...]] = {}
    for name, shape in names.items():
        match = compiled.fullmatch(name)
        if match and int(match.group(1)) == 0:
            first[name.split(f".{match.group(1)}.", 1)[-1]] = shape
    positions = _shape(layout.positions, names)
    return Architecture(
        key,
        plain.tensors,
        plain.parameters,
        plain.dtypes,
        layers=max(layers) + 1 if len(layers) == max(layers) + 1 else -1,
        decoder_layers=_whole(_indices(layout.decoder_layer, names)),
        hidden=_side(layout.hidden, first, embedding[1]) if plain.exact else -1,
        vocabulary=embedding[0] if plain.exact else -1,
        positions=positions[0] if positions and plain.exact else -1,
        inner=_side(layout.inner, first) if plain.exact else -1,
        query=_side(layout.query, first) if plain.exact else -1,
        key=_side(layout.key, first) if plain.exact else -1,
        exact=plain.exact,
    )


def _indices(pattern: str, names: Mapping[str, tuple[int, ...]]) -> set[int]:
    if not pattern:
        return set()
    compiled = re.compile(pattern)
    return {int(match.group(1)) for name in names if (match := compiled.fullmatch(name))}


def _whole(indices: set[int]) -> int:
    return max(indices) + 1 if indices and len(indices) == max(indices) + 1 else -1


def _shape(pattern: str, names: Mapping[str, tuple[int, ...]]) -> tuple[int, ...]:
    if not pattern:
        return ()
    return next((shape for name, shape in names.items() if re.fullmatch(pattern, name)), ())


def _side(place: tuple[str, int], names: Mapping[str, tuple[int, ...]], otherwise: int = -1) -> int:
    shape = _shape(place[0], names)
    return shape[place[1]] if len(shape) == 2 else otherwise
