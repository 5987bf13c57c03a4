"""Page one: what it says, in whatever state the record is, and that it is one page."""

from __future__ import annotations

import dataclasses

import pytest

from weighbridge.model.errors import ExitCode
from weighbridge.model.finding import Outcome, Severity
from weighbridge.model.policy import Mode
from weighbridge.model.record import Verdict
from weighbridge.report import pdf
from weighbridge.report.pdf import chart
from weighbridge.report.pdf.brief import MAX_RISKS, risks
from weighbridge.report.pdf.plain import MEANING, meaning
from weighbridge.report.pdf.style import FLOOR
from weighbridge.report.pdf.words import MAX_STEPS, means, steps
from weighbridge.rules.registry import load_rules


def brief(record):
    flow = pdf.lay_out(record, record.digest)
    return " ".join(line.shown for line in flow.pages[0].lines)


def test_it_says_it_plainly(factory):
    record = factory.make_record()
    said = brief(record)
    for part in ("Gate CLOSED", "The policy is violated", "tiny-model", str(record.subject.digest),
                 "as of 2026-11-20", "org-baseline 1.4.0", str(record.digest), "weighbridge 0.1.0",
                 "No timestamp", "must not be shipped as it is", "Outcomes by area",
                 "Loading this model can run code that was hidden in its files.",
                 "unsafe-content · critical · 2 findings, closes the gate",
                 "pytorch_model.bin: Loading this file calls os.system.",
                 "To do: Convert the weights to safetensors and remove this file.",
                 "None of it counts as passed.", "crashed collector: vulnerabilities",
                 "weighbridge report verify PACK"):  # fmt: skip
        assert part in said, part


@pytest.mark.parametrize("make", ["make_record", "hostile_record", "holding_record"])
def test_it_is_one_page_and_the_contents_come_next(make, factory):
    record = getattr(factory, make)()
    flow = pdf.lay_out(record, record.digest)
    lines = flow.pages[0].lines
    assert max(line.y for line in lines) < FLOOR
    assert {"Top risks, and what to do about each", "Timestamp"} <= {line.shown for line in lines}
    assert "Contents" in {line.shown for line in flow.pages[1].lines}


@pytest.mark.parametrize("long", ["word " * 4000, "x" * 20_000, "\u202e" * 500, "深" * 3000])
def test_long_texts_everywhere_do_not_overflow(long, factory, overlaps):
    base = factory.make_record()
    results = tuple(
        dataclasses.replace(
            base.results[1],
            rule=f"rule-{number}-{long}",
            family=f"{number}{long}",
            summary=long,
            findings=tuple(
                dataclasses.replace(f, message=long, remedy=long) for f in base.results[1].findings
            ),
        )
        for number in range(20)
    )
    record = dataclasses.replace(
        base,
        results=results,
        subject=dataclasses.replace(base.subject, name=long),
        policy=dataclasses.replace(base.policy, id=long, owner=long),
        verdict=Verdict(False, ExitCode.VIOLATED, (long,) * 9),
        problems=tuple(dataclasses.replace(base.problems[0], path=long, detail=long)
                       for _ in range(3)),
    )  # fmt: skip
    flow = pdf.lay_out(record, record.digest)
    assert overlaps(flow.pages[0]) == []
    assert overlaps(flow.pages[1]) == []
    said = " ".join(line.shown for line in flow.pages[0].lines)
    assert "more rules that fail" in said
    assert "What to do next" in said


def test_every_rule_has_a_meaning_of_its_own():
    names = {rule.META.id for rule in load_rules()}
    assert names - set(MEANING) == set(), "say in plain.py what it means that these do not hold"
    assert set(MEANING) - names == set()
    assert len(set(MEANING.values())) == len(MEANING)
    assert all(text.endswith(".") and len(text) <= 78 for text in MEANING.values())


def test_an_unknown_rule_is_told_by_what_it_checks(factory):
    result = dataclasses.replace(factory.make_record().results[0], rule="of-tomorrow")
    assert meaning(result) == ("It does not hold that every weight file is covered by a signature.")
    assert meaning(dataclasses.replace(result, summary="")) == "The rule of-tomorrow does not hold."


def test_the_worst_come_first_and_waived_findings_are_no_risk(factory):
    base = factory.make_record()
    failing = base.results[1]
    low = dataclasses.replace(failing, rule="low", severity=Severity.LOW, closes_gate=False)
    high = dataclasses.replace(failing, rule="high", severity=Severity.HIGH, closes_gate=False)
    off = dataclasses.replace(failing, rule="off", mode=Mode.OFF)
    waived = dataclasses.replace(failing.findings[0], waiver="W-1", severity=Severity.CRITICAL)
    mixed = dataclasses.replace(failing, findings=(waived, failing.findings[1]))
    record = dataclasses.replace(base, results=(low, off, high, mixed))
    found = risks(record)
    assert [result.rule for result, _ in found] == ["unsafe-content", "high", "low"]
    assert found[0][1] == failing.findings[1]


def test_no_more_risks_than_promised(factory):
    base = factory.make_record()
    many = tuple(dataclasses.replace(base.results[1], rule=f"rule-{n}") for n in range(30))
    said = brief(dataclasses.replace(base, results=many))
    assert said.count("closes the gate") == MAX_RISKS
    assert "and 25 more rules that fail" in said


@pytest.mark.parametrize("code", list(ExitCode))
def test_every_verdict_has_a_meaning(code, factory):
    record = factory.make_record(verdict=Verdict(code is ExitCode.HOLDS, code, ()))
    said = means(record)
    assert said.endswith(".")
    assert ("may be shipped" in said) == (code is ExitCode.HOLDS)


def test_steps_are_few_and_end_with_verifying(factory):
    record = factory.make_record()
    assert len(steps(record)) == MAX_STEPS
    assert "report verify" in steps(record)[-1]
    quiet = steps(factory.holding_record())
    assert quiet == ["Check this report with: weighbridge report verify PACK. Then sign it off."]


def test_the_chart_counts_every_rule_once(factory):
    record = factory.make_record()
    areas = chart.outcomes_by_area(record)
    assert sum(sum(counts.values()) for _, counts in areas) == len(record.results)
    said = {area: chart.in_words(counts) for area, counts in areas}
    assert said["weights"] == "1 fail, 1 unknown"
    many = tuple(dataclasses.replace(record.results[0], family=f"f{n}") for n in range(40))
    cut = chart.outcomes_by_area(dataclasses.replace(record, results=many))
    assert cut[-1][0] == "30 more areas"
    assert sum(sum(counts.values()) for _, counts in cut) == 40


def test_outcomes_are_told_apart_without_color(factory):
    """Each has a hatching of its own, or is the only one filled or left empty."""
    styles = [chart._HATCH.get(outcome, outcome) for outcome in Outcome]
    assert len(set(styles)) == len(Outcome)
    flow = pdf.lay_out(factory.make_record(), factory.make_record().digest)
    boxes = [rect for rect in flow.pages[0].rects if rect.element.role == "Figure"]
    for path in flow.pages[0].paths:
        assert path.element.role == "Figure"
        for x, y in path.points:
            assert any(
                box.x - 0.01 <= x <= box.x + box.width + 0.01
                and box.y - 0.01 <= y <= box.y + box.height + 0.01
                for box in boxes
            )
