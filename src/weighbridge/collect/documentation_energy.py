"""Carbon and energy as a card gives them: amounts, units, and where two of them disagree.

``co2_eq_emissions.emissions`` is in grams of CO2 (the Hub's "Displaying carbon emissions for your
model"); CodeCarbon reports kilograms, so people write those into it. ``energy_consumed``, which
sentence-transformers writes, is in kWh.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from weighbridge.collect.card import ModelCard
from weighbridge.collect.model_ledger import shown, word
from weighbridge.model.facts.documentation import EnergyStatementFacts

KEY = "co2_eq_emissions"
_MAX_STATEMENTS = 50  # of one text
_DECIMAL = re.compile(r"[+-]?\d{1,40}(?:\.\d{0,40})?(?:[eE][+-]?\d{1,2})?")
_NUMBER = (
    r"(?<![\w.,])(-?\d{1,3}(?:,\d{3}){1,6}(?:\.\d{1,12})?"
    r"|-?\d{1,18}(?:\.\d{1,12})?(?:[eE][+-]?\d{1,2})?)"
)
_MASS = r"(kg|kilo(?:gram)?s?|g|grams?|t|(?:metric )?ton(?:ne)?s?|lbs?|pounds?|mg)"
_CARBON = r"(?:CO\s?[2₂]|carbon)"
_CO2 = re.compile(rf"{_NUMBER}\s{{0,3}}{_MASS}\s{{0,3}}(?:of )?{_CARBON}", re.IGNORECASE)
_CO2_LABEL = re.compile(
    rf"{_CARBON}[^\n:|=]{{0,40}}[:|=][\s*_`]{{0,6}}{_NUMBER}\s{{0,3}}{_MASS}\b", re.IGNORECASE
)
_ENERGY = re.compile(rf"{_NUMBER}\s{{0,3}}([kMGT]?Wh|[MG]J)\b(?!\s*/)")
_GRAMS = {
    "mg": Decimal("0.001"), "g": Decimal(1), "gram": Decimal(1), "kg": Decimal(1000),
    "kilo": Decimal(1000), "kilogram": Decimal(1000), "t": Decimal(10**6), "ton": Decimal(10**6),
    "tonne": Decimal(10**6), "lb": Decimal("453.59237"), "pound": Decimal("453.59237"),
}  # fmt: skip
_KWH = {
    "Wh": Decimal("0.001"), "kWh": Decimal(1), "MWh": Decimal(1000), "GWh": Decimal(10**6),
    "TWh": Decimal(10**9), "MJ": 1 / Decimal("3.6"), "GJ": 1000 / Decimal("3.6"),
}  # fmt: skip
# 10 Mt of CO2, and the energy of about as much: no training came near either.
_MOST_GRAMS = Decimal(10**13)
_MOST_KWH = Decimal(10**11)


def declared(card: ModelCard) -> Iterator[EnergyStatementFacts]:
    """What the front matter gives, with what is wrong with it."""
    value = card.front.value.get(KEY) if card.front else None
    if card.front is None or value is None:
        return
    if not isinstance(value, dict):
        yield _keyed(card.path, "carbon", value, card.front.line((KEY,)))
        return
    for key, quantity in (("emissions", "carbon"), ("energy_consumed", "energy")):
        if value.get(key) is not None:
            yield _keyed(card.path, quantity, value[key], card.front.line((KEY, key)))


def _keyed(path: str, quantity: str, value: object, line: int) -> EnergyStatementFacts:
    amount, problem = _amount(quantity, value)
    written = word(value) if not isinstance(value, list | dict) else "a list or mapping"
    unit = "g" if quantity == "carbon" else "kWh"
    return {
        "quantity": "carbon" if quantity == "carbon" else "energy",
        "origin": "key",
        "written": shown(f"{written} {unit}" if amount else written, 100),
        "amount": amount,
        "problem": problem,
        "path": path,
        "line": line,
    }


def _amount(quantity: str, value: object) -> tuple[str, str]:
    """The amount as plain decimal text, or why there is none."""
    unit = "grams" if quantity == "carbon" else "kWh"
    if isinstance(value, bool | list | dict):
        return "", f"it is no number of {unit}"
    text = word(value)
    number = _decimal(text)
    if number is None:
        if re.search(r"\d\s*(?![eE][+-]?\d)[A-Za-z]", text):
            return "", f"it is text with a unit, and must be a bare number of {unit}"
        return "", f"it is no number of {unit}"
    if number < 0:
        return "", "it is below zero"
    if number > (_MOST_GRAMS if quantity == "carbon" else _MOST_KWH):
        return "", f"it is more {unit} than any training took"
    return plain(number), ""


def told(text: str, path: str, line: int) -> Iterator[EnergyStatementFacts]:
    """Amounts of carbon and energy in a section's text; ``line`` is that of its heading."""
    seen: set[tuple[str, str]] = set()
    found = [("carbon", match) for match in _CO2.finditer(text)]
    found += [("carbon", match) for match in _CO2_LABEL.finditer(text)]
    found += [("energy", match) for match in _ENERGY.finditer(text)]
    for quantity, match in found[:_MAX_STATEMENTS]:
        unit = match[2]
        if quantity == "carbon":
            factor = _GRAMS.get(unit.lower().removeprefix("metric ").rstrip("s"))
        else:
            factor = _KWH.get(unit)
        number = _decimal(match[1].replace(",", ""))
        if number is None or factor is None or (quantity, match[1] + unit) in seen:
            continue
        seen.add((quantity, match[1] + unit))
        yield {
            "quantity": "carbon" if quantity == "carbon" else "energy",
            "origin": "text",
            "written": shown(f"{match[1]} {unit}", 100),
            "amount": plain(number * factor) if number >= 0 else "",
            "problem": "" if number >= 0 else "it is below zero",
            "path": path,
            "line": line,
        }


def _decimal(text: str) -> Decimal | None:
    """A number, None for what is none. Long exponents are none: they take memory to write out."""
    return Decimal(text) if _DECIMAL.fullmatch(text) else None


def plain(number: Decimal) -> str:
    """Decimal text without an exponent, to nine significant digits."""
    return f"{Decimal(f'{number:.8E}').normalize():f}"
