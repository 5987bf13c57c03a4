"""Digests that a Hugging Face cache states in the names of its blobs, instead of reading them.

A blob that came over LFS or Xet is named by the SHA-256 of its content (64 hex digits), any other
by its git blob id (40). The client that wrote the blob checked it, or did not; its name is a claim,
and whoever takes it says so.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from weighbridge.model.artifact import Kind, Presence
from weighbridge.model.digest import Digest
from weighbridge.snapshot.disk import DiskTree, FileOpener, Identity
from weighbridge.snapshot.hashing import Plan
from weighbridge.snapshot.origin import Origin
from weighbridge.snapshot.read import Content
from weighbridge.snapshot.reasons import Unreadable
from weighbridge.snapshot.tree import Parts

_SHA256 = re.compile(rb"[0-9a-f]{64}")


def blob_names(tree: DiskTree, files: list[Parts], plan: Plan) -> Mapping[Parts, Content]:
    """A :data:`weighbridge.snapshot.pool.Known`: the SHA-256 of blobs that are named by it."""
    declared: dict[Parts, Content] = {}
    if plan.names != ("sha256",) or plan.classify:
        return declared
    opener = FileOpener(tree)
    for real in files:
        if real[:-1] != (b"blobs",) or not _SHA256.fullmatch(real[-1]):
            continue
        try:
            descriptor, status = opener.open(real)
        except Unreadable:
            continue  # reading it will say what is wrong
        os.close(descriptor)
        declared[real] = Content(
            status.st_size,
            Kind.UNREAD,
            Presence.CONTENT,
            (Digest("sha256", real[-1].decode("ascii")),),
            Identity.of(status),
            origin=Origin.DECLARED,
        )
    opener.close()
    return declared
