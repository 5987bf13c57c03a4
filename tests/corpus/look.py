"""How a sample is inspected and what counts as flagged: used by the tests, the check, the bench."""

from __future__ import annotations

import io
from typing import Literal, TypeAlias

from tests.corpus.sample import OPERATION

from weighbridge.model.artifact import Kind
from weighbridge.weights.inspect import inspect_file
from weighbridge.weights.inspection import Inspection, Verdict

State: TypeAlias = Literal["flagged", "clean", "not assessed"]


def kind_of(content: bytes) -> Kind:
    """What the project finds the content to be."""
    from weighbridge.formats.sniff import Peek, sniff

    return sniff(Peek.of(content))


def inspect(name: str, content: bytes) -> Inspection:
    """Inspect bytes as a file of that name."""
    return inspect_file(io.BytesIO(content), len(content), kind_of(content), name)


def state(seen: Inspection) -> State:
    """``flagged`` with an operation or an issue, ``clean`` if read completely with neither."""
    if seen.operations or seen.operations_dropped or seen.issues:
        return "flagged"
    return "clean" if seen.complete else "not assessed"


def is_high(seen: Inspection) -> bool:
    """Whether a rule would report it as high or critical: all but what an unknown class does."""
    return bool(seen.issues) or any(o.verdict is not Verdict.UNLISTED for o in seen.operations)


def missing(seen: Inspection, expect: tuple[str, ...]) -> tuple[str, ...]:
    """The expectations that the inspection does not bear out."""
    exact = {o.name for o in seen.operations} | {i.code for i in seen.issues}
    exact |= {OPERATION} if seen.operations else set()
    prose = [text for o in seen.operations for text in (o.name, o.rendered)]
    prose += [i.message for i in seen.issues]
    prose += seen.gaps
    return tuple(
        word for word in expect if word not in exact and not any(word in line for line in prose)
    )
