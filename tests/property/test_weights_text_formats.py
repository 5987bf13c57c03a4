# ruff: noqa: E501 - a sample reads best as one line
"""The readers of templates, configurations, R data, XML, msgpack, trees and skops against bytes that
no tool wrote: an inspection or HostileInput, never another exception, and never long."""

from __future__ import annotations

import io
import json
import struct
import time
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.property.mutation import mutated

from weighbridge.formats import (
    msgpack_start,
    r_data_start,
    trees_start,
    xgboost_start,
    xml_start,
)
from weighbridge.model.errors import HostileInput
from weighbridge.weights import (
    config_json,
    gbdt,
    gbdt_text,
    msgpack,
    rds,
    skops,
    templates,
    xml_model,
    yaml_config,
)
from weighbridge.weights.inspection import Inspection
from weighbridge.weights.log import Log
from weighbridge.weights.source import Source, file_source

_TEMPLATE = (
    b"{%- macro f(a, b=1) -%}{{ a ~ b }}{%- endmacro -%}{% set ns = namespace(x=0) %}{% for m in messages[1:] "
    b"if m.role != 'x' %}{% set ns.x = ns.x + 1 %}{{ f(m['content'] | trim | tojson(indent=4)) if m.content is "
    b"defined else '' }}{% endfor %}{# c #}{% raw %}{{{% endraw %}{{ x.__class__ }}"
)
_R = b"X\n" + struct.pack(">iiii", 3, 0x40301, 0x30500, 5) + b"UTF-8" + struct.pack(
    ">17i", 19, 3, 5 | 0x400, 253, 252, 254, 2 | 0x400, 1, 0x40009, 0, 13, 1, 7, 254, 4, 0, 253
) + struct.pack(">4i", 254, 254, 254, 254)  # fmt: skip
_SKOPS = {
    "__class__": "A", "__module__": "m", "__loader__": "ObjectNode", "protocol": 2,
    "content": {"__class__": "system", "__module__": "os", "__loader__": "FunctionNode"},
}  # fmt: skip
_XGB = {
    "learner": {
        "gradient_booster": {
            "name": "gbtree",
            "model": {
                "gbtree_model_param": {"num_trees": "1"}, "tree_info": [0],
                "trees": [{"left_children": [-1], "right_children": [-1], "tree_param": {"num_nodes": "1"}}],
            },
        }
    }
}  # fmt: skip
_LGB = (
    b"tree\nversion=v4\ntree_sizes=61\n\nTree=0\nnum_leaves=2\nleft_child=-1\nright_child=-2\nleaf_value=1 2\n\n\n"
    b"end of trees\n"
)


def _schema(source: Source, log: Log) -> None:
    skops.inspect_schema(source.head(source.size), log)


SEEDS: dict[str, tuple[Callable[[Source, Log], None], bytes]] = {
    "template": (templates.inspect, _TEMPLATE),
    "json": (
        lambda source, log: config_json.inspect_config(source, log, "model_index.json"),
        json.dumps(
            {"auto_map": {"A": "x.Y"}, "_target_": "os.system", "unet": ["a", "B"], "chat_template": "{{ x }}"}
        ).encode(),
    ),
    "yaml": (yaml_config.inspect, b"a: &x !!python/name:os.system\nb: [*x, {_target_: x.y, 'c': >-\n  d}]\n--- !t\n"),
    "rds": (rds.inspect, _R),
    "rds-ascii": (rds.inspect, b"A\n2\n262913\n131840\n531\n1\n16\n2\n262153\n5\na\\040b\\n\n9\n-1\n254\n"),
    "xml": (
        xml_model.inspect,
        b'<?xml version="1.0"?><net name="m" version="11"><layers><layer id="1" name="c" type="Const" version="opset1"><data element_type="f32" shape="2, 2" offset="0" size="16"/></layer></layers></net>',
    ),
    "msgpack": (msgpack.inspect, b"\x82\xa1a\xc7\x0e\x01\x93\x92\x01\x02\xa5int16\xc4\x04abcd\xa1b\xd9\x02xy"),
    "xgboost-json": (gbdt.inspect_xgboost_json, json.dumps(_XGB).encode()),
    "xgboost-ubjson": (
        gbdt.inspect_xgboost_ubjson,
        b"{L\0\0\0\0\0\0\0\x07learner{i\x01a[$l#L\0\0\0\0\0\0\0\x02\0\0\0\1\0\0\0\2i\x01b[i\1SU\1x]}}",
    ),
    "lightgbm": (gbdt_text.inspect_lightgbm, _LGB),
    "catboost": (gbdt_text.inspect_catboost, b"CBM1\x28\0\0\0" + struct.pack("<IHHHHiI", 12, 8, 8, 4, 0, 8, 20) * 2),
    "skops": (_schema, json.dumps(_SKOPS).encode()),
}  # fmt: skip


def read(name: str, data: bytes) -> Inspection:
    log = Log()
    started = time.process_time()
    try:
        SEEDS[name][0](file_source(io.BytesIO(data), len(data)), log)
    except HostileInput as error:
        log.gap(str(error))
    assert time.process_time() - started < 2
    return log.freeze(name)


@pytest.mark.parametrize("name", SEEDS)
@given(data=st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_mutated_file_ends_in_an_inspection(name: str, data: st.DataObject) -> None:
    raw = mutated(data, SEEDS[name][1])
    read(name, raw)


@pytest.mark.parametrize("name", SEEDS)
@given(data=st.binary(max_size=200))
@settings(max_examples=60, deadline=None)
def test_any_bytes_end_in_an_inspection(name: str, data: bytes) -> None:
    read(name, data)
    read(name, SEEDS[name][1][:20] + data)


@pytest.mark.parametrize("name", SEEDS)
def test_every_prefix_ends_in_an_inspection(name: str) -> None:
    whole = SEEDS[name][1]
    for end in range(len(whole)):
        read(name, whole[:end])


_LANGUAGE = """
    a 'b' 1 __class__ . [ ] ( ) { } | : , = == - + ~ not in is if else for and or set macro endfor
    endif {{ }} {% %} {# #} raw endraw attr join namespace loop
"""
_WORDS = st.sampled_from(_LANGUAGE.split())


@given(st.lists(_WORDS, max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_words_of_the_template_language(words: list[str]) -> None:
    read("template", " ".join(words).encode())


@given(st.text(st.sampled_from("_clas"), min_size=1, max_size=12), st.integers(1, 11))
def test_a_name_that_is_split_is_the_name(name: str, at: int) -> None:
    """However a special name is cut into two texts, the sum of them is judged."""
    full = f"__{name}__"
    left, right = full[:at], full[at:]
    whole = read("template", f"{{{{ x['{full}'] }}}}".encode())
    cut = read("template", f"{{{{ x['{left}' ~ '{right}'] }}}}".encode())
    assert {(o.verdict, o.name) for o in whole.operations} == {
        (o.verdict, o.name) for o in cut.operations
    }


_HEADS = (
    xgboost_start.looks_like_xgboost_json, xgboost_start.looks_like_xgboost_ubjson,
    trees_start.looks_like_lightgbm, trees_start.looks_like_catboost, xgboost_start.looks_like_xgboost_binary,
    msgpack_start.looks_like_msgpack, r_data_start.looks_like_rds, xml_start.looks_like_xml_model,
)  # fmt: skip


@given(st.binary(max_size=100), st.integers(0, 200))
@settings(deadline=None)
def test_recognition_never_raises(head: bytes, size: int) -> None:
    for looks in _HEADS:
        assert looks(head, size) in (True, False)
    assert skops.looks_like_schema(head) in (True, False)
    assert sum(looks(head, max(size, len(head))) for looks in _HEADS) <= 1
