"""Checking bills of materials of any tool: hostile input first, then what a schema cannot see."""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weighbridge.model.errors import ExitCode
from weighbridge.report import sbom_check
from weighbridge.report.sbom_check import Level, SbomReport, check_sbom, graphs

CYCLONEDX = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "version": 1,
    "metadata": {
        "timestamp": "2026-11-20T00:00:00Z",
        "authors": [{"name": "Ada"}],
        "component": {"type": "application", "name": "app", "bom-ref": "app", "version": "1"},
    },
    "components": [
        {"type": "library", "name": "a", "version": "1", "bom-ref": "a",
         "purl": "pkg:pypi/a@1", "supplier": {"name": "S"},
         "hashes": [{"alg": "SHA-256", "content": "a" * 64}],
         "licenses": [{"license": {"id": "MIT"}}]},
        {"type": "library", "name": "b", "bom-ref": "b"},
    ],
    "dependencies": [{"ref": "app", "dependsOn": ["a"]}, {"ref": "a", "dependsOn": ["b"]}],
}  # fmt: skip
SPDX2 = {
    "SPDXID": "SPDXRef-DOCUMENT", "spdxVersion": "SPDX-2.3", "name": "n", "dataLicense": "CC0-1.0",
    "documentNamespace": "https://example.org/n",
    "creationInfo": {"created": "2026-11-20T00:00:00Z", "creators": ["Tool: t-1"]},
    "packages": [
        {"SPDXID": "SPDXRef-a", "name": "a", "downloadLocation": "NOASSERTION",
         "versionInfo": "1", "supplier": "Organization: S"},
        {"SPDXID": "SPDXRef-b", "name": "b", "downloadLocation": "NONE"},
    ],
    "relationships": [
        {"spdxElementId": "SPDXRef-a", "relatedSpdxElement": "SPDXRef-b",
         "relationshipType": "DEPENDS_ON"},
    ],
}  # fmt: skip
SPACE = "urn:example:1#"
INFO = {"type": "CreationInfo", "@id": "_:c", "created": "2026-11-20T00:00:00Z",
        "createdBy": [f"{SPACE}me"], "specVersion": "3.0.1"}  # fmt: skip


def element(type_: str, name: str, /, **more: object) -> dict:
    return {"type": type_, "spdxId": f"{SPACE}{name}", "creationInfo": "_:c", **more}


def relation(name: str, source: str, kind: str, *to: str) -> dict:
    return element("Relationship", name, relationshipType=kind, to=[f"{SPACE}{t}" for t in to],
                   **{"from": f"{SPACE}{source}"})  # fmt: skip


SPDX3 = {
    "@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld",
    "@graph": [
        INFO,
        element("Person", "me", name="Ada"),
        element("SpdxDocument", "doc", rootElement=[f"{SPACE}a"]),
        element("software_Package", "a", name="a", software_packageVersion="1"),
        element("software_Package", "b", name="b"),
        relation("r1", "a", "dependsOn", "b"),
    ],
}
XML = """<?xml version="1.0" encoding="UTF-8"?>
<bom xmlns="http://cyclonedx.org/schema/bom/1.6" version="1">
  <metadata><timestamp>2026-11-20T00:00:00Z</timestamp>
    <component type="application" bom-ref="app"><name>app</name></component></metadata>
  <components>
    <component type="library" bom-ref="a"><name>a</name><version>1</version>
      <purl>pkg:pypi/a@1</purl></component>
  </components>
  <dependencies>
    <dependency ref="app"><dependency ref="a"/></dependency>
    <dependency ref="a"/>
  </dependencies>
</bom>
"""


def check(document: object) -> SbomReport:
    return check_sbom(json.dumps(document).encode())


def changed(document: dict, change) -> SbomReport:
    copied = copy.deepcopy(document)
    change(copied)
    return check(copied)


def codes(report: SbomReport) -> list[tuple[str, str]]:
    return [(message.code, message.pointer) for message in report.messages]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "json"), (b"\0" * 64, "json"), (b"{", "json"), (b'{"a":1,"a":2}', "json"),
        (b'{"bomFormat": "CycloneDX", "x": NaN}', "json"), (b"\xff\xfe{", "json"),
        (b"[]", "format"), (b"{}", "format"), (b"7", "format"), (b'"CycloneDX"', "format"),
        (b'{"bomFormat": "CycloneDX"}', "version"),
        (b'{"bomFormat": "CycloneDX", "specVersion": 1.6}', "version"),
        (b'{"bomFormat": "CycloneDX", "specVersion": "1.6; rm"}', "version"),
        (b'{"spdxVersion": ["SPDX-2.3"]}', "version"),
        (b'{"spdxVersion": "SPDX"}', "version"),
        (b'{"@context": "https://schema.org"}', "format"), (b'{"@context": {"a": 1}}', "format"),
        (b"<bom", "xml"), (b"<html/>", "format"),
        (b'<!DOCTYPE b [<!ENTITY a "aaaa">]><bom>&a;</bom>', "xml"),
        (b"<a>" * 5000 + b"</a>" * 5000, "xml"), (b"<a>\0</a>", "xml"),
        (b'<?xml version="1.0" encoding="no-such"?><a/>', "xml"),
    ],
)  # fmt: skip
def test_what_is_malformed_is_an_error_and_says_so(data: bytes, code: str) -> None:
    report = check_sbom(data)
    assert [message.code for message in report.messages] == [code]
    assert report.exit_code is ExitCode.VIOLATED


@pytest.mark.parametrize(
    "data",
    [
        b'{"bomFormat": "CycloneDX", "specVersion": "2.0"}',
        b'{"bomFormat": "CycloneDX", "specVersion": "1.1"}',
        b'{"spdxVersion": "SPDX-2.9"}',
        b'{"@context": "https://spdx.org/rdf/3.1.0/spdx-context.jsonld", "@graph": []}',
        b"SPDXVersion: SPDX-2.3\n",
        b'<bom xmlns="http://cyclonedx.org/schema/bom/2.0"/>',
        b'{"bomFormat": ' + b"[" * 200_000,
    ],
)
def test_what_nobody_here_knows_is_not_checked(data: bytes) -> None:
    report = check_sbom(data)
    assert report.unsupported
    assert report.exit_code is ExitCode.INCONCLUSIVE
    assert report.messages[0].text


def test_more_parts_than_the_bound_are_not_read() -> None:
    report = check_sbom(b'{"bomFormat": "CycloneDX", "components": [' + b"{}," * 1_000_000)
    assert report.unsupported
    assert "1000000 objects and lists" in report.messages[0].text


def test_a_document_past_the_bound_is_not_read(monkeypatch) -> None:
    monkeypatch.setattr(sbom_check, "MAX_BYTES", 100)
    report = check_sbom(b" " * 101)
    assert report.exit_code is ExitCode.INCONCLUSIVE
    assert "101 bytes" in report.messages[0].text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8)
    | st.sampled_from(["a", "app", "urn:example:1#a", "pkg:pypi/a@1", "Relationship"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["bom-ref", "ref", "type", "purl", "spdxId", "from", "to", "name"]), inner,
        max_size=3,
    ),
    max_leaves=8,
)  # fmt: skip


@given(st.sampled_from(["CYCLONEDX", "SPDX2", "SPDX3"]), st.data())
@settings(max_examples=300, deadline=None)
def test_no_document_breaks_the_check(name: str, data) -> None:
    """One member of a sound document, any, is replaced or added; the check ends with a result."""
    document = copy.deepcopy({"CYCLONEDX": CYCLONEDX, "SPDX2": SPDX2, "SPDX3": SPDX3}[name])
    at = document
    while True:
        keys = list(at) if isinstance(at, dict) else list(range(len(at)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(at[key], dict | list) or not at[key] or data.draw(st.booleans()):
            break
        at = at[key]
    if isinstance(at, dict) and data.draw(st.booleans()):
        known = ["extension", "licenses", "pedigree", "components", "hashes", "properties", "purl"]
        key = data.draw(st.sampled_from(known))
    at[key] = data.draw(JSON)
    assert check(document).exit_code in set(ExitCode) - {ExitCode.ERROR}


def test_an_extension_may_hold_anything() -> None:
    odd = {"type": "urn:x:y", "inner": {"type": "Relationship", "spdxId": ["x"]},
           "map": {"type": "ExternalMap"}}  # fmt: skip
    assert changed(SPDX3, lambda d: d["@graph"][3].update(extension=[odd])).messages == ()


@pytest.mark.parametrize("version", ["1.2", "1.3", "1.4", "1.5", "1.6", "1.7"])
def test_every_version_of_cyclonedx_has_its_schema(version: str) -> None:
    bare = {"bomFormat": "CycloneDX", "specVersion": version, "version": 1}
    assert check(bare).exit_code is ExitCode.HOLDS
    report = check(bare | {"colour": "red", "components": [{"name": "x"}]})
    assert report.exit_code is ExitCode.VIOLATED
    assert {message.code for message in report.messages} == {"schema"}
    assert "/components/0" in [message.pointer for message in report.messages]


@pytest.mark.parametrize("document", [CYCLONEDX, SPDX2, SPDX3])
def test_a_sound_document_holds(document: dict) -> None:
    report = check(document)
    assert report.exit_code is ExitCode.HOLDS
    assert codes(report) == []
    assert [e.have for e in report.ntia if e.name == "dependency relationship"] == [1]


@pytest.mark.parametrize(
    ("document", "change", "expected"),
    [
        (CYCLONEDX, lambda d: d["dependencies"][0]["dependsOn"].append("gone"),
         ("dangling-reference", "/dependencies/0/dependsOn/1")),
        (CYCLONEDX, lambda d: d["components"][1].update({"bom-ref": "a"}),
         ("duplicate-reference", "/components/1")),
        (CYCLONEDX, lambda d: d["dependencies"].append({"ref": "a"}),
         ("duplicate-dependency", "/dependencies/2")),
        (CYCLONEDX, lambda d: d["dependencies"].append({"ref": "b", "dependsOn": ["b"]}),
         ("self-reference", "/dependencies/2")),
        (CYCLONEDX, lambda d: d["components"][0].update(purl="pypi/a"),
         ("purl", "/components/0/purl")),
        (CYCLONEDX, lambda d: d["components"][0].update(pedigree={"ancestors": [
            {"type": "library", "name": "z", "purl": "pkg:pypi/a"}]}),
         ("own-ancestor", "/components/0/pedigree/ancestors/0")),
        (CYCLONEDX, lambda d: d.update(compositions=[{"aggregate": "complete",
                                                      "assemblies": ["gone"]}]),
         ("dangling-reference", "/compositions/0/assemblies/0")),
        (CYCLONEDX, lambda d: d["components"].append(
            {"type": "machine-learning-model", "name": "m", "modelCard": {"modelParameters": {
                "datasets": [{"ref": "no-data"}]}}}),
         ("dangling-reference", "/components/2/modelCard/modelParameters/datasets/0/ref")),
        (SPDX2, lambda d: d["relationships"][0].update(relatedSpdxElement="SPDXRef-gone"),
         ("dangling-reference", "/relationships/0/relatedSpdxElement")),
        (SPDX2, lambda d: d["packages"][1].update(SPDXID="SPDXRef-a"),
         ("duplicate-reference", "/packages/1/SPDXID")),
        (SPDX2, lambda d: d["relationships"][0].update(
            relatedSpdxElement="SPDXRef-a", relationshipType="DESCENDANT_OF"),
         ("own-ancestor", "/relationships/0")),
        (SPDX2, lambda d: d["packages"][0].pop("downloadLocation"), ("schema", "/packages/0")),
        (SPDX3, lambda d: d["@graph"][5].update(to=[f"{SPACE}gone"]),
         ("dangling-reference", "/@graph/5/to/0")),
        (SPDX3, lambda d: d["@graph"][4].update(spdxId=f"{SPACE}a"),
         ("duplicate-reference", "/@graph/3")),
        (SPDX3, lambda d: d["@graph"].append(relation("r2", "a", "descendantOf", "a")),
         ("own-ancestor", "/@graph/6")),
        (SPDX3, lambda d: d["@graph"].pop(2), ("document", "/@graph")),
        (SPDX3, lambda d: d["@graph"][3].update(software_packageVersion=1),
         ("schema", "/@graph/3/software_packageVersion")),
        (SPDX3, lambda d: d["@graph"].append(element("ai_AIPackage", "m")) or
         d["@graph"][2].update(profileConformance=["core", "ai"]), ("profile", "/@graph/6")),
    ],
)  # fmt: skip
def test_what_does_not_hold_together_is_an_error_with_its_place(document, change, expected) -> None:
    report = changed(document, change)
    assert report.exit_code is ExitCode.VIOLATED
    assert expected in codes(report)
    first = report.messages[0]
    assert first.level is Level.ERROR


@pytest.mark.parametrize(
    ("document", "change"),
    [
        (CYCLONEDX, lambda d: d["dependencies"].append({"ref": "b", "dependsOn": ["a"]})),
        (SPDX2, lambda d: d["relationships"].append(
            {"spdxElementId": "SPDXRef-a", "relatedSpdxElement": "SPDXRef-b",
             "relationshipType": "DEPENDENCY_OF"})),
        (SPDX3, lambda d: d["@graph"].append(relation("r2", "b", "dependsOn", "a"))),
    ],
)  # fmt: skip
def test_a_circle_is_a_warning(document: dict, change) -> None:
    report = changed(document, change)
    assert [message.code for message in report.messages] == ["cycle"]
    assert report.exit_code is ExitCode.HOLDS


def test_what_is_no_fault_is_not_told_as_one() -> None:
    def vendored(d: dict) -> None:  # a copy has the name and version of what it was copied from
        ancestor = {"type": "library", "name": "b", "purl": "pkg:github/x/b@1"}
        d["components"][1]["pedigree"] = {"ancestors": [ancestor]}

    def other_version(d: dict) -> None:
        ancestor = {"type": "library", "name": "a", "version": "0", "purl": "pkg:pypi/a@0"}
        d["components"][0]["pedigree"] = {"ancestors": [ancestor]}

    def other_document(d: dict) -> None:
        d["dependencies"][0]["dependsOn"].append("urn:cdx:f08a6ccd-4dce-4759-bd84-c626675d60a7/1#x")

    for change in (vendored, other_version, other_document):
        assert changed(CYCLONEDX, change).messages == ()
    again = changed(CYCLONEDX, lambda d: d["components"].append(dict(d["metadata"]["component"])))
    assert [(m.level, m.code) for m in again.messages] == [(Level.WARNING, "repeated")]
    imported = [{"type": "ExternalMap", "externalSpdxId": "urn:other:1"}]
    outside = copy.deepcopy(SPDX3)
    outside["@graph"][2]["import"] = imported
    outside["@graph"][5]["to"] = ["urn:other:1"]
    assert check(outside).messages == ()


def test_one_element_may_be_the_document() -> None:
    alone = {"@context": SPDX3["@context"],
             **element("SpdxDocument", "doc", rootElement=[], creationInfo=INFO)}  # fmt: skip
    del alone["creationInfo"]["@id"]
    report = check(alone)
    assert codes(report) == [("dangling-reference", "/@graph/0/creationInfo/createdBy/0")]


def test_xml_is_checked_by_schema_and_references() -> None:
    report = check_sbom(XML.encode())
    assert (report.format, report.version, report.messages) == ("CycloneDX XML", "1.6", ())
    assert [c.identifier for c in report.inventory.components] == ["", "pkg:pypi/a@1"]
    wrong = check_sbom(XML.replace("<name>a</name>", "").encode())
    assert wrong.messages[0].code == "schema"
    assert wrong.messages[0].pointer.startswith("line ")
    gone = check_sbom(XML.replace('<dependency ref="a"/></', '<dependency ref="x"/></').encode())
    assert codes(gone) == [("dangling-reference", "line 10")]
    twice = check_sbom(XML.replace('bom-ref="a"', 'bom-ref="app"').encode())
    assert [message.code for message in twice.messages] == ["schema"]  # which sees this in XML


def test_minimum_elements_are_counted() -> None:
    counted = {e.name: (e.have, e.of) for e in check(CYCLONEDX).ntia}
    assert counted == {
        "supplier name": (1, 3), "component name": (3, 3), "version": (2, 3),
        "other unique identifiers": (1, 3), "dependency relationship": (1, 1),
        "author of SBOM data": (1, 1), "timestamp": (1, 1),
    }  # fmt: skip
    assert {e.name: (e.have, e.of) for e in check(SPDX2).ntia}["supplier name"] == (1, 2)
    assert check(SPDX3).inventory.author == "Ada"


def test_messages_are_bounded_and_counted() -> None:
    many = [{"type": "library", "name": "x", "bom-ref": "same", "version": str(n)}
            for n in range(300)]  # fmt: skip
    report = changed(CYCLONEDX, lambda d: d.update(components=many, dependencies=[]))
    kept = [m for m in report.messages if m.code == "duplicate-reference"]
    assert len(kept) == 101
    assert kept[-1].text == "199 more of these"


def test_of_a_large_document_only_the_first_error_of_schema_is_made() -> None:
    many = check({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{}] * 90_000})
    assert [message.code for message in many.messages] == ["schema"]
    assert "the first error only" in many.messages[0].text
    few = check({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{}] * 3})
    assert len(few.messages) == 7  # two a component, and that they are not unique


def test_text_of_the_document_is_shown_escaped() -> None:
    report = changed(CYCLONEDX, lambda d: d["dependencies"].append({"ref": "\x1b[31m\u202e"}))
    assert "\\x1b[31m\\u202e" in report.messages[0].text


def test_circles_of_any_length_are_found_once() -> None:
    size = 50_000
    ring = {str(n): [str((n + 1) % size)] for n in range(size)}
    (found,) = graphs.circles(ring)
    assert len(found) == size
    assert graphs.in_words(found).endswith(f"and {size - 6} more")
    line = {str(n): [str(n + 1)] for n in range(size)}
    assert list(graphs.circles(line)) == []
    two = {"a": ["b"], "b": ["a", "c"], "c": ["d"], "d": ["c"], "e": ["a", "e"]}
    assert sorted(graphs.circles(two)) == [["a", "b"], ["c", "d"]]
