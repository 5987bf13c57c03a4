"""No credential lies in the files."""

from __future__ import annotations

from typing import cast

from weighbridge.model.digest import Digest
from weighbridge.model.evidence import Evidence, EvidenceKind
from weighbridge.model.facts.secret import SecretFacts, SecretSummaryFacts
from weighbridge.model.finding import (
    Conclusion,
    Finding,
    Location,
    Outcome,
    Severity,
    conclude,
    not_collected,
)
from weighbridge.model.rule import Case, RuleMeta

META = RuleMeta(
    id="leaked-secret",
    family="secrets",
    since="0.1",
    severity=Severity.CRITICAL,
    summary="no credential lies in the files, notebooks and headers of the model",
    why=(
        "A model is given to others as a whole. A token that was printed into a notebook's output "
        "or left in a training configuration goes along, and with it the right to replace the "
        "model on its hub, to spend, to read the training data. What is found names the pattern "
        "and what speaks for it (checksum, structure, length, entropy); the value itself is in no "
        "report. Documentation's own examples and placeholders are passed over. Vocabularies, "
        "lists of digests and data files are searched for providers' tokens alone."
    ),
    remedy=(
        "Revoke it at the provider first, then remove it: whoever has a copy of the files has it."
    ),
    example="'train.ipynb' printed a Hugging Face token in the output of its third cell.",
    needs=(EvidenceKind.SECRET,),
    references=(
        "https://owasp.org/www-community/vulnerabilities/Use_of_hard-coded_password",
        "https://cwe.mitre.org/data/definitions/798.html",
        "https://docs.github.com/en/code-security/secret-scanning",
    ),
)

_VALIDATED = {
    "checksum": "its checksum is right",
    "structure": "its structure is right",
    "length": "prefix and length are right",
    "entropy": "by its name and its randomness",
}


def check(case: Case) -> Conclusion:
    """A finding a place; an unknown for what should have been searched and was not."""
    observed = case.observed(EvidenceKind.SECRET)
    summary = next((e for e in observed if e.data["part"] == "summary"), None)
    digests = [e.digest for e in case.of(EvidenceKind.SECRET)]
    if summary is None:
        return conclude([not_collected("secrets")], digests)
    facts = cast(SecretSummaryFacts, summary.data)
    findings = [_finding(e) for e in observed if e.data["part"] == "secret"]
    findings += [_gap(gap, summary.digest) for gap in facts["gaps"]]
    return conclude(findings, digests, note=_note(facts))


def _finding(evidence: Evidence) -> Finding:
    facts = cast(SecretFacts, evidence.data)
    place = f", {facts['member']}" if facts["member"] else ""
    under = f", under {facts['reference']}" if facts.get("reference") else ""
    past = f" It was added in commit {facts['commit'][:12]}{under}." if facts["commit"] else ""
    if facts["source"] == "weighbridge":
        seen = f" beginning with {facts['masked']}" if facts["masked"].strip("…") else ""
        said = f"{facts['length']} characters{seen}; {_VALIDATED[facts['validated']]}"
    else:
        said = f"reported by {facts['source']}"
    return Finding(
        outcome=Outcome.FAIL,
        message=f"{facts['path']}{place} holds {facts['title']} ({said}).{past}",
        remedy=META.remedy,
        location=Location(facts["path"], facts["line"], facts["offset"]),
        key=":".join(
            part
            for part in (facts["rule"], facts["fingerprint"], facts["member"], facts["commit"])
            if part
        ),
        severity=Severity(facts["severity"]),
        evidence=(evidence.digest,),
    )


def _gap(gap: str, digest: Digest) -> Finding:
    return Finding(
        outcome=Outcome.UNKNOWN,
        message=f"Not everything was searched for secrets: {gap}.",
        remedy="Search it with another scanner, or fetch what is missing and audit again.",
        key=f"gap:{gap}",
        evidence=(digest,),
    )


def _note(facts: SecretSummaryFacts) -> str:
    text = f"Files searched: {facts['files']}, {facts['narrow']} of them for tokens alone"
    if facts["history"]:
        text += f"; earlier contents: {facts['blobs']} of {facts['commits']} commits"
        if facts.get("references"):
            text += f" under {facts['references']} references"
    if facts["dropped"]:
        text += f"; {facts['dropped']} more places are not listed"
    return text + "."
