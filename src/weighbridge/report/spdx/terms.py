"""The classes, properties and values of SPDX 3.0.1, and the JSON schema that follows from them.

``terms.json`` holds the facts of the model (https://spdx.github.io/spdx-spec/v3.0.1/): of every
class its parent, whether it is abstract, whether its objects must have an IRI, and its properties.
A property is written as what its values are, and how many there are: ``?`` at most one, ``*`` any
number, ``+`` at least one, ``++`` at least two, nothing exactly one. ``class:X`` is an object of
class X or of one derived from it, in place or by its identifier; ``enum:X`` one of X's words.
"""

from __future__ import annotations

import functools
import json
from importlib.resources import files
from typing import Any, NamedTuple

CONTEXT = "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"
SPEC_VERSION = "3.0.1"

# An IRI, and the name of a node that has none (JSON-LD 1.1, 3.1 and 4.5). What the specification's
# own schema asks for, written without looking ahead.
_IRI = "^(?:[^_]|_[^:]).*:.+"
_ANY_ID = ".:."
_SIMPLE: dict[str, dict[str, Any]] = {
    "string": {"type": "string"},
    "anyURI": {"type": "string"},
    "boolean": {"type": "boolean"},
    "positiveInteger": {"type": "integer", "minimum": 1},
    "nonNegativeInteger": {"type": "integer", "minimum": 0},
    "decimal": {
        "anyOf": [
            {"type": "number"},
            {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]*)?$"},
        ]
    },
    "dateTime": {
        "type": "string",
        "pattern": "^[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9]Z$",
    },
    "mediaType": {"type": "string", "pattern": "^[^/]+/[^/]+$"},
    "semver": {
        "type": "string",
        "pattern": r"^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)"
        r"(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$",
    },
}
# Names of the model that stand for themselves wherever an element may (JSON-LD context 3.0.1).
INDIVIDUALS = frozenset(
    {
        "NoAssertionElement",
        "NoneElement",
        "SpdxOrganization",
        "expandedlicensing_NoAssertionLicense",
        "expandedlicensing_NoneLicense",
    }
)
_TERMS = "https://spdx.org/rdf/3.0.1/terms/"
NO_ASSERTION_LICENSE = f"{_TERMS}ExpandedLicensing/NoAssertionLicense"
NONE_LICENSE = f"{_TERMS}ExpandedLicensing/NoneLicense"


class Property(NamedTuple):
    """What a property holds; ``most`` is 0 for any number."""

    kind: str  # "class", "enum" or "" for a simple value
    of: str
    least: int
    most: int


class Class(NamedTuple):
    """A class with all its properties, those of its ancestors too; ``ancestors`` begin with it."""

    name: str
    abstract: bool
    extensible: bool
    needs_iri: bool
    ancestors: tuple[str, ...]
    properties: dict[str, Property]


@functools.cache
def enumerations() -> dict[str, tuple[str, ...]]:
    """The words of each enumeration."""
    return {name: tuple(words.split()) for name, words in _facts()["enums"].items()}


@functools.cache
def classes() -> dict[str, Class]:
    """Every class of the model by its name in JSON (``software_Package``)."""
    facts = _facts()["classes"]
    return {name: _class(name, facts) for name in facts}


def derived(name: str) -> list[str]:
    """The concrete classes that are of a class, itself among them, sorted."""
    return sorted(
        one.name for one in classes().values() if name in one.ancestors and not one.abstract
    )


def is_a(name: Any, ancestor: str) -> bool:
    """Whether an object's ``type`` says that it is of a class."""
    one = classes().get(name) if isinstance(name, str) else None
    return one is not None and ancestor in one.ancestors


@functools.cache
def schema() -> dict[str, Any]:
    """JSON schema (2020-12) of a document that has a ``@graph``.

    It says what the specification's own schema says, and says it by the type of each object, so
    that a message is about the one property that is wrong.
    """
    definitions: dict[str, Any] = {
        one.name: _object(one) for one in classes().values() if not one.abstract
    }
    wanted = {p.of for c in classes().values() for p in c.properties.values() if p.kind == "class"}
    for name in sorted(wanted):
        definitions[f"{name}*"] = _reference(name)
    definitions["any"] = _by_type(derived("*"))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {
            "@context": {"const": CONTEXT},
            "@graph": {"type": "array", "items": {"$ref": "#/$defs/any"}},
        },
        "required": ["@context", "@graph"],
        "additionalProperties": False,
        "$defs": definitions,
    }


def _facts() -> dict[str, Any]:
    text = (files("weighbridge.report.spdx") / "terms.json").read_text(encoding="utf-8")
    facts: dict[str, Any] = json.loads(text)
    return facts


def _class(name: str, facts: dict[str, Any]) -> Class:
    line = [name]
    while parent := facts[line[-1]].get("parent"):
        line.append(parent)
    properties = {
        key: _property(text)
        for ancestor in reversed(line)
        for key, text in facts[ancestor].get("properties", {}).items()
    }
    own = facts[name]
    return Class(
        name,
        bool(own.get("abstract")),
        bool(own.get("extensible")),
        bool(own.get("iri")),
        (*line, "*"),
        properties,
    )


def _property(text: str) -> Property:
    what = text.rstrip("?*+")
    least, most = {"": (1, 1), "?": (0, 1), "*": (0, 0), "+": (1, 0), "++": (2, 0)}[
        text[len(what) :]
    ]
    kind, _, of = what.rpartition(":")
    return Property(kind, of, least, most)


def _object(one: Class) -> dict[str, Any]:
    identifier = "spdxId" if "Element" in one.ancestors else "@id"
    pattern = _IRI if one.needs_iri else _ANY_ID
    required = ["type", *(name for name, held in one.properties.items() if held.least)]
    if one.needs_iri:
        required.append(identifier)
    return {
        "type": "object",
        "properties": {
            identifier: {"type": "string", "pattern": pattern},
            "type": {"const": one.name},
            **{name: _held(held) for name, held in one.properties.items()},
        },
        "required": sorted(required),
        "additionalProperties": False,
    }


def _held(held: Property) -> dict[str, Any]:
    if held.kind == "class":
        value: dict[str, Any] = {"$ref": f"#/$defs/{held.of}*"}
    elif held.kind == "enum":
        value = {"enum": list(enumerations()[held.of])}
    else:
        value = _SIMPLE[held.of]
    if held.most == 1:
        return value
    return {"type": "array", "items": value, **({"minItems": held.least} if held.least else {})}


def _reference(name: str) -> dict[str, Any]:
    """An object in place, or the identifier of one."""
    names = {"anyOf": [{"pattern": _ANY_ID}, {"enum": sorted(INDIVIDUALS)}]}
    if classes()[name].extensible:  # other people's classes, of which nothing is known here
        rest: dict[str, Any] = {
            "type": "object", "required": ["type"], "properties": {"type": {"type": "string"}},
        }  # fmt: skip
    else:
        rest = _by_type(derived(name))
    return {"if": {"type": "string"}, "then": names, "else": rest}


def _by_type(names: list[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["type"],
        "properties": {"type": {"enum": names}},
        "allOf": [
            {
                "if": {"properties": {"type": {"const": name}}, "required": ["type"]},
                "then": {"$ref": f"#/$defs/{name}"},
            }
            for name in names
        ],
    }
