"""A bill of materials of an environment of 200+ real packages, beside ``cyclonedx-py``.

    python -m benchmarks.sbom [--rounds 3]

The environment is made once, below ``WEIGHBRIDGE_BENCH_CACHE``, by pip as it is configured. Both
tools write a CycloneDX 1.6 document in JSON and validate it in the same run; ours verifies the
RECORD of every package too, and opens what packages embed (PEP 770). What the documents hold is
read from them, not from the tools: which edges are active is computed anew from the metadata.
Never a test.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from packaging.markers import default_environment
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from benchmarks.inspection import Cost, cost
from benchmarks.inspection_peers import Peer, cache, program
from weighbridge.report.sbom_check import check_sbom

# Libraries as people put them together; none of them brings torch or CUDA.
PACKAGES = (
    "transformers", "datasets", "gradio", "mlflow", "langchain", "jupyterlab", "spacy", "fastapi",
    "streamlit", "scikit-learn",
)  # fmt: skip
PEER = Peer("cyclonedx-py", ("cyclonedx-bom==7.5.0",), (), "")
Edge = tuple[str, str]


class Truth(NamedTuple):
    """What the metadata of the environment say: active edges, and the depth of each package."""

    packages: set[str]
    edges: set[Edge]
    depth: dict[str, int]


class Held(NamedTuple):
    """What a document holds of the environment's packages, and of other components."""

    packages: int
    hashed: int
    licensed: int
    spdx: int
    edges: set[Edge]
    paths: set[str]
    others: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    arguments, _ = parser.parse_known_args()
    environment = installed()
    truth = metadata(environment)
    deep = {name for name, depth in truth.depth.items() if depth > 2}
    print(f"environment: {len(truth.packages)} packages, {len(truth.edges)} active edges, ", end="")
    print(f"{len(deep)} packages deeper than two levels", flush=True)
    with tempfile.TemporaryDirectory(prefix="bench-sbom-") as temporary:
        base = Path(temporary)
        model = base / "model"
        model.mkdir()
        (model / "README.md").write_text("---\nlicense: mit\n---\n# Nothing but its environment\n")
        ours, theirs = base / "ours.json", base / "theirs.json"
        spdx = base / "ours.spdx.json"
        runs = {
            "weighbridge sbom": (ours, we(model, environment, ours)),
            "  the same as SPDX 3.0.1": (spdx, we(model, environment, spdx, "--format", "spdx")),
            "cyclonedx-py environment": (theirs, they(environment, theirs)),
        }
        costs = {name: cost(*command, runs=arguments.rounds) for name, (_, command) in runs.items()}
        report(costs)
        for name, path in (("weighbridge", ours), ("cyclonedx-py", theirs)):
            contents(name, held(json.loads(path.read_bytes()), truth), truth, deep)
        for path in (ours, spdx, theirs):
            checked = check_sbom(path.read_bytes())
            problems = {message.code for message in checked.messages}
            print(f"  {path.name}: {checked.format} {checked.version}, ", end="")
            print(f"{path.stat().st_size} bytes, {checked.exit_code.name}, messages: ", end="")
            print(", ".join(sorted(problems)) or "none")


def installed() -> Path:
    """The environment, made if it is not there."""
    folder = cache() / "sbom-environment"
    if not (folder / ".installed").exists():
        print(f"installing {', '.join(PACKAGES)} in {folder}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, "--disable-pip-version-check", *PACKAGES], check=True)
        (folder / ".installed").touch()
    return folder


def we(model: Path, environment: Path, out: Path, *more: str) -> tuple[str, ...]:
    ours = (sys.executable, "-m", "weighbridge", "sbom", str(model))
    return (*ours, "--environment", str(environment), "--output", str(out), *more)


def they(environment: Path, out: Path) -> tuple[str, ...]:
    command = (program(PEER, "cyclonedx-py"), "environment", str(environment / "bin" / "python"))
    return (*command, "--spec-version", "1.6", "--output-format", "JSON", "--validate",
            "--output-file", str(out))  # fmt: skip


def report(costs: dict[str, Cost]) -> None:
    ours = costs["weighbridge sbom"]
    print("\ngenerate and validate (target at most 3 s, 150 MiB, a fifth of cyclonedx-py)")
    for name, one in costs.items():
        print(f"  {name:26}{one.wall:8.2f} s  {one.cpu:8.2f} s of processors  ", end="")
        print(f"{one.rss:5.0f} MiB  exit {one.code}  ({one.wall / ours.wall:5.1f} x our wall)")


def contents(name: str, one: Held, truth: Truth, deep: set[str]) -> None:
    inactive, missing = one.edges - truth.edges, truth.edges - one.edges
    print(
        f"\n{name}: {one.packages} of {len(truth.packages)} packages, {one.others} components else"
    )
    for what, have in (
        ("a hash", one.hashed),
        ("a license", one.licensed),
        ("an SPDX license", one.spdx),
    ):
        print(f"  with {what:16}{have:5}  {100 * have / max(one.packages, 1):5.1f} %")
    print(f"  edges {len(one.edges)}, inactive {len(inactive)}, active and missing {len(missing)}")
    print(f"  deeper than two levels with their path: {len(deep & one.paths)} of {len(deep)}")


def metadata(environment: Path) -> Truth:
    """Edges whose markers hold with the extras that are asked for, from what is asked for on."""
    (site,) = environment.glob("lib/python3*/site-packages")
    needs: dict[str, list[Requirement]] = {}
    asked: set[str] = set()
    for found in importlib.metadata.distributions(path=[str(site)]):
        name = canonicalize_name(found.metadata["Name"])
        needs[name] = list(requirements(found.requires or []))
        if found.read_text("REQUESTED") is not None:
            asked.add(name)
    marker = {key: str(value) for key, value in default_environment().items()}
    extras: dict[str, set[str]] = {name: set() for name in needs}
    edges: set[Edge] = set()
    before = -1
    while before != len(edges) + sum(map(len, extras.values())):
        before = len(edges) + sum(map(len, extras.values()))
        for name, wanted in needs.items():
            for one in wanted:
                target = canonicalize_name(one.name)
                if target not in needs or not holds(one, extras[name], marker):
                    continue
                extras[target] |= set(one.extras)
                if target != name:
                    edges.add((name, target))
    depth = dict.fromkeys(asked, 1)
    queue = sorted(asked)
    for name in queue:
        for target in sorted(t for source, t in edges if source == name):
            if target not in depth:
                depth[target] = depth[name] + 1
                queue.append(target)
    return Truth(set(needs), edges, depth)


def requirements(lines: list[str]) -> list[Requirement]:
    found = []
    for line in lines:
        try:
            found.append(Requirement(line))
        except InvalidRequirement:
            print(f"  not read: {line}")
    return found


def holds(one: Requirement, extras: set[str], marker: dict[str, str]) -> bool:
    if one.marker is None:
        return True
    return any(one.marker.evaluate({**marker, "extra": extra}) for extra in ("", *extras))


def held(bom: dict[str, Any], truth: Truth) -> Held:
    """Counted over the environment's packages, told by their purl."""
    names: dict[str, str] = {}
    found: dict[str, dict[str, Any]] = {}
    others = 0
    waiting = list(bom.get("components", []))
    while waiting:
        part = waiting.pop()
        waiting += part.get("components", [])
        purl = part.get("purl", "")
        name = canonicalize_name(purl.removeprefix("pkg:pypi/").partition("@")[0])
        if purl.startswith("pkg:pypi/") and name in truth.packages and name not in found:
            found[name] = part
            names[part["bom-ref"]] = name
        else:
            others += 1
    licenses = {name: part.get("licenses", []) for name, part in found.items()}
    edges = {
        (names[one["ref"]], names[target])
        for one in bom.get("dependencies", [])
        for target in one.get("dependsOn", [])
        if one["ref"] in names and target in names
    }
    return Held(
        len(found),
        sum(bool(part.get("hashes")) for part in found.values()),
        sum(map(bool, licenses.values())),
        sum(any(map(is_spdx, choices)) for choices in licenses.values()),
        edges,
        {
            name
            for name, part in found.items()
            for prop in part.get("properties", [])
            if prop["name"] == "weighbridge:introduced-by" and prop["value"].count(" > ") >= 2
        },
        others,
    )


def is_spdx(choice: dict[str, Any]) -> bool:
    """An id of the list, or an expression of ids of the list: a LicenseRef says nothing."""
    text = choice.get("expression") or choice.get("license", {}).get("id") or ""
    return bool(text) and "LicenseRef" not in text


if __name__ == "__main__":
    main()
