"""A cold scan of a model repository for its licenses, beside ScanCode Toolkit.

    python -m benchmarks.licenses [--rounds 3]

The repository is made here: a card with a tag and sentences, a LICENSE (this project's own, whose
text is at hand), a use policy and a NOTICE in our words, thirty code files with headers of four
licenses, configurations, and small weights. Both tools start cold for each round and write JSON;
what they found is read from that. Which ids are right is known, for the files were made from them.
Never a test.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.inspection import cost
from benchmarks.inspection_peers import Peer, program

# pluggy 1.7 refuses the hooks of this version
PEER = Peer("scancode", ("scancode-toolkit==32.5.0", "pluggy<1.7"), (), "")
WALL_SECONDS, MEMORY_MIB = 0.6, 150
HEADERS = (
    "# SPDX-License-Identifier: Apache-2.0\n",
    "# SPDX-License-Identifier: MIT\n",
    "# Copyright 2026 The Heron Authors\n#\n# Licensed under the Apache License, Version 2.0.\n",
    "# This file is licensed under the BSD 3-Clause license.\n",
    "# SPDX-License-Identifier: GPL-3.0-or-later OR MIT\n",
)
HEADER_IDS = ("Apache-2.0", "MIT", "Apache-2.0", "BSD-3-Clause", "GPL-3.0-or-later OR MIT")
CODE_FILES = 30
CODE = "import math\n\n\ndef area(radius):\n    return math.pi * radius**2\n" * 40


class Found(NamedTuple):
    """What a tool says: the license of each file, and what else it tells of the card's text."""

    files: dict[str, str]
    sentences: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    arguments, _ = parser.parse_known_args()
    with tempfile.TemporaryDirectory(prefix="bench-licenses-") as temporary:
        base = Path(temporary)
        model = base / "heron"
        truth = repository(model)
        ours, theirs = base / "ours.json", base / "theirs.json"
        we = cost(sys.executable, "-c", SCAN, str(model), str(ours), runs=arguments.rounds)
        command = cost(
            sys.executable, "-m", "weighbridge", "licenses", str(model), "--offline",
            runs=arguments.rounds,
        )  # fmt: skip
        they = cost(
            program(PEER, "scancode"), "--license", "--quiet", "--processes", "1", "--json",
            str(theirs), str(model), runs=arguments.rounds, patience=300,
        )  # fmt: skip
        print(f"a model of {len(list(model.rglob('*')))} files")
        print(f"(target at most {WALL_SECONDS} s and {MEMORY_MIB} MiB)")
        for name, one in (
            ("our license collector", we), ("weighbridge licenses", command),
            ("scancode --license", they),
        ):  # fmt: skip
            print(f"  {name:24}{one.wall:8.2f} s  {one.cpu:8.2f} s of processors  ", end="")
            print(f"{one.rss:6.0f} MiB  exit {one.code}  ({one.wall / we.wall:5.1f} x)")
        for name, found in (
            ("weighbridge", of_ours(json.loads(ours.read_bytes()))),
            ("scancode", of_theirs(json.loads(theirs.read_bytes()))),
        ):
            right = sum(same(found.files.get(path, ""), want) for path, want in truth.items())
            print(f"  {name:14} right ids {right} of {len(truth)}")
            for path, want in truth.items():
                have = found.files.get(path, "")
                if not same(have, want):
                    print(f"    {path}: {have or 'nothing'}, and it is {want}")


# The collector alone, as the command runs it: a snapshot of the folder, then what is declared,
# detected, stated in prose and named by headers.
SCAN = """
import datetime, json, sys
from pathlib import Path
from weighbridge.collect.context import CollectContext
from weighbridge.collect.licenses import collect
from weighbridge.model.codec import to_json
from weighbridge.snapshot.take import take_snapshot
snapshot = take_snapshot(Path(sys.argv[1]))
found = collect(CollectContext(snapshot, datetime.date.today(), offline=True))
Path(sys.argv[2]).write_text(json.dumps([to_json(e) for e in found]))
"""


def repository(folder: Path) -> dict[str, str]:
    """The model, and the license of each of its files that has one."""
    folder.mkdir()
    root = Path(__file__).parents[1]
    (folder / "LICENSE").write_bytes((root / "LICENSE").read_bytes())
    (folder / "README.md").write_text(
        "---\nlicense: apache-2.0\nbase_model: org/gull-7b\n---\n# Heron\n\n"
        + "Heron writes short texts about birds.\n\n" * 200
        + "## License\n\nThis model is licensed under the Apache License, Version 2.0.\n"
    )
    (folder / "USE_POLICY.md").write_text(
        "# Heron use policy\n\nDo not use Heron to frighten birds. The newest wording of this "
        "policy is at https://heron.example/use-policy.\n"
    )
    (folder / "NOTICE").write_text("Heron\nCopyright 2026 The Heron Authors\n")
    (folder / "config.json").write_text(json.dumps({"model_type": "llama", "hidden_size": 64}))
    (folder / "model.safetensors").write_bytes((2).to_bytes(8, "little") + b"{}" + bytes(2**20))
    truth = {"LICENSE": "Apache-2.0", "README.md": "Apache-2.0"}
    code = folder / "code"
    code.mkdir()
    for number in range(CODE_FILES):
        kind = number % len(HEADERS)
        path = code / f"part_{number:02}.py"
        path.write_text(HEADERS[kind] + CODE)
        truth[f"code/{path.name}"] = HEADER_IDS[kind]
    return truth


def of_ours(evidence: list[dict[str, Any]]) -> Found:
    files: dict[str, str] = {}
    sentences = 0
    for one in evidence:
        data = one["data"]
        if one["state"] != "observed" or data["role"] in ("notice", "use-policy"):
            continue
        sentences += data["role"] == "prose"
        for path in data["files"] or [one["about"]]:
            files.setdefault(path, data["id"])
    return Found(files, sentences)


def of_theirs(body: dict[str, Any]) -> Found:
    files: dict[str, str] = {}
    for one in body["files"]:
        if one["type"] == "file":
            path = one["path"].partition("/")[2]
            files[path] = one.get("detected_license_expression_spdx") or ""
    return Found(files, 0)


def same(have: str, want: str) -> bool:
    """Whether two expressions name the same licenses: "A AND A" is A."""
    return {w for w in have.split() if w not in ("AND", "OR")} == {
        w for w in want.split() if w not in ("AND", "OR")
    }


if __name__ == "__main__":
    main()
