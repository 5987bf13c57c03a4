"""Git packs, read without letting them decide how much memory is spent.

How entries and deltas are encoded is dulwich's business; here every size is looked at before it is
believed, and every chain of deltas has an end. Source: gitformat-pack(5).
"""

from __future__ import annotations

import collections
import contextlib
import hashlib
import itertools
import mmap
import os
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from weighbridge.model.errors import BoundExceeded, HostileInput

if TYPE_CHECKING:
    from dulwich.pack import PackIndex

TYPES = {1: "commit", 2: "tree", 3: "blob", 4: "tag"}
_OFFSET_DELTA, _REFERENCE_DELTA = 6, 7
_MAX_CHAIN = 4096  # deltas on deltas; git itself writes at most 4095
_CACHE_BYTES = 32 * 2**20


class GitObjectMissing(HostileInput):
    """The repository names an object that it does not hold (a partial or damaged clone)."""


class GitObjectBroken(HostileInput):
    """An object cannot be unpacked, or is not what its id says."""


@dataclass(frozen=True, slots=True)
class GitObject:
    """``type`` is ``commit``, ``tree``, ``blob`` or ``tag``."""

    type: str
    data: bytes


class Pack:
    """One pack and its index."""

    def __init__(self, index: PackIndex, contents: mmap.mmap, hash_name: str) -> None:
        self._index = index
        self._contents = contents
        self._hash = getattr(hashlib, hash_name)
        self._cache: collections.OrderedDict[int, GitObject] = collections.OrderedDict()
        self._cached = 0

    def close(self) -> None:
        """Let go of both files."""
        self._index.close()
        # An error on its way up still holds a slice of the mapping; it is unmapped with that.
        with contextlib.suppress(BufferError):
            self._contents.close()

    def offset(self, name: bytes) -> int | None:
        """Where an object lies, by its binary id; None if it is not in this pack."""
        try:
            return self._index.object_offset(name)  # type: ignore[arg-type]  # a binary id
        except KeyError:
            return None
        except (ValueError, IndexError, AssertionError) as error:
            raise GitObjectBroken("a git pack's index is damaged") from error

    def matching(self, prefix: str) -> set[str]:
        """The ids that begin so."""
        try:
            found = self._index.iter_prefix(bytes.fromhex(prefix[: len(prefix) // 2 * 2]))
            return {name.hex() for name in found if name.hex().startswith(prefix)}
        except (ValueError, IndexError, AssertionError) as error:
            raise GitObjectBroken("a git pack's index is damaged") from error

    def read(self, offset: int, limit: int) -> GitObject:
        """Follow the chain of deltas down to a whole object, then apply them upward.

        Raises:
            GitObjectBroken: the pack is damaged there.
            BoundExceeded: the object, a base or the deltas together exceed ``limit`` bytes.
        """
        from dulwich.errors import ApplyDeltaError
        from dulwich.pack import apply_delta

        chain: list[tuple[int, bytes]] = []
        at, held = offset, 0
        while at not in self._cache:
            kind, base, data = self._entry(at, limit)
            if base is None:
                self._remember(at, GitObject(kind, data))
                break
            chain.append((at, data))
            held += len(data)
            if len(chain) > _MAX_CHAIN:
                raise GitObjectBroken("a git pack's deltas have no end")
            if held > limit:
                raise BoundExceeded("a git object's deltas", limit, "bytes")
            at = base
        found = self._cache.get(at) or self._last
        for at, delta in reversed(chain):
            if _delta_target(delta) > limit:
                raise BoundExceeded("a git object", limit, "bytes")
            try:
                data = b"".join(apply_delta(found.data, delta))
            except (ApplyDeltaError, ValueError) as error:
                raise GitObjectBroken("a git pack holds a damaged delta") from error
            found = GitObject(found.type, data)
            self._remember(at, found)
        return found

    def _entry(self, offset: int, limit: int) -> tuple[str, int | None, bytes]:
        """An entry's type, where its base lies if it is a delta, and its own bytes."""
        from dulwich.pack import unpack_object_at

        if not 12 <= offset < len(self._contents):
            raise GitObjectBroken("a git pack's index points outside the pack")
        if self._declared(offset) > limit:
            raise BoundExceeded("a git object", limit, "bytes")
        try:
            entry, _ = unpack_object_at(self._contents, offset, self._hash)
        except (zlib.error, ValueError, AssertionError, IndexError) as error:
            raise GitObjectBroken("a git pack is damaged") from error
        data = b"".join(entry.decomp_chunks)
        base: Any = entry.delta_base
        if entry.pack_type_num == _OFFSET_DELTA:
            if base <= 0:
                raise GitObjectBroken("a git pack holds a delta on what comes after it")
            return "", offset - base, data
        if entry.pack_type_num == _REFERENCE_DELTA:
            at = self.offset(base)
            if at is None:
                raise GitObjectBroken("a git pack holds a delta on an object that it lacks")
            return "", at, data
        if entry.pack_type_num not in TYPES:
            raise GitObjectBroken("a git pack holds an object of an unknown type")
        return TYPES[entry.pack_type_num], None, data

    def _declared(self, offset: int) -> int:
        """The length an entry declares for its own bytes, before they are inflated."""
        raw = self._contents[offset : offset + 10]
        size = raw[0] & 0x0F
        for shift, (last, byte) in enumerate(itertools.pairwise(raw)):
            if not last & 0x80:
                break
            size |= (byte & 0x7F) << (4 + 7 * shift)
        return size

    def _remember(self, offset: int, found: GitObject) -> None:
        """Keep recent objects: the next one is often a delta on one of them."""
        self._last = found
        if len(found.data) > _CACHE_BYTES // 8:
            return
        self._cache[offset] = found
        self._cached += len(found.data) + 200
        while self._cached > _CACHE_BYTES:
            _, dropped = self._cache.popitem(last=False)
            self._cached -= len(dropped.data) + 200


def _delta_target(delta: bytes) -> int:
    """The length a delta declares for what it makes: the second number in it."""
    number = shift = seen = 0
    for byte in delta[:20]:
        number |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            seen += 1
            if seen == 2:
                return number
            number = shift = 0
    raise GitObjectBroken("a git pack holds a damaged delta")


def open_packs(folder: Path, id_length: int) -> list[Pack]:
    """Every pack of a folder that has its index beside it.

    Raises:
        GitObjectBroken: one cannot be opened.
    """
    from dulwich.object_format import SHA1, SHA256
    from dulwich.pack import load_pack_index

    try:
        names = sorted(path.name for path in folder.iterdir())
    except OSError:
        return []
    packs = []
    for name in names:
        pack, index = folder / name, folder / f"{name.removesuffix('.pack')}.idx"
        if not name.endswith(".pack") or index.name not in names:
            continue
        if not (pack.is_file() and index.is_file()):
            raise GitObjectBroken("a git pack is not a regular file")
        try:
            loaded = load_pack_index(index, SHA1 if id_length == 40 else SHA256)
            contents = _map(pack)
        except (OSError, ValueError, KeyError, AssertionError, IndexError) as error:
            raise GitObjectBroken("a git pack cannot be opened") from error
        packs.append(Pack(loaded, contents, "sha1" if id_length == 40 else "sha256"))
    return packs


def _map(path: Path) -> mmap.mmap:
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        return mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ)
    finally:
        os.close(descriptor)
