"""Packages as components: hashes, licenses, what is inside them and what leads to them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.report import cyclonedx_records as make

from weighbridge.model.evidence import Evidence
from weighbridge.report.cyclonedx import render_as
from weighbridge.report.cyclonedx.package_parts import package_part
from weighbridge.report.cyclonedx.packages import Package
from weighbridge.report.cyclonedx.part import SpecVersion, view

OWN = "subject:dirHash1:" + "a" * 64
ENV = "environment:1"


def made(*evidence: Evidence) -> dict[str, Any]:
    record = make.record_of(*evidence)
    make.parse_xml(render_as(record, spec_version="1.7", format="xml"), "1.7")
    return make.load(render_as(record, spec_version="1.6", format="json"))


def graph(document: dict[str, Any]) -> dict[str, list[str]]:
    return {row["ref"]: row.get("dependsOn", []) for row in document["dependencies"]}


def recorded(name: str, **more: Any) -> dict[str, Any]:
    return {"package": name, "version": "1.0", "state": "verified", "reason": "",
            "record_sha256": "e" * 64, "files": 3, "verified": 2, "unhashed": 1,
            "differences": [], "difference_count": 0, **more}  # fmt: skip


def inside(ref: str, **more: Any) -> dict[str, Any]:
    return {"package": "wheel", "sbom": "wheel-1.0.dist-info/sboms/a.json", "ref": ref,
            "type": "library", "name": f"lib{ref}", "version": "3", "purl": f"pkg:cargo/lib{ref}@3",
            "license": "MIT", "hashes": ["sha256:" + "9" * 64], "requires": [], **more}  # fmt: skip


def test_the_hash_of_a_record_is_not_passed_off_as_that_of_a_release() -> None:
    found = make.components(made(
        make.packages_of(ENV, make.package("a"), make.package("b", hashes=["sha256:" + "1" * 64]),
                         make.package("c", hashes=[f"sha256:{n}" * 1 + "0" * 63 for n in (1, 2)])),
        make.installation_of(ENV, recorded=[recorded("a"), recorded("b"), recorded("c"),
                                            recorded("a", version="9", record_sha256="8" * 64)]),
    ))  # fmt: skip
    a, b, c = (found[f"package:{name}@1.0"] for name in "abc")
    assert a["hashes"] == [{"alg": "SHA-256", "content": "e" * 64}]
    assert "RECORD" in make.properties(a, "hash-of")[0]
    assert make.properties(a, "record") == ["verified, 2 of 3 files"]
    assert b["hashes"] == [{"alg": "SHA-256", "content": "1" * 64}]
    assert make.properties(b, "hash-of") == []
    assert c["hashes"] == [{"alg": "SHA-256", "content": "e" * 64}]
    assert len(c["externalReferences"][0]["hashes"]) == 2


def test_licenses_that_were_worked_out_keep_the_text_they_come_from() -> None:
    def license_of(**facts: Any) -> tuple[Any, list[str]]:
        found = make.components(made(make.packages_of("r.txt", make.package("a", **facts))))
        component = found["package:a@1.0"]
        return component.get("licenses"), make.properties(component, "license-declared")

    assert license_of() == (None, [])
    assert license_of(license="Apache 2.0 License", spdx="Apache-2.0") == (
        [{"license": {"id": "Apache-2.0", "acknowledgement": "concluded"}}],
        ["Apache 2.0 License"],
    )
    assert license_of(license="MIT OR Apache-2.0", license_is_expression=True) == (
        [{"expression": "MIT OR Apache-2.0", "acknowledgement": "declared"}],
        ["MIT OR Apache-2.0"],
    )
    assert license_of(license="House", spdx="LicenseRef-House")[0] == [
        {"expression": "LicenseRef-House", "acknowledgement": "concluded"}
    ]
    for broken in ("MIT OR ((", "LicenseRef-", "x" * 5_000, "MIT\x00", "NOT-A-LICENSE AND MIT"):
        (row,) = license_of(license="House", spdx=broken)[0]
        assert row == {"license": {"name": "House", "acknowledgement": "declared"}}


def test_what_is_embedded_lies_inside_its_package() -> None:
    document = made(
        make.packages_of(ENV, make.package("wheel"), make.package("other")),
        make.installation_of(ENV, components=[
            inside("1", requires=["2", "gone", "1"]), inside("2", requires=["1"]),
            inside("3", type="spaceship", purl="nonsense"), inside("3"),
        ]),
    )  # fmt: skip
    found = make.components(document)
    wheel = found["package:wheel@1.0"]
    assert [c["name"] for c in wheel["components"]] == ["lib1", "lib2", "lib3", "lib3"]
    assert "components" not in found["package:other@1.0"]
    first, second, third, _ = (c["bom-ref"] for c in wheel["components"])
    assert found[first]["purl"] == "pkg:cargo/lib1@3"
    assert "purl" not in found[third]
    assert make.properties(found[third], "purl") == ["nonsense"]
    edges = graph(document)
    assert edges[first] == [second]
    assert edges[second] == [first]
    assert third in edges["package:wheel@1.0"]


def test_edges_stay_in_the_source_that_has_them() -> None:
    document = made(
        make.packages_of("r.txt", make.package("a", requires=["b", "nowhere", "later"]),
                         make.package("b", "1.0", direct=False)),
        make.packages_of(ENV, make.package("b", "2.0", direct=False),
                         make.package("later", direct=False)),
    )  # fmt: skip
    edges = graph(document)
    assert edges["package:a@1.0"] == ["package:b@1.0", "package:later@1.0"]
    assert edges[OWN] == [
        *[ref for ref in edges[OWN] if ref.startswith("file:")], "package:a@1.0",
    ]  # fmt: skip


def test_circles_and_orphans_do_not_break_the_graph() -> None:
    document = made(make.packages_of(
        "r.txt",
        make.package("a", requires=["b", "a"], direct=None),
        make.package("b", requires=["a"], direct=None),
        make.package("lost", direct=False),
    ))  # fmt: skip
    edges = graph(document)
    assert edges["package:a@1.0"] == ["package:b@1.0"]
    assert edges["package:b@1.0"] == ["package:a@1.0"]
    assert "package:lost@1.0" not in edges[OWN]
    assert {"package:a@1.0", "package:b@1.0"} & set(edges[OWN])


def test_depth_and_the_way_to_a_package() -> None:
    found = make.components(made(make.packages_of(
        "uv.lock", make.package("a", requires=["b"]),
        make.package("b", requires=["c"], direct=False), make.package("c", direct=False),
    )))  # fmt: skip
    assert make.properties(found["package:c@1.0"], "depth") == ["3"]
    assert make.properties(found["package:c@1.0"], "introduced-by") == ["a > b > c"]


def test_other_kinds_of_packages_keep_their_own_identity() -> None:
    found = make.components(made(make.packages_of(
        "environment.yml", make.package("zlib"),
        make.package("zlib", purl="pkg:conda/zlib@1.0?channel=main"),
    )))  # fmt: skip
    assert found["package:zlib@1.0"]["purl"] == "pkg:pypi/zlib@1.0"
    assert found["package:conda/zlib@1.0"]["purl"] == "pkg:conda/zlib@1.0?channel=main"


def test_addresses_that_are_none_are_left_out() -> None:
    for url in ("javascript:alert(1)", "https://", "https://x.example/%zz", "http://a b",
                "https://x.example:port/", "//x.example", "https://x.example/#a#b",
                "https://[::1", "https://x.example/" + "a" * 5_000):  # fmt: skip
        found = make.components(made(make.packages_of("r.txt", make.package("a", url=url))))
        assert "externalReferences" not in found["package:a@1.0"], url
    good = "https://user@x.example:8080/a%20b;c?d=e&f#g"
    found = make.components(made(make.packages_of("r.txt", make.package("a", url=good))))
    assert found["package:a@1.0"]["externalReferences"][0]["url"] == good


_NAMES = st.text(min_size=1, max_size=30)
_URLS = st.sampled_from(["", "https://example.org/a", "ftp://h/x?y#z", "not an address"])
_LICENSES = st.sampled_from(
    ["", "MIT", "MIT OR Apache-2.0", "LicenseRef-own", "my own words", "\n"]
)
_HASHES = st.lists(
    st.sampled_from(["sha256:" + c * 64 for c in "ab"] + ["sha512:" + "c" * 128, "md5:0"]),
    max_size=3,
)


@pytest.mark.parametrize("version", ["1.6", "1.7"])
@given(
    name=_NAMES, number=_NAMES | st.just(""), purl=st.sampled_from(["", "pkg:pypi/a@1", "no purl"]),
    spdx=_LICENSES, text=_LICENSES, expression=st.booleans(), digests=_HASHES, urls=_URLS,
    supplier=_NAMES | st.just(""), record=st.sampled_from(["", "e" * 64]),
)  # fmt: skip
def test_a_package_is_written_as_the_library_writes_it(version: SpecVersion, **drawn: Any) -> None:
    fact: Any = make.package(
        "a", license=drawn["text"], spdx=drawn["spdx"], hashes=drawn["digests"],
        license_is_expression=drawn["expression"], supplier=drawn["supplier"], url=drawn["urls"],
    )  # fmt: skip
    key = ("pypi", drawn["name"], drawn["number"])
    package = Package(key, drawn["purl"], [("r.txt", fact)], record_sha256=drawn["record"])
    plain = package_part(package).plain
    assert plain is not None
    component: Any = plain.make()
    assert plain.json(version) == json.loads(component.as_json(view_=view(version)))
