"""The names that weights need beside those of single frameworks: methods of plain types, results
of SciPy, arrays of JAX, graphs, tokenizers. The third part of ``allowlist.py``."""

from __future__ import annotations

from weighbridge.weights.pickle.policy import Level

_PLAIN = "CPython library reference: plain data types, whose constructors call nothing"
_OPERATOR = "CPython, Modules/_operator.c: getters and arithmetic, kept to be called later"
_METHODS = "CPython library reference: methods of text that only look at it"
_METRICS = "scikit-learn, sklearn.metrics: scores kept as references (BSD-3-Clause)"

GROUPS: tuple[tuple[Level, str, str, str], ...] = (
    (Level.CALL, "lazy", "CPython, iterators: they walk nothing until they are asked", """
    builtins: reversed enumerate zip
    itertools: chain cycle repeat islice zip_longest compress
    """),
    (Level.CALL, "attribute-getter", _OPERATOR, """
    operator: attrgetter
    _operator: attrgetter
    """),
    (Level.CALL, "item-getter", _OPERATOR, """
    operator: itemgetter
    _operator: itemgetter
    """),
    (Level.CALL, "method-caller", _OPERATOR, """
    operator: methodcaller
    _operator: methodcaller
    """),
    (Level.IMPORT, "", _OPERATOR, """
    _operator: add sub mul truediv floordiv mod pow neg pos abs inv and_ or_ xor not_ lt le eq ne
        gt ge matmul truth lshift rshift is_ is_not
    operator: add sub mul truediv floordiv mod pow neg pos abs inv and_ or_ xor not_ lt le eq ne
        gt ge matmul truth lshift rshift is_ is_not
    """),
    (Level.CALL, "plain", _PLAIN, """
    itertools: count product combinations permutations combinations_with_replacement
    http: HTTPStatus
    re: RegexFlag
    time: struct_time
    """),
    (Level.CALL, "iterator", "CPython, iterators pickle themselves as iter(items)", """
    builtins: iter
    """),
    (Level.CALL, "", _PLAIN, """
    builtins: BaseException BlockingIOError BrokenPipeError BufferError BytesWarning
        ChildProcessError ConnectionAbortedError ConnectionError ConnectionRefusedError
        ConnectionResetError FileExistsError FileNotFoundError FloatingPointError
        GeneratorExit ImportError ImportWarning IndentationError InterruptedError
        IsADirectoryError KeyboardInterrupt MemoryError ModuleNotFoundError NameError
        NotADirectoryError PendingDeprecationWarning PermissionError ProcessLookupError
        RecursionError ReferenceError ResourceWarning StopAsyncIteration SyntaxError
        SyntaxWarning SystemError SystemExit TabError UnboundLocalError UnicodeDecodeError
        UnicodeEncodeError UnicodeError UnicodeTranslateError UnicodeWarning Warning
    """),
    (Level.IMPORT, "", _METHODS, """
    builtins: str.split str.rsplit str.splitlines str.lower str.upper str.strip str.lstrip
        str.rstrip str.title str.capitalize str.casefold str.swapcase str.isalpha str.isdigit
        str.isalnum str.isspace str.isnumeric str.startswith str.endswith
    """),
    (Level.IMPORT, "", "NumPy: arrays in mapped files, which are pickled as plain arrays", """
    numpy: memmap
    numpy.core.memmap: memmap
    numpy._core.memmap: memmap
    """),
    (Level.CALL, "shape", "NumPy before 1.0, __reduce__ of ndarray (BSD-3-Clause)", """
    numpy.core._internal: _reconstruct
    """),
    (Level.CONSTRUCT, "", "NumPy, numpy/_core/defchararray.py: an array of text", """
    numpy.char: chararray
    numpy.core.defchararray: chararray
    numpy._core.defchararray: chararray
    """),
    (Level.IMPORT, "", "ml_dtypes: number types of JAX and TensorFlow (Apache-2.0)", """
    ml_dtypes: bfloat16 float8_e3m4 float8_e4m3 float8_e4m3b11fnuz float8_e4m3fn
        float8_e4m3fnuz float8_e5m2 float8_e5m2fnuz float8_e8m0fnu float6_e2m3fn
        float6_e3m2fn float4_e2m1fn int1 int2 int4 uint1 uint2 uint4
    """),
    (Level.CALL, "calls-nested", "JAX, jax/_src/array.py, Array.__reduce__ (Apache-2.0)", """
    jax._src.array: _reconstruct_array
    """),
    (Level.CONSTRUCT, "", "Flax: state is set as attributes (Apache-2.0)", """
    flax.core.frozen_dict: FrozenDict
    flax.training.train_state: TrainState
    """),
    (Level.IMPORT, "", "Keras: models, which pickle themselves through a function of theirs", """
    keras.src.models.functional: Functional
    keras.src.models.sequential: Sequential
    keras.src.models.model: Model
    """),
    (Level.CALL, "archive", "Keras, keras/src/saving/keras_saveable.py: a .keras file", """
    keras.src.models.functional: Functional._unpickle_model
    keras.src.models.sequential: Sequential._unpickle_model
    keras.src.models.model: Model._unpickle_model
    """),
    (Level.CONSTRUCT, "", "CatBoost: a model as bytes, read by its own parser (Apache-2.0)", """
    catboost.core: CatBoost CatBoostClassifier CatBoostRegressor CatBoostRanker
    """),
    (Level.CONSTRUCT, "", "SciPy: triangulations, results; state is set as attributes", """
    scipy.spatial._qhull: ConvexHull Delaunay HalfspaceIntersection Voronoi _QhullUser
    scipy.spatial.qhull: ConvexHull Delaunay HalfspaceIntersection Voronoi
    scipy.optimize._lbfgsb_py: LbfgsInvHessProduct
    scipy.stats._stats_py: LinregressResult
    scipy.stats._stats_mstats_common: LinregressResult
    """),
    (Level.CALL, "plain", "SciPy, scipy/_lib/_bunch.py: a tuple with names", """
    scipy.stats._stats_py: LinregressResult
    scipy.stats._stats_mstats_common: LinregressResult
    """),
    (Level.CONSTRUCT, "", "NetworkX: graphs of dicts; __new__ picks a backend (BSD-3-Clause)", """
    networkx.classes.coreviews: AtlasView AdjacencyView MultiAdjacencyView
    networkx.classes.reportviews: NodeView OutEdgeView InEdgeView EdgeView DegreeView
        OutMultiEdgeView InMultiEdgeView MultiEdgeView
    networkx.classes.graph: Graph
    networkx.classes.digraph: DiGraph
    networkx.classes.multigraph: MultiGraph
    networkx.classes.multidigraph: MultiDiGraph
    """),
    (Level.CONSTRUCT, "", "transformers: a tokenizer of the tokenizers library (Apache-2.0)", """
    transformers.tokenization_utils_tokenizers: TokenizersBackend PreTrainedTokenizerFast
    transformers.tokenization_utils_fast: PreTrainedTokenizerFast
    transformers.tokenization_utils_base: AddedToken SpecialTokensMixin
    """),
    (Level.IMPORT, "", "PyTorch, torch/utils/data/_utils: what a DataLoader refers to", """
    torch.utils.data._utils.collate: default_collate default_convert
    """),
    (Level.IMPORT, "", "PyTorch, torch/nn/modules/lazy.py: modules without a shape yet", """
    torch.nn.modules.lazy: LazyModuleMixin._infer_parameters LazyModuleMixin._lazy_load_hook
    """),
    (Level.CONSTRUCT, "", "PyTorch, torch/nested: bounds of a ragged dimension", """
    torch._dynamo.decorators: _DimRange
    """),
    (Level.IMPORT, "", _METRICS, """
    sklearn.metrics._classification: brier_score_loss class_likelihood_ratios
        classification_report confusion_matrix d2_log_loss_score fbeta_score hamming_loss
        hinge_loss jaccard_score multilabel_confusion_matrix precision_recall_fscore_support
        zero_one_loss
    sklearn.metrics._ranking: auc coverage_error dcg_score det_curve
        label_ranking_average_precision_score label_ranking_loss ndcg_score
        precision_recall_curve roc_curve top_k_accuracy_score
    sklearn.metrics._regression: d2_absolute_error_score d2_pinball_score d2_tweedie_score
        max_error mean_absolute_percentage_error mean_gamma_deviance mean_pinball_loss
        mean_poisson_deviance mean_squared_log_error mean_tweedie_deviance
        root_mean_squared_log_error
    sklearn.metrics.cluster._supervised: adjusted_mutual_info_score adjusted_rand_score
        completeness_score fowlkes_mallows_score homogeneity_score mutual_info_score
        normalized_mutual_info_score rand_score v_measure_score
    sklearn.metrics.cluster._unsupervised: calinski_harabasz_score davies_bouldin_score
        silhouette_score silhouette_samples
    sklearn.metrics.pairwise: additive_chi2_kernel chi2_kernel laplacian_kernel
        pairwise_distances pairwise_kernels polynomial_kernel sigmoid_kernel
    """),
)  # fmt: skip
