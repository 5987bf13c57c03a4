"""The files are the ones that were signed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.signature import DifferenceFacts, IgnoredFacts, SignatureFacts
from weighbridge.model.finding import (
    Conclusion,
    Finding,
    Location,
    Outcome,
    Severity,
    conclude,
    not_applicable,
    not_collected,
)
from weighbridge.model.rule import Case, RuleMeta

META = RuleMeta(
    id="signature-mismatch",
    family="signatures",
    since="0.1",
    severity=Severity.CRITICAL,
    summary="the model's files are exactly those its signatures list, and no signature is broken",
    why=(
        "A signature speaks of the files as they were when it was made. A changed byte in a weight "
        "file, a tokenizer that went missing, a Python file that was added later: each makes the "
        "model another one than the one that was signed, whoever signed it. A file that was added "
        "and holds neither weights nor code counts as medium, and so does code in a place that the "
        "format leaves out of every signature, such as .github. Whether the signer is someone to "
        "rely on is another question, which untrusted-signer asks."
    ),
    remedy=(
        "Fetch the model again from where it was signed; if the change is meant, let the signer "
        "sign it again."
    ),
    example="'model.safetensors' was signed with sha256:2b6d… and is now sha256:91c0….",
    needs=(EvidenceKind.SIGNATURE,),
    references=(
        "https://github.com/ossf/model-signing-spec",
        "https://github.com/secure-systems-lab/dsse/blob/master/protocol.md",
    ),
)

# Names that loaders run or let shape the prompt when they lie beside the weights.
_ACTIVE = (".py", ".pyc", ".pyd", ".so", ".dll", ".dylib", ".jinja")

_FETCH = "Fetch the file again, or have the signer sign the model as it is."


def check(case: Case) -> Conclusion:
    """Compare what each signature lists with what was found."""
    everything = case.of(EvidenceKind.SIGNATURE)
    digests = [evidence.digest for evidence in everything]
    if not everything:
        return conclude([not_collected("signatures")], digests)
    signatures = [evidence for evidence in everything if evidence.about and _about_model(evidence)]
    if not signatures:
        return not_applicable("The model has no signature to compare its files with.", digests)
    findings = [finding for evidence in signatures for finding in _findings(evidence)]
    return conclude(findings, digests, note=_note(signatures))


def _about_model(evidence: Evidence) -> bool:
    """Whether a signature file is one of a model, or was too broken to say."""
    if evidence.state is not EvidenceState.OBSERVED:
        return True
    return cast(SignatureFacts, evidence.data)["signature_state"] != "unrelated"


def _note(signatures: list[Evidence]) -> str:
    read = [cast(SignatureFacts, evidence.data) for evidence in signatures if evidence.data]
    files = sum(len(facts["covered"]) for facts in read)
    left_out = sum(len(facts["ignored"]) for facts in read)
    compared = f"Signatures compared: {len(read)}; files that match: {files}"
    notes = [f"{compared}; files that the format leaves out: {left_out}."]
    if pointers := sum(len(facts["by_pointer"]) for facts in read):
        notes.append(f"Matched by the digest in their pointer alone: {pointers}.")
    if unproven := sum(f["signature_state"] in ("no-known-key", "untrusted") for f in read):
        notes.append(f"Signatures of nobody who is trusted, see untrusted-signer: {unproven}.")
    return " ".join(notes)


def _findings(evidence: Evidence) -> Iterator[Finding]:
    path = evidence.about
    if evidence.state is not EvidenceState.OBSERVED:
        yield _about_signature(
            evidence,
            Outcome.UNKNOWN,
            "unread-signature",
            f"'{path}' is a signature that could not be read: {evidence.reason}.",
            "Replace it by a signature that can be read, or remove it.",
        )
        return
    facts = cast(SignatureFacts, evidence.data)
    yield from _state(evidence, facts)
    for difference in facts["differences"]:
        yield _difference(difference, evidence)
    for ignored in facts["ignored"]:
        if ignored["path"].lower().endswith(_ACTIVE):
            yield _uncovered_code(ignored, evidence)


def _uncovered_code(ignored: IgnoredFacts, evidence: Evidence) -> Finding:
    """Code that came with the model and that no signature can speak for, whoever added it."""
    path = ignored["path"]
    return Finding(
        Outcome.FAIL,
        f"'{path}' is code that a loader could run, and '{evidence.about}' does not cover it: "
        f"{ignored['reason']}.",
        "Remove the file, or move it to where signatures cover it and sign the model again.",
        Location(path),
        key=f"uncovered-code:{evidence.about}",
        severity=Severity.MEDIUM,
        evidence=(evidence.digest,),
    )


def _state(evidence: Evidence, facts: SignatureFacts) -> Iterator[Finding]:
    path, state = evidence.about, facts["signature_state"]
    if state == "invalid":
        yield _about_signature(
            evidence,
            Outcome.FAIL,
            "invalid-signature",
            f"'{path}' is a broken signature: {facts['reason']}.",
            "Trust nothing it lists; fetch the signature again from the signer.",
        )
    elif state == "unsupported":
        yield _about_signature(
            evidence,
            Outcome.UNKNOWN,
            "unsupported-signature",
            f"'{path}' is a signature that cannot be verified: {facts['reason']}.",
            "Let the model be signed in a way that can be verified.",
        )
    if not facts["opaque"] and not facts["root_consistent"]:
        yield _about_signature(
            evidence,
            Outcome.FAIL,
            "root-digest",
            f"'{path}' contradicts itself: its root digest {facts['root_digest']} "
            "is not that of the files it lists.",
            "Let the signer sign the model again with a tool that keeps to the format.",
        )


def _about_signature(
    evidence: Evidence, outcome: Outcome, key: str, message: str, remedy: str
) -> Finding:
    return Finding(
        outcome,
        message,
        remedy,
        Location(evidence.about),
        key=f"{key}:{evidence.about}",
        evidence=(evidence.digest,),
    )


def _difference(difference: DifferenceFacts, evidence: Evidence) -> Finding:
    cause, path = difference["cause"], difference["path"]
    outcome = Outcome.UNKNOWN if cause == "unverifiable" else Outcome.FAIL
    light = cause in ("added", "symlinked") and not difference["weight"]
    light = light and not path.lower().endswith(_ACTIVE)
    return Finding(
        outcome,
        _sentence(difference, evidence.about),
        _REMEDIES.get(cause, _FETCH),
        Location(path),
        key=f"{cause}:{evidence.about}",
        severity=Severity.MEDIUM if light else None,
        evidence=(evidence.digest,),
    )


_REMEDIES = {
    "added": "Remove the file, or have the signer sign the model with it.",
    "renamed": "Give the file its signed name again, or have the signer sign the model as it is.",
    "symlinked": "Replace the link by the file itself.",
    "unverifiable": "Make the file readable and fetch its content, then audit again.",
}


def _sentence(difference: DifferenceFacts, signature: str) -> str:
    path, expected, actual = difference["path"], difference["expected"], difference["actual"]
    detail = f" ({difference['detail']})" if difference["detail"] else ""
    match difference["cause"]:
        case "changed":
            return (
                f"'{path}' is not what '{signature}' signs: it is {actual} and was "
                f"{expected}{detail}."
            )
        case "missing":
            return f"'{path}' is missing, and '{signature}' signs it as {expected}{detail}."
        case "renamed":
            return (
                f"'{path}' is now named '{difference['other']}', with the digest {actual} that "
                f"'{signature}' signs{detail}."
            )
        case "added":
            found = f" as {actual}" if actual else ""
            return f"'{path}' is not listed in '{signature}', and it is here{found}{detail}."
        case "symlinked":
            return f"'{path}' is no regular file, and '{signature}' signs one{detail}."
        case _:
            return f"Whether '{path}' is what '{signature}' lists cannot be said{detail}."
