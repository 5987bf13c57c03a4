"""What ``weighbridge verify`` says: as text for a person, as JSON for a program."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any

from weighbridge.cli.verify_signing import Unmet, signed_by, signing_lines
from weighbridge.edge.text import visible
from weighbridge.model.errors import ExitCode, worst
from weighbridge.signing.compare import Comparison, Difference
from weighbridge.signing.facts import signing_facts
from weighbridge.signing.model import ModelVerification, SignatureOutcome
from weighbridge.signing.oms import OmsVerification

SCHEMA = "urn:weighbridge:verify:1"
VERDICTS = {
    ExitCode.HOLDS: "VERIFIED",
    ExitCode.VIOLATED: "NOT VERIFIED",
    ExitCode.ERROR: "ERROR: nothing may be concluded",
    ExitCode.INCONCLUSIVE: "INCONCLUSIVE",
}
MAX_UNCHECKED = 20  # names in the text; the JSON has them all


def exit_code(verification: ModelVerification, unmet: Sequence[Unmet]) -> ExitCode:
    """The verification's own, but nothing holds where a policy demands more."""
    return worst([verification.exit_code, *([ExitCode.VIOLATED] if unmet else [])])


def as_json(verification: ModelVerification, unmet: Sequence[Unmet], _today: dt.date) -> str:
    """One object: the decisive signature's members, and the other signatures in ``others``.

    ``unmet`` are the files for which a policy demands more than there is.
    """
    first, *others = verification.outcomes
    body: dict[str, Any] = {
        "schema": SCHEMA,
        **_signature(first),
        "others": [_signature(other) for other in others],
        "only": list(verification.only),
        "files": verification.files,
        "read": verification.read,
        "bytes_read": verification.bytes_read,
        "unmet": [{"path": one.path, "reason": one.reason} for one in unmet],
        "exit_code": int(exit_code(verification, unmet)),
        "holds": exit_code(verification, unmet) is ExitCode.HOLDS,
    }
    return json.dumps(body, indent=2) + "\n"


def _signature(outcome: SignatureOutcome) -> dict[str, Any]:
    """One signature. Where it could not be read, ``error`` says why and there is nothing else."""
    body: dict[str, Any] = {
        "signature": outcome.name,
        "holds": outcome.exit_code is ExitCode.HOLDS,
        "exit_code": int(outcome.exit_code),
        "error": outcome.error.message if outcome.error else "",
    }
    if outcome.verified is None:
        return body
    verified = outcome.verified
    manifest, comparison = verified.manifest, verified.comparison
    body |= {
        "mode": verified.bundle.mode,
        "signature_state": verified.state.value,
        "reason": verified.reason,
        "signers": [
            {
                "name": signer.name,
                "kind": signer.kind.value,
                "fingerprint": str(signer.fingerprint),
            }
            for signer in verified.valid_for
        ],
        "signing": signing_facts(verified.signature),
        "model_name": manifest.model_name,
        "legacy": manifest.legacy,
        "hash_type": manifest.hash_type,
        "shard_size": manifest.shard_size,
        "root_digest": str(manifest.root),
        "root_consistent": manifest.root_consistent,
        "tree_digest": str(verified.tree_digest),
        "signed": len(manifest.files()),
        "covered": list(comparison.covered),
        "by_pointer": list(comparison.by_pointer),
        "cached": list(comparison.cached),
        "differences": [_difference(d) for d in comparison.differences],
        "ignored": [
            {"path": i.path, "reason": i.reason, "code": i.code} for i in comparison.ignored
        ],
        "not_checked": {
            "count": len(comparison.unchecked),
            "paths": list(comparison.unchecked),
        },
    }
    return body


def _difference(difference: Difference) -> dict[str, str]:
    return {
        "path": difference.path,
        "cause": difference.cause.value,
        "expected": str(difference.expected or ""),
        "actual": str(difference.actual or ""),
        "other": difference.other,
        "detail": difference.detail,
    }


def as_text(verification: ModelVerification, unmet: Sequence[Unmet], today: dt.date) -> str:
    """A few lines: who signed and when, what differs, what was not looked at, and the verdict."""
    lines: list[str] = []
    for outcome in verification.outcomes:
        lines += _lines(outcome, verification, today)
    lines += [f"policy      {visible(one.path)}: {visible(one.reason)}" for one in unmet]
    verdict = VERDICTS[exit_code(verification, unmet)]
    decisive = verification.outcomes[0].verified
    if decisive is not None and verification.only:
        lines += _unchecked(decisive.comparison)
        if exit_code(verification, unmet) is ExitCode.HOLDS:
            verdict += (
                f", for the {len(decisive.comparison.covered)} files that --only names; nothing "
                f"is said of the {len(decisive.comparison.unchecked)} others"
            )
    return "\n".join([*lines, verdict]) + "\n"


def _lines(outcome: SignatureOutcome, verification: ModelVerification, today: dt.date) -> list[str]:
    name, verified = visible(outcome.name), outcome.verified
    if verified is None:
        assert outcome.error is not None
        return [f"signature   {name}: cannot be used, {visible(outcome.error.message)}"]
    comparison, manifest = verified.comparison, verified.manifest
    several = len(verification.outcomes) > 1
    holds = "; it does not hold" if several and not verified.holds else ""
    holds = "; it holds" if several and verified.holds else holds
    lines = [f"signature   {name}: {_who(verified)}{holds}"]
    lines += signing_lines(verified.signature, today)
    if manifest.legacy:
        lines.append("format      the experimental one of model_signing 0.2, taken on request")
    pointers = len(comparison.by_pointer)
    lines.append(
        f"files       {len(comparison.covered)} of {len(manifest.files())} signed files match"
        + (f", {pointers} of them by their pointer only" if pointers else "")
        + (f", {len(comparison.cached)} of them not read again" if comparison.cached else "")
        + f"; {verification.files} files are there"
    )
    if not manifest.root_consistent:
        lines.append("root digest contradicts the listed files: the signature is malformed")
    for difference in comparison.differences:
        lines += _explain(difference)
    for ignored in comparison.ignored:
        code = "; a loader could run it, and no signature covers it" if ignored.code else ""
        lines.append(f"ignored     {visible(ignored.path)}: {visible(ignored.reason)}{code}")
    return lines


def _unchecked(comparison: Comparison) -> list[str]:
    lines = [f"not checked {visible(path)}" for path in comparison.unchecked[:MAX_UNCHECKED]]
    rest = len(comparison.unchecked) - MAX_UNCHECKED
    return [*lines, f"not checked and {rest} more"] if rest > 0 else lines


def _who(verified: OmsVerification) -> str:
    if verified.valid_for:
        return f"valid, {signed_by(verified.signature)}"
    hint = f" (its key hint: {visible(verified.bundle.hint)})" if verified.bundle.hint else ""
    return f"{verified.state}, {verified.reason}{hint}"


def _explain(difference: Difference) -> list[str]:
    lines = [f"{difference.cause.value:<11} {visible(difference.path) or '.'}"]
    if difference.other:
        lines.append(f"            now      {visible(difference.other)}")
    if difference.expected:
        lines.append(f"            signed   {difference.expected}")
    if difference.actual:
        lines.append(f"            found    {difference.actual}")
    if difference.detail:
        lines.append(f"            because  {visible(difference.detail)}")
    return lines
