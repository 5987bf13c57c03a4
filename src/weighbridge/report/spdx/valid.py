"""Whether a document is SPDX 3.0.1 whose references all lead somewhere."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from weighbridge.edge.text import visible
from weighbridge.model.errors import WeighbridgeError
from weighbridge.report.spdx.terms import INDIVIDUALS, classes, schema

if TYPE_CHECKING:
    import jsonschema_rs

_OF_THE_MODEL = "https://spdx.org/rdf/3.0.1/terms/"


class InvalidSpdx(WeighbridgeError):
    """The document is no valid SPDX 3.0.1 document."""


@functools.cache
def validator() -> jsonschema_rs.Draft202012Validator:
    """The compiled schema of :func:`weighbridge.report.spdx.terms.schema`."""
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(schema(), offline=True)


def validate_spdx(document: Any) -> None:
    """Check a parsed document against the schema, then its references.

    Raises:
        InvalidSpdx: it breaks the schema, has two elements of one identifier, or a dangling one.
    """
    import jsonschema_rs

    try:
        validator().validate(document)
    except jsonschema_rs.ValidationError as error:
        place = "/".join(str(part) for part in error.instance_path) or "the document"
        raise InvalidSpdx(
            f"{visible(place, 200)} breaks SPDX 3.0.1: {visible(error.message, 300)}",
            remedy="Let the tool that wrote it be repaired; do not rely on the document.",
        ) from error
    known: set[str] = set()
    for _, node in nodes(document["@graph"]):
        identifier = node.get("spdxId") or node.get("@id")
        if identifier in known:
            raise InvalidSpdx(f"{visible(identifier, 200)} stands for two elements")
        known.update([identifier] if identifier else ())
    for place, reference in references(document["@graph"]):
        if reference not in known and not is_individual(reference):
            raise InvalidSpdx(f"{place}: {visible(reference, 200)} is not there")


def is_individual(reference: str) -> bool:
    """Whether it names what the model itself defines, such as the license of no assertion."""
    return reference in INDIVIDUALS or reference.startswith((_OF_THE_MODEL, "spdx:"))


def nodes(graph: list[Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object of a class of the model, with its JSON pointer below ``@graph``.

    Extensions are left out: they are other people's, and may hold anything.
    """
    waiting: list[tuple[str, Any]] = [(f"/{n}", node) for n, node in enumerate(graph)]
    while waiting:
        place, node = waiting.pop()
        if not isinstance(node, dict):
            continue
        yield place, node
        for key, value in node.items():
            if key == "extension":
                continue
            if isinstance(value, dict):
                waiting.append((f"{place}/{key}", value))
            elif isinstance(value, list):
                waiting.extend((f"{place}/{key}/{n}", item) for n, item in enumerate(value))


def references(graph: list[Any]) -> Iterator[tuple[str, str]]:
    """Every identifier that stands where the model wants an object, with its JSON pointer."""
    known = classes()
    for place, node in nodes(graph):
        one = known.get(str(node.get("type")))
        if one is None:
            continue
        for name, held in one.properties.items():
            value = node.get(name) if held.kind == "class" else None
            for number, item in enumerate(value if isinstance(value, list) else [value]):
                if isinstance(item, str):
                    inside = f"/{number}" if isinstance(value, list) else ""
                    yield f"{place}/{name}{inside}", item
