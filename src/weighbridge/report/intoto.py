"""What the in-toto statements about an audit share: subject, verifier and policy.

Sources: in-toto Attestation Framework v1 (Statement, ResourceDescriptor, field types; ``dirHash1``
is one of the names that its DigestSet gives). The statements are not signed here: the seal does it.
"""

from __future__ import annotations

from urllib.parse import quote

from weighbridge.edge.text import visible
from weighbridge.model.canonical import Json, canonical_digest
from weighbridge.model.codec import to_json
from weighbridge.model.digest import Digest
from weighbridge.model.record import AuditRecord
from weighbridge.report.json_v1 import dump

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
VERIFIER = "urn:weighbridge:verifier:v1"
MEDIA_TYPE = "application/vnd.in-toto+json"


def statement(record: AuditRecord, predicate_type: str, predicate: Json) -> bytes:
    """A statement about the audited subject, all of its files."""
    subject = record.subject
    return dump(
        {
            "_type": STATEMENT_TYPE,
            "subject": [{"name": visible(subject.name), "digest": digest_set(subject.digest)}],
            "predicateType": predicate_type,
            "predicate": predicate,
        }
    )


def digest_set(digest: Digest) -> dict[str, Json]:
    """A digest in in-toto's form; the names of the algorithms are the same."""
    return {digest.algorithm: digest.value}


def policy(record: AuditRecord) -> Json:
    """The policy: the digest is that of the canonical JSON of ``policy`` in audit.json.

    It is therefore that of the effective one, with what it extends and with its waivers.
    """
    used = record.policy
    return {
        "uri": f"urn:weighbridge:policy:{uri_part(used.id)}:{uri_part(used.version)}",
        "digest": digest_set(canonical_digest(to_json(used))),
    }


def verdict(record: AuditRecord) -> dict[str, Json]:
    """The verdict as an extension field, whose name must be a URI (in-toto v1, parsing rules).

    A predicate that knows two results cannot tell a violated policy from missing evidence.
    """
    return {
        "urn:weighbridge:verdict": {
            "gate": "open" if record.verdict.open else "closed",
            "exitCode": int(record.verdict.exit_code),
            "asOf": record.as_of.isoformat(),
            "record": digest_set(record.digest),
        }
    }


def uri_part(text: str) -> str:
    """Any text as a part of a URI (RFC 3986): all but unreserved characters percent-encoded."""
    return quote(text.encode("utf-8", "surrogatepass"), safe="")
