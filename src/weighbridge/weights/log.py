"""Where analysers write down what they see of a file, in bounded memory."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from weighbridge.edge.text import visible
from weighbridge.model.errors import BoundExceeded, HostileInput, NotReadHere
from weighbridge.weights.inspection import Inspection, Issue, Operation, Remark, Verdict
from weighbridge.weights.places import place_of
from weighbridge.weights.source import MAX_RATIO, Bomb, Source

MAX_OPERATIONS = 500  # distinct operations of each verdict kept of one file; more are counted
MAX_ISSUES = 50  # of each code: many of one kind must not push out another
MAX_NAMES = 5000  # distinct listed names counted of one file
MAX_GAPS = 20
MAX_REMARKS = 20
MAX_OFFSET = 2**53 - 1  # a header may name any place; canonical JSON holds no larger number
MAX_INFLATED = 2**30  # bytes that all compressed parts of one file may become
BOMB_FLOOR = 64 * 2**20  # bytes that they may become at any ratio
MAX_DEPTH = 4  # of content in content: an archive, a stream's inside, an archive's member, ...


@dataclass(slots=True)
class Spent:
    """What one file has cost so far, over all its members and readings."""

    inflated: int = 0
    opcodes: int = 0
    size: int = -1  # of the file itself, -1 where it is not known


@dataclass(slots=True, eq=False, repr=False)
class Log:
    """Collects while analysers read, in bounded memory. ``member`` is set inside an archive.

    ``path`` is the file's own; ``nest`` reads content of any kind and says whether a reader knew
    it; the door of this room sets it, so that an archive's reader need not know the others.
    """

    nest: Callable[[Source, Log, str], bool] | None = None
    path: str = ""
    depth: int = 0
    member: str = ""
    bytes_read: int = 0
    tensors: int = 0
    parameters: int = -1
    spent: Spent = field(default_factory=Spent)
    uninspected: bool = False
    # where archives lie in a pickle's byte strings that were looked into and are as they should be
    archived: list[tuple[int, int]] = field(default_factory=list)
    _operations: dict[tuple[str, ...], Operation] = field(default_factory=dict)
    _counts: dict[Verdict, int] = field(default_factory=dict)
    _dropped: int = 0
    _allowed: dict[str, int] = field(default_factory=dict)
    _issue_counts: dict[str, int] = field(default_factory=dict)
    _issues: dict[tuple[str, str, str], Issue] = field(default_factory=dict)
    _gaps: dict[str, None] = field(default_factory=dict)
    _remarks: dict[Remark, None] = field(default_factory=dict)
    _dtypes: set[str] = field(default_factory=set)

    def operation(
        self,
        verdict: Verdict,
        action: str,
        name: str,
        rendered: str,
        effect: str,
        offset: int,
        opcode: str,
    ) -> None:
        """Record an operation that is not safe. The first of equal ones stands for all."""
        name, rendered = _shown(name, 200), _shown(rendered, 300)
        key = (verdict.value, action, name, rendered, self.member)
        if key in self._operations or not self.has_room(verdict):
            return
        self._counts[verdict] = self._counts.get(verdict, 0) + 1
        self._operations[key] = Operation(
            verdict, action, name, rendered, effect, offset, opcode, self.member
        )

    def has_room(self, verdict: Verdict) -> bool:
        """Whether another operation is kept; if not, it is counted. Each verdict has room of its
        own, so that many harmless ones cannot push out a dangerous one."""
        if self._counts.get(verdict, 0) < MAX_OPERATIONS:
            return True
        self._dropped += 1
        return False

    def allow(self, name: str, times: int) -> None:
        """Count uses of a listed name."""
        if name in self._allowed or len(self._allowed) < MAX_NAMES:
            self._allowed[name] = self._allowed.get(name, 0) + times

    def issue(self, code: str, message: str, offset: int = -1, member: str | None = None) -> None:
        """Record a structural defect. ``message`` is one clause, without a full stop."""
        count = self._issue_counts.get(code, 0)
        if count >= MAX_ISSUES:
            return
        self._issue_counts[code] = count + 1
        place = self.member if member is None else visible(member, 200)
        message = visible(message, 400)
        offset = offset if offset <= MAX_OFFSET else -1
        self._issues.setdefault((code, message, place), Issue(code, message, offset, place))

    def is_full(self, code: str) -> bool:
        """Whether no more defects of that kind are kept: their messages need not be made."""
        return self._issue_counts.get(code, 0) >= MAX_ISSUES

    @property
    def has_issues(self) -> bool:
        """Whether any defect was recorded."""
        return bool(self._issue_counts)

    def has_issue(self, code: str) -> bool:
        """Whether a defect of that kind was recorded."""
        return code in self._issue_counts

    def gap(self, reason: str, *, uninspected: bool = True) -> None:
        """Record that something was not read, and why."""
        text = visible(f"{self.member}: {reason}" if self.member else reason, 400)
        self.uninspected = self.uninspected or uninspected
        if len(self._gaps) < MAX_GAPS:
            self._gaps[text] = None

    def remark(self, kind: str, message: str, method: str, offset: int) -> None:
        """Record what is worth a look and no defect. ``message`` is one clause."""
        if len(self._remarks) < MAX_REMARKS:
            offset = offset if offset <= MAX_OFFSET else -1
            found = Remark(kind, visible(message, 400), method, offset, self.member)
            self._remarks[found] = None

    @property
    def name(self) -> str:
        """What the content is called that is being read: the member's name, or the file's path."""
        return self.member.rpartition("!")[2] or self.path

    def inside(self, name: str, source: Source) -> bool:
        """Read content that lies in this one, whatever it is, under its own name.

        Returns:
            Whether a reader knew its kind; False where it was not looked into.
        """
        if self.nest is None or self.depth >= MAX_DEPTH:
            self.gap(f"content nested more than {MAX_DEPTH} deep, in {name}")
            return True
        self.depth += 1
        try:
            with self.at(name):
                return self.nest(source, self, name)
        finally:
            self.depth -= 1

    @contextlib.contextmanager
    def at(self, name: str) -> Iterator[None]:
        """What is logged meanwhile belongs to a member of that name."""
        outer = self.member
        self.member = f"{outer}!{visible(name, 200)}" if outer else visible(name, 200)
        try:
            yield
        finally:
            self.member = outer

    def give_up(self, error: HostileInput) -> None:
        """Record why a reader stopped: damage is the file's, bounds and missing readers ours."""
        if isinstance(error, Bomb):
            if "decompression-bomb" not in self._issue_counts:  # further members would say the same
                self.gap(str(error))
                self.issue("decompression-bomb", str(error))
        elif isinstance(error, (BoundExceeded, NotReadHere)):
            self.gap(str(error))
        else:
            self.issue("malformed", str(error), place_of(error))
            self.gap(str(error), uninspected=False)

    def spend(self, count: int) -> None:
        """Count bytes that were inflated, over all members of a file.

        Raises:
            BoundExceeded: they are more than :data:`MAX_INFLATED`.
            Bomb: they are more than :data:`BOMB_FLOOR`, and many times the file's own size.
        """
        self.spent.inflated += count
        most = max(BOMB_FLOOR, MAX_RATIO * self.spent.size)
        if self.spent.size >= 0 and self.spent.inflated > most:
            raise Bomb("what the file's members become", most, "bytes")
        if self.spent.inflated > MAX_INFLATED:
            raise BoundExceeded("what the file's members become", MAX_INFLATED, "bytes")

    def tensor(self, dtype: str, parameters: int) -> None:
        """Count one tensor whose header was read."""
        self.tensors += 1
        self.parameters = max(self.parameters, 0) + parameters
        if dtype not in self._dtypes and len(self._dtypes) < MAX_NAMES:
            self._dtypes.add(visible(dtype, 60))

    def take(self, other: Log) -> None:
        """Take over everything of another log about the same place."""
        self.absorb(other)
        self._dropped += other._dropped
        self.bytes_read += other.bytes_read
        self.uninspected = self.uninspected or other.uninspected
        for key, issue in other._issues.items():
            self._issues.setdefault(key, issue)
            self._issue_counts[issue.code] = self._issue_counts.get(issue.code, 0) + 1
        for gap in other._gaps:
            if len(self._gaps) < MAX_GAPS:
                self._gaps[gap] = None
        for remark in other._remarks:
            if len(self._remarks) < MAX_REMARKS:
                self._remarks[remark] = None

    def has(self, least: Verdict) -> bool:
        """Whether an operation of at least that weight was recorded."""
        order = tuple(Verdict)
        return any(order.index(o.verdict) >= order.index(least) for o in self._operations.values())

    @property
    def gaps(self) -> tuple[str, ...]:
        """The gaps so far."""
        return tuple(self._gaps)

    def knows(self, other: Log) -> bool:
        """Whether this log has every operation of the other, wherever it stands."""
        mine = {(o.name, o.rendered) for o in self._operations.values()}
        return all((o.name, o.rendered) in mine for o in other._operations.values())

    def scratch(self) -> Log:
        """An empty log about the same place, for bytes that may turn out not to be a pickle."""
        return Log(
            nest=self.nest, path=self.path, depth=self.depth, member=self.member, spent=self.spent
        )

    def absorb(self, other: Log, *, least: Verdict = Verdict.UNLISTED) -> None:
        """Take over another log's operations of at least that weight, and its counts of listed
        names
        where every weight is taken."""
        if least is Verdict.UNLISTED:
            for name, times in other._allowed.items():
                self.allow(name, times)
        order = tuple(Verdict)
        for key, operation in other._operations.items():
            if order.index(operation.verdict) < order.index(least):
                continue
            if key not in self._operations and self.has_room(operation.verdict):
                self._counts[operation.verdict] = self._counts.get(operation.verdict, 0) + 1
                self._operations[key] = operation

    def freeze(self, form: str) -> Inspection:
        """The finished inspection."""
        return Inspection(
            format=form,
            complete=not self._gaps,
            gaps=tuple(self._gaps),
            uninspected=self.uninspected,
            operations=tuple(
                sorted(
                    self._operations.values(), key=lambda o: (o.member, o.offset, o.name, o.action)
                )
            ),
            operations_dropped=self._dropped,
            allowed=tuple(sorted((visible(n, 200), c) for n, c in self._allowed.items())),
            issues=tuple(sorted(self._issues.values(), key=lambda i: (i.member, i.offset, i.code))),
            tensors=self.tensors,
            parameters=min(self.parameters, MAX_OFFSET),
            dtypes=tuple(sorted(self._dtypes)),
            bytes_read=self.bytes_read,
            remarks=tuple(self._remarks),
        )


def _shown(text: str, limit: int) -> str:
    """:func:`visible`, at no cost for names as they should be."""
    return text if len(text) <= limit and text.isprintable() else visible(text, limit)
