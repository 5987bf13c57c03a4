"""What is shipped loads against the rules there are, and says what it is meant to say."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from weighbridge.model.errors import ConfigurationError
from weighbridge.model.finding import Severity
from weighbridge.model.policy import Mode, OnInconclusive
from weighbridge.model.rule import RuleMeta
from weighbridge.policy.cases import run_cases
from weighbridge.policy.clauses import linked, load_clauses
from weighbridge.policy.load import load_policies, load_policy
from weighbridge.policy.shipped import (
    clause_files,
    shipped_frameworks,
    shipped_names,
    shipped_policy,
    shipped_root,
)
from weighbridge.rules.registry import load_rules
from weighbridge.testing.signing_authority import authority

AS_OF = dt.date(2026, 11, 20)
BASELINE = {
    "unsigned-weights": "high", "signature-mismatch": "critical", "untrusted-signer": "high",
    "unsafe-content": "critical", "malformed-weights": "high", "uninspected-weights": "high",
    "inconsistent-shards": "high", "contradicting-architecture": "medium",
    "unreadable-files": "high", "content-not-present": "low",
    "unpinned-dependency": "medium", "unhashed-dependency": "low",
    "unrecorded-dependencies": "medium", "malicious-package": "critical",
    "extra-index": "medium", "direct-url": "medium", "similar-name": "low",
    "young-version": "low", "deep-dependency": "low",
    "known-vulnerability": "high", "modified-package": "high", "startup-hook": "critical",
    "missing-license": "high", "contradicting-license": "high", "unknown-license": "medium",
    "license-conflict": "high",
    "unmet-obligation": "medium", "changed-license": "high",
    "unknown-ancestor": "medium", "disputed-lineage": "medium",
    "unsigned-commit": "low", "first-time-weight-author": "low",
    "uncited-dataset": "high", "unlicensed-dataset": "medium", "unpinned-dataset": "medium",
    "leaked-secret": "critical",
}  # fmt: skip
CONTROLS = {rule.META.id for rule in load_rules("controls")}
# what outside services must be asked for: that one is silent closes no gate
HIJACK = {
    "changed-owner", "changed-publisher", "dropped-attestations", "untagged-release",
    "dormant-release", "release-burst", "young-dependency", "account-domain", "hijack-score",
    "new-install-hook", "new-binary", "recreated-namespace", "changed-repository", "hostile-fork",
    "changed-release-key", "artifact-differs", "suspicious-startup", "quarantined-project",
}  # fmt: skip
TESTS = sorted((shipped_root() / "tests").glob("*.yaml"))
REPORTED = {
    "untrusted-signer", "content-not-present", "contradicting-architecture", "known-vulnerability",
    "malicious-package", "modified-package", "unmet-obligation", "changed-license",
    "unknown-ancestor", "disputed-lineage", "leaked-secret",
}  # fmt: skip


def metas() -> tuple[RuleMeta, ...]:
    return tuple(rule.META for rule in load_rules())


def test_the_shipped_names() -> None:
    assert shipped_names() == ("baseline", "documentation", "governance", "strict")
    assert shipped_policy("strict").name == "strict.yaml"
    with pytest.raises(ConfigurationError):
        shipped_policy("../policies/strict")


def test_baseline_names_every_rule_with_its_severity() -> None:
    policy = load_policy("baseline", rules=metas(), as_of=AS_OF)
    on = [s for s in policy.rules if s.mode is not Mode.OFF]
    assert {s.rule: s.severity.value for s in on} == BASELINE
    assert {s.mode for s in on} == {Mode.ENFORCE}
    reported = {s.rule for s in policy.rules if s.on_unknown is OnInconclusive.REPORT}
    assert reported == REPORTED
    assert policy.gate.fail_on is Severity.HIGH
    assert not policy.timestamp_required


def test_strict_leaves_nothing_open() -> None:
    policy = load_policy("strict", rules=metas(), as_of=AS_OF)
    on = [s for s in policy.rules if s.mode is not Mode.OFF]
    assert {s.rule for s in on if s.on_unknown is not OnInconclusive.CLOSE} == HIJACK
    assert {s.on_error for s in on} == {OnInconclusive.CLOSE}
    assert {s.mode for s in on} == {Mode.ENFORCE}
    assert policy.gate.fail_on is Severity.MEDIUM
    assert policy.timestamp_required
    assert [name for name, _ in policy.sources] == ["strict.yaml", "baseline.yaml"]


def test_strict_on_top_of_baseline_is_strict() -> None:
    alone = load_policy("strict", rules=metas(), as_of=AS_OF)
    both = load_policies(("baseline", "strict"), rules=metas(), as_of=AS_OF)
    assert both.rules == alone.rules


def test_every_registered_rule_is_on_in_a_shipped_policy() -> None:
    policies = [load_policy(name, rules=metas(), as_of=AS_OF) for name in shipped_names()]
    on = {s.rule for policy in policies for s in policy.rules if s.mode is not Mode.OFF}
    assert on == {meta.id for meta in metas()}


def test_what_a_person_must_attest_to_is_on_in_governance_alone() -> None:
    for name in shipped_names():
        policy = load_policy(name, rules=metas(), as_of=AS_OF)
        on = {s.rule for s in policy.rules if s.mode is not Mode.OFF}
        assert on & CONTROLS == (CONTROLS if name == "governance" else set())


def test_governance_closes_the_gate_where_nobody_has_attested() -> None:
    policy = load_policy("governance", rules=metas(), as_of=AS_OF)
    assert {s.rule for s in policy.rules if s.on_manual is OnInconclusive.CLOSE} == CONTROLS
    assert [name for name, _ in policy.sources] == ["governance.yaml", "baseline.yaml"]


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.stem)
def test_the_shipped_policies_meet_their_tests(path) -> None:
    for name, problems in run_cases(path, rules=load_rules()):
        assert problems == (), name


def test_every_shipped_clause_loads_and_some_are_linked() -> None:
    clauses = load_clauses(metas())
    assert len(clauses) >= 319
    policy = load_policy("baseline", rules=metas(), as_of=AS_OF)
    assert 0 < len(linked(clauses, policy)) <= len(clauses)


def test_the_quick_look_at_frameworks_finds_what_parsing_finds() -> None:
    parsed = {yaml.safe_load(path.read_text())["framework"] for path in clause_files()}
    assert set(shipped_frameworks()) == parsed


def test_the_policy_of_the_guide_loads(tmp_path) -> None:
    guide = (Path(__file__).parents[3] / "docs/how-to/write-a-policy.md").read_text()
    first, trust, by_path, because = re.findall(r"```yaml\n(.*?)```", guide, re.DOTALL)[:4]
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys/release.pem").write_bytes(
        key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    (tmp_path / "team.yaml").write_text(first)
    head = first.split("rules:")[0].replace("extends: baseline", "extends: ./team.yaml")
    (tmp_path / "lax.yaml").write_text(head + because)
    policy = load_policy(str(tmp_path / "lax.yaml"), rules=metas(), as_of=AS_OF)
    assert [signer.name for signer in policy.trust] == ["release team"]
    assert policy.gate.because == "first month of the pilot"
    root = authority().pem
    for name in ("ca/root.pem", "tsa/root.pem", "tsa/own.pem", "sigstore/trusted_root.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(root)
    (tmp_path / "tsa/public.pem").write_bytes(authority("public").pem)
    (tmp_path / "sigstore/trusted_root.json").write_text(
        '{"mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1", "tlogs": [{}]}'
    )
    (tmp_path / "trust.yaml").write_text(f"{head}{trust}rules: {{untrusted-signer: {{}}}}\n")
    policy = load_policy(str(tmp_path / "trust.yaml"), rules=metas(), as_of=AS_OF)
    assert [signer.kind for signer in policy.trust] == ["key", "sigstore", "certificate"]
    assert policy.signatures.min_signers == 2
    signers = trust.split("signatures:")[0]
    (tmp_path / "more.yaml").write_text(
        f"{head}{signers}{by_path}rules: {{untrusted-signer: {{}}}}\n"
    )
    demands = load_policy(str(tmp_path / "more.yaml"), rules=metas(), as_of=AS_OF).signatures
    assert demands.of("release/w.safetensors").min_signers == 2
    assert demands.of("release/w.safetensors").max_age_days == 90
    assert demands.of("config.json").min_signers == 1
