"""What a license's clause means for a stated use of a model: four answers, each with its cause."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from weighbridge.model.licensing.terms import Basis


class Answer(enum.StrEnum):
    """``undetermined`` never passes silently."""

    OK = "ok"
    OBLIGATION = "obligation"
    CONFLICT = "conflict"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One answer.

    ``license``: the id whose clause it is; ``word``, ``where``, ``text``, ``text_sha256`` and
    ``basis`` name the clause. ``node``: the ancestor's key; ``path``: how it is reached, a line of
    text, and ``steps`` the same as keys and relations by turns. ``value``: what an obligation asks
    (a badge's words). ``asks``: what of the use was not stated and would decide it, as fields of
    ``use.Use``. ``message`` and ``remedy`` are sentences. ``path_file`` and ``line``: where the
    edge or the license was read.
    """

    answer: Answer
    node: str
    license: str
    word: str
    message: str
    remedy: str
    where: str = ""
    text: str = ""
    text_sha256: str = ""
    basis: Basis | None = None
    path: str = ""
    steps: tuple[str, ...] = ()
    value: str = ""
    asks: tuple[str, ...] = ()
    path_file: str = ""
    line: int = 0
