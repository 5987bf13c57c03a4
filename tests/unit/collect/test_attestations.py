"""The collector: evidence about every attestation, in the subject and in the folder beside it."""

import dataclasses
import datetime as dt
import json
import os

import pytest
from tests.unit.signing.test_attestation import FILE, FILES, KEY, MADE, PATH, TRUST

from weighbridge.collect import attestation_folder
from weighbridge.collect.attestations import KINDS, collect
from weighbridge.collect.context import CollectContext, Services
from weighbridge.model.codec import from_json, to_json
from weighbridge.model.digest import sha256
from weighbridge.model.evidence import Evidence, EvidenceState
from weighbridge.model.policy import TrustedSigner, identity_fingerprint
from weighbridge.signing import attested, keys
from weighbridge.signing.keyless_signer import sigstore_signer
from weighbridge.signing.oms import sign_oms
from weighbridge.signing.signers import KeySigner, certificate_signer
from weighbridge.signing.trust_root import normalized_root
from weighbridge.testing.memory import snapshot_of
from weighbridge.testing.signing_authority import authority, signing_certificate
from weighbridge.testing.sigstore import LoopbackTrust

AS_OF = dt.date(2026, 11, 20)


def collected(files, trust=TRUST, folder=None, **snapshot):
    context = CollectContext(
        snapshot_of(files, **snapshot), AS_OF, True, trust, Services(attestations=folder)
    )
    evidence = list(collect(context))
    assert all(e.kind in KINDS for e in evidence)
    assert [from_json(Evidence, to_json(e)) for e in evidence] == evidence
    assert {d for e in evidence for d in e.raw} == set(context.store.blobs)
    return evidence


@pytest.mark.parametrize("data", [b"", b"{}", b"[" * 99_999, FILE[:-99], FILE + b"x", b" " * 2**21])
def test_what_is_named_as_one_and_is_none_is_unavailable(data) -> None:
    (one,) = collected({**FILES, PATH: data})
    assert one.state is EvidenceState.UNAVAILABLE
    assert one.about == PATH
    assert one.reason


def test_a_signature_of_a_model_under_that_name_is_unavailable() -> None:
    (one,) = collected({**FILES, PATH: sign_oms(snapshot_of(FILES), KEY)})
    assert one.state is EvidenceState.UNAVAILABLE
    assert "no attestation" in one.reason


def test_a_pointer_under_that_name_is_unavailable() -> None:
    (one,) = collected(FILES, pointers={PATH: sha256(FILE)})
    assert one.state is EvidenceState.UNAVAILABLE
    assert "pointer" in one.reason


def test_no_attestation_is_absent() -> None:
    (one,) = collected(FILES)
    assert one.state is EvidenceState.ABSENT


def test_a_valid_one_with_its_evidence_beside_it() -> None:
    report = {"attestations/report.pdf": b"report"}
    made = dataclasses.replace(
        MADE, subject_digest=attested.attested_subject(snapshot_of({**FILES, **report})).digest
    )
    file = attested.sign_attestation(made, KeySigner(KEY))
    (one,) = collected({**FILES, **report, PATH: file})
    facts = one.data
    assert facts["signature_state"] == "valid"
    assert facts["bound"] == "this"
    assert facts["person"] == {"name": "Ann Example", "role": "Head of Data",
                               "email": "ann@example.com"}  # fmt: skip
    assert [f["state"] for f in facts["evidence"]] == ["same"]
    assert facts["valid_for"][0]["fingerprint"] == str(TRUST[0].fingerprint)


def test_one_that_is_replayed_on_another_model_is_of_another() -> None:
    (one,) = collected({"w.safetensors": b"another model", PATH: FILE})
    assert one.data["signature_state"] == "valid"
    assert one.data["bound"] == "another"
    assert "'model'" in one.data["bound_reason"]


def test_a_strangers_key_is_not_known() -> None:
    file = attested.sign_attestation(MADE, KeySigner(keys.generate_key()))
    (one,) = collected({**FILES, PATH: file})
    assert one.data["signature_state"] == "no-known-key"
    assert one.data["valid_for"] == ()
    (nobody,) = collected({**FILES, PATH: FILE}, trust=())
    assert nobody.data["signature_state"] == "no-known-key"


def test_those_beyond_the_bound_are_counted(monkeypatch) -> None:
    monkeypatch.setattr(attested, "MAX_FILES", 1)
    evidence = collected({**FILES, PATH: FILE, "z.attestation.json": FILE})
    assert [e.state for e in evidence] == [EvidenceState.OBSERVED, EvidenceState.UNAVAILABLE]
    assert "1 attestations beyond the bound of 1" in evidence[1].reason


def test_a_folder_beside_the_model_by_content_and_with_its_bytes(tmp_path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "any-name.json").write_bytes(FILE)
    (tmp_path / "a" / "report.pdf").write_bytes(b"report")
    (tmp_path / "model.sigstore.json").write_bytes(sign_oms(snapshot_of(FILES), KEY))
    (tmp_path / "notes.json").write_bytes(b"{}")
    (one,) = collected(FILES, folder=tmp_path)
    assert one.source == "attestations:a/any-name.json"
    assert one.data["bound"] == "this"
    assert one.data["evidence"][0]["state"] == "same"
    assert one.raw == (sha256(FILE),)


def test_what_cannot_be_read_in_the_folder_is_said(tmp_path) -> None:
    (tmp_path / "a.attestation.json").write_bytes(b"{}")
    os.mkfifo(tmp_path / "b.attestation.json")
    (tmp_path / "target").write_bytes(FILE)
    (tmp_path / "c.attestation.json").symlink_to(tmp_path / "target")
    (tmp_path / "d.attestation.json").write_bytes(b" " * (2**20 + 1))
    evidence = collected(FILES, folder=tmp_path)
    assert [e.about[0] for e in evidence] == ["a", "b", "c", "d"]
    assert {e.state for e in evidence} == {EvidenceState.UNAVAILABLE}


def test_evidence_that_is_no_regular_file_is_unread(tmp_path) -> None:
    (tmp_path / "a.attestation.json").write_bytes(FILE)
    os.mkfifo(tmp_path / "report.pdf")
    (one,) = collected(FILES, folder=tmp_path)
    assert one.data["evidence"][0]["state"] == "unread"


@pytest.mark.parametrize("bound", ["MAX_ENTRIES", "MAX_ATTESTATIONS"])
def test_a_folder_past_a_bound_is_a_gap(tmp_path, monkeypatch, bound) -> None:
    monkeypatch.setattr(attestation_folder, bound, 1)
    for name in "ab":
        (tmp_path / f"{name}.attestation.json").write_bytes(FILE)
    evidence = collected(FILES, folder=tmp_path)
    assert evidence[-1].state is EvidenceState.UNAVAILABLE
    assert "exceeds the bound of 1" in evidence[-1].reason


def test_a_folder_that_is_gone_is_a_gap(tmp_path) -> None:
    (one,) = collected(FILES, folder=tmp_path / "gone")
    assert one.state is EvidenceState.UNAVAILABLE
    assert "cannot be listed" in one.reason


def test_a_certificate_and_sigstore_say_who_it_is(tmp_path) -> None:
    root = authority()
    ann = signing_certificate(root, email="ann@example.com")
    certified = certificate_signer(KeySigner(ann.key), ann.key.public_key(), [ann.pem])
    roots = (root.pem.decode(),)
    by_root = TrustedSigner(
        "ann", "", identity_fingerprint("ann@example.com", "", roots, ""),
        identity="ann@example.com", certificate_roots=roots,
    )  # fmt: skip
    with LoopbackTrust() as trust:
        config = json.dumps(trust.trust_config())
        keyless = sigstore_signer(config.encode(), trust.identity_token("bob@example.com"))
        issuer, text = f"{trust.url}/oauth2", normalized_root(config.encode(), "root.json")
        logged = attested.sign_attestation(MADE, keyless)
    by_log = TrustedSigner(
        "bob", "", identity_fingerprint("bob@example.com", issuer, (), text),
        identity="bob@example.com", issuer=issuer, trusted_root=text,
    )  # fmt: skip
    stated = attested.sign_attestation(MADE, certified)
    files = {**FILES, "a.attestation.json": stated, "b.attestation.json": logged}
    context = CollectContext(
        snapshot_of(files), dt.datetime.now(dt.UTC).date(), True, (by_root, by_log)
    )
    found = {e.about[0]: e.data for e in collect(context)}
    assert [found[name]["signature_state"] for name in "ab"] == ["valid", "valid"], found
    assert found["a"]["signing"]["identities"] == ("ann@example.com",)
    assert found["b"]["signing"]["identities"] == ("bob@example.com",)
    assert found["b"]["signing"]["logged"] is True
    nobody = list(collected({**FILES, "a.attestation.json": stated}))
    assert nobody[0].data["signature_state"] == "untrusted"
