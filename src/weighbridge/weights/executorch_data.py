"""ExecuTorch's own operators, backends and types, as of version 1.5.1."""

from __future__ import annotations

# exir/scalar_type.py: number -> (name, bytes of one element).
SCALAR_TYPES: dict[int, tuple[str, int]] = {
    0: ("uint8", 1), 1: ("int8", 1), 2: ("int16", 2), 3: ("int32", 4), 4: ("int64", 8),
    5: ("float16", 2), 6: ("float32", 4), 7: ("float64", 8), 8: ("complex32", 4),
    9: ("complex64", 8), 10: ("complex128", 16), 11: ("bool", 1), 12: ("qint8", 1),
    13: ("quint8", 1), 14: ("qint32", 4), 15: ("bfloat16", 2), 16: ("quint4x2", 0),
    17: ("quint2x4", 0), 22: ("bits16", 2), 23: ("float8_e5m2", 1), 24: ("float8_e4m3fn", 1),
    25: ("float8_e5m2fnuz", 1), 26: ("float8_e4m3fnuz", 1), 27: ("uint16", 2),
    28: ("uint32", 4), 29: ("uint64", 8),
}  # fmt: skip

# Namespaces of operators that its kernels and those of its extensions register
# (kernels/**/functions.yaml, and the torch.library.Library calls of its Python modules).
NAMESPACES = frozenset(
    {
        "aten", "prim", "prims", "executorch_prim", "dim_order_ops", "channels_last", "et_copy",
        "et_vk", "llama", "cadence", "cortex_m", "quantized_decomposed", "torchao", "preprocess",
        "qnn_custom", "tosa", "tosa_mxfp", "mlx", "kvcache", "executorch", "executorch_cuda",
        "quant_fusion",
    }
)  # fmt: skip
# backends/*: the names under which backends register, whose blobs are graphs for an accelerator
# or an interpreter.
BACKENDS = frozenset(
    {
        "XnnpackBackend", "CoreMLBackend", "CoreAIBackend", "MPSBackend", "VulkanBackend",
        "VgfBackend", "QnnBackend", "EthosUBackend", "TOSABackend", "NeuropilotBackend",
        "EnnBackend", "OpenvinoBackend", "NeutronBackend", "CadenceExecutorchBackend",
        "MLXBackend",
    }
)  # fmt: skip
# Backends whose blob is a shared library that the runtime opens (backends/aoti, backends/cuda,
# backends/apple/metal), or a compiled engine.
NATIVE_BACKENDS = frozenset(
    {
        "CudaBackend", "MetalBackend", "AotiBackend", "TensorRTBackend",
    }
)  # fmt: skip
