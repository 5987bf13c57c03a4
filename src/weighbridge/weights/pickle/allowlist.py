"""The names that weights need, each group with its source and the level at which it is used.

Data, not code: one group is ``(level, check, source, block)``, a block's lines reading
``module: name name …``. Levels are those of ``policy.Level``; ``check`` names a condition on the
arguments (``policy._CHECKS``), or is empty. A name belongs here only when it can be named, called
or constructed with arguments of a stranger's choosing without running anything else of the
stranger's choosing.
"""

from __future__ import annotations

from weighbridge.weights.pickle.policy import Level

_WEIGHTS_ONLY = "PyTorch, torch/_weights_only_unpickler.py, _get_allowed_globals (BSD-3-Clause)"
_NUMPY = "NumPy, __reduce__ of ndarray, dtype, scalar and the random generators (BSD-3-Clause)"
_PLAIN = "CPython library reference: plain data types, whose constructors call nothing"
_SKLEARN = (
    "scikit-learn estimators and their Cython parts (BSD-3-Clause); state is set as attributes"
)
_SCIPY = "SciPy sparse containers (BSD-3-Clause); state is set as attributes"
_PANDAS = "pandas, pandas/_libs/internals.pyx and core/indexes/base.py (BSD-3-Clause)"
_JOBLIB = "joblib, joblib/numpy_pickle.py (BSD-3-Clause)"
_TORCHSCRIPT = (
    "PyTorch, torch/jit/_pickle.py: what the C++ unpickler maps to typed lists (BSD-3-Clause)"
)

GROUPS: tuple[tuple[Level, str, str, str], ...] = (
    (Level.CONSTRUCT, "", _WEIGHTS_ONLY, """
    collections: OrderedDict Counter
    torch: Size Tensor device
    torch.nn.parameter: Parameter Buffer UninitializedParameter UninitializedBuffer
    builtins: bytearray set complex
    """),
    (Level.CALL, "", _WEIGHTS_ONLY, """
    torch.serialization: _get_layout
    torch._utils: _rebuild_tensor _rebuild_tensor_v2 _rebuild_tensor_v3 _rebuild_parameter
        _rebuild_parameter_with_state _rebuild_qtensor _rebuild_sparse_tensor
        _rebuild_sparse_csr_tensor _rebuild_meta_tensor_no_storage _rebuild_nested_tensor
        _rebuild_device_tensor_from_numpy _rebuild_device_tensor_from_cpu_tensor
        _rebuild_wrapper_subclass
    """),
    (Level.CALL, "calls-first", _WEIGHTS_ONLY, """
    torch._tensor: _rebuild_from_type_v2
    """),
    (Level.IMPORT, "", _WEIGHTS_ONLY, """
    torch: float64 float32 float16 bfloat16 int64 int32 int16 int8 uint8 uint16 uint32 uint64
        bool complex32 complex64 complex128 qint8 quint8 qint32 quint4x2 quint2x4
        float8_e4m3fn float8_e5m2 float8_e4m3fnuz float8_e5m2fnuz float8_e8m0fnu
        float4_e2m1fn_x2 uint1 uint2 uint3 uint4 uint5 uint6 uint7 int1 int2 int3 int4 int5
        int6 int7 double float half long int short per_tensor_affine per_tensor_symmetric
        per_channel_affine per_channel_symmetric per_channel_affine_float_qparams
    torch: DoubleStorage FloatStorage HalfStorage BFloat16Storage LongStorage IntStorage
        ShortStorage CharStorage ByteStorage BoolStorage ComplexDoubleStorage
        ComplexFloatStorage QUInt8Storage QInt8Storage QInt32Storage QUInt4x2Storage
        QUInt2x4Storage DoubleTensor FloatTensor HalfTensor BFloat16Tensor LongTensor
        IntTensor ShortTensor CharTensor ByteTensor BoolTensor
    torch.cuda: DoubleStorage FloatStorage HalfStorage BFloat16Storage LongStorage IntStorage
        ShortStorage CharStorage ByteStorage BoolStorage ComplexDoubleStorage
        ComplexFloatStorage QUInt8Storage QInt8Storage QInt32Storage QUInt4x2Storage
        QUInt2x4Storage DoubleTensor FloatTensor HalfTensor BFloat16Tensor LongTensor
        IntTensor ShortTensor CharTensor ByteTensor BoolTensor
    torch.sparse: DoubleTensor FloatTensor HalfTensor BFloat16Tensor LongTensor IntTensor
        ShortTensor CharTensor ByteTensor BoolTensor
    torch.cuda.sparse: DoubleTensor FloatTensor HalfTensor BFloat16Tensor LongTensor IntTensor
        ShortTensor CharTensor ByteTensor BoolTensor
    torch.storage: TypedStorage UntypedStorage _LegacyStorage
    """),
    (Level.CALL, "", _TORCHSCRIPT, """
    torch.jit._pickle: build_intlist build_tensorlist build_doublelist build_boollist
        build_tensor_from_id restore_type_tag
    """),
    (Level.CALL, "latin1", "CPython, Lib/pickle.py, save_bytes below protocol 3", """
    _codecs: encode
    """),
    (Level.CALL, "reconstructor", "CPython, Lib/copyreg.py, protocols 0 and 1", """
    copyreg: _reconstructor
    """),
    (Level.CALL, "first-class", "CPython, Lib/copyreg.py, __newobj__", """
    copyreg: __newobj__ __newobj_ex__
    """),
    (Level.CONSTRUCT, "", _PLAIN, """
    builtins: object list dict tuple frozenset int float str bytes bool slice range
    collections: defaultdict deque
    datetime: datetime date time timedelta timezone
    decimal: Decimal
    fractions: Fraction
    uuid: UUID SafeUUID
    argparse: Namespace
    types: SimpleNamespace
    pathlib: Path PosixPath WindowsPath PurePath PurePosixPath PureWindowsPath
    pathlib._local: Path PosixPath WindowsPath PurePath PurePosixPath PureWindowsPath
    _io: BytesIO StringIO
    io: BytesIO StringIO
    random: Random
    array: array
    """),
    (Level.CALL, "", "CPython: how arrays and compiled patterns pickle themselves", """
    array: _array_reconstructor
    re: _compile
    """),
    (Level.CALL, "", _NUMPY, """
    numpy.core.multiarray: _reconstruct scalar
    numpy._core.multiarray: _reconstruct scalar
    numpy.core.numeric: _frombuffer
    numpy._core.numeric: _frombuffer
    numpy.ma.core: _mareconstruct
    numpy.random._pickle: __randomstate_ctor __generator_ctor __bit_generator_ctor
    """),
    (Level.CALL, "first-class", _NUMPY, """
    numpy.random.bit_generator: __pyx_unpickle_SeedSequence
    """),
    (Level.CONSTRUCT, "", _NUMPY, """
    numpy: ndarray dtype float64 float32 float16 int64 int32 int16 int8 uint64 uint32 uint16
        uint8 bool bool_ complex64 complex128 str_ bytes_ void datetime64 timedelta64
        longdouble
    numpy.ma: MaskedArray
    numpy.ma.core: MaskedArray MaskedConstant
    numpy.matrixlib.defmatrix: matrix
    numpy.random.mtrand: RandomState
    numpy.random._generator: Generator
    numpy.random._mt19937: MT19937
    numpy.random._pcg64: PCG64 PCG64DXSM
    numpy.random._philox: Philox
    numpy.random._sfc64: SFC64
    numpy.random.bit_generator: SeedSequence
    numpy.dtypes: Float64DType Float32DType Float16DType Int64DType Int32DType Int16DType
        Int8DType UInt64DType UInt32DType UInt16DType UInt8DType BoolDType ObjectDType
        StrDType BytesDType VoidDType Complex64DType Complex128DType DateTime64DType
        TimeDelta64DType
    """),
    (Level.CONSTRUCT, "", _JOBLIB, """
    joblib.numpy_pickle: NumpyArrayWrapper
    """),
    (Level.CONSTRUCT, "", _SCIPY, """
    scipy.sparse._csr: csr_matrix csr_array
    scipy.sparse._csc: csc_matrix csc_array
    scipy.sparse._coo: coo_matrix coo_array
    scipy.sparse.csr: csr_matrix
    scipy.sparse.csc: csc_matrix
    scipy.sparse.coo: coo_matrix
    """),
    (Level.CONSTRUCT, "", _SKLEARN, """
    sklearn.linear_model._base: LinearRegression
    sklearn.linear_model._logistic: LogisticRegression LogisticRegressionCV
    sklearn.linear_model._ridge: Ridge RidgeClassifier RidgeCV
    sklearn.linear_model._coordinate_descent: Lasso ElasticNet LassoCV ElasticNetCV
    sklearn.linear_model._stochastic_gradient: SGDClassifier SGDRegressor
    sklearn.svm._classes: SVC SVR LinearSVC LinearSVR NuSVC OneClassSVM
    sklearn.tree._classes: DecisionTreeClassifier DecisionTreeRegressor ExtraTreeClassifier
        ExtraTreeRegressor
    sklearn.tree._tree: Tree
    sklearn.ensemble._forest: RandomForestClassifier RandomForestRegressor
        ExtraTreesClassifier ExtraTreesRegressor
    sklearn.ensemble._gb: GradientBoostingClassifier GradientBoostingRegressor
    sklearn.ensemble._iforest: IsolationForest
    sklearn.neighbors._classification: KNeighborsClassifier
    sklearn.neighbors._regression: KNeighborsRegressor
    sklearn.naive_bayes: GaussianNB MultinomialNB BernoulliNB
    sklearn.neural_network._multilayer_perceptron: MLPClassifier MLPRegressor
    sklearn.cluster._kmeans: KMeans MiniBatchKMeans
    sklearn.decomposition._pca: PCA
    sklearn.decomposition._truncated_svd: TruncatedSVD
    sklearn.pipeline: Pipeline FeatureUnion
    sklearn.compose._column_transformer: ColumnTransformer
    sklearn.impute._base: SimpleImputer
    sklearn.preprocessing._data: StandardScaler MinMaxScaler RobustScaler MaxAbsScaler
        Normalizer PolynomialFeatures
    sklearn.preprocessing._encoders: OneHotEncoder OrdinalEncoder
    sklearn.preprocessing._label: LabelEncoder LabelBinarizer MultiLabelBinarizer
    sklearn.feature_extraction.text: CountVectorizer TfidfVectorizer TfidfTransformer
        HashingVectorizer
    sklearn.utils._bunch: Bunch
    sklearn._loss.link: LogitLink IdentityLink LogLink Interval
    """),
    (Level.CALL, "first-class", _PANDAS, """
    pandas.core.indexes.base: _new_Index
    """),
    (Level.CALL, "", _PANDAS, """
    pandas._libs.internals: _unpickle_block
    """),
    (Level.CONSTRUCT, "", _PANDAS, """
    pandas.core.frame: DataFrame
    pandas.core.series: Series
    pandas.core.internals.managers: BlockManager SingleBlockManager
    pandas.core.indexes.base: Index
    pandas.core.indexes.range: RangeIndex
    """),
)  # fmt: skip


def _names(block: str) -> list[str]:
    """The dotted names of a block: ``module: name name``, going on in lines without a colon."""
    names: list[str] = []
    module = ""
    for line in block.splitlines():
        head, colon, rest = line.partition(": ")
        if colon:
            module = head.strip()
        names += [f"{module}.{name}" for name in (rest if colon else line).split()]
    return names


# Dotted name -> (level, check). A name in two groups keeps the higher level.
ALLOWED: dict[str, tuple[Level, str]] = {}
SOURCES: dict[str, str] = {}
for _level, _check, _source, _lines in GROUPS:
    for _name in _names(_lines):
        if _name not in ALLOWED or ALLOWED[_name][0] < _level:
            ALLOWED[_name] = (_level, _check)
            SOURCES[_name] = _source
