"""What passed, rule by rule, as an in-toto Simple Verification Result.

Source: in-toto attestation, predicate ``svr`` 0.1. A property is listed where a rule passed, and
nowhere else: waived, unknown and not applicable are no properties. One for which a person answers
has another name than one that was checked. Where the audit itself went wrong there are none.
"""

from __future__ import annotations

import re

from weighbridge.model.canonical import Json
from weighbridge.model.errors import ExitCode
from weighbridge.model.finding import Outcome
from weighbridge.model.policy import Mode
from weighbridge.model.record import AuditRecord
from weighbridge.report import intoto
from weighbridge.report.summary import attested_by

NAME = "svr"
FILENAME = "svr.sigstore.json"  # in a pack, where the seal wraps and signs it
MEDIA_TYPE = intoto.MEDIA_TYPE
PREDICATE_TYPE = "https://in-toto.io/attestation/svr/v0.1"

POLICY_HOLDS = "WEIGHBRIDGE_POLICY_HOLDS"
_RULE = re.compile(r"[a-z][a-z0-9-]{0,99}\Z")


def render(record: AuditRecord) -> bytes:
    """The statement, unsigned.

    ``timeCreated`` is required: it is midnight, in UTC, of the day the record is about, since the
    record knows no time. The verdict's extension field gives that day as a day.
    """
    predicate: dict[str, Json] = {
        "verifier": {
            "id": intoto.VERIFIER,
            "version": {"weighbridge": record.tool_version},
            "policy": intoto.policy(record),
        },
        "timeCreated": f"{record.as_of.isoformat()}T00:00:00Z",
        "properties": list(properties(record)),
        **intoto.verdict(record),
    }
    return intoto.statement(record, PREDICATE_TYPE, predicate)


def properties(record: AuditRecord) -> list[str]:
    """``WEIGHBRIDGE_PASS_<RULE>`` for each rule that passed, and whether the policy holds."""
    if record.verdict.exit_code is ExitCode.ERROR:
        return []
    found = []
    if record.verdict.open and record.verdict.exit_code is ExitCode.HOLDS:
        found.append(POLICY_HOLDS)
    for result in record.results:
        if result.outcome is not Outcome.PASS or result.mode is Mode.OFF:
            continue
        if not _RULE.match(result.rule):  # a stranger's record: it may not choose our names
            continue
        how = "ATTESTED" if attested_by(record, result) else "PASS"
        found.append(f"WEIGHBRIDGE_{how}_{result.rule.upper().replace('-', '_')}")
    return list(dict.fromkeys(found))
