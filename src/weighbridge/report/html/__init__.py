"""The audit report as one HTML file that needs nothing else: no network, no script to be read.

Everything is in the markup; the script only filters, sorts and switches colors. Text from the
subject is escaped by the one function that makes elements. The same record gives the same bytes.
"""

from __future__ import annotations

from weighbridge.model.digest import sha256
from weighbridge.model.record import AuditRecord

NAME = "html"
FILENAME = "report.html"
MEDIA_TYPE = "text/html"


def render(record: AuditRecord) -> bytes:
    """An HTML document in UTF-8."""
    from weighbridge.report.html import annex, clauses, lineage, material, people, rules
    from weighbridge.report.html.brief import brief
    from weighbridge.report.html.page import Section, page
    from weighbridge.report.summary import not_checked

    digest = sha256(record.to_bytes())
    found = sum(len(result.findings) for result in record.results)
    sections: tuple[Section, ...] = (
        ("rules", "Rules", len(record.results), rules.rules(record)),
        ("findings", "Findings", found, rules.findings(record)),
        ("open", "Not checked", len(not_checked(record)), annex.unchecked(record)),
        ("waivers", "Waivers", len(record.policy.waivers), people.waivers(record)),
        ("clauses", "Clauses", len(record.clauses), clauses.clauses(record)),
        ("attestations", "Attestations", None, people.attestations(record)),
        ("licenses", "Licenses and lineage", None, lineage.licenses(record)),
        ("material", "Packages and vulnerabilities", None, material.material(record)),
        ("evidence", "Evidence", len(record.evidence), annex.evidence(record)),
        ("files", "Files", len(record.artifacts), annex.files(record)),
        ("verify", "How to verify this report", None, annex.how_to_verify(record)),
        ("limits", "Limits", None, annex.limits(record)),
    )
    return page(record, digest, brief(record, digest), sections).encode("utf-8")
