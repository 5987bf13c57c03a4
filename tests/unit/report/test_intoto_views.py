"""SLSA VSA and in-toto SVR: what passed and nothing else, and no name that a card made up."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from weighbridge.model.errors import ExitCode
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.finding import Outcome
from weighbridge.model.record import Verdict
from weighbridge.model.subject import SubjectKind
from weighbridge.report import svr, vsa

REVISION = "3f786850e387550fdab836ed7e6dc881de23001b"
PURL = f"pkg:huggingface/acme/tiny@{REVISION}"


def summary(record):
    return json.loads(vsa.render(record))["predicate"]


def observed(kind: EvidenceKind, about: str, data, source: str = "", raw=()) -> Evidence:
    return Evidence(kind, about, EvidenceState.OBSERVED, source or f"file:{about}", "t@1",
                    data=data, raw=raw)  # fmt: skip


def named(record, purl: object, kind: SubjectKind = SubjectKind.HUB_CACHE):
    return replace(record, subject=replace(record.subject, kind=kind),
                   evidence=(observed(EvidenceKind.MODEL, "", {"purl": purl}),))  # fmt: skip


@pytest.mark.parametrize(
    ("open_", "code", "result"),
    [(True, ExitCode.HOLDS, "PASSED"), (False, ExitCode.VIOLATED, "FAILED"),
     (False, ExitCode.INCONCLUSIVE, "FAILED"), (True, ExitCode.ERROR, "FAILED")],
)  # fmt: skip
def test_only_an_open_gate_that_holds_has_passed(factory, open_, code, result):
    record = replace(factory.holding_record(), verdict=Verdict(open_, code, ()))
    found = summary(record)
    assert found["verificationResult"] == result
    assert (found["verifiedLevels"] == ["FAILED"]) == (result == "FAILED")
    assert found["urn:weighbridge:verdict"]["exitCode"] == int(code)
    assert ("WEIGHBRIDGE_POLICY_HOLDS" in svr.properties(record)) == (result == "PASSED")


def test_the_subject_is_named_by_its_own_digest(factory):
    record = factory.make_record()
    for view in (vsa, svr):
        (subject,) = json.loads(view.render(record))["subject"]
        assert subject["digest"] == {"dirHash1": record.subject.digest.value}


def test_no_time_is_made_up(factory):
    assert "timeVerified" not in summary(factory.make_record())


def test_a_model_from_the_hub_is_named_by_its_package_url(factory):
    assert vsa.resource_uri(named(factory.make_record(), PURL)) == PURL


@pytest.mark.parametrize(
    ("purl", "kind"),
    [(PURL, SubjectKind.DIRECTORY), (PURL, SubjectKind.GIT_REVISION),
     (PURL[:-1] + "0", SubjectKind.HUB_CACHE), ("pkg:pypi/x@1", SubjectKind.HUB_CACHE),
     (PURL.replace("acme", "ac me\n"), SubjectKind.HUB_CACHE), (7, SubjectKind.HUB_CACHE),
     ("", SubjectKind.HUB_CACHE)],
)  # fmt: skip
def test_what_a_card_claims_names_nothing(factory, purl, kind):
    record = named(factory.make_record(), purl, kind)
    assert vsa.resource_uri(record) == f"urn:weighbridge:subject:{record.subject.digest}"


def test_the_policys_digest_is_that_of_the_effective_one(factory):
    record = factory.make_record()
    stricter = replace(record, policy=replace(record.policy, timestamp_required=True))
    digests = {json.dumps(summary(r)["policy"]["digest"]) for r in (record, stricter)}
    assert len(digests) == 2
    assert summary(record)["policy"]["uri"] == "urn:weighbridge:policy:org-baseline:1.4.0"


def test_signatures_and_attestations_are_inputs(factory):
    base = factory.make_record()
    raw = factory.digest_of("outside")
    record = replace(base, evidence=(
        observed(EvidenceKind.SIGNATURE, "README.md", {}),
        observed(EvidenceKind.SIGNATURE, "", {}, source="snapshot"),
        observed(EvidenceKind.ATTESTATION, "a b.json", {}, source="attestations:a b.json",
                 raw=(raw,)),
    ))  # fmt: skip
    inputs = summary(record)["inputAttestations"]
    assert [one["digest"]["sha256"] for one in inputs] == [
        record.digest.value, base.artifacts[0].digests[0].value, raw.value,
    ]  # fmt: skip
    assert inputs[2]["uri"].endswith("#a%20b.json")


def test_a_list_that_would_be_incomplete_is_left_out(factory):
    record = replace(factory.make_record(),
                     evidence=(observed(EvidenceKind.SIGNATURE, "gone.sig", {}),))  # fmt: skip
    assert "inputAttestations" not in summary(record)


def test_properties_are_the_rules_that_passed(factory):
    record = factory.make_record()
    passed = [r.rule for r in record.results if r.outcome is Outcome.PASS]
    names = [f"WEIGHBRIDGE_PASS_{rule.upper().replace('-', '_')}" for rule in passed]
    assert svr.properties(record) == names
    assert names


def test_an_attested_pass_has_another_name(factory):
    base = factory.holding_record()
    said = {"person": {"name": "Ann", "role": "Head"}, "made": "2026-01-01",
            "expires": "2027-01-01"}  # fmt: skip
    word = observed(EvidenceKind.ATTESTATION, "a.json", said)
    result = replace(base.results[0], evidence=(word.digest,))
    record = replace(base, evidence=(word,), results=(result,))
    assert svr.properties(record) == [svr.POLICY_HOLDS, "WEIGHBRIDGE_ATTESTED_UNSIGNED_WEIGHTS"]


def test_where_the_audit_went_wrong_nothing_is_a_property(factory):
    record = replace(factory.holding_record(), verdict=Verdict(False, ExitCode.ERROR, ()))
    assert svr.properties(record) == []


def test_a_strangers_rule_chooses_no_name(factory):
    base = factory.holding_record()
    names = ("policy-holds\n", "Ünsafe", "a" * 5000, "", "x y")
    record = replace(base, results=tuple(replace(base.results[0], rule=name) for name in names))
    assert svr.properties(record) == [svr.POLICY_HOLDS]


def test_hostile_names_cannot_steer_a_terminal(factory):
    for view in (vsa, svr):
        data = view.render(factory.hostile_record())
        assert data.isascii()
        assert b"\x1b" not in data
        assert "\u202e" not in json.loads(data)["subject"][0]["name"]
