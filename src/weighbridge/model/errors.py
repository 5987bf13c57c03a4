"""Typed errors. Each says what happened, and in ``diagnostics()`` what to do about it.

Errors are for "nothing may be concluded". A policy that is violated, or evidence that could not be
had, is a result and never an exception.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable


class ExitCode(enum.IntEnum):
    """What a command's exit status means; the same for every command."""

    HOLDS = 0
    VIOLATED = 1
    ERROR = 2
    INCONCLUSIVE = 3


# 2 outranks 1, 1 outranks 3, 3 outranks 0.
_RANK = (ExitCode.HOLDS, ExitCode.INCONCLUSIVE, ExitCode.VIOLATED, ExitCode.ERROR)


def worst(codes: Iterable[ExitCode]) -> ExitCode:
    """The exit code of a run made of several parts; of none, that all holds."""
    return max(codes, key=_RANK.index, default=ExitCode.HOLDS)


class WeighbridgeError(Exception):
    """The base of every error this package raises on purpose."""

    exit_code = ExitCode.ERROR

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def diagnostics(self) -> str:
        """One paragraph for a person: what happened, then what to do."""
        return f"{self.message}. {self.remedy}".rstrip() if self.remedy else self.message


class UsageError(WeighbridgeError):
    """The command line or the call asks for something that cannot be."""


class ConfigurationError(WeighbridgeError):
    """A policy, clause or configuration file does not say what it must."""

    def __init__(self, message: str, *, source: str = "", line: int = 0, remedy: str = "") -> None:
        where = f"{source}:{line}: " if source and line else f"{source}: " if source else ""
        super().__init__(where + message, remedy=remedy)
        self.source = source
        self.line = line


class SubjectError(WeighbridgeError):
    """The subject cannot be opened at all: missing, empty, not a model."""


class HostileInput(WeighbridgeError):
    """Input that a reader refuses: malformed, or past a declared bound.

    Readers of subject files raise this, collectors turn it into evidence that is ``unavailable``.
    """


class BoundExceeded(HostileInput):
    """A declared bound was reached before the input was read to its end."""

    def __init__(self, what: str, bound: int, unit: str) -> None:
        super().__init__(f"{what} exceeds the bound of {bound} {unit}")
        self.bound = bound


class NotReadHere(HostileInput):
    """A form of the format that no reader here knows, or an encrypted one: nobody looked."""


class MalformedDigest(HostileInput):
    """A digest's algorithm is unknown or its value does not fit."""


class NoEvidence(WeighbridgeError):
    """A rule concluded ``pass`` and named no evidence. A defect of the rule."""


class SealError(WeighbridgeError):
    """A record could not be sealed, or a seal could not be read."""


class NetworkForbidden(WeighbridgeError):
    """A lookup was tried although the run is offline. A defect of the caller."""
