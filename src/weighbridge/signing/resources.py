"""The resources of a manifest: whole files, or the shards that files are cut into.

Shards (model-signing-spec ``v1.0.md``, "Shards"): one resource a shard, named ``path:start:end`` in
bytes, ``end`` not included. A path may hold colons itself, so only the last two fields count. Files
of no bytes have no shard and are not covered.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from weighbridge.edge.text import visible
from weighbridge.model.digest import Digest
from weighbridge.model.errors import MalformedDigest
from weighbridge.signing.errors import MalformedManifest, UnsupportedSignature
from weighbridge.snapshot.hashing import Shards

MAX_NAME = 4096

# A name of which nothing more needs to be asked: the common ones, told by one look.
_PLAIN = re.compile(r"[\w-][\w.-]*(?:/[\w-][\w.-]*)*", re.ASCII)
_RANGE = re.compile(r"(.+):(0|[1-9][0-9]{0,18}):([1-9][0-9]{0,18})", re.DOTALL)


class Resource(NamedTuple):
    """One signed item: a file's path with ``/``, or a shard's name, and the digest of its bytes."""

    name: str
    digest: Digest


class SignedFile(NamedTuple):
    """A file as a manifest describes it.

    ``digest`` is of the whole file, or the digest over its shards' digests, which are ``shards`` in
    hex. ``size`` is in bytes, -1 where the manifest does not say.
    """

    path: str
    digest: Digest
    shards: tuple[str, ...] = ()
    size: int = -1


def root_digest(resources: Iterable[Resource]) -> Digest:
    """The subject's digest: always SHA-256, whatever the files are hashed with."""
    joined = "".join([resource.digest.value for resource in resources])
    return Digest("sha256", hashlib.sha256(bytes.fromhex(joined)).hexdigest())


def check_name(name: str) -> str:
    """Why a name cannot stand in a manifest; empty where it can.

    A name is a relative path in its one normal spelling. Backslashes are refused, as a verifier on
    another system could take them for separators.
    """
    if len(name) <= MAX_NAME and _PLAIN.fullmatch(name):
        return ""
    if not name or len(name) > MAX_NAME:
        return "it is empty" if not name else f"it is longer than {MAX_NAME} characters"
    if "\0" in name or "\\" in name:
        return "it holds a NUL or a backslash"
    if name.startswith("/"):
        return "it is absolute"
    if any(part in ("", ".", "..") for part in name.split("/")):
        return "it is not a normalized path inside the model"
    if not encodable(name):
        return "it is not Unicode text"
    return ""


def sharded_name(hash_type: str, shard_size: int) -> str:
    """What a shard's resource states as its algorithm, in the spelling of model_signing."""
    return f"{hash_type}-sharded-{shard_size}"


def parse_resources(value: object, hash_type: str, *, shard_size: int = 0) -> tuple[Resource, ...]:
    """Read the array of resources. A shard's algorithm may be named with the size or without it.

    Raises:
        MalformedManifest: it breaks the format, lists nothing, or lists a name twice.
        UnsupportedSignature: it is over a single file.
    """
    if not isinstance(value, list):
        raise MalformedManifest("the resources are not an array")
    if not value:
        raise MalformedManifest("the manifest lists no file, so there is nothing to verify")
    names = (hash_type, sharded_name(hash_type, shard_size)) if shard_size else (hash_type,)
    resources = tuple([_resource(item, hash_type, names, bool(shard_size)) for item in value])
    if len({resource.name for resource in resources}) != len(resources):
        seen: set[str] = set()
        for resource in resources:
            if resource.name in seen:
                raise MalformedManifest(f"the manifest lists {visible(resource.name, 200)!r} twice")
            seen.add(resource.name)
    return resources


def _resource(value: Any, hash_type: str, names: tuple[str, ...], shards: bool) -> Resource:
    if not isinstance(value, dict):
        raise MalformedManifest("a resource is not an object")
    name = value.get("name")
    if not isinstance(name, str) or len(name) > MAX_NAME + 40:
        raise MalformedManifest(f"a resource's name is not a text of at most {MAX_NAME} characters")
    if not shards and not _PLAIN.fullmatch(name):
        check_file_name(name)
    if value.get("algorithm") not in names:
        shown = visible(name, 200)
        raise MalformedManifest(f"{shown!r} is listed with another algorithm than {hash_type}")
    return Resource(name, parse_digest(hash_type, value.get("digest"), name))


def check_file_name(name: str) -> None:
    """Refuse a file's name that the format does not allow.

    Raises:
        MalformedManifest: with the reason.
        UnsupportedSignature: the name of a single signed file.
    """
    if name == ".":
        raise UnsupportedSignature("the signature is over a single file and not over a folder")
    if wrong := check_name(name):
        raise MalformedManifest(f"the manifest lists {visible(name, 200)!r}: {wrong}")


def parse_digest(algorithm: str, value: object, what: str) -> Digest:
    """A digest in hex. Raises MalformedManifest."""
    if not isinstance(value, str):
        raise MalformedManifest(f"the digest of {visible(what, 200)!r} is not text")
    try:
        return Digest(algorithm, value)
    except MalformedDigest as error:
        raise MalformedManifest(
            f"the digest of {visible(what, 200)!r} is malformed: {error.message}"
        ) from error


def join_shards(resources: Iterable[Resource], shards: Shards) -> tuple[SignedFile, ...]:
    """The files that shards belong to, in the order in which they are first listed.

    Every byte of a file must be in exactly one shard: from 0 on, each ``shards.size`` bytes long
    but for the last one.

    Raises:
        MalformedManifest: a name is no shard's, or a file's shards leave a gap, overlap, or are of
            another length.
    """
    pieces: dict[str, dict[int, tuple[int, str]]] = {}
    for resource in resources:
        match = _RANGE.fullmatch(resource.name)
        if match is None:
            shown = visible(resource.name, 200)
            raise MalformedManifest(f"{shown!r} is not the name of a shard, 'path:start:end'")
        if match[1] not in pieces:
            check_file_name(match[1])
        listed = pieces.setdefault(match[1], {})
        if int(match[2]) in listed:
            raise MalformedManifest(f"two shards of {visible(match[1], 200)!r} overlap")
        listed[int(match[2])] = (int(match[3]), resource.digest.value)
    return tuple(_joined(path, listed, shards) for path, listed in pieces.items())


def _joined(path: str, listed: dict[int, tuple[int, str]], shards: Shards) -> SignedFile:
    position = 0
    digests: list[str] = []
    for index, start in enumerate(sorted(listed)):
        end, digest = listed[start]
        last = index == len(listed) - 1
        long = shards.size
        if start != position or not (0 < end - start <= long) or (end - start < long and not last):
            raise MalformedManifest(
                f"the shards of {visible(path, 200)!r} are not what {long} bytes each give: "
                f"{start}:{end} follows {position}"
            )
        position = end
        digests.append(digest)
    return SignedFile(path, shards.join(digests), tuple(digests), position)


def cut(path: str, size: int, digests: tuple[str, ...], shards: Shards) -> list[Resource]:
    """The resources of a file's shards, from first to last."""
    return [
        Resource(
            f"{path}:{index * shards.size}:{min((index + 1) * shards.size, size)}",
            Digest(shards.algorithm, digest),
        )
        for index, digest in enumerate(digests)
    ]


def encodable(text: str) -> bool:
    """Whether a text has no lone surrogates, which JSON can spell and UTF-8 cannot."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
