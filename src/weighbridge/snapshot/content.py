"""Opening the bytes of an artifact again, and only if they are still the ones that were hashed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, NamedTuple

from weighbridge.model.artifact import Artifact
from weighbridge.snapshot.disk import DiskTree, Identity
from weighbridge.snapshot.read import Content
from weighbridge.snapshot.reasons import Unreadable
from weighbridge.snapshot.snapshot import ContentUnavailable
from weighbridge.snapshot.tree import Parts


class DiskOpener(NamedTuple):
    """Opens files under ``anchor`` whose state is the recorded one."""

    anchor: Path
    places: Mapping[str, Parts]
    contents: Mapping[Parts, Content]

    def __call__(self, artifact: Artifact) -> BinaryIO:
        """A buffered stream over the file.

        Raises:
            ContentUnavailable: the file is gone, or is not the one that was hashed.
        """
        at = self.places.get(artifact.path)
        identity = self.contents[at].identity if at is not None else None
        if at is None or identity is None:
            raise ContentUnavailable(f"{artifact.path} is not a file of this snapshot")
        try:
            with DiskTree(self.anchor) as tree:
                descriptor = tree.open_file(at)
        except (OSError, Unreadable) as error:
            detail = error.detail if isinstance(error, Unreadable) else "its folder is gone"
            raise ContentUnavailable(f"{artifact.path} cannot be opened again: {detail}") from error
        if Identity.of(os.fstat(descriptor)) != identity:
            os.close(descriptor)
            raise ContentUnavailable(f"{artifact.path} has changed since it was hashed")
        return os.fdopen(descriptor, "rb")
