"""The listing of the subject's files as evidence, and each path that could not be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from weighbridge.collect.context import CollectContext
from weighbridge.model.artifact import Artifact, Presence, Problem
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.files import AwayFacts, FilesFacts, ProblemFacts
from weighbridge.snapshot.origin import Origin

NAME = "files"
KINDS = (EvidenceKind.SNAPSHOT,)
_COLLECTOR = "files@1"


def collect(ctx: CollectContext) -> Iterable[Evidence]:
    """One piece of evidence about the whole, then one a problem."""
    snapshot = ctx.snapshot
    facts = _facts(snapshot.artifacts, snapshot.problems)
    if cached := sum(how is Origin.CACHED for how in snapshot.origins.values()):
        facts["cached"] = cached
    yield Evidence(
        kind=EvidenceKind.SNAPSHOT,
        about="",
        state=EvidenceState.OBSERVED,
        source=f"snapshot:{snapshot.subject.digest}",
        collector=_COLLECTOR,
        data=dict(facts),
    )
    for problem in snapshot.problems:
        yield Evidence(
            kind=EvidenceKind.SNAPSHOT,
            about=problem.path,
            state=EvidenceState.UNAVAILABLE,
            source=f"file:{problem.path}",
            collector=_COLLECTOR,
            reason=problem.detail,
            data=dict(ProblemFacts(problem=problem.kind.value)),
        )


def _facts(artifacts: tuple[Artifact, ...], problems: tuple[Problem, ...]) -> FilesFacts:
    here = [a for a in artifacts if a.presence is Presence.CONTENT]
    presence = Counter(a.presence.value for a in artifacts)
    kinds = Counter(a.kind.value for a in artifacts)
    return FilesFacts(
        files=len(artifacts),
        bytes=sum(a.size for a in here),
        presence={p.value: presence[p.value] for p in Presence},
        kinds=dict(sorted(kinds.items())),
        weights=sum(a.is_weight for a in artifacts),
        links=sum(bool(a.link_target) for a in artifacts),
        away=[_away(a) for a in artifacts if a.presence is not Presence.CONTENT],
        problems=len(problems),
    )


def _away(artifact: Artifact) -> AwayFacts:
    digest = artifact.digest()
    return AwayFacts(
        path=artifact.path,
        presence="pointer" if artifact.presence is Presence.POINTER else "missing",
        digest=str(digest) if digest else "",
        weight=artifact.is_weight,
    )
