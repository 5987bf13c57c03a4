"""SARIF 2.1.0 structure: the objects we write, closed, as the OASIS schema defines them.

The official schema is not on this machine, so this is a schema of our own over the part of the
format that the view uses: property names, types, required fields and bounds of sections 3.13
(sarifLog), 3.14 (run), 3.18/3.19 (tool), 3.20 (invocation), 3.24 (artifact), 3.27 (result),
3.28 to 3.33 (locations), 3.49 (reportingDescriptor) and 3.58 (notification).
"""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from weighbridge.report import sarif

_PATH = Path(__file__).parents[1] / "unit" / "report" / "factory.py"
_SPEC = importlib.util.spec_from_file_location("report_factory_for_sarif", _PATH)
assert _SPEC
assert _SPEC.loader
factory = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(factory)

TEXT = {"type": "string"}
INDEX = {"type": "integer", "minimum": -1}
BAG = {"type": "object", "properties": {"tags": {"type": "array", "items": TEXT,
                                                 "uniqueItems": True, "maxItems": 20}}}  # fmt: skip
LEVEL = {"enum": ["none", "note", "warning", "error"]}


def closed(required: tuple[str, ...] = (), /, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {**properties, "properties": BAG},
            "required": list(required), "additionalProperties": False}  # fmt: skip


def array(items: dict[str, Any], *, unique: bool = False) -> dict[str, Any]:
    return {"type": "array", "items": items, "uniqueItems": unique}


def table(values: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": values}


MESSAGE = {**closed((), text=TEXT, markdown=TEXT, id=TEXT, arguments=array(TEXT)),
           "anyOf": [{"required": ["text"]}, {"required": ["id"]}]}  # fmt: skip
STRINGS = closed(("text",), text=TEXT, markdown=TEXT)
ARTIFACT_LOCATION = closed((), uri={"type": "string", "format": "uri-reference"}, uriBaseId=TEXT,
                           index=INDEX, description=MESSAGE)  # fmt: skip
LINE = {"type": "integer", "minimum": 1}
REGION = {**closed((), startLine=LINE, endLine=LINE, startColumn=LINE, endColumn=LINE,
                   byteOffset=INDEX, byteLength={"type": "integer", "minimum": 0}),
          "anyOf": [{"required": ["startLine"]}, {"required": ["byteOffset"]}]}  # fmt: skip
LOCATION = closed(
    (),
    id=INDEX,
    message=MESSAGE,
    physicalLocation=closed(
        ("artifactLocation",), artifactLocation=ARTIFACT_LOCATION, region=REGION
    ),
    logicalLocations=array(
        closed((), name=TEXT, fullyQualifiedName=TEXT, kind=TEXT, index=INDEX), unique=True
    ),
)
DESCRIPTOR = closed(
    ("id",), id=TEXT, name=TEXT, shortDescription=STRINGS, fullDescription=STRINGS, help=STRINGS,
    helpUri={"type": "string", "format": "uri"},
    defaultConfiguration=closed((), enabled={"type": "boolean"}, level=LEVEL),
)  # fmt: skip
REFERENCE = closed((), id=TEXT, index=INDEX)
NOTIFICATION = closed(("message",), message=MESSAGE, level=LEVEL, locations=array(LOCATION),
                      associatedRule=REFERENCE, descriptor=REFERENCE)  # fmt: skip
RESULT = closed(
    ("message", "ruleId", "locations"),
    ruleId=TEXT,
    ruleIndex=INDEX,
    kind={"enum": ["notApplicable", "pass", "fail", "review", "open", "informational"]},
    level=LEVEL,
    message=MESSAGE,
    locations={**array(LOCATION), "minItems": 1},  # code scanning wants one
    partialFingerprints=table(TEXT),
)
RUN = closed(
    ("tool", "results"),
    tool=closed(("driver",), driver=closed(
        ("name",), name=TEXT, version=TEXT, semanticVersion=TEXT, rules=array(DESCRIPTOR,
                                                                            unique=True))),
    automationDetails=closed((), id=TEXT),
    originalUriBaseIds=table(ARTIFACT_LOCATION),
    invocations=array(closed(
        ("executionSuccessful",), executionSuccessful={"type": "boolean"},
        exitCode={"type": "integer"}, toolExecutionNotifications=array(NOTIFICATION))),
    artifacts=array(closed((), location=ARTIFACT_LOCATION, length=INDEX, hashes=table(TEXT)),
                    unique=True),
    results=array(RESULT),
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
)  # fmt: skip
LOG = {
    **closed(("version", "runs")),
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": array(RUN),
    },
}
VALIDATOR = jsonschema_rs.validator_for(LOG, validate_formats=True)


@pytest.fixture(params=["make_record", "holding_record", "hostile_record", "large"])
def log(request):
    name = request.param
    record = factory.large_record(300) if name == "large" else getattr(factory, name)()
    return json.loads(sarif.render(record))


def test_structure(log):
    VALIDATOR.validate(log)


def test_the_check_is_strict(log):
    run = log["runs"][0]
    assert not VALIDATOR.is_valid({**log, "extra": 1})
    assert not VALIDATOR.is_valid({**log, "version": "2.0.0"})
    assert not VALIDATOR.is_valid({**log, "runs": [{**run, "results": [{"ruleId": "x"}]}]})


def test_indexes_point_at_what_they_name(log):
    run = log["runs"][0]
    rules, artifacts = run["tool"]["driver"]["rules"], run["artifacts"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        place = result["locations"][0]["physicalLocation"]["artifactLocation"]
        assert artifacts[place["index"]]["location"]["uri"] == place["uri"]
        assert place["uriBaseId"] in run["originalUriBaseIds"]


def test_only_failures_have_a_level(log):
    """Section 3.27.10: where kind is not "fail", level is "none"."""
    for result in log["runs"][0]["results"]:
        assert (result["kind"] == "fail") == (result["level"] != "none")
