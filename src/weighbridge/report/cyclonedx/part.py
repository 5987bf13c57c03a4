"""One component on its way into the document: what the library holds, and what is added to it.

The library has no class for model cards and data; and it takes most of its time for properties,
sorted sets of objects, of which a bill of materials has tens of thousands.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from weighbridge.report.cyclonedx.values import clean

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from cyclonedx.model.component import Component

SpecVersion = Literal["1.6", "1.7"]


class Plain(NamedTuple):
    """A component of few members, as the library writes it in JSON; ``make`` makes it, for XML.

    The library takes half a millisecond for each, and there are thousands.
    """

    ref: str
    json: Callable[[SpecVersion], dict[str, Any]]
    make: Callable[[], Component]


@dataclass(slots=True)
class Part:
    """``more`` are members that the library has no class for, as JSON; ``children`` lie inside.

    ``component`` is there until :meth:`settle`: it is large, with two dozen sorted sets.
    """

    component: Component | None
    properties: set[tuple[str, str]] = field(default_factory=set)
    more: dict[str, Any] = field(default_factory=dict)
    children: list[Part] = field(default_factory=list)
    ref: str = field(init=False)
    base: dict[str, Any] = field(init=False, default_factory=dict)
    element: Element | None = field(init=False, default=None)
    plain: Plain | None = None  # in place of a component

    def __post_init__(self) -> None:
        if self.plain is not None:
            self.ref = self.plain.ref
        else:
            assert self.component is not None
            self.ref = str(self.component.bom_ref.value)

    def note(self, name: str, value: str) -> None:
        """Add the property ``weighbridge:<name>``, if there is a value."""
        if value:
            self.properties.add((f"weighbridge:{name}", clean(value)))

    def settle(self, version: SpecVersion, *, xml: bool) -> Part:
        """Take what the library writes of the component, and let the component go."""
        component: Any = self.component
        if self.plain is not None:
            self.base = self.plain.json(version)
            component = self.plain.make() if xml else None
        elif component is not None:
            self.base = json.loads(component.as_json(view_=view(version)))
        if xml and component is not None:
            self.element = component.as_xml(
                view_=view(version), as_string=False, element_name="component",
                xmlns=namespace_of(version),
            )  # fmt: skip
        self.component = self.plain = None
        for child in self.children:
            child.settle(version, xml=xml)
        self.children.sort(key=lambda child: child.ref)
        return self

    def as_json(self) -> dict[str, Any]:
        """The component as the document holds it; to be called after :meth:`settle`."""
        document = {**self.base, **self.more}
        if self.properties:
            document["properties"] = as_properties(self.properties)
        if self.children:
            document["components"] = [child.as_json() for child in self.children]
        return document


def namespace_of(version: SpecVersion) -> str:
    """The target namespace of the XML schema."""
    return f"http://cyclonedx.org/schema/bom/{version}"


def view(version: SpecVersion) -> Any:
    """The library's class for a version of the specification."""
    from cyclonedx.schema.schema import SchemaVersion1Dot6, SchemaVersion1Dot7

    return SchemaVersion1Dot6 if version == "1.6" else SchemaVersion1Dot7


def as_properties(pairs: set[tuple[str, str]]) -> list[dict[str, str]]:
    """Properties as JSON, sorted."""
    return [{"name": name, "value": value} for name, value in sorted(pairs)]
