"""Every reader of weights under a coverage-guided fuzzer: no exception, no hang, no memory bomb.

    python -m tests.fuzz.parsers --out FOLDER [--seconds N | --runs N] [--kinds KIND ...]
    python -m tests.fuzz.parsers --replay FILE --kind KIND

The engine is libFuzzer in ``atheris`` (``tests/fuzz/requirements.txt``). Each reader runs in a
process of its own, for ``--seconds``. What fails there is tried again in a process without the
engine, which slows everything down; what fails there too is a failure: it is kept in FOLDER, the
line that replays it is printed, and the exit code is 1. ``--seed`` makes the same inputs again.

A failure is any exception out of ``inspect_file``, a read that is not inside of the file, more
than two seconds of processor time, more than 256 MiB of memory.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import importlib
import importlib.util
import io
import multiprocessing
import os
import pkgutil
import re
import resource
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.fuzz.change import changed

MOST_SECONDS = 2.0  # of processor time for one input
MOST_MEMORY = 256 * 2**20  # bytes, beyond what the process had before
WATCHED = ("weighbridge.weights", "weighbridge.formats")  # packages whose branches guide the engine
_SLOWER = 4  # times, with the engine watching every branch
_ADDRESS_SPACE = 3 * 2**30  # bytes a replay may ask the system for
_KEPT = 4  # inputs of one cause
SEED = 20261121


class Strayed(AssertionError):
    """A reader read what is not inside of the file, or asked for all there is."""


class Watched(io.BytesIO):
    """A file that says who reads past its ends."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.size = len(data)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        place = super().seek(offset, whence) if offset >= 0 or whence else -1
        if not 0 <= place <= self.size:
            raise Strayed(f"a reader moves to byte {offset} of {self.size}")
        return place

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size < 0 or self.tell() + size > self.size:
            raise Strayed(f"a reader takes {size} bytes at byte {self.tell()} of {self.size}")
        return super().read(size)


def checker(name: str) -> Callable[[bytes], None]:
    """What one input must go through: its reader, and the one that its own bytes ask for."""
    from tests.fuzz.seeds import TARGETS

    from weighbridge.collect.weights import facts
    from weighbridge.formats.peek import Peek
    from weighbridge.formats.sniff import sniff
    from weighbridge.model.canonical import canonical
    from weighbridge.model.errors import HostileInput
    from weighbridge.weights.extents import extents
    from weighbridge.weights.inspect import inspect_file
    from weighbridge.weights.source import file_source

    kind, path = TARGETS[name]

    def check(data: bytes) -> None:
        for one in {kind, sniff(Peek.of(data))}:
            seen = inspect_file(Watched(data), len(data), one, path)
            assert seen.complete == (not seen.gaps)
            canonical(facts(seen, len(data)))
        with contextlib.suppress(HostileInput):
            extents(file_source(Watched(data), len(data)), kind)

    return check


def peak() -> int:
    """The most memory this process ever had, in bytes."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def cause(error: BaseException) -> str:
    """The exception and the innermost place of ours, without numbers that vary."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "weighbridge" in f.filename]
    where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    return f"{type(error).__name__} at {where}"


def judged(check: Callable[[bytes], None], data: bytes, slower: float = 1) -> str:
    """What is wrong with how an input is read, empty where nothing is."""
    before, started = peak(), time.process_time()
    try:
        check(data)
    except Exception as error:  # noqa: BLE001 - any at all is the finding
        return f"{cause(error)}: {error}"
    took = time.process_time() - started
    if took > MOST_SECONDS * slower:
        return f"too slow: {took:.1f} s"
    if peak() - before > MOST_MEMORY:
        return f"too much memory: {(peak() - before) / 2**20:.0f} MiB"
    return ""


def watch() -> None:
    """Import all readers so that the engine sees their branches; on demand would be too late."""
    import atheris

    with contextlib.redirect_stderr(io.StringIO()), atheris.instrument_imports(list(WATCHED)):
        for package in WATCHED:
            loaded = importlib.import_module(package)
            for module in pkgutil.walk_packages(loaded.__path__, package + "."):
                importlib.import_module(module.name)


def work(name: str, folder: Path, samples: list[bytes], arguments: argparse.Namespace) -> None:
    """Fuzz one reader in this process until the engine ends it."""
    import atheris

    with (folder / "log").open("wb") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    check = checker(name)
    start = folder / "corpus"
    start.mkdir()
    for sample in samples:
        (start / digest(sample)).write_bytes(sample)
    causes: dict[str, int] = {}

    def one_input(data: bytes) -> None:
        wrong = judged(check, data, _SLOWER)
        if wrong:
            known = wrong.partition(":")[0]
            causes[known] = causes.get(known, 0) + 1
            if causes[known] <= _KEPT:
                keep(folder, data)

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        return changed(name, data, most, seed, samples, atheris.Mutate)

    limits = [f"-max_total_time={arguments.seconds}"] if not arguments.runs else []
    atheris.Setup(
        [
            "parsers", f"-seed={arguments.seed}", f"-runs={arguments.runs or -1}", *limits,
            f"-max_len={arguments.bytes}", "-timeout=60", "-rss_limit_mb=4096", "-verbosity=0",
            "-print_final_stats=1", f"-artifact_prefix={folder}/found-", str(start),
        ],
        one_input,
        custom_mutator=mutate,
    )  # fmt: skip
    atheris.Fuzz()


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:12]


def keep(folder: Path, data: bytes) -> None:
    """Write down an input that the driver is to try again."""
    (folder / f"found-{digest(data)}").write_bytes(data)


def replay(name: str, path: Path) -> str:
    """What is wrong with how a file is read, in this process."""
    check = checker(name)
    from tests.fuzz.seeds import seeds

    judged(check, seeds(4096)[name][0])  # imports are not the input's cost
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE, _ADDRESS_SPACE))
    return judged(check, path.read_bytes())


def python(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "tests.fuzz.parsers", *arguments]


def tried_again(name: str, path: Path) -> str:
    """The same in a process of its own, which may die or hang."""
    try:
        done = subprocess.run(
            python("--replay", str(path), "--kind", name), capture_output=True, text=True,
            timeout=120, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return "it hangs for two minutes"
    if done.returncode == 0:
        return ""
    return done.stdout.strip() or f"the process died: {done.stderr.strip()[-300:]}"


def fuzz(
    name: str, samples: list[bytes], arguments: argparse.Namespace
) -> Iterator[tuple[Path, str]]:
    """Fuzz one reader in a process of its own; the inputs that fail, and how."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        child = multiprocessing.get_context("fork").Process(
            target=work, args=(name, folder, samples, arguments)
        )
        child.start()
        child.join()
        log = (folder / "log").read_text("utf-8", "replace")
        stats = dict(re.findall(r"stat::(\w+): +(\d+)", log))
        found = sorted(folder.glob("found-*"))
        if not stats and not found:
            raise RuntimeError(f"the fuzzer of {name} did not run: {log[-2000:]}")
        runs, new = (stats.get(key, "?") for key in ("number_of_executed_units", "new_units_added"))
        say(f"{name}: {runs} inputs, {new} of them reached something new")
        for path in found:
            wrong = tried_again(name, path)
            if wrong:
                kept = arguments.out / f"{name}-{digest(path.read_bytes())}"
                kept.write_bytes(path.read_bytes())
                yield kept, wrong


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> int:
    """Fuzz, or replay; the exit code tells of failures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, help="folder for inputs that fail")
    parser.add_argument("--seconds", type=int, default=30, help="for each reader")
    parser.add_argument("--runs", type=int, default=0, help="inputs of each reader, not seconds")
    parser.add_argument("--bytes", type=int, default=32 * 1024, help="the longest input")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--kinds", nargs="+", metavar="KIND", help="not all readers")
    parser.add_argument("--replay", type=Path, metavar="FILE")
    parser.add_argument("--kind", help="the reader of --replay")
    arguments = parser.parse_args()
    if not arguments.replay:
        if importlib.util.find_spec("atheris") is None:
            parser.error("atheris is missing; tests/fuzz/requirements.txt names it")
        watch()
    from tests.fuzz.seeds import TARGETS, seeds

    wanted: list[Any] = [arguments.kind] if arguments.replay else arguments.kinds or list(TARGETS)
    unknown = [name for name in wanted if name not in TARGETS]
    if unknown:
        parser.error(f"no reader {unknown[0]}; there are {', '.join(TARGETS)}")
    if arguments.replay:
        wrong = replay(arguments.kind, arguments.replay)
        say(wrong or "nothing is wrong")
        return 1 if wrong else 0
    if arguments.out is None:
        parser.error("--out is needed: a folder outside of the repository")
    arguments.out.mkdir(parents=True, exist_ok=True)
    failures = 0
    samples = seeds(arguments.bytes)
    for name in wanted:
        for path, wrong in fuzz(name, samples[name], arguments):
            failures += 1
            say(f"FAILED {wrong}\n  {' '.join(python('--replay', str(path), '--kind', name))}")
    say(f"{len(wanted)} readers, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
