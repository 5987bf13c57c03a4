"""What one weight file holds, and what loading it would do: the payload of ``weights`` evidence.

Offsets count bytes from the start of the file, or of ``member`` where that is not empty; -1 means
that no place can be named. Text that came from the file has its control characters escaped.
"""

from __future__ import annotations

from typing import NotRequired, TypedDict


class OperationFacts(TypedDict):
    """One import or call that loading performs and that is not on the list of safe ones.

    ``verdict``: ``unlisted`` (a name imported or a class constructed), ``unlisted-call`` (a
    function called, or something that cannot be named) or ``dangerous`` (a known way to run code or
    to reach the system). ``action``: ``import``, ``call``, ``construct``, ``set-state``,
    ``template``, ``link`` (a path that is followed), ``read`` (a file that is read) or ``operator``
    (of a graph). ``rendered`` is the Python it stands for; ``effect`` completes "it …".
    """

    verdict: str
    action: str
    name: str
    rendered: str
    effect: str
    offset: int
    opcode: str
    member: str


class AllowedFacts(TypedDict):
    """A listed name and how often it is used."""

    name: str
    count: int


class IssueFacts(TypedDict):
    """A way in which the file is not what its format asks for. ``message`` is a clause."""

    code: str
    message: str
    offset: int
    member: str


class RemarkFacts(TypedDict):
    """Something worth a look that is no defect: information with its ``method``, which no rule
    judges. ``message`` is a clause."""

    kind: str
    message: str
    method: str
    offset: int
    member: str


class WeightFacts(TypedDict):
    """One weight file.

    ``format`` is the kind that the content has. ``complete`` is false where something that matters
    to loading was not read; ``gaps`` say what and why, and ``uninspected`` whether the reason lies
    here (no reader, a bound) and not in damage. ``parameters`` is -1 where headers do not tell.
    ``remarks`` is there only where there is one.
    """

    format: str
    size: int
    bytes_read: int
    complete: bool
    uninspected: bool
    gaps: tuple[str, ...]
    operations: tuple[OperationFacts, ...]
    operations_dropped: int
    allowed: tuple[AllowedFacts, ...]
    issues: tuple[IssueFacts, ...]
    tensors: int
    parameters: int
    dtypes: tuple[str, ...]
    remarks: NotRequired[tuple[RemarkFacts, ...]]
