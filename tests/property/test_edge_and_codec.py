"""Readers at the edge end in a value or a typed error, given anything; records read back."""

import dataclasses
import datetime as dt
import json

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from weighbridge.edge.json import load_json
from weighbridge.edge.text import visible
from weighbridge.edge.yaml import load_yaml
from weighbridge.model.artifact import Artifact, Kind, Presence
from weighbridge.model.canonical import canonical, freeze, thaw
from weighbridge.model.codec import from_json, to_json
from weighbridge.model.digest import sha256
from weighbridge.model.errors import HostileInput
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.finding import Finding, Location, Outcome, Severity

text = st.text(st.characters(codec="utf-8"), max_size=20)
leaves = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | text
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=12,
)


@given(st.text(max_size=200))
@example("a: \ud800")
@example("&a [*a]")
@example("a: !!python/name:os.system ''")
@example("? {a: b}\n: c")
@example("- - - -")
@example("\x85")
@example("<<: *x")
@example("0o8: 1_0")
@example("a: 9" * 5000)
def test_yaml_is_a_value_or_a_typed_error(source: str) -> None:
    try:
        document = load_yaml(source, source="x.yaml")
    except HostileInput as error:
        assert "x.yaml" in error.message
    else:
        assert all(line >= 1 for line in document.lines.values())


@given(values)
def test_yaml_agrees_with_safe_load_on_plain_documents(value) -> None:
    source = yaml.safe_dump(value, allow_unicode=True)
    assert load_yaml(source, source="x").value == yaml.safe_load(source)


@given(st.binary(max_size=100) | values.map(lambda v: json.dumps(v).encode()))
def test_json_is_a_value_or_a_typed_error(data: bytes) -> None:
    try:
        value = load_json(data, source="x.json")
    except HostileInput as error:
        assert "x.json" in error.message
    else:
        assert value == json.loads(data)


@given(values)
def test_canonical_json_reads_back_and_has_sorted_keys(value) -> None:
    data = canonical(value)
    assert json.loads(data) == value
    assert canonical(json.loads(data)) == data
    assert thaw(freeze(value)) == value
    assert canonical(freeze(value)) == data


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        # RFC 8785, section 3.2.2 and appendix B
        (
            [1e30, 4.5, 2e-3, 1e-27, 333333333.33333329],
            b"[1e+30,4.5,0.002,1e-27,333333333.3333333]",
        ),
        ({"\u20ac": 1, "\r": 2, "\u0080": 3, "\U0001f600": 4, "1": 5},
         '{"\\r":2,"1":5,"\u0080":3,"\u20ac":1,"\U0001f600":4}'.encode()),
        ("\u20ac$\x0f\nA'B\"\\\\\"/", b'"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'),
        (-0.0, b"0"),
    ],
)  # fmt: skip
def test_canonical_json_is_that_of_the_rfc(value, expected) -> None:
    assert canonical(value) == expected


evidence = st.builds(
    Evidence,
    kind=st.sampled_from(EvidenceKind),
    about=text,
    state=st.sampled_from(EvidenceState),
    source=text,
    collector=text,
    reason=st.text(st.characters(codec="utf-8"), min_size=1, max_size=5),
    data=st.dictionaries(text, values, max_size=3),
    raw=st.just(()) | st.just((sha256(b"x"),)),
)
locations = st.none() | st.builds(Location, text, st.integers(0, 99), st.integers(-1, 99), text)
findings = st.builds(
    Finding,
    outcome=st.sampled_from([Outcome.FAIL, Outcome.UNKNOWN, Outcome.MANUAL]),
    message=text,
    remedy=text,
    location=locations,
    key=text,
    severity=st.none() | st.sampled_from(Severity),
)


@given(evidence | findings)
def test_types_of_the_vocabulary_read_back(value) -> None:
    body = json.loads(canonical(to_json(value)))
    assert from_json(type(value), body) == value


@given(evidence, st.data())
def test_a_record_with_a_field_missing_added_or_mistyped_is_refused(value, data) -> None:
    body = to_json(value)
    name = data.draw(st.sampled_from([f.name for f in dataclasses.fields(Evidence) if f.init]))
    for change in (
        {k: v for k, v in body.items() if k != name},
        {**body, "surprise": 1},
        {**body, name: 7},
        {**body, "kind": "no-such-kind"},
    ):
        with pytest.raises(HostileInput):
            from_json(Evidence, change)


@pytest.mark.parametrize("size", [True, "1", 1.0, None])
def test_a_number_is_not_a_truth_value(size) -> None:
    artifact = Artifact("a", 1, Kind.TEXT, Presence.CONTENT)
    with pytest.raises(HostileInput):
        from_json(Artifact, {**to_json(artifact), "size": size})


def test_dates_are_read_strictly() -> None:
    assert to_json(dt.date(2026, 11, 20)) == "2026-11-20"


@given(st.text(max_size=50))
def test_what_is_shown_has_no_control_characters(source: str) -> None:
    import unicodedata

    shown = visible(source)
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") for c in shown)
