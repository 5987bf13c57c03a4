"""Merkle tree hashes and proofs: RFC 6962 section 2.1, verified as RFC 9162 sections 2.1.3, 2.1.4.

Trees are given by a function over ranges, ``subtree(start, end)``, so that they may lie in tiles.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
Subtree = Callable[[int, int], bytes]


def leaf_hash(entry: bytes) -> bytes:
    """The hash of an entry: SHA-256 over 0x00 and its bytes."""
    return hashlib.sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node: SHA-256 over 0x01 and its children."""
    return hashlib.sha256(b"\1" + left + right).digest()


def split(size: int) -> int:
    """The largest power of two below ``size`` (at least 2): where RFC 6962 divides a tree."""
    return 1 << ((size - 1).bit_length() - 1)


def root(hashes: Sequence[bytes]) -> bytes:
    """The Merkle tree hash over leaf hashes, or over the roots of full subtrees of one height."""
    if not hashes:
        return EMPTY_ROOT
    # folded level by level: a node without a sibling moves up, which is the tree of RFC 6962
    level = list(hashes)
    while len(level) > 1:
        paired = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = paired + level[len(paired) * 2 :]
    return level[0]


def inclusion_path(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """PATH(m, D[n]) of RFC 6962 section 2.1.1, from the leaf's sibling up."""
    if not 0 <= index < size:
        raise ValueError(f"there is no entry {index} in a tree of {size}")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + split(end - start)
        if index < middle:
            path.append(subtree(middle, end))
            end = middle
        else:
            path.append(subtree(start, middle))
            start = middle
    return path[::-1]


def includes(leaf: bytes, index: int, size: int, path: Sequence[bytes], head: bytes) -> bool:
    """Whether a path leads from a leaf to a tree's root (RFC 9162 section 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    position, last, made = index, size - 1, leaf
    for step in path:
        if last == 0:
            return False
        if position & 1 or position == last:
            made = node_hash(step, made)
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            made = node_hash(made, step)
        position >>= 1
        last >>= 1
    return last == 0 and made == head


def consistency_path(old: int, size: int, subtree: Subtree) -> list[bytes]:
    """PROOF(m, D[n]) of RFC 6962 section 2.1.2: that a tree of ``old`` entries begins this one."""
    if not 0 < old <= size:
        raise ValueError(f"a tree of {old} cannot begin a tree of {size}")
    path: list[bytes] = []
    start, end, whole = 0, size, True
    while old != end:
        middle = start + split(end - start)
        if old <= middle:
            path.append(subtree(middle, end))
            end = middle
        else:
            path.append(subtree(start, middle))
            start, whole = middle, False
    if not whole:
        path.append(subtree(start, end))
    return path[::-1]


def consistent(old: int, old_head: bytes, size: int, head: bytes, path: Sequence[bytes]) -> bool:
    """Whether a tree continues an older one (RFC 9162 section 2.1.4.2).

    The empty tree begins every other; its proof is empty.
    """
    if not 0 <= old <= size:
        return False
    if old == size:
        return not path and old_head == head
    if old == 0:
        return not path and old_head == EMPTY_ROOT
    steps = list(path)
    if old & (old - 1) == 0:
        steps.insert(0, old_head)
    if not steps:
        return False
    position, last = old - 1, size - 1
    while position & 1:
        position >>= 1
        last >>= 1
    first = second = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            first, second = node_hash(step, first), node_hash(step, second)
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            second = node_hash(second, step)
        position >>= 1
        last >>= 1
    return last == 0 and first == old_head and second == head
