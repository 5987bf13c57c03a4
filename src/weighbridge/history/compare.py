"""Whether weights in a folder are the ones that its newest commit holds."""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Iterable, Mapping

from weighbridge.model.artifact import Artifact
from weighbridge.model.errors import HostileInput
from weighbridge.snapshot.git_objects import GitObjects
from weighbridge.snapshot.pointer import MalformedPointer, looks_like_pointer, parse_pointer

MAX_BLOB_BYTES = 64 * 2**20  # a committed file is read into memory to be compared


class State(enum.Enum):
    """How a file stands to the commit."""

    COMMITTED = "committed"
    UNCOMMITTED = "uncommitted"  # the commit has other content at that path
    UNTRACKED = "untracked"  # the commit does not have that path
    UNCOMPARED = "uncompared"  # too large, damaged, or a link: could not be said


def compare(
    objects: GitObjects, tracked: Mapping[str, str], weights: Iterable[Artifact]
) -> dict[str, State]:
    """The state of each file, by path. A pointer stands for the content it names."""
    return {weight.path: _state(objects, tracked.get(weight.path), weight) for weight in weights}


def _state(objects: GitObjects, blob: str | None, weight: Artifact) -> State:
    if blob is None:
        return State.UNTRACKED
    git_blob = weight.digest("gitBlob")
    if git_blob is not None and git_blob.value == blob:
        return State.COMMITTED
    content = weight.digest()
    if content is None or weight.link_target:
        return State.UNCOMPARED
    try:
        data = objects.read(blob, MAX_BLOB_BYTES).data
    except HostileInput:
        return State.UNCOMPARED
    same = _content_digest(data) == content.value
    return State.COMMITTED if same else State.UNCOMMITTED


def _content_digest(data: bytes) -> str:
    if looks_like_pointer(data):
        try:
            return parse_pointer(data).digest.value
        except MalformedPointer:
            return hashlib.sha256(data).hexdigest()  # then it is a file like any other
    return hashlib.sha256(data).hexdigest()
