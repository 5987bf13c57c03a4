"""Benign checkpoints by torch and what stands on it."""

from __future__ import annotations

import argparse
import collections
import enum
import functools
import io
import pathlib
import random
from collections.abc import Iterator
from typing import Any

Entry = tuple[str, str, bytes]
_KINDS = """
    float64 float32 float16 bfloat16 int64 int32 int16 int8 uint8 bool complex64 complex128
    uint16 uint32 uint64 float8_e4m3fn float8_e5m2
"""


class Stage(enum.Enum):
    """What a trainer keeps; not written, its value is."""

    TRAIN = "train"


def _saved(value: Any, **options: Any) -> bytes:
    import torch

    stream = io.BytesIO()
    torch.save(value, stream, **options)
    return stream.getvalue()


def _both(family: str, name: str, value: Any) -> Iterator[Entry]:
    """As a zip archive and in the legacy form."""
    yield family, f"{name}.pt", _saved(value)
    yield family, f"{name}-legacy.pth", _saved(value, _use_new_zipfile_serialization=False)


def tensors() -> Iterator[Entry]:
    """State dicts and bare tensors."""
    import numpy as np
    import torch

    torch.manual_seed(1)
    kinds = _KINDS.split()
    every = {kind: torch.ones(2, 3).to(getattr(torch, kind)) for kind in kinds}
    yield "torch-tensors", "every-dtype.pt", _saved(every)
    common = {k: v for k, v in every.items() if k in kinds[:12]}
    yield from _both("torch-tensors", "common-dtypes", common)
    base = torch.arange(24.0)
    yield from _both(
        "torch-tensors", "views",
        {"tied": [base, base], "view": base[3:9], "strided": base.view(4, 6).t(),
         "scalar": torch.tensor(1.5), "empty": torch.empty(0), "expanded": torch.ones(1).expand(5),
         "wide": torch.zeros(0, 7)},
    )  # fmt: skip
    yield "torch-tensors", "sparse.pt", _saved(
        {"coo": torch.eye(3).to_sparse(), "csr": torch.eye(3).to_sparse_csr(),
         "csc": torch.eye(4).to_sparse_csc(), "bsr": torch.eye(4).to_sparse_bsr((2, 2))}
    )  # fmt: skip
    yield from _both(
        "torch-tensors", "quantized",
        [torch.quantize_per_tensor(torch.rand(4), 0.1, 2, torch.qint8),
         torch.quantize_per_channel(torch.rand(2, 2), torch.tensor([0.1, 0.2]),
                                    torch.tensor([0, 1]), 0, torch.quint8)],
    )  # fmt: skip
    yield "torch-tensors", "nested-meta.pt", _saved(
        {"meta": torch.empty(3, 4, device="meta"),
         "nested": torch.nested.nested_tensor([torch.ones(2), torch.ones(3)])}
    )  # fmt: skip
    yield from _both("torch-tensors", "parameter", torch.nn.Parameter(torch.ones(3)))
    yield from _both("torch-tensors", "grad", torch.ones(3, requires_grad=True))
    conjugated = torch.ones(2, dtype=torch.complex64).conj()
    yield "torch-tensors", "conjugated.pt", _saved(conjugated)
    yield "torch-tensors", "storage.pt", _saved([torch.ones(3).untyped_storage(),
                                                torch.ones(3).storage()])  # fmt: skip
    tagged = torch.ones(3)
    tagged.note = "kept as an attribute"  # type: ignore[attr-defined]
    yield "torch-tensors", "attributes.pt", _saved(tagged)
    yield from _both(
        "torch-objects", "small-values",
        {"size": torch.Size([1, 2]), "device": torch.device("cpu"), "dtype": torch.float16,
         "path": pathlib.Path("a/b"),
         "numpy": np.arange(3), "scalar": np.float64(2), "names": collections.Counter("aab"),
         "set": {1, 2}, "nested": [collections.OrderedDict(a=torch.ones(1))]},
    )  # fmt: skip


def _networks() -> dict[str, Any]:
    from torch import nn

    class_free = nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Dropout(), nn.Linear(10, 10), nn.Softmax(dim=1),
    )  # fmt: skip
    return {
        "linear": nn.Linear(3, 2),
        "mlp": nn.Sequential(nn.Linear(4, 8), nn.GELU(), nn.LayerNorm(8), nn.Linear(8, 1)),
        "convolutions": class_free,
        "transposed": nn.Sequential(nn.ConvTranspose2d(2, 2, 3), nn.InstanceNorm2d(2),
                                    nn.LeakyReLU(), nn.Upsample(scale_factor=2), nn.Tanh()),
        "lstm": nn.LSTM(4, 5, num_layers=2, bidirectional=True),
        "gru": nn.ModuleList([nn.GRU(3, 3), nn.RNN(3, 3), nn.LSTMCell(2, 2)]),
        "transformer": nn.Transformer(8, 2, 1, 1, 16),
        "encoder": nn.TransformerEncoder(
            nn.TransformerEncoderLayer(8, 2, 16, activation="gelu"), 2),
        "attention": nn.MultiheadAttention(8, 2),
        "embeddings": nn.ModuleDict({"a": nn.Embedding(9, 3), "b": nn.EmbeddingBag(9, 3),
                                     "bilinear": nn.Bilinear(2, 3, 4)}),
        "lists": nn.ParameterList([nn.Parameter(nn.Linear(2, 2).weight.detach())]),
        "normalized": nn.utils.weight_norm(nn.Linear(3, 3)) if hasattr(nn.utils, "weight_norm")
        else nn.Linear(3, 3),
        "spectral": nn.utils.spectral_norm(nn.Linear(3, 3)),
        "losses": nn.ModuleList([nn.CrossEntropyLoss(), nn.MSELoss(), nn.BCEWithLogitsLoss(),
                                 nn.KLDivLoss(), nn.SmoothL1Loss(), nn.CTCLoss()]),
        "activations": nn.ModuleList([nn.SiLU(), nn.ELU(), nn.PReLU(), nn.Hardswish(), nn.Mish(),
                                      nn.Softplus(), nn.Sigmoid(), nn.Identity(), nn.GLU()]),
    }  # fmt: skip


def modules() -> Iterator[Entry]:
    """Whole modules of ``torch.nn``, which pickle their classes."""
    import torch

    for name, network in _networks().items():
        yield from _both("torch-modules", name, network)
        if name not in ("convolutions",):
            yield "torch-state-dicts", f"{name}.pt", _saved(network.state_dict())
    data_parallel = torch.nn.DataParallel(torch.nn.Linear(2, 2))
    yield "torch-modules", "data-parallel.pt", _saved(data_parallel)
    small = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.ReLU())
    quantized = torch.ao.quantization.quantize_dynamic(small, {torch.nn.Linear}, torch.qint8)
    yield "torch-state-dicts", "quantized-dynamic.pt", _saved(quantized.state_dict())


def pickled() -> Iterator[Entry]:
    """Tensors by pickle and joblib instead of ``torch.save``: each storage is a file in bytes."""
    import pickle

    import joblib
    import torch

    network = torch.nn.Sequential(torch.nn.Linear(3, 400), torch.nn.ReLU())
    for protocol in range(3, 6):
        state = pickle.dumps(network.state_dict(), protocol)
        yield "torch-pickled", f"state-p{protocol}.pkl", state
        yield "torch-pickled", f"module-p{protocol}.pkl", pickle.dumps(network, protocol)
    stream = io.BytesIO()
    joblib.dump({"state": network.state_dict(), "epoch": 3}, stream, compress=3)
    yield "torch-pickled", "state.joblib", stream.getvalue()
    large = {"weight": torch.zeros(3_000_000), "half": torch.ones(4, dtype=torch.float16)}
    yield "torch-pickled", "large.pkl", pickle.dumps(large)


def training() -> Iterator[Entry]:
    """Checkpoints of trainers: optimizer, scheduler, scaler and random states."""
    import numpy as np
    import torch
    from torch import optim

    network = torch.nn.Linear(3, 2)
    kinds = {
        "sgd": lambda p: optim.SGD(p, 0.1, momentum=0.9), "adam": lambda p: optim.Adam(p, 0.1),
        "adamw": lambda p: optim.AdamW(p, 0.1), "rmsprop": lambda p: optim.RMSprop(p, 0.1),
        "adagrad": lambda p: optim.Adagrad(p, 0.1), "lbfgs": lambda p: optim.LBFGS(p, 0.1),
    }  # fmt: skip
    schedulers = optim.lr_scheduler
    for name, make in kinds.items():
        optimizer = make(network.parameters())
        loss = network(torch.ones(1, 3)).sum()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step(lambda loss=loss: loss)  # type: ignore[misc]
        scheduler = schedulers.OneCycleLR(optimizer, 1.0, 10) if name == "sgd" else (
            schedulers.CosineAnnealingLR(optimizer, 10) if name == "adam"
            else schedulers.StepLR(optimizer, 3))  # fmt: skip
        state = {
            "epoch": 3, "model": network.state_dict(), "optimizer": optimizer.state_dict(),
            "scheduler": scheduler.state_dict(),
            "scaler": torch.amp.GradScaler("cpu").state_dict(),
            "args": argparse.Namespace(lr=0.1, out=pathlib.Path("out"), betas=(0.9, 0.99)),
            "rng": {"python": random.getstate(), "numpy": np.random.get_state(),
                    "torch": torch.get_rng_state()},
            "best": np.float64(0.5), "metrics": collections.defaultdict(list, {"loss": [1.0]}),
        }  # fmt: skip
        yield from _both("torch-checkpoints", name, state)
    optimizer = optim.Adam(network.parameters())
    yield from _both("torch-checkpoints", "whole-optimizer", optimizer)
    for name in ("ExponentialLR", "LinearLR", "ReduceLROnPlateau"):
        extra = {"gamma": 0.9} if name == "ExponentialLR" else {}
        scheduler = getattr(schedulers, name)(optim.SGD(network.parameters(), 0.1), **extra)
        yield "torch-checkpoints", f"whole-{name}.pt", _saved(scheduler)
    network.norm = functools.partial(torch.nn.LayerNorm, eps=1e-6)
    yield "torch-modules", "partial.pt", _saved(network)
    del network.norm
    data = torch.utils.data.TensorDataset(torch.ones(4))
    yield "torch-objects", "data.pt", _saved(
        [data, torch.utils.data.random_split(data, [2, 2]), torch.Generator(),
         torch.amp.GradScaler("cpu"), torch.nn.utils.rnn.pack_sequence([torch.ones(2)])]
    )  # fmt: skip
    plateau = schedulers.ReduceLROnPlateau(optimizer)
    yield "torch-checkpoints", "plateau.pt", _saved(plateau.state_dict())
    averaged = optim.swa_utils.AveragedModel(network)
    yield "torch-checkpoints", "averaged.pt", _saved(averaged.state_dict())
    yield "lightning", "epoch=3.ckpt", _saved(
        {"epoch": 3, "global_step": 10, "pytorch-lightning_version": "2.6.0",
         "state_dict": collections.OrderedDict(network.state_dict()), "loops": {"fit_loop": {}},
         "callbacks": {"ModelCheckpoint{'monitor': 'loss'}": {
             "best_model_score": torch.tensor(0.1), "best_k_models": {},
             "kth_best": pathlib.Path()}},
         "optimizer_states": [optimizer.state_dict()], "lr_schedulers": [],
         "hparams_name": "hparams", "hyper_parameters": argparse.Namespace(lr=0.1)}
    )  # fmt: skip
    yield "lightning", "plain-hparams.ckpt", _saved(
        {"state_dict": network.state_dict(),
         "hyper_parameters": {"lr": 0.1, "act": torch.nn.ReLU()}, "stage": Stage.TRAIN.value}
    )  # fmt: skip


def transformers() -> Iterator[Entry]:
    """``training_args.bin`` and small models whole."""
    import tempfile

    import torch
    from transformers import (
        BertConfig,
        BertModel,
        GPT2Config,
        GPT2LMHeadModel,
        Seq2SeqTrainingArguments,
        TrainingArguments,
    )

    with tempfile.TemporaryDirectory() as folder:
        for name, made in (
            ("training_args.bin", TrainingArguments(folder, report_to=[], use_cpu=True)),
            ("epochs/training_args.bin", TrainingArguments(
                folder, eval_strategy="epoch", save_strategy="epoch", load_best_model_at_end=True,
                lr_scheduler_type="cosine", optim="adamw_torch", report_to=[], use_cpu=True)),
            ("seq2seq/training_args.bin", Seq2SeqTrainingArguments(
                folder, predict_with_generate=True, report_to=[], use_cpu=True)),
        ):  # fmt: skip
            yield "transformers", name, _saved(made)
    small = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2,
             "intermediate_size": 8, "vocab_size": 20}  # fmt: skip
    bert = BertModel(BertConfig(**small))
    yield "transformers", "bert-state/pytorch_model.bin", _saved(bert.state_dict())
    yield "transformers", "bert-whole.pt", _saved(bert)
    yield "transformers", "config.pt", _saved({"config": bert.config, "state": bert.state_dict()})
    gpt = GPT2LMHeadModel(GPT2Config(n_embd=8, n_layer=1, n_head=2, vocab_size=20, n_positions=8))
    yield "transformers", "gpt2-whole.pt", _saved(gpt)
    yield "transformers", "gpt2-half.bin", _saved(gpt.to(torch.float16).state_dict())
