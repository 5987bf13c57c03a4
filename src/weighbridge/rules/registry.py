"""The built-in rules, by family. A literal tuple; a test holds it against the files."""

from __future__ import annotations

import importlib
from typing import cast

from weighbridge.model.rule import Rule

RULES: tuple[str, ...] = (
    "integrity.unreadable_files",
    "integrity.content_not_present",
    "signatures.unsigned_weights",
    "signatures.signature_mismatch",
    "signatures.untrusted_signer",
    "weights.unsafe_content",
    "weights.malformed_weights",
    "weights.uninspected_weights",
    "weights.inconsistent_shards",
    "weights.contradicting_architecture",
    "sbom.unrecorded_dependencies",
    "sbom.unpinned_dependency",
    "sbom.unhashed_dependency",
    "sbom.modified_package",
    "sbom.startup_hook",
    "sbom.extra_index",
    "sbom.direct_url",
    "sbom.similar_name",
    "sbom.young_version",
    "sbom.deep_dependency",
    "vulnerabilities.known_vulnerability",
    "vulnerabilities.malicious_package",
    "licenses.missing_license",
    "licenses.unknown_license",
    "licenses.contradicting_license",
    "citations.uncited_dataset",
    "citations.unlicensed_dataset",
    "citations.unpinned_dataset",
    "maintainers.unsigned_commit",
    "maintainers.first_time_weight_author",
)


def load_rules(family: str = "") -> tuple[Rule, ...]:
    """Import every built-in rule, or those of one family, in the registry's order."""
    wanted = [rule for rule in RULES if not family or rule.startswith(f"{family}.")]
    return tuple(cast(Rule, importlib.import_module(f"weighbridge.rules.{r}")) for r in wanted)
