# ruff: noqa: T201 - a command that prints
"""What torch reads of each twin: ``python tests/corpus/torch_view.py FOLDER``.

Run by the Python of the environment of ``requirements.txt``; it needs nothing of Weighbridge. The
twins are harmless by construction (``torch_twins.py``), and are loaded with ``weights_only=True``
alone. Writes ``observations.json`` into the folder: by file name

``loaded``
    the types that the loaded object holds, which only one of the two pickles names;
``record``
    the types that the C unpickler asks for in what torch's own archive reader gives for
    ``data.pkl``, up to where it fails: what a loader without ``weights_only`` would import. Empty
    where ``torch.load`` takes the file for no archive, for want of a local header at its start;
``error``
    why loading failed, by the exception's name, empty where it did not.
"""

from __future__ import annotations

import contextlib
import io
import json
import pickle
import sys
import warnings
from pathlib import Path
from typing import Any

import torch

OBSERVATIONS = "observations.json"
TYPES = ("torch.float16", "torch.float32")


class _Inert(dict[str, object]):
    """Stands for whatever a pickle imports, and takes what a pickle does with it."""

    def __init__(self, *_: object) -> None: ...


class _Names(pickle.Unpickler):
    """Notes what would be imported, and imports nothing."""

    def __init__(self, data: bytes) -> None:
        super().__init__(io.BytesIO(data))
        self.names: set[str] = set()

    def find_class(self, module: str, name: str) -> type[_Inert]:
        self.names.add(f"{module}.{name}")
        return _Inert

    def persistent_load(self, _: object) -> object:
        return None


def loaded(path: Path) -> tuple[list[str], str]:
    """The types in what is loaded, and why nothing was."""
    try:
        found: Any = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # noqa: BLE001 - whatever torch raises is its answer
        return [], type(error).__name__
    values = list(found.values()) if isinstance(found, dict) else [found]
    return sorted({str(one) for one in values if isinstance(one, torch.dtype)}), ""


def record(path: Path) -> list[str]:
    """The types that ``data.pkl`` names, as torch's archive reader finds it."""
    with path.open("rb") as file:
        if file.read(4) != b"PK\x03\x04":
            return []
    try:
        data = torch._C.PyTorchFileReader(str(path)).get_record("data.pkl")
    except (RuntimeError, UnicodeDecodeError, MemoryError):  # a message may hold any name
        return []
    reader = _Names(data)
    with contextlib.suppress(Exception):  # a mutant's pickle may end in any way
        reader.load()
    return sorted(reader.names & {*TYPES})


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    warnings.simplefilter("ignore")
    folder = Path(sys.argv[1])
    seen = {}
    for path in sorted(folder.glob("*.pt")):
        types, error = loaded(path)
        seen[path.name] = {"loaded": types, "record": record(path), "error": error}
    body = {"torch": torch.__version__, "files": seen}
    (folder / OBSERVATIONS).write_text(json.dumps(body, indent=1, sort_keys=True) + "\n")
    some = sum(1 for one in seen.values() if one["loaded"])
    print(f"torch {torch.__version__}: {len(seen)} twins, {some} loaded")
    return 0


if __name__ == "__main__":
    sys.exit(main())
