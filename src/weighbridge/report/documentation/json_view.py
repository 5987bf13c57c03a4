"""The Model Documentation Form and Annex XI as JSON: every field with its values, or as a gap."""

from __future__ import annotations

from weighbridge.model.canonical import Json
from weighbridge.model.record import AuditRecord
from weighbridge.report.documentation.fields import POINTS, filled, standing
from weighbridge.report.documentation.values import Known
from weighbridge.report.json_v1 import dump

NAME = "model-documentation-json"
FILENAME = "model-documentation.json"
MEDIA_TYPE = "application/json"
SCHEMA = "weighbridge.model-documentation/1"


def render(record: AuditRecord) -> bytes:
    """The view as indented ASCII JSON, ending in a newline."""
    return dump(document(record))


def document(record: AuditRecord) -> dict[str, Json]:
    """The view as plain JSON values. Counts are counts: there is no percentage."""
    form = filled(record)
    known = Known(record)
    return {
        "schema": SCHEMA,
        "record": str(record.digest),
        "subject": {"name": record.subject.name, "digest": str(record.subject.digest)},
        "as_of": record.as_of.isoformat(),
        "documents_collected": known.collected,
        "not_read": known.unread,
        "counts": {
            "filled": sum(bool(one.values) for one in form.values()),
            "gaps": sum(not one.values for one in form.values()),
        },
        "form": [
            {
                "group": one.field.group,
                "field": one.field.id,
                "name": one.field.name,
                "state": "filled" if one.values else "gap",
                "values": [
                    {"value": v.text, "where": v.where, "basis": v.basis} for v in one.values
                ],
                "write": "" if one.values else one.field.write,
            }
            for one in form.values()
        ],
        "annex_xi": [
            {
                "point": point.id,
                "name": point.name,
                "state": standing(point, form)[0],
                "fields": list(point.fields),
                "write": list(standing(point, form)[1]),
                "note": point.note,
            }
            for point in POINTS
        ],
    }
