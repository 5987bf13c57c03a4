"""What ``weighbridge citations`` was given: folders, or files with the project they lie in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from weighbridge.collect.dataset_records import CFF_NAME, NAMES
from weighbridge.collect.datasets import pointed_at
from weighbridge.model.errors import SubjectError, UsageError
from weighbridge.snapshot.snapshot import Snapshot

# Weights name no dataset, and reading all their bytes takes minutes.
_WEIGHTS = (
    ".safetensors", ".bin", ".pt", ".pth", ".ckpt", ".gguf", ".ggml", ".onnx", ".h5", ".keras",
    ".msgpack", ".tflite", ".npz", ".npy", ".mlmodel", ".pte", ".engine",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Target:
    """One folder. ``only`` are the files to look at, None for all; paths count from the folder."""

    root: Path
    only: frozenset[str] | None = None

    @property
    def name(self) -> str:
        """The folder as the user named it."""
        return str(self.root)

    def snapshot(self, *, whole: bool = False) -> Snapshot:
        """What lies there now; with ``whole`` the weights are read too."""
        from weighbridge.snapshot.hashing import Plan
        from weighbridge.snapshot.listing import list_subject
        from weighbridge.snapshot.take import take_snapshot

        if whole:
            return take_snapshot(self.root)
        listing = list_subject(self.root)
        plan = Plan(("sha256",))
        snapshot = listing.read(plan, wanted=self._wanted, allow_none=True)
        if self.only is None or not (more := pointed_at(snapshot)):
            return snapshot
        return listing.read(plan, wanted=lambda p: self._wanted(p) or p in more, allow_none=True)

    def _wanted(self, path: str) -> bool:
        if self.only is None:
            return not path.lower().endswith(_WEIGHTS)
        if path in self.only:
            return True
        folder, _, name = path.rpartition("/")
        above = not folder or any(file.startswith(f"{folder}/") for file in self.only)
        return above and name in (*NAMES, CFF_NAME)


def targets(paths: Iterable[str]) -> tuple[Target, ...]:
    """Folders as they are; files by the project they lie in.

    Raises:
        UsageError: nothing is there, or neither a folder nor a regular file.
    """
    folders: dict[Path, None] = {}
    files: dict[Path, set[str]] = {}
    for given in paths:
        path = Path(given)
        try:
            if path.is_dir():
                folders[path] = None
                continue
            regular = path.is_file()
        except OSError as error:
            raise SubjectError(f"{given!r} cannot be read: {error.strerror}") from error
        if not regular:
            raise UsageError(
                f"{given!r} is neither a folder nor a file", remedy="Give what is to be looked at."
            )
        here = path.absolute()
        root = _project(here.parent)
        files.setdefault(root, set()).add(here.relative_to(root).as_posix())
    found = [Target(folder) for folder in folders]
    found += [Target(root, frozenset(names)) for root, names in sorted(files.items())]
    return tuple(found)


def _project(folder: Path) -> Path:
    """The nearest folder above with a record, or else the git repository's top, or the folder."""
    above = (folder, *folder.parents)
    for one in above:
        if any((one / name).is_file() for name in (*NAMES, CFF_NAME)) or (one / ".git").exists():
            return one
    return folder
