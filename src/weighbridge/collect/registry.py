"""The collectors, in the order they run. A literal tuple: a reader sees what there is."""

from __future__ import annotations

COLLECTORS: tuple[str, ...] = (
    "weighbridge.collect.files",
    "weighbridge.collect.weights",
    "weighbridge.collect.structure",
    "weighbridge.collect.model",
    "weighbridge.collect.documentation",
    "weighbridge.collect.signatures",
    "weighbridge.collect.packages",
    "weighbridge.collect.installation",
    "weighbridge.collect.vulnerabilities",
    "weighbridge.collect.licenses",
    "weighbridge.collect.datasets",
    "weighbridge.collect.training_content",
    "weighbridge.collect.lineage",
    "weighbridge.collect.notices",
    "weighbridge.collect.license_lock",
    "weighbridge.collect.maintainers",
    "weighbridge.collect.secrets",
    "weighbridge.collect.attestations",
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
