"""Detection by class, and speed, beside picklescan, modelscan, fickling and ModelAudit.

    python -m benchmarks.inspection [--detection | --speed] [--real FOLDER…] [--gib 1]

The files are those of ``tests/corpus`` (generated, and of ``make corpus`` where its folder is
given). Never a test: it makes the peers' environments on its first run.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import struct
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from benchmarks.inspection_peers import FICKLING, PEERS, Peer, environment, program, verdicts

MIB = 2**20
RUNS = 3
PATIENCE = 120  # seconds for one run of a peer
STATES = ("flagged", "clean")

# Written by another process: what this one holds would count as its children's peak.
_WRITE = """
import json, sys
from pathlib import Path
from tests.corpus.registry import generated, written
out, folders = Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]]
rows = []
for source in (generated(), *map(written, folders)):
    for sample in source:
        path = out / sample.label / sample.family / sample.name
        while path.exists():
            path = path.with_name("x" + path.name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(sample.content)
        rows.append([sample.label, sample.family, str(path)])
json.dump(rows, sys.stdout)
"""
_HASHLIB = """
import hashlib, sys
with open(sys.argv[1], "rb") as stream:
    print(hashlib.file_digest(stream, "sha256").hexdigest())
"""
# Starts the command from a small process: a child's peak begins with what its parent holds.
_LAUNCH = """
import json, os, signal, subprocess, sys, threading, time
start = time.perf_counter()
child = subprocess.Popen(sys.argv[2:], stdout=subprocess.DEVNULL)
alarm = threading.Timer(float(sys.argv[1]), child.kill)
alarm.daemon = True
alarm.start()
_, status, usage = os.wait4(child.pid, 0)
seconds = time.perf_counter() - start
child.returncode = code = os.waitstatus_to_exitcode(status)
stopped = code == -signal.SIGKILL
cpu = usage.ru_utime + usage.ru_stime
print(json.dumps([seconds, cpu, usage.ru_maxrss, None if stopped else code]), flush=True)
"""


class Cost(NamedTuple):
    """Seconds of the best run (by the clock, and of processors), the largest resident size of all
    in MiB, the last exit code. On a machine that others use, the processors' seconds tell more."""

    wall: float
    cpu: float
    rss: float
    code: int | None  # None: it was stopped


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--detection", action="store_true", help="only the table by class")
    parser.add_argument("--speed", action="store_true", help="only the speed")
    parser.add_argument("--real", nargs="*", default=[], help="folders that build_real wrote")
    parser.add_argument("--gib", type=float, default=1)
    parser.add_argument("--without", nargs="*", default=[], help="tools to leave out of the table")
    parser.add_argument(
        "--every", type=int, default=1, help="of each class, take one file in so many"
    )
    arguments, _ = parser.parse_known_args()
    with tempfile.TemporaryDirectory(prefix="bench-inspection-") as temporary:
        base = Path(temporary)
        samples = write(base / "corpus", [str(Path(f).resolve()) for f in arguments.real])
        if not arguments.speed:
            kept = every(samples, arguments.every)
            detection(kept, [p for p in PEERS if p.name not in arguments.without])
        if not arguments.detection:
            speed(base, samples, arguments.gib)


def write(out: Path, folders: list[str]) -> list[tuple[str, str, str]]:
    """The corpus as files: label, class, path."""
    root = Path(__file__).resolve().parents[1]
    done = subprocess.run(
        [sys.executable, "-c", _WRITE, str(out), *folders],
        check=True, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(root)},
    )  # fmt: skip
    return [(label, family, path) for label, family, path in json.loads(done.stdout)]


def every(samples: list[tuple[str, str, str]], step: int) -> list[tuple[str, str, str]]:
    """The first of each class, and one in so many after it: ModelAudit takes seconds a file."""
    met: Counter[tuple[str, str]] = Counter()
    kept = []
    for sample in samples:
        if met[sample[:2]] % step == 0:
            kept.append(sample)
        met[sample[:2]] += 1
    return kept


def detection(samples: list[tuple[str, str, str]], peers: list[Peer]) -> None:
    """One line a class: of every tool how many it flags and how many it calls clean."""
    paths = [path for _, _, path in samples]
    tools = {"weighbridge": verdicts(None, paths)}
    for peer in peers:
        tools[f"{peer.name} {peer.install[0].partition('==')[2]}"] = verdicts(peer, paths)
    tally: Counter[tuple[str, str, str, str]] = Counter()
    sizes: Counter[tuple[str, str]] = Counter()
    for number, (label, family, _) in enumerate(samples):
        sizes[(label, family)] += 1
        sizes[(label, "")] += 1
        for tool, said in tools.items():
            tally[(tool, label, family, said[number])] += 1
            tally[(tool, label, "", said[number])] += 1
    width = max(len(family) for _, family in sizes) + 2
    print("flagged/clean of each class; the rest are errors, skipped or not assessed\n")
    for label in ("malicious", "malformed", "benign"):
        print(f"{label:<{width}}{'files':>6}" + "".join(f"{tool:>20}" for tool in tools))
        classes = sorted({family for kind, family in sizes if kind == label and family})
        for family in (*classes, ""):
            cells = (
                "/".join(str(tally[(tool, label, family, said)]) for said in STATES)
                for tool in tools
            )
            row = f"{family or 'all':<{width}}{sizes[(label, family)]:>6}"
            print(row + "".join(f"{cell:>20}" for cell in cells))
        print(flush=True)


def speed(base: Path, samples: list[tuple[str, str, str]], gib: float) -> None:
    """Whole processes, each alone, in one run; ratios to ours."""
    small = base / "small"
    fill_small(small, samples)
    opcodes = base / "opcodes.pkl"
    many_opcodes(opcodes)
    large = base / "large.pt"
    torch_archive(large, int(gib * 1024 * MIB))
    tiny = base / "tiny.pkl"
    tiny.write_bytes(b"\x80\x04}\x94\x8c\x01a\x94K\x01s.")
    for title, path, target in (
        ("tiny pickle", tiny, "at most 0.15 s"),
        (f"torch archive of {gib:g} GiB, structure", large, "at most 0.3 s"),
        ("200 small files", small, "at most 0.6 s"),
        ("pickle of 3 million opcodes", opcodes, "2.5 million a second, at most 64 MiB"),
    ):
        compare(title, path, target)
    with_digest(large)
    several(base / "several", opcodes)
    exhausting([path for _, family, path in samples if family == "exhausting"])


def compare(title: str, path: Path, target: str) -> None:
    """Ours beside every peer's."""
    print(f"\n{title} (target {target})")
    ours = cost(*we(path))
    print(
        f"  {'weighbridge inspect':<22}{ours.wall:8.3f} s {ours.rss:6.0f} MiB  exit {ours.code}",
        end="",
    )
    print(f"  ({ours.cpu:.3f} s of processors)")
    for peer in PEERS:
        name, *words = peer.command
        if path.is_dir() and peer is FICKLING:
            print("  fickling: its command takes one file")
            continue
        theirs = cost(program(peer, name), *words, str(path), runs=1 if ours.wall > 1 else RUNS)
        ratio = f"{theirs.wall / ours.wall:6.1f} x our wall"
        code = "stopped" if theirs.code is None else f"exit {theirs.code}"
        print(f"  {peer.name:<22}{theirs.wall:8.3f} s {theirs.rss:6.0f} MiB  {code}  {ratio}")


def with_digest(large: Path) -> None:
    """Inspection and SHA-256 in one read, beside hashlib on the same bytes."""
    print("\nthe same archive with its SHA-256 (target at most 1.2 x hashlib)")
    floor = cost(sys.executable, "-c", _HASHLIB, str(large))
    ours = cost(*we(large, "--hash"))
    ratio = ours.wall / floor.wall
    print(f"  hashlib {floor.wall:.3f} s   weighbridge inspect --hash {ours.wall:.3f} s")
    print(f"  ratio {ratio:.2f} ({ours.cpu / floor.cpu:.2f} of processors' time), ", end="")
    print(f"{ours.rss:.0f} MiB, exit {ours.code}", flush=True)


def several(folder: Path, opcodes: Path) -> None:
    """A folder of six large pickles beside one of them: what the other processors take over."""
    folder.mkdir()
    for number in range(6):
        (folder / f"{number}.pkl").hardlink_to(opcodes)
    one, all_ = cost(*we(opcodes)), cost(*we(folder))
    print(f"\nsix such pickles in a folder, on {os.cpu_count()} processors")
    print(f"  {all_.wall:.3f} s, {all_.wall / one.wall:.2f} x one of them", flush=True)


def exhausting(paths: list[str]) -> None:
    """The worst of the denial-of-service samples, for every tool."""
    print("\ndenial-of-service samples (target at most 2 s and 256 MiB each)")
    worst = [(cost(*we(Path(path)), runs=1), Path(path).name) for path in paths]
    slow, fat = max(worst), max(worst, key=lambda row: row[0].rss)
    print(f"  weighbridge: {len(paths)} files, slowest {slow[0].wall:.2f} s ({slow[1]}), ", end="")
    print(f"largest {fat[0].rss:.0f} MiB ({fat[1]}), ", end="")
    passed = [name for row, name in worst if row.code == 0]
    print(f"without a word: {', '.join(passed) or 'none'}", flush=True)
    for peer in PEERS:
        name, *words = peer.command
        command = (program(peer, name), *words)
        rows = [(cost(*command, path, runs=1, patience=20), Path(path).name) for path in paths]
        slow, fat = max(rows), max(rows, key=lambda row: row[0].rss)
        stopped = sum(row[0].code is None for row in rows)
        print(f"  {peer.name}: slowest {slow[0].wall:.2f} s ({slow[1]}), largest ", end="")
        print(f"{fat[0].rss:.0f} MiB ({fat[1]}), stopped after 20 s: {stopped}", flush=True)


def we(path: Path, *more: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "weighbridge", "inspect", str(path), "--format", "json", *more)


def cost(*command: str, runs: int = RUNS, patience: float = PATIENCE) -> Cost:
    """Run a command; its exit code is a verdict, so every code but our usage error counts."""
    wall, cpu, rss, code = 1e9, 1e9, 0.0, None
    for _ in range(runs):
        done = subprocess.run(
            [sys.executable, "-S", "-E", "-c", _LAUNCH, str(patience), *command],
            check=True, capture_output=True, text=True, env=environment(),
        )  # fmt: skip
        seconds, spent, kibibytes, code = json.loads(done.stdout)
        wall, cpu, rss = min(wall, seconds), min(cpu, spent), max(rss, kibibytes / 1024)
        if code == 2 and "weighbridge" in command:
            sys.exit(f"{' '.join(command)}: nothing was measured: {done.stderr[-2000:]}")
    return Cost(wall, cpu, rss, code)


def fill_small(folder: Path, samples: list[tuple[str, str, str]]) -> None:
    """200 files of the corpus, of all labels and classes, the same ones every time."""
    usable = [path for _, family, path in samples if family != "exhausting"]
    folder.mkdir()
    for number, path in enumerate(random.Random(4).sample(usable, 200)):
        (folder / f"{number:03}-{Path(path).name}").write_bytes(Path(path).read_bytes())


def many_opcodes(path: Path) -> None:
    """A list of three million integers, by BININT, a thousand to an APPENDS."""
    numbers = b"".join(b"J" + struct.pack("<i", n * 70_001 % 2**31) for n in range(1000))
    path.write_bytes(b"\x80\x02]" + (b"(" + numbers + b"e") * 2994 + b".")


def torch_archive(path: Path, size: int) -> None:
    """A torch archive of one storage, stored, its pickle as torch.save writes it."""

    def text(value: str) -> bytes:
        return b"X" + struct.pack("<I", len(value)) + value.encode()

    count = size // 4
    ordered = b"ccollections\nOrderedDict\n"
    number = b"\x8a\x05" + count.to_bytes(5, "little")
    storage = b"(" + text("storage") + b"ctorch\nFloatStorage\n" + text("0") + text("cpu")
    tensor = b"ctorch._utils\n_rebuild_tensor_v2\n((" + storage[1:] + number + b"tQK\x00" + number
    tensor += b"\x85K\x01\x85\x89" + ordered + b")RtR"
    pickle = b"\x80\x02" + ordered + b")R(" + text("weight") + tensor + b"u."
    block = os.urandom(8 * MIB)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("large/data.pkl", pickle)
        archive.writestr("large/byteorder", b"little")
        with archive.open("large/data/0", "w", force_zip64=True) as stream:
            left = count * 4
            while left:
                left -= stream.write(block[: min(left, len(block))])
        archive.writestr("large/version", b"3\n")


if __name__ == "__main__":
    main()
