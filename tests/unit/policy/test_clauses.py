"""Clause files: hostile ones first, then what they amount to under a policy."""

from __future__ import annotations

import datetime as dt
from types import MappingProxyType

import pytest

from weighbridge.model.clause import LegalStatus, Operator, Standing, Strength
from weighbridge.model.codec import from_json, to_json
from weighbridge.model.errors import ConfigurationError
from weighbridge.model.finding import Severity
from weighbridge.model.policy import Mode, Policy, RuleSetting
from weighbridge.policy.clauses import linked, load_clauses

TOP = 'schema: 1\nframework: X-1\ntitle: An example\nversion: "2026"\nclauses:\n'
CLAUSE = """\
  - id: Art. 1
    title: Signing
    paraphrase: Sign it.
    legal_status: deferred
    applies: [{case: Annex III, from: 2027-12-02}, {case: Annex I, from: 2028-08-02}]
    verified: true
    verified_on: 2026-08-05
    verified_against: a copy
    evidenced_by: [signature]
    links:
      - rule: unsigned-weights
        strength: partial
        residue: Who signs.
      - rule: tunable
        strength: full
        residue: All else.
        guards: [{param: min_signers, operator: gte, value: 2}]
"""


@pytest.fixture
def clauses(tmp_path, metas):
    def load_text(*texts: str):
        files = []
        for index, text in enumerate(texts):
            files.append(tmp_path / f"f{index}.yaml")
            files[-1].write_text(text)
        return load_clauses(metas, files)

    return load_text


APPLIES = "[{case: Annex III, from: 2027-12-02}, {case: Annex I, from: 2028-08-02}]"
REFUSED = {
    # what: (replaced, by, line, words)
    "an unknown rule": ("rule: unsigned-weights", "rule: unsigned-weight", 16,
                        "unknown rule 'unsigned-weight'. Did you mean 'unsigned-weights'?"),
    "an unknown strength": ("strength: full", "strength: fully", 20, "Did you mean 'full'?"),
    "an unknown status": ("deferred", "defered", 9, "Did you mean 'deferred'?"),
    "an unknown parameter": ("param: min_signers", "param: min_signer", 22, "'min_signers'?"),
    "an unknown operator": ("operator: gte", "operator: ge", 22, "'gte'?"),
    "an operator that does not fit": ("gte, value: 2", "subset, value: [x]", 22, "does not fit"),
    "a value that does not fit": ("value: 2", "value: two", 22, "a whole number"),
    "a bool for a number": ("value: 2", "value: true", 22, "a whole number"),
    "a guard without value": (", value: 2", "", 22, "'value' is missing"),
    "an unknown key in a guard": ("value: 2", "valu: 2", 22, "'value'?"),
    "an unknown key in a link": ("residue: Who", "residu: Who", 18, "'residue'?"),
    "an unknown key in a clause": ("paraphrase", "paraphrased", 8, "'paraphrase'?"),
    "an unknown key in a case": ("[{case: Annex III", "[{cases: Annex III", 10, "'case'?"),
    "an unknown key at the top": ("framework:", "frameworks:", 2, "'framework'?"),
    "no residue": ("        residue: Who signs.\n", "", 16, "'residue' is missing"),
    "an empty residue": ("residue: Who signs.", "residue: ''", 18, "'residue' is empty"),
    "no title": ("    title: Signing\n", "", 6, "'title' is missing"),
    "a date in quotes": ("from: 2027-12-02", "from: '2027-12-02'", 10, "a date"),
    "a status of no date": (APPLIES, "[]", 10, "from when"),
    "verified as text": ("verified: true", "verified: 'true'", 11, "true or false"),
    "verified against nothing": ("verified_against: a copy", "verified_against: ''", 11, "what"),
    "links as a table": ("    links:\n", "    note: x\n    links: {}\n    nolinks:\n", 17,
                         "unknown key 'nolinks'"),
    "evidenced_by numbers": ("[signature]", "[1]", 14, "a word"),
    "schema 2": ("schema: 1", "schema: 2", 1, "must be 1"),
    "schema true": ("schema: 1", "schema: true", 1, "a whole number"),
    "version as a number": ('version: "2026"', "version: 2026", 4, "'version' must be text"),
    "no clauses": ("clauses:\n", "clauses: []\nx:\n", 6, "unknown key 'x'"),
    "superseded by nothing there": ("    verified: true\n",
                                    "    superseded_by: X-1 Art. 2\n    verified: true\n", 11,
                                    "Did you mean 'X-1 Art. 1'?"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_refused_with_its_line(what, clauses) -> None:
    old, new, line, words = REFUSED[what]
    text = TOP + CLAUSE
    assert text.count(old) >= 1
    with pytest.raises(ConfigurationError) as caught:
        clauses(text.replace(old, new, 1))
    assert caught.value.diagnostics().startswith(f"f0.yaml:{line}: ")
    assert words in caught.value.diagnostics()


@pytest.mark.parametrize("text", ["", "- x\n", "word\n", TOP, TOP + "  - word\n"])
def test_what_is_no_clause_file_is_refused(text: str, clauses) -> None:
    with pytest.raises(ConfigurationError):
        clauses(text)


def test_a_clause_that_stands_twice_is_refused_and_two_versions_are_not(clauses) -> None:
    with pytest.raises(ConfigurationError, match="stands twice") as caught:
        clauses(TOP + CLAUSE + CLAUSE)
    assert caught.value.line == 23
    with pytest.raises(ConfigurationError, match="stands twice"):
        clauses(TOP + CLAUSE, TOP + CLAUSE)
    both = clauses(TOP + CLAUSE, TOP.replace("2026", "2027") + CLAUSE)
    assert [c.version for c in both] == ["2026", "2027"]


def test_a_clause_is_read_whole(clauses) -> None:
    (clause,) = clauses(TOP + CLAUSE)
    assert clause.key == "X-1 Art. 1"
    assert clause.legal_status is LegalStatus.DEFERRED
    assert clause.verified_on == dt.date(2026, 8, 5)
    assert clause.standing(dt.date(2026, 11, 20)) is Standing.NOT_YET
    assert clause.standing(dt.date(2028, 1, 1)) is Standing.PARTLY
    assert clause.standing(dt.date(2028, 8, 2)) is Standing.APPLIES
    assert [link.strength for link in clause.links] == [Strength.PARTIAL, Strength.FULL]
    (guard,) = clause.links[1].guards
    assert (guard.param, guard.operator, guard.value) == ("min_signers", Operator.GTE, 2)


def policy(min_signers: int = 2, frameworks: tuple[str, ...] = (), **modes: Mode) -> Policy:
    return Policy(
        "p", "1", "o",
        (
            RuleSetting("unsigned-weights", Severity.HIGH, modes.get("unsigned", Mode.ENFORCE)),
            RuleSetting("tunable", Severity.HIGH, modes.get("tunable", Mode.REPORT),
                        MappingProxyType({"min_signers": min_signers})),
        ),
        frameworks=frameworks,
    )  # fmt: skip


def rules_of(clause) -> list[str]:
    return [link.rule for link in clause.links]


def test_links_of_rules_that_are_on_stay(clauses) -> None:
    (clause,) = linked(clauses(TOP + CLAUSE), policy())
    assert rules_of(clause) == ["unsigned-weights", "tunable"]
    assert (clause.broken, clause.note) == ((), "")


def test_links_of_rules_that_are_off_go(clauses) -> None:
    (clause,) = linked(clauses(TOP + CLAUSE), policy(tunable=Mode.OFF))
    assert rules_of(clause) == ["unsigned-weights"]
    assert linked(clauses(TOP + CLAUSE), policy(tunable=Mode.OFF, unsigned=Mode.OFF)) == ()


def test_a_loosened_parameter_breaks_the_link_and_is_told(clauses) -> None:
    (clause,) = linked(clauses(TOP + CLAUSE), policy(1))
    assert rules_of(clause) == ["unsigned-weights"]
    assert [link.rule for link in clause.broken] == ["tunable"]
    assert clause.note == (
        "The policy sets min_signers of tunable past what this clause needs: "
        "the rule does not count for it."
    )


def test_a_clause_that_loses_its_last_link_stays_with_the_note(clauses) -> None:
    (clause,) = linked(clauses(TOP + CLAUSE), policy(1, unsigned=Mode.OFF))
    assert clause.links == ()
    assert "min_signers" in clause.note


def test_only_the_policys_frameworks_are_reported_on(clauses) -> None:
    assert linked(clauses(TOP + CLAUSE), policy(frameworks=("EU-AIA",))) == ()
    assert len(linked(clauses(TOP + CLAUSE), policy(frameworks=("X-1",)))) == 1


@pytest.mark.parametrize("min_signers", [1, 2])
def test_linking_twice_changes_nothing_also_after_a_way_through_json(min_signers, clauses) -> None:
    once = linked(clauses(TOP + CLAUSE), policy(min_signers))
    assert linked(once, policy(min_signers)) == once
    stored = tuple(from_json(type(clause), to_json(clause)) for clause in once)
    assert to_json(linked(stored, policy(min_signers))) == to_json(once)
