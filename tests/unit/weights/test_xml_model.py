# ruff: noqa: E501 - a sample reads best as one line
"""PMML and OpenVINO: entities are refused, extensions are named, constants fit."""

from __future__ import annotations

import io
import time

import pytest

from weighbridge.formats.xml_start import looks_like_xml_model
from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.weights.inspection import Inspection
from weighbridge.weights.log import Log
from weighbridge.weights.source import file_source
from weighbridge.weights.xml_model import inspect

PMML = b"""<?xml version="1.0" encoding="UTF-8"?>
<PMML xmlns="http://www.dmg.org/PMML-4_4" version="4.4"><Header><Extension name="user" value="x"/></Header>
<DataDictionary/><TransformationDictionary><DefineFunction name="f" optype="continuous">
<Apply function="+"><Constant>1</Constant></Apply></DefineFunction></TransformationDictionary>
<RegressionModel functionName="regression"><RegressionTable intercept="1.5"/></RegressionModel></PMML>"""


def net(layer: bytes, version: bytes = b"11") -> bytes:
    return (
        b'<?xml version="1.0"?><net name="m" version="'
        + version
        + b'"><layers>'
        + layer
        + b"</layers></net>"
    )


def const(kind: bytes, shape: bytes, size: bytes, offset: bytes = b"0") -> bytes:
    return net(
        b'<layer id="1" name="c" type="Const" version="opset1"><data element_type="' + kind + b'" shape="'
        + shape + b'" offset="' + offset + b'" size="' + size + b'"/></layer>'
    )  # fmt: skip


def read(data: bytes) -> tuple[Inspection, str]:
    log, refused = Log(), ""
    try:
        inspect(file_source(io.BytesIO(data), len(data)), log)
    except HostileInput as error:
        refused = str(error)
    return log.freeze("xml"), refused


def test_an_external_entity_names_its_file() -> None:
    seen, refused = read(
        b'<!DOCTYPE PMML [<!ENTITY x SYSTEM "file:///etc/hostname">]><PMML version="4.4">&x;</PMML>'
    )
    assert [(o.verdict.value, o.action, o.name) for o in seen.operations] == [
        ("dangerous", "link", "file:///etc/hostname")
    ]
    assert "entities" in refused


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b'<!DOCTYPE PMML SYSTEM "http://host.example/x.dtd"><PMML/>', "http://host.example/x.dtd"),
        (b'<!DOCTYPE PMML PUBLIC "-//x" "y.dtd"><PMML/>', "y.dtd"),
        (b'<!DOCTYPE a [<!ENTITY % p SYSTEM "evil.dtd"> %p;]><PMML/>', "evil.dtd"),
        (
            b'<PMML xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="/etc/hostname"/></PMML>',
            "/etc/hostname",
        ),
        (
            b'<PMML><include xmlns="http://www.w3.org/2001/XInclude" href="/etc/hostname"/></PMML>',
            "/etc/hostname",
        ),
    ],
)
def test_other_ways_to_another_file(data: bytes, name: str) -> None:
    assert {(o.verdict.value, o.name) for o in read(data)[0].operations} == {("dangerous", name)}


def test_entities_that_grow_are_never_expanded() -> None:
    lines = b'<!ENTITY a "xxxxxxxxxx">' + b"".join(
        b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(20)
    )
    started = time.process_time()
    seen, refused = read(b"<!DOCTYPE PMML [" + lines + b"]><PMML>&u;</PMML>")
    assert time.process_time() - started < 0.5
    assert [i.code for i in seen.issues] == ["entity-declaration"]
    assert refused


def test_a_function_that_is_a_java_class() -> None:
    seen, _ = read(PMML.replace(b'function="+"', b'function="com.example.Run"'))
    assert [(o.verdict.value, o.name) for o in seen.operations] == [
        ("unlisted-call", "com.example.Run")
    ]


@pytest.mark.parametrize(
    ("layer", "name"),
    [
        (b'<layer id="0" name="x" type="Own" version="extension"/>', "extension.Own"),
        (b'<layer id="0" name="x" type="Own" version="my_ops"/>', "my_ops.Own"),
        (b'<layer id="0" name="x" type="Own"/>', ".Own"),
    ],
)
def test_a_layer_of_an_extension(layer: bytes, name: str) -> None:
    seen, _ = read(net(layer))
    assert [(o.verdict.value, o.action, o.name) for o in seen.operations] == [
        ("unlisted-call", "operator", name)
    ]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (const(b"f32", b"2, 2", b"12"), "size-mismatch"),
        (const(b"f32", b"-1", b"4"), "bad-shape"),
        (const(b"f32", b"2", b"x"), "bad-shape"),
        (const(b"f99", b"2", b"8"), "unknown-type"),
        (const(b"u4", b"3", b"3"), "size-mismatch"),
        (const(b"f32", b"9999999999999999999,9999999999999999999", b"4"), "size-mismatch"),
        (const(b"f32", b"1" * 30, b"4"), "bad-shape"),
    ],
)
def test_a_constant_that_does_not_fit(data: bytes, code: str) -> None:
    seen, refused = read(data)
    assert {i.code for i in seen.issues} == {code}
    assert not refused


@pytest.mark.parametrize(
    "data",
    [
        PMML,
        const(b"f32", b"2, 2", b"16"),
        const(b"u4", b"3", b"2"),
        const(b"i64", b"", b"8", b"64"),
        const(b"f32", b"0", b"0"),
        const(b"string", b"3", b"77"),
        net(b'<layer id="0" name="x" type="VocabDecoder" version="extension"/>'),
        net(
            b'<layer id="0" name="x" type="Relu" version="opset13"><data shape="?,3" element_type="f32"/></layer>'
        ),
    ],
)
def test_ordinary_models_are_nothing_to_report(data: bytes) -> None:
    seen, refused = read(data)
    assert (seen.operations, seen.issues, seen.gaps, refused) == ((), (), (), "")
    assert looks_like_xml_model(data[:4096], len(data))


def test_constants_are_counted() -> None:
    seen, _ = read(const(b"f16", b"4, 3, 2", b"48"))
    assert (seen.tensors, seen.parameters, seen.dtypes) == (1, 24, ("f16",))


@pytest.mark.parametrize(
    "data",
    [
        b"", b"<PMML", b"<PMML></net>", b"<html/>", b"plain", b'<?xml version="1.0" encoding="foo"?><PMML/>',
        b"<PMML>\xff</PMML>", b"<PMML/><PMML/>", b"<PMML a='1' a='2'/>", b"<PMML>&x;</PMML>",
    ],
)  # fmt: skip
def test_what_is_no_model(data: bytes) -> None:
    assert read(data)[1]


def test_an_old_representation_is_a_gap() -> None:
    assert read(net(b"", b"7"))[0].gaps


@pytest.mark.parametrize(
    "data",
    [b"<PMML>" + b"<a>" * 5000, b"<PMML>" + b"<a/>" * 1_100_000, b'<PMML a="' + b"x" * 12_000_000],
)
def test_bounds(data: bytes) -> None:
    started = time.process_time()
    with pytest.raises(BoundExceeded):
        inspect(file_source(io.BytesIO(data), len(data)), Log())
    assert time.process_time() - started < 6  # three times the bound: these run beside others


def test_other_xml_is_not_taken() -> None:
    for head in (
        b"<html><body>",
        b"<network name='x' version='1'>",
        b"<net>",
        b"PMML",
        b'{"a":"<PMML>"}',
    ):
        assert not looks_like_xml_model(head, 100), head
