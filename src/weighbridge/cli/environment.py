"""``WEIGHBRIDGE_*`` variables: every flag has one, and one that nothing reads is an error.

A misspelt variable must not quietly loosen an audit, as an unknown key of the configuration file
must not.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from typing import Any

from weighbridge.model.errors import UsageError

VARIABLES = "WEIGHBRIDGE_"

# Those that belong to no flag. The benchmarks, which call the command, have BENCH_SCALE; images
# are fond of VERSION, which nothing reads.
OF_NO_FLAG = ("BENCH_SCALE", "CACHE_DIR", "CONFIG_DIR", "IDENTITY_TOKEN", "KEY_PASSWORD", "VERSION")

# What Kubernetes sets in every pod beside a service named "weighbridge" begins so.
_OF_A_SERVICE = ("SERVICE_HOST", "SERVICE_PORT", "PORT")


def check_verbs(verbs: Collection[str]) -> None:
    """Refuse variables that are neither a verb's nor one of ours.

    Raises:
        UsageError: with the name that it resembles.
    """
    heads = tuple(f"{verb.upper()}_" for verb in verbs)
    for name in _given():
        if name in OF_NO_FLAG or name.startswith((*heads, *_OF_A_SERVICE)):
            continue
        import difflib

        verb, _, rest = name.partition("_")
        near = difflib.get_close_matches(verb, [head[:-1] for head in heads], 1)
        known = [*OF_NO_FLAG, *(f"{one}_{rest}" for one in near if rest)]
        raise _unknown(name, known)


def check_flags(command: Any, verb: str) -> None:
    """Refuse variables of a verb that none of its flags has.

    Args:
        command: the verb's click command, or its group of commands.
        verb: its name.

    Raises:
        UsageError: with the name that it resembles.
    """
    head = f"{verb.upper()}_"
    mine = [name for name in _given() if name.startswith(head)]
    if not mine:
        return
    known = {name.removeprefix(VARIABLES) for name in _variables(command, f"{VARIABLES}{head}")}
    for name in mine:
        if name not in known:
            raise _unknown(name, sorted(known))


def _given() -> list[str]:
    """The variables that are set, sorted, without what they all begin with."""
    found = (name.removeprefix(VARIABLES) for name in os.environ if name.startswith(VARIABLES))
    return sorted(found)


def _variables(command: Any, prefix: str) -> Iterator[str]:
    """The variables of a command's flags, and of all commands of a group."""
    for param in command.params:
        named = getattr(param, "envvar", None)
        if named:
            yield from [named] if isinstance(named, str) else named
        elif param.param_type_name == "option" and getattr(param, "allow_from_autoenv", True):
            yield f"{prefix}{param.name}".upper()
    for name, inner in getattr(command, "commands", {}).items():
        yield from _variables(inner, f"{prefix}{name.replace('-', '_')}_".upper())


def _unknown(name: str, known: Collection[str]) -> UsageError:
    import difflib

    near = difflib.get_close_matches(name, known, 1)
    hint = f"Did you mean {VARIABLES}{near[0]}?" if near else "Unset it, or see '--help'."
    return UsageError(f"no flag has the variable {VARIABLES}{name[:100]}", remedy=hint)
