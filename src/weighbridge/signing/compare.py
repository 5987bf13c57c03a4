"""What a manifest says against what a snapshot holds: every file by name and cause."""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from weighbridge.model.artifact import Artifact, Presence, Problem, ProblemKind
from weighbridge.model.digest import Digest
from weighbridge.model.subject import SubjectKind
from weighbridge.signing.manifest import GIT_PATHS, Manifest, Resource
from weighbridge.snapshot.snapshot import ContentUnavailable, Snapshot

_CHUNK = 4 * 2**20
_LINKS = (
    ProblemKind.SYMLINK_ESCAPE,
    ProblemKind.SYMLINK_LOOP,
    ProblemKind.SYMLINK_DANGLING,
)


class Cause(enum.StrEnum):
    """How a file differs from what was signed."""

    CHANGED = "changed"
    MISSING = "missing"
    ADDED = "added"
    RENAMED = "renamed"
    SYMLINKED = "symlinked"
    UNVERIFIABLE = "unverifiable"  # it may or may not be what was signed: it could not be read


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """One file that is not what was signed.

    ``expected`` is the signed digest, ``actual`` the one found, each None where there is none.
    ``other`` is the name that a renamed file goes by now; ``path`` is then the signed one.
    """

    path: str
    cause: Cause
    expected: Digest | None = None
    actual: Digest | None = None
    other: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Ignored:
    """A file that lies in the model, is not signed, and that the format leaves out, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Which files match, and which do not; all sorted by path.

    ``by_pointer`` are those of ``covered`` whose content is not here: their pointer declares the
    signed digest.
    """

    covered: tuple[str, ...]
    by_pointer: tuple[str, ...]
    differences: tuple[Difference, ...]
    ignored: tuple[Ignored, ...]


def compare(
    manifest: Manifest, snapshot: Snapshot, *, signature_paths: Collection[str] = ()
) -> Comparison:
    """Compare a manifest's files with a snapshot's.

    Args:
        manifest: what was signed.
        snapshot: what is there. Content is read only for digests that it does not hold.
        signature_paths: signature files, which are not themselves signed.
    """
    table = {artifact.path: artifact for artifact in snapshot.artifacts}
    signed = {resource.name: resource for resource in manifest.resources}
    covered: list[str] = []
    by_pointer: list[str] = []
    differences: list[Difference] = []
    for name in sorted(signed):
        artifact = table.get(name)
        if artifact is None:
            differences.append(_absent(signed[name], snapshot.problems))
            continue
        difference = _differs(signed[name], artifact, manifest, snapshot)
        if difference is not None:
            differences.append(difference)
            continue
        covered.append(name)
        if artifact.presence is not Presence.CONTENT:
            by_pointer.append(name)
    added, ignored = _unsigned(manifest, snapshot, signed, signature_paths)
    differences = _pair_renames(differences, added)
    differences += _unread(snapshot.problems, manifest, table, signed, signature_paths)
    return Comparison(
        tuple(covered), tuple(by_pointer), tuple(sorted(differences, key=_place)), ignored
    )


def why_ignored(path: str, manifest: Manifest, signature_paths: Collection[str]) -> str:
    """Why the format leaves a path out; empty where it must be signed."""
    if path in signature_paths:
        return "a signature file"
    if path.split("/", 1)[0] in GIT_PATHS:
        return "a git path, which the format leaves out"
    for ignored in manifest.ignore_paths:
        if path == ignored or path.startswith(f"{ignored}/"):
            return f"left out by the signer ({ignored})"
    return ""


def digest_of(artifact: Artifact, algorithm: str, snapshot: Snapshot) -> Digest | None:
    """A file's digest by any algorithm of OMS, hashed now where the snapshot does not hold it.

    Returns:
        None where it cannot be had: the content is not here.
    """
    known = artifact.digest(algorithm)
    if known is not None or artifact.presence is not Presence.CONTENT:
        return known
    try:
        with snapshot.open(artifact) as stream:
            hasher = _hasher(algorithm)
            while chunk := stream.read(_CHUNK):
                hasher.update(chunk)
    except (ContentUnavailable, OSError):
        return None
    return Digest(algorithm, hasher.hexdigest())


def _hasher(algorithm: str) -> Any:
    if algorithm == "blake3":
        import blake3

        return blake3.blake3(max_threads=blake3.blake3.AUTO)
    return hashlib.new(algorithm)


def _place(difference: Difference) -> tuple[str, str, str]:
    return difference.path, difference.cause.value, difference.other


def _differs(
    resource: Resource, artifact: Artifact, manifest: Manifest, snapshot: Snapshot
) -> Difference | None:
    actual = digest_of(artifact, manifest.hash_type, snapshot)
    if actual is not None and actual != resource.digest:
        return Difference(resource.name, Cause.CHANGED, resource.digest, actual)
    if actual is None:
        return Difference(
            resource.name,
            Cause.UNVERIFIABLE,
            resource.digest,
            detail=f"its {manifest.hash_type} digest cannot be had: {_why_not(artifact)}",
        )
    if _is_forbidden_link(artifact, manifest, snapshot):
        return Difference(
            resource.name,
            Cause.SYMLINKED,
            resource.digest,
            actual,
            detail=f"it is now a symbolic link to {artifact.link_target}",
        )
    return None


def _why_not(artifact: Artifact) -> str:
    if artifact.presence is Presence.POINTER:
        return "only a pointer is here"
    if artifact.presence is Presence.MISSING:
        return "the file is listed and its content is not here"
    return "the content could not be read again"


def _is_forbidden_link(artifact: Artifact, manifest: Manifest, snapshot: Snapshot) -> bool:
    """Whether the format refuses the file for being a link. A hub cache is made of links."""
    if not artifact.link_target or manifest.allow_symlinks:
        return False
    return snapshot.subject.kind is not SubjectKind.HUB_CACHE


def _absent(resource: Resource, problems: Iterable[Problem]) -> Difference:
    """A signed file that the snapshot does not list: gone, or met and not read."""
    for problem in problems:
        within = not problem.path or resource.name.startswith(f"{problem.path}/")
        if problem.path == resource.name or within:
            cause = Cause.SYMLINKED if problem.kind in _LINKS else Cause.UNVERIFIABLE
            return Difference(
                resource.name, cause, resource.digest, detail=f"{problem.kind}: {problem.detail}"
            )
    return Difference(resource.name, Cause.MISSING, resource.digest)


def _unsigned(
    manifest: Manifest,
    snapshot: Snapshot,
    signed: Collection[str],
    signature_paths: Collection[str],
) -> tuple[list[Difference], tuple[Ignored, ...]]:
    """Files that no resource names: those that should not be there, and those left out."""
    added: list[Difference] = []
    ignored: list[Ignored] = []
    for artifact in snapshot.artifacts:
        if artifact.path in signed:
            continue
        if reason := why_ignored(artifact.path, manifest, signature_paths):
            ignored.append(Ignored(artifact.path, reason))
            continue
        # the digest by the manifest's algorithm shows a renamed file; sha256 names the others
        actual = artifact.digest(manifest.hash_type) or artifact.digest()
        link = f"a symbolic link to {artifact.link_target}" if artifact.link_target else ""
        added.append(Difference(artifact.path, Cause.ADDED, None, actual, detail=link))
    return added, tuple(sorted(ignored))


def _pair_renames(found: list[Difference], added: list[Difference]) -> list[Difference]:
    """Join each missing file with an added one of the same digest, in order of their names."""
    homeless: dict[Digest, list[Difference]] = {}
    for new in sorted(added, key=_place, reverse=True):
        if new.actual is not None:
            homeless.setdefault(new.actual, []).append(new)
    result: list[Difference] = []
    taken: set[str] = set()
    for old in found:
        candidates = homeless.get(old.expected) if old.expected is not None else None
        if old.cause is not Cause.MISSING or not candidates:
            result.append(old)
            continue
        new = candidates.pop()
        taken.add(new.path)
        result.append(Difference(old.path, Cause.RENAMED, old.expected, new.actual, new.path))
    return result + [new for new in added if new.path not in taken]


def _unread(
    problems: Iterable[Problem],
    manifest: Manifest,
    table: Collection[str],
    signed: Collection[str],
    signature_paths: Collection[str],
) -> list[Difference]:
    """Paths that were met, are not signed, and could not be taken as files."""
    result: list[Difference] = []
    for problem in problems:
        if problem.path in table or problem.path in signed:
            continue
        if why_ignored(problem.path, manifest, signature_paths):
            continue
        cause = Cause.UNVERIFIABLE
        if problem.kind in _LINKS:
            cause = Cause.SYMLINKED
        elif problem.kind is ProblemKind.SPECIAL_FILE:
            cause = Cause.ADDED
        detail = f"{problem.kind}: {problem.detail}"
        result.append(Difference(problem.path, cause, detail=detail))
    return result
