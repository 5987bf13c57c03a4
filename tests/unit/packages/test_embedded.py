"""Bills of materials inside packages: read, or listed with the reason why not."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.packages import embedded
from weighbridge.packages.embedded import parse_sbom, read_embedded


def cyclonedx(**fields: Any) -> dict[str, Any]:
    return {"bomFormat": "CycloneDX", "specVersion": "1.6", **fields}


def spdx(**fields: Any) -> dict[str, Any]:
    return {"spdxVersion": "SPDX-2.3", **fields}


def put(site: Path, name: str, data: Any, package: str = "Pkg") -> None:
    path = site / f"{package}-1.0.dist-info" / "sboms" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else json.dumps(data).encode())


def reason(data: Any) -> str:
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    with pytest.raises(HostileInput) as caught:
        parse_sbom("pkg", "x", raw)
    return caught.value.message


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<bom/>", "not JSON"),
        (b"SPDXVersion: SPDX-2.3", "not JSON"),
        (b"[]", "not JSON"),
        (b"{", "not valid JSON"),
        (b'{"a":' * 3000 + b"1" + b"}" * 3000, "nesting"),
        (b'{"bomFormat":"CycloneDX","bomFormat":"x"}', "twice"),
        ({"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"}, "SPDX 3"),
        ({}, "neither"),
        (cyclonedx(components={}), "no list of objects"),
        (cyclonedx(components=[1]), "no list of objects"),
        (cyclonedx(components=[{}]), "no name"),
        (cyclonedx(components=[{"name": "a", "bom-ref": "r"}] * 2), "reference"),
        (cyclonedx(dependencies="x"), "no list"),
        (spdx(packages=[{"name": "a"}]), "identifier"),
        (spdx(packages=[{"name": "a", "SPDXID": "r"}] * 2), "identifier"),
    ],
)  # fmt: skip
def test_what_is_not_read_says_why(data: Any, words: str) -> None:
    assert words in reason(data)


def test_nesting_is_bounded() -> None:
    inner: dict[str, Any] = {"name": "leaf"}
    for _ in range(40):
        inner = {"name": "n", "components": [inner]}
    assert "32 levels" in reason(cyclonedx(components=[inner]))


def test_counts_are_bounded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(embedded, "MAX_COMPONENTS", 3)
    assert "3 components" in reason(cyclonedx(components=[{"name": "a"}] * 4))
    put(tmp_path, "a.json", cyclonedx(components=[{"name": "a"}] * 2))
    put(tmp_path, "b.json", cyclonedx(components=[{"name": "a"}] * 2))
    found = read_embedded(tmp_path)
    assert [sbom.components for sbom in found.sboms] == [2, 0]
    assert "3 embedded components" in found.sboms[1].reason
    assert len(found.components) == 2
    monkeypatch.setattr(embedded, "MAX_FILES", 1)
    with pytest.raises(BoundExceeded):
        read_embedded(tmp_path)
    monkeypatch.setattr(embedded, "MAX_EDGES", 1)
    edges = [{"ref": "a", "dependsOn": ["b", "c"]}]
    assert "1 edges" in reason(cyclonedx(components=[], dependencies=edges))


def test_no_link_out_and_no_special_file_is_read(tmp_path: Path) -> None:
    site = tmp_path / "site"
    put(site, "good.json", cyclonedx())
    folder = site / "Pkg-1.0.dist-info" / "sboms"
    os.mkfifo(folder / "fifo.json")
    (tmp_path / "secret.json").write_text(json.dumps(cyclonedx(components=[{"name": "x"}])))
    (folder / "link.json").symlink_to(tmp_path / "secret.json")
    (folder / "loop.json").symlink_to("loop.json")
    (folder / "loops").symlink_to(".")
    found = {sbom.path.rpartition("/")[2]: sbom.reason for sbom in read_embedded(site).sboms}
    assert set(found) == {"good.json", "fifo.json", "link.json", "loop.json", "loops"}
    assert [name for name, why in found.items() if not why] == ["good.json"]
    assert read_embedded(site).components == ()


def test_cyclonedx_with_nested_parts_and_edges(tmp_path: Path) -> None:
    put(
        tmp_path,
        "rust/pkg.cyclonedx.json",
        cyclonedx(
            metadata={"component": {"name": "pkg", "bom-ref": "root"}},
            components=[
                {
                    "type": "library", "bom-ref": "a", "name": "serde", "version": "1.0",
                    "purl": "pkg:cargo/serde@1.0",
                    "licenses": [{"expression": "MIT OR Apache-2.0"}],
                    "hashes": [{"alg": "SHA-256", "content": "AB" * 32},
                               {"alg": "MD5", "content": "00" * 16}],
                    "components": [{"name": "inner", "group": "org.x", "bom-ref": "b",
                                    "licenses": [{"license": {"id": "MIT"}},
                                                 {"license": {"name": "Own"}}]}],
                },
                {"name": "plain\x1b"},
            ],
            dependencies=[
                {"ref": "root", "dependsOn": ["a"]},
                {"ref": "a", "dependsOn": ["b", "b", "gone", "a"]},
            ],
        ),
    )  # fmt: skip
    found = read_embedded(tmp_path)
    (sbom,) = found.sboms
    assert (sbom.package, sbom.format, sbom.format_version) == ("pkg", "CycloneDX", "1.6")
    assert (sbom.components, sbom.reason, len(sbom.sha256)) == (3, "", 64)
    parts = {part.name: part for part in found.components}
    assert parts["serde"].requires == ("b",)
    assert parts["serde"].hashes == ("sha256:" + "ab" * 32,)
    assert parts["org.x/inner"].license == "MIT AND Own"
    assert parts["plain\\x1b"].ref == "#3"


def test_spdx_without_the_package_itself() -> None:
    sbom, parts = parse_sbom(
        "pkg",
        "x",
        json.dumps(
            spdx(
                packages=[
                    {"SPDXID": "root", "name": "Pkg"},
                    {
                        "SPDXID": "z", "name": "zlib", "versionInfo": "1.3",
                        "licenseConcluded": "NOASSERTION", "licenseDeclared": "Zlib",
                        "primaryPackagePurpose": "LIBRARY",
                        "checksums": [{"algorithm": "SHA256", "checksumValue": "cd" * 32}],
                        "externalRefs": [
                            {"referenceType": "cpe23Type", "referenceLocator": "cpe:x"},
                            {"referenceType": "purl", "referenceLocator": "pkg:generic/zlib@1.3"},
                        ],
                    },
                    {"SPDXID": "p", "name": "libpng"},
                ],
                relationships=[
                    {"spdxElementId": "DOC", "relationshipType": "DESCRIBES",
                     "relatedSpdxElement": "root"},
                    {"spdxElementId": "p", "relationshipType": "DEPENDS_ON",
                     "relatedSpdxElement": "z"},
                    {"spdxElementId": "z", "relationshipType": "DEPENDENCY_OF",
                     "relatedSpdxElement": "root"},
                ],
            )
        ).encode(),
    )  # fmt: skip
    assert (sbom.format, sbom.format_version) == ("SPDX", "2.3")
    assert [(p.name, p.version, p.license, p.purl, p.requires) for p in parts] == [
        ("zlib", "1.3", "Zlib", "pkg:generic/zlib@1.3", ()), ("libpng", "", "", "", ("z",)),
    ]  # fmt: skip
    assert parts[0].hashes == ("sha256:" + "cd" * 32,)
