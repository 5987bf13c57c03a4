"""What a collector observed: immutable, content-addressed, with its source."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from weighbridge.model.canonical import canonical_digest, freeze, thaw
from weighbridge.model.digest import Digest


class EvidenceState(enum.StrEnum):
    """``absent`` (asked, and there is none) and ``unavailable`` (could not ask) never mix."""

    OBSERVED = "observed"
    ABSENT = "absent"
    UNAVAILABLE = "unavailable"
    UNSUPPORTED = "unsupported"  # cannot be asked of this subject


class EvidenceKind(enum.StrEnum):
    """The families of evidence. Each has its payload's shape in ``model/facts/<family>.py``."""

    SNAPSHOT = "snapshot"  # the file listing and its problems
    WEIGHTS = "weights"  # one a weight file: format, structure, what loading would run
    STRUCTURE = "structure"  # two a folder of weights: index, configuration, card against them
    SIGNATURE = "signature"  # one a signature file found
    MODEL = "model"  # one: what the model is, by its own files
    DOCUMENTATION = "documentation"  # two: what documents say about the model, and its prompts
    PACKAGES = "packages"  # the Python packages the model stands on
    INSTALLATION = "installation"  # one an environment: its files, hooks, embedded materials
    VULNERABILITY = "vulnerability"  # one a package: advisories, or that nobody could be asked
    LICENSE = "license"  # declared, detected; for the model
    LINEAGE = "lineage"  # one: what the model was made from, with the licenses of each ancestor
    TERMS = "terms"  # one a license of the lineage: its clauses as the knowledge base has them
    RELEASE = "release"  # one: what the files say that the licenses of the lineage may demand
    LICENSE_LOCK = "license-lock"  # one: the licenses that were found and accepted last time
    DATASET = "dataset"  # one a dataset named by card or code
    ATTESTATION = "attestation"  # one an attestation file found; absent where none
    TRAINING_CONTENT = "training-content"  # one: the training-content record that people keep
    SECRET = "secret"  # one a credential found, one a configuration that names some, one in all
    PROJECT = "project"  # one a project the model stands on: who keeps it, how it releases
    BASELINE = "baseline"  # one a project as it was accepted, one for the baseline as a whole
    COMMIT = "commit"  # one a commit that touched weights, or the history as a whole


class _Address:
    """Keeps the digest once it is known: hashing a large payload for every rule would be costly."""

    __slots__ = ("_digest",)
    _digest: Digest


@dataclass(frozen=True, slots=True)
class Evidence(_Address):
    """One observation.

    ``about`` names what it is about: an artifact's path, a package as ``name==version``, a
    dataset's id; empty for the whole subject. ``source`` says where it was read:
    ``file:README.md``, ``git:<commit>``, ``https://…``. ``reason`` is a sentence, mandatory unless
    observed. ``data`` is JSON, frozen, in the shape that ``model/facts/`` gives; it is empty unless
    observed (an ``unavailable`` may hold what was read before the reader gave up). ``raw`` are
    digests of bytes from outside the subject; they lie in the pack under ``evidence/``.
    """

    kind: EvidenceKind
    about: str
    state: EvidenceState
    source: str
    collector: str
    reason: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    raw: tuple[Digest, ...] = ()

    def __post_init__(self) -> None:
        if self.state is not EvidenceState.OBSERVED and not self.reason:
            raise ValueError(f"evidence that is {self.state} must say why")
        object.__setattr__(self, "data", freeze(self.data))

    def __hash__(self) -> int:
        return hash((self.kind, self.about, self.state, self.source, self.collector))

    def __reduce__(self) -> tuple[Any, ...]:
        plain = thaw(self.data)
        return Evidence, (self.kind, self.about, self.state, self.source, self.collector,
                          self.reason, plain, self.raw)  # fmt: skip

    @property
    def digest(self) -> Digest:
        """SHA-256 of the canonical JSON of every field: this observation's address."""
        if not hasattr(self, "_digest"):
            object.__setattr__(self, "_digest", self._hashed())
        return self._digest

    def _hashed(self) -> Digest:
        return canonical_digest(
            {
                "kind": self.kind.value,
                "about": self.about,
                "state": self.state.value,
                "source": self.source,
                "collector": self.collector,
                "reason": self.reason,
                "data": self.data,
                "raw": [str(d) for d in self.raw],
            }
        )


@dataclass(frozen=True, slots=True)
class Breakage:
    """A collector that crashed: rules that need its kinds end as ``error``, never as ``pass``."""

    collector: str
    kinds: tuple[EvidenceKind, ...]
    message: str
