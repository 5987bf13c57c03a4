"""Which attestation counts for a control: who signed it, for what, and until when."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from tests.unit.signing.test_attestation import FILES, KEY, MADE, PATH, TRUST

from weighbridge.collect.attestations import collect
from weighbridge.collect.context import CollectContext
from weighbridge.model.controls import CONTROLS
from weighbridge.model.finding import Outcome
from weighbridge.model.policy import PathDemands, SignatureDemands
from weighbridge.model.rule import Case
from weighbridge.rules.registry import load_rules
from weighbridge.signing import keys
from weighbridge.signing.attested import sign_attestation
from weighbridge.signing.signers import KeySigner
from weighbridge.testing.memory import snapshot_of

AS_OF = dt.date(2026, 11, 20)
OTHER = keys.generate_key()
OTHERS = (keys.trusted_signer("other", keys.public_pem(OTHER.public_key()).encode()),)
RULES = {rule.META.id: rule for rule in load_rules("controls")}


def judged(made=MADE, *, rule="bias-testing", trust=TRUST, demands=None, as_of=AS_OF, days=400,
           signers=(KEY,), files=None):  # fmt: skip
    """The rule's conclusion about attestations of the same words by several signers."""
    there = dict(files or FILES)
    for number, key in enumerate(signers):
        there[f"attestations/{number}.attestation.json"] = sign_attestation(made, KeySigner(key))
    snapshot = snapshot_of(there)
    context = CollectContext(snapshot, AS_OF, True, trust)
    return RULES[rule].check(
        Case(
            subject=snapshot.subject,
            as_of=as_of,
            evidence=tuple(collect(context)),
            params={"max_days": days},
            trust=trust,
            signatures=demands or SignatureDemands(),
        )
    )


def keys_of(conclusion):
    return [finding.key.partition(":")[0] for finding in conclusion.findings]


def test_every_control_has_its_rule_and_every_rule_its_control() -> None:
    assert set(RULES) == {control.id for control in CONTROLS}
    for control in CONTROLS:
        assert RULES[control.id].META.defaults == {"max_days": control.max_days}
        assert control.question.endswith("?")


def test_a_pass_names_the_person_and_both_days_and_rests_on_that_attestation() -> None:
    conclusion = judged()
    assert conclusion.outcome is Outcome.PASS
    assert conclusion.note == (
        "Attested by Ann Example (Head of Data) on 2026-11-02, until 2027-11-01."
    )
    assert len(conclusion.evidence) == 1


def test_an_attestation_counts_for_its_own_control_alone() -> None:
    conclusion = judged(rule="data-residency")
    assert conclusion.outcome is Outcome.MANUAL
    assert "In which countries" in conclusion.findings[0].message


@pytest.mark.parametrize(
    ("day", "outcome"),
    [
        ("2026-11-01", "fail"),
        ("2026-11-02", "pass"),
        ("2027-11-01", "pass"),
        ("2027-11-02", "fail"),
    ],
)
def test_it_counts_from_the_day_it_was_made_to_its_last_day(day, outcome) -> None:
    conclusion = judged(as_of=dt.date.fromisoformat(day))
    assert conclusion.outcome.value == outcome
    wanted = {"2026-11-01": ["made-later"], "2027-11-02": ["expired"]}
    assert keys_of(conclusion) == wanted.get(day, [])


def test_a_policy_may_take_a_statement_for_a_shorter_time() -> None:
    assert keys_of(judged(days=363)) == ["holds-too-long"]
    assert judged(days=364).outcome is Outcome.PASS


def test_replayed_on_another_model_it_fails() -> None:
    conclusion = judged(files={"w.safetensors": b"another model"})
    assert conclusion.outcome is Outcome.FAIL
    assert keys_of(conclusion) == ["another-subject"]
    assert "it was made for 'model'" in conclusion.findings[0].message


def test_all_that_is_wrong_is_said_at_once() -> None:
    conclusion = judged(files={"w": b""}, as_of=dt.date(2028, 1, 1))
    message = conclusion.findings[0].message
    assert "it was made for" in message
    assert "it expired on 2027-11-01" in message


def test_where_nobody_is_trusted_it_is_unknown_and_where_others_are_it_fails() -> None:
    assert judged(trust=()).outcome is Outcome.UNKNOWN
    conclusion = judged(trust=OTHERS)
    assert conclusion.outcome is Outcome.FAIL
    assert keys_of(conclusion) == ["untrusted-signer"]


def test_a_policy_says_who_may_attest_to_what() -> None:
    mine = tuple(dataclasses.replace(s, paths=("attestations/bias-*",)) for s in TRUST)
    assert judged(trust=mine).outcome is Outcome.PASS
    weights = tuple(dataclasses.replace(s, paths=("*.safetensors",)) for s in TRUST)
    conclusion = judged(trust=weights)
    assert conclusion.outcome is Outcome.FAIL
    assert "does not let team sign for 'attestations/bias-testing'" in (
        conclusion.findings[0].message
    )


def test_demands_on_signatures_hold_for_attestations_too() -> None:
    stamped = SignatureDemands(require_timestamp=True)
    assert keys_of(judged(demands=stamped)) == ["timestamp-missing"]
    weights = SignatureDemands(by_path=(PathDemands(("*.safetensors",), require_timestamp=True),))
    assert judged(demands=weights).outcome is Outcome.PASS


def test_as_many_people_must_attest_as_the_policy_demands_signers() -> None:
    two = SignatureDemands(min_signers=2)
    alone = judged(trust=TRUST + OTHERS, demands=two)
    assert alone.outcome is Outcome.FAIL
    assert keys_of(alone) == ["too-few-signers"]
    twice = judged(trust=TRUST + OTHERS, demands=two, signers=(KEY, KEY))
    assert twice.outcome is Outcome.FAIL
    both = judged(trust=TRUST + OTHERS, demands=two, signers=(KEY, OTHER))
    assert both.outcome is Outcome.PASS
    assert len(both.evidence) == 2


def test_one_that_holds_outweighs_one_that_does_not_and_the_note_says_so() -> None:
    conclusion = judged(signers=(OTHER, KEY))
    assert conclusion.outcome is Outcome.PASS
    assert conclusion.note.endswith("1 more of this control did not count.")
    assert len(conclusion.evidence) == 1


def test_a_file_that_cannot_be_read_may_be_any_controls() -> None:
    files = {**FILES, PATH: b"{}"}
    conclusion = judged(files=files, signers=())
    assert conclusion.outcome is Outcome.UNKNOWN
    assert keys_of(conclusion) == ["unread"]


def test_a_rule_without_evidence_is_unknown() -> None:
    case = Case(snapshot_of(FILES).subject, AS_OF, (), {"max_days": 400})
    assert RULES["bias-testing"].check(case).outcome is Outcome.UNKNOWN
