# ruff: noqa: E501 - a sample reads best as one line
"""PMML and OpenVINO: the parts of a document refer to each other."""

from __future__ import annotations

import pytest
from tests.unit.weights import looking

from weighbridge.weights import xml_openvino, xml_pmml
from weighbridge.weights.inspection import Inspection
from weighbridge.weights.xml_model import inspect


def seen(text: str) -> Inspection:
    result: Inspection = looking.seen(inspect, text.encode())
    return result


def layer(number: int | str, *ports: int, kind: str = "ReLU", inside: str = "") -> str:
    given = "".join(f'<port id="{port}"><dim>-1</dim><dim>4</dim></port>' for port in ports)
    return f'<layer id="{number}" name="n" type="{kind}" version="opset1">{inside}<output>{given}</output></layer>'


def edge(start: int, port: int, stop: int, to: int) -> str:
    return f'<edge from-layer="{start}" from-port="{port}" to-layer="{stop}" to-port="{to}"/>'


def net(layers: str, edges: str = "", more: str = "") -> str:
    return f'<net name="m" version="11"><layers>{layers}</layers><edges>{edges}</edges>{more}</net>'


def test_networks_as_they_should_be() -> None:
    body = (
        f"<body><layers>{layer(0, 0)}{layer(7, 3)}</layers><edges>{edge(0, 0, 7, 3)}</edges></body>"
    )
    loop = layer(
        1,
        0,
        kind="TensorIterator",
        inside=f'<port_map><input external_port_id="0"/></port_map><back_edges><edge from-layer="5" to-layer="6"/></back_edges>{body}',
    )
    assert looking.clean(
        seen(net(layer(0, 0, 1) + loop + layer(2, 0), edge(0, 1, 1, 0) + edge(1, 0, 2, 0)))
    )
    parameter = '<data element_type="dynamic" shape="?"/>'
    assert looking.clean(seen(net(layer(0, 0, kind="Parameter", inside=parameter))))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (net(layer(0, 0) + layer(0, 0)), "duplicate-node"),
        (net(layer(0, 0, kind="")), "bad-node"),
        (net(layer("", 0)), "bad-node"),
        (net(layer(0, 0), edge(0, 0, 9, 0)), "bad-reference"),
        (net(layer(0, 0) + layer(1, 0), edge(0, 5, 1, 0)), "bad-reference"),
        (net(layer(0, 0).replace(">4<", ">-3<")), "bad-shape"),
        (net(layer(0, 0).replace(">4<", ">four<")), "bad-shape"),
        (net(""), "bad-model"),
        (net(layer(0, 0, kind="Parameter", inside='<data element_type="q7"/>')), "unknown-type"),
    ],
)  # fmt: skip
def test_networks_that_contradict_themselves(text: str, code: str) -> None:
    assert looking.codes(seen(text)) == {code}


def test_edges_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_openvino, "MAX_EDGES", 2)
    found = seen(net(layer(0, 0), edge(0, 0, 0, 0) * 2 + edge(8, 8, 8, 8) * 3))
    assert "edges" in found.incomplete_reason
    assert not found.issues


FIELDS = (
    '<DataDictionary numberOfFields="2"><DataField name="x"/><DataField name="y"/></DataDictionary>'
)


def pmml(*parts: str, version: str = ' version="4.4"') -> str:
    return f'<PMML xmlns="http://www.dmg.org/PMML-4_4"{version}><Header/>{"".join(parts)}</PMML>'


def test_documents_as_they_should_be() -> None:
    derived = '<DerivedField name="d"><FieldRef field="x"/></DerivedField><MapValues><InlineTable><row><FieldRef>1</FieldRef></row></InlineTable></MapValues>'
    use = '<SimplePredicate field="d"/><NumericPredictor name="y"/><SimplePredicate field="o"/><OutputField name="o"/>'
    assert looking.clean(seen(pmml(FIELDS, derived, use)))
    for version in ("2.0", "3.2", "4.0", "4.3", "4.4.1"):
        assert looking.clean(seen(pmml(FIELDS, version=f' version="{version}"')))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (pmml(), "bad-structure"),
        (pmml(FIELDS.replace('"2"', '"200"')), "bad-structure"),
        (pmml(FIELDS.replace('"y"', '"x"').replace('"2"', '"1"')), "duplicate-value"),
        (pmml(FIELDS, '<NumericPredictor name="ghost"/>'), "undefined-value"),
        (pmml(FIELDS, version=""), "bad-version"),
        (pmml(FIELDS, version=' version="new"'), "bad-version"),
    ],
)
def test_documents_that_contradict_themselves(text: str, code: str) -> None:
    assert looking.codes(seen(text)) == {code}


def test_a_later_version_is_a_gap() -> None:
    found = seen(pmml(FIELDS, version=' version="5.0"'))
    assert "version '5.0'" in found.incomplete_reason
    assert not found.issues


def test_fields_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_pmml, "MAX_FIELDS", 3)
    uses = "".join(f'<FieldRef field="f{n}"/>' for n in range(9))
    found = seen(pmml(FIELDS, uses))
    assert "fields beyond" in found.incomplete_reason
    assert not found.issues


def test_a_style_sheet_inside_a_document() -> None:
    space = 'xmlns:rt="http://xml.apache.org/xalan/java/java.lang.Runtime"'
    found = seen(
        pmml(FIELDS, f'<Extension name="x"><value-of {space} select="rt:exec()"/></Extension>')
    )
    assert [o.name for o in found.operations] == ["script"]
