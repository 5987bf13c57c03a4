"""The Hugging Face cache: a snapshot folder of links into the repository's own blobs.

Layout (huggingface_hub, "Understand caching"): ``models--<owner>--<name>/snapshots/<commit>/…``,
each file a link to ``../../blobs/<etag>``.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from weighbridge.snapshot.tree import Scope

_REPOSITORY = re.compile(r"(?:models|datasets|spaces)--(.+)", re.DOTALL)
_COMMIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class HubSnapshot:
    """``anchor`` is the repository's folder in the cache, ``scope`` the snapshot and the blobs."""

    name: str
    revision: str
    anchor: Path
    scope: Scope


def hub_snapshot(folder: Path) -> HubSnapshot | None:
    """What a resolved folder is in the cache, None where it is no snapshot of one."""
    repository = folder.parent.parent
    match = _REPOSITORY.fullmatch(repository.name)
    if match is None or folder.parent.name != "snapshots":
        return None
    if not (repository / "blobs").is_dir():
        return None
    return HubSnapshot(
        name=match[1].replace("--", "/", 1),
        revision=folder.name if _COMMIT.fullmatch(folder.name) else "",
        anchor=repository,
        scope=Scope(start=(b"snapshots", os.fsencode(folder.name)), also=((b"blobs",),)),
    )
