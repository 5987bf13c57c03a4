# ruff: noqa: E501 - a configuration reads best as one line
"""What tensors say of a model, against its configuration: real layouts are silent, lies are not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from weighbridge.weights.architecture import TensorShape, read_architecture
from weighbridge.weights.declared import config_mismatches, total_mismatch

Shapes = dict[str, tuple[int, ...]]


def tensors(shapes: Shapes, dtype: str = "BF16") -> list[TensorShape]:
    return [TensorShape(name, dtype, shape) for name, shape in shapes.items()]


def llama(
    layers: int = 3, prefix: str = "model.", vocabulary: int = 96, *, tied: bool = False
) -> Shapes:
    shapes: Shapes = {
        f"{prefix}embed_tokens.weight": (vocabulary, 16),
        f"{prefix}norm.weight": (16,),
    }
    if not tied:
        shapes["lm_head.weight"] = (vocabulary, 16)
    for i in range(layers):
        at = f"{prefix}layers.{i}."
        shapes |= {
            f"{at}self_attn.q_proj.weight": (32, 16), f"{at}self_attn.k_proj.weight": (8, 16),
            f"{at}self_attn.v_proj.weight": (8, 16), f"{at}self_attn.o_proj.weight": (16, 32),
            f"{at}mlp.gate_proj.weight": (40, 16), f"{at}mlp.up_proj.weight": (40, 16),
            f"{at}mlp.down_proj.weight": (16, 40), f"{at}input_layernorm.weight": (16,),
            f"{at}post_attention_layernorm.weight": (16,),
        }  # fmt: skip
    return shapes


def gpt2(prefix: str = "transformer.") -> Shapes:
    shapes: Shapes = {f"{prefix}wte.weight": (50, 16), f"{prefix}wpe.weight": (20, 16)}
    for i in range(2):
        shapes |= {f"{prefix}h.{i}.attn.c_attn.weight": (16, 48), f"{prefix}h.{i}.mlp.c_fc.weight": (16, 64),
                   f"{prefix}h.{i}.ln_1.weight": (16,)}  # fmt: skip
    return shapes


def bert(prefix: str = "bert.", embedding: int = 16) -> Shapes:
    shapes: Shapes = {f"{prefix}embeddings.word_embeddings.weight": (60, embedding),
                      f"{prefix}embeddings.position_embeddings.weight": (32, embedding)}  # fmt: skip
    for i in range(2):
        at = f"{prefix}encoder.layer.{i}."
        shapes |= {f"{at}attention.self.query.weight": (16, 16), f"{at}intermediate.dense.weight": (64, 16),
                   f"{at}output.dense.weight": (16, 64)}  # fmt: skip
    return shapes


def t5(*, decoder: int = 3) -> Shapes:
    shapes: Shapes = {"shared.weight": (70, 16)}
    for i in range(2):
        shapes |= {f"encoder.block.{i}.layer.0.SelfAttention.q.weight": (24, 16),
                   f"encoder.block.{i}.layer.1.DenseReluDense.wi_0.weight": (48, 16)}  # fmt: skip
    return shapes | {
        f"decoder.block.{i}.layer.0.SelfAttention.q.weight": (24, 16) for i in range(decoder)
    }


def neox() -> Shapes:
    shapes: Shapes = {"gpt_neox.embed_in.weight": (50, 16)}
    for i in range(2):
        shapes |= {f"gpt_neox.layers.{i}.attention.query_key_value.weight": (48, 16),
                   f"gpt_neox.layers.{i}.mlp.dense_h_to_4h.weight": (64, 16)}  # fmt: skip
    return shapes


def distilbert() -> Shapes:
    shapes: Shapes = {"distilbert.embeddings.word_embeddings.weight": (60, 16),
                      "distilbert.embeddings.position_embeddings.weight": (32, 16)}  # fmt: skip
    for i in range(2):
        shapes |= {f"distilbert.transformer.layer.{i}.attention.q_lin.weight": (16, 16),
                   f"distilbert.transformer.layer.{i}.ffn.lin1.weight": (64, 16)}  # fmt: skip
    return shapes


LLAMA = {"architectures": ["LlamaForCausalLM"], "hidden_size": 16, "num_hidden_layers": 3, "vocab_size": 96,
         "intermediate_size": 40, "num_attention_heads": 4, "num_key_value_heads": 1, "head_dim": 8,
         "torch_dtype": "bfloat16"}  # fmt: skip
AGREE = {
    "llama": (llama(), LLAMA),
    "llama-base": (llama(prefix=""), LLAMA),
    "tied": (llama(tied=True), LLAMA | {"tie_word_embeddings": True}),
    "padded": (llama(vocabulary=128), LLAMA | {"vocab_size": 101}),
    "no-head-dim": (llama(), {k: v for k, v in LLAMA.items() if k != "head_dim"} | {"num_attention_heads": 7}),
    "mixture": ({k: v for k, v in llama().items() if ".mlp." not in k}, LLAMA | {"architectures": ["MixtralForCausalLM"], "num_local_experts": 8, "intermediate_size": 7}),
    "next-token-layer": (llama(4), LLAMA | {"num_nextn_predict_layers": 1}),
    "one-shard": ({k: v for k, v in llama().items() if "layers.0." not in k}, LLAMA),
    "several-configurations": (llama(), {"architectures": ["LlamaForCausalLM"], "hidden_size": 1, "text_config": {}}),
    "class-not-known": (llama(), LLAMA | {"architectures": ["NewForCausalLM"], "hidden_size": 999}),
    "gpt2": (gpt2(), {"architectures": ["GPT2LMHeadModel"], "n_embd": 16, "n_layer": 2, "vocab_size": 50, "n_positions": 20, "n_inner": None}),
    "gpt2-base": (gpt2(""), {"architectures": ["GPT2Model"], "n_embd": 16, "n_layer": 2, "vocab_size": 50}),
    "bert": (bert(), {"architectures": ["BertForMaskedLM"], "hidden_size": 16, "num_hidden_layers": 2, "vocab_size": 60, "intermediate_size": 64, "max_position_embeddings": 32}),
    "roberta": (bert("roberta."), {"architectures": ["RobertaModel"], "hidden_size": 16, "num_hidden_layers": 2}),
    "sentence": (bert(""), {"architectures": ["BertModel"], "hidden_size": 16, "num_hidden_layers": 2, "torch_dtype": "bfloat16"}),
    "electra": (bert("electra.", 8), {"architectures": ["ElectraModel"], "hidden_size": 16, "embedding_size": 8}),
    "mobilebert": (bert("mobilebert.", 8), {"architectures": ["MobileBertModel"], "hidden_size": 512, "num_hidden_layers": 2}),
    "t5": (t5(), {"architectures": ["T5ForConditionalGeneration"], "d_model": 16, "num_layers": 2, "num_decoder_layers": 3, "vocab_size": 70, "d_ff": 48, "d_kv": 8, "num_heads": 3}),
    "t5-encoder": (t5(decoder=0), {"architectures": ["T5EncoderModel"], "d_model": 16, "num_layers": 2, "num_decoder_layers": 3}),
    "neox": (neox(), {"architectures": ["GPTNeoXForCausalLM"], "hidden_size": 16, "num_hidden_layers": 2, "vocab_size": 50, "intermediate_size": 64}),
    "distilbert": (distilbert(), {"architectures": ["DistilBertModel"], "dim": 16, "n_layers": 2, "vocab_size": 60, "hidden_dim": 64, "max_position_embeddings": 32}),
    "hostile-types": (llama(), {"architectures": "Llama", "hidden_size": "16", "num_hidden_layers": None, "vocab_size": True, "dtype": 5}),
    "no-config": (llama(), {}),
    "diffusers": ({"down_blocks.0.conv.weight": (4, 4, 3, 3)}, {"_class_name": "UNet2DConditionModel", "torch_dtype": "bfloat16"}),
}  # fmt: skip


@pytest.mark.parametrize(("shapes", "config"), AGREE.values(), ids=AGREE)
def test_what_agrees_or_is_not_certain_is_silent(shapes, config) -> None:
    assert config_mismatches(read_architecture(tensors(shapes)), config) == ()


DIFFER = {
    "layers": (llama(), LLAMA | {"num_hidden_layers": 4}, ["number of layers"]),
    "hidden": (llama(), LLAMA | {"hidden_size": 4096}, ["hidden size"]),
    "vocabulary-smaller": (llama(), LLAMA | {"vocab_size": 97}, ["size of the vocabulary"]),
    "vocabulary-odd": (llama(vocabulary=97), LLAMA, ["size of the vocabulary"]),
    "inner": (llama(), LLAMA | {"intermediate_size": 44}, ["inner size of a layer"]),
    "heads": (llama(), LLAMA | {"num_attention_heads": 5}, ["width of all heads"]),
    "key-heads": (llama(), LLAMA | {"num_key_value_heads": 4}, ["width of all heads"]),
    "type": (llama(), LLAMA | {"torch_dtype": "float32"}, ["type"]),
    "new-type-key": (llama(), LLAMA | {"dtype": "float16"}, ["type"]),
    "class": (bert(), LLAMA | {"architectures": ["LlamaForCausalLM"]}, ["layout"]),
    "gpt2": (gpt2(), {"architectures": ["GPT2LMHeadModel"], "n_embd": 17, "n_positions": 21}, ["hidden size", "number of positions"]),
    "t5": (t5(), {"architectures": ["T5Model"], "num_decoder_layers": 2, "d_kv": 7, "num_heads": 3}, ["number of decoder layers", "width of all heads"]),
}  # fmt: skip


@pytest.mark.parametrize(("shapes", "config", "expected"), DIFFER.values(), ids=DIFFER)
def test_a_difference_is_named(shapes, config, expected) -> None:
    found = config_mismatches(read_architecture(tensors(shapes)), config)
    assert [one.what for one in found] == expected


def test_both_values_and_places_stand_in_it() -> None:
    (one,) = config_mismatches(
        read_architecture(tensors(llama())), LLAMA | {"num_hidden_layers": 4}
    )
    assert (one.declared, one.declared_in) == ("4", "config.json, num_hidden_layers")
    assert (one.found, one.found_in) == ("3", "the tensors' names and shapes")


@pytest.mark.parametrize("extra", ["qweight", "weight_scale_inv", "weight.absmax", "weight_packed"])
def test_of_quantized_weights_only_the_layers_are_compared(extra: str) -> None:
    shapes = llama() | {f"model.layers.0.self_attn.q_proj.{extra}": (4, 4)}
    lies = LLAMA | {"hidden_size": 1, "intermediate_size": 1, "torch_dtype": "float16"}
    found = read_architecture(tensors(shapes))
    assert config_mismatches(found, lies) == ()
    (one,) = config_mismatches(found, lies | {"num_hidden_layers": 9})
    assert one.what == "number of layers"
    assert total_mismatch(found, 1, "README.md") == ()
    plain = read_architecture(tensors(llama()))
    assert config_mismatches(plain, lies | {"quantization_config": {}}) == ()


def test_adapters_have_no_layout() -> None:
    shapes = {f"base_model.model.{name}": shape for name, shape in llama().items()}
    shapes["base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight"] = (8, 16)
    assert read_architecture(tensors(shapes)).layout == ""


def test_counts_are_those_of_the_tensors() -> None:
    found = read_architecture([*tensors({"a": (2, 3), "b": ()}), *tensors({"c": (5,)}, "F32")])
    assert (found.tensors, found.parameters) == (3, 12)
    assert found.dtypes == (("BF16", 7), ("F32", 5))
    assert total_mismatch(found, 12, "README.md") == ()
    assert total_mismatch(found, "12", "README.md") == ()
    (one,) = total_mismatch(found, 13, "README.md")
    assert (one.declared, one.found, one.declared_in) == ("13", "12", "README.md")
    assert total_mismatch(replace(found, exact=False), 13, "README.md") == ()
