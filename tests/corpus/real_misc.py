"""Benign files of the smaller formats, made by the libraries that write them: gradient-boosted
trees, flax, skops, transformers' configurations and tokenizers, YAML, OpenVINO, R.

Nothing here may be flagged. Needs the libraries of the corpus environment; importing this module
needs none. ``samples`` gives ``(class, file name, content)``; a part whose library is absent is
left out.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Entry = tuple[str, str, bytes]
_ROUNDS = 8
_TEMPLATE = (
    "{% for m in messages %}{{ '<|' + m['role'] + '|>' + m['content'] | trim }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)
# Models of base R, each written twice: compressed as saveRDS does, and plain.
_R = """
set.seed(1)
x <- data.frame(a = 1:40, b = rnorm(40), g = factor(rep(c("u", "v"), 20)))
inside <- function(d, unused = stop("never")) lm(b ~ a, data = d)
models <- list(
  lm = lm(b ~ a, x), glm = glm(g ~ a + b, binomial, x), kmeans = kmeans(x[, 1:2], 2),
  pca = prcomp(x[, 1:2]), loess = loess(b ~ a, x), arima = arima(x$b, c(1, 0, 0)),
  tree = hclust(dist(x[, 1:2])), spline = splinefun(1:5, c(1, 4, 2, 5, 3)), inside = inside(x),
  compiled = compiler::cmpfun(function(y, z = 2) { for (i in 1:9) y <- y + sum(z); y }),
  sequence = 1:100000, text = c("a", NA), formula = y ~ x + z
)
for (name in names(models)) {
  saveRDS(models[[name]], file.path(folder, paste0(name, ".rds")))
  saveRDS(models[[name]], file.path(folder, paste0(name, "-plain.rds")), compress = FALSE)
}
save(models, x, file = file.path(folder, "all.RData"))
saveRDS(models$lm, file.path(folder, "lm-ascii.rds"), ascii = TRUE, compress = FALSE)
"""


def samples() -> Iterator[Entry]:
    """Every sample of the parts whose libraries are there."""
    for needs, part in PARTS:
        if all(importlib.util.find_spec(name) for name in needs):
            yield from part()


def _data() -> tuple[Any, Any, Any]:
    import numpy as np

    rng = np.random.default_rng(0)
    features = rng.normal(size=(200, 5))
    return features, (features[:, 0] > 0).astype(int), rng.integers(0, 3, 200)


def _files(folder: Path, family: str) -> Iterator[Entry]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield family, path.relative_to(folder).as_posix(), path.read_bytes()


def xgboost() -> Iterator[Entry]:
    """Each booster, as JSON and as UBJSON."""
    import xgboost as xgb

    features, two, three = _data()
    plans: dict[str, tuple[dict[str, Any], Any]] = {
        "trees": ({"max_depth": 4}, two), "dart": ({"booster": "dart"}, two),
        "linear": ({"booster": "gblinear"}, two), "stumps": ({"max_depth": 1}, two),
        "classes": ({"objective": "multi:softprob", "num_class": 3}, three),
        "leaves": ({"gamma": 1e9}, two),
    }  # fmt: skip
    for name, (params, labels) in plans.items():
        booster = xgb.train(params, xgb.DMatrix(features, labels), num_boost_round=_ROUNDS)
        for form in ("json", "ubj"):
            yield "xgboost", f"{name}.{form}", bytes(booster.save_raw(form))


def lightgbm() -> Iterator[Entry]:
    """Each kind of boosting, as text."""
    import lightgbm as lgb

    features, two, three = _data()
    plans: dict[str, tuple[dict[str, Any], Any]] = {
        "gbdt": ({}, two), "dart": ({"boosting": "dart"}, two),
        "linear": ({"linear_tree": True}, two),
        "forest": ({"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.5}, two),
        "classes": ({"objective": "multiclass", "num_class": 3}, three),
        "constant": ({"min_data_in_leaf": 500}, two),
    }  # fmt: skip
    for name, (params, labels) in plans.items():
        booster = lgb.train({"verbose": -1, **params}, lgb.Dataset(features, labels), _ROUNDS)
        yield "lightgbm", f"{name}.txt", booster.model_to_string().encode()


def catboost() -> Iterator[Entry]:
    """Each way to grow trees; with categories the tables stand behind the model."""
    import catboost as cat
    import numpy as np

    features, two, three = _data()
    table = np.array([[str(a), b] for a, b in zip(three, two, strict=True)], dtype=object)
    plans: dict[str, tuple[dict[str, Any], Any, Any]] = {
        "symmetric": ({}, features, two),
        "depthwise": ({"grow_policy": "Depthwise"}, features, two),
        "classes": ({"loss_function": "MultiClass"}, features, three),
        "categories": ({"cat_features": [0]}, table, two),
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        for name, (params, rows, labels) in plans.items():
            model = cat.CatBoostClassifier(
                iterations=_ROUNDS, verbose=0, allow_writing_files=False, **params
            )
            model.fit(rows, labels).save_model(str(Path(folder, f"{name}.cbm")))
        yield from _files(Path(folder), "catboost")


def flax() -> Iterator[Entry]:
    """Trees of arrays of several types, a state with numbers, and an array in pieces."""
    import numpy as np
    from flax import serialization

    dense = {"kernel": np.ones((4, 8), "f4"), "bias": np.zeros(8, "f4")}
    trees = {
        "params": {"params": {"Dense_0": dense, "Dense_1": dense}},
        "state": {"step": 7, "lr": 0.5, "params": dense, "done": True, "none": None},
        "types": {t: np.zeros((2, 3), t) for t in ("bool", "i1", "u2", "i8", "f2", "f8", "c8")},
        "scalars": {"a": np.float32(3), "b": np.array(2.5), "c": 1 + 2j, "empty": {}},
        "large": {"x": np.zeros((300, 300))},
    }
    for name, tree in trees.items():
        yield "flax", f"{name}.msgpack", serialization.msgpack_serialize(tree)


def skops() -> Iterator[Entry]:
    """Estimators of each family, and a pipeline of them."""
    import numpy as np
    import skops.io
    from sklearn import (
        cluster,
        ensemble,
        linear_model,
        naive_bayes,
        neighbors,
        pipeline,
        preprocessing,
        svm,
        tree,
    )

    features, two, _ = _data()
    models = {
        "logistic": linear_model.LogisticRegression(), "sgd": linear_model.SGDClassifier(),
        "tree": tree.DecisionTreeClassifier(max_depth=3), "svc": svm.SVC(),
        "forest": ensemble.RandomForestClassifier(n_estimators=3),
        "boosting": ensemble.HistGradientBoostingClassifier(max_iter=3),
        "bayes": naive_bayes.GaussianNB(), "kmeans": cluster.KMeans(2, n_init=1),
        "neighbors": neighbors.KNeighborsClassifier(),
        "pipeline": pipeline.make_pipeline(
            preprocessing.StandardScaler(), preprocessing.FunctionTransformer(np.abs),
            linear_model.Ridge(),
        ),
    }  # fmt: skip
    for name, model in models.items():
        yield "skops", f"{name}.skops", skops.io.dumps(model.fit(features, two))


def configurations() -> Iterator[Entry]:
    """What transformers writes beside weights."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import (
        BertConfig,
        GenerationConfig,
        LlamaConfig,
        PreTrainedTokenizerFast,
        WhisperConfig,
    )

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for config in (BertConfig(), LlamaConfig(), WhisperConfig()):
            config.save_pretrained(folder / config.model_type)
        GenerationConfig(do_sample=True, temperature=0.6).save_pretrained(folder / "generation")
        words = {f"w{number}": number for number in range(500)} | {"[UNK]": 500}
        tokenizer = Tokenizer(models.WordLevel(words, unk_token="[UNK]"))
        tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
        fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="[UNK]")
        fast.chat_template = _TEMPLATE
        fast.save_pretrained(folder / "chat")
        fast.chat_template = {"default": _TEMPLATE, "tool_use": _TEMPLATE}
        fast.save_pretrained(folder / "chats")
        yield from _files(folder, "transformers")


def configured() -> Iterator[Entry]:
    """YAML as NeMo, latent diffusion and Lightning have it, written by PyYAML."""
    import yaml

    documents: dict[str, Any] = {
        "nemo": {
            "model": {
                "preprocessor": {
                    "_target_": "nemo.collections.asr.modules.AudioToMelSpectrogramPreprocessor",
                    "sample_rate": 16000,
                },
                "optim": {"name": "adamw", "betas": [0.9, 0.98], "sched": {"warmup_steps": 100}},
            }
        },
        "diffusion": {
            "model": {
                "target": "ldm.models.diffusion.ddpm.LatentDiffusion",
                "params": {"unet_config": {"target": "ldm.modules.UNetModel", "params": {"x": 1}}},
            }
        },
        "lightning": {"class_path": "torch.optim.AdamW", "init_args": {"lr": 0.001}},
        "shared": {"a": [one := {"x": 1}, one], "b": one},
    }
    for name, value in documents.items():
        yield "yaml", f"{name}.yaml", yaml.safe_dump(value).encode()
    yield "yaml", "hparams.yaml", yaml.dump({"betas": (0.9, 0.999), "name": "x"}).encode()


def openvino() -> Iterator[Entry]:
    """A small network in both precisions, and its weights."""
    import numpy as np
    import openvino as ov
    from openvino import opset13 as ops

    given = ops.parameter([1, 3, 8, 8], np.float32, name="x")
    weights = ops.constant(np.ones((4, 3, 3, 3), np.float32))
    answer = ops.relu(ops.convolution(given, weights, [1, 1], [1, 1], [1, 1], [1, 1]))
    with tempfile.TemporaryDirectory() as folder:
        for half in (True, False):
            model = ov.Model([answer], [given], "network")
            ov.save_model(model, Path(folder, f"half-{half}.xml"), compress_to_fp16=half)
        for entry in _files(Path(folder), "openvino"):
            if entry[1].endswith(".xml"):
                yield entry


def r_models() -> Iterator[Entry]:
    """Models of base R, where R is installed."""
    program = shutil.which("Rscript")
    if program is None:
        return
    with tempfile.TemporaryDirectory() as folder:
        script = f'folder <- "{folder}"\n{_R}'
        subprocess.run([program, "--vanilla", "-e", script], check=True, capture_output=True)
        yield from _files(Path(folder), "r")


PARTS = (
    (("xgboost",), xgboost),
    (("lightgbm",), lightgbm),
    (("catboost",), catboost),
    (("flax",), flax),
    (("skops", "sklearn"), skops),
    (("transformers", "tokenizers"), configurations),
    (("yaml",), configured),
    (("openvino",), openvino),
    ((), r_models),
)
