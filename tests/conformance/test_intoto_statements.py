"""VSA and SVR: the fields of their specifications, and what in-toto's own parser makes of them.

The protobuf types of ``in-toto-attestation`` 0.9 read them, in an environment of their own. That
release's ``VerificationSummary`` has ``verified_levels`` as a single string and no
``verifier.version``, unlike SLSA's text: these two are taken out before it reads.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from weighbridge.report import svr, vsa

PEERS = Path(__file__).parents[2] / ".peers" / "bin" / "python"

_PATH = Path(__file__).parents[1] / "unit" / "report" / "factory.py"
_SPEC = importlib.util.spec_from_file_location("report_factory_for_intoto", _PATH)
assert _SPEC
assert _SPEC.loader
factory = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(factory)

URI = {"type": "string", "format": "uri"}
DIGESTS = {"type": "object", "minProperties": 1, "additionalProperties": False,
           "patternProperties": {"^(dirHash1|sha256|gitCommit)$": {
               "type": "string", "pattern": "^[0-9a-f]{40,64}$"}}}  # fmt: skip
VERSIONS = {"type": "object", "additionalProperties": {"type": "string"}}


def closed(required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required.split(),
            "additionalProperties": False}  # fmt: skip


DESCRIPTOR = closed("uri digest", uri=URI, digest=DIGESTS)
VERDICT = closed("gate exitCode asOf record", gate={"enum": ["open", "closed"]},
                 exitCode={"enum": [0, 1, 2, 3]}, asOf={"type": "string", "format": "date"},
                 record=DIGESTS)  # fmt: skip
PREDICATES = {
    vsa.PREDICATE_TYPE: closed(
        "verifier resourceUri policy verificationResult verifiedLevels",
        verifier=closed("id", id=URI, version=VERSIONS),
        resourceUri=URI,
        policy=DESCRIPTOR,
        inputAttestations={"type": "array", "items": DESCRIPTOR},
        verificationResult={"enum": ["PASSED", "FAILED"]},
        verifiedLevels={"enum": [["SLSA_BUILD_LEVEL_UNEVALUATED"], ["FAILED"]]},
        slsaVersion={"const": "1.1"},
        **{"urn:weighbridge:verdict": VERDICT},
    ),
    svr.PREDICATE_TYPE: closed(
        "verifier timeCreated properties",
        verifier=closed("id", id=URI, version=VERSIONS, policy=DESCRIPTOR),
        timeCreated={"type": "string", "format": "date-time", "pattern": "Z$"},
        properties={"type": "array", "uniqueItems": True,
                    "items": {"type": "string", "pattern": "^WEIGHBRIDGE_[A-Z0-9_]+$"}},
        **{"urn:weighbridge:verdict": VERDICT},
    ),
}  # fmt: skip


def validator(predicate_type: str) -> jsonschema_rs.Validator:
    subject = closed("name digest", name={"type": "string"}, digest=DIGESTS)
    return jsonschema_rs.validator_for(
        closed(
            "_type subject predicateType predicate",
            _type={"const": "https://in-toto.io/Statement/v1"},
            subject={"type": "array", "items": subject, "minItems": 1},
            predicateType={"const": predicate_type},
            predicate=PREDICATES[predicate_type],
        ),
        validate_formats=True,
    )


def records() -> list[Any]:
    return [factory.make_record(), factory.holding_record(), factory.hostile_record()]


@pytest.mark.parametrize("view", [vsa, svr], ids=["vsa", "svr"])
def test_structure(view):
    check = validator(view.PREDICATE_TYPE)
    for record in records():
        statement = json.loads(view.render(record))
        check.validate(statement)
        assert not check.is_valid({**statement, "subject": []})
        assert not check.is_valid({**statement, "predicate": {}})


_READ = """
import sys
from google.protobuf import json_format
from in_toto_attestation.predicates.vsa.v1 import vsa_pb2
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.statement import Statement

for name in sys.argv[1:]:
    read = json_format.Parse(open(name).read(), statement_pb2.Statement())
    Statement.copy_from_pb(read).validate()
    predicate = json_format.MessageToDict(read.predicate)
    if "verification_summary" in read.predicate_type:
        del predicate["verifiedLevels"], predicate["verifier"]["version"]
        predicate = {k: v for k, v in predicate.items() if not k.startswith("urn:")}
        summary = json_format.ParseDict(predicate, vsa_pb2.VerificationSummary())
        assert summary.verification_result in ("PASSED", "FAILED")
        assert summary.resource_uri and summary.policy.digest["sha256"]
    print("read", read.predicate_type)
"""


@pytest.mark.skipif(not PEERS.exists(), reason="'make test' installs the peers: .peers is missing")
def test_in_totos_parser_reads_them(tmp_path):
    names = []
    for number, record in enumerate(records()):
        for view in (vsa, svr):
            path = tmp_path / f"{number}.{view.NAME}.json"
            path.write_bytes(view.render(record))
            names.append(str(path))
    done = subprocess.run([PEERS, "-c", _READ, *names], capture_output=True, text=True,
                          check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("read ") == len(names)
    broken = tmp_path / "broken.json"
    broken.write_bytes(vsa.render(factory.make_record()).replace(b"predicateType", b"predicate_"))
    again = subprocess.run([PEERS, "-c", _READ, str(broken)], capture_output=True, check=False)
    assert again.returncode != 0
