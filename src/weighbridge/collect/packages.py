"""The Python packages a model stands on: one piece of evidence for each file or environment."""

from __future__ import annotations

from collections.abc import Iterator

from weighbridge.collect.context import CollectContext
from weighbridge.model.errors import HostileInput
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.packages import PackageFact, PackageIssue, PackagesFacts
from weighbridge.packages.discover import find_sources
from weighbridge.packages.environment import read_environment
from weighbridge.packages.source import Package, PackageSource

NAME = "packages"
KINDS: tuple[EvidenceKind, ...] = (EvidenceKind.PACKAGES,)
_COLLECTOR = f"{NAME}@1"


def collect(ctx: CollectContext) -> tuple[Evidence, ...]:
    """What every source says, or why it could not be read; ``absent`` where there is no source."""
    evidence = (*_of_subject(ctx), *_of_environments(ctx))
    if evidence:
        return evidence
    return (
        _evidence(
            "",
            EvidenceState.ABSENT,
            "no requirements file, lock file or environment says which packages there are",
        ),
    )


def _of_subject(ctx: CollectContext) -> Iterator[Evidence]:
    try:
        found = find_sources(ctx.snapshot)
    except HostileInput as error:
        yield _evidence("", EvidenceState.UNAVAILABLE, error.message)
        return
    for source in found.sources:
        yield _observed(source, f"file:{source.path}")
    for missed in found.not_read:
        state = EvidenceState.UNAVAILABLE if missed.supported else EvidenceState.UNSUPPORTED
        yield _evidence(missed.path, state, missed.reason)


def _of_environments(ctx: CollectContext) -> Iterator[Evidence]:
    """Environments are numbered in the order given: their paths are the machine's own."""
    for number, folder in enumerate(ctx.environments, 1):
        label = f"environment:{number}"
        try:
            source = read_environment(folder, label=label)
        except HostileInput as error:
            yield _evidence(label, EvidenceState.UNAVAILABLE, error.message)
            continue
        yield _observed(source, label)


def _observed(source: PackageSource, where: str) -> Evidence:
    facts: PackagesFacts = {
        "format": source.format,
        "format_version": source.format_version,
        "environment": dict(source.environment),
        "packages": [_package(package) for package in source.packages],
        "inactive": source.inactive,
        "includes": list(source.includes),
        "constraints": list(source.constraints),
        "issues": [
            PackageIssue(
                kind=issue.kind, line=issue.line, detail=issue.detail, incomplete=issue.incomplete
            )
            for issue in source.issues
        ],
    }
    return Evidence(
        EvidenceKind.PACKAGES,
        source.path,
        EvidenceState.OBSERVED,
        where,
        _COLLECTOR,
        data={**facts},
    )


def _package(package: Package) -> PackageFact:
    return {
        "name": package.name,
        "version": package.version,
        "specifier": package.specifier,
        "pinned": package.pinned,
        "hashes": list(package.hashes),
        "line": package.line,
        "direct": package.direct,
        "origin": package.origin,
        "purl": package.purl,
        "license": package.license,
        "license_is_expression": package.license_is_expression,
        "spdx": package.spdx,
        "requires": list(package.requires),
        "uploaded": package.uploaded,
        "supplier": package.supplier,
        "url": package.url,
        "groups": list(package.groups),
    }


def _evidence(about: str, state: EvidenceState, reason: str) -> Evidence:
    source = f"file:{about}" if about else "subject"
    if about.startswith("environment:"):
        source = about
    return Evidence(EvidenceKind.PACKAGES, about, state, source, _COLLECTOR, reason)
