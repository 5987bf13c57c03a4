"""The files of installed packages are those that were installed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.installation import (
    InstallationFacts,
    ProvenanceFacts,
    RecordedFacts,
)
from weighbridge.model.finding import (
    Conclusion,
    Finding,
    Outcome,
    Severity,
    conclude,
    not_applicable,
    not_collected,
)
from weighbridge.model.rule import Case, RuleMeta

META = RuleMeta(
    id="modified-package",
    family="sbom",
    since="0.1",
    severity=Severity.HIGH,
    summary="every file of each installed package has the digest that its RECORD gives",
    why=(
        "An environment can be changed after it was installed, by a person, by another package "
        "that writes over the same file, or by an intruder who wants to stay. The bill of "
        "materials then lists a release that is not what runs. Each package's RECORD has the "
        "digests of its files as they were installed. That they match does not show where the "
        "package came from: whoever can change a file can change RECORD too. Compiled caches "
        "have no digest and are not compared."
    ),
    remedy="Install the package again from a locked source with hashes, into a new environment.",
    example="`torch 2.1.0`: 2 of its files are not as its RECORD says, `torch/serialization.py`.",
    needs=(EvidenceKind.INSTALLATION,),
    references=(
        "https://packaging.python.org/en/latest/specifications/recording-installed-packages/",
        "https://peps.python.org/pep-0740/",
    ),
)

_NAMED = 3


def check(case: Case) -> Conclusion:
    """One finding for each package that differs or was not compared, and each false provenance."""
    everything = case.of(EvidenceKind.INSTALLATION)
    digests = [evidence.digest for evidence in everything]
    if not everything:
        return conclude([not_collected("installed files")], digests)
    if all(evidence.state is EvidenceState.ABSENT for evidence in everything):
        return not_applicable("No environment was given to look at.", digests)
    findings = [finding for evidence in everything for finding in _findings(evidence)]
    read = [cast(InstallationFacts, e.data) for e in case.observed(EvidenceKind.INSTALLATION)]
    return conclude(findings, digests, note=_note(read))


def _note(read: list[InstallationFacts]) -> str:
    packages = [package for facts in read for package in facts["recorded"]]
    verified = sum(package["verified"] for package in packages)
    unhashed = sum(package["unhashed"] for package in packages)
    unlisted = sum(facts["unlisted_count"] for facts in read)
    return (
        f"Packages looked at: {len(packages)}; files with the digest of their RECORD: {verified}; "
        f"entries without a digest: {unhashed}; files that no RECORD lists: {unlisted}."
    )


def _findings(evidence: Evidence) -> Iterator[Finding]:
    where = evidence.about
    if evidence.state is EvidenceState.ABSENT:
        return
    if evidence.state is not EvidenceState.OBSERVED:
        yield Finding(
            Outcome.UNKNOWN,
            f"Whether the packages of {where} were changed is not known: {evidence.reason}.",
            "Give the path of a site-packages folder that can be read.",
            key=f"unread:{where}",
            evidence=(evidence.digest,),
        )
        return
    facts = cast(InstallationFacts, evidence.data)
    for package in facts["recorded"]:
        if package["state"] == "modified":
            yield _modified(package, evidence)
        elif package["state"] != "verified":
            yield _not_compared(package, evidence)
    for provenance in facts["provenance"]:
        if provenance["state"] == "failed":
            yield _false_provenance(provenance, evidence)


def _modified(package: RecordedFacts, evidence: Evidence) -> Finding:
    different = [d for d in package["differences"] if d["what"] in ("changed", "missing")]
    named = ", ".join(f"'{d['path']}' is {d['what']}" for d in different[:_NAMED])
    count = package["difference_count"]
    files = "1 file is" if count == 1 else f"{count} files are"
    more = f" and {count - len(different[:_NAMED])} more" if count > _NAMED else ""
    return Finding(
        Outcome.FAIL,
        f"{_name(package)} in {evidence.about}: {files} not as its RECORD says: {named}{more}.",
        "Find out who changed it, then install the package again into a new environment.",
        key=f"modified:{evidence.about}:{_key(package)}",
        evidence=(evidence.digest,),
    )


def _not_compared(package: RecordedFacts, evidence: Evidence) -> Finding:
    return Finding(
        Outcome.UNKNOWN,
        f"Whether {_name(package)} in {evidence.about} was changed is not known: "
        f"{package['reason']}.",
        "Install it from a wheel with a current installer, which records every file with a digest.",
        key=f"{package['state']}:{evidence.about}:{_key(package)}",
        evidence=(evidence.digest,),
    )


def _false_provenance(provenance: ProvenanceFacts, evidence: Evidence) -> Finding:
    return Finding(
        Outcome.FAIL,
        f"'{provenance['file']}' in {evidence.about} does not hold for the file beside it: "
        f"{provenance['reason']}.",
        "Fetch the distribution and its provenance again from the index, and compare both.",
        key=f"provenance:{evidence.about}:{provenance['file']}",
        evidence=(evidence.digest,),
    )


def _name(package: RecordedFacts) -> str:
    return f"{package['package']} {package['version']}".strip()


def _key(package: RecordedFacts) -> str:
    return f"{package['package']}=={package['version']}"
