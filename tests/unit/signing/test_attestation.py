"""The attestation's statement and file: read strictly, and bound to one subject."""

import dataclasses
import datetime as dt
import json

import pytest

from weighbridge.model.artifact import Problem, ProblemKind
from weighbridge.model.digest import Digest, sha256
from weighbridge.model.errors import HostileInput
from weighbridge.signing import dsse, keys
from weighbridge.signing.attestation import (
    MAX_FILE_BYTES,
    Attestation,
    EvidenceFile,
    read_attestation,
)
from weighbridge.signing.attested import (
    Bound,
    attested_subject,
    file_states,
    find_attestations,
    refuse_gaps,
    sign_attestation,
    verify_attestation,
)
from weighbridge.signing.bundle import Bundle
from weighbridge.signing.errors import CannotSign, UnrelatedSignature
from weighbridge.signing.oms import sign_oms, verify_oms
from weighbridge.signing.signers import KeySigner
from weighbridge.signing.verdict import SignatureState
from weighbridge.testing.memory import snapshot_of

KEY = keys.generate_key()
TRUST = (keys.trusted_signer("team", keys.public_pem(KEY.public_key()).encode()),)
FILES = {"config.json": b"{}", "w.safetensors": b"weights"}
MADE = Attestation(
    control="bias-testing",
    statement="Compared for six groups.\nSee the report.",
    name="Ann Example",
    role="Head of Data",
    email="ann@example.com",
    made=dt.date(2026, 11, 2),
    expires=dt.date(2027, 11, 1),
    subject_name="model",
    subject_digest=attested_subject(snapshot_of(FILES)).digest,
    evidence=(EvidenceFile("report.pdf", sha256(b"report"), 6),),
    tool_version="0.1.0",
)
FILE = sign_attestation(MADE, KeySigner(KEY))
PATH = "attestations/bias-testing.attestation.json"


def signed_payload(payload: bytes, kind: str = dsse.IN_TOTO) -> bytes:
    return Bundle(dsse.sign_envelope(KEY, kind, payload), hint="x").to_bytes()


def changed(**fields) -> bytes:
    """The statement's JSON with other fields in the predicate, in the same canonical spelling."""
    body = json.loads(MADE.to_bytes())
    body["predicate"].update(fields)
    return json.dumps(body, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()


def test_the_changes_below_start_from_what_is_read() -> None:
    assert changed() == MADE.to_bytes()
    assert read_attestation(signed_payload(changed())).attestation == MADE


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"[]",
        b"null",
        b"{}",
        b"[" * 100_000,
        b'{"_type": "https://in-toto.io/Statement/v1"}',
        MADE.to_bytes() + b" ",
        json.dumps(json.loads(MADE.to_bytes())).encode(),  # not canonical
        changed(extra=1),
        changed(statement=""),
        changed(statement="   "),
        changed(statement="x" * 10_001),
        changed(statement="harmless\u202egnp.exe"),
        changed(statement="a\rb"),
        changed(statement=7),
        changed(person={"name": "", "role": "r", "email": ""}),
        changed(person={"name": "Ann\nBob", "role": "r", "email": ""}),
        changed(person={"name": "Ann", "role": "r" * 201, "email": ""}),
        changed(person={"name": "Ann", "role": "r", "email": "no address"}),
        changed(person={"name": "Ann", "role": "r", "email": "a@b" + "c" * 300}),
        changed(person=["Ann"]),
        changed(made="2026-13-01"),
        changed(made="20261102"),  # a date, and not in the spelling that is written
        changed(made=20261102),
        changed(expires="2026-11-01"),  # before it was made
        changed(control="../bias"),
        changed(control="a" * 300),
        changed(evidence={}),
        changed(evidence=[{"name": "../x", "sha256": "0" * 64, "size": 1}]),
        changed(evidence=[{"name": "x", "sha256": "0" * 63, "size": 1}]),
        changed(evidence=[{"name": "x", "sha256": "0" * 64, "size": -1}]),
        changed(evidence=[{"name": "x", "sha256": "0" * 64, "size": True}]),
        changed(evidence=[{"name": "x", "sha256": "0" * 64, "size": 1.5}]),
        changed(evidence=[{"name": "x", "sha256": "0" * 64, "size": 10**40}]),
        changed(evidence=[{"name": "x", "sha256": "0" * 64, "size": 1}] * 2),
        changed(evidence=[{"name": f"{n:03}", "sha256": "0" * 64, "size": 1} for n in range(101)]),
        changed(tool={}),
        MADE.to_bytes().replace(b'"subject":[', b'"subject":[{},'),
        MADE.to_bytes().replace(b"dirHash1", b"md5"),
        MADE.to_bytes().replace(b'"made"', b'"made":"2026-11-02","made"'),
    ],
)
def test_a_statement_of_another_form_is_refused(payload) -> None:
    with pytest.raises(HostileInput):
        Attestation.from_bytes(payload)


@pytest.mark.parametrize(
    "file",
    [
        b"",
        b"garbage",
        b'{"mediaType": 1}',
        FILE[:-200],
        FILE + b" ",
        FILE.replace(b'{"mediaType"', b'{"auto_map":{"x":"evil.Model"},"mediaType"'),
        b" " * MAX_FILE_BYTES + FILE,
    ],
)
def test_a_file_of_another_form_is_refused(file) -> None:
    with pytest.raises(HostileInput):
        read_attestation(file)


def test_what_was_signed_for_another_purpose_is_no_attestation() -> None:
    with pytest.raises(UnrelatedSignature, match="model_signing"):
        read_attestation(sign_oms(snapshot_of(FILES), KEY))
    seal = MADE.to_bytes().replace(b"urn:weighbridge:attestation:v1",
                                   b"urn:weighbridge:audit-record:v1")  # fmt: skip
    with pytest.raises(UnrelatedSignature, match="audit-record"):
        read_attestation(signed_payload(seal))
    with pytest.raises(UnrelatedSignature, match="text/plain"):
        read_attestation(signed_payload(MADE.to_bytes(), "text/plain"))


def test_an_attestation_is_no_signature_of_a_model() -> None:
    with pytest.raises(UnrelatedSignature):
        verify_oms(FILE, snapshot_of(FILES), TRUST)


def test_an_attestation_is_no_seal() -> None:
    from weighbridge.seal.statement import Statement

    with pytest.raises(HostileInput, match="not a seal"):
        Statement.from_bytes(MADE.to_bytes())


def test_the_subject_stays_the_same_with_signatures_and_attestations() -> None:
    bare = attested_subject(snapshot_of(FILES))
    assert bare.digest == snapshot_of(FILES).subject.digest
    signature = sign_oms(snapshot_of(FILES), KEY)
    other = sign_attestation(dataclasses.replace(MADE, control="data-residency"), KeySigner(KEY))
    full = {**FILES, "model.sig": signature, PATH: FILE, "b.attestation.json": other}
    assert attested_subject(snapshot_of(full)) == bare
    assert snapshot_of(full).subject.digest != bare.digest


@pytest.mark.parametrize(
    "more",
    [
        {"x.py": b""},
        {"w.safetensors": b"other"},
        {"x.attestation.json": b"{}"},
        {"x.attestation.json": FILE + b"\n"},
        {"attestations/x.json": FILE},  # the name of a file that a loader may look for
        {"model.sig": b"no signature"},
    ],
)
def test_any_other_file_makes_another_subject(more) -> None:
    subject = attested_subject(snapshot_of({**FILES, **more}))
    assert subject.bound(MADE)[0] is Bound.ANOTHER


def test_a_renamed_file_makes_another_subject() -> None:
    renamed = attested_subject(snapshot_of({"config.json": b"{}", "v.safetensors": b"weights"}))
    assert renamed.bound(MADE)[0] is Bound.ANOTHER


def test_a_pointer_to_the_same_content_is_the_same_subject() -> None:
    pointers = {"w.safetensors": sha256(b"weights")}
    snapshot = snapshot_of({"config.json": b"{}"}, pointers=pointers)
    assert attested_subject(snapshot).bound(MADE)[0] is Bound.THIS


def test_a_subject_that_was_not_read_in_full_is_undetermined_and_not_attested_to() -> None:
    problem = Problem("extra.bin", ProblemKind.UNREADABLE, "permission denied")
    subject = attested_subject(snapshot_of(FILES, problems=[problem]))
    bound, reason = subject.bound(MADE)
    assert bound is Bound.UNDETERMINED
    assert "extra.bin" in reason
    with pytest.raises(CannotSign, match="extra"):
        refuse_gaps(subject)


def test_a_valid_one_is_verified() -> None:
    snapshot = snapshot_of({**FILES, PATH: FILE})
    (found,) = find_attestations(snapshot)
    verified = verify_attestation(found.read, attested_subject(snapshot), TRUST)
    assert verified.signature.state is SignatureState.VALID
    assert verified.bound is Bound.THIS
    assert found.read.attestation == MADE


def test_a_payload_that_was_exchanged_does_not_verify() -> None:
    later = dataclasses.replace(MADE, expires=dt.date(2027, 12, 1)).to_bytes()
    bundle = Bundle.from_bytes(FILE)
    envelope = dataclasses.replace(bundle.envelope, payload=later)
    read = read_attestation(dataclasses.replace(bundle, envelope=envelope).to_bytes())
    verified = verify_attestation(read, attested_subject(snapshot_of(FILES)), TRUST)
    assert verified.signature.state is SignatureState.INVALID


def test_evidence_files_are_compared_by_their_digest() -> None:
    assert file_states(MADE, {"report.pdf": sha256(b"report")}) == {"report.pdf": "same"}
    assert file_states(MADE, {"report.pdf": sha256(b"other")}) == {"report.pdf": "changed"}
    assert file_states(MADE, {}) == {"report.pdf": "not-here"}
    assert file_states(MADE, {}, ["report.pdf"]) == {"report.pdf": "unread"}


def test_both_digests_of_the_subject_are_one() -> None:
    body = json.loads(MADE.to_bytes())
    assert body["subject"][0]["digest"] == {"sha256": MADE.subject_digest.value}
    with pytest.raises(HostileInput, match="dirHash1"):
        dataclasses.replace(MADE, subject_digest=Digest("sha256", "0" * 64))
    other = MADE.to_bytes().replace(b'"sha256":"' + MADE.subject_digest.value.encode(),
                                    b'"sha256":"' + b"0" * 64)  # fmt: skip
    assert other != MADE.to_bytes()
    with pytest.raises(HostileInput, match="canonical"):
        Attestation.from_bytes(other)
