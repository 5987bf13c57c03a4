"""One screen at a terminal."""

from __future__ import annotations

from dataclasses import replace

import pytest

from weighbridge.report import console


def text_of(record, **options):
    return console.render(record, **options).decode()


def test_the_verdict_stands_first(factory):
    lines = text_of(factory.make_record()).splitlines()
    assert lines[0].startswith("weighbridge: tiny-model")
    assert lines[1] == "Gate CLOSED. The policy is violated."
    assert text_of(factory.holding_record()).splitlines()[1] == "Gate OPEN. The policy holds."


def test_findings_have_place_and_remedy(factory):
    text = text_of(factory.make_record())
    assert "pytorch_model.bin!data.pkl@4242: Loading this file calls os.system." in text
    assert "> Convert the weights to safetensors" in text
    assert text.index("unsafe-content") < text.index("uncited-dataset")


def test_a_remedy_is_said_once(factory):
    assert text_of(factory.make_record()).count("Convert the weights") == 1


def test_gaps_are_named(factory):
    text = text_of(factory.make_record())
    for words in ("Not checked", "crashed-collector", "symlink-escape", "rules turned off (1)",
                  "No timestamp"):  # fmt: skip
        assert words in text


def test_a_waived_rule_is_no_failure(factory):
    text = text_of(factory.make_record())
    assert "unpinned-dependency" not in text
    assert "1 waived" in text


@pytest.mark.parametrize("make", ["make_record", "holding_record", "hostile_record", "large"])
@pytest.mark.parametrize("width", [40, 80, 200])
def test_it_fits_the_screen(make, width, factory):
    record = factory.large_record(500) if make == "large" else getattr(factory, make)()
    lines = text_of(record, width=width).splitlines()
    assert len(lines) <= console.MAX_LINES
    assert max(console._columns(line) for line in lines) <= width


def test_many_failing_rules_still_fit(factory):
    base = factory.make_record()
    many = tuple(replace(base.results[1], rule=f"rule-{n}") for n in range(60))
    lines = text_of(replace(base, results=many)).splitlines()
    assert len(lines) <= console.MAX_LINES
    assert "and 46 more rules (see the report)" in lines


def test_findings_not_shown_are_counted(factory):
    assert "of 50 findings shown" in text_of(factory.large_record(100))


def test_no_control_character_gets_through(factory):
    text = text_of(factory.hostile_record())
    assert not any(ord(c) < 32 and c != "\n" for c in text)
    assert "\u202e" not in text
    assert "\\u202e" in text


def test_color_only_when_asked(factory):
    record = factory.make_record()
    assert "\x1b" not in text_of(record)
    colored = text_of(record, color=True)
    assert "\x1b[31mGate CLOSED" in colored
    for code in ("\x1b[31m", "\x1b[33m", "\x1b[1m", "\x1b[2m", "\x1b[0m"):
        colored = colored.replace(code, "")
    assert colored == text_of(record)


def test_the_holding_report_is_quiet(factory):
    assert len(text_of(factory.holding_record()).splitlines()) <= 8
