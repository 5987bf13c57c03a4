"""The projects as somebody accepted them: a baseline, believed only if a trusted signer made it.

A snapshot that nobody trusted signed is no evidence of what was accepted. It is ``unavailable``
with the reason, and none of the projects in it are handed on.
"""

from __future__ import annotations

import datetime as dt
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from weighbridge.collect.context import CollectContext
from weighbridge.edge.text import visible
from weighbridge.model.digest import Digest
from weighbridge.model.errors import HostileInput
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.project import BaselineFacts
from weighbridge.signing.baseline_trust import CheckedSnapshot, verify_snapshot
from weighbridge.signing.fingerprints import is_needed, keys_beside
from weighbridge.signing.maintainers_snapshot import (
    MAX_FILE_BYTES,
    ReadSnapshot,
    read_snapshot,
)

NAME = "baseline"
KINDS: tuple[EvidenceKind, ...] = (EvidenceKind.BASELINE,)

_COLLECTOR = f"{NAME}@1"
# a certificate counts on the day of the audit while it is valid at that day's end
_END_OF_DAY = dt.time(23, 59, 59, tzinfo=dt.UTC)
_NONE = "no baseline was given: what the projects were when somebody accepted them is not known"


def collect(ctx: CollectContext) -> Iterable[Evidence]:
    """One for the baseline as a whole, and one a project of it where it is believed.

    Raises:
        ConfigurationError: a trusted signer's key cannot be used.
    """
    path = ctx.services.baseline
    if path is None:
        yield _whole(EvidenceState.ABSENT, "baseline", _NONE)
        return
    source = f"baseline:{visible(path.name, 200)}"
    data = _read(path)
    if data is None:
        reason = f"it is no regular file that can be read, or larger than {MAX_FILE_BYTES} bytes"
        yield _whole(EvidenceState.UNAVAILABLE, source, reason)
        return
    raw = (ctx.store.put(data),)
    try:
        read = read_snapshot(data)
        checked = verify_snapshot(
            read,
            ctx.trust,
            at=dt.datetime.combine(ctx.as_of, _END_OF_DAY),
            timestamp_roots=ctx.timestamp_roots,
            at_hand=keys_beside(ctx.snapshot) if is_needed(ctx.trust) else (),
            demands=ctx.demands,
        )
    except HostileInput as error:
        yield _whole(EvidenceState.UNAVAILABLE, source, visible(error.message), raw)
        return
    facts = _facts(read, checked)
    if not checked.signer:
        reason = f"it is not accepted as a baseline: {visible(checked.reason, 1_000)}"
        yield _whole(EvidenceState.UNAVAILABLE, source, reason, raw, facts)
        return
    yield _whole(EvidenceState.OBSERVED, source, "", raw, facts)
    yield from _projects(read, source, raw)


def _facts(read: ReadSnapshot, checked: CheckedSnapshot) -> BaselineFacts:
    return {
        "digest": str(read.digest),
        "taken": read.snapshot.taken,
        "signer": checked.signer,
        "trusted": bool(checked.signer),
        "reason": visible(checked.reason, 1_000),
        "projects": len(read.snapshot.projects),
        "entry": -1,
    }


def _projects(read: ReadSnapshot, source: str, raw: tuple[Digest, ...]) -> Iterator[Evidence]:
    for project in read.snapshot.projects:
        known = project.facts is not None
        yield Evidence(
            EvidenceKind.BASELINE,
            project.about,
            project.state,
            source,
            _COLLECTOR,
            "" if known else f"it could not be had when it was accepted: {project.reason}",
            data={} if project.facts is None else {**project.facts},
            raw=raw,
        )


def _whole(
    state: EvidenceState,
    source: str,
    reason: str,
    raw: tuple[Digest, ...] = (),
    facts: BaselineFacts | None = None,
) -> Evidence:
    data = {} if facts is None else {**facts}
    return Evidence(EvidenceKind.BASELINE, "", state, source, _COLLECTOR, reason, data, raw)


def _read(path: Path) -> bytes | None:
    """A regular file's bytes; a FIFO would wait forever. None where it cannot be read."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)
    try:
        descriptor = os.open(path, flags)
        with os.fdopen(descriptor, "rb") as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                return None
            data = stream.read(MAX_FILE_BYTES + 1)
    except OSError:
        return None
    return data if len(data) <= MAX_FILE_BYTES else None
