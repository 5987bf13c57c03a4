"""Work on many items, shared with copies of this process: one a processor, forked.

Forked and not started anew: nothing here may start a program, and a new interpreter would look for
its modules in the working folder first, which may be a stranger's model. A fork is safe where it
copies the one thread that there is, which the system is asked about each time. Where it is not
(another thread, another system than Linux), the work is done here, one item after the other, with
the same result.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO, NamedTuple, TypeAlias

# What one item's work gives: JSON, as it comes out of a parser.
Result: TypeAlias = "dict[str, Any]"
Work: TypeAlias = "Callable[[int], Result]"

# Seconds of work alone before copies are made: a copy costs some milliseconds, and imports again
# what it needs. Shorter work gains nothing.
PATIENCE = 0.5
_MAX_TICKETS = 4096  # of 4 bytes: a pipe holds 64 KiB
_TICKET = 4  # bytes


class Lost(NamedTuple):
    """A copy was killed while it worked on an item, by the signal of that number."""

    signal: int


class _Copy(NamedTuple):
    """A copy of this process, and the file that it writes its results to."""

    pid: int
    file: BinaryIO


def share(count: int, work: Work, *, heavy: bool = False) -> Iterator[Result | Lost]:
    """What ``work`` gives for each number below ``count``, in order.

    Args:
        count: of items.
        work: must not depend on what it did before; it may run in a copy of this process.
        heavy: it is known to be long; copies are made at once.
    """
    began = time.monotonic()
    for number in range(count):
        late = heavy or time.monotonic() - began >= PATIENCE
        if late and count - number > 1 and _processors() > 1 and _is_single_threaded():
            yield from _together(range(number, count), work)
            return
        yield work(number)


class Ahead:
    """One piece of work, begun in a copy of this process while this one goes on.

    Where no copy can be made, or it ends without a result, :meth:`result` is None and the work is
    the caller's to do: what it raises is raised there.
    """

    def __init__(self, work: Callable[[], Result]) -> None:
        self._copy: _Copy | None = None
        if _processors() > 1 and _is_single_threaded():
            self._copy = _begun(work)

    def result(self) -> Result | None:
        """Wait for the copy, and give what it found; once."""
        import json

        copy, self._copy = self._copy, None
        if copy is None:
            return None
        with copy.file as file:
            if _end(copy, kill=False):
                return None
            file.seek(0)
            found: Result = json.load(file)
            return found

    def drop(self) -> None:
        """End the copy, whose result nobody wants."""
        copy, self._copy = self._copy, None
        if copy is not None:
            copy.file.close()
            _end(copy)


def _begun(work: Callable[[], Result]) -> _Copy | None:
    """A copy at that work; None where the system has no room for one."""
    import json
    import tempfile

    try:
        file = tempfile.TemporaryFile()  # noqa: SIM115  # closed by Ahead
    except OSError:
        return None
    try:
        pid = os.fork()
    except OSError:
        file.close()
        return None
    if pid:
        return _Copy(pid, file)
    try:  # as in _copied: nothing of what stands above may run twice
        file.write(json.dumps(work()).encode("ascii"))
        file.flush()
        os._exit(0)
    finally:
        os._exit(1)


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1


def _is_single_threaded() -> bool:
    """Whether this process has one thread, also counting those that are not Python's."""
    try:
        return len(os.listdir("/proc/self/task")) == 1  # noqa: PTH208  # no need of paths
    except OSError:
        return False


def _together(numbers: range, work: Work) -> Iterator[Result | Lost]:
    """The same, with a copy for every other processor. All take tickets from one pipe."""
    step = -(-len(numbers) // _MAX_TICKETS)
    batches = [numbers[at : at + step] for at in range(0, len(numbers), step)]
    tickets, give = os.pipe()
    copies: list[_Copy] = []
    done: dict[int, Result | Lost] = {}
    try:
        os.write(give, b"".join(n.to_bytes(_TICKET, "little") for n in range(len(batches))))
        os.close(give)
        for _ in range(min(_processors(), len(batches)) - 1):
            copies += _copied(tickets, batches, work)
        for batch in _taken(tickets, batches):
            done.update((number, work(number)) for number in batch)
        while copies:
            done |= _results(copies[-1])
            copies.pop()
    finally:
        os.close(tickets)
        for copy in copies:
            _end(copy)
    for number in numbers:
        yield done[number] if number in done else work(number)


def _taken(tickets: int, batches: Sequence[range]) -> Iterator[range]:
    """The batches whose tickets nobody else took."""
    while ticket := os.read(tickets, _TICKET):
        yield batches[int.from_bytes(ticket, "little")]


def _copied(tickets: int, batches: Sequence[range], work: Work) -> list[_Copy]:
    """A copy at work; none where the system has no room for one."""
    import json
    import tempfile

    parent = os.getpid()
    try:
        file = tempfile.TemporaryFile()  # noqa: SIM115  # closed by _results, or _end
        pid = os.fork()
    except OSError:
        return []
    if pid:
        return [_Copy(pid, file)]
    try:  # nothing of what stands above may run twice: the copy ends here, whatever happens
        for batch in _taken(tickets, batches):
            for number in batch:
                if os.getppid() != parent:
                    os._exit(1)
                file.write(b"[%d]\n" % number)  # begun; a second line has what came of it
                file.flush()
                file.write(json.dumps([number, work(number)]).encode("ascii") + b"\n")
                file.flush()
        os._exit(0)
    finally:
        os._exit(1)


def _results(copy: _Copy) -> dict[int, Result | Lost]:
    """Wait for a copy, and read what it found. Work that it gave up is not among it."""
    import json

    code = _end(copy, kill=False)
    with copy.file as file:
        file.seek(0)
        lines = [json.loads(line) for line in file if line.endswith(b"\n")]
    done: dict[int, Result | Lost] = {line[0]: line[1] for line in lines if len(line) > 1}
    begun = [line[0] for line in lines if line[0] not in done]
    if code < 0 and begun:
        done[begun[-1]] = Lost(-code)
    return done


def _end(copy: _Copy, *, kill: bool = True) -> int:
    """The copy's exit code, negative for a signal."""
    with contextlib.suppress(ProcessLookupError, ChildProcessError):
        if kill:
            import signal

            os.kill(copy.pid, signal.SIGKILL)
        return os.waitstatus_to_exitcode(os.waitpid(copy.pid, 0)[1])
    return 1  # the program that this is a part of does not let its children be waited for
