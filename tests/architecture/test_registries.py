"""Files, registries, fixtures, policies and clauses say the same."""

import importlib
import json
from pathlib import Path

import pytest

from weighbridge.collect.registry import ALWAYS, COLLECTORS
from weighbridge.model.codec import from_json
from weighbridge.model.evidence import Evidence
from weighbridge.model.rule import Case, Rule, by_id
from weighbridge.rules.registry import RULES, load_rules

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "weighbridge"
FIXTURES = ROOT / "fixtures" / "rules"
CASES = sorted(FIXTURES.glob("*/*.json"))


def test_every_rule_file_is_registered_and_every_line_has_its_file() -> None:
    files = {
        f"{path.parent.name}.{path.stem}"
        for path in (SOURCE / "rules").glob("*/*.py")
        if path.stem != "__init__" and not path.stem.startswith("_")
    }
    assert files == set(RULES)
    assert len(RULES) == len(set(RULES))


def test_every_collector_file_is_registered() -> None:
    modules = {
        f"weighbridge.collect.{path.stem}"
        for path in (SOURCE / "collect").glob("*.py")
        if "def collect(" in path.read_text()
    }
    assert modules == set(COLLECTORS)
    assert set(COLLECTORS) >= ALWAYS


@pytest.mark.parametrize("name", COLLECTORS)
def test_the_registry_says_which_evidence_a_collector_gives(name: str) -> None:
    assert COLLECTORS[name] == importlib.import_module(name).KINDS


@pytest.mark.parametrize("rule", load_rules(), ids=lambda rule: rule.META.id)
def test_a_rule_is_named_after_its_file_and_documented(rule: Rule) -> None:
    meta = rule.META
    module = rule.__name__.split(".")
    assert meta.id == module[-1].replace("_", "-")
    assert meta.family == module[-2]
    for text in (meta.summary, meta.why, meta.remedy, meta.example):
        assert len(text.split()) >= 4, f"{meta.id}: {text!r} explains nothing"
    assert all(param.help for param in meta.params)


@pytest.mark.parametrize("rule", load_rules(), ids=lambda rule: rule.META.id)
def test_a_rule_has_fixtures_for_pass_fail_and_unknown(rule: Rule) -> None:
    have = {path.stem.split("-")[0] for path in (FIXTURES / rule.META.id).glob("*.json")}
    wanted = {"pass", "unknown", "fail"}
    # this rule only ever says that content is not here: it has nothing that could fail
    if rule.META.id in {"content-not-present", "uninspected-weights"}:
        wanted -= {"fail"}
    assert have >= wanted


def test_no_fixture_is_of_an_unknown_rule() -> None:
    assert {path.parent.name for path in CASES} == set(by_id(load_rules()))


@pytest.mark.parametrize("path", CASES, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_a_fixture_ends_as_its_name_says(path: Path) -> None:
    import datetime as dt

    case = json.loads(path.read_text())
    assert case["readme"], "a fixture says what it shows"
    rule = by_id(load_rules())[path.parent.name]
    evidence = tuple(from_json(Evidence, item) for item in case["evidence"])
    assert {e.kind for e in evidence} <= set(rule.META.needs)
    params = {
        **rule.META.defaults,
        **{k: tuple(v) if isinstance(v, list) else v for k, v in case["params"].items()},
    }
    conclusion = rule.check(
        Case(
            subject=_subject(),
            as_of=dt.date.fromisoformat(case["as_of"]),
            evidence=evidence,
            params=params,
            trust=_trust(case),
            signatures=_demands(case),
        )
    )
    assert conclusion.outcome.value == path.stem.split("-")[0] == case["expected"]["outcome"]
    found = [
        {"key": f.key, "path": f.location.path if f.location else ""} for f in conclusion.findings
    ]
    for expected in case["expected"].get("findings", []):
        wanted = {"key": expected.get("key", ""), "path": expected.get("path", "")}
        assert wanted in found, f"{wanted} is not among {found}"


def _subject():
    from weighbridge.model.digest import Digest
    from weighbridge.model.subject import Subject, SubjectKind

    return Subject(SubjectKind.DIRECTORY, "fixture", Digest("dirHash1", "0" * 64))


def _demands(case: dict):
    from weighbridge.model.policy import SignatureDemands

    given = {
        k: tuple(v) if isinstance(v, list) else v for k, v in case.get("signatures", {}).items()
    }
    return SignatureDemands(**given)


def _trust(case: dict):
    from weighbridge.model.policy import TrustedSigner

    return tuple(from_json(TrustedSigner, item) for item in case.get("trust", []))
