"""Tensors whose bytes lie in another file: where that is, and which part of it.

Source: ``ExternalData.md`` of the ONNX specification, and the ways in which loaders were led
elsewhere: CVE-2022-25882, CVE-2024-27318 and CVE-2025-51480 (paths out of the model's folder),
CVE-2026-34447 (a symbolic link in it, which the snapshot reports), negative and huge offsets, keys
that set attributes of the loader's own objects, and ONNX Runtime's mark for memory addresses.
"""

from __future__ import annotations

import re

from weighbridge.weights.inspection import Verdict
from weighbridge.weights.onnx.file import File
from weighbridge.weights.relative_path import outside

MAX_ENTRIES = 1000  # of one tensor
# ONNX Runtime keeps the layout that a kernel packed weights in under keys of its own.
_KEYS = re.compile(r"location|offset|length|checksum|basepath|prepacked_\w{1,200}")
_NUMBER = re.compile(r"[0-9]{1,18}")
# ONNX Runtime's own mark, */_ORT_MEM_ADDR_/* (core/framework/tensorprotoutils.h): the offset is an
# address in memory.
_MEMORY = "*/"


class External:
    """The ``external_data`` of one tensor."""

    def __init__(self, file: File, name: str) -> None:
        self.file, self.name = file, name
        self.values: dict[str, str] = {}
        self.count = 0

    def add(self, key: str, value: str, offset: int) -> None:
        """Take one entry. Readers differ in which of two equal keys they believe: all count."""
        self.count += 1
        if self.count > MAX_ENTRIES:
            self.file.log.gap(f"a tensor with more than {MAX_ENTRIES} entries of external data")
            return
        if not _KEYS.fullmatch(key):
            self._odd(f"has the unknown key {key[:80]!r}", offset)
        elif key in self.values and not key.startswith("prepacked_"):
            self._odd(f"has two keys {key!r}", offset)
        self.values.setdefault(key, value)
        if key == "location":
            self._location(value, offset)
        elif key in ("offset", "length") and not _NUMBER.fullmatch(value):
            self._odd(f"has the {key} {value[:40]!r}", offset)

    def _odd(self, what: str, offset: int) -> None:
        self.file.log.issue(
            "bad-external-data", f"the external data of {self.name[:80]!r} {what}", offset
        )

    def _location(self, location: str, offset: int) -> None:
        log = self.file.log
        if location.startswith(_MEMORY):
            effect = "takes its weights from an address in the memory of whoever loads it"
        elif why := outside(location):
            effect = f"reads a file outside the model's folder: the path {why}"
        else:
            self.file.link(f"external data in {location}")
            return
        log.operation(
            Verdict.DANGEROUS, "link", "external data", location, effect, offset, "TensorProto"
        )

    def check(self, needed: int, offset: int) -> None:
        """Compare what is there with what the tensor needs.

        Args:
            needed: bytes that type and shape ask for, -1 where they do not tell.
            offset: of the tensor.
        """
        if not self.values.get("location"):
            self._odd("names no file", offset)
        length = self.values.get("length", "")
        if needed >= 0 and _NUMBER.fullmatch(length) and int(length) != needed:
            self.file.log.issue(
                "size-mismatch",
                f"{self.name[:80]!r} needs {needed} bytes by type and shape, and its external data "
                f"has {int(length)}",
                offset,
            )
