"""The names that skops trusts without asking, and a few that its models need besides.

Sources: ``skops/io/_trusted_types.py`` (version 0.16) with scikit-learn 1.9 and NumPy 2.4, by name:
the private modules that hold a class change between versions of scikit-learn. Added: trees,
kernels, distances and functions that score, which are scikit-learn's own and call nothing.
"""

from __future__ import annotations

_ESTIMATOR_NAMES = """
    ARDRegression AdaBoostClassifier AdaBoostRegressor AdditiveChi2Sampler AffinityPropagation
    AgglomerativeClustering BaggingClassifier BaggingRegressor BayesianGaussianMixture
    BayesianRidge BernoulliNB BernoulliRBM Binarizer Birch BisectingKMeans CCA
    CalibratedClassifierCV CategoricalNB ClassicalMDS ClassifierChain ColumnTransformer
    ComplementNB CountVectorizer DBSCAN DecisionTreeClassifier DecisionTreeRegressor
    DictVectorizer DictionaryLearning DummyClassifier DummyRegressor ElasticNet ElasticNetCV
    EllipticEnvelope EmpiricalCovariance ExtraTreeClassifier ExtraTreeRegressor
    ExtraTreesClassifier ExtraTreesRegressor FactorAnalysis FastICA FeatureAgglomeration
    FeatureHasher FeatureUnion FixedThresholdClassifier FrozenEstimator FunctionTransformer
    GammaRegressor GaussianMixture GaussianNB GaussianProcessClassifier GaussianProcessRegressor
    GaussianRandomProjection GenericUnivariateSelect GradientBoostingClassifier
    GradientBoostingRegressor GraphicalLasso GraphicalLassoCV GridSearchCV HDBSCAN
    HashingVectorizer HistGradientBoostingClassifier HistGradientBoostingRegressor
    HuberRegressor IncrementalPCA IsolationForest Isomap IsotonicRegression KBinsDiscretizer
    KMeans KNNImputer KNeighborsClassifier KNeighborsRegressor KNeighborsTransformer
    KernelCenterer KernelDensity KernelPCA KernelRidge LabelBinarizer LabelEncoder
    LabelPropagation LabelSpreading Lars LarsCV Lasso LassoCV LassoLars LassoLarsCV LassoLarsIC
    LatentDirichletAllocation LedoitWolf LinearDiscriminantAnalysis LinearRegression LinearSVC
    LinearSVR LocalOutlierFactor LocallyLinearEmbedding LogisticRegression LogisticRegressionCV
    MDS MLPClassifier MLPRegressor MaxAbsScaler MeanShift MinCovDet MinMaxScaler
    MiniBatchDictionaryLearning MiniBatchKMeans MiniBatchNMF MiniBatchSparsePCA MissingIndicator
    MultiLabelBinarizer MultiOutputClassifier MultiOutputRegressor MultiTaskElasticNet
    MultiTaskElasticNetCV MultiTaskLasso MultiTaskLassoCV MultinomialNB NMF NearestCentroid
    NearestNeighbors NeighborhoodComponentsAnalysis Normalizer NuSVC NuSVR Nystroem OAS OPTICS
    OneClassSVM OneHotEncoder OneVsOneClassifier OneVsRestClassifier OrdinalEncoder
    OrthogonalMatchingPursuit OrthogonalMatchingPursuitCV OutputCodeClassifier PCA PLSCanonical
    PLSRegression PLSSVD PassiveAggressiveClassifier PassiveAggressiveRegressor PatchExtractor
    Perceptron Pipeline PoissonRegressor PolynomialCountSketch PolynomialFeatures
    PowerTransformer QuadraticDiscriminantAnalysis QuantileRegressor QuantileTransformer
    RANSACRegressor RBFSampler RFE RFECV RadiusNeighborsClassifier RadiusNeighborsRegressor
    RadiusNeighborsTransformer RandomForestClassifier RandomForestRegressor RandomTreesEmbedding
    RandomizedSearchCV RegressorChain Ridge RidgeCV RidgeClassifier RidgeClassifierCV
    RobustScaler SGDClassifier SGDOneClassSVM SGDRegressor SVC SVR SelectFdr SelectFpr
    SelectFromModel SelectFwe SelectKBest SelectPercentile SelfTrainingClassifier
    SequentialFeatureSelector ShrunkCovariance SimpleImputer SkewedChi2Sampler SparseCoder
    SparsePCA SparseRandomProjection SpectralBiclustering SpectralClustering
    SpectralCoclustering SpectralEmbedding SplineTransformer StackingClassifier
    StackingRegressor StandardScaler TSNE TargetEncoder TfidfTransformer TfidfVectorizer
    TheilSenRegressor TransformedTargetRegressor TruncatedSVD TunedThresholdClassifierCV
    TweedieRegressor VarianceThreshold VotingClassifier VotingRegressor
"""
_INTERNAL_NAMES = """
    HalfLogitLink IdentityLink Interval LogitLink LogLink MultinomialLogit AbsoluteError
    ExponentialLoss HalfBinomialLoss HalfGammaLoss HalfMultinomialLoss HalfPoissonLoss
    HalfSquaredError HalfTweedieLoss HalfTweedieLossIdentity HuberLoss PinballLoss
    CyAbsoluteError CyExponentialLoss CyHalfBinomialLoss CyHalfGammaLoss CyHalfMultinomialLoss
    CyHalfPoissonLoss CyHalfSquaredError CyHalfTweedieLoss CyHalfTweedieLossIdentity CyHuberLoss
    CyPinballLoss EpsilonInsensitive Hinge Huber Log ModifiedHuber SquaredEpsilonInsensitive
    SquaredHinge SquaredLoss _BinMapper Tree TreePredictor Bunch _CalibratedClassifier
    _SigmoidCalibration _TemperatureScaling _ConstantPredictor _DictWithDeprecatedKeys
    BinomialDeviance MultinomialDeviance LeastSquaresError LeastAbsoluteError
    QuantileLossFunction HuberLossFunction KDTree KDTree64 KDTree32 BallTree BallTree64
    BallTree32 EuclideanDistance EuclideanDistance64 MinkowskiDistance MinkowskiDistance64
    ManhattanDistance ManhattanDistance64 RBF ConstantKernel WhiteKernel Matern
    RationalQuadratic ExpSineSquared DotProduct Sum Product Exponentiation CompoundKernel
    Hyperparameter AdamOptimizer SGDOptimizer _BisectingTree
    _BinaryGaussianProcessClassifierLaplace StratifiedKFold KFold
"""
_UFUNC_NAMES = """
    absolute add arccos arccosh arcsin arcsinh arctan arctan2 arctanh bitwise_and bitwise_count
    bitwise_or bitwise_xor cbrt ceil conjugate copysign cos cosh deg2rad degrees divide divmod
    equal exp exp2 expm1 fabs float_power floor floor_divide fmax fmin fmod frexp gcd greater
    greater_equal heaviside hypot invert isfinite isinf isnan isnat lcm ldexp left_shift less
    less_equal log log10 log1p log2 logaddexp logaddexp2 logical_and logical_not logical_or
    logical_xor matmul matvec maximum minimum modf multiply negative nextafter not_equal
    positive power rad2deg radians reciprocal remainder right_shift rint sign signbit sin sinh
    spacing sqrt square subtract tan tanh trunc vecdot vecmat
"""
_DTYPE_NAMES = """
    bool bool_ bytes_ clongdouble complex128 complex64 datetime64 double float16 float32 float64
    half int16 int32 int64 int8 int_ intc long longdouble longlong object_ single str str_
    timedelta64 uint uint16 uint32 uint64 uint8 uintc ulong ulonglong void
"""
_SCORE_NAMES = """
    f_classif f_regression chi2 r_regression mutual_info_classif mutual_info_regression f_oneway
    _kmeans_single_lloyd _kmeans_single_elkan asarray
    accuracy_score r2_score mean_squared_error log_loss linear_kernel rbf_kernel
"""
SKLEARN_CLASSES = frozenset((_ESTIMATOR_NAMES + _INTERNAL_NAMES).split())
SKLEARN_FUNCTIONS = frozenset(_SCORE_NAMES.split())
NUMPY_FUNCTIONS = frozenset((_UFUNC_NAMES + "mean median max min amax amin sum std var").split())
NUMPY_DTYPES = frozenset(_DTYPE_NAMES.split())
