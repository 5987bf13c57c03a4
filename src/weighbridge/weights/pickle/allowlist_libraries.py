"""The names that single libraries' weights need: the second half of ``allowlist.py``."""

from __future__ import annotations

from weighbridge.weights.pickle.policy import Level

_PANDAS = "pandas, __reduce__ of its arrays, indexes, offsets and scalars (BSD-3-Clause)"
_SCIPY = "SciPy; state is set as attributes, or unpacked from a tuple of arrays (BSD-3-Clause)"
_SKLEARN = "scikit-learn, __reduce__ of its Cython classes (BSD-3-Clause)"
_JOBLIB = "joblib, joblib/numpy_pickle.py (BSD-3-Clause)"
_BOOSTERS = "XGBoost and LightGBM: a model as bytes or text, read by their own parsers"
_TRAINERS = "transformers, accelerate, trl: arguments of a trainer, plain attributes (Apache-2.0)"
_LIGHTNING = "Lightning, hyper-parameters and callbacks as plain attributes (Apache-2.0)"
_CONFIGURATIONS = (
    "OmegaConf (BSD-3-Clause), transformers and tokenizers (Apache-2.0): configurations and token "
    "tables; state is set as attributes, or is JSON of the library's own"
)
_ACTIVATIONS = "PyTorch, torch/nn/functional.py: functions of tensors (BSD-3-Clause)"

GROUPS: tuple[tuple[Level, str, str, str], ...] = (
    (Level.CONSTRUCT, "", _JOBLIB, """
    joblib.numpy_pickle: NumpyArrayWrapper NDArrayWrapper ZNDArrayWrapper
    joblib.numpy_pickle_compat: NDArrayWrapper ZNDArrayWrapper
    sklearn.externals.joblib.numpy_pickle: NumpyArrayWrapper NDArrayWrapper ZNDArrayWrapper
    """),
    (Level.CONSTRUCT, "", _SCIPY, """
    scipy.sparse._csr: csr_matrix csr_array
    scipy.sparse._csc: csc_matrix csc_array
    scipy.sparse._coo: coo_matrix coo_array
    scipy.sparse._bsr: bsr_matrix bsr_array
    scipy.sparse._dia: dia_matrix dia_array
    scipy.sparse._dok: dok_matrix dok_array
    scipy.sparse._lil: lil_matrix lil_array
    scipy.sparse.csr: csr_matrix
    scipy.sparse.csc: csc_matrix
    scipy.sparse.coo: coo_matrix
    scipy.sparse.bsr: bsr_matrix
    scipy.sparse.lil: lil_matrix
    scipy.interpolate._bsplines: BSpline
    scipy.interpolate._cubic: CubicSpline PchipInterpolator Akima1DInterpolator
        CubicHermiteSpline
    scipy.interpolate._interpolate: interp1d PPoly BPoly NdPPoly
    scipy.interpolate._polyint: BarycentricInterpolator KroghInterpolator
    scipy.interpolate._fitpack2: UnivariateSpline InterpolatedUnivariateSpline
        LSQUnivariateSpline RectBivariateSpline SmoothBivariateSpline
    scipy.interpolate._rbfinterp: RBFInterpolator
    scipy.interpolate._rgi: RegularGridInterpolator
    scipy.optimize._optimize: OptimizeResult
    scipy.optimize.optimize: OptimizeResult
    scipy.spatial._ckdtree: cKDTree
    scipy.spatial._kdtree: KDTree
    scipy.spatial.ckdtree: cKDTree
    scipy.spatial.kdtree: KDTree
    scipy.spatial.transform._rotation: Rotation
    scipy.stats._kde: gaussian_kde
    scipy.stats._distn_infrastructure: rv_continuous_frozen rv_discrete_frozen
    """),
    (Level.IMPORT, "", _SCIPY, """
    scipy.interpolate._interpolate: interp1d._call_linear_np interp1d._call_linear
        interp1d._call_nearest interp1d._call_previousnext interp1d._call_spline
        interp1d._call_nan_spline
    scipy._lib.array_api_compat.numpy._aliases: asarray
    scipy.special: expit logit
    scipy.special._ufuncs: expit logit
    """),
    (Level.CALL, "first-class", _SKLEARN, """
    sklearn.metrics._dist_metrics: newObj
    sklearn.neighbors._kd_tree: newObj
    sklearn.neighbors._ball_tree: newObj
    sklearn.neighbors.kd_tree: newObj
    sklearn.neighbors.ball_tree: newObj
    sklearn._cyutility: __pyx_unpickle_Enum
    sklearn._loss._loss: __pyx_unpickle_CyHalfMultinomialLoss
        __pyx_unpickle_CyHalfBinomialLoss __pyx_unpickle_CyHalfSquaredError
        __pyx_unpickle_CyHalfPoissonLoss __pyx_unpickle_CyExponentialLoss
    sklearn.linear_model._sgd_fast: __pyx_unpickle_Regression __pyx_unpickle_Classification
    sklearn.tree._criterion: __pyx_unpickle_Criterion
    """),
    (Level.CALL, "", _SKLEARN, """
    sklearn._loss._loss: CyAbsoluteError CyExponentialLoss CyHalfBinomialLoss CyHalfGammaLoss
        CyHalfMultinomialLoss CyHalfPoissonLoss CyHalfSquaredError CyHalfTweedieLoss
        CyHalfTweedieLossIdentity CyHuberLoss CyPinballLoss
    sklearn.linear_model._sgd_fast: Hinge SquaredHinge Log ModifiedHuber SquaredLoss Huber
        EpsilonInsensitive SquaredEpsilonInsensitive
    sklearn.tree._tree: Tree
    sklearn.tree._criterion: Gini Entropy MSE MAE FriedmanMSE Poisson
    sklearn.tree._splitter: BestSplitter RandomSplitter BestSparseSplitter
        RandomSparseSplitter
    """),
    (Level.IMPORT, "", "scikit-learn: score and distance functions kept as references", """
    sklearn.feature_selection._univariate_selection: f_classif f_regression chi2 r_regression
        f_oneway
    sklearn.feature_selection._mutual_info: mutual_info_classif mutual_info_regression
    sklearn.metrics._classification: accuracy_score f1_score log_loss precision_score
        recall_score balanced_accuracy_score matthews_corrcoef cohen_kappa_score
    sklearn.metrics._ranking: roc_auc_score average_precision_score
    sklearn.metrics._regression: mean_squared_error mean_absolute_error r2_score
        median_absolute_error explained_variance_score root_mean_squared_error
    sklearn.metrics.pairwise: euclidean_distances cosine_similarity rbf_kernel linear_kernel
        polynomial_kernel manhattan_distances nan_euclidean_distances cosine_distances
    sklearn.metrics._scorer: _passthrough_scorer
    sklearn.utils.validation: check_array
    sklearn.cluster._kmeans: _kmeans_single_lloyd _kmeans_single_elkan
    """),
    (Level.CALL, "first-class", _PANDAS, """
    pandas.core.indexes.base: _new_Index
    pandas.core.indexes.datetimes: _new_DatetimeIndex
    pandas.core.indexes.period: _new_PeriodIndex
    pandas.core.indexes.timedeltas: _new_TimedeltaIndex
    pandas.core.indexes.interval: _new_IntervalIndex
    pandas._libs.arrays: __pyx_unpickle_NDArrayBacked
    pandas._libs.interval: __pyx_unpickle_IntervalMixin
    pandas._libs.internals: __pyx_unpickle_Block __pyx_unpickle_BlockManager
    """),
    (Level.CALL, "", _PANDAS, """
    pandas._libs.internals: _unpickle_block
    pandas._libs.tslibs.nattype: _nat_unpickle
    pandas._libs.tslibs.timedeltas: _timedelta_unpickle
    pandas._libs.tslibs.timestamps: _unpickle_timestamp
    pandas._libs.tslibs.offsets: BusinessDay BusinessHour BusinessMonthBegin BusinessMonthEnd
        BYearBegin BYearEnd BQuarterBegin BQuarterEnd CustomBusinessDay CustomBusinessHour
        CustomBusinessMonthBegin CustomBusinessMonthEnd DateOffset Day Easter Hour
        LastWeekOfMonth Micro Milli Minute MonthBegin MonthEnd Nano QuarterBegin QuarterEnd
        Second SemiMonthBegin SemiMonthEnd Tick Week WeekOfMonth YearBegin YearEnd
    pandas._libs.sparse: IntIndex BlockIndex
    pandas: Period Interval Timedelta DateOffset PeriodDtype StringDtype IntervalDtype
        SparseDtype CategoricalDtype
    pandas._libs.interval: Interval
    pandas._libs.tslibs.period: Period
    pandas._libs.tslibs.timedeltas: Timedelta
    pandas.core.dtypes.dtypes: CategoricalDtype PeriodDtype IntervalDtype
        SparseDtype NumpyEADtype PandasDtype
    pandas.core.internals.managers: BlockManager SingleBlockManager
    pandas.core.arrays.string_: StringDtype
    pandas.core.flags: Flags
    dateutil.tz.tz: tzutc tzlocal
    pytz: _UTC _p
    """),
    (Level.CONSTRUCT, "", _PANDAS, """
    pandas: DatetimeTZDtype Timestamp DataFrame Series Index RangeIndex MultiIndex
        CategoricalIndex DatetimeIndex
        TimedeltaIndex PeriodIndex IntervalIndex Categorical BooleanDtype
        Float32Dtype Float64Dtype Int8Dtype Int16Dtype Int32Dtype Int64Dtype UInt8Dtype
        UInt16Dtype UInt32Dtype UInt64Dtype
    pandas.arrays: BooleanArray DatetimeArray FloatingArray IntegerArray IntervalArray
        PeriodArray SparseArray StringArray TimedeltaArray NumpyExtensionArray
        ArrowStringArray ArrowExtensionArray
    pandas.core.frame: DataFrame
    pandas.core.series: Series
    pandas.core.dtypes.dtypes: DatetimeTZDtype
    pandas._libs.tslibs.timestamps: Timestamp
    pandas._libs.internals: BlockManager
    pandas.core.indexes.base: Index
    pandas.core.indexes.range: RangeIndex
    pandas.core.indexes.numeric: Int64Index Float64Index UInt64Index
    pandas.core.indexes.multi: MultiIndex
    pandas.core.indexes.category: CategoricalIndex
    pandas.core.indexes.datetimes: DatetimeIndex
    pandas.core.indexes.timedeltas: TimedeltaIndex
    pandas.core.indexes.period: PeriodIndex
    pandas.core.indexes.interval: IntervalIndex
    pandas.core.indexes.frozen: FrozenList
    pandas.core.arrays.categorical: Categorical
    pandas.core.arrays.boolean: BooleanArray BooleanDtype
    pandas.core.arrays.integer: IntegerArray Int8Dtype Int16Dtype Int32Dtype Int64Dtype
        UInt8Dtype UInt16Dtype UInt32Dtype UInt64Dtype
    pandas.core.arrays.floating: FloatingArray Float32Dtype Float64Dtype
    pandas.core.arrays.datetimes: DatetimeArray
    pandas.core.arrays.timedeltas: TimedeltaArray
    pandas.core.arrays.period: PeriodArray
    pandas.core.arrays.interval: IntervalArray
    pandas.core.arrays.sparse.array: SparseArray
    pandas.core.arrays.string_: StringArray
    pandas.core.arrays.numpy_: PandasArray NumpyExtensionArray
    dateutil.relativedelta: relativedelta
    dateutil._common: weekday
    """),
    (Level.IMPORT, "", _PANDAS, """
    pandas: NA
    pandas._libs.missing: NA
    """),
    (Level.CONSTRUCT, "", _BOOSTERS, """
    xgboost.core: Booster
    xgboost.sklearn: XGBModel XGBClassifier XGBRegressor XGBRanker XGBRFClassifier
        XGBRFRegressor
    xgboost.callback: EarlyStopping EvaluationMonitor LearningRateScheduler TrainingCallback
    lightgbm.basic: Booster
    lightgbm.sklearn: LGBMModel LGBMClassifier LGBMRegressor LGBMRanker
        _ObjectiveFunctionWrapper _EvalFunctionWrapper
    lightgbm.callback: _EarlyStoppingCallback _LogEvaluationCallback
        _RecordEvaluationCallback
    """),
    (Level.CONSTRUCT, "", _TRAINERS, """
    transformers.training_args: TrainingArguments
    transformers.training_args_seq2seq: Seq2SeqTrainingArguments
    transformers.trainer_pt_utils: AcceleratorConfig LabelSmoother
    transformers.trainer_callback: TrainerState TrainerControl PrinterCallback
        ProgressCallback EarlyStoppingCallback DefaultFlowCallback
    transformers.generation.configuration_utils: GenerationConfig
    transformers.configuration_utils: PretrainedConfig PreTrainedConfig
    transformers.modeling_utils: PreTrainedModel
    transformers.integrations.deepspeed: HfTrainerDeepSpeedConfig HfDeepSpeedConfig
    transformers.deepspeed: HfTrainerDeepSpeedConfig HfDeepSpeedConfig
    transformers.pytorch_utils: Conv1D
    transformers.activations: AccurateGELUActivation ClippedGELUActivation FastGELUActivation
        GELUActivation LaplaceActivation LinearActivation MishActivation NewGELUActivation
        PytorchGELUTanh QuickGELUActivation ReLUSquaredActivation SiLUActivation GELUTanh
    accelerate.state: PartialState AcceleratorState GradientState
    accelerate.utils.dataclasses: DeepSpeedPlugin FullyShardedDataParallelPlugin
        GradientAccumulationPlugin ProjectConfiguration DataLoaderConfiguration
        DistributedDataParallelKwargs TorchDynamoPlugin
    trl.trainer.sft_config: SFTConfig
    trl.trainer.dpo_config: DPOConfig FDivergenceConstants
    trl.trainer.grpo_config: GRPOConfig
    trl.trainer.reward_config: RewardConfig
    trl.trainer.kto_config: KTOConfig
    trl.trainer.orpo_config: ORPOConfig
    trl.trainer.cpo_config: CPOConfig
    trl.trainer.ppo_config: PPOConfig
    sentence_transformers.training_args: SentenceTransformerTrainingArguments
    """),
    (Level.CALL, "plain", _TRAINERS, """
    transformers.trainer_utils: IntervalStrategy EvaluationStrategy SaveStrategy
        SchedulerType HubStrategy FSDPOption
    transformers.training_args: OptimizerNames ParallelMode
    transformers.debug_utils: DebugOption
    transformers.utils.generic: PaddingStrategy TensorType
    accelerate.utils.dataclasses: DistributedType DynamoBackend PrecisionType
        ComputeEnvironment LoggerType RNGType
    torch.distributed.fsdp.api: ShardingStrategy BackwardPrefetch StateDictType
    trl.trainer.dpo_config: FDivergenceType
    sentence_transformers.training_args: BatchSamplers MultiDatasetBatchSamplers
    """),
    (Level.CONSTRUCT, "", "PyTorch, torch/distributed/tensor: add_safe_globals (BSD-3-Clause)", """
    torch.distributed.device_mesh: DeviceMesh
    torch.distributed.tensor: DTensor
    torch.distributed.tensor._api: DTensor
    torch.distributed.tensor._dtensor_spec: DTensorSpec TensorMeta
    torch.distributed.tensor.placement_types: Partial Replicate Shard _StridedShard
    torch.distributed._tensor.api: DTensor
    torch.distributed._tensor.placement_types: Partial Replicate Shard DTensorSpec TensorMeta
    """),
    (Level.CONSTRUCT, "", _LIGHTNING, """
    lightning_fabric.utilities.data: AttributeDict
    lightning.fabric.utilities.data: AttributeDict
    pytorch_lightning.utilities.parsing: AttributeDict
    torch.utils.hooks: RemovableHandle
    torch.utils.data.dataset: TensorDataset Subset ConcatDataset
    torch.utils.data.sampler: RandomSampler SequentialSampler BatchSampler
    """),
    (Level.CONSTRUCT, "", _CONFIGURATIONS, """
    omegaconf.dictconfig: DictConfig
    omegaconf.listconfig: ListConfig
    omegaconf.base: ContainerMetadata Metadata SCMode
    omegaconf.nodes: AnyNode StringNode IntegerNode FloatNode BooleanNode EnumNode PathNode
    transformers.tokenization_utils_base: BatchEncoding
    transformers.cache_utils: DynamicCache DynamicLayer StaticCache
    tokenizers: Tokenizer AddedToken Encoding
    tokenizers.models: Model BPE WordPiece WordLevel Unigram
    """),
    (Level.IMPORT, "", "PyTorch, torch/amp/grad_scaler.py: a factory of states", """
    torch.amp.grad_scaler: _refresh_per_optimizer_state
    torch.cuda.amp.grad_scaler: _refresh_per_optimizer_state
    """),
    (Level.IMPORT, "", _ACTIVATIONS, """
    torch.nn.functional: relu relu_ relu6 gelu silu elu selu celu leaky_relu prelu hardtanh
        hardswish hardsigmoid mish softplus softmax log_softmax softmin softsign tanh sigmoid
        logsigmoid tanhshrink softshrink hardshrink dropout linear normalize glu cross_entropy
        mse_loss l1_loss smooth_l1_loss huber_loss nll_loss binary_cross_entropy
        binary_cross_entropy_with_logits kl_div cosine_similarity pairwise_distance pad
        interpolate layer_norm batch_norm embedding one_hot
    torch: relu tanh sigmoid softmax exp log abs sqrt sin cos mean sum add mul div erf
    torch._C._nn: gelu silu elu leaky_relu hardtanh hardswish mish softplus linear relu6
        log_sigmoid hardsigmoid
    """),
)  # fmt: skip
