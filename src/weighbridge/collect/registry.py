"""The collectors, in the order they run, and the kinds of evidence that each gives (its KINDS).

A literal table: a reader sees what there is, and a collector that nobody needs is not imported.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from weighbridge.model.evidence import EvidenceKind

COLLECTORS: Mapping[str, tuple[EvidenceKind, ...]] = MappingProxyType(
    {
        "weighbridge.collect.files": (EvidenceKind.SNAPSHOT,),
        "weighbridge.collect.weights": (EvidenceKind.WEIGHTS,),
        "weighbridge.collect.structure": (EvidenceKind.STRUCTURE,),
        "weighbridge.collect.model": (EvidenceKind.MODEL,),
        "weighbridge.collect.documentation": (EvidenceKind.DOCUMENTATION,),
        "weighbridge.collect.signatures": (EvidenceKind.SIGNATURE,),
        "weighbridge.collect.packages": (EvidenceKind.PACKAGES,),
        "weighbridge.collect.installation": (EvidenceKind.INSTALLATION,),
        "weighbridge.collect.vulnerabilities": (EvidenceKind.VULNERABILITY,),
        "weighbridge.collect.licenses": (EvidenceKind.LICENSE,),
        "weighbridge.collect.datasets": (EvidenceKind.DATASET,),
        "weighbridge.collect.training_content": (EvidenceKind.TRAINING_CONTENT,),
        "weighbridge.collect.lineage": (
            EvidenceKind.LINEAGE,
            EvidenceKind.TERMS,
        ),
        "weighbridge.collect.notices": (EvidenceKind.RELEASE,),
        "weighbridge.collect.license_lock": (EvidenceKind.LICENSE_LOCK,),
        "weighbridge.collect.maintainers": (EvidenceKind.COMMIT,),
        "weighbridge.collect.baseline": (EvidenceKind.BASELINE,),
        "weighbridge.collect.projects": (EvidenceKind.PROJECT,),
        "weighbridge.collect.secrets": (EvidenceKind.SECRET,),
        "weighbridge.collect.attestations": (EvidenceKind.ATTESTATION,),
    }
)

# Run whatever the policy asks: the record and its bill of materials are made of these. The others
# run only when a rule that is on needs them, so no lookup is made that the policy does not enable.
ALWAYS: frozenset[str] = frozenset(
    {
        "weighbridge.collect.files",
        "weighbridge.collect.model",
        "weighbridge.collect.documentation",
        "weighbridge.collect.packages",
        "weighbridge.collect.installation",
        "weighbridge.collect.licenses",
    }
)
