"""Whether a document is a CycloneDX bill of materials whose references all lead somewhere.

The schemas of 1.6 and 1.7 are those of the specification, as ``cyclonedx-python-lib`` ships them.
They cannot see that a dependency names a component which is not there, so that is checked after
them (:mod:`weighbridge.report.cyclonedx_references`).
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from weighbridge.edge.json import load_json
from weighbridge.edge.text import visible
from weighbridge.model.errors import WeighbridgeError
from weighbridge.report.cyclonedx_references import problems

if TYPE_CHECKING:
    import jsonschema_rs

MAX_BYTES = 256 * 2**20
SPEC_VERSIONS = ("1.6", "1.7")  # those that are written here
VERSIONS = ("1.2", "1.3", "1.4", "1.5", *SPEC_VERSIONS)
_STRICT = ("1.2", "1.3")  # from 1.4 on the only schema is the strict one


class InvalidBom(WeighbridgeError):
    """The document is no valid CycloneDX bill of materials of a version that is known here."""


def validate(document: bytes) -> None:
    """Check a JSON document against the strict schema of its version, then its references.

    Raises:
        InvalidBom: it breaks the schema, is of another version than 1.6 and 1.7, has two components
            of one reference, a dangling one, or a component that is its own ancestor.
        HostileInput: it is not JSON.
    """
    validate_bom(load_json(document, source="the bill of materials", max_bytes=MAX_BYTES))


def validate_bom(bom: Any) -> None:
    """The same for a document that is parsed already.

    Raises:
        InvalidBom: as :func:`validate`.
    """
    validate_schema(bom)
    for problem in problems(bom):
        raise InvalidBom(problem.message)


def validate_schema(bom: Any) -> None:
    """The schema alone, that of the document's own ``specVersion``.

    Raises:
        InvalidBom: it breaks the schema, or is of a version that is not known here.
    """
    import jsonschema_rs

    version = bom.get("specVersion") if isinstance(bom, dict) else None
    if version not in SPEC_VERSIONS:
        said = f"of CycloneDX {visible(str(version), 20)}" if version else "no CycloneDX document"
        raise InvalidBom(
            f"the document is {said}",
            remedy=f"The versions that are known here are {' and '.join(SPEC_VERSIONS)}.",
        )
    try:
        validator(version).validate(bom)
    except jsonschema_rs.ValidationError as error:
        place = "/".join(str(part) for part in error.instance_path) or "the document"
        raise InvalidBom(
            f"{visible(place, 200)} breaks the CycloneDX {version} schema: "
            f"{visible(error.message, 300)}",
            remedy="Let the tool that wrote it be repaired; do not rely on the document.",
        ) from error


@functools.cache
def validator(version: str) -> jsonschema_rs.Validator:
    """The compiled schema of one of :data:`VERSIONS`, with the files that it refers to."""
    import json
    from importlib.resources import files

    import jsonschema_rs

    folder = files("cyclonedx.schema") / "_res"

    def read(name: str) -> dict[str, Any]:
        schema: dict[str, Any] = json.loads((folder / name).read_text(encoding="utf-8"))
        return schema

    strict = "-strict" if version in _STRICT else ""
    bom = read(f"bom-{version}{strict}.SNAPSHOT.schema.json")
    base = str(bom["$id"]).rpartition("/")[0]
    beside = [
        (f"{base}/{name}", read(name))
        for name in (
            "spdx.SNAPSHOT.schema.json",
            "jsf-0.82.SNAPSHOT.schema.json",
            "cryptography-defs.SNAPSHOT.schema.json",
        )
    ]
    return jsonschema_rs.Draft7Validator(
        bom,
        validate_formats=True,
        registry=jsonschema_rs.Registry(beside, draft=jsonschema_rs.Draft7),
        offline=True,
    )
