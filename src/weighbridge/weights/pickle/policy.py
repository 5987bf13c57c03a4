"""What an import or a call amounts to: the list of what weights need, and of known gadgets.

Everything that neither list knows is ``unlisted``: medium where a class is constructed or a name
only imported, high where a function is called. A dotted attribute name reaches through an object
into another module (``random._os.system``) and is on the list only where it is written out there.
"""

from __future__ import annotations

import enum
import functools
from dataclasses import dataclass

from weighbridge.weights.inspection import Verdict
from weighbridge.weights.pickle.values import Value


class Level(enum.IntEnum):
    """What a listed name may be used for; each level holds those below it."""

    NONE = 0
    IMPORT = 1  # named, never called: dtypes, storage types, activation functions
    CONSTRUCT = 2  # a class: instances are made without ``__init__`` and given a state
    CALL = 3  # called by REDUCE: functions that rebuild data, constructors of plain data


# Conditions that say nothing of what else the call is handed, and may walk.
_WALKS = ("", "first-class", "shape", "parameter")


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the lists say of one name. ``checked`` names a condition on the arguments of a call."""

    level: Level
    verdict: Verdict  # where it is not used as the list allows
    effect: str
    checked: str = ""

    def on_import(self) -> Verdict:
        """The verdict of importing the name."""
        if self.level >= Level.IMPORT:
            return Verdict.SAFE
        return self.verdict if self.verdict is Verdict.DANGEROUS else Verdict.UNLISTED

    def on_call(self, args: Value, *, construct: bool) -> tuple[Verdict, str]:
        """The verdict of calling it (or making an instance), and what that does.

        A safe verdict with a text says what is malformed about the arguments.
        """
        wanted = Level.CONSTRUCT if construct else Level.CALL
        if self.level >= wanted:
            if self.checked in _WALKS and args:
                from weighbridge.weights.pickle.checks_made import ENDLESS, endless

                if endless(args):
                    return ENDLESS
            if not self.checked:
                return Verdict.SAFE, ""
            from weighbridge.weights.pickle.checks import CHECKS

            return CHECKS[self.checked](args)
        if self.verdict is Verdict.UNLISTED_CALL and construct:
            return Verdict.UNLISTED, "constructs an object of a class that is not on the list"
        return self.verdict, self.effect


@functools.lru_cache(maxsize=4096)
def rule_on(module: str, name: str) -> Ruling:
    """What the lists say of ``module.name``, as Python 3 resolves it."""
    from weighbridge.weights.pickle.allowlist import ALLOWED
    from weighbridge.weights.pickle.classes import is_distribution, is_listed_class
    from weighbridge.weights.pickle.gadgets import gadget
    from weighbridge.weights.pickle.stdlib import is_stdlib

    listed = ALLOWED.get(f"{module}.{name}")
    if listed is not None and listed[2] == module:
        level, checked, _ = listed
        effect = gadget(module, name) if level is Level.IMPORT and "." not in name else ""
        if effect:  # harmless to name, not to call: ``numpy.memmap``
            return Ruling(level, Verdict.DANGEROUS, effect, checked)
        effect = "calls a name listed for importing only"
        return Ruling(level, Verdict.UNLISTED_CALL, effect, checked)
    if is_distribution(module, name):
        effect = "runs the constructor of a distribution"
        return Ruling(Level.CONSTRUCT, Verdict.UNLISTED_CALL, effect)
    effect = gadget(module, name)
    if effect:
        return Ruling(Level.NONE, Verdict.DANGEROUS, effect)
    class_like = all(map(_class_like, name.split(".")))
    reachable = all(map(str.isidentifier, name.split(".")))
    if "." in name and not class_like and reachable:
        return Ruling(
            Level.NONE, Verdict.DANGEROUS, "reaches through an object for an attribute of another"
        )
    if is_listed_class(module, name):
        verdict = Verdict.UNLISTED if class_like else Verdict.UNLISTED_CALL
        effect = "runs a constructor that is listed for a state only"
        return Ruling(Level.CONSTRUCT, verdict, effect)
    if class_like and not is_stdlib(module):
        return Ruling(
            Level.NONE, Verdict.UNLISTED, "runs the constructor of a class that is not on the list"
        )
    return Ruling(Level.NONE, Verdict.UNLISTED_CALL, "calls a function that is not on the list")


def _class_like(name: str) -> bool:
    """Whether a name reads as a class by PEP 8. Only ever lowers high to medium, never to safe."""
    bare = name.lstrip("_")
    return bare[:1].isupper() and not bare.isupper()
