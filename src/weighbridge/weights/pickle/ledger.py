"""Writes down what the machine imports and calls, judged by the policy, the moment it happens."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from weighbridge.model.errors import BoundExceeded
from weighbridge.weights.inspection import Verdict
from weighbridge.weights.log import Log
from weighbridge.weights.pickle import states
from weighbridge.weights.pickle.checks_attribute import bound_attribute
from weighbridge.weights.pickle.checks_lazy import GETTERS, REACHES
from weighbridge.weights.pickle.costs import ALLOTTING, MAX_ALLOTTED, allotted
from weighbridge.weights.pickle.policy import Level, Ruling, rule_on
from weighbridge.weights.pickle.values import (
    Call,
    Global,
    Items,
    Opaque,
    Value,
    render,
    render_call,
)
from weighbridge.weights.pickle.window import Damage

COMPUTED = "<computed>"
# Values without attributes and without a method that takes items: an unpickler raises there.
_ATOMS = (type(None), bool, int, float, str, tuple)
MAX_IMPORTED = 20_000  # distinct names of one stream
MAX_COMPUTED = 100_000  # calls of what the bytes do not name
_MAX_SHOWN = 20  # operations of one name that are shown with their arguments; more add nothing
_UNLISTED_EFFECT = "brings in a name that is not on the list"
_COMPUTED_EFFECT = "calls something that the bytes alone do not name"


class Ledger:
    """One file's (or member's) imports and calls. ``origin`` is added to every offset."""

    def __init__(self, log: Log, origin: int = 0) -> None:
        self.log = log
        self.origin = origin
        self.attempts = 0  # byte strings tried as pickles
        self.unpacked = 0  # bytes that packed ones became
        self.trace: list[tuple[str, str]] | None = None  # what was asked for; tests listen here
        self.calls = 0  # counted while ``trace`` listens
        self._computed_calls = 0
        self._allotted = 0  # elements that calls asked for by a number alone
        self._noted: dict[tuple[Verdict, str, str], int] = {}
        self._globals: dict[tuple[str, str, int], Global] = {}

    def close(self) -> None:
        """Hand the counts of listed names to the log."""
        for found in self._globals.values():
            ruling = found.ruling
            if isinstance(ruling, Ruling) and ruling.level is not Level.NONE and found.uses:
                self.log.allow(found.dotted, found.uses)
                found.uses = 0

    def imported(self, module: str, name: str, offset: int, opcode: str, proto: int) -> Global:
        """An import executes. Names are mapped from Python 2 below protocol 3, as loaders do."""
        key = (module, name, min(proto, 3))
        found = self._globals.get(key)
        if found is None:
            found = Global(*_current(module, name) if proto < 3 else (module, name), None)
            found.ruling = rule_on(found.module, found.name)
            self._globals[key] = found
            if len(self._globals) > MAX_IMPORTED:
                raise BoundExceeded("the pickle", MAX_IMPORTED, "imported names")
        if self.trace is not None:
            self.trace.append((module, name))
        found.uses += 1
        ruling = found.ruling
        assert isinstance(ruling, Ruling)
        verdict = ruling.on_import()
        if verdict is not Verdict.SAFE and found.uses <= _MAX_SHOWN:
            effect = ruling.effect if verdict is Verdict.DANGEROUS else _UNLISTED_EFFECT
            self._note(
                _Note(verdict, "import", found.dotted, effect, offset, opcode),
                lambda: f"from {found.module} import {found.name}",
            )
        return found

    def computed(self, module: Value, name: Value, offset: int, opcode: str) -> None:
        """An import whose name is not a constant."""
        effect = "imports something that the bytes alone do not name"
        self._note(
            _Note(Verdict.UNLISTED_CALL, "import", COMPUTED, effect, offset, opcode),
            lambda: f"import of {render(name)} from {render(module)}",
        )

    def extension(self, code: int, offset: int, opcode: str) -> None:
        """An import through ``copyreg``'s registry: what it means depends on the process."""
        effect = "imports whatever the loading process registered under this code"
        self._note(
            _Note(Verdict.UNLISTED_CALL, "import", f"<extension {code}>", effect, offset, opcode),
            lambda: f"copyreg extension {code}",
        )

    def called(
        self, callee: Value, args: Value, offset: int, opcode: str, *, construct: bool = False
    ) -> None:
        """A call executes; ``construct`` where the opcode accepts classes only."""
        if self.trace is not None:
            self.calls += 1
        verdict, effect, name = Verdict.UNLISTED_CALL, _COMPUTED_EFFECT, COMPUTED
        if type(callee) is Call:
            callee = self._bound(callee)
            getter = callee.callee if type(callee) is Call else None
            if isinstance(getter, Global) and getter.dotted in GETTERS:
                verdict, effect, name = Verdict.DANGEROUS, REACHES, getter.dotted
        if isinstance(callee, Global):
            ruling = callee.ruling
            assert isinstance(ruling, Ruling)
            verdict, effect = ruling.on_call(args, construct=construct)
            if verdict is Verdict.SAFE:
                callee.uses += 1
                if callee.dotted in ALLOTTING:
                    self._allot(callee, args, offset, opcode)
                if effect:
                    self.log.issue("tensor-bounds", effect, self.origin + offset)
                return
            callee.shown += 1
            if callee.shown > 2 * _MAX_SHOWN and not ruling.checked:
                return
            name = callee.dotted
        else:
            self._computed_calls += 1
            if self._computed_calls > MAX_COMPUTED:
                raise BoundExceeded("the pickle", MAX_COMPUTED, "calls of what it does not name")
            if self._computed_calls > _MAX_SHOWN:
                return
        self._note(
            _Note(verdict, "construct" if construct else "call", name, effect, offset, opcode),
            lambda: render_call(render(callee), args),
        )

    def _allot(self, callee: Global, args: Value, offset: int, opcode: str) -> None:
        """Each of such calls is bounded; together they may still exhaust the machine."""
        before, self._allotted = self._allotted, self._allotted + allotted(args)
        if before <= MAX_ALLOTTED < self._allotted:
            effect = f"asks for more than {MAX_ALLOTTED} elements in all"
            self._note(
                _Note(Verdict.UNLISTED_CALL, "call", callee.dotted, effect, offset, opcode),
                lambda: render_call(render(callee), args),
            )

    def returned(self, value: Call, offset: int, opcode: str) -> None:
        """The pickle ends with this value: a getter by itself is no model, and is there to be
        called by whoever loads it."""
        getter = value.callee
        if isinstance(getter, Global) and getter.dotted in GETTERS:
            self._note(
                _Note(Verdict.DANGEROUS, "call", getter.dotted, REACHES, offset, opcode),
                lambda: render(value),
            )

    def _bound(self, callee: Call) -> Value:
        """A listed attribute that ``getattr`` reached, as its name; anything else as it is."""
        if isinstance(callee.callee, Global) and callee.callee.dotted == "builtins.getattr":
            reached = bound_attribute(callee.args)
            if reached is not None:
                found = Global(*reached, None)
                found.ruling = rule_on(*reached)
                return found
        return callee

    def state_set(
        self, target: Value, state: Value, offset: int, opcode: str, special: Value = None
    ) -> None:
        """BUILD executes: ``__setstate__``, or attributes are set. ``special`` is a special name
        that was put into some dict before, as :attr:`Items.special`.

        Raises:
            Damage: the value has no attributes.
        """
        if (type(target) in _ATOMS or type(target) is Items) and type(state) is Items:
            raise Damage(f"{opcode} sets attributes of a value that has none")
        if type(target) in _ATOMS and state is None:  # unpicklers pass it over
            message = f"{opcode} sets no state on a value that has none, which no pickler writes"
            self.log.issue("empty-state", message, self.origin + offset)
        if isinstance(target, Global):
            self._mutates(target, state, offset, opcode)
        elif isinstance(target, (Opaque, Call)):
            found = states.judge(target, state, special)
            if found is not None:
                self._note(
                    _Note(found.verdict, "set-state", found.name, found.effect, offset, opcode),
                    lambda: f"{render(target)}.__setstate__({render(state)})",
                )

    def changed(self, target: Value, items: list[Value], offset: int, opcode: str) -> None:
        """APPEND(S), SETITEM(S) or ADDITEMS on something that is not a plain container.

        Raises:
            Damage: the value takes none.
        """
        if type(target) in _ATOMS:
            raise Damage(f"{opcode} puts items into a value that takes none")
        if isinstance(target, Global):
            self._mutates(target, tuple(items[:8]), offset, opcode)
        elif isinstance(target, (Opaque, Call)):
            found = states.judge_items(target, items, keyed=opcode.startswith("SETITEM"))
            if found is not None:
                self._note(
                    _Note(found.verdict, "set-state", found.name, found.effect, offset, opcode),
                    lambda: f"{render(target)}.update({render(tuple(items[:8]))})",
                )

    def _mutates(self, target: Global, state: Value, offset: int, opcode: str) -> None:
        effect = "changes an imported module, class or function for the whole process"
        self._note(
            _Note(Verdict.DANGEROUS, "set-state", target.dotted, effect, offset, opcode),
            lambda: f"{target.dotted}.__dict__.update({render(state)})",
        )

    def _note(self, note: _Note, shown: Callable[[], str]) -> None:
        """Write an operation down; rendering costs, so ``shown`` is called only if it is kept."""
        key = (note.verdict, note.action, note.name)
        times = self._noted.get(key, 0)
        if times >= _MAX_SHOWN:
            return
        if len(self._noted) < 2 * MAX_IMPORTED:
            self._noted[key] = times + 1
        if self.log.has_room(note.verdict):
            self.log.operation(
                note.verdict,
                note.action,
                note.name,
                shown(),
                note.effect,
                self.origin + note.offset,
                note.opcode,
            )


class _Note(NamedTuple):
    verdict: Verdict
    action: str
    name: str
    effect: str
    offset: int
    opcode: str


def _current(module: str, name: str) -> tuple[str, str]:
    """Where Python 3 finds what Python 2 called so: the standard library's own table."""
    from _compat_pickle import IMPORT_MAPPING, NAME_MAPPING

    mapped = NAME_MAPPING.get((module, name))
    return mapped if mapped is not None else (IMPORT_MAPPING.get(module, module), name)
