"""What an import or a call amounts to: the list of what weights need, and of known gadgets.

Everything that neither list knows is ``unlisted``: medium where a class is constructed or a name
only imported, high where a function is called. A dotted attribute name reaches through an object
into another module (``random._os.system``) and is never on the list.
"""

from __future__ import annotations

import enum
import functools
from dataclasses import dataclass

from weighbridge.weights.inspection import Verdict
from weighbridge.weights.pickle.values import Global, Value


class Level(enum.IntEnum):
    """What a listed name may be used for; each level holds those below it."""

    NONE = 0
    IMPORT = 1  # named, never called: dtypes, storage types
    CALL = 2  # called by REDUCE: functions that rebuild data
    CONSTRUCT = 3  # a class: instances are made and given a state


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
        """The verdict of calling it (or making an instance), and what that does."""
        wanted = Level.CONSTRUCT if construct else Level.CALL
        if self.level >= wanted:
            return _CHECKS[self.checked](args) if self.checked else (Verdict.SAFE, "")
        if self.verdict is Verdict.UNLISTED_CALL and construct:
            return Verdict.UNLISTED, "constructs an object of a class that is not on the list"
        return self.verdict, self.effect


@functools.lru_cache(maxsize=4096)
def rule_on(module: str, name: str) -> Ruling:
    """What the lists say of ``module.name``, as Python 3 resolves it."""
    from weighbridge.weights.pickle.allowlist import ALLOWED
    from weighbridge.weights.pickle.gadgets import STDLIB, gadget

    dotted = f"{module}.{name}"
    if "." not in name:
        listed = ALLOWED.get(dotted)
        if listed is not None:
            level, checked = listed
            return Ruling(
                level, Verdict.UNLISTED_CALL, "calls a name listed for importing only", checked
            )
    effect = gadget(module, name)
    if effect:
        return Ruling(Level.NONE, Verdict.DANGEROUS, effect)
    class_like = all(map(_class_like, name.split(".")))
    if "." in name and not class_like:
        return Ruling(
            Level.NONE, Verdict.DANGEROUS, "reaches through an object for an attribute of another"
        )
    if class_like and module.partition(".")[0] not in STDLIB:
        return Ruling(
            Level.NONE, Verdict.UNLISTED, "runs the constructor of a class that is not on the list"
        )
    return Ruling(Level.NONE, Verdict.UNLISTED_CALL, "calls a function that is not on the list")


def _class_like(name: str) -> bool:
    """Whether a name reads as a class by PEP 8. Only ever lowers high to medium, never to safe."""
    bare = name.lstrip("_")
    return bare[:1].isupper() and not bare.isupper()


def _latin1_only(args: Value) -> tuple[Verdict, str]:
    """``_codecs.encode``: protocol 2 writes byte strings as text in Latin-1, and no other codec."""
    if (
        isinstance(args, tuple)
        and len(args) == 2
        and args[1] in ("latin1", "latin-1", "iso-8859-1")
    ):
        return Verdict.SAFE, ""
    return (
        Verdict.UNLISTED_CALL,
        "runs a codec other than Latin-1, which can transform or inflate data",
    )


def _reconstructs_listed(args: Value) -> tuple[Verdict, str]:
    """``copyreg._reconstructor(cls, base, state)`` makes an instance of its first argument."""
    if isinstance(args, tuple) and len(args) == 3:
        worst: tuple[Verdict, str] = (Verdict.SAFE, "")
        for part in args[:2]:
            if not isinstance(part, Global) or not isinstance(part.ruling, Ruling):
                return (
                    Verdict.UNLISTED_CALL,
                    "constructs an object of a class the bytes do not name",
                )
            found = part.ruling.on_call((), construct=True)
            if found[0] is not Verdict.SAFE:
                worst = found
        return worst
    return Verdict.UNLISTED_CALL, "constructs an object of a class the bytes do not name"


def _first_is_listed_class(args: Value) -> tuple[Verdict, str]:
    """Functions that make an instance of their first argument."""
    first = args[0] if isinstance(args, tuple) and args else None
    if isinstance(first, Global) and isinstance(first.ruling, Ruling):
        return first.ruling.on_call((), construct=True)
    return Verdict.UNLISTED_CALL, "constructs an object of a class the bytes do not name"


def _calls_first(args: Value) -> tuple[Verdict, str]:
    """Functions that call their first argument with what follows."""
    first = args[0] if isinstance(args, tuple) and args else None
    if isinstance(first, Global) and isinstance(first.ruling, Ruling):
        rest = args[2] if isinstance(args, tuple) and len(args) > 2 else ()
        return first.ruling.on_call(rest, construct=False)
    return Verdict.UNLISTED_CALL, "calls something that the bytes alone do not name"


_CHECKS = {
    "calls-first": _calls_first,
    "latin1": _latin1_only,
    "reconstructor": _reconstructs_listed,
    "first-class": _first_is_listed_class,
}
