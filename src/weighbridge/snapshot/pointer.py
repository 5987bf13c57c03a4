"""Git LFS pointer files: the digest and size of content that lies elsewhere.

Source: Git LFS specification, ``docs/spec.md`` (version 1): UTF-8 lines ``key value``, ``version``
first, the others sorted, fewer than 1024 bytes, ``oid`` and ``size`` required.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from weighbridge.model.digest import Digest
from weighbridge.model.errors import HostileInput

MAX_BYTES = 1024
_MAGIC = (b"version https://git-lfs.github.com/spec/", b"version https://hawser.github.com/spec/")
_VERSIONS = ("https://git-lfs.github.com/spec/v1", "https://hawser.github.com/spec/v1")
_KEY = r"oid|size|ext-[0-9]-[A-Za-z0-9._-]+"
_OID = r"sha256:([0-9a-f]{64})"
_SIZE = r"0|[1-9][0-9]{0,18}"


class MalformedPointer(HostileInput):
    """A file that begins as a pointer does, and is none that git-lfs would accept."""


class Pointer(NamedTuple):
    """What a pointer declares. ``size`` is in bytes."""

    digest: Digest
    size: int


def looks_like_pointer(head: bytes) -> bool:
    """Whether a file's first bytes announce a pointer."""
    return head.startswith(_MAGIC)


def parse_pointer(data: bytes) -> Pointer:
    """Read a pointer file.

    Raises:
        MalformedPointer: it departs from the specification; the message says where.
    """
    if len(data) >= MAX_BYTES:
        raise MalformedPointer(f"it is not shorter than {MAX_BYTES} bytes")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedPointer("it is not UTF-8") from error
    if not text.endswith("\n"):
        raise MalformedPointer("its last line does not end")
    pairs = [line.partition(" ") for line in text[:-1].split("\n")]
    if pairs[0][0] != "version" or pairs[0][2] not in _VERSIONS:
        raise MalformedPointer("its version is not 1")
    keys = [key for key, _, _ in pairs[1:]]
    if keys != sorted(set(keys)):
        raise MalformedPointer("its keys are not sorted, or one stands twice")
    if not all(re.fullmatch(_KEY, key) for key in keys):
        raise MalformedPointer("it has a key that version 1 does not know")
    values = {key: value for key, _, value in pairs[1:]}
    oid = re.fullmatch(_OID, values.get("oid", ""))
    size = re.fullmatch(_SIZE, values.get("size", ""))
    if oid is None:
        raise MalformedPointer("its oid is not sha256 and 64 lower-case hex digits")
    if size is None or int(size[0]) >= 2**63:
        raise MalformedPointer("its size is not a number of bytes")
    return Pointer(Digest("sha256", oid[1]), int(size[0]))
