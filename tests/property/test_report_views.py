"""Whatever a stranger writes: views do not crash, keep to their widths and pass nothing active."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import replace
from pathlib import Path

import jsonschema_rs
from hypothesis import given, settings
from hypothesis import strategies as st

from weighbridge.model.artifact import Artifact, Kind, Presence
from weighbridge.model.finding import Finding, Location, Outcome
from weighbridge.report import console, json_v1, pdf, sarif
from weighbridge.report.json_schema import json_schema
from weighbridge.report.pdf.glyphs import MONO, REGULAR, faces

_PATH = Path(__file__).parents[1] / "unit" / "report" / "factory.py"
_SPEC = importlib.util.spec_from_file_location("report_factory_for_properties", _PATH)
assert _SPEC
assert _SPEC.loader
factory = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(factory)

SCHEMA = jsonschema_rs.validator_for(json_schema(), validate_formats=True)
# A record cannot hold lone surrogates: canonical JSON refuses them.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


@st.composite
def records(draw):
    base = factory.make_record()
    name, path, message, remedy, key = (draw(texts) for _ in range(5))
    place = Location(path, draw(st.integers(0, 9)), draw(st.integers(-1, 9)), draw(texts))
    outcome = draw(st.sampled_from([Outcome.FAIL, Outcome.UNKNOWN, Outcome.MANUAL]))
    finding = Finding(outcome, message, remedy, place, key)  # fmt: skip
    files = (Artifact(path, 1, Kind.TEXT, draw(st.sampled_from(Presence))),)
    result = replace(base.results[1], findings=(finding,) * draw(st.integers(1, 3)), note=message,
                     summary=remedy)  # fmt: skip
    return replace(
        base,
        subject=replace(base.subject, name=name),
        artifacts=files,
        results=(result,),
        verdict=replace(base.verdict, reasons=(message, remedy)),
    )


@given(records(), st.integers(40, 120))
@settings(max_examples=60, deadline=None)
def test_console_keeps_its_width_and_shows_no_control(record, width):
    lines = console.render(record, width=width).decode().split("\n")
    for line in lines:
        assert console.columns(line) <= width
        assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 for c in line)
        assert not any("\u202a" <= c <= "\u202e" or "\u2066" <= c <= "\u2069" for c in line)


@given(records())
@settings(max_examples=60, deadline=None)
def test_json_follows_its_schema(record):
    rendered = json_v1.render(record)
    SCHEMA.validate(json.loads(rendered))
    assert rendered.isascii()


@given(records())
@settings(max_examples=60, deadline=None)
def test_sarif_has_one_result_a_finding_and_relative_uris(record):
    run = json.loads(sarif.render(record))["runs"][0]
    assert len(run["results"]) == len(record.results[0].findings)
    for result in run["results"]:
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert uri.isascii()
        assert not uri.startswith("/")
        assert ":" not in uri
        assert "](" not in result["message"]["text"]


@given(records())
@settings(max_examples=25, deadline=None)
def test_pdf_pages_stay_within_their_margins(record):
    flow = pdf.lay_out(record, record.digest)
    for page in flow.pages:
        for line in page.lines:
            assert line.x >= 51.9
            assert line.x + line.face.width(line.shown, line.size) <= 543.5
            assert 40 <= line.y <= 783


@given(records())
@settings(max_examples=10, deadline=None)
def test_pdf_is_the_same_twice(record):
    assert pdf.render(record) == pdf.render(record)


@given(st.text(max_size=400), st.sampled_from([REGULAR, MONO]), st.floats(20, 300))
@settings(max_examples=200, deadline=None)
def test_wrapping_loses_nothing_and_keeps_the_width(text, name, width):
    face = faces()[name]
    shown = face.show(text)
    lines = face.wrap(shown, 8, width)
    assert "".join(lines).replace(" ", "") == shown.replace(" ", "")
    assert all(face.width(line, 8) <= width + 1e-6 for line in lines)
