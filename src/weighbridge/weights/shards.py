"""Models in several files: whether the index and the files tell the same story. Pure functions.

Source: huggingface_hub ``serialization`` (``model.safetensors.index.json`` and its like: a
``weight_map`` from tensor to file, ``metadata.total_size`` in bytes), llama.cpp ``gguf-split``
(``split.no``, ``split.count``, ``split.tensors.count``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.weights.decimal_text import decimal

MAX_TENSORS = 1_000_000  # in one index
MAX_LISTED = 200  # disagreements of one kind
_NUMBERED = re.compile(r"(.*)-(\d{5})-of-(\d{5})(\.[A-Za-z0-9]+)\Z")


@dataclass(frozen=True, slots=True)
class ShardIndex:
    """An index file. ``total_size`` is in bytes, -1 where it states none."""

    path: str
    weight_map: tuple[tuple[str, str], ...]  # tensor, file: both as written
    total_size: int = -1


@dataclass(frozen=True, slots=True)
class Shard:
    """One file of tensors. The lengths are in bytes, -1 where the format does not tell."""

    file: str
    tensors: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class GgufPart:
    """One GGUF file with its split keys, -1 where a key is missing."""

    file: str
    tensors: tuple[tuple[str, int], ...]
    number: int = -1
    count: int = -1
    total: int = -1


@dataclass(frozen=True, slots=True)
class Disagreement:
    """``said`` is what the index or a name claims, ``found`` what is there.

    ``kind`` is ``missing-shard``, ``shard-not-in-index``, ``shard-outside``, ``missing-tensor``,
    ``tensor-not-in-index``, ``tensor-in-wrong-shard``, ``tensor-twice``, ``total-size``,
    ``shard-count``, ``shard-number`` or ``tensor-count``. ``file`` is where to look.
    """

    kind: str
    file: str
    subject: str
    said: str
    found: str


def parse_index(path: str, table: object) -> ShardIndex:
    """An index from its parsed JSON (of :func:`weighbridge.edge.json.load_json`, which refuses
    duplicate keys).

    Raises:
        HostileInput: it is no index.
        BoundExceeded: it names too many tensors.
    """
    weights = table.get("weight_map") if isinstance(table, Mapping) else None
    if not isinstance(table, Mapping) or not isinstance(weights, Mapping):
        raise HostileInput(f"{path} has no weight_map")
    if len(weights) > MAX_TENSORS:
        raise BoundExceeded(path, MAX_TENSORS, "tensors")
    pairs = []
    for tensor, file in weights.items():
        if not isinstance(tensor, str) or not isinstance(file, str):
            raise HostileInput(f"the weight_map of {path} holds something else than file names")
        pairs.append((tensor, file))
    metadata = table.get("metadata")
    total = metadata.get("total_size") if isinstance(metadata, Mapping) else None
    # Some writers give it as a float (transformers counted 4-bit weights by halves).
    exact = int(total) if isinstance(total, float) and 0 <= total < 2**53 else total
    return ShardIndex(path, tuple(pairs), exact if type(exact) is int and exact >= 0 else -1)


def index_disagreements(
    index: ShardIndex, shards: Sequence[Shard], present: Iterable[str] = ()
) -> tuple[Disagreement, ...]:
    """What an index and its files do not agree on.

    Args:
        index: the index.
        shards: the files that were read, with names relative to the index's folder.
        present: files that are there and were not read; they are not missing, and what they hold
            is not compared.
    """
    out = _Listing()
    named = dict.fromkeys(file for _, file in index.weight_map)
    read = {shard.file: shard for shard in shards}
    there = {*read, *present}
    for file in named:
        if not _plain(file):
            out.add("shard-outside", index.path, file, file, "no name of a file beside the index")
        elif file not in there:
            out.add("missing-shard", index.path, file, file, "no such file")
    series = {_series_of(file) for file in named} - {None}
    for file in sorted(there - set(named)):
        if _series_of(file) in series:
            out.add("shard-not-in-index", file, file, "no tensor", "a file of the series")
    _tensors(index, read, out)
    if index.total_size >= 0 and set(named) <= set(read):
        lengths = [length for file in named for _, length in read[file].tensors]
        if min(lengths, default=0) >= 0 and sum(lengths) != index.total_size:
            out.add(
                "total-size", index.path, "metadata.total_size", decimal(index.total_size),
                decimal(sum(lengths)),
            )  # fmt: skip
    out.extend(_series(named))
    return out.listed()


def _tensors(index: ShardIndex, read: Mapping[str, Shard], out: _Listing) -> None:
    mapped = dict(index.weight_map)
    named = set(mapped.values())
    holders: dict[str, list[str]] = {}
    for file in sorted(read):
        for tensor, _ in read[file].tensors:
            holders.setdefault(tensor, []).append(file)
    for tensor, file in index.weight_map:
        found = holders.get(tensor, [])
        if file in read and not found:
            out.add("missing-tensor", file, tensor, file, "in none of the files read")
        elif file in read and file not in found:
            out.add("tensor-in-wrong-shard", file, tensor, file, ", ".join(found[:3]))
    for tensor, files in holders.items():
        if len(files) > 1:
            said = mapped.get(tensor, "nothing")
            out.add("tensor-twice", files[1], tensor, said, ", ".join(files[:3]))
        if tensor not in mapped and files[0] in named:
            out.add("tensor-not-in-index", files[0], tensor, "nothing", files[0])


def gguf_disagreements(parts: Sequence[GgufPart]) -> tuple[Disagreement, ...]:
    """What the parts of one split GGUF model do not agree on; the parts are those of one series."""
    out = _Listing()
    out.extend(_series(dict.fromkeys(part.file for part in parts)))
    counts = {part.count for part in parts if part.count > 0}
    for part in parts:
        numbered = _NUMBERED.match(part.file.rpartition("/")[2])
        if numbered is None or part.number < 0:
            continue
        if part.number + 1 != int(numbered.group(2)):
            out.add("shard-number", part.file, "split.no", numbered.group(2), str(part.number))
        if part.count != int(numbered.group(3)):
            out.add("shard-count", part.file, "split.count", numbered.group(3), str(part.count))
    if len(counts) > 1:
        listed = ", ".join(str(count) for count in sorted(counts))
        out.add("shard-count", parts[0].file, "split.count", "one number", listed)
    holders: dict[str, str] = {}
    for part in parts:
        for tensor, _ in part.tensors:
            if tensor in holders:
                out.add("tensor-twice", part.file, tensor, holders[tensor], part.file)
            holders.setdefault(tensor, part.file)
    totals = {part.total for part in parts if part.total >= 0}
    if counts == {len(parts)} and totals and totals != {len(holders)}:
        said = ", ".join(str(total) for total in sorted(totals))
        out.add("tensor-count", parts[0].file, "split.tensors.count", said, str(len(holders)))
    return out.listed()


def _series(files: Mapping[str, None]) -> list[Disagreement]:
    """Names that count (``model-00002-of-00005``) must count to their end."""
    series: dict[tuple[str, int, str], set[int]] = {}
    for file in files:
        match = _NUMBERED.match(file)
        if match:
            stem, number, count, suffix = match.groups()
            series.setdefault((stem, int(count), suffix), set()).add(int(number))
    out = []
    for (stem, count, suffix), numbers in sorted(series.items()):
        if len(numbers) != count or min(numbers) < 1 or max(numbers) > count:
            absent = list(islice((n for n in range(1, count + 1) if n not in numbers), 3))
            name = f"{stem}-*-of-{count:05d}{suffix}"
            shown = ", ".join(f"{number:05d}" for number in absent) or "another count"
            out.append(Disagreement("shard-count", name, name, str(count), f"without {shown}"))
    return out


def _series_of(file: str) -> tuple[str, str, str] | None:
    """The series that a file's name says it is of: others beside it are no business of an index."""
    match = _NUMBERED.match(file)
    return (match.group(1), match.group(3), match.group(4)) if match else None


def _plain(file: str) -> bool:
    parts = file.replace("\\", "/").split("/")
    return bool(file) and ".." not in parts and "" not in parts and ":" not in file


class _Listing:
    """Keeps :data:`MAX_LISTED` of each kind, and says how many more there are."""

    def __init__(self) -> None:
        self.items: list[Disagreement] = []
        self._counts: dict[str, int] = {}

    def add(self, kind: str, file: str, subject: str, said: str, found: str) -> None:
        """One disagreement."""
        self._counts[kind] = self._counts.get(kind, 0) + 1
        if self._counts[kind] <= MAX_LISTED:
            self.items.append(Disagreement(kind, file, subject, said, found))

    def listed(self) -> tuple[Disagreement, ...]:
        """Those kept, and for each kind with more of them one that says so."""
        rest = []
        for kind, count in self._counts.items():
            if count > MAX_LISTED:
                last = next(one for one in reversed(self.items) if one.kind == kind)
                more = f"{count - MAX_LISTED} more are not listed one by one"
                rest.append(Disagreement(kind, last.file, "further ones", more, more))
        return (*self.items, *rest)

    def extend(self, items: Iterable[Disagreement]) -> None:
        """Several."""
        for item in items:
            self.add(item.kind, item.file, item.subject, item.said, item.found)
