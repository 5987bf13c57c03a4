"""The collector: a baseline is believed only if somebody signed it whom the policy lets do so."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import os
from pathlib import Path

import pytest
from tests.unit.collect.baselines import AS_OF, project, snapshot, unasked
from tests.unit.signing.test_attestation import FILE as ATTESTATION

from weighbridge.collect import baseline
from weighbridge.collect.baseline import KINDS, collect
from weighbridge.collect.context import CollectContext, Services
from weighbridge.model.canonical import thaw
from weighbridge.model.codec import from_json, to_json
from weighbridge.model.digest import sha256
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.policy import (
    SignatureDemands,
    TrustedSigner,
    identity_fingerprint,
)
from weighbridge.signing import keys
from weighbridge.signing.keyless_signer import sigstore_signer
from weighbridge.signing.maintainers_snapshot import sign_snapshot
from weighbridge.signing.signers import KeySigner, StampedSigner, certificate_signer
from weighbridge.signing.trust_root import normalized_root
from weighbridge.sources.http import HttpClient
from weighbridge.testing.memory import snapshot_of
from weighbridge.testing.signing_authority import authority, signing_certificate
from weighbridge.testing.sigstore import LoopbackTrust

KEY = keys.generate_key()
PEM = keys.public_pem(KEY.public_key()).encode()
TRUST = (keys.trusted_signer("team", PEM),)
MADE = snapshot(project(), project("numpy"), unasked("torch"))
FILE = sign_snapshot(MADE, KeySigner(KEY))


def collected(path: Path | None, trust=TRUST, as_of=AS_OF, files=None, **more) -> list[Evidence]:
    context = CollectContext(
        snapshot=snapshot_of(files or {"config.json": b"{}"}),
        as_of=as_of,
        offline=True,
        trust=trust,
        services=Services(baseline=path),
        **more,
    )
    evidence = list(collect(context))
    assert all(e.kind in KINDS for e in evidence)
    assert [from_json(Evidence, to_json(e)) for e in evidence] == evidence
    assert {d for e in evidence for d in e.raw} == set(context.store.blobs)
    return evidence


@pytest.fixture
def kept(tmp_path):
    """``kept(data)``: a file with these bytes."""

    def write(data: bytes = FILE) -> Path:
        path = tmp_path / "b.maintainers.json"
        path.write_bytes(data)
        return path

    return write


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[" * 99_999, FILE[:-99], FILE + b"x", ATTESTATION, b"\xff" * 100]
)
def test_what_is_no_snapshot_is_unavailable(kept, data) -> None:
    (one,) = collected(kept(data))
    assert (one.about, one.state) == ("", EvidenceState.UNAVAILABLE)
    assert one.reason
    assert not one.data


def test_what_is_no_file_or_too_large_is_unavailable(kept, tmp_path, monkeypatch) -> None:
    os.mkfifo(tmp_path / "fifo")
    for path in (tmp_path / "fifo", tmp_path / "gone", tmp_path):
        (one,) = collected(path)
        assert one.state is EvidenceState.UNAVAILABLE
    monkeypatch.setattr(baseline, "MAX_FILE_BYTES", 10)
    (one,) = collected(kept())
    assert "larger than 10 bytes" in one.reason


def refused(evidence: list[Evidence]) -> str:
    """Nothing of it is handed on; the reason."""
    (one,) = evidence
    assert (one.about, one.state) == ("", EvidenceState.UNAVAILABLE)
    assert one.data["trusted"] is False
    assert one.data["signer"] == ""
    return one.reason


def test_one_that_nobody_signed_is_never_believed(kept) -> None:
    assert "nobody signed it" in refused(collected(kept(MADE.to_bytes() + b"\n")))


def test_a_strangers_is_not_believed(kept) -> None:
    other = sign_snapshot(MADE, KeySigner(keys.generate_key()))
    assert "no trusted key" in refused(collected(kept(other)))
    assert "no signer that it trusts" in refused(collected(kept(), trust=()))


def test_a_signer_for_weights_cannot_accept_projects(kept) -> None:
    (team,) = TRUST
    only = (dataclasses.replace(team, paths=("*.safetensors",)),)
    assert "does not let team sign for 'baselines/maintainers'" in refused(
        collected(kept(), trust=only)
    )
    allowed = (dataclasses.replace(team, paths=("baselines/*",)),)
    assert collected(kept(), trust=allowed)[0].state is EvidenceState.OBSERVED


@pytest.mark.parametrize(
    ("demands", "words"),
    [
        (SignatureDemands(require_timestamp=True), "demands a timestamp"),
        (SignatureDemands(require_log=True), "transparency log"),
        (SignatureDemands(max_age_days=30), "no trusted time says how old"),
    ],
)
def test_what_the_policy_demands_of_signatures_holds_here_too(kept, demands, words) -> None:
    assert words in refused(collected(kept(), demands=demands))
    relaxed = SignatureDemands(min_signers=2)  # of weights: one accepts a baseline
    assert collected(kept(), demands=relaxed)[0].state is EvidenceState.OBSERVED


def test_one_from_after_the_audit_is_not_believed(kept) -> None:
    reason = refused(collected(kept(), as_of=dt.date(2026, 10, 31)))
    assert "after the day of the audit" in reason
    assert collected(kept(), as_of=dt.date(2026, 11, 1))[0].state is EvidenceState.OBSERVED


def test_a_hint_at_another_key_is_not_believed(kept) -> None:
    hint = keys.hint(KEY.public_key()).encode()
    assert hint in FILE
    changed = FILE.replace(hint, b"0" * len(hint))
    assert "hint names another key" in refused(collected(kept(changed)))


def test_none_is_absent() -> None:
    (one,) = collected(None)
    assert one.state is EvidenceState.ABSENT


def test_one_a_project_with_its_facts_and_one_in_all(kept) -> None:
    whole, *projects = collected(kept())
    assert whole.data == {
        "digest": str(MADE.digest), "taken": MADE.taken, "signer": "team", "trusted": True,
        "reason": "", "projects": 3, "entry": -1,
    }  # fmt: skip
    assert whole.raw == (sha256(FILE),)
    demo, numpy, torch = projects
    assert [e.about for e in projects] == ["pkg:pypi/demo", "pkg:pypi/numpy", "pkg:pypi/torch"]
    assert thaw(demo.data) == thaw(project().data)
    assert numpy.kind is EvidenceKind.BASELINE
    assert torch.state is EvidenceState.UNAVAILABLE
    assert torch.reason == "it could not be had when it was accepted: offline"


def test_a_key_by_fingerprint_must_lie_beside_the_model(kept) -> None:
    (team,) = TRUST
    trust = (dataclasses.replace(team, public_key=""),)
    assert "fingerprint" in refused(collected(kept(), trust=trust))
    (whole, *_) = collected(kept(), trust=trust, files={"config.json": b"{}", "team.pub": PEM})
    assert whole.data["signer"] == "team"


def test_a_certificate_a_timestamp_and_sigstore_say_who_it_is(kept) -> None:
    root = authority()
    ann = signing_certificate(root, email="ann@example.com")
    roots = (root.pem.decode(),)
    by_root = TrustedSigner(
        "ann", "", identity_fingerprint("ann@example.com", "", roots, ""),
        identity="ann@example.com", certificate_roots=roots,
    )  # fmt: skip
    with LoopbackTrust() as trust:
        config = json.dumps(trust.trust_config())
        keyless = sigstore_signer(config.encode(), trust.identity_token("bob@example.com"))
        issuer, text = f"{trust.url}/oauth2", normalized_root(config.encode(), "root.json")
        logged = sign_snapshot(MADE, keyless)
    by_log = TrustedSigner(
        "bob", "", identity_fingerprint("bob@example.com", issuer, (), text),
        identity="bob@example.com", issuer=issuer, trusted_root=text,
    )  # fmt: skip
    certified = certificate_signer(KeySigner(ann.key), ann.key.public_key(), [ann.pem])
    stated = sign_snapshot(MADE, certified)
    today = dt.datetime.now(dt.UTC).date()
    for data, name in ((stated, "ann"), (logged, "bob")):
        whole = collected(kept(data), trust=(by_root, by_log), as_of=today)[0]
        assert whole.data["signer"] == name, whole.reason
        assert refused(collected(kept(data), as_of=today))
    both = SignatureDemands(require_timestamp=True, require_log=True)
    whole = collected(kept(logged), trust=(by_log,), as_of=today, demands=both)[0]
    assert whole.state is EvidenceState.OBSERVED, whole.reason


def test_a_trusted_timestamp_meets_the_demand_for_one(kept) -> None:
    with LoopbackTrust() as trust, HttpClient(offline=False) as http:
        stamping = StampedSigner(KeySigner(KEY), http, (trust.timestamp_url,))
        stamped = sign_snapshot(MADE, stamping)
        roots = (trust.tsa_roots,)
    today = dt.datetime.now(dt.UTC).date()
    demands = SignatureDemands(require_timestamp=True, max_age_days=2, timestamp_roots=roots)
    (whole, *_) = collected(
        kept(stamped), as_of=today, demands=demands, timestamp_roots=demands.root_texts
    )
    assert whole.state is EvidenceState.OBSERVED, whole.reason
    later = today + dt.timedelta(days=3)
    words = refused(
        collected(kept(stamped), as_of=later, demands=demands, timestamp_roots=demands.root_texts)
    )
    assert "more than 2 days ago" in words
