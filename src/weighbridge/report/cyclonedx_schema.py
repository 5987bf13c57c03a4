"""Whether a document is a CycloneDX 1.6 bill of materials whose references all lead somewhere.

The schema is the one of the specification, as ``cyclonedx-python-lib`` ships it. It cannot see that
a dependency names a component which is not there, so that is checked after it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from weighbridge.edge.json import load_json
from weighbridge.edge.text import visible
from weighbridge.model.errors import WeighbridgeError

if TYPE_CHECKING:
    import jsonschema_rs

MAX_BYTES = 256 * 2**20
SPEC_VERSION = "1.6"


class InvalidBom(WeighbridgeError):
    """The document is no valid CycloneDX 1.6 bill of materials."""


def validate(document: bytes) -> None:
    """Check a JSON document against the strict schema, then its references.

    Raises:
        InvalidBom: it breaks the schema, has two components of one reference, or a dangling one.
        HostileInput: it is not JSON.
    """
    validate_bom(load_json(document, source="the bill of materials", max_bytes=MAX_BYTES))


def validate_bom(bom: Any) -> None:
    """The same for a document that is parsed already.

    Raises:
        InvalidBom: as :func:`validate`.
    """
    import jsonschema_rs

    try:
        _validator().validate(bom)
    except jsonschema_rs.ValidationError as error:
        place = "/".join(str(part) for part in error.instance_path) or "the document"
        raise InvalidBom(
            f"{visible(place, 200)} breaks the CycloneDX {SPEC_VERSION} schema: "
            f"{visible(error.message, 300)}",
            remedy="Let the tool that wrote it be repaired; do not rely on the document.",
        ) from error
    if bom.get("specVersion") != SPEC_VERSION:
        raise InvalidBom(f"the document is of CycloneDX {visible(str(bom.get('specVersion')), 20)}")
    _check_references(bom)


def _check_references(bom: dict[str, Any]) -> None:
    known: set[str] = set()
    for reference in _references(bom):
        if reference in known:
            raise InvalidBom(f"the reference {visible(reference, 200)} stands for two components")
        known.add(reference)
    targets: set[str] = set()
    for dependency in bom.get("dependencies", []):
        reference = dependency["ref"]
        if reference in targets:
            raise InvalidBom(f"the dependencies of {visible(reference, 200)} are given twice")
        targets.add(reference)
        for target in (reference, *dependency.get("dependsOn", [])):
            if target not in known:
                raise InvalidBom(
                    f"{visible(target, 200)} is depended on, and no component has this reference"
                )
        if reference in dependency.get("dependsOn", []):
            raise InvalidBom(f"{visible(reference, 200)} depends on itself")
    for composition in bom.get("compositions", []):
        for target in (*composition.get("assemblies", []), *composition.get("dependencies", [])):
            if target not in known:
                raise InvalidBom(f"a composition names {visible(target, 200)}, which is not there")


def _references(bom: dict[str, Any]) -> Iterator[str]:
    """Every ``bom-ref`` of the document, wherever it stands."""
    waiting: list[Any] = [bom]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            if isinstance(item.get("bom-ref"), str):
                yield item["bom-ref"]
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)


@functools.cache
def _validator() -> jsonschema_rs.Validator:
    """The compiled schema. Its references lead to two other files that ship beside it."""
    import json
    from importlib.resources import files

    import jsonschema_rs

    folder = files("cyclonedx.schema") / "_res"

    def read(name: str) -> dict[str, Any]:
        schema: dict[str, Any] = json.loads((folder / name).read_text(encoding="utf-8"))
        return schema

    bom = read(f"bom-{SPEC_VERSION}.SNAPSHOT.schema.json")
    base = str(bom["$id"]).rpartition("/")[0]
    beside = [
        (f"{base}/{name}", read(name))
        for name in ("spdx.SNAPSHOT.schema.json", "jsf-0.82.SNAPSHOT.schema.json")
    ]
    return jsonschema_rs.Draft7Validator(
        bom,
        validate_formats=True,
        registry=jsonschema_rs.Registry(beside, draft=jsonschema_rs.Draft7),
        offline=True,
    )
