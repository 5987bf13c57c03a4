"""From the files of a snapshot to the manifest that is signed."""

from __future__ import annotations

from collections.abc import Iterable

from weighbridge.edge.text import visible
from weighbridge.model.artifact import Artifact, Presence
from weighbridge.model.digest import Digest
from weighbridge.model.subject import SubjectKind
from weighbridge.signing.digests import digest_of, shards_of
from weighbridge.signing.errors import CannotSign
from weighbridge.signing.ignored import why_ignored
from weighbridge.signing.manifest import GIT_PATHS, HASH_TYPES, Manifest
from weighbridge.signing.resources import Resource, check_name, cut, root_digest
from weighbridge.snapshot.hashing import MAX_SHARDS, Shards
from weighbridge.snapshot.snapshot import Snapshot


def build_manifest(
    snapshot: Snapshot,
    *,
    name: str = "",
    hash_type: str = "sha256",
    shard_size: int = 0,
    signature_path: str = "",
    ignore: Iterable[str] = (),
    allow_pointers: bool = False,
) -> Manifest:
    """The manifest of a snapshot's files, resources sorted by their names' code points.

    Args:
        snapshot: the files, all of them read.
        name: the model's name, which informs and binds nothing; the subject's by default.
        hash_type: ``sha256``, ``blake2b`` or ``blake3``.
        shard_size: cut files into pieces of so many bytes; 0 for whole files.
        signature_path: where the signature will lie inside the model; empty where it lies outside.
        ignore: further paths to leave out, by the names they have in the model.
        allow_pointers: take the digest that a pointer declares for a file that is not here.

    Raises:
        CannotSign: a file is a link, a pointer, unreadable or unnameable, or there is none.
    """
    from weighbridge.signing.discover import find_signatures

    if hash_type not in HASH_TYPES:
        raise CannotSign(
            f"unknown hash type {hash_type!r}", remedy=f"Use one of {', '.join(HASH_TYPES)}."
        )
    left_out = {*GIT_PATHS, *(path.rstrip("/") for path in ignore)}
    if signature_path:
        left_out.add(signature_path)
    # else the second signer would sign the first one's signature, which may be made anew
    left_out.update(find_signatures(snapshot).paths)
    for path in sorted(left_out):
        if wrong := check_name(path) or _glob(path):
            raise CannotSign(f"{visible(path, 200)!r} cannot be left out: {wrong}")
    empty = Manifest("", (), Digest("sha256", "0" * 64), ignore_paths=tuple(sorted(left_out)))
    _refuse_problems(snapshot, empty)
    shards = Shards(hash_type, shard_size) if shard_size else None
    resources: list[Resource] = []
    for artifact in snapshot.artifacts:
        if not why_ignored(artifact.path, empty, ()):
            _refuse(artifact, snapshot, allow_pointers=allow_pointers)
            resources += _resources(artifact, hash_type, shards, snapshot)
    if not resources:
        raise CannotSign("there is no file to sign", remedy="Give the folder that holds the model.")
    listed = tuple(sorted(resources))
    return Manifest(
        model_name=visible(name or snapshot.subject.name, 200) or "model",  # one line of Unicode
        resources=listed,
        root=root_digest(listed),
        hash_type=hash_type,
        ignore_paths=empty.ignore_paths,
        shard_size=shard_size,
    )


def _glob(path: str) -> str:
    """Why the format does not let a path be left out (v1.0, section 6.2.1); empty where it does."""
    return "it holds a '*', '?' or '['" if any(c in path for c in "*?[") else ""


def _refuse_problems(snapshot: Snapshot, left_out: Manifest) -> None:
    problems = [p for p in snapshot.problems if not why_ignored(p.path, left_out, ())]
    if problems:
        shown = "; ".join(f"{visible(p.path, 200)}: {p.kind}" for p in problems[:5])
        more = f" and {len(problems) - 5} more" if len(problems) > 5 else ""
        raise CannotSign(
            f"not every path of the model could be read: {shown}{more}",
            remedy="Remove or repair these paths; a signature must not speak of what was not read.",
        )


def _refuse(artifact: Artifact, snapshot: Snapshot, *, allow_pointers: bool) -> None:
    shown = visible(artifact.path, 200)
    if wrong := check_name(artifact.path):
        raise CannotSign(f"{shown!r} cannot be signed: {wrong}", remedy="Rename the file.")
    if artifact.link_target and snapshot.subject.kind is not SubjectKind.HUB_CACHE:
        raise CannotSign(
            f"{shown!r} is a symbolic link, which the format does not sign",
            remedy="Replace the link by the file, or leave it out with --ignore.",
        )
    if artifact.presence is Presence.CONTENT:
        return
    if artifact.presence is Presence.POINTER and allow_pointers:
        return
    raise CannotSign(
        f"the content of {shown!r} is not here: it is a {artifact.presence}",
        remedy="Fetch it first, with 'git lfs pull' or 'dvc pull', or sign the digest that the "
        "pointer declares with --allow-pointers.",
    )


def _resources(
    artifact: Artifact, hash_type: str, shards: Shards | None, snapshot: Snapshot
) -> list[Resource]:
    shown = visible(artifact.path, 200)
    if artifact.presence is not Presence.CONTENT and (
        shards is not None or artifact.digest(hash_type) is None
    ):
        raise CannotSign(
            f"the pointer {shown!r} declares the SHA-256 of the whole file and nothing else",
            remedy="Sign whole files with --hash sha256, or fetch the content.",
        )
    if shards is None:
        digest = digest_of(artifact, hash_type, snapshot)
        if digest is not None:
            return [Resource(artifact.path, digest)]
    elif shards.count(artifact.size) > MAX_SHARDS:
        raise CannotSign(
            f"{shown!r} has more than {MAX_SHARDS} shards of {shards.size} bytes",
            remedy="Choose a larger --shard-size.",
        )
    else:
        pieces = shards_of(artifact, shards, snapshot)
        if pieces is not None:
            return cut(artifact.path, artifact.size, pieces, shards)
    raise CannotSign(f"the content of {shown!r} could not be read again", remedy="Try again.")
