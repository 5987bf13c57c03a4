"""What a look at a weight file's bytes says, in the words every analyser here shares."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import NamedTuple


class Verdict(enum.StrEnum):
    """What an import or a call that loading performs amounts to."""

    SAFE = "safe"  # on the list, at the level at which it is used
    UNLISTED = "unlisted"  # a name that is not on the list is imported, or a class constructed
    UNLISTED_CALL = "unlisted-call"  # a function that is not on the list, or not known, is called
    DANGEROUS = "dangerous"  # a known way to run code, reach the system or the network


class Operation(NamedTuple):
    """One import or call that loading the file performs.

    ``action`` is ``import``, ``call``, ``construct``, ``set-state``, ``template``, ``link``,
    ``read`` or ``operator``; ``name`` the dotted name, path or operator, ``<computed>`` where the
    bytes alone do not tell; ``rendered`` the Python it stands for; ``effect`` completes "it …";
    ``offset`` counts from the start of the file, or of ``member``.
    """

    verdict: Verdict
    action: str
    name: str
    rendered: str
    effect: str
    offset: int
    opcode: str
    member: str = ""


class Issue(NamedTuple):
    """A way in which the file is not what its format's specification asks for."""

    code: str
    message: str
    offset: int = -1
    member: str = ""


class Remark(NamedTuple):
    """Something worth a look that is no defect: information, which no rule judges.

    ``message`` is one clause, ``method`` says how it was found.
    """

    kind: str
    message: str
    method: str
    offset: int = -1
    member: str = ""


@dataclass(frozen=True, slots=True)
class Inspection:
    """One weight file, inspected.

    ``complete`` is false where anything that matters to loading was not read; ``gaps`` say what and
    why. ``uninspected`` is true where the reason is that nothing here reads such content (or a
    bound was reached), false where the file itself is damaged. ``allowed`` counts the listed names
    used. ``parameters`` is -1 where headers do not tell.
    """

    format: str
    complete: bool
    gaps: tuple[str, ...]
    uninspected: bool
    operations: tuple[Operation, ...]
    operations_dropped: int
    allowed: tuple[tuple[str, int], ...]
    issues: tuple[Issue, ...]
    tensors: int
    parameters: int
    dtypes: tuple[str, ...]
    bytes_read: int
    remarks: tuple[Remark, ...] = ()

    @property
    def incomplete_reason(self) -> str:
        """The gaps as one line."""
        return "; ".join(self.gaps)
