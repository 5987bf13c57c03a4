"""Where a subject lies: what a path on disk stands for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from weighbridge.model.errors import SubjectError
from weighbridge.model.subject import SubjectKind
from weighbridge.snapshot.assemble import readable_name
from weighbridge.snapshot.hub import hub_snapshot
from weighbridge.snapshot.tree import Scope


class Place(NamedTuple):
    """A subject on disk: the tree's top folder, the part of it that is meant, and its name."""

    kind: SubjectKind
    name: str
    anchor: Path
    scope: Scope
    root: Path
    revision: str = ""


def locate(path: Path) -> Place:
    """What a path on disk stands for.

    Raises:
        SubjectError: nothing is there, or neither a folder nor a file.
    """
    try:
        real = path.resolve(strict=True)
        is_folder, is_file = real.is_dir(), real.is_file()
    except (OSError, RuntimeError) as error:
        raise SubjectError(
            f"there is no subject at {path}",
            remedy="Give the path of a model's folder or of one weight file.",
        ) from error
    if is_folder:
        hub = hub_snapshot(real)
        if hub is not None:
            return Place(SubjectKind.HUB_CACHE, hub.name, hub.anchor, hub.scope, real, hub.revision)
        return Place(SubjectKind.DIRECTORY, readable_name(real), real, Scope(), real)
    if is_file:
        # The path was given by hand, so a link is followed wherever it leads.
        only = Scope(only=os.fsencode(real.name))
        return Place(SubjectKind.DIRECTORY, readable_name(path), real.parent, only, real.parent)
    raise SubjectError(
        f"{path} is neither a folder nor a regular file",
        remedy="A device, a FIFO or a socket is never opened; give a folder or a file.",
    )
