"""The model card: what the model's files say of its task, its data, its results and its limits.

The library has no class for it, so it is JSON in the schema's shape (``modelCard``, CycloneDX 1.5
and later). What the schema has no member for stands in the card's properties.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from weighbridge.model.facts.model import ClaimFacts, EnergyFacts, MetricFacts
from weighbridge.report.cyclonedx.material import Material, dataset_ref
from weighbridge.report.cyclonedx.sources import Sources
from weighbridge.report.cyclonedx.values import clean

# Fields of claims that become properties of the card: the schema has no member for them.
PROPERTIES: tuple[str, ...] = (
    "adapter_type", "context_length", "conflict", "dtype", "environment", "evaluation",
    "explainability", "file_format", "generation", "hardware", "hyperparameter", "inference",
    "input_detail", "language", "library", "max_input_tokens", "merge_method", "metric",
    "out_of_scope_use", "parameters", "preprocessing", "quantization", "size_label", "software",
    "tensors", "training", "training_data", "usage", "vocabulary_size",
)  # fmt: skip

# What the card's word for an activity is in the schema.
_ACTIVITIES = {
    "pre-training": "training", "pretraining": "training", "training": "training",
    "fine-tuning": "fine-tuning", "finetuning": "fine-tuning", "inference": "inference",
}  # fmt: skip
_GRAMS_A_TON = 1_000_000


def model_card(material: Material, sources: Sources) -> dict[str, Any]:
    """The member ``modelCard``; empty where nothing is known."""
    writer = _Card(material, sources)
    card = {
        "modelParameters": writer.parameters(),
        "quantitativeAnalysis": writer.results(),
        "considerations": writer.considerations(),
        "properties": writer.properties(),
    }
    return {name: value for name, value in card.items() if value}


class _Card:
    def __init__(self, material: Material, sources: Sources) -> None:
        self.material = material
        self.sources = sources

    def cite(self, label: str, claim: ClaimFacts, *path: str | int) -> None:
        ref = self.material.model_ref
        self.sources.declared(ref, ("modelCard", *path), label, claim["place"])

    def first(self, field: str, *path: str | int) -> str:
        """A field's value by the first source that gives it; sources that agree are cited too."""
        claims = self.material.claims.get(field, [])
        if not claims:
            return ""
        for claim in claims:
            if claim["value"] == claims[0]["value"]:
                self.cite(field, claim, *path)
        return clean(claims[0]["value"])

    def all(self, field: str, *path: str | int) -> list[str]:
        """Every value of a field, each once, in the order of the sources."""
        values: dict[str, int] = {}
        for claim in self.material.claims.get(field, []):
            number = values.setdefault(clean(claim["value"]), len(values))
            self.cite(field, claim, *path, number)
        return list(values)

    def parameters(self) -> dict[str, Any]:
        at = "modelParameters"
        found: dict[str, Any] = {
            "task": self.first("task", at, "task"),
            "architectureFamily": self.first("architecture_family", at, "architectureFamily"),
            "modelArchitecture": self.first("architecture", at, "modelArchitecture"),
            "datasets": [{"ref": dataset_ref(facts["id"])} for _, facts in self.material.datasets],
            "inputs": [{"format": value} for value in self.all("input", at, "inputs")],
            "outputs": [{"format": value} for value in self.all("output", at, "outputs")],
        }
        for number, (_, facts) in enumerate(self.material.datasets):
            for use in facts["used_in"]:
                self.sources.found(
                    self.material.model_ref, ("modelCard", at, "datasets", number), "datasets",
                    use["path"], f"declared, {use['kind']}, line {use['line']}",
                )  # fmt: skip
        return {name: value for name, value in found.items() if value}

    def results(self) -> dict[str, Any]:
        metrics = list(self.material.identity["metrics"]) if self.material.identity else []
        for number, metric in enumerate(metrics):
            self.sources.declared(
                self.material.model_ref,
                ("modelCard", "quantitativeAnalysis", "performanceMetrics", number),
                "performanceMetrics", metric["place"],
            )  # fmt: skip
        return {"performanceMetrics": [_metric(metric) for metric in metrics]} if metrics else {}

    def considerations(self) -> dict[str, Any]:
        at = "considerations"
        found = {
            "useCases": self.all("intended_use", at, "useCases"),
            "technicalLimitations": self.all("limitation", at, "technicalLimitations"),
            "ethicalConsiderations": [
                {"name": value} for value in self.all("risk", at, "ethicalConsiderations")
            ],
            "environmentalConsiderations": self.environment(),
        }
        return {name: value for name, value in found.items() if value}

    def environment(self) -> dict[str, Any]:
        """Energy where the card gives it in kWh, as the schema demands; else what it does give."""
        rows = list(self.material.identity["energy"]) if self.material.identity else []
        consumed = [row for row in map(_energy, rows) if row]
        for row in rows:
            self.sources.declared(
                self.material.model_ref,
                ("modelCard", "considerations", "environmentalConsiderations"), "environment",
                row["place"],
            )  # fmt: skip
        found = {
            "energyConsumptions": consumed,
            "properties": [pair for row in rows for pair in _energy_properties(row)],
        }
        return {name: value for name, value in found.items() if value}

    def properties(self) -> list[dict[str, str]]:
        pairs: dict[tuple[str, str], list[ClaimFacts]] = {}
        for field in PROPERTIES:
            for claim in self.material.claims.get(field, []):
                name = f"weighbridge:{field.replace('_', '-')}"
                pairs.setdefault((name, clean(claim["value"])), []).append(claim)
        for number, (pair, claims) in enumerate(sorted(pairs.items())):
            for claim in claims:
                self.cite(pair[0].partition(":")[2], claim, "properties", number)
        return [{"name": name, "value": value} for name, value in sorted(pairs)]


def _metric(metric: MetricFacts) -> dict[str, str]:
    """One result; ``slice`` names the data it was measured on."""
    where = [metric["dataset"] or metric["dataset_name"]]
    where += [f"configuration {metric['dataset_config']}"] if metric["dataset_config"] else []
    where += [f"split {metric['dataset_split']}"] if metric["dataset_split"] else []
    where += [f"revision {metric['dataset_revision']}"] if metric["dataset_revision"] else []
    found = {
        "type": clean(metric["metric"] or metric["name"]),
        "value": clean(metric["value"]),
        "slice": clean(", ".join(text for text in where if text)),
    }
    return {name: value for name, value in found.items() if value}


def _energy(facts: EnergyFacts) -> dict[str, Any]:
    """An ``energyConsumption``, which must have kWh and a provider; empty where there is no kWh.

    Who provided the energy is never known here, and the schema has the word ``unknown`` for it.
    """
    kwh = _number(facts["kwh"])
    if kwh is None:
        return {}
    measure = {"value": float(kwh), "unit": "kWh"}
    row: dict[str, Any] = {
        "activity": _ACTIVITIES.get(facts["activity"].strip().lower(), "other"),
        "energyProviders": [
            {"organization": {}, "energySource": "unknown", "energyProvided": measure}
        ],
        "activityEnergyCost": measure,
    }
    grams = _number(facts["co2_grams"])
    if grams is not None:
        row["co2CostEquivalent"] = {"value": float(grams / _GRAMS_A_TON), "unit": "tCO2eq"}
    return row


def _energy_properties(facts: EnergyFacts) -> list[dict[str, str]]:
    """What the card says, in its own units."""
    units = {
        "co2-grams": facts["co2_grams"], "energy-kwh": facts["kwh"],
        "energy-activity": facts["activity"], "energy-source": facts["source"],
        "energy-location": facts["location"], "energy-hardware": facts["hardware"],
    }  # fmt: skip
    return [
        {"name": f"weighbridge:{name}", "value": clean(value)}
        for name, value in units.items() if value
    ]  # fmt: skip


def _number(text: str) -> Decimal | None:
    """A number of a plausible size; None for anything else (``1e999``, ``NaN``)."""
    try:
        number = Decimal(text.strip()) if len(text) <= 40 else None
    except InvalidOperation:
        return None
    if number is None or not number.is_finite() or not 0 <= number <= Decimal("1e15"):
        return None
    return number
