"""Reading git objects by id from loose files and packs, each checked against its id.

Only regular files are opened, and no more is inflated than asked for. Source:
gitrepository-layout(5).
"""

from __future__ import annotations

import hashlib
import os
import stat
import zlib
from pathlib import Path

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.snapshot.git_pack import (
    TYPES,
    GitObject,
    GitObjectBroken,
    GitObjectMissing,
    open_packs,
)

_BORROWS = "it borrows objects from elsewhere (objects/info/alternates), which is not followed"


def read_regular(path: Path, limit: int) -> bytes:
    """A small regular file, whole.

    Raises:
        OSError: it cannot be opened.
        HostileInput: it is no regular file, or longer than ``limit`` bytes.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise HostileInput(f"{path.name} in the git repository is not a regular file")
        data = stream.read(limit + 1)
    if len(data) > limit:
        raise BoundExceeded(f"{path.name} in the git repository", limit, "bytes")
    return data


class GitObjects:
    """The object store of one repository.

    Stores it borrows from (``alternates``) are not opened: a subject could name any folder of the
    machine there. ``borrows`` says that it names some.
    """

    def __init__(self, folder: Path, id_length: int) -> None:
        """``id_length`` is 40 for SHA-1 repositories, 64 for SHA-256 ones."""
        self._folder = folder
        self._hash = "sha1" if id_length == 40 else "sha256"
        self._packs = open_packs(folder / "pack", id_length)
        self.borrows = _borrows(folder)

    def __enter__(self) -> GitObjects:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the packs."""
        for pack in self._packs:
            pack.close()

    def read(self, object_id: str, limit: int) -> GitObject:
        """One object of at most ``limit`` bytes, its content checked against its id.

        Raises:
            GitObjectMissing: it is not here.
            GitObjectBroken: it is damaged, or another's content under its name.
            BoundExceeded: it, or what it is stored as a difference to, is longer.
        """
        found = self._find(object_id, limit)
        if found is None:
            message = f"the git object {object_id} is not in the repository"
            if not self.borrows:
                raise GitObjectMissing(message)
            raise GitObjectMissing(
                f"{message}: {_BORROWS}",
                remedy="Run 'git repack -a -d' in it, then remove objects/info/alternates.",
            )
        hasher = hashlib.new(self._hash, usedforsecurity=False)
        hasher.update(f"{found.type} {len(found.data)}\0".encode())
        hasher.update(found.data)
        if hasher.hexdigest() != object_id:
            raise GitObjectBroken(f"the git object {object_id} does not hold what its id says")
        return found

    def matching(self, prefix: str) -> set[str]:
        """The ids that begin with at least four hex digits."""
        found: set[str] = set()
        try:
            names = [path.name for path in (self._folder / prefix[:2]).iterdir()]
        except OSError:
            names = []
        found.update(prefix[:2] + name for name in names if name.startswith(prefix[2:]))
        for pack in self._packs:
            found.update(pack.matching(prefix))
        return found

    def _find(self, object_id: str, limit: int) -> GitObject | None:
        found = self._loose(object_id, limit)
        if found is not None:
            return found
        name = bytes.fromhex(object_id)
        for index, pack in enumerate(self._packs):
            offset = pack.offset(name)
            if offset is not None:
                # the next object is likely in the same pack
                self._packs.insert(0, self._packs.pop(index))
                return pack.read(offset, limit)
        return None

    def _loose(self, object_id: str, limit: int) -> GitObject | None:
        path = self._folder / object_id[:2] / object_id[2:]
        try:
            packed = read_regular(path, limit + 1024)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise GitObjectBroken(f"the git object {object_id} cannot be read") from error
        unpacker = zlib.decompressobj()
        try:
            data = unpacker.decompress(packed, limit + 64)
        except zlib.error as error:
            raise GitObjectBroken(f"the git object {object_id} is damaged") from error
        header, nul, body = data.partition(b"\0")
        kind, _, size = header.decode("ascii", "replace").partition(" ")
        if not nul or kind not in TYPES.values() or not (size.isascii() and size.isdigit()):
            raise GitObjectBroken(f"the git object {object_id} has no header")
        if len(size) > 19 or int(size) > limit:
            raise BoundExceeded(f"the git object {object_id}", limit, "bytes")
        if len(body) != int(size) or not unpacker.eof:
            raise GitObjectBroken(f"the git object {object_id} is not as long as it says")
        return GitObject(kind, body)


def _borrows(folder: Path) -> bool:
    """Whether the store names others to look into."""
    try:
        text = read_regular(folder / "info" / "alternates", 64 * 1024)
    except FileNotFoundError:
        return False
    except (OSError, HostileInput):
        return True
    return any(line.strip() and not line.startswith(b"#") for line in text.split(b"\n"))
