"""The verdicts as attestations: every clause and every result, and no score."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest
from tests.unit.report import cyclonedx_records as make

from weighbridge.model.digest import sha256
from weighbridge.report.cyclonedx import render, validate
from weighbridge.report.cyclonedx.attestations import MAX_EVIDENCE, render_attestations


@pytest.fixture(scope="module")
def document(factory: ModuleType) -> dict[str, Any]:
    return make.load(render_attestations(factory.make_record()))


@pytest.mark.parametrize("version", ["1.6", "1.7"])
def test_both_versions_and_formats_are_valid(factory: ModuleType, version: Any) -> None:
    for record in (factory.make_record(), factory.hostile_record(), factory.holding_record()):
        data = render_attestations(record, spec_version=version)
        validate(data)
        xml = render_attestations(record, spec_version=version, format="xml")
        root = make.parse_xml(xml, version)
        space = f"{{http://cyclonedx.org/schema/bom/{version}}}"
        claims = root.findall(f"{space}declarations/{space}claims/{space}claim")
        assert len(claims) == len(record.results)


def test_every_result_is_a_claim(factory: ModuleType, document: dict[str, Any]) -> None:
    claims = {c["bom-ref"]: c for c in document["declarations"]["claims"]}
    record = factory.make_record()
    assert set(claims) == {f"claim:{result.rule}" for result in record.results}
    signed = claims["claim:unsigned-weights"]["predicate"]
    assert signed == "every weight file is covered by a signature"
    assert claims["claim:unsafe-content"]["predicate"].startswith("It does not hold that ")
    assert claims["claim:uninspected-weights"]["predicate"].startswith("It is not known whether ")
    assert "2 findings" in claims["claim:unsafe-content"]["reasoning"]


def test_only_what_passes_is_claimed_for_a_clause(document: dict[str, Any]) -> None:
    rows = {row["requirement"]: row for attestation in document["declarations"]["attestations"]
            for row in attestation["map"]}  # fmt: skip
    standards = document["definitions"]["standards"]
    identifiers = {r["bom-ref"]: r["identifier"] for s in standards for r in s["requirements"]}
    by_clause = {identifiers[ref]: row for ref, row in rows.items()}
    assert len(by_clause) == 5
    failed = by_clause["Art. 15(5)"]
    assert failed["counterClaims"] == ["claim:unsafe-content"]
    assert "claims" not in failed
    undecided = by_clause["Art. 53(1)(d)"]
    assert "claims" not in undecided
    assert "counterClaims" not in undecided
    assert "manual" in undecided["conformance"]["rationale"]
    assert "score" not in str(document["declarations"])


def test_clauses_say_how_they_stand(document: dict[str, Any]) -> None:
    found = {r["identifier"]: r for s in document["definitions"]["standards"]
             for r in s["requirements"]}  # fmt: skip
    assert make.properties(found["6-1-1702"], "standing") == ["suspended on 2026-11-20"]
    assert make.properties(found["6-1-1702"], "verified") == ["unverified"]
    assert make.properties(found["Art. 15(5)"], "link:unsigned-weights") == [
        "none: the policy loosens the rule"
    ]


def test_a_waiver_is_why_a_failure_is_accepted(document: dict[str, Any]) -> None:
    claims = {c["bom-ref"]: c for c in document["declarations"]["claims"]}
    assert claims["claim:unpinned-dependency"]["mitigationStrategies"] == ["waiver:W-12"]
    pieces = {e["bom-ref"]: e for e in document["declarations"]["evidence"]}
    assert pieces["waiver:W-12"]["expires"].startswith("2027-01-15")
    assert "The pin follows" in pieces["waiver:W-12"]["description"]


def test_a_result_with_much_evidence_names_a_part_of_it(factory: ModuleType) -> None:
    base = factory.make_record()
    many = tuple(sha256(str(n).encode()) for n in range(MAX_EVIDENCE + 7))
    record = replace(base, results=(replace(base.results[0], evidence=many),))
    (claim,) = make.load(render_attestations(record))["declarations"]["claims"]
    assert len(claim["evidence"]) == MAX_EVIDENCE
    assert "7 more pieces of evidence" in claim["reasoning"]


def test_the_bill_of_materials_links_to_it(factory: ModuleType) -> None:
    record = factory.make_record()
    serial = make.load(render_attestations(record))["serialNumber"].removeprefix("urn:uuid:")
    links = make.load(render(record))["externalReferences"]
    assert f"urn:cdx:{serial}/1" in [link["url"] for link in links if link["type"] == "attestation"]


def test_the_same_record_gives_the_same_bytes(factory: ModuleType) -> None:
    first = render_attestations(factory.make_record())
    assert first == render_attestations(factory.make_record())
