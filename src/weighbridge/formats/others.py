"""Which other formats' marks a file carries: a file that two loaders open as two formats shows one
of them to whoever looks, and the other to whoever loads."""

from __future__ import annotations

from weighbridge.formats.peek import Peek
from weighbridge.formats.pickle_start import Verdict, pickle_start
from weighbridge.formats.sniff import (
    hdf5_at,
    is_safetensors,
    is_tar,
    kind_by_magic,
    zip_kind,
)
from weighbridge.formats.zip_names import zip_names
from weighbridge.model.artifact import Kind

_ZIPS = frozenset({Kind.TORCH_ZIP, Kind.NUMPY_ZIP, Kind.KERAS_ZIP, Kind.ZIP})
_PICKLES = frozenset({Kind.PICKLE, Kind.TORCH_LEGACY})


def other_kinds(peek: Peek, kind: Kind) -> tuple[Kind, ...]:
    """The kinds besides ``kind`` that a loader would take the file for, each once."""
    head = peek.head
    found: list[Kind] = []
    magic = kind_by_magic(head)
    if magic is not None:
        found.append(magic)
    if is_safetensors(head):
        found.append(Kind.SAFETENSORS)
    if hdf5_at(head) is not None:
        found.append(Kind.HDF5)
    if is_tar(head):
        found.append(Kind.TAR)
    asked = kind not in _PICKLES and not head.startswith(b"PK\x03\x04")
    if asked and pickle_start(head, peek.size) is Verdict.CALLS:
        found.append(Kind.PICKLE)
    names = None if kind in _ZIPS else zip_names(peek)
    if names is not None:
        found.append(zip_kind(names))
    return tuple(k for k in dict.fromkeys(found) if k is not kind and not _same(k, kind))


def _same(a: Kind, b: Kind) -> bool:
    return {a, b} <= _PICKLES or {a, b} <= _ZIPS
