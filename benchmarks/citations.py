"""Datasets found in trees of code: 1,000 files timed, and what real trainers name.

    python -m benchmarks.citations [--files 1000] [--tree FOLDER…]

The thousand files are made here: scripts, notebooks and configurations as training repositories
have them, three in four without a dataset. The trainers' wheels come from the package index that
pip is configured with, and are unpacked and read; nothing of them is run. ``--tree`` reads other
trees instead (an unpacked source archive holds the examples too). The counts say how many places
name a dataset, how many could not be read, and how many are pinned.
Never a test.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from pathlib import Path

from benchmarks.inspection import cost
from benchmarks.inspection_peers import cache

TRAINERS = ("trl==1.16.0", "axolotl==0.19.0", "llamafactory==0.9.5", "sentence-transformers==6.2.0")
# Every call in the wheels of these versions that loads a dataset, found by hand with grep, by line:
# each has to be found, by name or as computed.
BY_HAND: dict[str, dict[str, tuple[int, ...]]] = {
    "trl-1.16.0": {
        "trl/experimental/harbor/_spec.py": (170,),
        "trl/scripts/distillation.py": (105,),
        "trl/scripts/dpo.py": (94,),
        "trl/scripts/grpo.py": (132,),
        "trl/scripts/kto.py": (99,),
        "trl/scripts/reward.py": (57,),
        "trl/scripts/rloo.py": (132,),
        "trl/scripts/sft.py": (96,),
        "trl/scripts/utils.py": (448,),
    },
    "axolotl-0.19.0": {
        "axolotl/integrations/hatchery/examples/prep_math_rl.py": (40,),
        "axolotl/integrations/hatchery/examples/tinker_sft.yaml": (20,),
        "axolotl/utils/callbacks/__init__.py": (178, 188, 200),
        "axolotl/utils/data/sft.py": (226, 257),
        "axolotl/utils/data/shared.py": (216, 293, 301, 311, 326, 350, 367, 381, 389, 400, 558),
    },
    "llamafactory-0.9.5": {
        "llamafactory/data/loader.py": (99, 118, 131),
        "llamafactory/data/parser.py": (104,),
        "llamafactory/eval/evaluator.py": (97,),
        "llamafactory/model/model_utils/quantization.py": (52,),
        "llamafactory/v1/core/data_engine.py": (75, 94),
        "llamafactory/v1/plugins/data_plugins/loader.py": (56, 59),
    },
    "sentence-transformers-6.2.0": {
        "sentence_transformers/cross_encoder/evaluation/nano_beir.py": (397,),
        "sentence_transformers/sentence_transformer/evaluation/nano_beir.py": (490,),
        "sentence_transformers/util/file_io.py": (282, 295),
    },
}
_COMMIT = re.compile(r"[0-9a-f]{40}\Z")

_SCRIPT = '''"""Part {n} of a training repository."""
import torch
{imports}

class Part{n}(torch.nn.Module):
    """Does what part {n} does."""

    def forward(self, x, scale=1.0):
        for layer in self.layers:
            x = layer(x) * scale + {n}
        return x

{call}
'''
_COUNT = """
import json, sys, time
from pathlib import Path
from weighbridge.collect.datasets import find_uses
from weighbridge.snapshot.take import take_snapshot
found = find_uses(take_snapshot(Path(sys.argv[1])))
json.dump({"files": found.files,
           "uses": [[u.kind, u.id, u.revision] for u in found.uses],
           "places": [[p.path, p.line] for p in (*found.uses, *found.unread)],
           "unread": [u.part for u in found.unread]}, sys.stdout)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--tree", action="append", type=Path, default=[])
    arguments, _ = parser.parse_known_args()
    with tempfile.TemporaryDirectory(prefix="bench-citations-") as work:
        folder = Path(work) / "repository"
        make(folder, arguments.files)
        command = (sys.executable, "-c", _COUNT, str(folder))
        spent = cost(*command)
        print(f"{arguments.files} files (target 2 s for 1,000): {spent.wall:.2f} s, ", end="")
        print(f"{spent.cpu:.2f} s of processors, {spent.rss:.0f} MiB")
        show("  found", folder)
    print()
    for tree in arguments.tree or trainers():
        show(tree.name, tree)


def make(folder: Path, files: int) -> None:
    """Seven scripts in ten, one notebook, two configurations; a quarter names a dataset."""
    for n in range(files):
        named = n % 4 == 0
        place = folder / f"part{n % 20}"
        place.mkdir(parents=True, exist_ok=True)
        imports = "from datasets import load_dataset" if named else "import os"
        call = f'DATA = load_dataset("owner/set-{n}")' if named else "PATH = os.sep"
        source = _SCRIPT.format(n=n, imports=imports, call=call) * 3
        if n % 10 < 7:
            (place / f"part{n}.py").write_text(source)
        elif n % 10 == 7:
            cells = [{"cell_type": "code", "source": source, "outputs": ["x" * 20_000]}] * 3
            (place / f"part{n}.ipynb").write_text(json.dumps({"cells": cells, "nbformat": 4}))
        else:
            text = f"base_model: o/m\ndatasets:\n  - path: owner/set-{n}\n" if named else "lr: 1\n"
            (place / f"part{n}.yaml").write_text(text + f"seed: {n}\nsteps: [1, 2, 3]\n")


def show(name: str, tree: Path) -> None:
    """One line of counts."""
    done = subprocess.run(
        [sys.executable, "-c", _COUNT, str(tree)], capture_output=True, check=True, text=True
    )
    found = json.loads(done.stdout)
    kinds = Counter(kind for kind, _, _ in found["uses"])
    pinned = sum(bool(_COMMIT.match(revision)) for _, _, revision in found["uses"])
    print(f"{name}: {found['files']} files looked at; {len(found['uses'])} uses by name ", end="")
    print(f"({', '.join(f'{count} in {kind}' for kind, count in sorted(kinds.items()))}), ", end="")
    print(f"{len(found['unread'])} computed or not read; {pinned} pinned to a commit")
    if by_hand := BY_HAND.get(name):
        places = {tuple(place) for place in found["places"]}
        wanted = {(path, line) for path, lines in by_hand.items() for line in lines}
        if missed := wanted - places:
            sys.exit(f"{name}: missed of those found by hand: {sorted(missed)}")
        print(f"  all {len(wanted)} places found by hand are among them")


def trainers() -> list[Path]:
    """The trainers' wheels, unpacked below the benchmarks' cache."""
    base = cache() / "trainers"
    trees = []
    for requirement in TRAINERS:
        folder = base / requirement.replace("==", "-")
        if not (folder / ".unpacked").exists():
            folder.mkdir(parents=True, exist_ok=True)
            wheel = download(requirement, folder)
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(folder)
            wheel.unlink()
            (folder / ".unpacked").touch()
        trees.append(folder)
    return trees


def download(requirement: str, folder: Path) -> Path:
    """The wheel: making a source archive's metadata would run its code."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    more = ["--no-deps", "--only-binary", ":all:", "--dest", str(folder), requirement]
    subprocess.run([*pip, *more], check=True)
    return next(folder.glob("*.whl"))


if __name__ == "__main__":
    main()
