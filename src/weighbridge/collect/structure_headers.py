"""The tensors that weight files' headers list, each file read once and all within one bound.

What :mod:`weighbridge.weights.extents` gives is where numbers can be read; here a tensor counts
also where its bytes lie outside of the file: the header says that it is there, and that the file is
cut short is a finding about the file.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from weighbridge.model.artifact import Artifact, Kind, Presence
from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.snapshot.snapshot import Snapshot
from weighbridge.weights.architecture import TensorShape
from weighbridge.weights.log import Log
from weighbridge.weights.source import Source, file_source

MAX_TENSORS = 400_000  # of one folder; the largest models have 92,000
_EXACT = 2**53  # no file is larger, and sums of such numbers stay short
_FORMATS = {
    Kind.SAFETENSORS: "safetensors",
    Kind.GGUF: "gguf",
    Kind.TORCH_ZIP: "torch",
    Kind.TORCH_LEGACY: "torch",
}
_SUFFIXES = {
    ".safetensors": "safetensors", ".gguf": "gguf", ".bin": "torch", ".pt": "torch",
    ".pth": "torch", ".ckpt": "torch",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Header:
    """What one file's header lists.

    ``lengths`` are bytes, one a tensor, -1 where the type has no length known here. ``why`` says
    why the tensors are not known; ``unread`` whether that lies in the file and not in its format.
    ``values`` are the keys of GGUF.
    """

    tensors: tuple[TensorShape, ...] = ()
    lengths: tuple[int, ...] = ()
    values: dict[str, int | str] = field(default_factory=dict)
    why: str = ""
    unread: bool = False

    @property
    def named(self) -> tuple[tuple[str, int], ...]:
        """Each tensor's name and length."""
        return tuple((t.name, n) for t, n in zip(self.tensors, self.lengths, strict=True))


def format_of(artifact: Artifact) -> str:
    """``safetensors``, ``gguf`` or ``torch`` by content, by the name where the content is away;
    empty for all others."""
    if artifact.kind is Kind.UNREAD:
        dot = artifact.path.rfind(".")
        return _SUFFIXES.get(artifact.path[dot:].lower(), "") if dot >= 0 else ""
    return _FORMATS.get(artifact.kind, "")


class Headers:
    """Reads the headers of one folder's files, each once."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._read: dict[str, Header] = {}
        self._tensors = 0

    def of(self, artifact: Artifact) -> Header:
        """The header of a file; ``why`` is set where it cannot be had."""
        if artifact.path not in self._read:
            self._read[artifact.path] = self._header(artifact)
        return self._read[artifact.path]

    def _header(self, artifact: Artifact) -> Header:
        if artifact.presence is not Presence.CONTENT:
            return Header(why=f"its content is not here ({artifact.presence.value})", unread=True)
        reader = _READERS.get(artifact.kind)
        if reader is None:
            return Header(why=f"names of tensors are not read from {artifact.kind.value}")
        try:
            with self._snapshot.open(artifact) as stream:
                header = reader(file_source(stream, artifact.size))
        except HostileInput as error:
            return Header(why=error.message, unread=True)
        except OSError as error:
            return Header(why=f"it cannot be read: {error.strerror or error}", unread=True)
        self._tensors += len(header.tensors)
        if self._tensors > MAX_TENSORS:
            self._tensors -= len(header.tensors)
            bound = BoundExceeded("what the headers of this folder list", MAX_TENSORS, "tensors")
            return Header(why=bound.message, unread=True)
        return header


def _safetensors(source: Source) -> Header:
    from weighbridge.weights import safetensors

    tensors: list[TensorShape] = []
    lengths: list[int] = []

    def each(name: str, dtype: str, shape: tuple[int, ...], begin: int, stop: int) -> None:
        if max(begin, stop, *shape, 0) > _EXACT:
            raise HostileInput("its header holds a shape or range beyond 2^53")
        tensors.append(TensorShape(name, dtype, shape))
        lengths.append(max(stop - begin, 0))

    safetensors.read_header(source, Log(), each)
    return Header(tuple(tensors), tuple(lengths))


def _gguf(source: Source) -> Header:
    from weighbridge.weights import gguf
    from weighbridge.weights.gguf.types import TYPES, extent

    header = gguf.read_header(source, Log())
    if header is None:
        return Header(why="no reader for GGUF version 1", unread=True)
    tensors = tuple(
        TensorShape(
            tensor.name.decode("utf-8", "replace"),
            TYPES[tensor.kind][0] if tensor.kind in TYPES else f"type {tensor.kind}",
            tensor.shape[::-1],
        )
        for tensor in header.tensors
    )
    lengths = tuple(extent(tensor.kind, tensor.count) for tensor in header.tensors)
    return Header(tensors, lengths, dict(header.values))


def _torch(source: Source) -> Header:
    """Storages, which have no names: what they tell is the types."""
    from weighbridge.weights.extents import extents

    found = extents(source, Kind.TORCH_ZIP)
    return Header(
        tuple(TensorShape("", one.dtype.removeprefix(">"), one.shape) for one in found),
        (-1,) * len(found),
    )


_READERS = {Kind.SAFETENSORS: _safetensors, Kind.GGUF: _gguf, Kind.TORCH_ZIP: _torch}
