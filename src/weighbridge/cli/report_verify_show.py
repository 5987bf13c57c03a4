"""What ``weighbridge report verify`` found, in words and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from weighbridge.seal.outcome import SealReport

SCHEMA = "urn:weighbridge:report-verify:1"


def as_text(result: SealReport) -> str:
    """For a terminal: the checks one by one, then on what they rest."""
    from weighbridge.cli.layout import wrapped
    from weighbridge.edge.text import paragraph
    from weighbridge.model.errors import ExitCode

    words = {
        ExitCode.HOLDS: "HOLDS",
        ExitCode.VIOLATED: f"DOES NOT HOLD ({result.reason})",
        ExitCode.INCONCLUSIVE: "INTACT, NOT ESTABLISHED",
    }
    marks = {"ok": "ok", "failed": "FAILED", "inconclusive": "?", "not_checked": "-"}
    lines = [f"{words[result.exit_code]}: the {result.kind} was verified offline.", ""]
    for check in result.checks:
        lead = f"  {marks[check.state.value]:6}  "
        lines.append(wrapped(f"{check.name}: {check.detail}", 6, first=lead))
    lines += ["", wrapped(result.basis)]
    if result.gate_open is not None:
        verdict = "open" if result.gate_open else "closed"
        about = f"The record: {result.subject_name} ({result.subject_digest}), "
        lines.append(wrapped(f"{about}as of {result.as_of}, the gate was {verdict}."))
    return paragraph("\n".join(lines))


def as_json(result: SealReport) -> str:
    """For scripts; :data:`SCHEMA` says of what form."""
    import json

    def text(value: object) -> Any:
        return None if value is None else str(value)

    body = {
        "schema": SCHEMA,
        "kind": result.kind,
        "exitCode": int(result.exit_code),
        "reason": result.reason.value,
        "intact": result.intact,
        "signer": {
            "fingerprint": text(result.signer),
            "trust": result.trust.value,
            "sigstore": result.sigstore,
            "holder": result.holder,
            "issuer": result.issuer,
        },
        "existedAt": result.existed.isoformat() if result.existed else None,
        "basis": result.basis,
        "checks": [
            {
                "name": check.name,
                "state": check.state.value,
                "detail": check.detail,
                "reason": check.reason.value if check.state.value == "failed" else None,
            }
            for check in result.checks
        ],
        "timestamps": [
            {
                "part": stamped.part,
                "time": stamped.timestamp.time.isoformat(),
                "authority": stamped.timestamp.authority,
                "trusted": stamped.timestamp.trusted,
                "until": stamped.until.isoformat(),
            }
            for stamped in result.timestamps
        ],
        "record": {
            "digest": text(result.record_digest),
            "subject": {"name": result.subject_name, "digest": text(result.subject_digest)},
            "asOf": result.as_of,
            "gateOpen": result.gate_open,
        },
    }
    return json.dumps(body, indent=2, sort_keys=True)
