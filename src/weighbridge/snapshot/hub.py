"""The Hugging Face cache: a snapshot folder of links into the repository's own blobs.

Layout (huggingface_hub, "Understand caching"): ``models--<owner>--<name>/snapshots/<commit>/…``,
each file a link to ``../../blobs/<etag>``.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple

from weighbridge.snapshot.tree import Scope

_REPOSITORY = r"(?s)(?:models|datasets|spaces)--(.+)"
_COMMIT = r"[0-9a-f]{40}"


class HubSnapshot(NamedTuple):
    """``anchor`` is the repository's folder in the cache, ``scope`` the snapshot and the blobs."""

    name: str
    revision: str
    anchor: Path
    scope: Scope


def hub_snapshot(folder: Path) -> HubSnapshot | None:
    """What a resolved folder is in the cache, None where it is no snapshot of one."""
    repository = folder.parent.parent
    match = re.fullmatch(_REPOSITORY, repository.name)
    if match is None or folder.parent.name != "snapshots":
        return None
    if not (repository / "blobs").is_dir():
        return None
    return HubSnapshot(
        name=match[1].replace("--", "/", 1),
        revision=folder.name if re.fullmatch(_COMMIT, folder.name) else "",
        anchor=repository,
        scope=Scope(start=(b"snapshots", os.fsencode(folder.name)), also=((b"blobs",),)),
    )
