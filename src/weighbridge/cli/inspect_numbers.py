"""``weighbridge inspect --numbers``: what the numbers of each file's tensors look like.

Information with its method, never a verdict: nothing here changes a file's state or the exit code.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from weighbridge.cli.inspect_files import Inspected
from weighbridge.edge.text import visible
from weighbridge.model.artifact import Artifact, Kind, Presence, Problem, ProblemKind
from weighbridge.model.digest import Digest
from weighbridge.model.errors import HostileInput
from weighbridge.model.evidence import Evidence
from weighbridge.model.facts.weights import WeightFacts
from weighbridge.weights.extents import TensorExtent, extents
from weighbridge.weights.source import file_source
from weighbridge.weights.statistics import METHODS, Remark, TensorNumbers, numbers, remarks

MAX_LISTED = 10_000  # tensors of one file that the JSON describes; the others are counted
MAX_NAMED = 3  # tensors that a line of text names
MAX_NOTES = 4  # remarks of a kind of their own that the text spells out for one file
# Formats whose tensors lie in the file as they are, so that their bytes can be looked at in place.
LOOKED_AT = (Kind.SAFETENSORS, Kind.GGUF, Kind.NUMPY, Kind.TORCH_ZIP)
_NO_TENSORS = (Kind.JSON, Kind.TEXT, Kind.EMPTY)
_WHOLE = re.compile(r">?[IU]\d+\Z|BOOL\Z|\|b1\Z")  # types that have neither NaN nor infinity

# What is said of one tensor and of several, the weightiest first. The keys are METHODS' own.
_SAID = {
    "nan": ("holds NaN", "hold NaN"),
    "infinite": ("holds infinities", "hold infinities"),
    "starts_like": ("starts like a file", "start like files"),
    "entropy": (
        "starts with bytes that look random, which trained floats do not",
        "start with bytes that look random, which trained floats do not",
    ),
    "narrow": (
        "uses low bits that nearly all others leave zero",
        "use low bits that nearly all others leave zero",
    ),
    "zero": ("is all zero", "are all zero"),
    "constant": ("holds the same number throughout", "hold the same number throughout"),
    "same_as": ("has the bytes of another", "have the bytes of another"),
}


@dataclass(frozen=True, slots=True)
class NotLookedAt:
    """Tensors of which something or all is not known, and why. ``tensors`` is -1 where nobody
    counted them."""

    reason: str
    tensors: int = -1


@dataclass(frozen=True, slots=True)
class FileNumbers:
    """What one file's numbers look like."""

    found: tuple[TensorNumbers, ...]
    remarks: tuple[Remark, ...]
    not_looked_at: tuple[NotLookedAt, ...]

    def notes(self) -> list[str]:
        """A few lines for a person, each a sentence without the full stop."""
        by_kind = {kind: [r for r in self.remarks if r.kind == kind] for kind in _SAID}
        kinds = [kind for kind in _SAID if by_kind[kind]]
        lines = [self._note(kind, by_kind[kind]) for kind in kinds[:MAX_NOTES]]
        if kinds[MAX_NOTES:]:
            rest = ", ".join(f"{_tensors(len(by_kind[k]))} {_say(k, by_kind[k])}"
                             for k in kinds[MAX_NOTES:])  # fmt: skip
            lines.append(f"{rest}; --format json lists them with the methods")
        looked = sum(1 for one in self.found if not one.unread)
        if looked and not lines:
            lines.append(f"nothing worth a look in the numbers of {_tensors(looked)}")
        return lines + [self._gap(gap) for gap in self.not_looked_at]

    def _note(self, kind: str, said: list[Remark]) -> str:
        named = [_short(remark.tensor) for remark in said[:MAX_NAMED]]
        more = f" and {len(said) - MAX_NAMED:,} more" if len(said) > MAX_NAMED else ""
        numbers_ = self._sum(kind)
        count = f" ({numbers_:,} number{'s' * (numbers_ != 1)})" if numbers_ else ""
        return (
            f"{_tensors(len(said))} {_say(kind, said)}{count}: {', '.join(named)}{more}; "
            f"method: {METHODS[kind]}"
        )

    def _sum(self, kind: str) -> int:
        """How many NaN, or infinities, in all."""
        if kind not in ("nan", "infinite"):
            return 0
        return sum(max(getattr(one, kind), 0) for one in self.found)

    @staticmethod
    def _gap(gap: NotLookedAt) -> str:
        count = f" of {_tensors(gap.tensors)}" if gap.tensors >= 0 else ""
        return f"numbers{count} not looked at: {gap.reason}"

    def as_json(self) -> dict[str, Any]:
        """Exact counts, what is worth a look of which tensor, and how it was found."""
        said: dict[str, list[Remark]] = {}
        for remark in self.remarks:
            said.setdefault(remark.tensor, []).append(remark)
        listed = [one for one in self.found if one.name in said]
        return {
            "looked_at": sum(1 for one in self.found if not one.unread),
            "not_looked_at": [
                {"tensors": gap.tensors if gap.tensors >= 0 else None, "reason": gap.reason}
                for gap in self.not_looked_at
            ],
            "counts": {
                kind: {"tensors": sum(1 for r in self.remarks if r.kind == kind)}
                | ({"numbers": self._sum(kind)} if kind in ("nan", "infinite") else {})
                for kind in METHODS
            },
            "tensors": [_described(one, said[one.name]) for one in listed[:MAX_LISTED]],
            "not_listed": max(len(listed) - MAX_LISTED, 0),
            "methods": METHODS,
        }


def _described(one: TensorNumbers, said: list[Remark]) -> dict[str, Any]:
    return {
        "name": one.name,
        "dtype": one.dtype,
        "shape": list(one.shape),
        "bytes": one.length,
        "nan": one.nan if one.nan >= 0 else None,
        "infinite": one.infinite if one.infinite >= 0 else None,
        "entropy": one.entropy if one.entropy >= 0 else None,
        "same_as": one.same_as or None,
        "remarks": [{"kind": remark.kind, "message": remark.message} for remark in said],
    }


def look_at_numbers(
    inspected: Inspected, *, hashed: bool
) -> tuple[Inspected, Mapping[str, FileNumbers]]:
    """Read every byte of every inspected file once more, and say what its tensors look like.

    A tensor that begins as another of its type and length does is read twice.

    Args:
        inspected: with openers.
        hashed: compute each file's SHA-256 in the same reading.

    Returns:
        The same with the digests, and a problem for each file that could not be hashed; and the
        numbers by path. Files of kinds that hold no tensors have none.
    """
    artifacts: list[Artifact] = []
    problems = list(inspected.problems)
    found: dict[str, FileNumbers] = {}
    for artifact, evidence in zip(inspected.artifacts, inspected.evidence, strict=True):
        looked, digest, reason = _file(artifact, evidence, inspected.openers[artifact.path], hashed)
        if artifact.kind not in _NO_TENSORS:
            found[artifact.path] = looked
        if digest is not None:
            artifact = dataclasses.replace(artifact, digests=(digest,))  # noqa: PLW2901
        elif hashed and artifact.presence is Presence.CONTENT:
            problems.append(Problem(artifact.path, ProblemKind.CHANGED, reason))
        artifacts.append(artifact)
    return inspected._replace(artifacts=tuple(artifacts), problems=tuple(problems)), found


def _file(
    artifact: Artifact, evidence: Evidence, opener: Callable[[], BinaryIO], hashed: bool
) -> tuple[FileNumbers, Digest | None, str]:
    """One file's numbers and digest; where there is none, why it could not be read."""
    if artifact.presence is not Presence.CONTENT:
        return _nothing(f"the file is a {artifact.presence.value}"), None, ""
    wanted = artifact.kind in LOOKED_AT
    hasher = hashlib.sha256() if hashed else None
    try:
        with opener() as stream:
            source = file_source(stream, artifact.size)
            places: tuple[TensorExtent, ...] = ()
            why = "" if wanted else f"nothing here reads those of {artifact.kind.value} files"
            try:
                places = extents(source, artifact.kind)
            except HostileInput as error:
                why = str(error)
            seen = numbers(source, places, hasher.update if hasher is not None else None)
        opener().close()  # raises where the file has changed meanwhile
    except HostileInput as error:
        return _nothing(str(error)), None, str(error)
    except OSError as error:
        reason = f"the file cannot be read: {error.strerror or error}"
        return _nothing(reason), None, reason
    digest = Digest("sha256", hasher.hexdigest()) if hasher is not None else None
    facts = cast("WeightFacts | None", evidence.data or None)
    gaps = _gaps(seen, facts["tensors"] if facts else 0, why)
    return FileNumbers(seen, remarks(seen), gaps), digest, ""


def _nothing(reason: str) -> FileNumbers:
    return FileNumbers((), (), (NotLookedAt(reason),))


def _gaps(found: tuple[TensorNumbers, ...], counted: int, why: str) -> tuple[NotLookedAt, ...]:
    """What is not known of which tensors. ``why`` nothing at all is, empty where it is."""
    if why:
        return (NotLookedAt(why, counted or -1),)
    reasons: dict[str, int] = {}
    for one in found:
        if one.unread:
            reasons[one.unread] = reasons.get(one.unread, 0) + 1
    if counted > len(found):
        reasons["they do not lie in the file as they are"] = counted - len(found)
    packed = [
        one for one in found if not one.unread and one.nan < 0 and not _WHOLE.match(one.dtype)
    ]
    if packed:
        types = sorted({visible(one.dtype, 20) for one in packed})
        shown = ", ".join(types[:4]) + (", …" if len(types) > 4 else "")
        reasons[f"NaN and infinities are not looked for in {shown}"] = len(packed)
    return tuple(NotLookedAt(reason, count) for reason, count in reasons.items())


def _say(kind: str, said: list[Remark]) -> str:
    return _SAID[kind][len(said) != 1]


def _tensors(count: int) -> str:
    return f"{count:,} tensor{'s' * (count != 1)}"


def _short(name: str) -> str:
    text = visible(name, 60)
    return text if len(text) <= 60 else f"{text[:59]}…"
