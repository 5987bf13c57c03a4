"""The verdict as a SLSA Verification Summary, for those who accept a model on another's word.

Source: SLSA 1.1, Verification Summary Attestation (``verification_summary/v1``). ``timeVerified``
is optional there and left out: the record knows a day and no time, and the seal's timestamp gives
it. No SLSA track is evaluated, and ``verifiedLevels`` says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from weighbridge.model.canonical import Json
from weighbridge.model.errors import ExitCode
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.record import AuditRecord
from weighbridge.model.subject import SubjectKind
from weighbridge.report import intoto

NAME = "vsa"
FILENAME = "vsa.sigstore.json"  # in a pack, where the seal wraps and signs it
MEDIA_TYPE = intoto.MEDIA_TYPE
PREDICATE_TYPE = "https://slsa.dev/verification_summary/v1"

SLSA_VERSION = "1.1"

_FROM_HUB = (SubjectKind.HUB_CACHE, SubjectKind.HUB_REPO)
_PURL = re.compile(r"pkg:huggingface/[A-Za-z0-9._~%/@-]{1,500}\Z")


def render(record: AuditRecord) -> bytes:
    """The statement, unsigned."""
    passed = record.verdict.open and record.verdict.exit_code is ExitCode.HOLDS
    resource = resource_uri(record)
    predicate: dict[str, Json] = {
        "verifier": {"id": intoto.VERIFIER, "version": {"weighbridge": record.tool_version}},
        "resourceUri": resource,
        "policy": intoto.policy(record),
        "verificationResult": "PASSED" if passed else "FAILED",
        "verifiedLevels": ["SLSA_BUILD_LEVEL_UNEVALUATED" if passed else "FAILED"],
        "slsaVersion": SLSA_VERSION,
        **intoto.verdict(record),
    }
    attestations = _attestations(record, resource)
    if attestations:
        predicate["inputAttestations"] = attestations
    return intoto.statement(record, PREDICATE_TYPE, predicate)


def resource_uri(record: AuditRecord) -> str:
    """What the model is called where it was fetched, or by its digest.

    Its package URL counts only where the subject comes from the Hub. A folder's card may claim any
    name, and a summary for one resource must not be usable for another (SLSA, ``resourceUri``).
    """
    subject = record.subject
    if subject.kind in _FROM_HUB and subject.revision:
        for evidence in record.evidence:
            found = evidence.data.get("purl") if evidence.kind is EvidenceKind.MODEL else None
            known = isinstance(found, str) and _PURL.match(found)
            if known and str(found).endswith(f"@{subject.revision}"):
                return str(found)
    return f"urn:weighbridge:subject:{subject.digest}"


def _attestations(record: AuditRecord, resource: str) -> list[Json]:
    """The record, and every signature and attestation that was read; none at all if one is unknown.

    A list that is there must be complete (SLSA, ``inputAttestations``).
    """
    found: list[Json] = [
        {
            "uri": f"urn:weighbridge:record:{record.digest}",
            "digest": intoto.digest_set(record.digest),
        }
    ]
    files = {artifact.path: artifact.digest() for artifact in record.artifacts}
    for evidence in _used(record):
        inside = files.get(evidence.about) if evidence.source.startswith("file:") else None
        digest = inside or next(iter(evidence.raw), None)
        if digest is None:
            return []
        uri = f"{resource}#{intoto.uri_part(evidence.about)}"
        found.append({"uri": uri, "digest": intoto.digest_set(digest)})
    return found


def _used(record: AuditRecord) -> Iterator[Evidence]:
    for evidence in record.evidence:
        kind = evidence.kind in (EvidenceKind.SIGNATURE, EvidenceKind.ATTESTATION)
        if kind and evidence.about and evidence.state is EvidenceState.OBSERVED:
            yield evidence
