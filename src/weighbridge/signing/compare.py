"""What a manifest says against what a snapshot holds: every file by name and cause."""

from __future__ import annotations

import enum
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from weighbridge.model.artifact import Artifact, Presence, Problem, ProblemKind
from weighbridge.model.digest import Digest
from weighbridge.model.subject import SubjectKind
from weighbridge.signing.digests import digest_of
from weighbridge.signing.ignored import Ignored, is_code, why_ignored
from weighbridge.signing.manifest import Manifest
from weighbridge.signing.resources import SignedFile
from weighbridge.snapshot.origin import Origin
from weighbridge.snapshot.snapshot import Snapshot

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


@dataclass(frozen=True, slots=True)
class Comparison:
    """Which files match, and which do not; all sorted by path.

    ``by_pointer`` are those of ``covered`` whose content is not here: their pointer declares the
    signed digest. ``cached`` are those whose digest was computed in an earlier run. ``unchecked``
    are files, signed or not, that nobody looked at because only others were asked for.
    """

    covered: tuple[str, ...]
    by_pointer: tuple[str, ...]
    differences: tuple[Difference, ...]
    ignored: tuple[Ignored, ...]
    cached: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()


def compare(
    manifest: Manifest,
    snapshot: Snapshot,
    *,
    signature_paths: Collection[str] = (),
    only: Callable[[str], bool] | None = None,
) -> Comparison:
    """Compare a manifest's files with a snapshot's.

    Args:
        manifest: what was signed.
        snapshot: what is there. Content is read only for digests that it does not hold.
        signature_paths: signature files, which are not themselves signed.
        only: which paths to compare; nothing is said of the others.
    """
    table = {artifact.path: artifact for artifact in snapshot.artifacts}
    signed = {file.path: file for file in manifest.files()}
    algorithm = manifest.file_algorithm
    by_pointer: list[str] = []
    covered: list[str] = []
    differences: list[Difference] = []
    unchecked: list[str] = []
    for name in sorted(signed):
        if only is not None and not only(name):
            unchecked.append(name)
            continue
        artifact, expected = table.get(name), signed[name]
        if artifact is None:
            differences.append(_absent(expected, snapshot.problems))
            continue
        actual = artifact.digest(algorithm) or digest_of(artifact, algorithm, snapshot)
        if actual != expected.digest or artifact.link_target:
            difference = _differs(expected, artifact, actual, manifest, snapshot)
            if difference is not None:
                differences.append(difference)
                continue
        covered.append(name)
        if artifact.presence is not Presence.CONTENT:
            by_pointer.append(name)
    added, ignored = _unsigned(manifest, snapshot, signed, signature_paths)
    for path in snapshot.unread:
        if reason := why_ignored(path, manifest, signature_paths):
            ignored.append(Ignored(path, reason, is_code(path)))
        elif path not in signed:
            unchecked.append(path)
    differences = _pair_renames(differences, added)
    differences += _unread(
        [p for p in snapshot.problems if only is None or only(p.path)],
        manifest,
        table,
        signed,
        signature_paths,
    )
    cached = [n for n, how in snapshot.origins.items() if how is Origin.CACHED and n in signed]
    return Comparison(
        tuple(covered),
        tuple(by_pointer),
        tuple(sorted(differences, key=_place)),
        tuple(sorted(ignored)),
        tuple(sorted(cached)),
        tuple(sorted(unchecked)),
    )


def _place(difference: Difference) -> tuple[str, str, str]:
    return difference.path, difference.cause.value, difference.other


def _differs(
    signed: SignedFile,
    artifact: Artifact,
    actual: Digest | None,
    manifest: Manifest,
    snapshot: Snapshot,
) -> Difference | None:
    if actual is not None and actual != signed.digest:
        detail = _which_shards(signed, artifact, manifest, snapshot)
        return Difference(signed.path, Cause.CHANGED, signed.digest, actual, detail=detail)
    if actual is None:
        return Difference(
            signed.path,
            Cause.UNVERIFIABLE,
            signed.digest,
            detail=f"its {manifest.file_algorithm} digest cannot be had: {_why_not(artifact)}",
        )
    if _is_forbidden_link(artifact, manifest, snapshot):
        return Difference(
            signed.path,
            Cause.SYMLINKED,
            signed.digest,
            actual,
            detail=f"it is now a symbolic link to {artifact.link_target}",
        )
    return None


def _which_shards(
    signed: SignedFile, artifact: Artifact, manifest: Manifest, snapshot: Snapshot
) -> str:
    """Where in a file the change is, as far as its shards tell."""
    found = snapshot.shards.get(artifact.path)
    if not signed.shards or found is None:
        return ""
    if artifact.size != signed.size:
        return f"it was signed with {signed.size} bytes and has {artifact.size}"
    changed = [
        n for n, pair in enumerate(zip(signed.shards, found, strict=True)) if len({*pair}) > 1
    ]
    first = changed[0] * manifest.shard_size
    return f"{len(changed)} of its {len(found)} shards differ, the first one from byte {first} on"


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


def _absent(resource: SignedFile, problems: Iterable[Problem]) -> Difference:
    """A signed file that the snapshot does not list: gone, or met and not read."""
    for problem in problems:
        within = not problem.path or resource.path.startswith(f"{problem.path}/")
        if problem.path == resource.path or within:
            cause = Cause.SYMLINKED if problem.kind in _LINKS else Cause.UNVERIFIABLE
            return Difference(
                resource.path, cause, resource.digest, detail=f"{problem.kind}: {problem.detail}"
            )
    return Difference(resource.path, Cause.MISSING, resource.digest)


def _unsigned(
    manifest: Manifest,
    snapshot: Snapshot,
    signed: Collection[str],
    signature_paths: Collection[str],
) -> tuple[list[Difference], list[Ignored]]:
    """Files that no resource names: those that should not be there, and those left out."""
    added: list[Difference] = []
    ignored: list[Ignored] = []
    for artifact in snapshot.artifacts:
        if artifact.path in signed:
            continue
        reason = why_ignored(artifact.path, manifest, signature_paths)
        if not reason and manifest.shard_size and not artifact.size:
            reason = "an empty file, which a signature over shards does not cover"
        if reason:
            ignored.append(Ignored(artifact.path, reason, is_code(artifact.path)))
            continue
        # the digest by the manifest's algorithm shows a renamed file; sha256 names the others
        actual = artifact.digest(manifest.file_algorithm) or artifact.digest()
        link = f"a symbolic link to {artifact.link_target}" if artifact.link_target else ""
        added.append(Difference(artifact.path, Cause.ADDED, None, actual, detail=link))
    return added, ignored


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
