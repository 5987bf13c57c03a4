"""Verifying the RECORDs of environments in a copy of the process, while this one reads the rest.

It takes half of the time of a bill of materials, and nothing else waits for it until the end.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from weighbridge.edge.sharing import Ahead
from weighbridge.model.errors import HostileInput
from weighbridge.packages.recorded import Difference, Recorded, Recording, verify_records


class _Begun:
    """What the copy works on, and its answer once it was asked for."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self.folders = folders
        self.ahead = Ahead(lambda: {"found": [_verified(folder) for folder in folders]})
        self._found: list[Any] | None = None

    def found(self, folder: Path) -> Any:
        """The folder's recording as JSON; None where the copy has none."""
        if folder not in self.folders:
            return None
        if self._found is None:
            said = self.ahead.result()
            self._found = said["found"] if said else [None] * len(self.folders)
        return self._found[self.folders.index(folder)]


_begun: list[_Begun] = []


@contextlib.contextmanager
def verifying(folders: Sequence[Path]) -> Iterator[None]:
    """Begin to verify environments; within this context :func:`recording` has what came of it.

    Nothing may change the folders meanwhile. To be entered before there are other threads.
    """
    if not folders:
        yield
        return
    begun = _Begun(tuple(folders))
    _begun.append(begun)
    try:
        yield
    finally:
        _begun.remove(begun)
        begun.ahead.drop()


def recording(folder: Path) -> Recording:
    """As :func:`~weighbridge.packages.recorded.verify_records`, of what was begun where it was.

    Raises:
        EnvironmentUnreadable: the folder cannot be listed.
        BoundExceeded: it holds too much.
    """
    for begun in _begun:
        found = begun.found(folder)
        if found is not None:
            return _recording(found)
    return verify_records(folder)


def _verified(folder: Path) -> dict[str, Any] | None:
    try:
        found = verify_records(folder)
    except (HostileInput, OSError):
        return None  # the process that asks does it again, and says why it fails
    packages = [dataclasses.asdict(package) for package in found.packages]
    return {"packages": packages, "unlisted": found.unlisted, "owners": dict(found.owners)}


def _recording(found: dict[str, Any]) -> Recording:
    return Recording(
        tuple(_package(package) for package in found["packages"]),
        tuple(found["unlisted"]),
        found["owners"],
    )


def _package(found: dict[str, Any]) -> Recorded:
    differences = tuple(Difference(**difference) for difference in found["differences"])
    return Recorded(**{**found, "differences": differences})
