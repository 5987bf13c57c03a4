"""OSCAL Assessment Results 1.2.1: the parts we write, closed, and NIST's own rules through trestle.

The schema is our own over the assemblies that the view uses, after the model of OSCAL 1.2.1: names,
required fields, token, string and UUID patterns, non-empty arrays. ``compliance-trestle`` reads the
documents as well, in an environment of its own: it is 97 MB with all that it needs.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from weighbridge.report import oscal

PEERS = Path(__file__).parents[2] / ".peers" / "bin" / "python"

_PATH = Path(__file__).parents[1] / "unit" / "report" / "factory.py"
_SPEC = importlib.util.spec_from_file_location("report_factory_for_oscal", _PATH)
assert _SPEC
assert _SPEC.loader
factory = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(factory)

TOKEN = {"type": "string", "pattern": r"^[_A-Za-z][_A-Za-z0-9.-]*$"}
STRING = {"type": "string", "pattern": r"^\S(.*\S)?$"}
ONE_LINE = {"type": "string", "pattern": r"^[^\n]+$"}
TEXT = {"type": "string", "minLength": 1}
_HEX = "^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
UUID = {"type": "string", "pattern": _HEX}
TIME = {"type": "string", "format": "date-time", "pattern": "Z$"}
HREF = {"type": "string", "format": "uri-reference"}


def closed(required: str, /, **properties: Any) -> dict[str, Any]:
    """An assembly; ``_`` in a name stands for ``-``."""
    names = {name.rstrip("_").replace("_", "-"): value for name, value in properties.items()}
    names.setdefault("props", PROPS)
    names.setdefault("remarks", TEXT)
    return {"type": "object", "properties": names, "required": required.split(),
            "additionalProperties": False}  # fmt: skip


def array(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": 1}


PROPS: dict[str, Any] = array(
    {"type": "object", "required": ["name", "value", "ns"], "additionalProperties": False,
     "properties": {"name": TOKEN, "value": STRING, "ns": {"const": "urn:weighbridge:oscal"},
                    "remarks": TEXT}}
)  # fmt: skip
COMPONENT = closed(
    "uuid type title description status", uuid=UUID, type=STRING, title=ONE_LINE, description=TEXT,
    status=closed("state", state={"enum": ["operational", "other"]}),
)  # fmt: skip
CONTROL = closed("control-id statement-ids", control_id=TOKEN, statement_ids=array(TOKEN))
SELECTION = {
    "oneOf": [
        closed("include-controls", description=TEXT, include_controls=array(CONTROL)),
        closed("include-all", description=TEXT,
               include_all={"type": "object", "additionalProperties": False}),
    ]
}  # fmt: skip
OBSERVATION = closed(
    "uuid description methods collected",
    uuid=UUID, title=ONE_LINE, description=TEXT, collected=TIME,
    methods=array({"enum": ["EXAMINE", "INTERVIEW", "TEST", "UNKNOWN"]}),
    types=array({"enum": ["finding", "control-objective"]}),
    origins=array(closed("actors", actors=array(
        closed("type actor-uuid", type={"const": "tool"}, actor_uuid=UUID)))),
    subjects=array(closed("subject-uuid type", subject_uuid=UUID, type={"const": "component"})),
    relevant_evidence=array(closed("description", href=HREF, description=TEXT)),
)  # fmt: skip
STATUS = closed("state", state={"enum": ["satisfied", "not-satisfied"]},
                reason={"enum": ["pass", "fail", "other"]})  # fmt: skip
FINDING = closed(
    "uuid title description target",
    uuid=UUID, title=ONE_LINE, description=TEXT,
    target=closed("type target-id status", type={"enum": ["statement-id", "objective-id"]},
                  target_id=TOKEN, status=STATUS,
                  implementation_status=closed("state", state={"const": "not-applicable"})),
    related_observations=array(closed("observation-uuid", observation_uuid=UUID)),
)  # fmt: skip
RESULT = closed(
    "uuid title description start reviewed-controls",
    uuid=UUID, title=ONE_LINE, description=TEXT, start=TIME, end=TIME,
    local_definitions=closed(
        "components assessment-assets", components=array(COMPONENT),
        assessment_assets=closed(
            "assessment-platforms", components=array(COMPONENT),
            assessment_platforms=array(closed(
                "uuid", uuid=UUID, title=ONE_LINE,
                uses_components=array(closed("component-uuid", component_uuid=UUID)))))),
    reviewed_controls=closed("control-selections", control_selections=array(SELECTION)),
    observations=array(OBSERVATION),
    findings=array(FINDING),
)  # fmt: skip
RESOURCE = closed(
    "uuid rlinks", uuid=UUID, title=ONE_LINE, description=TEXT,
    rlinks=array(closed("href", href=HREF, media_type=STRING, hashes=array(
        closed("algorithm value", algorithm={"const": "SHA-256"},
               value={"type": "string", "pattern": "^[0-9a-f]{64}$"})))),
)  # fmt: skip
DOCUMENT = {
    "type": "object",
    "required": ["assessment-results"],
    "additionalProperties": False,
    "properties": {
        "assessment-results": closed(
            "uuid metadata import-ap results",
            uuid=UUID,
            metadata=closed("title last-modified version oscal-version", title=ONE_LINE,
                            last_modified=TIME, version=STRING, oscal_version={"const": "1.2.1"}),
            import_ap=closed("href", href=HREF),
            results=array(RESULT),
            back_matter=closed("resources", resources=array(RESOURCE)),
        )
    },
}  # fmt: skip
VALIDATOR = jsonschema_rs.validator_for(DOCUMENT, validate_formats=True)


def records() -> dict[str, Any]:
    """Records of every kind: hostile names, hostile clauses, none of either, many findings."""
    made = factory.make_record()
    hostile = factory.hostile_record()
    clause = made.clauses[0]
    clauses = tuple(replace(clause, id=name, title=name, paraphrase=name, framework=name[:30])
                    for name in factory.HOSTILE_NAMES)  # fmt: skip
    twice = tuple(replace(clause, id=name) for name in ("Art. 1(2)", "Art. 1-2", "Art. 1(2)"))
    return {
        "made": made,
        "holding": factory.holding_record(),
        "hostile": replace(hostile, clauses=clauses),
        "same-tokens": replace(made, clauses=twice),
        "empty": replace(made, clauses=(), results=(), evidence=()),
        "large": factory.large_record(3000),
    }


@pytest.fixture(params=list(records()))
def body(request):
    return json.loads(oscal.render(records()[request.param]))


def test_structure(body):
    VALIDATOR.validate(body)


def test_the_check_is_strict(body):
    inner = body["assessment-results"]
    assert not VALIDATOR.is_valid({"assessment-results": {**inner, "extra": 1}})
    assert not VALIDATOR.is_valid({"assessment-results": {**inner, "results": []}})
    assert not VALIDATOR.is_valid({"assessment-results": {**inner, "uuid": "1"}})


def test_what_is_referred_to_is_there_and_once(body):
    inner = body["assessment-results"]
    (result,) = inner["results"]
    uuids = _values(body, "uuid")
    assert len(uuids) == len(set(uuids))
    for name in ("observation-uuid", "subject-uuid", "actor-uuid", "component-uuid"):
        assert set(_values(body, name)) <= set(uuids)
    assert inner["import-ap"]["href"].removeprefix("#") in uuids
    controls = _values(result["reviewed-controls"], "control-id")
    assert len(controls) == len(set(controls))
    statements = {s for found in _values(result["reviewed-controls"], "statement-ids")
                  for s in found}  # fmt: skip
    assert set(_values(result, "target-id")) <= statements


def _values(value: Any, name: str) -> list[Any]:
    if isinstance(value, list):
        return [found for item in value for found in _values(item, name)]
    if isinstance(value, dict):
        own = [value[name]] if name in value else []
        return own + [found for item in value.values() for found in _values(item, name)]
    return []


_READ = """
import pathlib, sys
from trestle.core.duplicates_validator import DuplicatesValidator
from trestle.core.links_validator import LinksValidator
from trestle.core.refs_validator import RefsValidator
from trestle.oscal.assessment_results import AssessmentResults

for name in sys.argv[1:]:
    model = AssessmentResults.oscal_read(pathlib.Path(name))
    for validator in (DuplicatesValidator(), LinksValidator(), RefsValidator()):
        assert validator.model_is_valid(model, True, None), f"{name}: {validator.error_msg()}"
    print("read", len(model.results[0].findings or ()))
"""


@pytest.mark.skipif(not PEERS.exists(), reason="'make test' installs the peers: .peers is missing")
def test_compliance_trestle_reads_them(tmp_path):
    names = []
    for name, record in records().items():
        path = tmp_path / f"{name}.json"
        path.write_bytes(oscal.render(record))
        names.append(str(path))
    broken = tmp_path / "broken.json"
    good = oscal.render(factory.make_record())
    broken.write_bytes(good.replace(b'"state":"not-satisfied"', b'"state":"unknown"', 1))
    done = subprocess.run([PEERS, "-c", _READ, *names], capture_output=True, text=True,
                          check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("read ") == len(names)
    again = subprocess.run([PEERS, "-c", _READ, str(broken)], capture_output=True, check=False)
    assert again.returncode != 0
