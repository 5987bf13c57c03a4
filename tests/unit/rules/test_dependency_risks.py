"""Likenesses of names, held against a plain edit distance, and how the rules grade findings."""

from __future__ import annotations

import datetime as dt
import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weighbridge.model.codec import from_json
from weighbridge.model.digest import Digest
from weighbridge.model.evidence import Evidence
from weighbridge.model.finding import Conclusion, Severity
from weighbridge.model.likeness import MIN_LENGTH, Likenesses
from weighbridge.model.popular_names import KNOWN_NEIGHBORS, POPULAR
from weighbridge.model.rule import Case, by_id
from weighbridge.model.subject import Subject, SubjectKind
from weighbridge.rules.registry import load_rules

FIXTURES = Path(__file__).parents[3] / "fixtures" / "rules"
ALIKE = Likenesses(POPULAR)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("", None),
        ("-", None),
        ("a" * 200, None),
        ("transformers", None),
        ("tochr", None),  # two swaps
        ("transformer", ("transformers", "has one 's' less")),
        ("transformerss", ("transformers", "has one 's' more")),
        ("langchian", ("langchain", "swaps 'a' and 'i'")),
        ("langchein", ("langchain", "has 'e' where that has 'a'")),
        ("lang-chain", ("langchain", "differs in nothing but hyphens")),
        ("huggingface-hub1", ("huggingface-hub", "has one '1' more")),
        ("t0rch", ("torch", "looks the same at a glance")),
        ("rnatplotlib", ("matplotlib", "looks the same at a glance")),
        ("python-transformers", ("transformers", "differs in an affix that says nothing")),
        ("transformers-py", ("transformers", "differs in an affix that says nothing")),
        ("pytorch", ("gpytorch", "has one 'g' less")),
        ("dotenv", ("python-dotenv", "differs in an affix that says nothing")),
        ("cupy-cuda11x", None),  # another version, and no typing error
        ("nvidia-cublas-cu12", None),
        ("pefx", None),  # four characters: all are alike
        ("zorch-vision-models", None),
    ],
)
def test_likenesses(name: str, expected: tuple[str, str] | None) -> None:
    assert ALIKE.of(name) == expected


def test_without_known_names_nothing_is_alike() -> None:
    assert Likenesses(()).of("torch") is None


def test_popular_names_and_their_neighbors() -> None:
    assert len(POPULAR) > 400
    assert not POPULAR & KNOWN_NEIGHBORS
    assert [name for name in POPULAR if ALIKE.of(name)] == []
    assert [name for name in KNOWN_NEIGHBORS - {"httpx2", "httpcore2"} if not ALIKE.of(name)] == []
    assert all(name == name.lower() and "_" not in name for name in POPULAR | KNOWN_NEIGHBORS)


def test_twenty_thousand_names_take_less_than_three_seconds() -> None:
    names = [f"{popular}{i}"[-199:] for i in range(40) for popular in POPULAR][:20_000]
    began = time.process_time()
    assert sum(ALIKE.of(name) is not None for name in names) > 1_000
    assert time.process_time() - began < 3


def _distance(one: str, other: str) -> int:
    """Optimal string alignment: letters left out, added, replaced, neighbors swapped."""
    rows = [list(range(len(other) + 1))]
    for i, left in enumerate(one, 1):
        row = [i]
        for j, right in enumerate(other, 1):
            best = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (left != right))
            if i > 1 and j > 1 and left == other[j - 2] and one[i - 2] == right:
                best = min(best, rows[-2][j - 2] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]


NAMES = st.text("abc0-", min_size=MIN_LENGTH, max_size=9)


@given(NAMES, NAMES)
def test_one_edit_is_found_and_nothing_else_is_called_one(name: str, known: str) -> None:
    found = Likenesses([known]).of(name)
    if name == known:
        assert found is None
    elif _distance(name, known) == 1:
        pairs = zip(name, known, strict=False)
        digits = any(a != b and a.isdigit() and b.isdigit() for a, b in pairs)
        assert found is not None or digits
    elif found:
        assert not found[1].startswith(("has", "swaps"))


@given(st.sampled_from(sorted(POPULAR)), st.integers(0, 40), st.sampled_from("xqz"))
def test_every_popular_name_is_guarded(name: str, at: int, letter: str) -> None:
    mistyped = name[: at % len(name)] + letter + name[at % len(name) :]
    if len(name) >= MIN_LENGTH and mistyped not in POPULAR:
        found = ALIKE.of(mistyped)
        assert found is not None
        assert found[0] in POPULAR


def _concluded(rule_id: str, fixture: str) -> Conclusion:
    data = json.loads((FIXTURES / rule_id / f"{fixture}.json").read_text(encoding="utf-8"))
    rule = by_id(load_rules("sbom"))[rule_id]
    given_params = {k: tuple(v) if isinstance(v, list) else v for k, v in data["params"].items()}
    return rule.check(
        Case(
            Subject(SubjectKind.DIRECTORY, "fixture", Digest("dirHash1", "0" * 64)),
            dt.date.fromisoformat(data["as_of"]),
            tuple(from_json(Evidence, item) for item in data["evidence"]),
            {**rule.META.defaults, **given_params},
        )
    )


def _severities(conclusion: Conclusion) -> dict[str, Severity | None]:
    return {finding.key: finding.severity for finding in conclusion.findings}


def test_hashes_make_another_index_weigh_less() -> None:
    assert set(_severities(_concluded("extra-index", "fail-hashed")).values()) == {Severity.LOW}
    assert _severities(_concluded("extra-index", "fail")) == {
        "index:https://packages.example.org/simple": Severity.MEDIUM,
        "find-links:wheels/": Severity.LOW,
        "trusted-host:packages.example.org": Severity.MEDIUM,
    }


def test_what_holds_still_weighs_less_than_what_moves() -> None:
    found = _severities(_concluded("direct-url", "fail"))
    assert [name for name, severity in found.items() if severity is Severity.MEDIUM] == [
        "branch", "archive",
    ]  # fmt: skip
    environment = _severities(_concluded("direct-url", "fail-environment"))
    assert environment == {"ours": Severity.MEDIUM}


def test_messages_say_why() -> None:
    named = {f.key: f.message for f in _concluded("similar-name", "fail").findings}
    assert named["langchian"] == (
        "'requirements.txt' names langchian, which could be taken for the popular langchain: it "
        "swaps 'a' and 'i'."
    )
    own = _concluded("similar-name", "fail-own").findings[0].message
    assert "your own acme-models: it has one 's' less" in own


def test_ages_in_words() -> None:
    found = {f.key: f.message for f in _concluded("young-version", "fail").findings}
    assert "uploaded on 2026-11-19 (1 day before the audit); 7 days" in found["one==1.0"]
    assert "(on the day of the audit)" in found["today==2.0"]
    assert "(dated after the audit)" in found["later==3.0"]


def test_the_deepest_are_shown_first_with_their_paths() -> None:
    found = _concluded("deep-dependency", "fail-stricter").findings
    paths = {f.key: f.message.rpartition(": ")[2] for f in found}
    assert paths["p04"] == "p00 > p01 > p02 > p03 > p04."
    assert paths["p08"] == "p00 > (2 more) > p03 > p04 > p05 > p06 > p07 > p08."
    assert "holds 2 more packages" in {f.key: f.message for f in found}["more:uv.lock"]
