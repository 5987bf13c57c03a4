"""What ``weighbridge attest`` says: as text for a person, as JSON for a program."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from weighbridge.cli.layout import wrapped
from weighbridge.edge.text import paragraph, visible
from weighbridge.model.controls import CONTROLS
from weighbridge.model.controls import control as known_control
from weighbridge.model.errors import ExitCode
from weighbridge.model.finding import Outcome

if TYPE_CHECKING:
    from weighbridge.cli.attest_check import Checked
    from weighbridge.cli.attest_make import Made

MADE_SCHEMA = "urn:weighbridge:attest:1"
LIST_SCHEMA = "urn:weighbridge:attest-list:1"
CHECK_SCHEMA = "urn:weighbridge:attest-check:1"

_WORDS = {
    ExitCode.HOLDS: "HOLDS",
    ExitCode.VIOLATED: "DOES NOT HOLD",
    ExitCode.INCONCLUSIVE: "CANNOT BE TOLD",
}
_STATES = {
    "same": "the one that was attested",
    "changed": "NOT the one that was attested",
    "not-here": "not beside the attestation",
    "unread": "could not be read",
}


def controls_as_text() -> str:
    """Each control with its question."""
    lines: list[str] = []
    for one in CONTROLS:
        lines += [one.id, wrapped(one.question, 4), f"    For {one.max_days} days at most."]
    return "\n".join(lines)


def controls_as_json() -> str:
    """The same for programs."""
    controls = [
        {"control": one.id, "question": one.question, "max_days": one.max_days} for one in CONTROLS
    ]
    return _dump({"schema": LIST_SCHEMA, "controls": controls})


def made_as_text(result: Made) -> str:
    """What was signed, by whom, and where it lies."""
    made = result.attestation
    lines = [
        wrapped(
            f"{made.name} ({made.role}) attests to {made.control} until {made.expires}, "
            f"{result.chosen.description}."
        ),
        f"  subject   {made.subject_name}  {made.subject_digest}",
        *(f"  evidence  {f.name}  {f.size} bytes  {f.digest.short}" for f in made.evidence),
        f"  written   {visible(str(result.output))}",
    ]
    return paragraph("\n".join(lines))


def made_as_json(result: Made) -> str:
    """The same for programs."""
    made = result.attestation
    return _dump(
        {
            "schema": MADE_SCHEMA,
            "file": str(result.output),
            "control": made.control,
            "person": {"name": made.name, "role": made.role, "email": made.email},
            "made": made.made.isoformat(),
            "expires": made.expires.isoformat(),
            "subject": {"name": made.subject_name, "digest": str(made.subject_digest)},
            "evidence": [
                {"name": f.name, "sha256": f.digest.value, "size": f.size} for f in made.evidence
            ],
            "key": result.chosen.fingerprint,
        }
    )


def checked_as_text(result: Checked) -> str:
    """Who attests to what, whether it holds, and why it does not."""
    return paragraph("\n".join([*_about(result), "", *_verdict(result)]))


def _about(result: Checked) -> Iterator[str]:
    from weighbridge.cli.verify_signing import signed_by, signing_lines
    from weighbridge.signing.verdict import SignatureState

    facts = result.facts
    person = facts["person"]
    address = f" <{person['email']}>" if person["email"] else ""
    known = known_control(facts["control"])
    yield wrapped(f"{facts['control']}: {known.question if known else ''}", 2)
    yield f"  by          {person['name']}, {person['role']}{address}"
    yield f"  on          {facts['made']}, until {facts['expires']}"
    lead = "  statement   "
    for part in facts["statement"].splitlines():
        yield wrapped(part, 14, lead) if part.strip() else ""
        lead = ""
    yield f"  subject     {facts['subject_name']}  {facts['subject_digest']}"
    if facts["bound"] != "this":
        yield f"  given now   {visible(result.subject_name)}  {result.subject_digest}"
    valid = result.verdict.state is SignatureState.VALID
    who = signed_by(result.verdict) if valid else f"{result.verdict.state}: {result.verdict.reason}"
    yield wrapped(who, 14, "  signature   ")
    for line in signing_lines(result.verdict, result.as_of):
        yield f"  {line}"
    for file in facts["evidence"]:
        yield f"  evidence    {file['name']}  {file['size']} bytes, {_STATES[file['state']]}"


def _verdict(result: Checked) -> Iterator[str]:
    conclusion = result.conclusion
    for finding in conclusion.findings:
        yield wrapped(finding.message)
        yield wrapped(finding.remedy, 5, "fix: ")
    if conclusion.outcome is Outcome.PASS:
        yield wrapped(conclusion.note)
    yield f"{_WORDS[result.exit_code]} as of {result.as_of}"


def checked_as_json(result: Checked) -> str:
    """The same for programs."""
    from weighbridge.model.canonical import thaw

    return _dump(
        {
            "schema": CHECK_SCHEMA,
            "file": result.file,
            "as_of": result.as_of.isoformat(),
            "exit_code": int(result.exit_code),
            "outcome": result.conclusion.outcome.value,
            "reasons": [finding.message for finding in result.conclusion.findings],
            "subject": {"name": result.subject_name, "digest": str(result.subject_digest)},
            "attestation": thaw(result.facts),
        }
    )


def _dump(value: Any) -> str:
    """Indented ASCII, so that no character of the file's can steer a terminal."""
    return json.dumps(value, indent=2, ensure_ascii=True).replace("\x7f", "\\u007f")
