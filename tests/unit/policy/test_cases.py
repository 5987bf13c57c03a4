"""Policy tests: the runner itself, on fake rules and stored evidence."""

from __future__ import annotations

import json

import pytest

from weighbridge.model.codec import to_json
from weighbridge.model.errors import ConfigurationError
from weighbridge.model.finding import Finding, Outcome
from weighbridge.policy.cases import run_cases

TOP = "schema: 1\npolicy: ./p.yaml\nas_of: 2026-11-20\ncases:\n"
CASE = "  - name: one\n    evidence: e.json\n    expect: {unsigned-weights: {outcome: fail}}\n"
RULES = "rules: {unsigned-weights: {}, tunable: {mode: off}}\n"


@pytest.fixture
def run(tmp_path, write, rule, observe):
    write(RULES)
    fixture = {"readme": "x", "evidence": [to_json(observe("a.bin"))]}
    (tmp_path / "e.json").write_text(json.dumps(fixture))
    failing = rule(findings=(Finding(Outcome.FAIL, "Bad.", "Fix."),))

    def run_text(text: str):
        path = tmp_path / "t.yaml"
        path.write_text(text)
        return list(run_cases(path, rules=(failing, rule("tunable"))))

    return run_text


def test_what_is_expected_and_happens_is_fine(run) -> None:
    more = "    exit_code: 1\n"
    text = TOP + CASE.replace("fail}", "fail, closes: true}") + more
    assert run(text) == [("one", ())]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("fail}", "pass}", "expected pass, is fail"),
        ("fail}", "fail, closes: false}", "closes the gate"),
        ("{unsigned-weights", "{tunable: {outcome: pass}, unsigned-weights", "tunable is off"),
        ("    expect", "    exit_code: 0\n    expect", "expected exit code 0, is 1"),
    ],
)
def test_what_does_not_happen_is_told(old, new, words, run) -> None:
    ((name, problems),) = run(TOP + CASE.replace(old, new))
    assert name == "one"
    assert any(words in problem for problem in problems)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("unsigned-weights", "unsigned-weight", "Did you mean 'unsigned-weights'?"),
        ("fail}", "failed}", "Did you mean 'fail'?"),
        ("{outcome: fail}", "{outcom: fail}", "Did you mean 'outcome'?"),
        ("{outcome: fail}", "fail", "a table of keys"),
        ("expect: {unsigned-weights: {outcome: fail}}", "expect: {}", "nothing is expected"),
        ("e.json", "no.json", "cannot be read"),
        ("e.json", "p.yaml", "cannot be used"),
        ("e.json", "/etc/hostname", "relative to this file"),
        ("    expect", "    exit_code: 4\n    expect", "4 is not an exit code"),
        ("    expect", "    exit_code: true\n    expect", "a whole number"),
        (CASE, "", "must be a list"),
        ("./p.yaml", "nope", "no shipped policy 'nope'"),
        ("2026-11-20", "today", "a date"),
    ],
)
def test_a_test_that_is_wrong_is_an_error(old, new, words, run) -> None:
    with pytest.raises(ConfigurationError) as caught:
        run((TOP + CASE).replace(old, new))
    assert words in caught.value.diagnostics()


@pytest.mark.parametrize(
    "body",
    ["[]", "{}", '{"evidence": {}}', '{"evidence": [1]}', '{"evidence": [], "subject": 1}',
     '{"evidence": [], "breakages": 1}', '{"evidence": [], "evidence": []}', "{", "\xff"],
)  # fmt: skip
def test_hostile_evidence_is_an_error(body, run, tmp_path) -> None:
    (tmp_path / "e.json").write_bytes(body.encode("latin-1"))
    with pytest.raises(ConfigurationError, match="cannot be used"):
        run(TOP + CASE)


def test_the_evidence_of_a_stored_record_can_be_used(run, tmp_path, observe, subject) -> None:
    record = {
        "schema": "urn:weighbridge:audit:1", "subject": to_json(subject),
        "evidence": [to_json(observe("a.bin"))],
        "breakages": [{"collector": "w@1", "kinds": ["weights"], "message": "x"}],
    }  # fmt: skip
    (tmp_path / "e.json").write_text(json.dumps(record))
    assert run(TOP + CASE.replace("fail}", "error}")) == [("one", ())]
