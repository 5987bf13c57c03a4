# ruff: noqa: T201 - a command that prints
"""Write the samples of the real libraries: ``python tests/corpus/build_real.py FOLDER``.

Run by the Python of the environment of ``requirements.txt``; it needs nothing of Weighbridge. The
folder gets one file a sample and ``manifest.json``: class, name, SHA-256, and the versions of the
libraries. A module that fails is an error: a benign corpus that silently lost a class would measure
less than it says.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import platform
import sys
import traceback
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[0] = str(ROOT)  # not this folder, whose modules are no libraries

from tests.corpus.registry import MANIFEST, REAL, real  # noqa: E402 - the path comes first


def versions() -> dict[str, str]:
    """The pinned libraries, as they are installed here."""
    lines = Path(__file__).with_name("requirements.txt").read_text().splitlines()
    names = [line.partition("==")[0] for line in lines if "==" in line and line[0] != "#"]
    return {name: importlib.metadata.version(name) for name in names}


def write(name: str, folder: Path) -> list[dict[str, str]]:
    """Write one module's samples; what the manifest says of them."""
    entries = []
    for family, title, content in real(name):
        place = f"{name.removeprefix('real_')}/{family}/{title}"
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        entries.append(
            {
                "class": family,
                "name": title,
                "path": place,
                "sha256": hashlib.sha256(content).hexdigest(),
                "module": name,
            }
        )
    return entries


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    warnings.simplefilter("ignore")  # the libraries' advice to their users
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    files: list[dict[str, str]] = []
    failed = []
    for name in REAL:
        try:
            entries = write(name, folder)
        except Exception:  # noqa: BLE001 - reported, and the exit code says so
            traceback.print_exc()
            failed.append(name)
            continue
        print(f"{name:<20}{len(entries):5} samples", flush=True)
        files += entries
    manifest = {"python": platform.python_version(), "libraries": versions(), "files": files}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")
    for name in failed:
        print(f"{name} failed; its samples are not there", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
