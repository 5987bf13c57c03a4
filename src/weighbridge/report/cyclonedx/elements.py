"""JSON in the schema's shape as XML elements in the schema's order, for what the library lacks.

The order and names are those of the schema ``bom-1.7.xsd``, which 1.6 shares for these types.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import Element, SubElement


class Form(enum.Enum):
    """How a member of JSON is written."""

    TEXT = enum.auto()  # <task>…</task>
    ATTRIBUTE = enum.auto()  # bom-ref="…"
    OBJECT = enum.auto()  # <contents>…</contents>
    WRAPPED = enum.auto()  # <users><user>…</user></users>
    REPEATED = enum.auto()  # <pointer>…</pointer><pointer>…</pointer>
    REFERENCES = enum.auto()  # <assemblies><assembly ref="…"/></assemblies>
    CHOICES = enum.auto()  # <datasets><ref>…</ref></datasets>
    PROPERTIES = enum.auto()  # <properties><property name="…">…</property></properties>


@dataclass(frozen=True, slots=True)
class Member:
    """One member: ``item`` names the elements of a list, ``of`` is the shape of an object."""

    key: str
    form: Form = Form.TEXT
    item: str = ""
    of: tuple[Member, ...] = ()


_PROPERTIES = Member("properties", Form.PROPERTIES)
_REF = Member("bom-ref", Form.ATTRIBUTE)
_MEASURE = (Member("value"), Member("unit"))
_ORGANIZATION = (Member("name"),)
_DATA = (
    _REF,
    Member("type"),
    Member("name"),
    Member("contents", Form.OBJECT, of=(Member("url"), _PROPERTIES)),
    Member("classification"),
    Member("sensitiveData", Form.REPEATED),
    Member("description"),
)
_ENERGY = (
    Member("activity"),
    Member(
        "energyProviders",
        Form.REPEATED,
        of=(
            Member("organization", Form.OBJECT, of=_ORGANIZATION),
            Member("energySource"),
            Member("energyProvided", Form.OBJECT, of=_MEASURE),
        ),
    ),
    Member("activityEnergyCost", Form.OBJECT, of=_MEASURE),
    Member("co2CostEquivalent", Form.OBJECT, of=_MEASURE),
    _PROPERTIES,
)
_FORMAT = (Member("format"),)
_CONSIDERATIONS = (
    Member("users", Form.WRAPPED, "user"),
    Member("useCases", Form.WRAPPED, "useCase"),
    Member("technicalLimitations", Form.WRAPPED, "technicalLimitation"),
    Member("performanceTradeoffs", Form.WRAPPED, "performanceTradeoff"),
    Member(
        "ethicalConsiderations",
        Form.WRAPPED,
        "ethicalConsideration",
        of=(Member("name"), Member("mitigationStrategy")),
    ),
    Member(
        "environmentalConsiderations",
        Form.OBJECT,
        of=(
            Member("energyConsumptions", Form.WRAPPED, "energyConsumption", of=_ENERGY),
            _PROPERTIES,
        ),
    ),
)
MODEL_CARD = Member(
    "modelCard",
    Form.OBJECT,
    of=(
        _REF,
        Member(
            "modelParameters",
            Form.OBJECT,
            of=(
                Member("task"),
                Member("architectureFamily"),
                Member("modelArchitecture"),
                Member("datasets", Form.CHOICES),
                Member("inputs", Form.WRAPPED, "input", of=_FORMAT),
                Member("outputs", Form.WRAPPED, "output", of=_FORMAT),
            ),
        ),
        Member(
            "quantitativeAnalysis",
            Form.OBJECT,
            of=(
                Member(
                    "performanceMetrics",
                    Form.WRAPPED,
                    "performanceMetric",
                    of=(Member("type"), Member("value"), Member("slice")),
                ),
            ),
        ),
        Member("considerations", Form.OBJECT, of=_CONSIDERATIONS),
        _PROPERTIES,
    ),
)
COMPONENT_DATA = Member("data", Form.REPEATED, of=_DATA)
COMPOSITIONS = Member(
    "compositions",
    Form.WRAPPED,
    "composition",
    of=(
        _REF,
        Member("aggregate"),
        Member("assemblies", Form.REFERENCES, "assembly"),
        Member("dependencies", Form.REFERENCES, "dependency"),
    ),
)
CITATIONS = Member(
    "citations",
    Form.WRAPPED,
    "citation",
    of=(
        _REF,
        Member("pointers", Form.WRAPPED, "pointer"),
        Member("timestamp"),
        Member("attributedTo"),
        Member("process"),
        Member("note"),
    ),
)


def add(parent: Element, member: Member, value: Any, namespace: str) -> None:
    """Add a member to an element; a member without a value adds nothing."""
    if value in (None, "", [], {}) and member.form is not Form.OBJECT:
        return
    tag = f"{{{namespace}}}{member.key}"
    if member.form is Form.TEXT:
        SubElement(parent, tag).text = _text(value)
    elif member.form is Form.ATTRIBUTE:
        parent.set(tag, _text(value))
    elif member.form is Form.OBJECT:
        _fill(SubElement(parent, tag), member, value, namespace)
    elif member.form is Form.REPEATED:
        for item in value:
            _fill(SubElement(parent, tag), member, item, namespace)
    else:
        _add_list(SubElement(parent, tag), member, value, namespace)


def _add_list(wrapper: Element, member: Member, values: list[Any], namespace: str) -> None:
    for value in values:
        if member.form is Form.WRAPPED:
            _fill(SubElement(wrapper, f"{{{namespace}}}{member.item}"), member, value, namespace)
        elif member.form is Form.REFERENCES:
            item = SubElement(wrapper, f"{{{namespace}}}{member.item}")
            item.set(f"{{{namespace}}}ref", value)
        elif member.form is Form.CHOICES:
            SubElement(wrapper, f"{{{namespace}}}ref").text = value["ref"]
        else:
            item = SubElement(wrapper, f"{{{namespace}}}property")
            item.set(f"{{{namespace}}}name", value["name"])
            item.text = value.get("value", "")


def _fill(element: Element, member: Member, value: Any, namespace: str) -> None:
    """An object's members in order; anything else is text."""
    if not member.of:
        element.text = _text(value)
        return
    for inner in member.of:
        if inner.key in value:
            add(element, inner, value[inner.key], namespace)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{Decimal(repr(value)):f}"  # xs:decimal has no exponent
    return str(value)
