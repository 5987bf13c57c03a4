"""Provenance files taken apart (PEP 740); verification is tested with the collector."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from weighbridge.model.errors import HostileInput
from weighbridge.packages.provenance import (
    PUBLISH,
    Publisher,
    attested_name,
    distribution_of,
    parse_provenance,
)


def encoded(value: Any) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


def statement(**fields: Any) -> dict[str, Any]:
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "a-1.0.tar.gz", "digest": {"sha256": "AB" * 32}}],
        "predicateType": PUBLISH,
        "predicate": None,
        **fields,
    }


def attestation(about: Any = None, **fields: Any) -> dict[str, Any]:
    return {
        "version": 1,
        "verification_material": {"certificate": "MA==", "transparency_entries": [{}, {}]},
        "envelope": {"statement": encoded(about or statement()), "signature": "MA=="},
        **fields,
    }


def provenance(*attestations: Any, **publisher: Any) -> dict[str, Any]:
    who = {"kind": "GitHub", "repository": "o/r", "workflow": "w.yml", **publisher}
    bundles = [{"publisher": who, "attestations": list(attestations)}]
    return {"version": 1, "attestation_bundles": bundles}


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"{}", b"\xff", b'{"version": 1}', {"version": 2},
        {"version": 1, "attestation_bundles": []},
        {"version": 1, "attestation_bundles": "x"},
        {"version": 1, "attestation_bundles": [1]},
        {"version": 1, "attestation_bundles": [{}] * 101},
        {"version": 1, "attestation_bundles": [{"publisher": {}, "attestations": []}]},
        provenance(),
        provenance(*[attestation()] * 101),
        provenance(attestation(version=2)),
        provenance(attestation(envelope=None)),
        provenance(attestation(envelope={"statement": "!", "signature": "MA=="})),
        provenance(attestation(envelope={"statement": encoded([]), "signature": "MA=="})),
        provenance(attestation(verification_material={"transparency_entries": []})),
        provenance(attestation(verification_material={"transparency_entries": [{}]})),
        provenance(attestation(statement(_type="x"))),
        provenance(attestation(statement(predicateType="https://example.com/other"))),
        provenance(attestation(statement(subject=[]))),
        provenance(attestation(statement(subject=[{"name": "a", "digest": {}}] * 2))),
        provenance(attestation(statement(subject=[{"name": "a", "digest": {"sha1": "x"}}]))),
        provenance(attestation(), kind=1),
    ],
)  # fmt: skip
def test_what_is_not_of_the_form_is_refused(body: Any) -> None:
    with pytest.raises(HostileInput):
        parse_provenance(body if isinstance(body, bytes) else json.dumps(body).encode())


def test_a_provenance_object_becomes_sigstore_bundles() -> None:
    (found,) = parse_provenance(json.dumps(provenance(attestation())).encode())
    assert (found.subject, found.sha256) == ("a-1.0.tar.gz", "ab" * 32)
    assert found.publisher == Publisher("GitHub", "o/r", "w.yml")
    assert str(found.publisher) == "GitHub o/r w.yml"
    bundle = json.loads(found.bundle)
    assert bundle["mediaType"] == "application/vnd.dev.sigstore.bundle.v0.3+json"
    assert len(bundle["verificationMaterial"]["tlogEntries"]) == 1
    assert bundle["dsseEnvelope"]["payload"] == encoded(statement())


def test_an_attestation_alone_has_no_publisher_and_may_have_timestamps() -> None:
    item = attestation()
    item["verification_material"]["timestamps"] = ["MA=="]
    (found,) = parse_provenance(json.dumps(item).encode())
    assert found.publisher is None
    material = json.loads(found.bundle)["verificationMaterial"]
    stamps = {"rfc3161Timestamps": [{"signedTimestamp": "MA=="}]}
    assert material["timestampVerificationData"] == stamps


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("w/a-1.0.tar.gz.provenance", "w/a-1.0.tar.gz"),
        ("a-1.0-py3-none-any.whl.publish.attestation", "a-1.0-py3-none-any.whl"),
        ("a-1.0.zip.slsa.attestation", "a-1.0.zip"),
        ("a-1.0.tar.gz.attestation", ""),
        ("model.safetensors.provenance", ""),
        ("a-1.0.tar.gz", ""),
        (".provenance", ""),
        ("", ""),
    ],
)
def test_files_by_name(path: str, name: str) -> None:
    assert attested_name(path) == name


def test_distributions_by_name() -> None:
    assert distribution_of("w/My_Pkg-1.0-py3-none-any.whl") == ("my-pkg", "1.0")
    assert distribution_of("My_Pkg-1.0.tar.gz") == ("my-pkg", "1.0")
    for name in ("x.whl", "x.tar.gz", "", "a-!-py3-none-any.whl", "a-1.0.exe"):
        with pytest.raises(HostileInput):
            distribution_of(name)
