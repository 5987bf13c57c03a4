"""The model as an SPDX AI package: what its own files say it is, its files, and what it is from."""

from __future__ import annotations

import json
import re
from typing import Any

from weighbridge.model.artifact import Artifact, Presence
from weighbridge.model.evidence import EvidenceKind, EvidenceState
from weighbridge.model.record import AuditRecord
from weighbridge.report.spdx.graph import Graph, entry, hashes, sentences

_NUMBER = re.compile(r"[0-9]{1,15}(\.[0-9]{1,15})?\Z")
_AWAY = {
    Presence.POINTER: "The content is not here; size and digest are those that its pointer states.",
    Presence.MISSING: "Listed, and not here.",
}


def add_model(graph: Graph, record: AuditRecord) -> str:
    """Add the model, its files and the models that it was made from; give its identifier."""
    facts = _identity(record)
    claims: dict[str, list[str]] = {}
    for claim in facts.get("claims", ()):
        values = claims.setdefault(claim["field"], [])
        if claim["value"] not in values:
            values.append(claim["value"])
    subject = record.subject
    model = graph.add(
        "model",
        "ai_AIPackage",
        name=facts.get("name") or subject.name,
        description="\n".join(claims.get("description", ())),
        software_packageVersion=(
            facts.get("revision") or subject.revision or claims.get("version", [""])[0]
        ),
        software_packageUrl=facts.get("purl", ""),
        software_primaryPurpose="model",
        suppliedBy=graph.agent(facts["namespace"]) if facts.get("namespace") else "",
        verifiedUsing=[
            {
                "type": "Hash",
                "algorithm": "other",
                "hashValue": subject.digest.value,
                "comment": f"{subject.digest.algorithm} over the path and SHA-256 of every file.",
            }
        ],
        comment=sentences([f"{reason}." for reason in facts.get("unread", ())]),
        **_ai(facts, claims),
    )
    declared, concluded = _licenses(record)
    graph.licensed(model, declared=declared, concluded=concluded)
    _cite(graph, facts, model)
    _add_files(graph, record, model)
    _add_bases(graph, facts, model)
    return model


def _identity(record: AuditRecord) -> Any:
    for evidence in record.evidence:
        if evidence.kind is EvidenceKind.MODEL and evidence.state is EvidenceState.OBSERVED:
            return evidence.data
    return {}


def _ai(facts: Any, claims: dict[str, list[str]]) -> dict[str, Any]:
    """The properties of the AI profile, only as the model's files give them."""
    return {
        "ai_typeOfModel": _all(claims, "architecture", "architecture_family", "adapter_type"),
        "ai_domain": _all(claims, "task"),
        "ai_informationAboutApplication": _text(
            claims,
            ("intended use", "intended_use"),
            ("out of scope", "out_of_scope_use"),
            ("input", "input"),
            ("output", "output"),
            ("language", "language"),
        ),
        "ai_informationAboutTraining": "\n\n".join(
            part
            for part in (
                _text(
                    claims,
                    ("training", "training"),
                    ("training data", "training_data"),
                    ("environment", "environment"),
                ),
                *map(_emissions, facts.get("energy", ())),
            )
            if part
        ),
        "ai_limitation": _text(claims, ("limitations", "limitation"), ("risks", "risk")),
        "ai_modelDataPreprocessing": _all(claims, "preprocessing"),
        "ai_modelExplainability": _all(claims, "explainability"),
        "ai_hyperparameter": [
            entry(name.strip(), value.strip())
            for name, _, value in (text.partition("=") for text in claims.get("hyperparameter", ()))
            if name.strip()
        ],
        "ai_metric": [_metric(metric) for metric in facts.get("metrics", ())],
        "ai_energyConsumption": _energy(facts.get("energy", ())),
    }


def _all(claims: dict[str, list[str]], *fields: str) -> list[str]:
    return list(dict.fromkeys(value for field in fields for value in claims.get(field, ())))


def _text(claims: dict[str, list[str]], *fields: tuple[str, str]) -> str:
    """Values of several fields as one text, each after its title."""
    return "\n\n".join(
        f"{title.capitalize()}: {'; '.join(claims[field])}"
        for title, field in fields
        if field in claims
    )


def _metric(metric: Any) -> dict[str, Any]:
    """The result's name with what it was measured on: the same metric may stand there often."""
    on = " ".join(
        part
        for part in (metric["dataset"], metric["dataset_config"], metric["dataset_split"])
        if part
    )
    name = metric["metric"] or metric["name"]
    return entry(f"{name} on {on}" if on else name, metric["value"])


def _energy(energies: Any) -> dict[str, Any] | None:
    """Kilowatt-hours where the card gives them; nothing is concluded from grams of carbon."""
    parts: dict[str, list[dict[str, Any]]] = {}
    for energy in energies:
        if _NUMBER.match(energy["kwh"]):
            activity = energy["activity"].casefold()
            name = "finetuning" if "fine" in activity else "training"
            name = "inference" if "inference" in activity else name
            parts.setdefault(f"ai_{name}EnergyConsumption", []).append(
                {
                    "type": "ai_EnergyConsumptionDescription",
                    "ai_energyQuantity": energy["kwh"],
                    "ai_energyUnit": "kilowattHour",
                }
            )
    return {"type": "ai_EnergyConsumption", **parts} if parts else None


def _emissions(energy: Any) -> str:
    if not energy["co2_grams"]:
        return ""
    more = "; ".join(
        f"{name}: {energy[key]}"
        for name, key in (("activity", "activity"), ("source", "source"), ("place", "location"),
                          ("hardware", "hardware"))
        if energy[key]
    )  # fmt: skip
    return f"Declared emissions: {energy['co2_grams']} g CO2eq{f' ({more})' if more else ''}."


def _licenses(record: AuditRecord) -> tuple[str, str]:
    """What the card declares, and the expression that it was resolved to."""
    raw: set[str] = set()
    known: set[str] = set()
    for evidence in record.evidence:
        if (
            evidence.kind is not EvidenceKind.LICENSE
            or evidence.state is not EvidenceState.OBSERVED
        ):
            continue
        data: Any = evidence.data
        if data.get("role") == "declared":
            raw.add(data["license_name"] or data["raw"])
            known.add(data["id"] if data["status"] == "known" else "")
    concluded = "" if "" in known else _joined(known)
    return _joined(raw), concluded


def _joined(texts: set[str]) -> str:
    """Several licenses apply together, whatever each of them is."""
    if len(texts) < 2:
        return next(iter(texts), "")
    return " AND ".join(f"({text})" if " " in text else text for text in sorted(texts))


def _cite(graph: Graph, facts: Any, model: str) -> None:
    """An annotation that says of each value where it was read."""
    places = [
        {"field": claim["field"], "value": claim["value"], **claim["place"]}
        for claim in facts.get("claims", ())
    ]
    places += [
        {"field": field, "value": value, **item["place"]}
        for field, key, name in (
            ("base_model", "base_models", "id"),
            ("metric", "metrics", "value"),
        )
        for item in facts.get(key, ())
        for value in [item[name]]
    ]
    if not places:
        return
    statement = json.dumps([dict(place) for place in places], ensure_ascii=False, sort_keys=True)
    graph.add(
        "annotation/sources",
        "Annotation",
        annotationType="other",
        contentType="application/json",
        subject=model,
        summary="Where each value was read",
        statement=statement,
    )


def _add_files(graph: Graph, record: AuditRecord, model: str) -> None:
    files = [_add_file(graph, artifact) for artifact in record.artifacts]
    complete = "incomplete" if record.problems else "complete"
    graph.relate(model, "contains", files, completeness=complete)


def _add_file(graph: Graph, artifact: Artifact) -> str:
    return graph.add(
        ("file", artifact.path),
        "software_File",
        name=artifact.path,
        software_fileKind="file",
        software_primaryPurpose="model" if artifact.is_weight else "",
        verifiedUsing=hashes(str(digest) for digest in artifact.digests),
        comment=sentences(
            [
                f"{artifact.kind.value}, {artifact.size} bytes.",
                _AWAY.get(artifact.presence, ""),
                f"A link to {artifact.link_target}." if artifact.link_target else "",
            ]
        ),
    )


def _add_bases(graph: Graph, facts: Any, model: str) -> None:
    """The models that this one was made from, each once. It is never its own ancestor.

    One source writes a Hub id and another its address: they are one where their purl is.
    """
    own = {
        _unversioned(facts.get("purl", "")),
        facts.get("name", ""),
        f"{facts.get('namespace', '')}/{facts.get('name', '')}",
    }
    bases: dict[tuple[str, str], list[Any]] = {}
    for base in facts.get("base_models", ()):
        what = _unversioned(base["purl"]) or base["id"]
        if what and what not in own and base["id"] not in own:
            bases.setdefault((what, base["revision"]), []).append(base)
    for (what, revision), said in sorted(bases.items(), key=lambda item: item[0]):
        element = graph.add(
            ("base", what, revision),
            "ai_AIPackage",
            name=min((base["id"] for base in said), key=lambda text: (len(text), text)),
            software_packageUrl=max(base["purl"] for base in said),
            software_packageVersion=revision,
            software_primaryPurpose="model",
        )
        graph.licensed(element, declared="", concluded="")
        relations = sorted({base["relation"] for base in said if base["relation"]})
        places = sorted({f"Named by {base['place']['path']}." for base in said})
        graph.relate(
            model,
            "descendantOf",
            [element],
            comment=sentences([*(f"By {relation}." for relation in relations), *places]),
        )


def _unversioned(purl: str) -> str:
    return purl.partition("@")[0]
