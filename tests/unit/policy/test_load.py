"""What policy files amount to: defaults, inheritance, loosening."""

from __future__ import annotations

import hashlib

import pytest

from weighbridge.model.digest import sha256
from weighbridge.model.errors import ConfigurationError
from weighbridge.model.finding import Severity
from weighbridge.model.policy import Mode, OnInconclusive

CLOSE, REPORT = OnInconclusive.CLOSE, OnInconclusive.REPORT
BASE = """\
rules:
  unsigned-weights: {severity: high}
  tunable: {params: {min_signers: 2, allow: [mit, bsd]}}
gate: {fail_on: high}
timestamp: {required: true}
"""


def test_what_is_not_said_is_the_rules_default(write, load) -> None:
    policy = load(write("rules:\n  tunable: {}\n"))
    setting = policy.setting("tunable")
    assert (setting.severity, setting.mode, setting.severity_set) == (
        Severity.HIGH, Mode.ENFORCE, False)  # fmt: skip
    assert (setting.on_unknown, setting.on_error, setting.on_manual) == (CLOSE, CLOSE, REPORT)
    assert dict(setting.params) == {
        "min_signers": 1, "max_age_days": 30, "allow": ("mit",), "deny": ("gpl",), "deep": True,
        "style": "plain",
    }  # fmt: skip
    assert policy.gate.fail_on is Severity.HIGH
    assert not policy.timestamp_required


def test_rules_that_are_not_named_are_listed_as_off_in_the_registrys_order(write, load) -> None:
    policy = load(write("rules:\n  tunable: {}\n"))
    assert [(s.rule, s.mode) for s in policy.rules] == [
        ("unsigned-weights", Mode.OFF),
        ("known-vulnerability", Mode.OFF),
        ("tunable", Mode.ENFORCE),
    ]


def test_the_effective_policy_cannot_be_changed(write, load) -> None:
    setting = load(write("rules:\n  tunable: {}\n")).setting("tunable")
    with pytest.raises(TypeError):
        setting.params["min_signers"] = 0


def test_yaml_reads_a_bare_off_as_false_and_off_is_meant(write, load) -> None:
    policy = load(write("rules:\n  tunable: {}\n  unsigned-weights: {mode: off}\n"))
    assert policy.setting("unsigned-weights").mode is Mode.OFF


def test_sources_name_files_without_folders_outermost_first(write, load) -> None:
    base = write(BASE, "base.yaml")
    waivers = write("", "w.yaml", head="schema: 1\nwaivers: []\n")
    top = write("waivers_file: w.yaml\n", extends="./base.yaml")
    assert load(top).sources == tuple(
        (path.name, sha256(path.read_bytes())) for path in (top, base, waivers)
    )


def test_a_child_inherits_what_it_does_not_say(write, load) -> None:
    write(BASE, "base.yaml")
    policy = load(write("rules:\n  tunable: {params: {min_signers: 3}}\n", extends="./base.yaml"))
    setting = policy.setting("tunable")
    assert (setting.params["min_signers"], setting.params["allow"]) == (3, ("mit", "bsd"))
    assert policy.setting("unsigned-weights").mode is Mode.ENFORCE
    assert policy.timestamp_required


def test_an_explicit_off_is_inherited_and_may_be_taken_back(write, load) -> None:
    write("rules:\n  tunable: {mode: off}\n  unsigned-weights: {}\n", "base.yaml")
    low = load(write("rules:\n  tunable: {severity: low}\n", extends="./base.yaml"))
    assert low.setting("tunable").mode is Mode.OFF
    on = load(write("rules:\n  tunable: {mode: report}\n", extends="./base.yaml"))
    assert on.setting("tunable").mode is Mode.REPORT


LOOSENED = {
    "severity": ("rules:\n  unsigned-weights: {severity: medium}\n", 7, "severity from high to"),
    "mode to report": ("rules:\n  unsigned-weights: {mode: report}\n", 7, "enforce to report"),
    "mode to off": ("rules:\n  unsigned-weights: {mode: off}\n", 7, "enforce to off"),
    "on_unknown": ("rules:\n  tunable:\n    on_unknown: report\n", 8, "on_unknown from close"),
    "on_error": ("rules:\n  tunable:\n    on_error: report\n", 8, "on_error from close"),
    "a number, higher is stricter": (
        "rules:\n  tunable:\n    params:\n      min_signers: 1\n", 9, "min_signers from 2 to 1"),
    "a number, lower is stricter": (
        "rules:\n  tunable: {params: {max_age_days: 31}}\n", 7, "max_age_days from 30 to 31"),
    "a bool": ("rules:\n  tunable: {params: {deep: false}}\n", 7, "deep from true to false"),
    "a list, fewer is stricter": (
        "rules:\n  tunable: {params: {allow: [mit, gpl]}}\n", 7, "allow from [mit, bsd] to"),
    "a list, more is stricter": (
        "rules:\n  tunable: {params: {deny: [agpl]}}\n", 7, "deny from [gpl] to [agpl]"),
    "findings' own severities": (
        "gate: {fail_on: high}\nrules:\n  tunable: {severity: medium}\n", 8, "severity"),
    "the gate": ("gate: {fail_on: critical}\n", 6, "from high to critical"),
    "the timestamp": ("timestamp: {required: false}\n", 6, "no longer requires a timestamp"),
    "longer waivers": ("waivers_max_days: 181\n", 6, "only shorten"),
}  # fmt: skip


@pytest.mark.parametrize("what", LOOSENED)
@pytest.mark.parametrize("how", ["extends", "on top"])
def test_loosening_without_a_reason_is_an_error(what: str, how: str, write, load) -> None:
    body, line, words = LOOSENED[what]
    base = write(BASE, "base.yaml")
    child = write(body, "child.yaml", extends="./base.yaml")
    if how == "on top":
        child.write_text(child.read_text().replace("extends: ./base.yaml\n", "#\n"))
    with pytest.raises(ConfigurationError) as caught:
        load(child) if how == "extends" else load(base, child)
    assert caught.value.line == line
    assert words in caught.value.message
    assert caught.value.source == str(child)


def test_loosening_with_a_reason_carries_the_reason(write, load) -> None:
    write(BASE, "base.yaml")
    body = (
        "rules:\n  unsigned-weights: {mode: report, because: no keys yet}\n"
        "gate: {fail_on: critical, because: first month}\n"
        "timestamp: {required: false, because: no authority}\n"
    )
    policy = load(write(body, extends="./base.yaml"))
    assert policy.setting("unsigned-weights").because == "no keys yet"
    assert policy.gate.because == "first month"
    assert (policy.timestamp_required, policy.timestamp_because) == (False, "no authority")
    further = write("rules:\n  unsigned-weights: {mode: off, because: gone}\n", "q.yaml",
                    extends="./p.yaml")  # fmt: skip
    assert load(further).setting("unsigned-weights").because == "no keys yet; gone"


def test_an_empty_reason_is_none(write, load) -> None:
    write(BASE, "base.yaml")
    with pytest.raises(ConfigurationError, match="because is empty"):
        load(
            write("rules:\n  unsigned-weights: {mode: off, because: ' '}\n", extends="./base.yaml")
        )


@pytest.mark.parametrize(
    "body",
    [
        "rules:\n  unsigned-weights: {severity: critical}\n",
        "rules:\n  known-vulnerability: {severity: low, mode: report, on_unknown: report}\n",
        "rules:\n  tunable: {on_manual: close, severity: critical}\n",
        "rules:\n  tunable: {params: {min_signers: 9, max_age_days: 1, allow: []}}\n",
        "rules:\n  tunable: {params: {style: fancy}}\n",
        "gate: {fail_on: info}\n",
        "waivers_max_days: 7\n",
    ],
)
def test_tightening_and_naming_what_was_off_need_no_reason(body: str, write, load) -> None:
    write(BASE, "base.yaml")
    load(write(body, extends="./base.yaml"))


def test_a_rule_named_first_in_a_child_may_be_as_lax_as_it_likes(write, load) -> None:
    write(BASE, "base.yaml")
    body = "rules:\n  known-vulnerability: {severity: info, mode: report}\n"
    assert (
        load(write(body, extends="./base.yaml")).setting("known-vulnerability").severity == "info"
    )


def test_a_pinned_parent_must_be_the_pinned_one(write, load) -> None:
    base = write(BASE, "base.yaml")
    pin = hashlib.sha256(base.read_bytes()).hexdigest()
    good = write("", extends=f"{{policy: ./base.yaml, sha256: {pin}}}")
    assert load(good).setting("unsigned-weights").mode is Mode.ENFORCE
    base.write_text(base.read_text() + "# changed\n")
    with pytest.raises(ConfigurationError, match="not the pinned one") as caught:
        load(good)
    assert caught.value.line == 5


def test_circles_and_long_chains_are_refused(write, load) -> None:
    write("", "a.yaml", extends="./b.yaml")
    write("", "b.yaml", extends="./a.yaml")
    with pytest.raises(ConfigurationError, match="in a circle"):
        load(write("", extends="./a.yaml"))
    write(BASE, "c0.yaml")
    for index in range(1, 10):
        write("", f"c{index}.yaml", extends=f"./c{index - 1}.yaml")
    with pytest.raises(ConfigurationError, match="more than 8 policies"):
        load(write("", extends="./c9.yaml"))


def test_a_mistake_in_the_parent_is_told_with_the_parents_line(write, load) -> None:
    base = write("rules:\n  nope: {}\n", "base.yaml")
    with pytest.raises(ConfigurationError) as caught:
        load(write("", extends="./base.yaml"))
    assert caught.value.source == str(base)
    assert caught.value.line == 6


def test_several_policies_go_on_top_of_each_other(write, load) -> None:
    base = write(BASE, "base.yaml")
    team = write("rules:\n  known-vulnerability: {}\n", "team.yaml", extends="./base.yaml")
    team.write_text(team.read_text().replace("id: p", "id: team"))
    policy = load(base, team)
    assert policy.id == "p+team"
    assert policy.setting("known-vulnerability").mode is Mode.ENFORCE
    # the shared parent stands once
    assert [name for name, _ in policy.sources] == ["team.yaml", "base.yaml"]


def test_lists_of_signers_and_frameworks_replace_those_beneath(write, load) -> None:
    write(BASE + "frameworks: [EU-AIA]\n", "base.yaml")
    assert load(write("frameworks: [X-1]\n", extends="./base.yaml")).frameworks == ("X-1",)
    assert load(write("", extends="./base.yaml")).frameworks == ("EU-AIA",)
