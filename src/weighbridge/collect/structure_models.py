"""Which files of a folder make up one model, and whether they agree with each other.

Sources: huggingface_hub's sharded checkpoints (``<name>.safetensors.index.json``, with a variant as
``<name>.safetensors.index.fp16.json`` in diffusers), llama.cpp's ``gguf-split``.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from weighbridge.collect.structure_headers import Header, Headers, format_of
from weighbridge.edge.json import load_json
from weighbridge.model.artifact import Artifact, Presence
from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.snapshot.snapshot import ContentUnavailable, Snapshot
from weighbridge.weights.shards import (
    Disagreement,
    GgufPart,
    Shard,
    ShardIndex,
    gguf_disagreements,
    index_disagreements,
    parse_index,
)

MAX_INDEX = 64 * 2**20  # bytes
MAX_INDEXES = 50  # in one folder
MAX_COMPARED = 2_000_000  # tensors of all the indexes of one folder: several may name one file
_INDEX = re.compile(r"\.(?:safetensors|bin|h5|msgpack)\.index(?:\.[\w-]+)?\.json\Z")
_NUMBERED = re.compile(r"(.*)-(\d{5})-of-(\d{5})(\.[A-Za-z0-9]+)\Z")


@dataclass(frozen=True, slots=True)
class Model:
    """One model of a folder. ``why`` says why its tensors are not all known, empty where they are.

    ``total`` is ``metadata.total_parameters`` of its index, -1 where there is none.
    """

    name: str
    format: str
    files: tuple[Artifact, ...]
    index: str = ""
    total: int = -1
    why: str = ""
    unread: bool = False


@dataclass(slots=True)
class Folder:
    """One folder and what was found in it; ``gaps`` are path, reason and whether it is unread.

    ``away`` are the paths that lie there and were not taken up, with the reason.
    """

    snapshot: Snapshot
    path: str
    artifacts: tuple[Artifact, ...]
    away: Mapping[str, str]
    headers: Headers
    models: list[Model] = field(default_factory=list)
    disagreements: list[tuple[str, Disagreement]] = field(default_factory=list)
    compared: list[str] = field(default_factory=list)
    gaps: list[tuple[str, str, bool]] = field(default_factory=list)

    def join(self, name: str) -> str:
        """A name beside the folder's files as a path of the subject."""
        return posixpath.normpath(f"{self.path}/{name}" if self.path else name)

    def add(self, at: str, found: Iterable[Disagreement]) -> None:
        """Keep disagreements, each with a file to look at: its own where it is one."""
        for one in found:
            own = self.join(one.file)
            self.disagreements.append((own if self.snapshot.find(own) else at, one))


def is_index(path: str) -> bool:
    """Whether a file's name is that of an index of shards."""
    return _INDEX.search(path) is not None


def find_models(folder: Folder) -> None:
    """Fill ``folder`` with its models, indexed ones first, and with what they do not agree on."""
    taken: set[str] = set()
    indexes = [artifact for artifact in folder.artifacts if is_index(artifact.path)]
    budget = MAX_COMPARED
    for position, artifact in enumerate(indexes):
        if position == MAX_INDEXES or budget < 0:
            folder.gaps.append((artifact.path, "too many indexes lie in one folder", True))
            break
        table = _load(folder, artifact)
        if table is None:
            continue
        index, total = table
        paths, tensors = _indexed(folder, artifact, index, total)
        taken |= paths
        budget -= tensors
    rest = [a for a in folder.artifacts if format_of(a) and a.path not in taken]
    series: dict[tuple[str, str, str], list[Artifact]] = {}
    for artifact in rest:
        key = _series_of(_base(artifact))
        if key is None:
            folder.models.append(_single(folder, artifact))
        else:
            series.setdefault(key, []).append(artifact)
    away: dict[tuple[str, str, str] | None, list[str]] = {}
    for path in folder.away:
        parent, _, base = path.rpartition("/")
        if parent == folder.path:
            away.setdefault(_series_of(base), []).append(base)
    for key in sorted(series):
        _numbered(folder, key, series[key], away.get(key, []))


def _load(folder: Folder, artifact: Artifact) -> tuple[ShardIndex, int] | None:
    """An index and its ``total_parameters``, None where it cannot be read."""
    try:
        data = folder.snapshot.read(artifact, MAX_INDEX)
        table = load_json(data, source=_base(artifact), max_bytes=MAX_INDEX)
        index = parse_index(_base(artifact), table)
    except (BoundExceeded, ContentUnavailable) as error:
        folder.gaps.append((artifact.path, error.message, True))
        return None
    except HostileInput as error:
        name = _base(artifact)
        folder.add(
            artifact.path,
            [Disagreement("index-malformed", name, name, "an index of shards", error.message)],
        )
        return None
    except OSError as error:
        why = f"it cannot be read: {error.strerror or error}"
        folder.gaps.append((artifact.path, why, True))
        return None
    metadata = table.get("metadata")
    total = metadata.get("total_parameters") if isinstance(metadata, Mapping) else None
    return index, total if type(total) is int else -1


def _indexed(
    folder: Folder, artifact: Artifact, index: ShardIndex, total: int
) -> tuple[set[str], int]:
    """Compare one index with its files.

    Returns:
        The paths that are part of its model, and how many tensors were compared.
    """
    named = list(dict.fromkeys(file for _, file in index.weight_map))
    there: dict[str, Artifact] = {}
    away: dict[str, str] = {}
    for name in named:
        path = folder.join(name)
        found = folder.snapshot.find(path)
        if found is not None:
            there[name] = found
        elif path in folder.away:
            away[name] = folder.away[path]
    wanted = {_series_of(name) for name in named} - {None}
    shards = dict(there)
    paths = {one.path for one in there.values()}
    for one in folder.artifacts:
        if _series_of(_base(one)) in wanted and one.path not in paths:
            shards[_base(one)] = one
    if named and not there and not away and _others(folder, index):
        said = f"{len(named)} files"
        orphan = Disagreement("no-shard", index.path, named[0], said, "none of them")
        folder.add(artifact.path, [orphan])
        return set(), len(index.weight_map)
    read: list[Shard] = []
    whys: list[tuple[str, str, bool]] = [(folder.join(n), why, True) for n, why in away.items()]
    for name, shard in shards.items():
        header = _known(folder, shard)
        if header.why:
            whys.append((shard.path, header.why, header.unread))
        else:
            read.append(Shard(name, header.named))
    found_out = index_disagreements(index, read, [*shards, *away])
    folder.add(artifact.path, _without_file_sizes(found_out, index, there))
    folder.compared.append(artifact.path)
    folder.gaps += whys
    files = tuple(there[name] for name in named if name in there)
    absent = [name for name in named if name not in there and name not in away]
    if absent:
        whys.append((artifact.path, "not all of its files are there", True))
    formats = {format_of(one) for one in files}
    only = formats.pop() if len(formats) == 1 else ""
    why = "; ".join(f"{path}: {reason}" for path, reason, _ in whys[:1])
    folder.models.append(
        Model(
            artifact.path, only or "other", files, artifact.path, total, why,
            any(unread for _, _, unread in whys),
        )
    )  # fmt: skip
    tensors = len(index.weight_map) + sum(len(shard.tensors) for shard in read)
    return {shard.path for shard in shards.values()}, tensors


def _without_file_sizes(
    found: Iterable[Disagreement], index: ShardIndex, there: Mapping[str, Artifact]
) -> Iterable[Disagreement]:
    """Older mlx-lm summed the sizes of the files, headers and all (ml-explore/mlx-examples#413)."""
    files = sum(artifact.size for artifact in there.values())
    return (one for one in found if one.kind != "total-size" or index.total_size != files)


def _others(folder: Folder, index: ShardIndex) -> bool:
    """Whether another model lies in the folder: an index may outlive the files it was for."""
    own = {_series_of(file) for _, file in index.weight_map} - {None}
    return any(format_of(a) and _series_of(_base(a)) not in own for a in folder.artifacts)


def _known(folder: Folder, artifact: Artifact) -> Header:
    """A header whose tensors have names; storages of torch have none."""
    form = format_of(artifact)
    if form in ("safetensors", "gguf") or artifact.presence is not Presence.CONTENT:
        return folder.headers.of(artifact)
    return Header(why=f"names of tensors are not read from {form or artifact.kind.value}")


def _single(folder: Folder, artifact: Artifact) -> Model:
    header = _known(folder, artifact)
    part = _part(artifact, header)
    if part.count > 1:
        name = _base(artifact)
        folder.compared.append(artifact.path)
        lone = Disagreement("shard-count", name, "split.count", "one file", str(part.count))
        folder.add(artifact.path, [lone])
    form = format_of(artifact)
    return Model(artifact.path, form, (artifact,), why=header.why, unread=header.unread)


def _numbered(
    folder: Folder, key: tuple[str, str, str], parts: list[Artifact], away: list[str]
) -> None:
    """A series without an index: complete, and no tensor twice. ``away`` are names of it that lie
    there and were not taken up."""
    pattern = f"{key[0]}-*-of-{key[1]}{key[2]}"
    name = folder.join(pattern)
    headers = [(artifact, _known(folder, artifact)) for artifact in parts]
    whys = [(a.path, header.why, header.unread) for a, header in headers if header.why]
    whys += [(folder.join(base), folder.away[folder.join(base)], True) for base in away]
    folder.gaps += whys
    if len(folder.snapshot.artifacts) == 1 and not folder.away:
        folder.gaps.append((parts[0].path, "the subject is this one file of a series", False))
        whys.append((parts[0].path, "the other files of its series are not there", True))
    else:
        pieces = [_part(artifact, header, bare=bool(whys)) for artifact, header in headers]
        pieces += [GgufPart(base, ()) for base in away]
        folder.add(parts[0].path, gguf_disagreements(pieces))
        folder.compared.append(name)
    numbers = len({_base(artifact) for artifact in parts})
    if numbers != int(key[1]) and not whys:
        whys.append((name, "not all of its files are there", True))
    why = "; ".join(f"{path}: {reason}" for path, reason, _ in whys[:1])
    unread = any(unread for _, _, unread in whys)
    folder.models.append(Model(name, format_of(parts[0]), tuple(parts), why=why, unread=unread))


def _part(artifact: Artifact, header: Header, *, bare: bool = False) -> GgufPart:
    """One part. A merged file keeps its keys with a ``split.count`` of 0 (llama.cpp).

    ``bare``: another part is not known, so the number of all tensors cannot be compared.
    """

    def number(key: str) -> int:
        value = header.values.get(key, -1)
        return value if isinstance(value, int) else -1

    count = number("split.count")
    if count < 1:
        return GgufPart(_base(artifact), header.named)
    total = -1 if bare else number("split.tensors.count")
    return GgufPart(_base(artifact), header.named, number("split.no"), count, total)


def _series_of(file: str) -> tuple[str, str, str] | None:
    match = _NUMBERED.match(file)
    return (match.group(1), match.group(3), match.group(4)) if match else None


def _base(artifact: Artifact) -> str:
    return artifact.path.rpartition("/")[2]
