"""Configurations name where a credential is kept, and do not hold it."""

from __future__ import annotations

from typing import cast

from weighbridge.model.evidence import EvidenceKind
from weighbridge.model.facts.secret import CredentialKey, CredentialsFacts
from weighbridge.model.finding import (
    Conclusion,
    Finding,
    Location,
    Outcome,
    Severity,
    conclude,
    not_collected,
)
from weighbridge.model.rule import Case, Param, RuleMeta

META = RuleMeta(
    id="plain-credential",
    family="secrets",
    since="0.1",
    severity=Severity.MEDIUM,
    summary="configurations refer to credentials, and do not hold them",
    why=(
        "A credential that is written into a configuration is copied wherever the file goes, and "
        "cannot be taken back or replaced without changing it. A reference says where it is kept: "
        "'vault://…', a provider's secret store, a variable of the environment. A variable is "
        "readable by everything that runs in the process, dependencies with start-up code "
        "included; a store can say who read what and when."
    ),
    remedy="Keep the value in a store of secrets and write the reference to it.",
    example="'config.yaml' has 'db_password: ' followed by a value.",
    needs=(EvidenceKind.SECRET,),
    params=(
        Param(
            "require_vault",
            default=False,
            help="Accept references to stores of secrets alone: a variable of the environment "
            "fails as well.",
            stricter="higher",
        ),
    ),
    references=(
        "https://cwe.mitre.org/data/definitions/798.html",
        "https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html",
    ),
)


def check(case: Case) -> Conclusion:
    """Judge the form of each value whose key names a credential."""
    observed = case.observed(EvidenceKind.SECRET)
    digests = [e.digest for e in case.of(EvidenceKind.SECRET)]
    if not observed:
        return conclude([not_collected("secrets")], digests)
    refused = {"literal"} | ({"environment"} if case.params["require_vault"] else set())
    findings = []
    keys = 0
    for evidence in observed:
        if evidence.data["part"] != "credentials":
            continue
        facts = cast(CredentialsFacts, evidence.data)
        keys += len(facts["keys"])
        findings += [
            Finding(
                outcome=Outcome.FAIL,
                message=_message(evidence.about, key),
                remedy=META.remedy,
                location=Location(evidence.about, key["line"]),
                key=f"{key['form']}:{key['key']}",
                evidence=(evidence.digest,),
            )
            for key in facts["keys"]
            if key["form"] in refused
        ]
        if facts["dropped"]:
            findings.append(
                Finding(
                    outcome=Outcome.UNKNOWN,
                    message=f"{facts['dropped']} more keys of {evidence.about} name credentials "
                    "and were not looked at.",
                    remedy="Split the configuration.",
                    location=Location(evidence.about),
                    key="dropped",
                    evidence=(evidence.digest,),
                )
            )
    return conclude(findings, digests, note=f"Keys that name credentials: {keys}.")


def _message(path: str, key: CredentialKey) -> str:
    if key["form"] == "literal":
        return f"{path} holds the value of {key['key']} itself."
    return f"{path} takes {key['key']} from the environment, and the policy asks for a store."
