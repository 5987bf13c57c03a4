"""The names of libraries for text, for reinforcement learning and for configurations. The fifth
part of ``allowlist.py``."""

from __future__ import annotations

from weighbridge.weights.pickle.policy import Level

_GENSIM = "gensim: functions that models refer to; they look at their arguments (LGPL-2.1)"
_DICTS = "easydict, addict, yacs, fvcore: dicts whose keys are attributes"

GROUPS: tuple[tuple[Level, str, str, str], ...] = (
    (Level.CONSTRUCT, "", "CPython, Lib/statistics.py: two numbers in slots", """
    statistics: NormalDist
    """),
    (Level.CONSTRUCT, "", _DICTS, """
    easydict: EasyDict
    addict: Dict
    addict.addict: Dict
    yacs.config: CfgNode
    fvcore.common.config: CfgNode
    detectron2.config.config: CfgNode
    mmcv.utils.config: ConfigDict
    """),
    (Level.CALL, "plain", "NLTK: counts, which pickle themselves as a dict of them", """
    nltk.probability: FreqDist ConditionalFreqDist
    """),
    (Level.IMPORT, "", "PyTorch, torch/optim/swa_utils.py: shapes of a schedule (BSD-3-Clause)", """
    torch.optim.swa_utils: SWALR._cosine_anneal SWALR._linear_anneal
    """),
    (Level.IMPORT, "", _GENSIM, """
    gensim.utils: identity
    gensim.models.tfidfmodel: df2idf smartirs_normalize
    gensim.models.phrases: original_scorer npmi_scorer
    """),
    (Level.CALL, "plain", "Flax, flax/core/frozen_dict.py, FrozenDict.__reduce__ (Apache-2.0)", """
    flax.core.frozen_dict: FrozenDict
    """),
    (Level.CONSTRUCT, "", "LightGBM, lightgbm/engine.py: a list of boosters (MIT)", """
    lightgbm.engine: CVBooster
    """),
    (Level.CALL, "type-name", "dill, dill/_dill.py, _load_type: a type by its name", """
    dill._dill: _load_type
    """),
    (Level.IMPORT, "", "NumPy: functions of linear algebra, to be called later", """
    numpy.linalg: norm det inv solve eig eigh eigvals eigvalsh svd qr cholesky pinv lstsq
        matrix_rank slogdet
    """),
    (Level.CONSTRUCT, "", "NLTK: rules and names of a tokenizer, in slots (Apache-2.0)", """
    nltk.tokenize.punkt: PunktLanguageVars
    stable_baselines3.common.type_aliases: TrainFreq
    """),
    (Level.CALL, "plain", "Stable-Baselines3: an enumeration, by its value (MIT)", """
    stable_baselines3.common.type_aliases: TrainFrequencyUnit
    """),
    (Level.IMPORT, "", "Stable-Baselines3: functions that networks refer to (MIT)", """
    stable_baselines3.common.utils: obs_as_tensor get_linear_fn
    """),
    (Level.CALL, "", "transformers, utils/generic.py, ModelOutput.__reduce__ (Apache-2.0)", """
    transformers.modeling_outputs: BaseModelOutput BaseModelOutputWithPooling
        BaseModelOutputWithPast BaseModelOutputWithPoolingAndCrossAttentions
        BaseModelOutputWithPastAndCrossAttentions CausalLMOutput CausalLMOutputWithPast
        CausalLMOutputWithCrossAttentions Seq2SeqLMOutput Seq2SeqModelOutput MaskedLMOutput
        SequenceClassifierOutput TokenClassifierOutput QuestionAnsweringModelOutput
        ImageClassifierOutput
    """),
)  # fmt: skip

# Classes of these whose instances picklers fill by key.
KEYED = frozenset({
    "easydict.EasyDict", "addict.Dict", "addict.addict.Dict", "yacs.config.CfgNode",
    "fvcore.common.config.CfgNode", "detectron2.config.config.CfgNode",
    "mmcv.utils.config.ConfigDict", "nltk.probability.FreqDist",
    "nltk.probability.ConditionalFreqDist", "nltk.lm.counter.NgramCounter",
    *(
        f"transformers.modeling_outputs.{name}"
        for _, _, _, block in GROUPS
        for line in [" ".join(block.split())]
        if line.startswith("transformers.modeling_outputs: ")
        for name in line.partition(": ")[2].split()
    ),
})  # fmt: skip
GROWING = frozenset({"nltk.tree.tree.Tree", "nltk.tree.Tree"})
