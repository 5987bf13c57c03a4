"""The names that weights need, each group with its source and the level at which it is used.

Data, not code: one group is ``(level, check, source, block)``, a block's lines reading
``module: name name …``. Levels are those of ``policy.Level``; ``check`` names a condition on the
arguments (``checks.CHECKS``), or is empty. A name belongs here only when it can be named, called
or constructed with arguments of a stranger's choosing without running anything else of the
stranger's choosing. Classes that are only constructed stand in ``class_lists/`` where they are
many; the names of single libraries in the other modules called ``allowlist_…``.
"""

from __future__ import annotations

from weighbridge.weights.pickle.policy import Level

Group = tuple[Level, str, str, str]

_WEIGHTS_ONLY = "PyTorch, torch/_weights_only_unpickler.py, _get_allowed_globals (BSD-3-Clause)"
_NUMPY = "NumPy, __reduce__ of ndarray, dtype, scalar and the random generators (BSD-3-Clause)"
_PLAIN = "CPython library reference: plain data types, whose constructors call nothing"
_TORCHSCRIPT = (
    "PyTorch, torch/jit/_pickle.py: what the C++ unpickler maps to typed lists (BSD-3-Clause)"
)

_STORAGES = """DoubleStorage FloatStorage HalfStorage BFloat16Storage LongStorage IntStorage
        ShortStorage CharStorage ByteStorage BoolStorage ComplexDoubleStorage
        ComplexFloatStorage QUInt8Storage QInt8Storage QInt32Storage QUInt4x2Storage
        QUInt2x4Storage"""
_TENSORS = """DoubleTensor FloatTensor HalfTensor BFloat16Tensor LongTensor
        IntTensor ShortTensor CharTensor ByteTensor BoolTensor"""

GROUPS: tuple[Group, ...] = (
    (Level.CALL, "plain", _WEIGHTS_ONLY, """
    collections: OrderedDict Counter
    torch: Size Tensor
    builtins: bytearray set
    """),
    (Level.CALL, "", _WEIGHTS_ONLY, """
    torch: device
    torch.nn.parameter: UninitializedParameter UninitializedBuffer
    torch.serialization: _get_layout
    torch._utils: _rebuild_sparse_tensor _rebuild_sparse_csr_tensor _rebuild_nested_tensor
        _rebuild_meta_tensor_no_storage
        _rebuild_device_tensor_from_numpy _rebuild_device_tensor_from_cpu_tensor
    """),
    (Level.CALL, "parameter", _WEIGHTS_ONLY, """
    torch.nn.parameter: Parameter Buffer
    torch._utils: _rebuild_parameter
    """),
    (Level.CALL, "tensor", _WEIGHTS_ONLY, """
    torch._utils: _rebuild_tensor _rebuild_tensor_v2 _rebuild_tensor_v3 _rebuild_qtensor
    """),
    (Level.CALL, "sets-last", _WEIGHTS_ONLY, """
    torch._utils: _rebuild_parameter_with_state
    """),
    (Level.CALL, "first-class", _WEIGHTS_ONLY, """
    torch._utils: _rebuild_wrapper_subclass
    """),
    (Level.CALL, "calls-first", _WEIGHTS_ONLY, """
    torch._tensor: _rebuild_from_type_v2
    """),
    (Level.CALL, "inspected", "PyTorch, torch/storage.py, _StorageBase.__reduce__", """
    torch.storage: _load_from_bytes
    """),
    (Level.CALL, "", "PyTorch, torch/csrc/Generator.cpp, Generator.__reduce__ (BSD-3-Clause)", """
    torch._C: Generator
    """),
    (Level.IMPORT, "", _WEIGHTS_ONLY, f"""
    torch: memory_format qscheme layout dtype
    torch: float64 float32 float16 bfloat16 int64 int32 int16 int8 uint8 uint16 uint32 uint64
        bool complex32 complex64 complex128 qint8 quint8 qint32 quint4x2 quint2x4
        float8_e4m3fn float8_e5m2 float8_e4m3fnuz float8_e5m2fnuz float8_e8m0fnu
        float4_e2m1fn_x2 uint1 uint2 uint3 uint4 uint5 uint6 uint7 int1 int2 int3 int4 int5
        int6 int7 double float half long int short cfloat cdouble chalf bits8 bits16 bits1x8
        bits2x4 bits4x2 per_tensor_affine per_tensor_symmetric
        per_channel_affine per_channel_symmetric per_channel_affine_float_qparams
        contiguous_format preserve_format channels_last channels_last_3d strided sparse_coo
        sparse_csr sparse_csc sparse_bsr sparse_bsc jagged
    torch: {_STORAGES} {_TENSORS}
    torch.cuda: {_STORAGES} {_TENSORS}
    torch.sparse: {_TENSORS}
    torch.cuda.sparse: {_TENSORS}
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
    (Level.CALL, "new-object", "CPython, Lib/copyreg.py, __newobj__", """
    copyreg: __newobj__
    """),
    (Level.CALL, "new-object-named", "CPython, Lib/copyreg.py, __newobj_ex__", """
    copyreg: __newobj_ex__
    """),
    (Level.CALL, "plain", _PLAIN, """
    builtins: object list dict tuple frozenset str bytes bool slice range
    collections: deque
    array: array
    random: Random
    """),
    (Level.CALL, "factory", _PLAIN, """
    collections: defaultdict
    """),
    (Level.CALL, "number", _PLAIN, """
    builtins: int float complex
    decimal: Decimal
    fractions: Fraction
    """),
    (Level.CALL, "", _PLAIN, """
    datetime: datetime date time timedelta timezone
    uuid: UUID SafeUUID
    argparse: Namespace
    types: SimpleNamespace
    pathlib: Path PosixPath WindowsPath PurePath PurePosixPath PureWindowsPath
    pathlib._local: Path PosixPath WindowsPath PurePath PurePosixPath PureWindowsPath
    builtins: Exception ArithmeticError AssertionError AttributeError EOFError IndexError
        KeyError LookupError NotImplementedError OSError OverflowError RuntimeError
        StopIteration TimeoutError TypeError ValueError ZeroDivisionError UserWarning
        RuntimeWarning DeprecationWarning FutureWarning
    ipaddress: IPv4Address IPv6Address IPv4Network IPv6Network IPv4Interface IPv6Interface
    _io: BytesIO StringIO
    io: BytesIO StringIO
    """),
    (Level.CALL, "plain", "CPython, Lib/logging, Logger.__reduce__: a logger by its name", """
    logging: getLogger
    """),
    (Level.CALL, "none", "CPython, Lib/pickle.py, save_type: the types that have no name", """
    builtins: type
    """),
    (Level.IMPORT, "", _PLAIN, """
    typing: Any Optional Union List Dict Tuple Set Sequence Mapping Callable Iterable
    """),
    (Level.CONSTRUCT, "", _PLAIN, """
    collections: ChainMap UserDict UserList
    string: Template
    """),
    (Level.IMPORT, "", "CPython library reference: functions that only look at their arguments", """
    builtins: len sorted min max sum abs round any all divmod pow repr hash id ord chr Ellipsis
        NotImplemented
    math: sqrt exp log log2 log10 floor ceil sin cos tan tanh
    """),
    (Level.CALL, "pattern", "CPython, Lib/re: how compiled patterns pickle themselves", """
    re: _compile
    """),
    (Level.CALL, "first-class", "CPython, Modules/arraymodule.c, array.__reduce_ex__", """
    array: _array_reconstructor
    """),
    (Level.CALL, "attribute", "CPython: how bound functions of a class pickle themselves", """
    builtins: getattr
    """),
    (Level.CALL, "partial", "CPython, Modules/_functoolsmodule.c, partial.__reduce__", """
    functools: partial
    """),
    (Level.IMPORT, "", "CPython, Lib/zoneinfo: time zones pickle themselves by name", """
    zoneinfo: ZoneInfo
    """),
    (Level.CALL, "zone", "CPython, Lib/zoneinfo: time zones pickle themselves by name", """
    zoneinfo: ZoneInfo._unpickle
    """),
    (Level.CALL, "shape", _NUMPY, """
    numpy.core.multiarray: _reconstruct
    numpy._core.multiarray: _reconstruct
    numpy: ndarray matrix
    numpy.ma: MaskedArray
    numpy.ma.core: MaskedArray MaskedConstant _mareconstruct
    numpy.matrixlib.defmatrix: matrix
    numpy.rec: recarray
    numpy.core.records: recarray
    numpy.ma.mrecords: MaskedRecords
    """),
    (Level.CALL, "", _NUMPY, """
    numpy.core.multiarray: scalar
    numpy._core.multiarray: scalar
    numpy.core.numeric: _frombuffer
    numpy._core.numeric: _frombuffer
    numpy.core._internal: _convert_to_stringdtype_kwargs
    numpy._core._internal: _convert_to_stringdtype_kwargs
    """),
    (Level.CALL, "generator", _NUMPY, """
    numpy.random._pickle: __randomstate_ctor __generator_ctor __bit_generator_ctor
    """),
    (Level.CALL, "first-class", _NUMPY, """
    numpy.random.bit_generator: __pyx_unpickle_SeedSequence __pyx_unpickle_SeedlessSeedSequence
    """),
    (Level.CALL, "plain", _NUMPY, """
    numpy: dtype float64 float32 float16 int64 int32 int16 int8 uint64 uint32 uint16
        uint8 bool bool_ complex64 complex128 str_ bytes_ datetime64 timedelta64
        longdouble clongdouble longlong ulonglong intc uintc
    numpy.dtypes: Float64DType Float32DType Float16DType Int64DType Int32DType Int16DType
        Int8DType UInt64DType UInt32DType UInt16DType UInt8DType BoolDType ObjectDType
        StrDType BytesDType VoidDType Complex64DType Complex128DType DateTime64DType
        TimeDelta64DType StringDType LongDoubleDType CLongDoubleDType LongLongDType
        ULongLongDType IntDType UIntDType
    """),
    (Level.CONSTRUCT, "", _NUMPY, """
    numpy.lib.function_base: vectorize
    numpy.lib._function_base_impl: vectorize
    numpy: vectorize void record poly1d object_ generic number integer floating signedinteger
        unsignedinteger inexact complexfloating flexible character
    numpy.core.records: record
    numpy.rec: record
    numpy.lib.polynomial: poly1d
    numpy.lib._polynomial_impl: poly1d
    numpy.polynomial.polynomial: Polynomial
    numpy.polynomial.chebyshev: Chebyshev
    numpy.polynomial.legendre: Legendre
    numpy.polynomial.hermite: Hermite
    numpy.polynomial.hermite_e: HermiteE
    numpy.polynomial.laguerre: Laguerre
    numpy.random: RandomState Generator
    numpy.random.mtrand: RandomState
    numpy.random._generator: Generator
    numpy.random._mt19937: MT19937
    numpy.random._pcg64: PCG64 PCG64DXSM
    numpy.random._philox: Philox
    numpy.random._sfc64: SFC64
    numpy.random.bit_generator: SeedSequence SeedlessSeedSequence
    """),
    (Level.IMPORT, "", "NumPy: universal functions and reductions, which only calculate", """
    numpy: absolute add arccos arccosh arcsin arcsinh arctan arctan2 arctanh bitwise_and
        bitwise_or bitwise_xor cbrt ceil conjugate cos cosh deg2rad degrees divide equal exp exp2
        expm1 fabs floor floor_divide fmax fmin fmod greater greater_equal heaviside hypot invert
        isfinite isinf isnan less less_equal log log10 log1p log2 logaddexp logical_and logical_not
        logical_or logical_xor maximum minimum mod multiply negative not_equal positive power
        rad2deg radians reciprocal remainder rint sign signbit sin sinh sqrt square subtract tan
        tanh true_divide trunc mean median std var sum prod min max amin amax argmax argmin nanmean
        nanmedian nanstd nanmin nanmax nansum clip round around ravel asarray array
    numpy.core._multiarray_umath: absolute add cos divide exp expm1 log log10 log1p log2 maximum
        minimum multiply negative power reciprocal sin sqrt square subtract tanh
    numpy._core._multiarray_umath: absolute add cos divide exp expm1 log log10 log1p log2 maximum
        minimum multiply negative power reciprocal sin sqrt square subtract tanh
    numpy.core.fromnumeric: mean sum prod std var amin amax argmax argmin clip ravel
    """),
)  # fmt: skip


def _names(block: str) -> list[tuple[str, str]]:
    """Module and name of each in a block: ``module: name name``, going on in lines without a
    colon."""
    names: list[tuple[str, str]] = []
    module = ""
    for line in block.splitlines():
        head, colon, rest = line.partition(": ")
        if colon:
            module = head.strip()
        names += [(module, name) for name in (rest if colon else line).split()]
    return names


def _gather() -> dict[str, tuple[Level, str, str]]:
    """Dotted name -> (level, check, module). A name in two groups keeps the higher level."""
    from weighbridge.weights.pickle.allowlist_libraries import GROUPS as LIBRARIES
    from weighbridge.weights.pickle.allowlist_more import GROUPS as MORE
    from weighbridge.weights.pickle.allowlist_others import GROUPS as OTHERS
    from weighbridge.weights.pickle.allowlist_tables import GROUPS as TABLES

    found: dict[str, tuple[Level, str, str]] = {}
    for level, check, source, block in (*GROUPS, *LIBRARIES, *OTHERS, *TABLES, *MORE):
        for module, name in _names(block):
            dotted = f"{module}.{name}"
            if dotted not in found or found[dotted][0] < level:
                found[dotted] = (level, check, module)
                SOURCES[dotted] = source
    return found


SOURCES: dict[str, str] = {}
ALLOWED = _gather()
