"""The built-in rules, by family. A literal tuple; a test holds it against the files."""

from __future__ import annotations

import importlib
from collections.abc import Collection
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
    "licenses.unknown_ancestor",
    "licenses.disputed_lineage",
    "licenses.license_conflict",
    "licenses.unmet_obligation",
    "licenses.changed_license",
    "citations.uncited_dataset",
    "citations.unlicensed_dataset",
    "citations.unpinned_dataset",
    "citations.undocumented_dataset",
    "documentation.incomplete_model_card",
    "documentation.undocumented_evaluation",
    "documentation.unstated_energy",
    "documentation.unapproved_prompt",
    "documentation.missing_lifecycle_notes",
    "documentation.missing_risk_statements",
    "documentation.training_content_summary",
    "maintainers.unsigned_commit",
    "maintainers.first_time_weight_author",
    "maintainers.changed_owner",
    "maintainers.changed_publisher",
    "maintainers.dropped_attestations",
    "maintainers.untagged_release",
    "maintainers.dormant_release",
    "maintainers.release_burst",
    "maintainers.young_dependency",
    "maintainers.account_domain",
    "maintainers.hijack_score",
    "maintainers.new_install_hook",
    "maintainers.new_binary",
    "maintainers.recreated_namespace",
    "maintainers.changed_repository",
    "maintainers.hostile_fork",
    "maintainers.changed_release_key",
    "maintainers.artifact_differs",
    "maintainers.suspicious_startup",
    "maintainers.quarantined_project",
    "history.backdated_commit",
    "history.changed_signing_key",
    "history.swapped_pointer",
    "secrets.leaked_secret",
    "secrets.plain_credential",
    "controls.consent_for_training_data",
    "controls.data_residency",
    "controls.bias_testing",
    "controls.right_to_explanation",
    "controls.third_party_audit",
    "controls.kill_switch_rehearsed",
    "controls.human_oversight",
    "controls.incident_response_plan",
    "controls.acceptable_use_review",
)


def load_rules(family: str = "", *, only: Collection[str] | None = None) -> tuple[Rule, ...]:
    """Import the built-in rules in the registry's order: all, one family's, or some by their id."""
    wanted = [
        rule
        for rule in RULES
        if (not family or rule.startswith(f"{family}."))
        and (only is None or rule.rpartition(".")[2].replace("_", "-") in only)
    ]
    return tuple(cast(Rule, importlib.import_module(f"weighbridge.rules.{r}")) for r in wanted)
