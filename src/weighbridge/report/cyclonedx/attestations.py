"""The audit's verdicts as CycloneDX attestations: claims, their evidence, and the clauses they are
about.

A document of its own, beside the bill of materials: materials stay while verdicts change. Nobody
affirms it: it says what a program found, and no score of conformance is given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from weighbridge.model.clause import Clause
from weighbridge.model.finding import Outcome
from weighbridge.model.record import AuditRecord, RuleResult
from weighbridge.report.cyclonedx import as_bytes
from weighbridge.report.cyclonedx.document import ATTESTATIONS, bom_as_json, bom_of
from weighbridge.report.cyclonedx.evidence import Pieces
from weighbridge.report.cyclonedx.material import Material
from weighbridge.report.cyclonedx.model import model_part
from weighbridge.report.cyclonedx.part import Part, SpecVersion, as_properties
from weighbridge.report.cyclonedx.sources import Sources
from weighbridge.report.cyclonedx.values import clean, reference
from weighbridge.report.cyclonedx_schema import validate_bom
from weighbridge.report.summary import ATTESTED, attested_by

if TYPE_CHECKING:
    from cyclonedx.model.bom import Bom

__all__ = ["FILENAME", "MEDIA_TYPE", "NAME", "render", "render_attestations"]

NAME = "attestations"
FILENAME = "attestations.cdx.json"
MEDIA_TYPE = "application/vnd.cyclonedx+json; version=1.6"

MAX_EVIDENCE = 200  # pieces that one claim names; how many more there are is said

_ASSESSOR = "assessor:weighbridge"
_TARGET = "target:model"
# What a rule's summary becomes where the rule did not simply pass.
_PREDICATES = {
    Outcome.PASS: "{}",
    Outcome.FAIL: "It does not hold that {}",
    Outcome.WAIVED: "It does not hold that {}, which the policy accepts for the time being",
    Outcome.UNKNOWN: "It is not known whether {}",
    Outcome.ERROR: "It is not known whether {}",
    Outcome.MANUAL: "A person has to say whether {}",
    Outcome.NOT_APPLICABLE: "The question whether {} does not arise",
}
_STATEMENT = (
    "Made by a program from the files named in the audit record; nobody has affirmed it. A claim "
    "says what one rule found, and not that a clause is complied with."
)


def render(record: AuditRecord) -> bytes:
    """The document in CycloneDX 1.6 JSON, validated."""
    return render_attestations(record)


def render_attestations(
    record: AuditRecord,
    *,
    spec_version: SpecVersion = "1.6",
    format: Literal["json", "xml"] = "json",  # noqa: A002 - what CycloneDX calls it
) -> bytes:
    """The document in a version and format.

    Raises:
        InvalidBom: what was written breaks the schema. A defect of this module.
    """
    model = Part(model_part(Material(record), Sources()).component)
    bom = bom_of(record, model, ATTESTATIONS)
    model.settle(spec_version, xml=format == "xml")
    made = _build(record, bom, model, spec_version)
    validate_bom(made)
    if format == "xml":
        from weighbridge.report.cyclonedx.xml import attestations_as_xml

        return attestations_as_xml(made, bom, model, spec_version)
    return as_bytes(made)


def _build(record: AuditRecord, bom: Bom, model: Part, version: SpecVersion) -> dict[str, Any]:
    made = bom_as_json(bom, model, version)
    made["metadata"]["properties"] = as_properties(
        {
            ("weighbridge:record", str(record.digest)),
            ("weighbridge:policy", clean(record.policy.id)),
            ("weighbridge:gate", "open" if record.verdict.open else "closed"),
        }
    )
    made["definitions"] = {"standards": _standards(record)}
    made["declarations"] = _declarations(record)
    return made


def _frameworks(record: AuditRecord) -> dict[tuple[str, str], list[Clause]]:
    found: dict[tuple[str, str], list[Clause]] = {}
    for clause in record.clauses:
        found.setdefault((clause.framework, clause.version), []).append(clause)
    return dict(sorted(found.items()))


def _standards(record: AuditRecord) -> list[dict[str, Any]]:
    return [
        {
            "bom-ref": reference("standard", f"{framework} {version}"),
            "name": framework,
            "version": version,
            "description": f"The clauses of {framework} that the policy's rules bear on",
            "owner": framework,
            "requirements": [_requirement(clause, record) for clause in clauses],
        }
        for (framework, version), clauses in _frameworks(record).items()
    ]


def _requirement(clause: Clause, record: AuditRecord) -> dict[str, Any]:
    standing = clause.standing(record.as_of).value
    against = clause.verified_against
    verified = f"{clause.verified_on}, {against}" if clause.verified and against else "unverified"
    pairs = {
        ("weighbridge:legal-status", clause.legal_status.value),
        ("weighbridge:standing", f"{standing} on {record.as_of}"),
        ("weighbridge:verified", verified),
    }
    for link in clause.links:
        pairs.add((f"weighbridge:link:{link.rule}", f"{link.strength.value}; open: {link.residue}"))
    for link in clause.broken:
        pairs.add((f"weighbridge:link:{link.rule}", "none: the policy loosens the rule"))
    if clause.superseded_by:
        pairs.add(("weighbridge:superseded-by", clause.superseded_by))
    return {
        "bom-ref": _requirement_ref(clause),
        "identifier": clause.id,
        "title": clause.title,
        "text": clause.paraphrase,
        "properties": as_properties(pairs),
    }


def _requirement_ref(clause: Clause) -> str:
    return reference("clause", f"{clause.framework} {clause.version} {clause.id}")


def _declarations(record: AuditRecord) -> dict[str, Any]:
    pieces = Pieces(record)
    claims = [_claim(result, pieces) for result in record.results]
    made = {
        "assessors": [
            {
                "bom-ref": _ASSESSOR,
                "thirdParty": False,
                "organization": {"name": f"weighbridge {record.tool_version}"},
            }
        ],
        "attestations": _attestations(record),
        "claims": claims,
        "evidence": pieces.written(),
        "targets": {"components": [_target(record)]},
        "affirmation": {"statement": _STATEMENT},
    }
    return {name: value for name, value in made.items() if value}


def _target(record: AuditRecord) -> dict[str, Any]:
    return {
        "bom-ref": _TARGET,
        "type": "machine-learning-model",
        "name": clean(record.subject.name, 500),
        "properties": [{"name": "weighbridge:subject-digest", "value": str(record.subject.digest)}],
    }


def _claim(result: RuleResult, pieces: Pieces) -> dict[str, Any]:
    """What one rule found. Evidence of a rule that fails speaks against what the rule asks."""
    summary = clean(result.summary or f"the rule {result.rule} holds").rstrip(".")
    count = len(result.findings)
    reasons = [f"{result.rule} ({result.severity.value}): {result.outcome.value}"]
    reasons += [f"{count} finding{'s' if count != 1 else ''}"] if count else []
    reasons += [result.note] if result.note else []
    refs = [pieces.refer(digest) for digest in sorted(result.evidence)[:MAX_EVIDENCE]]
    more = len(result.evidence) - MAX_EVIDENCE
    reasons += [f"{more} more pieces of evidence are in the record"] if more > 0 else []
    waivers = [pieces.waiver(name) for name in result.waivers]
    claim: dict[str, Any] = {
        "bom-ref": _claim_ref(result.rule),
        "target": _TARGET,
        "predicate": _PREDICATES[result.outcome].format(summary),
        "reasoning": clean("; ".join(reasons)),
    }
    if refs:
        claim["evidence"] = refs
    if waivers:
        claim["mitigationStrategies"] = sorted({ref for ref in waivers if ref})
    return claim


def _claim_ref(rule: str) -> str:
    return reference("claim", rule)


def _attestations(record: AuditRecord) -> list[dict[str, Any]]:
    results = {result.rule: result for result in record.results}
    made = []
    for (framework, version), clauses in _frameworks(record).items():
        rows = [_mapped(clause, results, record) for clause in clauses]
        made.append(
            {
                "summary": f"What the audit's rules found that bears on {framework} {version}",
                "assessor": _ASSESSOR,
                "map": rows,
            }
        )
    return made


def _mapped(clause: Clause, results: dict[str, RuleResult], record: AuditRecord) -> dict[str, Any]:
    """A clause with the claims for it and against it; the rationale has the undecided ones too."""
    links = [(link, results[link.rule]) for link in clause.links if link.rule in results]
    holds = [_claim_ref(link.rule) for link, result in links if result.outcome is Outcome.PASS]
    fails = [
        _claim_ref(link.rule)
        for link, result in links
        if result.outcome in (Outcome.FAIL, Outcome.WAIVED)
    ]
    words = [
        f"{link.rule} ({link.strength.value}): "
        f"{ATTESTED if attested_by(record, result) else result.outcome}"
        for link, result in links
    ]
    row: dict[str, Any] = {"requirement": _requirement_ref(clause)}
    if holds:
        row["claims"] = holds
    if fails:
        row["counterClaims"] = fails
    row["conformance"] = {"rationale": clean("; ".join(words) or "no rule was run for it")}
    return row
