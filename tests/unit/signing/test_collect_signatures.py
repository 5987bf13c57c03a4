"""The collector: evidence about every signature file, whatever its state."""

import datetime as dt
import json

import pytest

from weighbridge.collect.context import CollectContext
from weighbridge.collect.signatures import KINDS, collect
from weighbridge.model.codec import from_json, to_json
from weighbridge.model.digest import sha256
from weighbridge.model.errors import ConfigurationError
from weighbridge.model.evidence import Evidence, EvidenceState
from weighbridge.model.policy import TrustedSigner
from weighbridge.signing import dsse, keys
from weighbridge.signing.bundle import Bundle
from weighbridge.signing.oms import sign_oms
from weighbridge.testing.memory import snapshot_of
from weighbridge.testing.signing_authority import authority, signing_certificate

KEY = keys.generate_key()
TRUST = (keys.trusted_signer("team", keys.public_pem(KEY.public_key()).encode()),)
FILES = {"config.json": b"{}", "w.safetensors": b"weights"}
SIGNATURE = sign_oms(snapshot_of(FILES), KEY)


def _collect(files, trust=TRUST, **snapshot):
    context = CollectContext(snapshot_of(files, **snapshot), dt.date(2026, 11, 20), True, trust)
    evidence = list(collect(context))
    assert all(e.kind in KINDS for e in evidence)
    assert [from_json(Evidence, to_json(e)) for e in evidence] == evidence
    return evidence


def _statement(change):
    statement = json.loads(Bundle.from_bytes(SIGNATURE).envelope.payload)
    change(statement)
    envelope = dsse.sign_envelope(KEY, dsse.IN_TOTO, json.dumps(statement).encode())
    return Bundle(envelope).to_bytes()


def test_no_signature_is_absent_and_the_weights_are_uncovered():
    summary, absent = _collect(FILES)
    assert summary.state is EvidenceState.OBSERVED
    assert summary.data["weights"] == ("w.safetensors",)
    assert summary.data["uncovered"] == ("w.safetensors",)
    assert absent.state is EvidenceState.ABSENT
    assert absent.about == ""


def test_a_valid_signature():
    summary, one = _collect({**FILES, "model.sig": SIGNATURE})
    assert summary.data["uncovered"] == ()
    assert summary.data["signatures"] == ("model.sig",)
    assert one.about == "model.sig"
    assert one.data["signature_state"] == "valid"
    assert one.data["valid_for"][0]["fingerprint"] == str(TRUST[0].fingerprint)
    assert one.data["covered"] == ("config.json", "w.safetensors")
    assert one.data["differences"] == ()
    assert [i["path"] for i in one.data["ignored"]] == ["model.sig"]


def test_a_changed_weight_is_named_with_both_digests():
    summary, one = _collect({**FILES, "w.safetensors": b"evil", "model.sig": SIGNATURE})
    (difference,) = one.data["differences"]
    assert difference["path"] == "w.safetensors"
    assert difference["cause"] == "changed"
    assert difference["expected"] == str(sha256(b"weights"))
    assert difference["actual"] == str(sha256(b"evil"))
    assert difference["weight"] is True
    assert summary.data["uncovered"] == ()  # it is named; that it differs is another question


def test_a_pointer_is_covered_by_its_digest():
    _, one = _collect(
        {"config.json": b"{}", "model.sig": SIGNATURE},
        pointers={"w.safetensors": sha256(b"weights")},
    )
    assert one.data["by_pointer"] == ("w.safetensors",)
    assert one.data["differences"] == ()


@pytest.mark.parametrize("data", [b"", b"garbage", SIGNATURE[:-40], SIGNATURE[:300], b"[" * 9999])
def test_a_malformed_signature_is_unavailable_with_the_reason(data):
    summary, one = _collect({**FILES, "model.sig": data})
    assert one.state is EvidenceState.UNAVAILABLE
    assert one.reason
    assert summary.data["uncovered"] == ("w.safetensors",)


def test_a_signature_that_is_a_pointer_is_unavailable():
    _, one = _collect(FILES, pointers={"model.sig": sha256(b"x")})
    assert one.state is EvidenceState.UNAVAILABLE
    assert "pointer" in one.reason


def test_unsupported_kinds_are_observed_as_such():
    def merkle(statement):
        statement["predicate"]["serialization"]["method"] = "merkle"

    def legacy(statement):
        statement["predicateType"] = "https://model_signing/Digests/v0.1"

    for change, word in [(merkle, "serialization method"), (legacy, "0.2")]:
        summary, one = _collect({**FILES, "model.sig": _statement(change)})
        assert one.data["signature_state"] == "unsupported"
        assert one.data["opaque"] is True
        assert word in one.data["reason"]
        assert summary.data["uncovered"] == ("w.safetensors",)


def test_keyless_signatures_are_compared_and_untrusted_without_a_root():
    holder = signing_certificate(authority(), email="alice@example.com")
    envelope = Bundle.from_bytes(sign_oms(snapshot_of(FILES), holder.key)).envelope
    keyless = Bundle(envelope, certificates=(holder.der,), keyless=True).to_bytes()
    _, one = _collect({**FILES, "model.sigstore.json": keyless})
    assert one.data["mode"] == "sigstore"
    assert one.data["signature_state"] == "untrusted"
    assert one.data["opaque"] is False
    assert "w.safetensors" in one.data["covered"]


def test_another_statement_is_unrelated():
    def provenance(statement):
        statement["predicateType"] = "https://slsa.dev/provenance/v1"

    _, one = _collect({**FILES, "build.sigstore.json": _statement(provenance)})
    assert one.data["signature_state"] == "unrelated"
    assert one.data["predicate_type"] == "https://slsa.dev/provenance/v1"


def test_an_invalid_signature_names_nothing():
    bundle = Bundle.from_bytes(SIGNATURE)
    forged = dsse.Envelope(dsse.IN_TOTO, bundle.envelope.payload, keys.sign(KEY, b"else"))
    broken = Bundle(forged, hint=bundle.hint).to_bytes()
    summary, one = _collect({**FILES, "model.sig": broken})
    assert one.data["signature_state"] == "invalid"
    assert summary.data["uncovered"] == ("w.safetensors",)


def test_a_policy_key_that_is_none_ends_the_run_and_not_the_signature():
    bad = TrustedSigner("x", "nonsense", TRUST[0].fingerprint)
    with pytest.raises(ConfigurationError, match="'x'"):
        _collect({**FILES, "model.sig": SIGNATURE}, trust=(bad,))


def test_other_files_with_a_signatures_name_are_listed():
    summary, _ = _collect({**FILES, "w.safetensors.sig": b"-----BEGIN PGP SIGNATURE-----"})
    assert summary.data["other_files"] == ("w.safetensors.sig",)


def test_a_certified_identity_and_its_timestamp_are_facts():
    import dataclasses
    import hashlib

    from asn1crypto import tsp

    from weighbridge.model.policy import TrustedSigner, identity_fingerprint
    from weighbridge.signing.signers import KeySigner, certificate_signer
    from weighbridge.testing.tsa import TimestampAuthority

    root, tsa = authority(), TimestampAuthority()
    holder = signing_certificate(root, email="alice@example.com")
    signer = certificate_signer(KeySigner(holder.key), holder.key.public_key(), [holder.pem])
    bundle = Bundle.from_bytes(sign_oms(snapshot_of(FILES), signer))
    query = {
        "version": "v1",
        "message_imprint": {
            "hash_algorithm": {"algorithm": "sha256"},
            "hashed_message": hashlib.sha256(bundle.envelope.signature).digest(),
        },
        "cert_req": True,
    }
    token = tsa.stamp(tsp.TimeStampReq(query).dump())
    data = dataclasses.replace(bundle, timestamps=(token,)).to_bytes()
    roots = (root.pem.decode(),)
    trust = TrustedSigner(
        "team", "", identity_fingerprint("*@example.com", "", roots, ""),
        identity="*@example.com", certificate_roots=roots,
    )  # fmt: skip
    snapshot = snapshot_of({**FILES, "model.sig": data})
    today = dt.datetime.now(dt.UTC).date()
    for stamp_roots, source in (((tsa.root.pem.decode(),), "timestamp"), ((), "")):
        context = CollectContext(
            snapshot, today, offline=True, trust=(trust,), timestamp_roots=stamp_roots
        )
        one = next(e for e in collect(context) if e.about == "model.sig")
        signing = one.data["signing"]
        assert one.data["signature_state"] == "valid", one.data["reason"]
        assert signing["identities"] == ("alice@example.com",)
        assert signing["time_source"] == source
        assert [stamp["trusted"] for stamp in signing["timestamps"]] == [bool(source)]
    # the same evidence on any later day: the certificate is judged at the stamped time
    much_later = CollectContext(
        snapshot, today.replace(year=today.year + 5), offline=True, trust=(trust,),
        timestamp_roots=(tsa.root.pem.decode(),),
    )  # fmt: skip
    later = next(e for e in collect(much_later) if e.about == "model.sig")
    assert later.data["signature_state"] == "valid"
    without = dataclasses.replace(much_later, timestamp_roots=())
    later = next(e for e in collect(without) if e.about == "model.sig")
    assert later.data["signature_state"] == "untrusted"
    assert "expired" in later.data["reason"]


def test_a_fingerprint_finds_its_key_beside_the_weights():
    public = keys.public_pem(KEY.public_key()).encode()
    files = {**FILES, "release.pub": public}
    files["model.sig"] = sign_oms(snapshot_of(files), KEY)
    trust = (TrustedSigner("team", "", TRUST[0].fingerprint),)
    _, one = _collect(files, trust)
    assert one.data["signature_state"] == "valid"
    assert one.data["valid_for"][0]["fingerprint"] == str(TRUST[0].fingerprint)
    # the key swapped: the file is seen to have changed, and the fingerprint has no key any more
    stranger = keys.public_pem(keys.generate_key().public_key()).encode()
    _, one = _collect({**files, "release.pub": stranger}, trust)
    assert one.data["signature_state"] == "no-known-key"
    assert [d["path"] for d in one.data["differences"]] == ["release.pub"]


def test_build_provenance_that_was_added_is_a_difference():
    other = _statement(lambda s: s.update(predicateType="https://slsa.dev/provenance/v1"))
    evidence = _collect({**FILES, "model.sig": SIGNATURE, "p.sigstore.json": other})
    signed = next(e for e in evidence if e.about == "model.sig")
    found = [(d["path"], d["cause"]) for d in signed.data["differences"]]
    assert found == [("p.sigstore.json", "added")]
