"""What training cost in energy or carbon is stated, in the unit that readers take it for."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from weighbridge.model.evidence import EvidenceKind
from weighbridge.model.facts.documentation import EnergyStatementFacts
from weighbridge.model.finding import (
    Conclusion,
    Finding,
    Location,
    Outcome,
    Severity,
    conclude,
    not_collected,
)
from weighbridge.model.rule import Case, Param, RuleMeta
from weighbridge.rules.documentation._shared import Documents, documents

_UNITS = {"carbon": "grams of CO2", "energy": "kWh"}
_WORDS = {"carbon": "the carbon emitted", "energy": "the energy used"}
_KEYS = {"carbon": "co2_eq_emissions.emissions", "energy": "co2_eq_emissions.energy_consumed"}
_SLACK = Decimal("0.02")  # of the amount: two programs do not measure alike

META = RuleMeta(
    id="unstated-energy",
    family="documentation",
    since="0.1",
    severity=Severity.LOW,
    summary="energy or carbon of training is stated, as a number in the unit that its field has",
    why=(
        "The Hub reads 'co2_eq_emissions' in grams; CodeCarbon reports kilograms, and cards give "
        "the one for the other, a thousand times too little. A number with a wrong unit is worse "
        "than none: it is added up. The EU asks providers of general-purpose models for the known "
        "or estimated consumption of energy."
    ),
    remedy=(
        "Give 'emissions' in grams and 'energy_consumed' in kWh under 'co2_eq_emissions', as bare "
        "numbers, and say under 'source' how they were measured."
    ),
    example="'emissions: 83.5' in the front matter, and '83.5 kg of CO2' in the text below.",
    needs=(EvidenceKind.DOCUMENTATION,),
    params=(
        Param(
            "require",
            (),
            "which amounts must be stated: energy, carbon; empty: one of the two",
            stricter="more",
        ),
    ),
    references=(
        "https://huggingface.co/docs/hub/model-cards-co2",
        "https://artificialintelligenceact.eu/annex/11",
    ),
)


def check(case: Case) -> Conclusion:
    """Look for amounts, at each one's unit, and at whether key and text agree."""
    found = documents(case)
    if found is None:
        return conclude([not_collected("energy")], [])
    digests = [found.evidence.digest]
    required = case.texts("require")
    if wrong := [name for name in required if name not in _UNITS]:
        return conclude([_no_such_quantity(wrong[0])], digests)
    stated = found.facts["energy"] if found.facts else []
    findings = [_problem(found, one) for one in stated if one["problem"]]
    for quantity in _UNITS:
        findings += _disagreement(found, [one for one in stated if one["quantity"] == quantity])
    have = {one["quantity"] for one in stated}
    if not required and not have:
        findings.append(_unstated(found, "state neither the energy used nor the carbon emitted"))
    findings += [
        _unstated(found, f"do not state {_WORDS[name]}", name)
        for name in required
        if name not in have
    ]
    return conclude(findings, digests, note=f"Amounts of energy and carbon: {len(stated)}.")


def _problem(found: Documents, one: EnergyStatementFacts) -> Finding:
    where = _KEYS[one["quantity"]] if one["origin"] == "key" else "the text"
    return Finding(
        Outcome.FAIL,
        f"{where} in {one['path']} gives '{one['written']}' as {_WORDS[one['quantity']]}: "
        f"{one['problem']}.",
        f"Write the amount as a number of {_UNITS[one['quantity']]}.",
        Location(one["path"], line=one["line"]),
        key=f"{one['quantity']}:unit",
        evidence=(found.evidence.digest,),
    )


def _disagreement(found: Documents, stated: list[EnergyStatementFacts]) -> Iterator[Finding]:
    """A key's amount that none of the amounts in the text comes near."""
    keys = [one for one in stated if one["origin"] == "key" and one["amount"]]
    texts = [one for one in stated if one["origin"] == "text" and one["amount"]]
    for key in keys:
        if not texts or any(_near(key, text) for text in texts):
            continue
        text = texts[0]
        thousandfold = any(_near(key, other, 1000) for other in texts)
        hint = "; it seems to be in kilograms" if thousandfold else ""
        hint = hint if key["quantity"] == "carbon" else ""
        yield Finding(
            Outcome.FAIL,
            f"{_KEYS[key['quantity']]} gives {key['written']}, and the text in {text['path']} "
            f"{text['written']}{hint}.",
            f"Make both say the same, the key in {_UNITS[key['quantity']]}.",
            Location(key["path"], line=key["line"]),
            key=f"{key['quantity']}:disagreement",
            evidence=(found.evidence.digest,),
        )


def _near(key: EnergyStatementFacts, text: EnergyStatementFacts, factor: int = 1) -> bool:
    """Whether two amounts are the same but for rounding: the text's last digit may be rounded."""
    said, meant = Decimal(text["amount"]), Decimal(key["amount"]) * factor
    number = text["written"].split(" ")[0].lower().split("e")[0]
    digits = len("".join(c for c in number if c.isdigit()).lstrip("0")) or 1
    slack = _SLACK + Decimal("0.5").scaleb(1 - digits)
    return abs(said - meant) <= slack * max(said, meant)


def _unstated(found: Documents, what: str, name: str = "") -> Finding:
    gap = f"; what could not be read may: {found.gap}" if found.gap else ""
    return Finding(
        found.outcome,
        f"The documents {what}{gap}.",
        "Measure it, or estimate it from hardware and hours, and write it under "
        "'co2_eq_emissions' and in a section on environmental impact.",
        found.place,
        key=f"unstated:{name}" if name else "unstated",
        severity=Severity.INFO if not name else None,
        evidence=(found.evidence.digest,),
    )


def _no_such_quantity(name: str) -> Finding:
    return Finding(
        Outcome.UNKNOWN,
        f"The policy requires '{name}' to be stated, and there is no such quantity.",
        f"Set 'require' to some of {', '.join(_UNITS)}.",
        key=f"require:{name}",
    )
