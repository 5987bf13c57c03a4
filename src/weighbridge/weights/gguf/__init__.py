"""GGUF: header, keys, tensor table, layout of the data, and chat templates.

Source: ggml's ``docs/gguf.md`` (versions 2 and 3), ``ggml-common.h`` for block sizes, and the
checks of ``gguf.cpp``. Every count is bounded by the bytes that are left (CVE-2025-53630,
CVE-2026-27940, CVE-2026-33298), and no tensor may reach beyond the file (CVE-2026-7482).
"""

from weighbridge.weights.gguf.header import Header, Tensor, read_header
from weighbridge.weights.gguf.layout import inspect

__all__ = ["Header", "Tensor", "inspect", "read_header"]
