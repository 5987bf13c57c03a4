"""The projects that a subject stands on, as they were seen at one time: a document to keep.

Its canonical bytes (RFC 8785) name it: their SHA-256 is its identity. Signed, it is a baseline
(see :mod:`weighbridge.signing.maintainers_snapshot`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from weighbridge.model.canonical import canonical, thaw
from weighbridge.model.digest import Digest, sha256
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.project import ProjectFacts

SCHEMA = "urn:weighbridge:maintainers-snapshot:1"


@dataclass(frozen=True, slots=True)
class KeptProject:
    """One project. ``about`` is its purl without a version.

    ``state`` is that of the evidence. ``facts`` are None unless it is ``observed``; ``reason`` then
    says why. ``evidence`` is the
    digest of the evidence that they were, ``raw`` are those of the services' answers.
    """

    about: str
    state: EvidenceState
    facts: Mapping[str, Any] | None
    reason: str
    evidence: Digest
    raw: tuple[Digest, ...]

    @property
    def project(self) -> ProjectFacts | None:
        """The facts by their type."""
        return None if self.facts is None else cast(ProjectFacts, self.facts)

    def to_json(self) -> dict[str, Any]:
        """The project as the document has it."""
        return {
            "about": self.about,
            "state": self.state.value,
            "facts": thaw(self.facts),
            "reason": self.reason,
            "evidence": str(self.evidence),
            "raw": [str(digest) for digest in self.raw],
        }


@dataclass(frozen=True)  # no slots: the bytes are kept, since the digest is asked for again
class MaintainersSnapshot:
    """A document. ``taken`` is RFC 3339 in UTC; ``projects`` are sorted, each ``about`` once.

    The subject is the one whose projects they were. It is not bound to it: the same project is the
    same for another model.
    """

    taken: str
    subject_name: str
    subject_digest: Digest
    projects: tuple[KeptProject, ...]
    tool_version: str

    def to_json(self) -> dict[str, Any]:
        """The document."""
        return {
            "schema": SCHEMA,
            "taken": self.taken,
            "subject": {"name": self.subject_name, "digest": str(self.subject_digest)},
            "projects": [project.to_json() for project in self.projects],
            "tool": {"name": "weighbridge", "version": self.tool_version},
        }

    def to_bytes(self) -> bytes:
        """The canonical bytes."""
        return self._bytes

    @property
    def digest(self) -> Digest:
        """The document's identity."""
        return sha256(self._bytes)

    @cached_property
    def _bytes(self) -> bytes:
        return canonical(self.to_json())


def kept_projects(evidence: Iterable[Evidence]) -> tuple[KeptProject, ...]:
    """What evidence of the kind ``project`` says, by project; one that is not observed included.

    Evidence that a source of packages could not be read is about no project, and is left out.
    """
    found: dict[str, KeptProject] = {}
    for one in evidence:
        if one.kind is not EvidenceKind.PROJECT or not one.about.startswith("pkg:"):
            continue
        observed = one.state is EvidenceState.OBSERVED
        known = found.get(one.about)
        if known is not None and known.facts is not None:
            continue
        found[one.about] = KeptProject(
            about=one.about,
            state=one.state,
            facts=one.data if observed else None,
            reason=one.reason,
            evidence=one.digest,
            raw=tuple(sorted(set(one.raw))),
        )
    return tuple(found[about] for about in sorted(found))
