"""Verifying and signing against ``model_signing`` 1.1.1, ``openssl dgst``, hashlib and blake3.

All in one run, each a process of its own, the whole of it timed; files are in the page cache.
``WEIGHBRIDGE_BENCH_SCALE`` (default 1) shrinks the large models.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

RUNS = 5
MIB = 2**20
MAX_RSS_MIB = 60

_HASHLIB = """
import concurrent.futures, hashlib, pathlib, sys
paths = [p for p in pathlib.Path(sys.argv[1]).rglob('*') if p.is_file() and p.suffix != '.sig']
def digest(path):
    with path.open('rb') as stream:
        return hashlib.file_digest(stream, 'sha256').hexdigest()
with concurrent.futures.ThreadPoolExecutor(2) as pool:
    list(pool.map(digest, paths)) if len(paths) < 100 else [digest(path) for path in paths]
"""
_BLAKE3 = """
import blake3, pathlib, sys
for path in pathlib.Path(sys.argv[1]).rglob('*.bin'):
    hasher = blake3.blake3(max_threads=blake3.blake3.AUTO)
    hasher.update_mmap(path)
    hasher.hexdigest()
"""
_SHARDS = """
import pathlib, sys
from model_signing import hashing, signing
model, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[3])
config = signing.Config().use_elliptic_key_signer(private_key=pathlib.Path(sys.argv[2]))
config.set_hashing_config(hashing.Config().use_shard_serialization(shard_size=2**28))
config.sign(model, out)
"""


class Cost(NamedTuple):
    """Wall and CPU seconds of the best run, the largest resident size of all, in MiB."""

    wall: float
    cpu: float
    rss: float


class Model(NamedTuple):
    name: str
    files: int
    size: int


def models() -> list[Model]:
    scale = float(os.environ.get("WEIGHBRIDGE_BENCH_SCALE", "1"))
    return [
        Model("2 small files", 2, 50_000),
        Model("5000 x 4 KiB", 5000, 4096),
        Model("8 x 256 MiB", 8, int(256 * MIB * scale)),
        Model("1 x 2 GiB", 1, int(2048 * MIB * scale)),
    ]


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="bench-signing-") as work:
        base = Path(work)
        os.environ["WEIGHBRIDGE_CACHE_DIR"] = str(base / "cache")
        ours("sign", "--generate-key", str(base / "k.pem"))
        for model in models():
            compare(base, model)
            shutil.rmtree(base / "model")


def compare(base: Path, model: Model) -> None:
    print(f"\n{model.name}")
    folder = base / "model"
    fill(folder, model)
    key, pub, sig = str(base / "k.pem"), str(base / "k.pem.pub"), str(base / "our.sig")
    theirs = str(base / "their.sig")
    ours("sign", str(folder), "--key", key, "--signature", sig, "--force")
    _run(*peer("sign", "key", folder, theirs, "--private_key", key))
    rows = {
        "weighbridge verify --key": cost(*we("verify", folder, sig, "--key", pub)),
        "model_signing verify key": cost(
            *peer("verify", "key", folder, theirs, "--public_key", pub)
        ),
        "openssl dgst -sha256": cost("openssl", "dgst", "-sha256", *map(str, files(folder))),
        "hashlib, two threads": cost(sys.executable, "-c", _HASHLIB, str(folder)),
    }
    show(rows, "weighbridge verify --key")
    if model.files > 10 or model.size < MIB:
        return
    ours("sign", str(folder), "--key", key, "--signature", sig, "--force", "--hash", "blake3")
    rows = {
        "verify, signed with --hash blake3": cost(*we("verify", folder, sig, "--key", pub)),
        "model_signing verify key": rows["model_signing verify key"],
        "blake3, mapped, all threads": cost(sys.executable, "-c", _BLAKE3, str(folder)),
    }
    show(rows, "verify, signed with --hash blake3")
    size = str(64 * MIB)
    sharded = we("sign", folder, sig, "--key", key, "--force", "--shard-size", size)
    rows = {
        "sign --shard-size 64 MiB": cost(*sharded),
        "verify of it": cost(*we("verify", folder, sig, "--key", pub)),
        "model_signing sign, shards": cost(sys.executable, "-c", _SHARDS, str(folder), key, theirs),
    }
    show(rows, "verify of it")


def show(rows: dict[str, Cost], us: str) -> None:
    mine = rows[us]
    for name, row in rows.items():
        ratio = "" if name == us else f"  {row.wall / mine.wall:5.2f} x our wall"
        note = "  OVER 60 MiB" if name.startswith(("weigh", "verify", "sign")) and (
            row.rss > MAX_RSS_MIB
        ) else ""  # fmt: skip
        figures = f"{row.wall:7.3f} s wall {row.cpu:7.3f} s CPU {row.rss:6.0f} MiB"
        print(f"  {name:<36}{figures}{ratio}{note}", flush=True)


def fill(folder: Path, model: Model) -> None:
    block = os.urandom(min(model.size, 4 * MIB))
    for number in range(model.files):
        path = folder / f"d{number // 500:02d}" / f"f{number:04d}.bin"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as stream:
            left = model.size
            while left:
                piece = number.to_bytes(4, "big") + block[4 : min(left, len(block))]
                stream.write(piece)
                left -= len(piece)


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.bin"))


def we(verb: str, folder: Path, signature: str, *more: str) -> tuple[str, ...]:
    cache = ("--no-digest-cache",) if verb == "verify" else ()
    words = (verb, str(folder), "--signature", signature, *more, *cache)
    return (sys.executable, "-m", "weighbridge", *words)


def peer(verb: str, mode: str, folder: Path, signature: str, *more: str) -> tuple[str, ...]:
    words = (verb, mode, str(folder), "--signature", signature, *more)
    return (sys.executable, "-m", "model_signing", *words)


def ours(*words: str) -> None:
    _run(sys.executable, "-m", "weighbridge", *words)


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command[:5])}: {done.stdout}{done.stderr}")


def cost(*command: str) -> Cost:
    wall, cpu, rss = 1e9, 1e9, 0.0
    for _ in range(RUNS):
        start = time.perf_counter()
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            sys.exit(f"{' '.join(command[:5])} ended with {child.returncode}")
        wall = min(wall, time.perf_counter() - start)
        cpu = min(cpu, usage.ru_utime + usage.ru_stime)
        rss = max(rss, usage.ru_maxrss / 1024)
    return Cost(wall, cpu, rss)


if __name__ == "__main__":
    main()
