"""The lines of the screen."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator

from weighbridge.model.finding import Outcome, Severity
from weighbridge.model.record import AuditRecord, TimestampState
from weighbridge.report.console.select import (
    MAX_GAPS,
    Block,
    Head,
    Said,
    Selection,
    distinct,
)
from weighbridge.report.console.wrap import columns, middle, prose, shown, shown_path, wrap
from weighbridge.report.summary import (
    ATTESTED,
    OUTCOME_WORDS,
    VERDICT_WORDS,
    Attested,
    NotChecked,
    attested_by,
    loosened,
    some,
    timestamp_words,
)

MAX_LINES = 40  # of the whole screen, as long as nothing that closes the gate is left out
MAX_OFF = 4  # rules turned off that are named

_BOLD, _RED, _GREEN, _YELLOW, _RESET = "\x1b[1m", "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[0m"
_COLOR = {Severity.CRITICAL: _RED, Severity.HIGH: _RED, Severity.MEDIUM: _YELLOW,
          Severity.LOW: _GREEN, Severity.INFO: _GREEN}  # fmt: skip
_MARK = {Outcome.UNKNOWN: " (unknown)", Outcome.ERROR: " (error)",
         Outcome.MANUAL: " (needs a person)"}  # fmt: skip
_FIX, _UNDER_FIX = "  fix: ", "       "
_PLAIN = re.compile(r"[\w.\-]+")
_PATH_NAMED = 60  # columns of a path that is only pointed at
_ALL = "(--format json lists all)"


class Detail(enum.Enum):
    """How much is said of what does not close the gate, the most first."""

    FULL = "message and remedy"
    REMEDIES = "messages and remedies of what is open; places of what fails"
    BRIEF = "messages of what is open; places of what fails"


class Screen:
    """One record in columns."""

    def __init__(self, record: AuditRecord, *, color: bool, width: int) -> None:
        self.record = record
        self.color = color
        self.width = width
        selection = Selection(record)
        self._blocks = selection.closing()
        self._rows = selection.failing()
        self._undecided, self._left = selection.undecided()
        self._unseen_items = selection.unseen()
        self._digest = str(record.digest)

    def lines(self, detail: Detail) -> list[str]:
        """The whole screen, its parts one empty line apart."""
        parts = [
            list(self._head()),
            list(self._closing()),
            list(self._failing(detail)),
            list(self._open(detail)),
            list(self._attested()),
            list(self._foot()),
        ]
        lines: list[str] = []
        for part in parts:
            if part:
                lines += ["", *part] if lines else part
        return lines

    def _head(self) -> Iterator[str]:
        record = self.record
        words = VERDICT_WORDS[record.verdict.exit_code]
        policy = f"{shown(record.policy.id)} {shown(record.policy.version)}"
        name = shown(record.subject.name)
        if not _PLAIN.fullmatch(name):
            name = repr(name)  # or a folder's name could say what only a verdict may
        text = (f"{name}: {words[0].lower()}{words[1:]} "
                f"({policy}, as of {record.as_of.isoformat()})")  # fmt: skip
        for line in wrap(text, self.width):
            yield self._paint(_BOLD, line)

    def _closing(self) -> Iterator[str]:
        for block in self._blocks:
            yield from self._block(block)

    def _block(self, block: Block) -> Iterator[str]:
        for said in block.said:
            for head in said.heads:
                yield from self._head_lines(head)
            yield from self._message(said)
        yield from self._fix(block.remedy)
        if block.more:
            yield from self._rest(block)

    def _head_lines(self, head: Head, indent: str = "", more: str = "") -> Iterator[str]:
        """``path:line  SEVERITY rule-id``; the last two stay on one line if one can hold them."""
        word = head.severity.value.upper()
        tail = f"{word} {head.rule}{_MARK.get(head.outcome, '')}{more}"
        under = f"{indent}    "
        lines = prose(head.place, self.width, indent, under) if head.place else []
        before = under if lines else indent
        if lines and columns(lines[-1]) + 2 + len(tail) <= self.width:
            before = lines.pop() + "  "
        yield from lines
        first, *others = wrap(tail, self.width, before, under)
        yield before + self._paint(_COLOR[head.severity], word) + first[len(before) + len(word) :]
        yield from others

    def _message(self, said: Said, indent: str = "") -> list[str]:
        under = f"{indent}  "
        return prose(said.sentence(), self.width, under if said.heads else indent, under)

    def _fix(self, remedy: str, indent: str = "") -> list[str]:
        if not remedy:
            return []
        return wrap(remedy, self.width, indent + _FIX, indent + _UNDER_FIX)

    def _rest(self, block: Block) -> list[str]:
        """How many findings are not told, at which paths, and how to see them."""
        start = f"and {block.more:,} more {block.rule}"
        named: list[str] = []
        for path in block.paths:
            one = shown_path(middle(path, _PATH_NAMED))
            text = f"{start} at: {', '.join([*named, one])}, ..."
            if named and len(prose(text, self.width, "  ", "  ")) > 2:
                break
            named.append(one)
        dots = ", ..." if len(named) < len(block.paths) else ""
        at = f" at: {', '.join(named)}{dots}" if named else ""
        return prose(f"{start}{at} {_ALL}", self.width, "  ", "  ")

    def _failing(self, detail: Detail) -> Iterator[str]:
        """What fails below the gate's threshold, a rule at a time."""
        if not self._rows:
            return
        full = detail is Detail.FULL
        yield from wrap(f"Does not close the gate{'' if full else ' (--format json says more)'}:",
                        self.width)  # fmt: skip
        for said, remedy, more in self._rows:
            others = f" (and {more:,} more)" if more else ""
            yield from self._head_lines(said.heads[0], "  ", others)
            if full:
                yield from self._message(said, "  ")
                yield from self._fix(remedy, "  ")

    def _open(self, detail: Detail) -> Iterator[str]:
        """What could not be checked: what rules said, then what no rule tells of."""
        if not self._undecided and not self._unseen_items:
            return
        yield "Not checked:"
        for said, remedy in self._undecided:
            yield from prose(_open_words(said), self.width, "  ", "    ")
            if detail is not Detail.BRIEF:
                yield from self._fix(remedy, "  ")
        if self._left:
            yield from wrap(f"and {self._left:,} more like these {_ALL}", self.width, "  ", "    ")
        yield from self._unseen()

    def _unseen(self) -> Iterator[str]:
        kinds: dict[str, list[NotChecked]] = {}
        for item in self._unseen_items:
            kinds.setdefault(item.kind, []).append(item)
        for kind, alike in kinds.items():
            if kind == "rule-off":
                names = ", ".join(shown(item.what) for item in alike[:MAX_OFF])
                if len(alike) > MAX_OFF:
                    names += f" and {len(alike) - MAX_OFF} more (weighbridge policy show)"
                yield from wrap(f"turned off by the policy: {names}", self.width, "  ", "    ")
                continue
            for item in alike[:MAX_GAPS]:
                reason = shown(item.reason)
                stop = "" if reason.endswith((".", "!", "?")) else "."
                what = shown(item.what)
                text = f"{_KIND_WORDS.get(kind, '')}{what}: {reason}{stop}"
                yield from prose(text, self.width, "  ", "    ")
            if len(alike) > MAX_GAPS:
                text = f"and {len(alike) - MAX_GAPS:,} more like these {_ALL}"
                yield from wrap(text, self.width, "  ", "    ")

    def _attested(self) -> Iterator[str]:
        """What passed on somebody's word, and whose: those with the same word on one line."""
        groups: dict[tuple[Attested, ...], list[str]] = {}
        for result in self.record.results:
            if people := attested_by(self.record, result):
                groups.setdefault(people, []).append(shown(result.rule))
        if groups:
            yield f"{ATTESTED[:1].upper()}{ATTESTED[1:]}, which no machine checked:"
        for people, rules in list(groups.items())[:MAX_GAPS]:
            who = shown("; ".join(str(one) for one in people))
            yield from wrap(f"{', '.join(rules)}: {who}", self.width, "  ", "    ")
        if len(groups) > MAX_GAPS:
            text = f"and {len(groups) - MAX_GAPS:,} more like these {_ALL}"
            yield from wrap(text, self.width, "  ", "    ")

    def _foot(self) -> Iterator[str]:
        record = self.record
        counts = ", ".join(f"{n} {OUTCOME_WORDS[o]}" for o, n in record.counts().items() if n)
        files = len(record.artifacts)
        offline = ", offline" if record.offline else ""
        text = f"{files:,} {'file' if files == 1 else 'files'}{offline}. Rules: {counts or 'none'}."
        yield from wrap(text, self.width, "", "  ")
        looser = [shown(what) for what, _ in loosened(record)]
        if looser:
            text = f"Looser than in the policies it extends: {some(looser)}."
            yield from wrap(text, self.width, "", "  ")
        required = record.policy.timestamp_required
        if not required or record.timestamp.state is TimestampState.STAMPED:
            yield from wrap(f"{shown(timestamp_words(record))}.", self.width, "", "  ")
        yield from wrap(f"Record {self._digest}", self.width, "", "  ")

    def _paint(self, code: str, text: str) -> str:
        return f"{code}{text}{_RESET}" if self.color else text


_KIND_WORDS = {"crashed-collector": "the collector crashed: ", "evidence": "evidence on "}


def _open_words(said: Said) -> str:
    """``rule-a, rule-b: the message``, with the places before it where it does not name them."""
    rules = ", ".join(distinct(head.rule for head in said.heads))
    mark = _MARK[Outcome.MANUAL] if said.heads[0].outcome is Outcome.MANUAL else ""
    places = distinct(head.place for head in said.heads)
    text = said.text
    if said.elided:
        text = f"{some(places)}{': each' if len(places) > 1 else ''} {text}"
    elif places and not (len(places) == 1 and said.text.find(places[0]) >= 0):
        text = f"{some(places)}: {text}"
    return f"{rules}{mark}: {text}"
