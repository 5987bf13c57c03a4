"""Embedded components are written as the library writes them, without making it write them."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from weighbridge.report.cyclonedx.embedded import _as_json, _component
from weighbridge.report.cyclonedx.part import view

HEX = st.sampled_from(["sha256:" + "ab" * 32, "sha512:" + "0c" * 64, "md5:00", "sha256:short"])
FACT = st.fixed_dictionaries(
    {
        "package": st.just("pkg"),
        "sbom": st.just("pkg-1.0.dist-info/sboms/a.cdx.json"),
        "ref": st.text(max_size=5),
        "type": st.sampled_from(["library", "application", "file", "data", "none such", ""]),
        "name": st.text(max_size=20),
        "version": st.text(max_size=20) | st.just("1.0"),
        "purl": st.text(max_size=20)
        | st.sampled_from(["pkg:cargo/ring@0.16", "pkg:npm/%40a/b@1?x=y#z", "pkg:Cargo/A@1+2"]),
        "license": st.text(max_size=20)
        | st.sampled_from(["MIT", "MIT OR Apache-2.0", "LicenseRef-own", "MIT/Apache-2.0", ""]),
        "hashes": st.lists(HEX, max_size=3),
        "requires": st.just([]),
    }
)
EMPTY: dict[str, Any] = {"package": "p", "sbom": "", "ref": "", "type": "", "name": "",
                         "version": "", "purl": "", "license": "", "hashes": [],
                         "requires": []}  # fmt: skip


@given(FACT, st.sampled_from(["1.6", "1.7"]))
@example(EMPTY, "1.6")
@example({**EMPTY, "hashes": ["sha512:" + "0c" * 64, "sha256:" + "ab" * 32]}, "1.7")
def test_the_json_is_that_of_the_library(fact: Any, version: Any) -> None:
    component: Any = _component(fact, "embedded:pkg/0")
    written = json.loads(component.as_json(view_=view(version)))
    assert _as_json(fact, "embedded:pkg/0", version) == written
