"""The types refuse what must never be said."""

import dataclasses
import pickle

import pytest

from weighbridge.model.digest import sha256
from weighbridge.model.errors import ExitCode, NoEvidence, worst
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.finding import (
    Conclusion,
    Finding,
    Location,
    Outcome,
    conclude,
    not_applicable,
)


def evidence(**changes) -> Evidence:
    fields = {
        "kind": EvidenceKind.WEIGHTS,
        "about": "a.safetensors",
        "state": EvidenceState.OBSERVED,
        "source": "file:a.safetensors",
        "collector": "weights@1",
        "data": {"b": [1, {"c": "d"}], "a": None},
    }
    return Evidence(**{**fields, **changes})


def finding(outcome: Outcome = Outcome.FAIL, **changes) -> Finding:
    return Finding(outcome, "found", "do this", **changes)


def test_a_pass_without_evidence_is_refused() -> None:
    with pytest.raises(NoEvidence):
        conclude([], [])
    with pytest.raises(NoEvidence):
        Conclusion(Outcome.PASS)
    assert conclude([], [sha256(b"x")]).outcome is Outcome.PASS


def test_not_applicable_is_not_a_pass() -> None:
    assert not_applicable("no weights").outcome is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize("outcome", [Outcome.PASS, Outcome.NOT_APPLICABLE, Outcome.WAIVED])
def test_a_finding_is_never_good_news(outcome: Outcome) -> None:
    with pytest.raises(ValueError, match="never"):
        finding(outcome)


def test_the_worst_finding_decides() -> None:
    everything = [finding(Outcome.MANUAL), finding(Outcome.FAIL), finding(Outcome.UNKNOWN)]
    assert conclude(everything, []).outcome is Outcome.FAIL
    assert conclude([everything[0], everything[2]], []).outcome is Outcome.UNKNOWN
    assert conclude([everything[0]], []).outcome is Outcome.MANUAL


def test_findings_are_sorted_by_place() -> None:
    places = [Location("b"), Location("a", line=10), Location("a", line=9), None]
    found = conclude([finding(location=place) for place in places], []).findings
    assert [str(f.location) for f in found] == ["None", "a:9", "a:10", "b"]


@pytest.mark.parametrize("state", [s for s in EvidenceState if s is not EvidenceState.OBSERVED])
def test_what_was_not_observed_says_why(state: EvidenceState) -> None:
    with pytest.raises(ValueError, match="why"):
        evidence(state=state)


def test_evidence_is_deeply_immutable() -> None:
    payload = {"list": [1, 2], "map": {"k": "v"}}
    item = evidence(data=payload)
    before = item.digest
    payload["list"].append(3)
    payload["map"]["k"] = "changed"
    assert item.digest == before
    with pytest.raises(TypeError):
        item.data["map"]["k"] = "x"
    with pytest.raises(dataclasses.FrozenInstanceError):
        item.about = "x"


def test_the_digest_is_of_every_field() -> None:
    base = evidence()
    changes = {
        "kind": EvidenceKind.PACKAGES,
        "about": "b",
        "state": EvidenceState.UNAVAILABLE,
        "source": "x",
        "collector": "y@1",
        "reason": "because",
        "data": {},
        "raw": (sha256(b"raw"),),
    }
    digests = {
        evidence(**{name: value, **({"reason": "r"} if name == "state" else {})}).digest
        for name, value in changes.items()
    }
    assert len(digests) == len(changes)
    assert base.digest not in digests


def test_the_digest_ignores_the_order_of_keys() -> None:
    assert evidence(data={"a": 1, "b": 2}).digest == evidence(data={"b": 2, "a": 1}).digest


def test_evidence_survives_pickling_between_processes() -> None:
    assert pickle.loads(pickle.dumps(evidence())) == evidence()


@pytest.mark.parametrize("payload", [{"x": {1, 2}}, {"x": b"bytes"}, {1: "x"}, {"x": object()}])
def test_a_payload_that_is_not_json_is_refused(payload: dict) -> None:
    with pytest.raises(TypeError):
        evidence(data=payload)


def test_two_outranks_one_outranks_three_outranks_zero() -> None:
    holds, violated, error, inconclusive = ExitCode
    assert worst([]) is holds
    assert worst([holds, inconclusive]) is inconclusive
    assert worst([inconclusive, violated, holds]) is violated
    assert worst([violated, error, inconclusive]) is error
