"""Reading many files with a few threads; what comes out does not depend on how many."""

from __future__ import annotations

import os
import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor

from weighbridge.model.artifact import ProblemKind
from weighbridge.snapshot.disk import DiskTree
from weighbridge.snapshot.read import Content, Reader, has_holes
from weighbridge.snapshot.reasons import Unreadable
from weighbridge.snapshot.tree import Bounds, Node, Parts, Walked

# Below this size Python's own work outweighs hashing, and threads would only wait for one another.
LARGE_BYTES = 1 * 2**20


def read_all(
    tree: DiskTree, walked: Walked, algorithms: tuple[str, ...], threads: int, bounds: Bounds
) -> dict[Parts, Content]:
    """The content of every file met, by its real path: a file behind two links is read once."""
    nodes = {found.real: found.node for found in walked.files}
    contents = _past_hole_bound(tree, nodes, bounds)
    todo = sorted(
        (real for real in nodes if real not in contents), key=lambda real: (-nodes[real].size, real)
    )
    large = deque(real for real in todo if nodes[real].size >= LARGE_BYTES)
    small = deque(real for real in todo if nodes[real].size < LARGE_BYTES)
    stop = threading.Event()

    def drain(queue: deque[Parts]) -> dict[Parts, Content]:
        reader = Reader(tree, algorithms, stop)
        done: dict[Parts, Content] = {}
        while True:
            try:
                real = queue.popleft()
            except IndexError:
                return done
            done[real] = reader.read(real)

    workers = min(threads, len(large))
    if workers <= 1:
        return contents | drain(large) | drain(small)
    with ThreadPoolExecutor(workers) as pool:
        try:
            running = [pool.submit(drain, large) for _ in range(workers)]
            contents |= drain(small)
            for future in running:
                contents |= future.result()
        except BaseException:
            stop.set()
            raise
    return contents


def _past_hole_bound(
    tree: DiskTree, nodes: dict[Parts, Node], bounds: Bounds
) -> dict[Parts, Content]:
    """The sparse files that the bound on holes leaves no room for, in the order of their paths."""
    refused: dict[Parts, Content] = {}
    spent = 0
    for real in sorted(nodes):
        node = nodes[real]
        if node.holes < LARGE_BYTES or not _reports_holes(tree, real, node.size):
            continue
        if spent + node.holes > bounds.hole_bytes:
            detail = f"a sparse file: holes of more than {bounds.hole_bytes} bytes are not hashed"
            refused[real] = Content(problem=(ProblemKind.BOUND, detail))
        else:
            spent += node.holes
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
