"""Reading git's index: what is staged, and what a sparse checkout leaves out.

Source: gitformat-index(5). The parser is dulwich's; the bytes come from a regular file of bounded
size, and whatever goes wrong in them ends as one kind of error.
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass

from weighbridge.model.errors import HostileInput
from weighbridge.snapshot.git_objects import read_regular
from weighbridge.snapshot.git_repository import Repository

_MAX_BYTES = 512 * 2**20
# What dulwich's parser raises on bytes that are no index.
_PARSER_ERRORS = (ValueError, KeyError, AssertionError, IndexError, EOFError, struct.error)


class IndexBroken(HostileInput):
    """The index cannot be read."""


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """A staged path. ``left_out``: a sparse checkout keeps it out of the working tree."""

    mode: int
    blob: str
    left_out: bool


def index_version(repository: Repository) -> int:
    """The version of the index, 0 where there is none that can be read."""
    try:
        data = read_regular(repository.folder / "index", _MAX_BYTES)
    except (OSError, HostileInput):
        return 0
    return int.from_bytes(data[4:8], "big") if data[:4] == b"DIRC" else 0


def read_index(repository: Repository) -> dict[bytes, IndexEntry]:
    """Every staged path; those in conflict have no one content and are left out.

    Raises:
        IndexBroken: there is an index, and it cannot be read.
    """
    from dulwich.index import IndexEntry as Entry
    from dulwich.index import UnsupportedIndexFormat, read_index_dict
    from dulwich.object_format import SHA1, SHA256

    try:
        data = read_regular(repository.folder / "index", _MAX_BYTES)
        ids = SHA1 if repository.id_length == 40 else SHA256
        entries = read_index_dict(io.BytesIO(data), ids)
        return {
            path: IndexEntry(entry.mode, entry.sha.decode("ascii"), entry.skip_worktree)
            for path, entry in sorted(entries.items())
            if isinstance(entry, Entry)
        }
    except FileNotFoundError:
        return {}
    except (OSError, HostileInput, *_PARSER_ERRORS, UnsupportedIndexFormat) as error:
        raise IndexBroken(f"git's index cannot be read: {type(error).__name__}") from error
