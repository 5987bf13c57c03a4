"""What the card and the folder document: sections, results, energy; hostile cards first."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from weighbridge.collect import documentation
from weighbridge.collect.card import MAX_BODY
from weighbridge.collect.context import CollectContext
from weighbridge.collect.documentation_results import date_in
from weighbridge.collect.documentation_sections import substance, topics_of
from weighbridge.model.artifact import Problem, ProblemKind
from weighbridge.model.canonical import thaw
from weighbridge.model.digest import sha256
from weighbridge.model.documentation import BY_ID, PRESETS, TOPICS, topics
from weighbridge.model.evidence import Evidence, EvidenceState
from weighbridge.testing.memory import snapshot_of

AS_OF = dt.date(2026, 11, 20)


def card_of(files: dict[str, bytes], **more: Any) -> Evidence:
    context = CollectContext(snapshot_of(files, **more), AS_OF, offline=True)
    return next(e for e in documentation.collect(context) if e.about == "card")


def facts_of(text: str, **files: str) -> dict[str, Any]:
    others = {path.replace("__", "/"): body.encode() for path, body in files.items()}
    found: dict[str, Any] = thaw(card_of({"README.md": text.encode(), **others}).data)
    return found


def words(text: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for section in facts_of(text)["sections"]:
        found[section["topic"]] = max(found.get(section["topic"], 0), section["words"])
    return found


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"---\nlicense: [mit\n---\n# A\n", "README.md:3"),
        (b"---\n- a\n- b\n---\n# A\n", "is a list, not keys"),
        (b"---\na: !!python/object:os.system x\n---\n", "tag"),
        (b"---\nlicense: mit\n", "never closed"),
        (b"\xff\xfe#\x00", "UTF-16"),
        (b"# A\0B", "NUL"),
        (b"---\n" + b"a: b\n" * 300_000, "exceeds the bound"),
    ],
)
def test_a_card_that_cannot_be_read_is_unavailable(text: bytes, reason: str) -> None:
    found = card_of({"README.md": text, "SECURITY.md": b"Write to security@example.org."})
    assert found.state is EvidenceState.UNAVAILABLE
    assert reason in found.reason
    (section,) = found.data["sections"]  # what other documents say is kept
    assert section["topic"] == "security-contact"


def test_a_card_of_50_megabytes_is_read_to_its_bound() -> None:
    late = (
        b"# A\n\nIt is one.\n" + b"word " * (10 * 2**20) + b"\n## Limitations\n\nIt fails often.\n"
    )
    found = card_of({"README.md": late})
    assert found.state is EvidenceState.OBSERVED
    assert found.data["unread"] == (
        f"README.md: its text beyond {MAX_BODY} characters was not read",
    )
    assert "limitations" not in {one["topic"] for one in found.data["sections"]}


def test_a_card_that_is_a_pointer_or_was_not_read_is_unavailable() -> None:
    assert card_of({}, pointers={"README.md": sha256(b"x")}).state is EvidenceState.UNAVAILABLE
    gone = Problem("README.md", ProblemKind.UNREADABLE, "permission denied")
    found = card_of({"a": b"b"}, problems=[gone])
    assert (found.state, found.reason) == (
        EvidenceState.UNAVAILABLE,
        "README.md: permission denied",
    )


def test_documents_that_cannot_be_read_are_named() -> None:
    found = card_of({"SECURITY.md": b"a\0b"}, pointers={"docs/rollback.md": sha256(b"x")})
    assert found.state is EvidenceState.OBSERVED
    assert sorted(found.data["unread"]) == [
        "SECURITY.md: it holds NUL bytes: it is not text",
        "docs/rollback.md: it is a pointer: its text is not here",
    ]


def test_more_documents_than_the_bound_are_counted() -> None:
    files = {f"docs/{n:03}.md": b"# Usage\n\nRun the model.\n" for n in range(103)}
    found = card_of(files)
    assert found.data["unread"] == ("3 more documents were not read",)
    assert len(found.data["documents"]) == 100


def test_headings_beyond_any_use_do_not_take_long_and_stay_bounded() -> None:
    found = facts_of("".join(f"## Bias, training and results {n}\n\n0.5\n" for n in range(3_000)))
    assert len(found["sections"]) <= 1_000
    assert len(found["evaluations"]) <= 1_000


def test_nothing_at_all_is_absent() -> None:
    found = card_of({"config.json": b"{}"})
    assert (found.state, found.reason) == (
        EvidenceState.ABSENT,
        "there is no model card and no other document",
    )


@pytest.mark.parametrize(
    "text",
    [
        "[More Information Needed]",
        "More information needed",
        "TODO: describe the data",
        "TBD.",
        "*N/A*",
        "- **Developed by:** [More Information Needed]\n- **Funded by [optional]:**",
        "{{ bias_risks_limitations | default('[More Information Needed]', true) }}",
        "[Insert a description here]",
        "<!-- Here one says what the model is. -->",
        "| | |\n| --- | --- |",
        (
            "Users (both direct and downstream) should be made aware of the risks, biases and "
            "limitations of the model. More information needed for further recommendations."
        ),
        (
            "Carbon emissions can be estimated using the [calculator](https://example.org) "
            "presented in [Lacoste et al. (2019)](https://example.org/b)."
        ),
    ],
)
def test_a_placeholder_says_nothing(text: str) -> None:
    (one,) = [
        section
        for section in facts_of(f"# M\n\n## Limitations\n\n{text}\n")["sections"]
        if section["topic"] == "limitations"
    ]
    assert one["words"] == 0
    assert one["line"] == 3


@pytest.mark.parametrize(
    "text", ["To do sums it is too small.", "None of the tests failed.", "Known: it lies.", "12 %"]
)
def test_short_sentences_are_no_placeholders(text: str) -> None:
    assert substance(text).words
    assert not substance(text).placeholder


def test_headings_of_many_spellings_ask_for_topics() -> None:
    for heading, expected in (
        ("Bias, Risks, and Limitations", ("limitations", "bias-and-fairness")),
        ("Out-of-Scope Use", ("out-of-scope-use",)),
        ("Training Data", ("training-data",)),
        ("Training and evaluation data", ("training-data", "evaluation")),
        ("Red-teaming", ("robustness",)),
        ("Model Examination", ("explainability",)),
        ("Speeds, Sizes, Times", ("compute",)),
        ("Sunset", ("end-of-support",)),
        ("Rollback plan", ("rollback",)),
        ("Model Card Contact", ("contact",)),
        ("Reporting a vulnerability", ("security-contact",)),
        ("Human-in-the-loop", ("human-oversight",)),
        ("Citation", ()),
    ):
        assert topics_of(heading) == expected, heading


def test_a_section_counts_what_stands_below_its_deeper_headings() -> None:
    text = (
        "# M\n\nOne two three.\n\n## Uses\n\n### Direct use\n\nA b c d.\n\n## Limitations\n\nE f.\n"
    )
    found = words(text)
    assert found["intended-use"] == 4
    assert found["limitations"] == 2
    assert found["description"] == 3


def test_files_and_keys_stand_for_topics() -> None:
    found = facts_of(
        "---\ncontact: ml@example.org\n---\n# M\n",
        **{"CHANGELOG.md": "## 1.1\n\nTrained anew on clean data.\n", "SUPPORT": "Mail a@b.org"},
    )
    kinds = {(one["topic"], one["kind"], one["path"]) for one in found["sections"]}
    assert ("contact", "key", "README.md") in kinds
    assert ("changelog", "file", "CHANGELOG.md") in kinds
    assert ("contact", "file", "SUPPORT") in kinds


def test_results_of_the_front_matter_come_with_source_and_date() -> None:
    front = (
        "model-index:\n- name: a\n  results:\n  - task: {type: text-generation}\n"
        "    dataset: {type: d, name: Questions}\n    source: {name: lm-eval, date: 2026-10-02}\n"
        "    metrics:\n    - {type: accuracy, value: 0.9}\n    - {type: f1}\n  - 3\n- 4\n"
    )
    (one,) = facts_of(f"---\n{front}---\n")["evaluations"]
    assert one == {
        "origin": "model-index", "result": "accuracy text-generation", "harness": "lm-eval",
        "date": "2026-10-02", "dataset": "Questions", "path": "README.md", "line": 9,
    }  # fmt: skip


def test_results_of_the_text_need_figures() -> None:
    said = facts_of(
        "## Evaluation\n\nWith lm-evaluation-harness 0.4.9 on MMLU, 3 March 2026: 61.2 %.\n"
        "## Results\n\nThey are good.\n"
    )["evaluations"]
    assert [(one["harness"], one["dataset"], one["date"]) for one in said] == [
        ("lm-evaluation-harness 0.4.9", "MMLU", "3 March 2026")
    ]


@pytest.mark.parametrize(
    ("text", "date"),
    [("2026-02-30, later 2026-03", "2026-03"), ("v2026-1", ""), ("June 5, 2025.", "June 5, 2025")],
)
def test_a_date_is_one_of_the_calendar(text: str, date: str) -> None:
    assert date_in(text) == date


@pytest.mark.parametrize(
    ("value", "amount", "problem"),
    [
        ("12.5", "12.5", ""),
        ("'12.5'", "12.5", ""),
        ("0", "0", ""),
        ("12 kg", "", "text with a unit"),
        ("true", "", "no number"),
        ("[1]", "", "no number"),
        (".nan", "", "no number"),
        ("-1", "", "below zero"),
        ("1e30", "", "more grams"),
        ("'1e999999999'", "", "no number"),
    ],
)
def test_an_amount_of_the_front_matter_is_a_number_of_grams(
    value: str, amount: str, problem: str
) -> None:
    (one,) = facts_of(f"---\nco2_eq_emissions: {value}\n---\n")["energy"]
    assert one["amount"] == amount
    assert problem in one["problem"]
    assert bool(one["problem"]) == bool(problem)


def test_amounts_of_the_text_are_converted() -> None:
    text = (
        "## Environmental Impact\n\n- **Carbon Emitted:** 0.068 kg of CO2\n- CO2: 539 tCO2eq\n"
        "- **Energy Consumed**: 1,200.5 kWh at 120 gCO2eq/kWh, -3 MWh\n"
    )
    said = {one["written"]: one["amount"] for one in facts_of(text)["energy"]}
    assert said["0.068 kg"] == "68"
    assert said["539 t"] == "539000000"
    assert said["1,200.5 kWh"] == "1200.5"
    assert said["-3 MWh"] == ""


def test_every_preset_is_made_of_topics_and_holds_none_twice() -> None:
    assert len(BY_ID) == len(TOPICS)
    for name, wanted in PRESETS.items():
        assert len(set(wanted)) == len(wanted)
        assert [topic.id for topic in topics((name,))] == [t.id for t in TOPICS if t.id in wanted]
    with pytest.raises(KeyError):
        topics(("basic", "limitation"))
