"""Evidence of kind ``snapshot``: the listing of files and the paths that could not be read."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class AwayFacts(TypedDict):
    """A file of the subject whose content is not here.

    ``presence`` is ``pointer`` or ``missing``; ``digest`` is the content's where it is known, else
    empty; ``weight`` says whether it is a weight file by its name.
    """

    path: str
    presence: Literal["pointer", "missing"]
    digest: str
    weight: bool


class FilesFacts(TypedDict):
    """About "": the subject as a whole. Sizes are in bytes.

    ``presence`` and ``kinds`` count files, every presence and only the kinds that occur. ``bytes``
    is the size of the content that is here. ``problems`` counts the paths that were not fully read.
    ``cached`` counts the files whose digests come from an earlier run on the same machine, each
    with the device, inode, size and times that it had then; it is there only where there are some.
    """

    files: int
    bytes: int
    presence: dict[str, int]
    kinds: dict[str, int]
    weights: int
    links: int
    away: list[AwayFacts]
    problems: int
    cached: NotRequired[int]


class ProblemFacts(TypedDict):
    """About a path that was not fully read; ``problem`` is a :class:`ProblemKind`'s value."""

    problem: str
