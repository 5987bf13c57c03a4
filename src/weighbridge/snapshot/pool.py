"""Reading many files with a few threads; what comes out does not depend on how many."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple, TypeAlias

from weighbridge.model.artifact import ProblemKind
from weighbridge.snapshot.disk import DiskTree
from weighbridge.snapshot.hashing import MAX_SHARDS, Plan
from weighbridge.snapshot.read import Content, Part, Reader, Stop, has_holes
from weighbridge.snapshot.reasons import Unreadable
from weighbridge.snapshot.tree import Bounds, Found, Parts

# Below this size Python's own work outweighs hashing, and threads would only wait for one another.
LARGE_BYTES = 1 * 2**20
# Content of large files that need not be read, of those that are asked for.
Known: TypeAlias = "Callable[[DiskTree, list[Parts], Plan], Mapping[Parts, Content]]"
# Neighboring shards that one thread takes at a time: enough to keep two threads busy to the end.
PART_BYTES = 32 * 2**20


def read_all(
    tree: DiskTree,
    files: Iterable[Found],
    plan: Plan,
    threads: int,
    bounds: Bounds,
    known: Known | None = None,
) -> dict[Parts, Content]:
    """The content of every file met, by its real path: a file behind two links is read once.

    ``known`` is asked which of the large files need not be read.
    """
    contents: dict[Parts, Content] = {}
    stop = Stop()
    large: dict[Parts, os.stat_result] = {}
    with Reader(tree, plan, stop) as reader:
        # the small ones in the order of the walk, which goes folder by folder
        for real in dict.fromkeys([found.real for found in files]):
            content = reader.read_below(real, LARGE_BYTES)
            if isinstance(content, os.stat_result):
                large[real] = content
            else:
                contents[real] = content
    if known and large:
        contents |= known(tree, sorted(large), plan)
    unknown = {real: status for real, status in large.items() if real not in contents}
    contents |= _past_hole_bound(tree, unknown, bounds)
    sizes = {real: found.st_size for real, found in large.items() if real not in contents}
    tasks: deque[_Task] = deque(_tasks(sizes, plan))
    workers = min(threads, len(tasks))
    parts: dict[Parts, list[tuple[int, Part]]] = {}

    def drain() -> dict[Parts, Content]:
        done: dict[Parts, Content] = {}
        with Reader(tree, plan, stop, alone=threads > 1 and len(tasks) == 1) as reader:
            while True:
                try:
                    task = tasks.popleft()
                except IndexError:
                    return done
                if task.last < 0:
                    done[task.real] = reader.read(task.real)
                    continue
                part = reader.read_part(task.real, task.first, task.last)
                parts.setdefault(task.real, []).append((task.first, part))

    if workers > 1:
        contents |= _together(workers, drain, stop)
    elif tasks:
        contents |= drain()
    if parts:
        with Reader(tree, plan, stop) as reader:
            for real, pieces in parts.items():
                contents[real] = reader.finish(real, [part for _, part in sorted(pieces)])
    return contents


class _Task(NamedTuple):
    """A large file, or its shards from ``first`` to before ``last``."""

    real: Parts
    first: int = 0
    last: int = -1


def _tasks(sizes: Mapping[Parts, int], plan: Plan) -> Iterator[_Task]:
    """The largest first, so that the last one to end is a short one."""
    for real in sorted(sizes, key=lambda real: (-sizes[real], real)):
        shards = plan.shards
        pieces = shards.count(sizes[real]) if shards else 0
        if shards is None or plan.whole or plan.classify or not 1 < pieces <= MAX_SHARDS:
            yield _Task(real)
            continue
        step = max(1, PART_BYTES // shards.size)
        for first in range(0, pieces, step):
            yield _Task(real, first, min(first + step, pieces))


def _together(
    workers: int, drain: Callable[[], dict[Parts, Content]], stop: Stop
) -> dict[Parts, Content]:
    from concurrent.futures import ThreadPoolExecutor

    contents: dict[Parts, Content] = {}
    with ThreadPoolExecutor(workers) as pool:
        try:
            for future in [pool.submit(drain) for _ in range(workers)]:
                contents |= future.result()
        except BaseException:
            stop.asked = True
            raise
    return contents


def _past_hole_bound(
    tree: DiskTree, large: Mapping[Parts, os.stat_result], bounds: Bounds
) -> dict[Parts, Content]:
    """The sparse files that the bound on holes leaves no room for, in the order of their paths."""
    refused: dict[Parts, Content] = {}
    spent = 0
    for real in sorted(large):
        holes = large[real].st_size - large[real].st_blocks * 512
        if holes < LARGE_BYTES or not _reports_holes(tree, real, large[real].st_size):
            continue
        if spent + holes > bounds.hole_bytes:
            detail = f"a sparse file: holes of more than {bounds.hole_bytes} bytes are not hashed"
            refused[real] = Content(problem=(ProblemKind.BOUND, detail))
        else:
            spent += holes
    return refused


def _reports_holes(tree: DiskTree, real: Parts, size: int) -> bool:
    """Network file systems may report no storage at all for files that are full of data."""
    try:
        descriptor = tree.open_file(real)
    except Unreadable:
        return False  # reading it will say what is wrong
    try:
        return has_holes(descriptor, size)
    finally:
        os.close(descriptor)
