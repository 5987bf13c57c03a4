"""``weighbridge policy``, ``rules`` and ``clauses``: readable, in 80 columns, and honest."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace

import jsonschema_rs
import pytest
import yaml
from typer.testing import CliRunner

from weighbridge.cli import clauses, policy, rules
from weighbridge.model.errors import ConfigurationError, UsageError
from weighbridge.model.evidence import EvidenceKind
from weighbridge.model.finding import Severity, conclude
from weighbridge.model.rule import Param, RuleMeta
from weighbridge.policy.shipped import shipped_root
from weighbridge.rules.registry import RULES, load_rules

NAMES = sorted(rule.partition(".")[2].replace("_", "-") for rule in RULES)
# The shipped clauses have guards on parameters of these rules.
GUARDED = {
    rule.META.id: rule.META.params
    for rule in load_rules()
    if rule.META.family in ("controls", "documentation")
}
POLICY = """\
schema: 1
id: team
version: v7
owner: "\\e[31mops"
extends: baseline
rules:
  unsigned-weights: {mode: report, because: the keys come next month}
frameworks: [EU-AIA]
"""


def fake_rule(name: str) -> SimpleNamespace:
    meta = RuleMeta(
        id=name,
        family="fake",
        since="0.1",
        severity=Severity.HIGH,
        summary="all is as it should be, " * 9,
        why="It matters. " * 12,
        remedy="Do it.",
        example="line one\n  line two",
        needs=(EvidenceKind.WEIGHTS,),
        params=(Param("max_age", 30, "How old it may be, in days.", "lower"),
                Param("accept", ("a", "b"), "What is fine.", "fewer"),
                *GUARDED.get(name, ())),
        references=("https://example.org/why",),
        network=name == "known-vulnerability",
    )  # fmt: skip
    return SimpleNamespace(
        META=meta, check=lambda case: conclude([], [e.digest for e in case.evidence])
    )


@pytest.fixture(autouse=True)
def _rules(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import weighbridge.rules.registry as registry

    monkeypatch.setattr(registry, "load_rules", lambda: tuple(fake_rule(n) for n in NAMES))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "team.yaml").write_text(POLICY)


def run(app, *arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, list(arguments))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.output
    return result.stdout


def narrow(text: str) -> bool:
    return all(len(line) <= 80 for line in text.splitlines())


def test_check_counts_what_holds() -> None:
    out = run(policy.app, "check", "team.yaml", "baseline", "--as-of", "2026-11-20")
    first, second = out.splitlines()
    baseline = yaml.safe_load((shipped_root() / "baseline.yaml").read_text())["rules"]
    on, off = len(baseline), len(set(NAMES) - set(baseline))
    assert first.startswith(f"team.yaml: team v7: {on - 1} enforce, 1 report, {off} off")
    assert second.startswith("baseline: baseline ")


def test_check_of_a_wrong_file_is_an_error_with_its_line(tmp_path) -> None:
    (tmp_path / "bad.yaml").write_text(POLICY.replace("frameworks", "frameworcs"))
    with pytest.raises(ConfigurationError) as caught:
        run(policy.app, "check", "./bad.yaml")
    assert caught.value.diagnostics() == (
        "./bad.yaml:8: unknown key 'frameworcs'. Did you mean 'frameworks'?"
    )


def test_the_command_prints_one_paragraph_and_exits_2(tmp_path) -> None:
    import subprocess
    import sys

    (tmp_path / "bad.yaml").write_text('schema: 1\n"\\e]0;x\\a": 1\n')
    done = subprocess.run([sys.executable, "-m", "weighbridge", "policy", "check", "./bad.yaml"],
                          capture_output=True, text=True, cwd=tmp_path, check=False)  # fmt: skip
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("weighbridge: ./bad.yaml:2: unknown key")
    assert "\x1b" not in done.stderr


def test_show_is_the_effective_policy() -> None:
    out = run(policy.app, "show", "team.yaml")
    assert narrow(out)
    assert "read from team.yaml sha256:" in out
    assert "read from baseline.yaml sha256:" in out
    assert re.search(r"unsigned-weights +high +report +close +close +report", out)
    assert "because: the keys come next month" in out
    assert "max_age: 30" in out
    assert "accept: [a, b]" in out
    assert "\x1b" not in out


def test_show_lists_what_is_off(tmp_path) -> None:
    (tmp_path / "one.yaml").write_text(
        "schema: 1\nid: one\nversion: v1\nowner: o\nrules: {unsafe-content: {}}\n"
    )
    out = run(policy.app, "show", "one.yaml")
    assert re.search(r"unsigned-weights +off", out)
    assert re.search(r"unsafe-content +high ~ +enforce", out)


def test_show_json_is_the_record_s_policy() -> None:
    from weighbridge.model.codec import from_json
    from weighbridge.model.policy import Policy

    body = json.loads(run(policy.app, "show", "baseline", "team.yaml", "--format", "json"))
    assert body["schema"] == "weighbridge.policy/1"
    assert from_json(Policy, body["policy"]).id == "baseline+team"


def test_schema_is_a_json_schema_that_the_baseline_meets() -> None:
    import yaml

    schema = json.loads(run(policy.app, "schema"))
    baseline = yaml.safe_load((shipped_root() / "baseline.yaml").read_text())
    jsonschema_rs.validator_for(schema).validate(baseline)


def test_policy_tests_run_and_fail_with_1(tmp_path) -> None:
    evidence = {
        "evidence": [
            {"kind": "weights", "about": "a", "state": "observed", "source": "file:a",
             "collector": "x@1", "reason": "", "data": {}, "raw": []}
        ]
    }  # fmt: skip
    (tmp_path / "e.json").write_text(json.dumps(evidence))
    text = (
        "schema: 1\npolicy: baseline\nas_of: 2026-11-20\ncases:\n"
        "  - {name: good, evidence: e.json, expect: {unsafe-content: {outcome: pass}}}\n"
        "  - {name: bad, evidence: e.json, expect: {unsafe-content: {outcome: fail}}}\n"
    )
    (tmp_path / "t.yaml").write_text(text)
    out = run(policy.app, "test", "t.yaml", code=1)
    assert "ok   t.yaml: good" in out
    assert "FAIL t.yaml: bad" in out
    assert "expected fail, is pass" in out
    assert "2 cases, 1 failed." in out
    (tmp_path / "t.yaml").write_text(text.rsplit("  - ", 1)[0])
    assert "1 cases, 0 failed." in run(policy.app, "test", "t.yaml")


def test_rules_list() -> None:
    out = run(rules.app, "list")
    assert narrow(out)
    assert re.search(r"known-vulnerability +high +fake \*", out)
    assert f"{len(NAMES)} rules" in out
    body = json.loads(run(rules.app, "list", "--format", "json"))
    assert [rule["id"] for rule in body["rules"]] == NAMES


def test_rules_explain() -> None:
    out = run(rules.app, "explain", "known-vulnerability")
    assert narrow(out)
    for words in ("What it checks", "Why", "What to do", "  line one\n    line two", "max_age: 30",
                  "Stricter: lower.", "https://example.org/why"):  # fmt: skip
        assert words in out
    assert "needs outside services" in out
    assert "works offline" in run(rules.app, "explain", "unsafe-content")


def test_explaining_an_unknown_rule_suggests_one() -> None:
    with pytest.raises(UsageError) as caught:
        run(rules.app, "explain", "unsigned-weight")
    assert "Did you mean 'unsigned-weights'?" in caught.value.diagnostics()


@pytest.mark.parametrize(
    ("app", "arguments"),
    [
        (rules.app, ["list"]),
        (clauses.app, ["list"]),
        (policy.app, ["show", "baseline"]),
    ],
)
def test_an_unknown_format_is_an_error(app, arguments) -> None:
    with pytest.raises(UsageError, match="unknown format 'xml'"):
        run(app, *arguments, "--format", "xml")


@pytest.mark.parametrize("date", ["tomorrow", "2026-13-01", "20.11.2026"])
def test_what_is_no_date_is_an_error(date) -> None:
    with pytest.raises(UsageError, match="is not a date"):
        run(policy.app, "check", "baseline", "--as-of", date)


def test_clauses_list_says_status_and_what_rests_on_memory() -> None:
    out = run(clauses.app, "list", "--framework", "EU-AIA", "--as-of", "2026-11-20")
    assert narrow(out)
    assert re.search(r"Art\. 15\(5\) +not yet", out)
    assert "unverified: from memory" in out
    assert "Not legal advice." in out
    later = run(clauses.app, "list", "--framework", "EU-AIA", "--as-of", "2028-08-02")
    assert re.search(r"Art\. 15\(5\) +applies", later)


def test_clauses_list_of_everything_is_narrow() -> None:
    out = run(clauses.app, "list")
    assert narrow(out)
    assert re.search(r"3\d\d clauses as of", out)


def test_clauses_can_be_chosen() -> None:
    by_rule = json.loads(run(clauses.app, "list", "--rule", "unsafe-content", "-f", "json"))
    assert by_rule["clauses"]
    assert all(
        any(link["rule"] == "unsafe-content" for link in clause["links"])
        for clause in by_rule["clauses"]
    )
    memory = json.loads(run(clauses.app, "list", "--unverified", "-f", "json"))
    assert memory["clauses"]
    assert not any(clause["verified"] for clause in memory["clauses"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["list", "--framework", "EU-AIB"], "Did you mean 'EU-AIA'?"),
        (["list", "--rule", "unsafe-contents"], "Did you mean 'unsafe-content'?"),
        (["show", "EU-AIA Art. 15(55)"], "Did you mean 'EU-AIA Art. 15(5)'?"),
    ],
)
def test_what_is_unknown_gets_a_suggestion(arguments, words) -> None:
    with pytest.raises(UsageError) as caught:
        run(clauses.app, *arguments)
    assert words in caught.value.diagnostics()


@pytest.mark.parametrize("key", [["EU-AIA Art. 15(5)"], ["EU-AIA", "Art.", "15(5)"]])
def test_clauses_show(key) -> None:
    out = run(clauses.app, "show", *key, "--as-of", "2026-11-20")
    assert narrow(out)
    assert "EU-AIA Art. 15(5)" in out
    assert "Status on 2026-11-20: not yet  (deferred)" in out
    assert "from 2027-12-02" in out
    assert "unsigned-weights (" in out
    assert "stays open:" in out
    assert "Not legal advice." in out


def test_an_unverified_clause_says_so() -> None:
    out = run(clauses.app, "show", "EU-CRA Art. 12(1)")
    assert "unverified: from memory" in out
    assert "Verified on" not in out
