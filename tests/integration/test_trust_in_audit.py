"""A policy's trusted identities and demands, from the file to the sealed record and back."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from weighbridge.audit import AuditRequest, reevaluate, run_audit
from weighbridge.model.finding import Outcome
from weighbridge.model.record import AuditRecord
from weighbridge.signing.keyless_signer import sigstore_signer
from weighbridge.signing.oms import sign_oms
from weighbridge.signing.signers import KeySigner, StampedSigner, certificate_signer
from weighbridge.snapshot.take import take_snapshot
from weighbridge.sources.http import HttpClient
from weighbridge.testing.signing_authority import authority, signing_certificate
from weighbridge.testing.sigstore import LoopbackTrust

POLICY = """\
schema: 1
id: team
version: "1"
owner: team
rules: {{untrusted-signer: {{}}, signature-mismatch: {{}}}}
trust:
  - {{name: ann, identity: ann@example.com, certificate_roots: [ca.pem]}}
  - {{name: ci, identity: "ci@*", issuer: "{issuer}", trusted_root: root.json}}
signatures: {{min_signers: {signers}, require_timestamp: true, timestamp_roots: [tsa.pem]}}
"""


@pytest.fixture(scope="module")
def signed(tmp_path_factory) -> Path:
    """A model signed by Ann with a stamped certificate and by CI through Sigstore, and policies."""
    folder = tmp_path_factory.mktemp("trust")
    model = folder / "m"
    model.mkdir()
    (model / "w.safetensors").write_bytes(b"\x02\0\0\0\0\0\0\0{}")
    root = authority()
    ann = signing_certificate(root, email="ann@example.com")
    with LoopbackTrust() as trust:
        http = HttpClient(offline=False)
        certified = certificate_signer(KeySigner(ann.key), ann.key.public_key(), [ann.pem])
        by_ann = StampedSigner(certified, http, (trust.timestamp_url,))
        config = json.dumps(trust.trust_config())
        by_ci = sigstore_signer(config.encode(), trust.identity_token("ci@example.com"))
        snapshot = take_snapshot(model)
        (model / "ann.sig").write_bytes(sign_oms(snapshot, by_ann, signature_path="ann.sig"))
        (model / "ci.sig").write_bytes(sign_oms(snapshot, by_ci, signature_path="ci.sig"))
        issuer = f"{trust.url}/oauth2"
        (folder / "ca.pem").write_bytes(root.pem)
        (folder / "tsa.pem").write_text(trust.tsa_roots)
        (folder / "root.json").write_text(config)
        for signers in (1, 2):
            text = POLICY.format(issuer=issuer, signers=signers)
            (folder / f"{signers}.yaml").write_text(text)
    return folder


def audit(signed: Path, policy: str) -> AuditRecord:
    today = dt.datetime.now(dt.UTC).date()
    request = AuditRequest(
        subject=signed / "m", as_of=today, policies=(str(signed / policy),), offline=True
    )
    return run_audit(request).record


def outcome(record: AuditRecord, rule: str) -> Outcome:
    return next(result.outcome for result in record.results if result.rule == rule)


def test_two_signers_in_two_ways(signed: Path) -> None:
    record = audit(signed, "2.yaml")
    assert outcome(record, "untrusted-signer") is Outcome.PASS, record.results
    facts = {e.about: e.data["signing"] for e in record.evidence if e.about.endswith(".sig")}
    assert facts["ann.sig"]["identities"] == ("ann@example.com",)
    assert facts["ann.sig"]["time_source"] == facts["ci.sig"]["time_source"] == "timestamp"
    assert facts["ci.sig"]["logged"] is True
    assert len(facts["ci.sig"]["trust_roots"]) == 1


def test_the_record_is_judged_again_without_any_file(signed: Path) -> None:
    record = audit(signed, "2.yaml")
    read = AuditRecord.from_bytes(record.to_bytes())
    assert reevaluate(read).to_bytes() == record.to_bytes()
    assert [bool(s.trusted_root or s.certificate_roots) for s in read.policy.trust] == [True] * 2


def test_one_of_the_two_is_not_enough(signed: Path, tmp_path: Path) -> None:
    saved = (signed / "m" / "ci.sig").read_bytes()
    (signed / "m" / "ci.sig").unlink()
    try:
        record = audit(signed, "2.yaml")
        assert outcome(record, "untrusted-signer") is Outcome.FAIL
        keys = {f.key for r in record.results for f in r.findings}
        assert "not-enough-signers" in keys
        assert outcome(audit(signed, "1.yaml"), "untrusted-signer") is Outcome.PASS
    finally:
        (signed / "m" / "ci.sig").write_bytes(saved)
