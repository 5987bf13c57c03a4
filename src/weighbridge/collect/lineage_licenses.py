"""What is stated of a node's license: by its own card, its files, its prose, or by its name alone.

The statements stand side by side, as the evidence on licenses has them; which of them holds is not
decided here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Literal, cast

from weighbridge.collect.card import ModelCard
from weighbridge.collect.lineage_said import MAX_ID
from weighbridge.collect.model_ledger import place, shown
from weighbridge.licensing.ids import resolve
from weighbridge.model.evidence import Evidence, EvidenceState
from weighbridge.model.facts.license import LicenseFacts
from weighbridge.model.facts.lineage import NodeLicenseFacts
from weighbridge.model.facts.model import PlaceFacts

How = Literal["declared", "detected", "prose", "family"]
MAX_STATEMENTS = 50  # of one node
_ROLES = ("declared", "detected", "prose", "header")
_OWN = ("", "model", "origin")  # what a statement is about that speaks of the thing itself
_HOW: dict[str, How] = {
    "declared": "declared", "detected": "detected", "prose": "prose", "header": "detected",
}  # fmt: skip
_WORD = re.compile(r"\s*\b(?:community\s+)?licen[cs]e(?:\s+agreement)?\b\s*", re.IGNORECASE)


def declared(raw: str, at: PlaceFacts, license_name: str = "") -> NodeLicenseFacts:
    """A license that a card, a record or metadata declares."""
    from weighbridge.licensing.knowledge import by_name

    found = resolve(raw)
    identifier, symbols = found.id, list(found.symbols)
    if not found.names_text and license_name and (terms := by_name(license_name)):
        identifier, symbols = terms.id, [terms.id]
    written = f"{raw} ({license_name})" if license_name and not found.names_text else raw
    return {
        "how": "declared",
        "raw": shown(written, MAX_ID),
        "id": identifier,
        "symbols": symbols,
        "place": at,
    }


def in_prose(raw: str, at: PlaceFacts) -> NodeLicenseFacts:
    """A license that a sentence names: ``llama3.1 license``, ``MIT License``."""
    from weighbridge.licensing.knowledge import by_name

    name = _WORD.sub(" ", raw).strip()
    found = resolve(name)
    identifier, symbols = found.id, list(found.symbols)
    if not identifier and (terms := by_name(raw) or by_name(name)):
        identifier, symbols = terms.id, [terms.id]
    return {
        "how": "prose", "raw": shown(raw, MAX_ID), "id": identifier, "symbols": symbols,
        "place": at,
    }  # fmt: skip


def of_card(card: ModelCard) -> list[NodeLicenseFacts]:
    """Each id that a card declares, under ``license`` or the misspelling that trainers write."""
    key = "license" if card.license else "licence"
    found: list[NodeLicenseFacts] = []
    for value in (card.license or card.licence)[:MAX_STATEMENTS]:
        at = place(card.path, key, value.line)
        if value.plain:
            found.append(declared(value.text, at, card.license_name))
        else:
            found.append({"how": "declared", "raw": value.text, "id": "", "symbols": [],
                          "place": at})  # fmt: skip
    return found


def of_text(card: ModelCard) -> list[NodeLicenseFacts]:
    """What sentences of a card's text say of the thing's own license."""
    from weighbridge.licensing.prose import statements

    found: list[NodeLicenseFacts] = []
    for said in statements(card.body, card.body_line):
        if said.covers not in _OWN or len(found) >= MAX_STATEMENTS:
            continue
        joined = said.ids if said.joined else said.ids[:1]
        found.append(
            {
                "how": "prose",
                "raw": shown(said.raw, MAX_ID),
                "id": f" {said.joined} ".join(joined),
                "symbols": list(said.ids),
                "place": place(card.path, shown(said.words, 100), said.line),
            }
        )
    return found


def of_tags(tags: Iterable[str], at: PlaceFacts) -> list[NodeLicenseFacts]:
    """The Hub's tag ``license:<id>``, for a card whose text could not be had."""
    named = [t.removeprefix("license:") for t in tags if t.startswith("license:")]
    return [declared(name, at) for name in named[:MAX_STATEMENTS]]


def of_evidence(evidence: Iterable[Evidence]) -> Iterator[tuple[Evidence, NodeLicenseFacts]]:
    """The statements on the subject that the license collector found, with their evidence."""
    for one in evidence:
        if one.state is not EvidenceState.OBSERVED:
            continue
        facts = cast(LicenseFacts, one.data)
        role = str(facts["role"])
        if role not in _ROLES:
            continue
        at = place(one.about, facts["key"], facts["line"], computed=role in ("detected", "header"))
        statement: NodeLicenseFacts = {
            "how": _HOW[role],
            "raw": facts["raw"],
            "id": facts["id"],
            "symbols": list(facts["symbols"]),
            "place": at,
        }
        if role == "declared" and not statement["id"] and facts["license_name"]:
            named = declared(facts["raw"], at, facts["license_name"])
            statement["id"], statement["symbols"] = named["id"], named["symbols"]
        yield one, statement


def by_family(model_id: str) -> NodeLicenseFacts | None:
    """The license that the knowledge base has for a model of that name, none where it has none."""
    from weighbridge.licensing.families import family_license
    from weighbridge.licensing.knowledge import terms

    found = family_license(model_id)
    if found is None or not found.license:
        return None
    known = terms(found.license)
    at = place("", shown(found.why, 200))
    symbols = [known.id] if known else list(resolve(found.license).symbols)
    return {
        "how": "family", "raw": shown(model_id, MAX_ID), "id": found.license,
        "symbols": symbols or [found.license], "place": at,
    }  # fmt: skip
