"""The names that libraries around weights need: tables, figures, images, networks of modules, and
what their pickles refer to. The fourth part of ``allowlist.py``."""

from __future__ import annotations

from weighbridge.weights.pickle.policy import Level

_TENSOR_FUNCTION_NAMES = """
    abs absolute add addmm amax amin any all argmax argmin asin acos atan atan2 bmm cat ceil
    celu celu_ clamp concat cos cosh cosine_similarity cross cumsum cumprod div divide dot
    dropout einsum eq erf erfc exp exp2 expm1 fix flatten floor fmax fmin frac ge gt hardshrink
    heaviside hypot layer_norm le lerp log log10 log1p log2 log_softmax logaddexp logical_and
    logical_not logical_or logical_xor logit logsumexp lt matmul max maximum mean median min
    minimum mm mul multiply mv nan_to_num ne neg negative norm outer pairwise_distance pow prelu
    prod reciprocal relu relu_ remainder round rrelu rsqrt selu selu_ sgn sigmoid sigmoid_ sign
    sin sinc sinh softmax sqrt square squeeze stack std sub subtract sum tan tanh tanh_
    threshold transpose true_divide trunc unsqueeze var where
"""
_TENSOR_DOCS = (
    "PyTorch, torch/_torch_docs.py: functions in C++, which pickle themselves as attributes of one "
    "class; these only calculate with tensors (from_file and its like are not among them)"
)
_CALCULATING = "_VariableFunctionsClass"
_TENSOR_FUNCTIONS = f"torch._C: {_CALCULATING} " + " ".join(
    f"{_CALCULATING}.{name}" for name in _TENSOR_FUNCTION_NAMES.split()
)

GROUPS: tuple[tuple[Level, str, str, str], ...] = (
    (Level.CALL, "", "PyTorch, torch/nested/_internal/nested_tensor.py (BSD-3-Clause)", """
    torch.nested._internal.nested_tensor: _rebuild_njt
    """),
    (Level.CONSTRUCT, "", "PyTorch, torch/nested/_internal/nested_tensor.py (BSD-3-Clause)", """
    torch.nested._internal.nested_tensor: NestedTensor
    """),
    (Level.CONSTRUCT, "", "PyTorch: packed parameters of quantized modules; state is tensors", """
    torch: ScriptObject
    """),
    (Level.CONSTRUCT, "", "Pillow, PIL/Image.py, Image.__setstate__ (MIT-CMU)", """
    PIL.Image: Image
    PIL.JpegImagePlugin: JpegImageFile
    PIL.PngImagePlugin: PngImageFile
    """),
    (Level.CONSTRUCT, "", "PyTables, before 3.0 kept its filters so (BSD-3-Clause)", """
    tables.Leaf: Filters
    tables.leaf: Filters
    tables.filters: Filters
    """),
    (Level.CALL, "", "PyTables, before 3.0 kept its filters so (BSD-3-Clause)", """
    tables.Leaf: Filters
    """),
    (Level.CONSTRUCT, "", "skorch, skorch/net.py: state is attributes and a checkpoint", """
    skorch.net: NeuralNet
    skorch.classifier: NeuralNetClassifier NeuralNetBinaryClassifier
    skorch.regressor: NeuralNetRegressor
    skorch.dataset: Dataset ValidSplit
    skorch.history: History
    skorch.callbacks.scoring: EpochScoring PassthroughScoring BatchScoring ScoringBase
    skorch.callbacks.logging: EpochTimer PrintLog
    skorch.callbacks.training: EarlyStopping Checkpoint
    skorch.callbacks.lr_scheduler: LRScheduler
    skorch.callbacks.base: Callback
    """),
    (Level.IMPORT, "", "skorch: functions that a net refers to", """
    skorch.setter: optimizer_setter
    skorch.utils: train_loss_score valid_loss_score noop to_numpy _indexing_other _indexing_none
        _indexing_dict _indexing_list_tuple_of_data _indexing_ndframe
    """),
    (Level.CALL, "", "statsmodels, tsa/statespace: matrices of a model (BSD-3-Clause)", """
    statsmodels.tsa.statespace._initialization: sInitialization dInitialization cInitialization
        zInitialization
    statsmodels.tsa.statespace._representation: sStatespace dStatespace cStatespace zStatespace
    statsmodels.tsa.statespace._kalman_filter: sKalmanFilter dKalmanFilter cKalmanFilter
        zKalmanFilter
    statsmodels.tsa.statespace._kalman_smoother: sKalmanSmoother dKalmanSmoother cKalmanSmoother
        zKalmanSmoother
    statsmodels.tsa.statespace._simulation_smoother: sSimulationSmoother dSimulationSmoother
        cSimulationSmoother zSimulationSmoother
    """),
    (Level.IMPORT, "", "NumPy and SciPy: what data refers to", """
    numpy: finfo iinfo
    scipy.interpolate._ndgriddata: griddata
    """),
    (Level.IMPORT, "", "Matplotlib: callbacks and methods of figures (PSF-based license)", """
    matplotlib.figure: Figure.pick
    matplotlib.cbook: _exception_printer
    matplotlib.backend_bases: _key_handler _mouse_handler
    """),
    (Level.CALL, "plain", "Enumerations of torchvision, timm and Matplotlib, by their value", """
    torchvision.transforms.functional: InterpolationMode
    torchvision.transforms.autoaugment: AutoAugmentPolicy
    torchvision.tv_tensors._bounding_boxes: BoundingBoxFormat
    timm.layers.format: Format
    matplotlib._enums: CapStyle JoinStyle
    """),
    (Level.CONSTRUCT, "", "PyTorch, torch/distributed/checkpoint/metadata.py (BSD-3-Clause)", """
    torch.distributed.checkpoint.metadata: Metadata TensorStorageMetadata TensorProperties
        ChunkStorageMetadata BytesStorageMetadata MetadataIndex StorageMeta
    torch.distributed.checkpoint.filesystem: _StorageInfo
    """),
    (Level.CALL, "plain", "PyTorch, torch/distributed/checkpoint/metadata.py (BSD-3-Clause)", """
    torch.distributed.checkpoint.metadata: _MEM_FORMAT_ENCODING
    """),
    (Level.IMPORT, "", "PyTorch, torch/optim/lr_scheduler.py, CyclicLR: its shapes of a cycle", """
    torch.optim.lr_scheduler: CyclicLR._triangular_scale_fn CyclicLR._triangular2_scale_fn
        CyclicLR._exp_range_scale_fn
    """),
    (Level.IMPORT, "", "NumPy, pandas: functions of arrays and tables, to be called later", """
    numpy: nan_to_num reshape ravel squeeze expand_dims transpose hstack vstack concatenate stack
        where diff cumsum cumprod sort argsort unique log1p expm1 float_power isneginf isposinf
        histogram percentile quantile nanpercentile nanquantile ptp average count_nonzero dot
        matmul outer inner tile repeat flip roll zeros ones full eye zeros_like ones_like
        atleast_1d atleast_2d asanyarray ascontiguousarray asfortranarray deg2rad interp
        gradient trapezoid cov corrcoef
    pandas: to_numeric to_datetime to_timedelta get_dummies cut qcut isna notna isnull notnull
        concat merge melt factorize unique
    pandas.core.tools.numeric: to_numeric
    pandas.core.tools.datetimes: to_datetime
    pandas.core.reshape.encoding: get_dummies
    pandas.core.generic: NDFrame NDFrame.fillna NDFrame.astype NDFrame.abs NDFrame.clip
        NDFrame.head NDFrame.copy NDFrame.replace NDFrame.interpolate NDFrame.ffill NDFrame.bfill
    pandas.core.frame: DataFrame.fillna DataFrame.astype DataFrame.dropna DataFrame.drop
        DataFrame.rename DataFrame.reset_index DataFrame.sum DataFrame.mean DataFrame.round
    pandas.core.series: Series.to_frame Series.astype Series.fillna
    """),
    (Level.CALL, "", "Apache Arrow, pyarrow/array.pxi, table.pxi: __reduce__ (Apache-2.0)", """
    pyarrow.lib: type_for_alias py_buffer _restore_array chunked_array _reconstruct_table
        _reconstruct_record_batch _reconstruct_block field schema list_ large_list list_view
        fixed_size_list struct map_ dictionary timestamp time32 time64 duration decimal128
        decimal256 binary string large_string KeyValueMetadata
    """),
    (Level.IMPORT, "", "Apache Arrow: containers that rebuild themselves through functions", """
    pyarrow.lib: Array ChunkedArray Table RecordBatch StringArray LargeStringArray Int64Array
    """),
    (Level.CONSTRUCT, "", "pandas: groupings; xarray: labeled arrays; state is attributes", """
    pandas: NamedAgg ArrowDtype
    pandas.core.dtypes.dtypes: ArrowDtype
    pandas.core.groupby.generic: NamedAgg
    pandas.api.typing: TimeGrouper
    pandas.core.groupby.grouper: Grouper
    pandas.core.resample: TimeGrouper
    xarray.core.dataarray: DataArray
    xarray.core.dataset: Dataset
    xarray.core.variable: Variable IndexVariable
    xarray.core.indexes: PandasIndex PandasMultiIndex
    """),
    (Level.IMPORT, "", _TENSOR_DOCS, _TENSOR_FUNCTIONS),
    (Level.IMPORT, "", "SHAP, shap/utils/_legacy.py: what links calculate (MIT)", """
    shap.utils._legacy: IdentityLink.f IdentityLink.finv LogitLink.f LogitLink.finv
    """),
    (Level.CALL, "plain", "lifelines, lifelines/utils: an enumeration, by its value (MIT)", """
    lifelines.utils: CensoringType
    """),
    (Level.IMPORT, "", "TorchMetrics: how a metric's values are put together; of tensors", """
    torchmetrics.metric: jit_distributed_available
    torchmetrics.utilities.data: dim_zero_cat dim_zero_max dim_zero_mean dim_zero_min dim_zero_sum
    """),
    (Level.CALL, "plain", "TorchMetrics: enumerations, by their value (Apache-2.0)", """
    torchmetrics.utilities.enums: DataType AverageMethod MDMCAverageMethod ClassificationTask
        ClassificationTaskNoBinary ClassificationTaskNoMultilabel
    """),
    (Level.CONSTRUCT, "", "diffusers, PEFT, einops, PyTorch Geometric: state is attributes", """
    einops.layers.torch: Rearrange Reduce EinMix
    peft.tuners.lora.config: LoraConfig LoraRuntimeConfig
    peft.config: PeftConfig
    torch_geometric.data.data: Data DataEdgeAttr DataTensorAttr
    torch_geometric.data.storage: GlobalStorage NodeStorage EdgeStorage
    torch_geometric.data.hetero_data: HeteroData
    """),
    (Level.CONSTRUCT, "", "gensim, category_encoders, HDBSCAN, mlxtend: state is attributes", """
    gensim.models.word2vec: Word2Vec
    gensim.models.keyedvectors: KeyedVectors
    gensim.models.fasttext: FastText FastTextKeyedVectors
    gensim.models.doc2vec: Doc2Vec
    gensim.models.ldamodel: LdaModel LdaState
    gensim.models.lsimodel: LsiModel Projection
    gensim.models.tfidfmodel: TfidfModel
    gensim.models.phrases: Phrases FrozenPhrases
    gensim.corpora.dictionary: Dictionary
    gensim.utils: FakeDict
    category_encoders.backward_difference: BackwardDifferenceEncoder
    category_encoders.basen: BaseNEncoder
    category_encoders.binary: BinaryEncoder
    category_encoders.cat_boost: CatBoostEncoder
    category_encoders.count: CountEncoder
    category_encoders.hashing: HashingEncoder
    category_encoders.helmert: HelmertEncoder
    category_encoders.james_stein: JamesSteinEncoder
    category_encoders.leave_one_out: LeaveOneOutEncoder
    category_encoders.m_estimate: MEstimateEncoder
    category_encoders.one_hot: OneHotEncoder
    category_encoders.ordinal: OrdinalEncoder
    category_encoders.polynomial: PolynomialEncoder
    category_encoders.sum_coding: SumEncoder
    category_encoders.target_encoder: TargetEncoder
    category_encoders.woe: WOEEncoder
    hdbscan.hdbscan_: HDBSCAN
    mlxtend.classifier.stacking_classification: StackingClassifier
    mlxtend.classifier.stacking_cv_classification: StackingCVClassifier
    mlxtend.regressor.stacking_regression: StackingRegressor
    mlxtend.regressor.stacking_cv_regression: StackingCVRegressor
    joblib.memory: Memory
    joblib._store_backends: FileSystemStoreBackend
    """),
    (Level.IMPORT, "", "gensim, gensim/utils.py: a stub that models keep in place of a method", """
    gensim.utils: call_on_class_only
    """),
    (Level.CALL, "plain", "diffusers, configuration_utils.py: a dict that cannot be changed", """
    diffusers.configuration_utils: FrozenDict
    """),
    (Level.CALL, "plain", "PEFT, peft/utils/peft_types.py: enumerations, by their value", """
    peft.utils.peft_types: PeftType TaskType
    """),
    (Level.CALL, "calls-nested", "dill, dill/_dill.py, _create_array (BSD-3-Clause)", """
    dill._dill: _create_array
    """),
    (Level.IMPORT, "", "torchvision, ops/boxes.py: functions of boxes (BSD-3-Clause)", """
    torchvision.ops.boxes: box_iou generalized_box_iou distance_box_iou complete_box_iou nms
        batched_nms clip_boxes_to_image remove_small_boxes box_area box_convert
    """),
)  # fmt: skip
