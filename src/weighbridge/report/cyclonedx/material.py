"""What a record knows of a model and of all that it stands on, sorted by what it is about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from weighbridge.model.artifact import Artifact
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.dataset import DatasetFacts
from weighbridge.model.facts.installation import InstallationFacts
from weighbridge.model.facts.license import LicenseFacts
from weighbridge.model.facts.model import ClaimFacts, ModelIdentityFacts
from weighbridge.model.facts.packages import PackagesFacts
from weighbridge.model.facts.signature import SignatureFacts
from weighbridge.model.facts.structure import ArchitectureFacts, ModelFacts
from weighbridge.model.facts.weights import WeightFacts
from weighbridge.model.record import AuditRecord
from weighbridge.report.cyclonedx.values import reference


@dataclass(frozen=True)
class Material:
    """A record, read for a bill of materials. Only evidence that was observed counts."""

    record: AuditRecord

    @property
    def model_ref(self) -> str:
        """The reference of the model itself."""
        return f"subject:{self.record.subject.digest}"

    @cached_property
    def by_kind(self) -> dict[EvidenceKind, list[Evidence]]:
        """All evidence, whatever its state."""
        found: dict[EvidenceKind, list[Evidence]] = {}
        for evidence in self.record.evidence:
            found.setdefault(evidence.kind, []).append(evidence)
        return found

    def _observed(self, kind: EvidenceKind, member: str) -> Iterator[tuple[str, Any]]:
        """What was observed, in the shape that has this member: some kinds have several shapes."""
        for evidence in self.by_kind.get(kind, ()):
            if evidence.state is EvidenceState.OBSERVED and member in evidence.data:
                yield evidence.about, evidence.data

    @cached_property
    def identity(self) -> ModelIdentityFacts | None:
        """What the model is by its own files, None where nobody looked."""
        for _, data in self._observed(EvidenceKind.MODEL, "claims"):
            return cast(ModelIdentityFacts, data)
        return None

    @cached_property
    def claims(self) -> dict[str, list[ClaimFacts]]:
        """The claims of the model's files, by field."""
        found: dict[str, list[ClaimFacts]] = {}
        for claim in self.identity["claims"] if self.identity else ():
            found.setdefault(claim["field"], []).append(claim)
        return found

    @cached_property
    def packages(self) -> list[tuple[str, PackagesFacts]]:
        """Each source of packages, by its name."""
        return list(self._observed(EvidenceKind.PACKAGES, "packages"))

    @cached_property
    def installations(self) -> dict[str, InstallationFacts]:
        """Each environment by its name."""
        return dict(self._observed(EvidenceKind.INSTALLATION, "recorded"))

    @cached_property
    def datasets(self) -> list[tuple[str, DatasetFacts]]:
        """Each dataset by its id."""
        found = self._observed(EvidenceKind.DATASET, "id")
        return sorted(found, key=lambda pair: pair[0])

    @cached_property
    def licenses(self) -> list[tuple[str, LicenseFacts]]:
        """Each license, declared or found in a file, with the file."""
        return list(self._observed(EvidenceKind.LICENSE, "role"))

    @cached_property
    def signatures(self) -> list[tuple[str, SignatureFacts]]:
        """Each signature file."""
        return list(self._observed(EvidenceKind.SIGNATURE, "signature_state"))

    @cached_property
    def weight_facts(self) -> dict[str, WeightFacts]:
        """What weight files hold, by path."""
        return dict(self._observed(EvidenceKind.WEIGHTS, "tensors"))

    @cached_property
    def structures(self) -> list[ModelFacts]:
        """The models that the weight files make up."""
        found: list[ModelFacts] = []
        for _, data in self._observed(EvidenceKind.STRUCTURE, "models"):
            found.extend(cast(ArchitectureFacts, data)["models"])
        return found

    @property
    def weights_committed(self) -> str:
        """When the newest of the present weights was committed, by its committer; else empty."""
        found = self._observed(EvidenceKind.COMMIT, "current")
        dates = [data["committer"]["date"] for _, data in found if data["current"]]
        return max(dates, default="")

    @cached_property
    def artifacts(self) -> dict[str, Artifact]:
        """Every file by its path."""
        return {artifact.path: artifact for artifact in self.record.artifacts}

    @cached_property
    def weights(self) -> list[Artifact]:
        """The weight files."""
        return [artifact for artifact in self.record.artifacts if artifact.is_weight]

    @property
    def packages_unread(self) -> bool:
        """Whether a package may be missing: a source could not be read, or not wholly."""
        evidence = self.by_kind.get(EvidenceKind.PACKAGES, ())
        if any(found.state is not EvidenceState.OBSERVED for found in evidence):
            return True
        return any(issue["incomplete"] for _, facts in self.packages for issue in facts["issues"])


def file_ref(path: str) -> str:
    """The reference of a file of the subject."""
    return reference("file", path)


def dataset_ref(identifier: str) -> str:
    """The reference of a dataset."""
    return reference("dataset", identifier)
