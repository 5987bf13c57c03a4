"""Snapshot against plain hashing: the same bytes, the same run, each in a process of its own.

    python benchmarks/hashing.py [--gib 2] [--files 8] [--rounds 3] [--folder DIR]

Both sides read every file once with two threads and a warm page cache; the best of the rounds
counts, and the rounds take turns. Prints the ratio of wall times (target: at most 1.3) and the
snapshot's peak memory (target: at most 150 MiB).
"""

from __future__ import annotations

import argparse
import json
import os
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MIB = 2**20

FLOOR = """
import hashlib, sys, time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
def digest(path):
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
paths = sorted(Path(sys.argv[1]).iterdir())
start = time.perf_counter()
with ThreadPoolExecutor(2) as pool:
    digests = list(pool.map(digest, paths))
seconds = time.perf_counter() - start
"""
SNAPSHOT = """
import sys, time
from weighbridge.snapshot.take import take_snapshot
start = time.perf_counter()
snapshot = take_snapshot(sys.argv[1], threads=2)
seconds = time.perf_counter() - start
digests = [a.digests[0].value for a in snapshot.artifacts]
"""
REPORT = """
import json, resource
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps([seconds, peak * (1 if sys.platform == "darwin" else 1024), digests]))
"""


def make_model(folder: Path, files: int, size: int) -> None:
    """Shards with a real safetensors header and random bytes behind it."""
    block = os.urandom(8 * MIB)
    for number in range(files):
        tensor = {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}
        header = json.dumps({f"layer.{number}": tensor}).encode()
        with (folder / f"model-{number + 1:05}-of-{files:05}.safetensors").open("wb") as stream:
            stream.write(struct.pack("<Q", len(header)) + header)
            for start in range(0, size, len(block)):
                stream.write(block[: min(len(block), size - start)])


def run(code: str, folder: Path) -> tuple[float, int, list[str]]:
    done = subprocess.run(
        [sys.executable, "-c", code + REPORT, str(folder)],
        check=True,
        capture_output=True,
        text=True,
    )
    seconds, peak, digests = json.loads(done.stdout)
    return seconds, peak, digests


def audit(folder: Path) -> tuple[float, int]:
    """A whole audit, process and imports included: seconds of wall time, peak bytes."""
    start = time.perf_counter()
    with (
        tempfile.TemporaryDirectory() as out,
        subprocess.Popen(
            [sys.executable, "-m", "weighbridge", "audit", str(folder), "--offline",
             "--out", f"{out}/pack"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "WEIGHBRIDGE_CONFIG_DIR": out},
        ) as process,
    ):  # fmt: skip
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - start
    assert process.returncode == 1, "the model is unsigned: the audit must say so"
    return seconds, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gib", type=float, default=2)
    parser.add_argument("--files", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", default=None, help="where to make the model")
    arguments, _ = parser.parse_known_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as temporary:
        folder = Path(temporary)
        make_model(folder, arguments.files, int(arguments.gib * 1024 * MIB) // arguments.files)
        run(FLOOR, folder)  # warms the page cache
        floors, ours, peaks = [], [], []
        for _ in range(arguments.rounds):
            floor, _, expected = run(FLOOR, folder)
            seconds, peak, digests = run(SNAPSHOT, folder)
            assert digests == expected, "the snapshot's digests are not those of hashlib"
            floors.append(floor)
            ours.append(seconds)
            peaks.append(peak)
        audited, audit_peak = audit(folder)
    print(f"hashlib, two threads: {min(floors):.2f} s   snapshot: {min(ours):.2f} s")
    print(f"ratio: {min(ours) / min(floors):.2f} (target at most 1.30)")
    print(f"peak memory of the snapshot: {max(peaks) / MIB:.0f} MiB (target at most 150)")
    print(f"whole audit with its pack: {audited:.2f} s, peak {audit_peak / MIB:.0f} MiB")


if __name__ == "__main__":
    main()
