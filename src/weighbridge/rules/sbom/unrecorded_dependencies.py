"""The model says what it stands on."""

from __future__ import annotations

from typing import cast

from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.packages import PackagesFacts
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
    id="unrecorded-dependencies",
    family="sbom",
    since="0.1",
    severity=Severity.MEDIUM,
    summary="the software that the model runs on is recorded: in a requirements file, a lock file, "
    "or an environment given to the audit",
    why=(
        "Weights do nothing without a stack of packages beneath them, and most ways into a model "
        "lead through that stack. Where nothing records it, no bill of materials can list it, no "
        "advisory can be matched to it, and nobody can rebuild what was tested."
    ),
    remedy=(
        "Put a lock file beside the weights, or give the audit the environment the model runs in "
        "(--environment path/to/site-packages)."
    ),
    example="The folder holds `model.safetensors` and `config.json`, and no file names a package.",
    needs=(EvidenceKind.PACKAGES,),
    references=(
        "https://www.cisa.gov/sbom",
        "https://slsa.dev/spec/v1.0/provenance",
    ),
)


# Where these name no package, nobody said that there is none to name.
_SAY_NOTHING_EMPTY = ("requirements", "script", "notebook")


def check(case: Case) -> Conclusion:
    """Pass where at least one source names packages."""
    everything = case.of(EvidenceKind.PACKAGES)
    digests = [evidence.digest for evidence in everything]
    recorded = [e for e in everything if _records(e)]
    if recorded:
        note = f"Sources that record packages: {', '.join(e.about for e in recorded[:5])}."
        return conclude([], digests, note=note)
    unread = [
        evidence
        for evidence in everything
        if evidence.state in (EvidenceState.UNAVAILABLE, EvidenceState.UNSUPPORTED)
        or _is_incomplete(evidence)
    ]
    if unread:
        return conclude([_unread(evidence) for evidence in unread], digests)
    if not everything:
        return conclude([not_collected("packages")], digests)
    return conclude([_unrecorded(everything)], digests)


def _records(evidence: Evidence) -> bool:
    """Whether it names packages. A lock file or environment without any says so on purpose."""
    if evidence.state is not EvidenceState.OBSERVED:
        return False
    facts = cast(PackagesFacts, evidence.data)
    return bool(facts["packages"]) or (
        facts["format"] not in _SAY_NOTHING_EMPTY and not _is_incomplete(evidence)
    )


def _is_incomplete(evidence: Evidence) -> bool:
    if evidence.state is not EvidenceState.OBSERVED:
        return False
    return any(issue["incomplete"] for issue in cast(PackagesFacts, evidence.data)["issues"])


def _unread(evidence: Evidence) -> Finding:
    inside = evidence.about and not evidence.about.startswith("environment:")
    reason = evidence.reason or "it names them in a way that could not be read"
    return Finding(
        Outcome.UNKNOWN,
        f"'{evidence.about}' may record what the model stands on, and was not read: {reason}.",
        "Record the packages in a file that can be read: requirements, pylock, uv or poetry.",
        Location(evidence.about) if inside else None,
        key=f"unread:{evidence.about}",
        evidence=(evidence.digest,),
    )


def _unrecorded(everything: tuple[Evidence, ...]) -> Finding:
    empty = [e.about for e in everything if e.state is EvidenceState.OBSERVED]
    if empty:
        message = f"'{empty[0]}' names no package, so the model does not say what it stands on."
    else:
        message = "The model does not say what it stands on: no file names a Python package."
    return Finding(
        Outcome.FAIL,
        message,
        "Put a lock file beside the weights, or give the audit the environment it runs in.",
        Location(empty[0]) if empty else None,
        key="unrecorded",
        evidence=tuple(e.digest for e in everything),
    )
