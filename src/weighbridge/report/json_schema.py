"""The JSON Schema (draft 2020-12) of the ``json`` view, published for whoever reads it."""

from __future__ import annotations

from enum import Enum

from weighbridge.model.canonical import Json
from weighbridge.model.errors import ExitCode
from weighbridge.model.finding import Outcome, Severity
from weighbridge.model.policy import Mode
from weighbridge.model.record import TimestampState
from weighbridge.model.subject import SubjectKind
from weighbridge.report.json_v1 import SCHEMA
from weighbridge.report.summary import KINDS

_TEXT: Json = {"type": "string"}
_TEXTS: Json = {"type": "array", "items": _TEXT}
_COUNT: Json = {"type": "integer", "minimum": 0}
_DATE: Json = {"type": "string", "format": "date"}
_DIGEST: Json = {"type": "string", "pattern": "^[A-Za-z0-9-]+:[0-9a-f]+$"}


def json_schema() -> dict[str, Json]:
    """The schema. Every object is closed: a new field comes with a new schema."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:weighbridge:report:1",
        "title": "Weighbridge report, version 1",
        **_object(
            {
                "schema": {"const": SCHEMA},
                "record": _described("SHA-256 of audit.json, of which this is a view.",
                                     {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"}),
                "tool": _object({"name": {"const": "weighbridge"}, "version": _TEXT}),
                "subject": _object({"kind": _one_of(SubjectKind), "name": _TEXT,
                                    "digest": _DIGEST, "revision": _TEXT}),
                "as_of": _described("The day as of which everything was judged.",
                                    {"type": "string", "format": "date"}),
                "offline": {"type": "boolean"},
                "policy": _object({"id": _TEXT, "version": _TEXT,
                                   "sources": _list(_object({"name": _TEXT, "digest": _DIGEST})),
                                   "loosened": _list(_object({"what": _TEXT, "because": _TEXT}))}),
                "verdict": _object({"open": {"type": "boolean"},
                                    "exit_code": {"enum": [int(code) for code in ExitCode]},
                                    "reasons": _TEXTS}),
                "timestamp": _object({"state": _one_of(TimestampState), "detail": _TEXT}),
                "counts": _described("Rules by outcome.",
                                     _object({outcome.value: _COUNT for outcome in Outcome})),
                "results": _list(_result()),
                "not_checked": _list(_object({"kind": {"enum": list(KINDS)}, "what": _TEXT,
                                              "reason": _TEXT,
                                              "count": {"type": "integer", "minimum": 1}})),
            }
        ),
    }  # fmt: skip


def _result() -> Json:
    return _object(
        {
            "rule": _TEXT,
            "family": _TEXT,
            "summary": _TEXT,
            "outcome": _one_of(Outcome),
            "severity": _one_of(Severity),
            "mode": {"enum": [Mode.ENFORCE.value, Mode.REPORT.value]},
            "closes_gate": {"type": "boolean"},
            "note": _TEXT,
            "waivers": _TEXTS,
            "attested_by": _described(
                "People on whose signed word the rule passed, and until which day it counts.",
                _list(_object({"name": _TEXT, "role": _TEXT, "made": _DATE, "expires": _DATE})),
            ),
            "evidence": _list(_DIGEST),
            "findings": _list(_finding()),
        }
    )


def _finding() -> Json:
    location = _object(
        {
            "path": _TEXT,
            "member": {"type": ["string", "null"]},
            "line": {"type": ["integer", "null"], "minimum": 1},
            "byte_offset": {"type": ["integer", "null"], "minimum": 0},
        }
    )
    return _object(
        {
            "outcome": {"enum": [o.value for o in (Outcome.FAIL, Outcome.UNKNOWN, Outcome.MANUAL)]},
            "severity": _one_of(Severity),
            "message": _TEXT,
            "remedy": _TEXT,
            "location": {"anyOf": [location, {"type": "null"}]},
            "key": _TEXT,
            "fingerprint": _described(
                "The same from run to run: made of rule, path, archive member and key.",
                {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            ),
            "waiver": _described("The waiver that accepts this finding.",
                                 {"type": ["string", "null"]}),
            "clauses": _described("Clauses of law and standards that the rule bears on.", _TEXTS),
        }
    )  # fmt: skip


def _object(properties: dict[str, Json]) -> dict[str, Json]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(items: Json) -> Json:
    return {"type": "array", "items": items}


def _one_of(kind: type[Enum]) -> Json:
    return {"enum": [member.value for member in kind]}


def _described(description: str, schema: dict[str, Json] | Json) -> Json:
    assert isinstance(schema, dict)
    return {"description": description, **schema}
