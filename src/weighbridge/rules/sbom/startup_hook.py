"""Nothing runs by itself when Python starts in the environment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.installation import HookFacts, InstallationFacts
from weighbridge.model.finding import (
    Conclusion,
    Finding,
    Outcome,
    Severity,
    conclude,
    not_applicable,
    not_collected,
)
from weighbridge.model.rule import Case, Param, RuleMeta

META = RuleMeta(
    id="startup-hook",
    family="sbom",
    since="0.1",
    severity=Severity.CRITICAL,
    summary="no file of the environment runs code whenever Python starts, but hooks of known tools",
    why=(
        "A .pth or .start file, a sitecustomize or usercustomize module runs in every Python that "
        "starts in the environment, whatever program was meant, before its first line. That is "
        "where the malicious releases of litellm 1.82.7 and 1.82.8 put their thief of "
        "credentials in March 2026. A hook that starts processes, opens connections, decodes or "
        "fetches code, or collects secrets is critical; any other code that runs at start-up is "
        "low: some tools need it, and a person should know it is there. Files that only add "
        "folders, and the very lines that known installers write, pass."
    ),
    remedy=(
        "Take the environment out of use, find out who put the file there, and treat every secret "
        "that was in reach as stolen. If the hook is yours and wanted, name its SHA-256 in the "
        "rule's `accept` parameter."
    ),
    example="`litellm_init.pth` runs code at every start: it uses subprocess, base64 and exec.",
    needs=(EvidenceKind.INSTALLATION,),
    params=(
        Param(
            "accept",
            (),
            "SHA-256 digests (hex) of hook files that may run code.",
            stricter="fewer",
        ),
    ),
    references=(
        "https://docs.python.org/3/library/site.html",
        "https://peps.python.org/pep-0829/",
        "PYSEC-2026-2",
        "MITRE ATT&CK T1546.018: Python Startup Hooks",
    ),
)


def check(case: Case) -> Conclusion:
    """One finding for each hook that runs code of its own."""
    everything = case.of(EvidenceKind.INSTALLATION)
    digests = [evidence.digest for evidence in everything]
    if not everything:
        return conclude([not_collected("start-up hooks")], digests)
    environments = [e for e in everything if e.about.startswith("environment:")]
    if not environments:
        return not_applicable("No environment was given to look at.", digests)
    accepted = frozenset(text.lower() for text in case.texts("accept"))
    findings = [finding for evidence in environments for finding in _findings(evidence, accepted)]
    hooks = [
        hook
        for evidence in environments
        if evidence.state is EvidenceState.OBSERVED
        for hook in cast(InstallationFacts, evidence.data)["hooks"]
    ]
    known = sum(hook["verdict"] == "known" for hook in hooks)
    note = f"Start-up hooks: {len(hooks)}, of which written by known tools: {known}."
    return conclude(findings, digests, note=note)


def _findings(evidence: Evidence, accepted: frozenset[str]) -> Iterator[Finding]:
    if evidence.state is not EvidenceState.OBSERVED:
        yield Finding(
            Outcome.UNKNOWN,
            f"What runs when Python starts in {evidence.about} is not known: {evidence.reason}.",
            "Give the path of a site-packages folder that can be read.",
            key=f"unread:{evidence.about}",
            evidence=(evidence.digest,),
        )
        return
    for hook in cast(InstallationFacts, evidence.data)["hooks"]:
        if hook["verdict"] in ("dangerous", "code") and hook["sha256"] not in accepted:
            yield _hook(hook, evidence)


def _hook(hook: HookFacts, evidence: Evidence) -> Finding:
    dangerous = hook["verdict"] == "dangerous"
    owner = f", of {hook['package']}," if hook["package"] else ", which no package lists,"
    because = f": {hook['reasons'][0]}" if hook["reasons"] else ""
    return Finding(
        Outcome.FAIL,
        f"'{hook['path']}' in {evidence.about}{owner} runs code whenever Python starts{because}.",
        "Start nothing in this environment until you know who put the file there and why."
        if dangerous
        else "Read the file; if you want it, name its SHA-256 in the rule's accept parameter.",
        key=f"{hook['verdict']}:{evidence.about}:{hook['path']}",
        severity=None if dangerous else Severity.LOW,
        evidence=(evidence.digest,),
    )
