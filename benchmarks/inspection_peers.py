"""The scanners that ``inspection`` compares with, each in an environment of its own.

An environment is made once, below ``WEIGHBRIDGE_BENCH_CACHE`` (by default the user's cache folder).
A driver runs in it: it imports the scanner once and forks for each file, so that a file that breaks
the scanner, or keeps it busy for longer than ``SECONDS`` or beyond 4 GiB, costs that file alone.
numpy and h5py are installed beside those that cannot read their files without. What a scanner says
is told as its own exit codes tell it:

- picklescan: 1 flagged, 2 an error, 0 clean (also of files it does not look into);
- modelscan: 1 flagged, 2 an error, 3 no supported file, 0 clean; an issue counts beside an error;
- fickling: its command reads no archive, so the routing of its hub scan decides (a zip archive or a
  raw pickle, by content or suffix; told here from the first bytes, since its own needs torch),
  flagged as its own ``is_safe`` says, skipped what it passes over;
- ModelAudit: 1 flagged, 2 an error or inconclusive, 0 clean.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import platformdirs

SECONDS = 30


class Peer(NamedTuple):
    """A scanner: what to install, how its command looks at a path, how its driver looks at a file.

    ``driver`` defines ``look(path)``, which gives ``flagged``, ``clean``, ``error`` or ``skipped``.
    """

    name: str
    install: tuple[str, ...]
    command: tuple[str, ...]
    driver: str


PICKLESCAN = Peer(
    "picklescan",
    ("picklescan==1.0.5", "numpy"),
    ("picklescan", "-p"),
    """
from picklescan.scanner import scan_file_path
def look(path):
    found = scan_file_path(path)
    return "flagged" if found.issues_count else "error" if found.scan_err else "clean"
""",
)
MODELSCAN = Peer(
    "modelscan",
    ("modelscan==0.8.8", "h5py"),
    ("modelscan", "scan", "-p"),
    """
from modelscan.modelscan import ModelScan
def look(path):
    scan = ModelScan()
    scan.scan(path)
    if scan.issues.all_issues:
        return "flagged"
    return "error" if scan.errors else "clean" if scan.scanned else "skipped"
""",
)
FICKLING = Peer(
    "fickling",
    ("fickling==0.1.12", "typing_extensions"),  # which it imports and does not declare
    ("fickling", "--check-safety", "--json-output", os.devnull),
    """
import os, zipfile
from pathlib import PurePosixPath
from fickling.cli import HF_RAW_PICKLE_EXTENSIONS, HF_ZIP_PICKLE_EXTENSIONS
from fickling.loader import scan_file, scan_zip_archive
def look(path):
    suffix = PurePosixPath(path).suffix.lower()
    with open(path, "rb") as stream:
        head = stream.read(2)
    if head == b"PK" or zipfile.is_zipfile(path) or suffix in HF_ZIP_PICKLE_EXTENSIONS:
        found = list(scan_zip_archive(path, graceful=True, json_output_path=os.devnull).values())
    elif head[:1] == bytes([128]) or suffix in HF_RAW_PICKLE_EXTENSIONS:
        found = [scan_file(path, graceful=True, json_output_path=os.devnull)]
    else:
        return "skipped"
    if any(not one.is_safe for one in found):
        return "flagged"
    return "error" if any(one.errors for one in found) else "clean"
""",
)
MODELAUDIT = Peer(
    "ModelAudit",
    ("modelaudit==0.2.54", "h5py"),
    ("modelaudit", "scan", "--no-cache", "--quiet", "--format", "json"),
    """
from modelaudit.core import determine_exit_code, scan_model_directory_or_file
def look(path):
    code = determine_exit_code(scan_model_directory_or_file(path, cache_enabled=False))
    return ("clean", "flagged", "error")[code]
""",
)
PEERS = (PICKLESCAN, MODELSCAN, FICKLING, MODELAUDIT)

OURS = """
from pathlib import Path
from tests.corpus.look import inspect, state
def look(path):
    found = state(inspect(path, Path(path).read_bytes()))
    return "skipped" if found == "not assessed" else found
"""

_LOOP = """
import json, os, resource, signal, sys, time
STATES = ("clean", "flagged", "error", "skipped")
def one(path):
    child = os.fork()
    if not child:
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        resource.setrlimit(resource.RLIMIT_AS, (2**32, 2**32))
        code = 2
        try:
            code = STATES.index(look(path))
        except BaseException:
            pass
        os._exit(code)
    start = time.monotonic()
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            code = os.waitstatus_to_exitcode(status)
            return STATES[code] if 0 <= code < 4 else "error"
        if time.monotonic() - start > SECONDS:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return "error"
        time.sleep(0.002)
paths = json.load(sys.stdin)
try:
    look(WARM)  # what a scanner imports on its first file, every child then has
except Exception:
    pass
json.dump([one(path) for path in paths], sys.stdout)
"""

_QUIET = {
    "PROMPTFOO_DISABLE_TELEMETRY": "1", "DO_NOT_TRACK": "1", "NO_ANALYTICS": "1", "NO_COLOR": "1",
}  # fmt: skip


def cache() -> Path:
    """Where the peers' environments and their work lie."""
    chosen = os.environ.get("WEIGHBRIDGE_BENCH_CACHE")
    return Path(chosen) if chosen else platformdirs.user_cache_path("weighbridge-bench")


def program(peer: Peer, name: str) -> str:
    """A program of a peer's environment, which is made if it is not there."""
    folder = cache() / peer.install[0].replace("==", "-")
    if not (folder / ".installed").exists():
        print(f"installing {peer.install[0]} in {folder}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, "--disable-pip-version-check", *peer.install], check=True)
        (folder / ".installed").touch()
    return str(folder / "bin" / name)


def environment() -> dict[str, str]:
    """The environment of a measured process: no telemetry, a home of its own, nothing of ours."""
    home = cache() / "home"
    home.mkdir(parents=True, exist_ok=True)
    kept = {name: text for name, text in os.environ.items() if not name.startswith("WEIGHBRIDGE_")}
    return {**kept, **_QUIET, "HOME": str(home)}


def verdicts(peer: Peer | None, paths: list[str]) -> list[str]:
    """What a peer (None: Weighbridge) says of each file; two processes share the work."""
    python = program(peer, "python") if peer else sys.executable
    said = [""] * len(paths)
    with ThreadPoolExecutor(2) as pool:
        halves = pool.map(lambda half: _drive(peer, python, half), (paths[0::2], paths[1::2]))
        said[0::2], said[1::2] = halves
    return said


def _drive(peer: Peer | None, python: str, paths: list[str]) -> list[str]:
    work = cache() / "work"
    work.mkdir(parents=True, exist_ok=True)
    warm = work / "warm.pkl"
    warm.write_bytes(b"\x80\x04N.")
    env = environment()
    if peer is None:
        env["PYTHONPATH"] = str(Path(__file__).resolve().parents[1])
    loop = _LOOP.replace("SECONDS", str(SECONDS)).replace("WARM", repr(str(warm)))
    done = subprocess.run(
        [python, "-c", (peer.driver if peer else OURS) + loop],
        input=json.dumps(paths), capture_output=True, text=True, check=False, cwd=work, env=env,
    )  # fmt: skip
    if done.returncode:
        sys.exit(f"{peer.name if peer else 'weighbridge'}: {done.stderr[-2000:]}")
    said: list[str] = json.loads(done.stdout)
    return said
