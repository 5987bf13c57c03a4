"""ONNX: ``ModelProto`` and everything in it that loading follows, reads or calls.

Source: ``onnx.proto`` (IR version 14), the ONNX specification (IR.md, ExternalData.md), and ONNX
Runtime for the operators that reach further. A model is data, with four ways out of it: tensors
whose bytes lie in a file that the model names, operators of a library that somebody must provide,
operators that call Python, and programs compiled for an accelerator.
"""

from __future__ import annotations

from weighbridge.weights.log import Log
from weighbridge.weights.onnx.model import inspect
from weighbridge.weights.source import Source


def inspect_ort(source: Source, log: Log) -> None:
    """Say that a file in ONNX Runtime's own format (``.ort``) has no reader."""
    log.bytes_read += len(source.head(8))
    log.gap("no reader for ONNX Runtime's own format (ORTM) yet")


__all__ = ["inspect", "inspect_ort"]
