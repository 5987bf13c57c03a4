"""What a sample is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Label: TypeAlias = Literal["malicious", "malformed", "benign"]


OPERATION = "<an operation>"  # in ``expect``: any operation at all


@dataclass(frozen=True, slots=True)
class Sample:
    """One file with its label.

    ``family`` is the class that the tables are by, ``name`` the file's name, unique in its family.
    Each text of ``expect`` must be an issue's code, or stand in an operation's name or rendering,
    an issue's message or a gap. ``why`` says what the file does or what is
    wrong with it, with the source of the technique.
    """

    label: Label
    family: str
    name: str
    content: bytes
    expect: tuple[str, ...] = ()
    why: str = ""
