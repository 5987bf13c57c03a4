"""What was found of licenses last time, by the lock that somebody kept."""

from __future__ import annotations

from weighbridge.collect.context import CollectContext
from weighbridge.licensing.lock import MAX_BYTES, read_lock
from weighbridge.licensing.lock import NAME as LOCK
from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState

NAME = "license-lock"
KINDS: tuple[EvidenceKind, ...] = (EvidenceKind.LICENSE_LOCK,)
_COLLECTOR = f"{NAME}@1"


def collect(ctx: CollectContext) -> tuple[Evidence, ...]:
    """The lock that the settings name, or else the one at the top of the subject."""
    if ctx.services.license_lock is not None:
        return (_elsewhere(ctx),)
    artifact = ctx.snapshot.find(LOCK)
    problem = next((p for p in ctx.snapshot.problems if p.path == LOCK), None)
    if artifact is None and problem is None:
        reason = f"there is no {LOCK} at the top of the subject"
        return (_other(EvidenceState.ABSENT, "", "snapshot", reason),)
    if artifact is None:
        detail = problem.detail if problem else ""
        return (_other(EvidenceState.UNAVAILABLE, LOCK, f"file:{LOCK}", detail),)
    try:
        return (_read(ctx.snapshot.read(artifact, MAX_BYTES), LOCK, f"file:{LOCK}"),)
    except HostileInput as error:
        reason = error.message
    except OSError as error:
        reason = f"it cannot be read: {error.strerror}"
    return (_other(EvidenceState.UNAVAILABLE, LOCK, f"file:{LOCK}", reason),)


def _elsewhere(ctx: CollectContext) -> Evidence:
    """A lock outside the subject; the record names its bytes and not where they lay."""
    path = ctx.services.license_lock
    assert path is not None
    if not path.is_file():  # and no FIFO, which would be waited for
        return _other(EvidenceState.UNAVAILABLE, "", "lock", "the license lock is not a file")
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise BoundExceeded("the license lock", MAX_BYTES, "bytes")
        digest = ctx.store.put(data)
        found = _read(data, "", f"lock:{digest}")
    except HostileInput as error:
        reason = error.message
    except OSError as error:
        reason = f"the license lock cannot be read: {error.strerror}"
    else:
        return Evidence(
            found.kind, "", found.state, found.source, _COLLECTOR, data=found.data, raw=(digest,)
        )
    return _other(EvidenceState.UNAVAILABLE, "", "lock", reason)


def _read(data: bytes, about: str, source: str) -> Evidence:
    facts = read_lock(data)
    state = EvidenceState.OBSERVED
    return Evidence(EvidenceKind.LICENSE_LOCK, about, state, source, _COLLECTOR, data=facts)


def _other(state: EvidenceState, about: str, source: str, reason: str) -> Evidence:
    return Evidence(EvidenceKind.LICENSE_LOCK, about, state, source, _COLLECTOR, reason)
