"""What a schema cannot see: references that lead nowhere, or twice, or back to their own start."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.unit.report import cyclonedx_records as make

from weighbridge.report.cyclonedx import InvalidBom, render_as, validate
from weighbridge.report.cyclonedx_references import problems, resolves

RECORD = make.record_of(
    make.packages_of("r.txt", make.package("a", requires=["b"]), make.package("b", direct=False)),
    make.model_of(base_models=[make.base("org/base")]),
    make.dataset_of("org/train", "card"),
)


def document(version: Any = "1.6") -> dict[str, Any]:
    return make.load(render_as(RECORD, spec_version=version, format="json"))


def model(found: dict[str, Any]) -> dict[str, Any]:
    return found["metadata"]["component"]


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["dependencies"].append({"ref": "package:gone"}),
        lambda d: d["dependencies"][0].update(dependsOn=["package:gone"]),
        lambda d: d["dependencies"].append(dict(d["dependencies"][0], dependsOn=[])),
        lambda d: d["dependencies"][1].update(dependsOn=[d["dependencies"][1]["ref"]]),
        lambda d: d["components"][0].update({"bom-ref": d["components"][1]["bom-ref"]}),
        lambda d: d["compositions"][0].update(dependencies=["gone"]),
        lambda d: d["compositions"][0].update(assemblies=["gone"]),
        lambda d: model(d)["modelCard"]["modelParameters"].update(datasets=[{"ref": "gone"}]),
        lambda d: model(d)["pedigree"]["ancestors"][0].update(purl=model(d)["purl"]),
        lambda d: model(d)["pedigree"].update(
            ancestors=[{"type": "file", "name": model(d)["name"], "group": model(d)["group"]}]
        ),
        lambda d: model(d)["pedigree"]["ancestors"][0].update(
            pedigree={"ancestors": [{"type": "file", "name": "tuned", "group": "lab"}]}
        ),
        lambda d: d.update(surprise=1),
        lambda d: d.update(specVersion="1.5"),
        lambda d: d.update(specVersion="1.8"),
        lambda d: d.pop("specVersion"),
        lambda d: d["metadata"].update(timestamp="yesterday"),
        lambda d: d["components"][0].update(type="spaceship"),
        lambda d: d["components"][0].update(hashes=[{"alg": "SHA-256", "content": "xyz"}]),
        lambda d: d["components"][0].update(licenses=[{"license": {"id": "No-Such-Id"}}]),
        lambda d: d.pop("bomFormat"),
        lambda d: d.update(citations=[]),  # of 1.7 only
    ],
)
def test_invalid_documents_are_refused(change: Any) -> None:
    found = document()
    validate(json.dumps(found).encode())
    change(found)
    with pytest.raises(InvalidBom):
        validate(json.dumps(found).encode())


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["citations"][0].update(attributedTo="gone"),
        lambda d: d["citations"][0].update(pointers=["/components/999"]),
        lambda d: d["citations"][0].pop("attributedTo"),
        lambda d: d["citations"][0].update(expressions=["$"]),
    ],
)
def test_invalid_citations_are_refused(change: Any) -> None:
    found = document("1.7")
    change(found)
    with pytest.raises(InvalidBom):
        validate(json.dumps(found).encode())


def test_each_problem_has_its_kind() -> None:
    found = document()
    assert list(problems(found)) == []
    found["dependencies"].append({"ref": "gone", "dependsOn": ["urn:cdx:other/1#x"]})
    found["dependencies"].append(dict(found["dependencies"][0]))
    model(found)["pedigree"]["ancestors"].append({"type": "file", "name": "tuned", "group": "lab"})
    found["components"].append(dict(found["components"][0]))
    last = len(found["components"]) - 1
    assert [(p.code, p.place) for p in problems(found)] == [
        ("repeated", f"/components/{last}"),
        ("dangling-reference", f"/dependencies/{len(found['dependencies']) - 2}/ref"),
        ("duplicate-dependency", f"/dependencies/{len(found['dependencies']) - 1}"),
        ("own-ancestor", "/metadata/component/pedigree/ancestors/1"),
    ]


def test_an_earlier_version_is_no_self_ancestor() -> None:
    patched = {"type": "library", "name": "zlib", "version": "1.3", "bom-ref": "z", "pedigree": {
        "ancestors": [{"type": "library", "name": "zlib", "version": "1.2"}]}}  # fmt: skip
    assert list(problems({"components": [patched]})) == []
    patched["pedigree"]["ancestors"][0]["version"] = "1.3"
    assert [p.code for p in problems({"components": [patched]})] == ["own-ancestor"]


def test_deep_nesting_is_walked_without_recursion() -> None:
    inner: dict[str, Any] = {"name": "x", "bom-ref": "deepest"}
    for _ in range(20_000):
        inner = {"name": "y", "components": [inner]}
    bom = {"components": [inner], "dependencies": [{"ref": "deepest"}, {"ref": "gone"}]}
    assert [p.reference for p in problems(bom)] == ["gone"]


@pytest.mark.parametrize(
    ("pointer", "expected"),
    [
        ("", True), ("/a", True), ("/a/0", True), ("/a/1", False), ("/a/-1", False), ("a", False),
        ("/a/0/~1x~0", True), ("/a/٠", False), ("/a/" + "9" * 5_000, False), ("/b", False),
    ],
)  # fmt: skip
def test_json_pointers(pointer: str, expected: bool) -> None:
    assert resolves({"a": [{"/x~": 1}]}, pointer) is expected
