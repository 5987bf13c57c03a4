"""Whole streams: pickles one behind the other, what follows the last, and the readings that loaders
do not share (a memo kept between pickles, frames, joblib's arrays)."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.weights.inspection import Verdict
from weighbridge.weights.log import Log
from weighbridge.weights.pickle import frames
from weighbridge.weights.pickle.ledger import Ledger
from weighbridge.weights.pickle.machine import Machine
from weighbridge.weights.pickle.values import texts_of
from weighbridge.weights.pickle.window import Damage
from weighbridge.weights.source import Source, file_source
from weighbridge.weights.torch_storage import count_storages

MAX_PICKLES = 10_000  # in one stream
MAX_DEPTH = 3  # of pickles inside byte strings inside pickles
MAX_ATTEMPTS = 5_000  # byte strings of one stream that are tried as a pickle
MAX_ARCHIVES = 100  # byte strings of one stream that are tried as an archive
MAX_SEARCHED = 4 * 2**20  # bytes behind the last pickle that are searched for another
MAX_CARVED = 2000  # places that are tried there
_CARVED_SIZE = 128 * 1024  # bytes of each that are read
# Where a pickle may begin: a protocol and an operation, or two names and STACK_GLOBAL ...
_FRAMED = re.compile(
    rb"\x80[\x00-\x05][\x95\x8c\x8e\x8f}\])(cXUTCBKNJMGIVS]"
    rb"|\x8c.[A-Za-z_][\w.]{0,200}\x94?\x8c.[A-Za-z_][\w.]{0,200}\x94?\x93",
    re.S,
)
# ... or GLOBAL and INST: two alternatives, not a set, as each then begins with a byte that re
# searches for.
_GLOBAL = re.compile(
    rb"c[A-Za-z_][\w.]{0,200}\n[A-Za-z_][\w.]{0,200}\n"
    rb"|i[A-Za-z_][\w.]{0,200}\n[A-Za-z_][\w.]{0,200}\n"
)
# Many letters: each c among them would be tried, at up to two hundred steps, and for nothing where
# no second name follows.
_LETTERS = re.compile(rb"[\w.]{16,}+")
_SECOND = re.compile(rb"\n[A-Za-z_][\w.]{0,200}+\n")
_NAME = 202  # the longest that GLOBAL's first name can be here, with the operation
_LEGACY_MAGIC = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."  # torch/serialization.py, MAGIC_NUMBER
_LEGACY_PICKLES = 5


@dataclass(slots=True)
class Pickles:
    """What a stream held. ``end`` is the offset behind the last pickle that ended with STOP."""

    count: int = 0
    end: int = 0
    trailing: bool = False
    storages: dict[str, tuple[str, int]] = field(default_factory=dict)
    opcodes: int = 0
    last_texts: tuple[str, ...] | None = None  # of a last pickle that is a short list of texts


def inspect_pickles(source: Source, log: Log, *, most: int = MAX_PICKLES) -> Pickles:
    """Everything the pickles of a stream import and call, into ``log``.

    Args:
        source: the stream.
        log: gets operations, issues (``damaged-pickle``, ``frame-violation``, ``trailing-data``)
        and
            gaps.
        most: stop after so many pickles; what follows is not theirs.
    """
    found = Pickles()
    machine = Machine(source.open(), Ledger(log), size=source.size)
    again = _fresh(machine, log, found, most)
    found.storages = machine.storages
    found.opcodes = machine.opcodes
    found.last_texts = texts_of(machine.last)
    log.bytes_read += max(machine.base + machine.end - machine.skipped, 0)
    if machine.violations:
        log.issue(
            "frame-violation",
            "an opcode crosses the end of its frame, so unpicklers read different programs",
            machine.violations[0],
        )
        log.gap("unpicklers disagree about where this pickle's opcodes start", uninspected=False)
    if machine.violations or machine.torn:
        _other_frames(source, log)
    if again:
        _kept_memo(source, log, most)
    if machine.arrays:
        scratch = log.scratch()
        _quietly(Machine(source.open(), Ledger(scratch), size=source.size, joblib=False), scratch)
        log.absorb(scratch, least=Verdict.DANGEROUS)
    return found


def _fresh(machine: Machine, log: Log, found: Pickles, most: int) -> bool:
    """Each pickle with an empty memo; whether a memo kept between them could matter."""
    pos, kept, again = 0, 0, False
    main = machine.ledger
    while found.count < most:
        machine.memo, machine.sparse, machine.young = [], {}, 0
        scratch = log.scratch()
        machine.ledger = Ledger(scratch) if found.count else main
        start = machine.base + pos
        try:
            pos = machine.run(pos)
        except BoundExceeded as error:
            machine.ledger.close()
            log.absorb(scratch)
            log.give_up(error)
            return again
        except HostileInput as error:
            machine.ledger.close()
            log.absorb(scratch, least=Verdict.DANGEROUS)
            _broken(log, found, start, str(error), machine)
            return again or machine.missed
        machine.ledger.close()
        if machine.stack or machine.meta:
            scratch.issue(
                "stack-leftover",
                "values are left on the stack at STOP, which no pickler writes",
                machine.base + pos - 1,
            )
        log.take(scratch)
        again = again or bool(kept and (machine.memoized or machine.missed))
        kept += len(machine.memo) + len(machine.sparse)
        found.count += 1
        found.end = machine.base + pos
        if machine.at_end(pos):
            return again
        pos = 0
    if most >= MAX_PICKLES:
        log.gap(f"the stream holds more than {MAX_PICKLES} pickles")
    return again


def _broken(log: Log, found: Pickles, start: int, why: str, machine: Machine) -> None:
    """The stream does not go on as a pickle: damage, or data behind the last one. What follows is
    searched for pickles that something else may load, or that another unpickler goes on with."""
    if found.count:
        found.trailing = True
        log.issue(
            "trailing-data", "data follows the last pickle that is not a pickle itself", start
        )
    else:
        log.issue("damaged-pickle", why, machine.at)
        log.gap(f"the pickle cannot be read to its end: {why}", uninspected=False)
        start = max(machine.at + 1, machine.base)
    parts = [machine.data[max(start - machine.base, 0) : machine.end]]
    have = len(parts[0])
    while have < MAX_SEARCHED and (more := machine.stream.read(2**20)):
        parts.append(more)
        have += len(more)
    _carve(b"".join(parts)[:MAX_SEARCHED], start, log)


class _Starts:
    """Places in some bytes where a pickle may begin, in order."""

    def __init__(self, window: bytes) -> None:
        self.searched = [(_FRAMED, window)]
        if b"\n" in window:
            self.searched.append((_GLOBAL, _LETTERS.sub(_blank, window)))
        self.next: list[re.Match[bytes] | None] = [p.search(data) for p, data in self.searched]

    def behind(self, pos: int) -> re.Match[bytes] | None:
        """The first place at or behind a position that only grows."""
        for number, (pattern, data) in enumerate(self.searched):
            match = self.next[number]
            if match is not None and match.start() < pos:
                self.next[number] = pattern.search(data, pos)
        return min(filter(None, self.next), key=lambda match: match.start(), default=None)


def _blank(run: re.Match[bytes]) -> bytes:
    """A name in which no GLOBAL can begin but at its first letter, or in its end if a second name
    follows; it stays a name, as it may be the second one."""
    letters = run[0]
    if len(letters) <= _NAME and _SECOND.match(run.string, run.end()):
        return letters
    followed = run.string[run.end() : run.end() + 1] == b"\n"
    kept = letters[-_NAME:] if followed and len(letters) > _NAME else b""
    return letters[:1] + b"x" * (len(letters) - len(kept) - 1) + kept


def _carve(window: bytes, origin: int, log: Log) -> None:
    """Run what looks like the start of a pickle, and go on behind where it ended."""
    pos, tried = 0, 0
    starts = _Starts(window)
    while (match := starts.behind(pos)) is not None:
        tried += 1
        if tried > MAX_CARVED:
            log.gap(f"more than {MAX_CARVED} places behind the damage look like pickles")
            return
        scratch = log.scratch()
        data = window[match.start() : match.start() + _CARVED_SIZE]
        machine = Machine(io.BytesIO(data), Ledger(scratch, origin + match.start()), size=len(data))
        ended = _quietly(machine, scratch)
        log.absorb(scratch, least=Verdict.UNLISTED if ended else Verdict.DANGEROUS)
        pos = max(match.start() + machine.at, match.start() + 1)


def _quietly(machine: Machine, scratch: Log) -> bool:
    """Run what may be no pickle at all; whether it came to its STOP."""
    try:
        machine.run(0)
    except HostileInput as error:
        scratch.gap(str(error))
        return False
    finally:
        machine.ledger.close()
    return True


def _other_frames(source: Source, log: Log) -> None:
    data = source.head(frames.MAX_BYTES)
    other = frames.dropping(data)
    scratch = log.scratch()
    _quietly(Machine(io.BytesIO(other), Ledger(scratch), size=len(other)), scratch)
    log.absorb(scratch)


def _kept_memo(source: Source, log: Log, most: int) -> None:
    """The reading of a loader that calls one Unpickler several times: its memo is never emptied."""
    scratch = log.scratch()
    machine = Machine(source.open(), Ledger(scratch), size=source.size)
    pos = 0
    try:
        for _ in range(most):
            pos = machine.run(pos)
            if machine.at_end(pos):
                break
            pos = 0
    except HostileInput as error:
        scratch.gap(str(error))
    if not log.knows(scratch):
        log.gap("a loader that keeps its memo between pickles reads other names", uninspected=False)
    log.absorb(scratch, least=Verdict.DANGEROUS)


def inspect_nested(outer: Machine, raw: bytes, start: int, size: int) -> bool:
    """A byte string of a pickle that may be a pickle: its operations count as the outer one's.

    Returns:
        Whether it is pickles from start to end, or a legacy torch file, and all were looked into.
        ``size`` is the string's length, of which ``raw`` may be the start.
    """
    log = outer.ledger.log
    outer.ledger.attempts += 1
    if outer.depth >= MAX_DEPTH or outer.ledger.attempts > MAX_ATTEMPTS:
        if outer.depth >= MAX_DEPTH or outer.ledger.attempts == MAX_ATTEMPTS + 1:
            log.gap("byte strings that look like pickles are nested too deeply or are too many")
        return False
    scratch = log.scratch()
    ledger = Ledger(scratch, outer.ledger.origin + start)
    ledger.attempts, ledger.unpacked = outer.ledger.attempts, outer.ledger.unpacked
    machine = Machine(io.BytesIO(raw), ledger, size=len(raw), depth=outer.depth + 1)
    torch = raw.startswith(_LEGACY_MAGIC)
    count, whole = _run_all(machine, _LEGACY_PICKLES if torch else MAX_PICKLES)
    machine.ledger.close()
    outer.ledger.attempts, outer.ledger.unpacked = ledger.attempts, ledger.unpacked
    log.absorb(scratch, least=Verdict.UNLISTED if count else Verdict.DANGEROUS)
    if torch and count == _LEGACY_PICKLES and not scratch.gaps:
        count_storages(machine.storages, log)
        return True
    return whole and len(raw) == size and not scratch.gaps


def inspect_archived(outer: Machine, raw: bytes) -> bool:
    """A byte string that starts as an archive: what is in it counts as the outer pickle's.

    Returns:
        Whether all of it was looked into and is as it should be.
    """
    log = outer.ledger.log
    outer.ledger.attempts += 1
    if outer.depth >= MAX_DEPTH or outer.ledger.attempts > MAX_ARCHIVES:
        log.gap("byte strings that look like archives are nested too deeply or are too many")
        return False
    scratch = log.scratch()
    try:
        scratch.inside("bytes of the pickle", file_source(io.BytesIO(raw), len(raw)))
    except HostileInput as error:
        scratch.gap(str(error))
    log.absorb(scratch)
    return not scratch.gaps and not scratch.has_issues


def _run_all(machine: Machine, most: int) -> tuple[int, bool]:
    """Run pickles to the end; how many ended, and whether nothing else follows the last."""
    pos, count = 0, 0
    try:
        while count < most:
            machine.memo, machine.sparse, machine.young = [], {}, 0
            pos = machine.run(pos)
            count += 1
            if machine.at_end(pos):
                return count, True
            pos = 0
    except HostileInput:
        return count, False
    return count, False


__all__ = ["Damage", "Pickles", "inspect_archived", "inspect_nested", "inspect_pickles"]
