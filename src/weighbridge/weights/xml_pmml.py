"""What a PMML document must have: its version, its fields, and no use of others.

Source: PMML 4.4 (dmg.org): "General Structure" and "Data Dictionary". Fields are declared by the
data dictionary, by derived fields, by outputs, and as parameters of functions.
"""

from __future__ import annotations

import re

from weighbridge.weights.log import Log

MAX_FIELDS = 200_000  # that are told apart
_VERSION = re.compile(r"([1-9])\.(\d)(\.\d{1,2})?\Z")
_LAST = (4, 4)
# Where a field is declared, and where one is used, with the attribute that names it. A mining field
# may come from another model of the same document, and counts as declared.
_DECLARES = frozenset(("DataField", "DerivedField", "OutputField", "ParameterField", "MiningField"))
_USES = {
    "FieldRef": "field",
    "SimplePredicate": "field",
    "SimpleSetPredicate": "field",
    "NumericPredictor": "name",
    "CategoricalPredictor": "name",
}
_NAMES = 3  # undefined ones that are listed


class Structure:
    """Follows the elements of one document: those of :attr:`NAMES`."""

    NAMES = frozenset(("DataDictionary", "PMML", *_DECLARES, *_USES))

    def __init__(self, log: Log) -> None:
        self.log = log
        self.declared: set[str] = set()
        self.used: dict[str, int] = {}
        self.dictionaries = 0
        self.announced = -1
        self.fields: set[str] = set()  # of the data dictionary
        self.crowded = False

    def start(self, name: str, attributes: dict[str, str], parents: list[str], at: int) -> None:
        """An element begins; ``parents`` are those it stands in."""
        depth = len(parents)
        if not depth:
            self._version(attributes.get("version", ""), at)
        elif name == "DataDictionary" and depth == 1:
            self.dictionaries += 1
            count = attributes.get("numberOfFields", "").strip()
            self.announced = int(count) if count.isdecimal() and len(count) < 10 else -1
        elif name == "DataField":
            field = attributes.get("name", "")
            if field in self.fields:
                self.log.issue("duplicate-value", f"two data fields are called {field[:80]!r}", at)
            self.fields.add(field)
        if name in _DECLARES and self._has_room():
            self.declared.add(attributes.get("name", ""))
        elif name in _USES and _USES[name] in attributes and self._has_room():
            self.used.setdefault(attributes[_USES[name]], at)

    def finish(self) -> None:
        """What only the whole document tells."""
        if not self.dictionaries:
            self.log.issue("bad-structure", "the document has no data dictionary")
        if self.announced >= 0 and self.announced != len(self.fields) and not self.crowded:
            message = (
                f"{self.announced} data fields are announced, and there are {len(self.fields)}"
            )
            self.log.issue("bad-structure", message)
        undefined = [(name, at) for name, at in self.used.items() if name not in self.declared]
        for name, at in undefined[:_NAMES] if not self.crowded else ():
            self.log.issue("undefined-value", f"the field {name[:80]!r} is declared nowhere", at)

    def _version(self, version: str, at: int) -> None:
        found = _VERSION.match(version)
        if found is None:
            self.log.issue("bad-version", f"version {version[:20]!r} of PMML does not exist", at)
        elif (int(found[1]), int(found[2])) > _LAST:
            self.log.gap(f"no reader for version {version[:20]!r} of PMML yet")

    def _has_room(self) -> bool:
        if len(self.declared) + len(self.used) < MAX_FIELDS:
            return True
        if not self.crowded:
            self.log.gap(f"fields beyond the first {MAX_FIELDS} were not compared")
        self.crowded = True
        return False
