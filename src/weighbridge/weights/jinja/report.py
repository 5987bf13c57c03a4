"""What the judge of a template records: names that lead out of it, and what only costs."""

from __future__ import annotations

import re
import unicodedata

from weighbridge.weights.inspection import Verdict
from weighbridge.weights.jinja.folding import MAX_ROUNDS
from weighbridge.weights.jinja.nodes import Node, Statement
from weighbridge.weights.jinja.words import RUNGS
from weighbridge.weights.log import Log

CLIMBS = "climbs from a chat template into Python"
# A name, or a path of names as ``map(attribute=…)`` takes it.
_PATH = re.compile(r"[\w.\[\]]{1,300}\Z")
_FIELD = re.compile(r"\{[^{}]{0,300}?__\w+__")
DUNDER = re.compile(r"__\w+__\Z")


class Report:
    """Records into a log; ``offset`` is where the template starts, in bytes."""

    def __init__(self, text: str, log: Log, offset: int) -> None:
        self.text, self.log, self.offset = text, log, offset
        self.rounds = 0  # of the constant range that was read last
        self.loops: list[int] = []  # rounds of each open loop and of those around it

    def attribute(self, name: str, at: int, end: int) -> None:
        """An attribute that is read by its name."""
        name = spelled(name)
        if name in RUNGS or DUNDER.match(name) or name.startswith("_TemplateReference"):
            self.report(Verdict.DANGEROUS, name, CLIMBS, at, end)
        elif name.startswith("_") and len(name) > 1:
            self.report(
                Verdict.UNLISTED, name, "reads an attribute that is internal to an object", at, end
            )

    def string(self, value: str, node: Node) -> None:
        """A string that is nothing but a special name, or a format that reads one."""
        plain = spelled(value) if len(value) <= 1000 else value
        if _PATH.match(plain):
            for part in re.split(r"[.\[\]]+", plain):
                if part in RUNGS or part.startswith("_TemplateReference"):
                    self.report(Verdict.DANGEROUS, part, CLIMBS, node.at, node.end)
        elif "__" in plain and (found := _FIELD.search(plain)):
            self.report(Verdict.DANGEROUS, found[0], CLIMBS, node.at, node.end)

    def report(self, verdict: Verdict, name: str, effect: str, at: int, end: int = 0) -> None:
        """Record an operation, with the text around it."""
        if not self.log.has_room(verdict):
            return
        shown = self.text[max(at - 30, 0) : max(min(end, at + 80), at + 40)]
        place = self.offset + len(self.text[:at].encode("utf-8", "replace"))
        self.log.operation(verdict, "template", name, shown, effect, place, "Jinja")

    def loop(self, statement: Statement) -> None:
        """Loops over constant ranges that lie in each other: no chat has so many turns."""
        around = self.loops[-1] if self.loops else 1
        self.loops.append(min(around * max(self.rounds, 1), 2 * MAX_ROUNDS))
        if around <= MAX_ROUNDS < self.loops[-1]:
            self.costs(statement.expressions[0])

    def costs(self, node: Node) -> None:
        """Record an expression that only exhausts the machine."""
        effect = "makes so much that it only exhausts the machine"
        self.report(Verdict.UNLISTED_CALL, "<large>", effect, node.at, node.end)


def spelled(name: str) -> str:
    """Letters that Python takes for each other: a name may be written in full width."""
    return name if name.isascii() else unicodedata.normalize("NFKC", name)
