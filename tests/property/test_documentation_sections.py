"""Sections of any text: lines that are there, words that are there, and never an error."""

from __future__ import annotations

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

from weighbridge.collect import documentation
from weighbridge.collect.context import CollectContext
from weighbridge.collect.documentation_prompts import front_matter, parse_record
from weighbridge.collect.documentation_sections import read_sections, substance
from weighbridge.edge.text import visible
from weighbridge.model.documentation import BY_ID
from weighbridge.model.errors import HostileInput
from weighbridge.testing.memory import snapshot_of

LINES = st.sampled_from(
    ["# Model", "## Limitations", "### Bias", "Training data", "---", "===", "```", "<!--", "-->",
     "TODO", "- **Hardware:**", "[More Information Needed]", "It fails.", "12 kg CO2", "0.91 | 2",
     "{{ x }}", "", "    ", "| a | b |", "\u202e", "co2_eq_emissions: 12 kg", "model-index: [1]"]
)  # fmt: skip
TEXTS = st.lists(st.one_of(LINES, st.text(max_size=30)), max_size=40).map("\n".join)


@given(TEXTS, st.integers(min_value=1, max_value=50))
def test_sections_stand_where_they_say(body: str, first: int) -> None:
    lines = body.split("\n")
    for section, text in read_sections("README.md", body, first):
        assert section["topic"] in BY_ID
        assert 0 <= section["line"] - first < len(lines)
        assert section["words"] <= len(body)
        assert not (section["words"] and section["placeholder"])
        assert visible(section["heading"]) == section["heading"]
        assert substance(text).words == section["words"]


@given(TEXTS)
def test_a_placeholder_never_adds_words(text: str) -> None:
    for placeholder in ("[More Information Needed]", "TODO", "- **Label:**"):
        assert substance(f"{text}\n{placeholder}").words == substance(text).words


@settings(max_examples=50)
@given(TEXTS, TEXTS)
def test_any_folder_ends_as_two_pieces_of_evidence(card: str, record: str) -> None:
    files = {
        "README.md": card.encode("utf-8", "replace"),
        "prompts.yaml": record.encode("utf-8", "replace"),
        "prompts/a.md": b"---\n" + record.encode("utf-8", "replace"),
    }
    context = CollectContext(snapshot_of(files), dt.date(2026, 11, 20), offline=True)
    found = list(documentation.collect(context))
    assert [evidence.about for evidence in found] == ["card", "prompts"]
    assert all(evidence.digest for evidence in found)  # it is JSON


@given(TEXTS, st.binary(max_size=200))
def test_records_and_front_matter_raise_only_what_they_say(text: str, data: bytes) -> None:
    for read in (
        lambda: parse_record(text, "prompts.yaml"),
        lambda: front_matter(b"---\n" + data + b"\n---\n", "a.md"),
        lambda: front_matter(data, "a.md"),
    ):
        try:
            read()
        except HostileInput as error:
            assert error.message
