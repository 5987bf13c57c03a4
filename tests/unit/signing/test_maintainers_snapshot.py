"""The snapshot's file: read strictly, bound to its document, and of a format of its own."""

from __future__ import annotations

import dataclasses
import json

import pytest
from tests.unit.collect.baselines import facts, project, release, snapshot, unasked
from tests.unit.signing.test_attestation import FILE as ATTESTATION

from weighbridge.model.canonical import canonical
from weighbridge.model.digest import sha256
from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.signing import dsse, keys, maintainers_snapshot
from weighbridge.signing.attestation import read_attestation
from weighbridge.signing.bundle import Bundle
from weighbridge.signing.errors import UnrelatedSignature
from weighbridge.signing.maintainers_snapshot import (
    read_document,
    read_snapshot,
    read_statement,
    sign_snapshot,
    statement,
)
from weighbridge.signing.signers import KeySigner

KEY = keys.generate_key()
MADE = snapshot(project(), project("numpy"), unasked("torch"))
FILE = sign_snapshot(MADE, KeySigner(KEY))


def document(**fields) -> bytes:
    return canonical({**MADE.to_json(), **fields})


def with_facts(**fields) -> bytes:
    """A document whose first project has other facts."""
    body = MADE.to_json()
    body["projects"][0]["facts"].update(fields)
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode(
        "utf-8", "surrogatepass"
    )


def without(name: str) -> bytes:
    body = MADE.to_json()
    del body["projects"][0]["facts"][name]
    return canonical(body)


def test_the_changes_below_start_from_what_is_read() -> None:
    assert with_facts() == document() == MADE.to_bytes()
    assert read_document(MADE.to_bytes()).to_bytes() == MADE.to_bytes()


@pytest.mark.parametrize(
    "data",
    [
        b"", b"[]", b"null", b"{}", b"[" * 100_000, b'{"projects":' + b"[" * 100_000,
        b'{"projects":NaN}', b"\xff\xfe", MADE.to_bytes() + b" ",
        json.dumps(MADE.to_json()).encode(),
        MADE.to_bytes().replace(b'"taken"', b'"taken":"2026-11-01T09:00:00Z","taken"'),
        document(schema="urn:weighbridge:maintainers-snapshot:2"), document(extra=1),
        document(taken="2026-11-01"), document(taken="2026-13-01T09:00:00Z"), document(taken=1),
        document(projects={}), document(projects=[1]), document(projects=[{}]),
        document(projects=MADE.to_json()["projects"][::-1]),
        document(projects=MADE.to_json()["projects"][:1] * 2),
        document(tool={"name": "another", "version": "1"}),
        document(subject={"name": "m", "digest": "md5:00"}),
        document(subject={"name": "a\nb", "digest": str(MADE.subject_digest)}),
        with_facts(owners=[{"name": "ann"}]), with_facts(owners={}), with_facts(extra=1),
        with_facts(system="cargo"), with_facts(releases=[release(1, attested=1)]),
        with_facts(releases=[release(1, size=True)]),
        with_facts(releases=[release(1, size=10**40)]),
        with_facts(releases=[release(1, size=1.5)]), with_facts(name="x" * 5_000),
        with_facts(name="a\x1b[2J"), with_facts(name="a\u202eb"), with_facts(name="\ud800"),
        with_facts(name=None), with_facts(order="downloads"), without("releases"),
        with_facts(scorecard={"date": "", "score": "7", "version": ""}),
        with_facts(resembles=["x"] * 10_001),
    ],
)  # fmt: skip
def test_another_form_is_refused_as_hostile_input(data) -> None:
    for payload in (data, statement(data, "model")):
        with pytest.raises(HostileInput):
            read_document(payload) if payload is data else read_statement(payload)
    with pytest.raises(HostileInput):
        read_snapshot(data)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("state", "observed"), ("state", "gone"), ("state", None), ("facts", {}), ("facts", []),
        ("reason", ""), ("reason", None), ("about", "torch"), ("about", 1), ("evidence", "x"),
        ("evidence", None), ("raw", ["x"]), ("raw", {}), ("raw", ["sha256:" + "ab" * 32] * 1_001),
    ],
)  # fmt: skip
def test_a_project_with_another_value_is_refused(field, value) -> None:
    body = MADE.to_json()
    body["projects"][2][field] = value
    with pytest.raises(HostileInput):
        read_document(canonical(body))


def test_bounds(monkeypatch) -> None:
    for name in ("MAX_FILE_BYTES", "MAX_PROJECTS", "MAX_TEXT"):
        with monkeypatch.context() as patched:
            patched.setattr(maintainers_snapshot, name, 2)
            if name != "MAX_TEXT":
                with pytest.raises(BoundExceeded):
                    read_snapshot(FILE)
            else:
                with pytest.raises(BoundExceeded):
                    read_document(MADE.to_bytes())


def test_it_is_named_by_its_document_and_signed_as_it_stands() -> None:
    read = read_snapshot(FILE)
    assert read.digest == MADE.digest == sha256(MADE.to_bytes())
    assert read.snapshot.to_bytes() == MADE.to_bytes()
    assert read.bundle is not None
    body = json.loads(read.bundle.envelope.payload)
    assert body["subject"] == [{"name": "model", "digest": {"sha256": MADE.digest.value}}]
    assert body["predicateType"] == "urn:weighbridge:maintainers-snapshot:v1"
    assert read.bundle.envelope.payload == canonical(body)
    assert read_snapshot(MADE.to_bytes() + b"\n").bundle is None


def test_a_statement_that_names_another_document_is_refused() -> None:
    payload = statement(MADE.to_bytes(), "model").replace(MADE.digest.value.encode(), b"0" * 64)
    with pytest.raises(HostileInput, match="does not name the document"):
        read_statement(payload)


def test_no_signature_is_taken_for_another_kinds() -> None:
    with pytest.raises(UnrelatedSignature):
        read_snapshot(ATTESTATION)
    with pytest.raises(UnrelatedSignature):
        read_attestation(FILE)
    blob = Bundle(dsse.sign_envelope(KEY, "text/plain", b"x"), hint="x").to_bytes()
    with pytest.raises(UnrelatedSignature):
        read_snapshot(blob)


def test_what_nothing_signs_has_one_spelling() -> None:
    bundle = Bundle.from_bytes(FILE)
    envelope = dataclasses.replace(bundle.envelope, keyid="x")
    for changed in (
        dataclasses.replace(bundle, envelope=envelope).to_bytes(),
        dataclasses.replace(bundle, log_entries=({"logIndex": "1"},)).to_bytes(),
        FILE + b" ",
        json.dumps(json.loads(FILE)).encode(),
    ):
        with pytest.raises(HostileInput):
            read_snapshot(changed)


def test_what_is_known_is_not_checked_again_and_what_changed_is() -> None:
    known = read_document(MADE.to_bytes())
    again = read_snapshot(FILE, known).snapshot
    assert again.projects[0].facts == known.projects[0].facts
    # 1 is equal to true in Python: the value that was checked is the one that counts
    body = MADE.to_json()
    body["projects"][0]["facts"]["releases"][0]["final"] = 1
    (first, *_) = read_document(canonical(body), known).projects
    assert first.facts is not None
    assert first.facts["releases"][0]["final"] is True
    with pytest.raises(HostileInput):
        read_document(with_facts(owner=7), known)


def test_a_project_that_was_not_read_is_kept_with_its_reason() -> None:
    (one,) = snapshot(unasked("torch", "the index failed")).projects
    assert (one.facts, one.reason) == (None, "the index failed")
    both = snapshot(unasked("demo"), project())
    assert both.projects[0].facts is not None
    assert facts() == json.loads(canonical(both.projects[0].facts))
