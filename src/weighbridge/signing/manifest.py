"""The OMS statement: which files were signed, with which digests (model-signing-spec ``v1.0.md``).

An in-toto Statement v1 with one subject, whose SHA-256 is taken over the raw digests of all
resources in listed order. That root digest names no file; the list does, and it is the list that
files are compared with.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from weighbridge.edge.json import load_json
from weighbridge.edge.text import visible
from weighbridge.model.digest import Digest
from weighbridge.model.errors import MalformedDigest
from weighbridge.signing.dsse import IN_TOTO, Envelope
from weighbridge.signing.errors import (
    LegacyManifest,
    MalformedBundle,
    MalformedManifest,
    ShardedManifest,
    UnrelatedSignature,
    UnsupportedSignature,
)

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://model_signing/signature/v1.0"
LEGACY_PREDICATE_TYPE = "https://model_signing/Digests/v0.1"

HASH_TYPES = ("sha256", "blake2b", "blake3")  # the algorithm registry of the spec
GIT_PATHS = (".git", ".gitattributes", ".github", ".gitignore")  # ignored at the top level
MAX_NAME = 4096
MAX_IGNORE_PATHS = 1000


@dataclass(frozen=True, slots=True)
class Resource:
    """One signed file: its path with ``/`` and the digest of its content."""

    name: str
    digest: Digest


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was signed. ``root`` is the subject's digest as stated, which may be wrong.

    ``ignore_paths`` are files and folders that the signer left out, on top of those that the
    format leaves out.
    """

    model_name: str
    resources: tuple[Resource, ...]
    root: Digest
    hash_type: str = "sha256"
    allow_symlinks: bool = False
    ignore_paths: tuple[str, ...] = ()

    @property
    def computed_root(self) -> Digest:
        """SHA-256 over the raw digests in listed order; signers differ in how they sort."""
        return root_digest(self.resources)

    @property
    def root_consistent(self) -> bool:
        """Whether the stated root digest is that of the listed resources."""
        return self.root == self.computed_root

    def to_envelope_payload(self) -> bytes:
        """The in-toto statement as JSON, the same bytes every time."""
        serialization: dict[str, Any] = {
            "method": "files",
            "hash_type": self.hash_type,
            "allow_symlinks": self.allow_symlinks,
        }
        if self.ignore_paths:
            serialization["ignore_paths"] = list(self.ignore_paths)
        statement = {
            "_type": STATEMENT_TYPE,
            "subject": [{"name": self.model_name, "digest": {"sha256": self.root.value}}],
            "predicateType": PREDICATE_TYPE,
            "predicate": {
                "serialization": serialization,
                "resources": [
                    {"name": r.name, "algorithm": r.digest.algorithm, "digest": r.digest.value}
                    for r in self.resources
                ],
            },
        }
        return json.dumps(statement, ensure_ascii=False, separators=(",", ":")).encode("utf-8")

    @classmethod
    def from_envelope(cls, envelope: Envelope) -> Manifest:
        """Read what an envelope claims was signed. It proves nothing until its signature holds.

        Raises:
            MalformedBundle: the payload is of another type than an in-toto statement.
            MalformedManifest: the statement breaks the format, or lists nothing.
            LegacyManifest, ShardedManifest, UnrelatedSignature, UnsupportedSignature: well-formed
                as far as it was read, and of a kind that cannot be verified.
            HostileInput: not JSON, a duplicate key, or past a bound.
        """
        if envelope.payload_type != IN_TOTO:
            raise MalformedBundle(
                f"the payload type is {visible(envelope.payload_type, 100)!r} and must be {IN_TOTO}"
            )
        statement = _object(load_json(envelope.payload, source="the signed statement"), "it")
        predicate_type = _text(statement.get("predicateType"), "the predicate type")
        if statement.get("_type") != STATEMENT_TYPE:
            raise MalformedManifest(f"the statement's type is not {STATEMENT_TYPE}")
        if predicate_type == LEGACY_PREDICATE_TYPE:
            raise LegacyManifest(
                f"the signature has the experimental predicate {LEGACY_PREDICATE_TYPE} of "
                "model_signing 0.2, which is not supported",
                remedy="Sign the model again with a current tool.",
            )
        if predicate_type != PREDICATE_TYPE:
            raise UnrelatedSignature(
                f"the signed statement is not about a model: {visible(predicate_type, 200)}",
                predicate_type=predicate_type,
            )
        predicate = _object(statement.get("predicate"), "the predicate")
        serialization = _object(predicate.get("serialization"), "the serialization")
        hash_type = _hash_type(serialization)
        model_name, root = _subject(statement.get("subject"))
        return cls(
            model_name=model_name,
            resources=_resources(predicate.get("resources"), hash_type),
            root=root,
            hash_type=hash_type,
            allow_symlinks=_allow_symlinks(serialization),
            ignore_paths=_ignore_paths(serialization.get("ignore_paths")),
        )


def root_digest(resources: tuple[Resource, ...]) -> Digest:
    """The subject's digest: always SHA-256, whatever the files are hashed with."""
    root = hashlib.sha256()
    for resource in resources:
        root.update(bytes.fromhex(resource.digest.value))
    return Digest("sha256", root.hexdigest())


def check_name(name: str) -> str:
    """Why a name cannot stand in a manifest; empty where it can.

    A name is a relative path in its one normal spelling. Backslashes are refused, as a verifier on
    another system could take them for separators.
    """
    if not name or len(name) > MAX_NAME:
        return "it is empty" if not name else f"it is longer than {MAX_NAME} characters"
    if "\0" in name or "\\" in name:
        return "it holds a NUL or a backslash"
    if name.startswith("/"):
        return "it is absolute"
    if any(part in ("", ".", "..") for part in name.split("/")):
        return "it is not a normalized path inside the model"
    if not _encodable(name):
        return "it is not Unicode text"
    return ""


def _hash_type(serialization: dict[str, Any]) -> str:
    method = _text(serialization.get("method"), "the serialization method")
    if method == "shards":
        raise ShardedManifest(
            "the signature lists byte ranges of files (method 'shards'), not supported yet",
            remedy="Sign the model again with whole-file hashing.",
        )
    if method != "files":
        raise UnsupportedSignature(f"unknown serialization method {visible(method, 50)!r}")
    hash_type = _text(serialization.get("hash_type"), "the hash type")
    if hash_type not in HASH_TYPES:
        raise UnsupportedSignature(f"unknown hash type {visible(hash_type, 50)!r}")
    return hash_type


def _allow_symlinks(serialization: dict[str, Any]) -> bool:
    value = serialization.get("allow_symlinks", False)
    if not isinstance(value, bool):
        raise MalformedManifest("allow_symlinks is neither true nor false")
    return value


def _subject(value: object) -> tuple[str, Digest]:
    if not isinstance(value, list) or len(value) != 1:
        raise MalformedManifest("the statement does not have exactly one subject")
    subject = _object(value[0], "the subject")
    name = subject.get("name")
    digests = _object(subject.get("digest"), "the subject's digest")
    return (
        "" if name is None else _text(name, "the subject's name"),
        _digest("sha256", digests.get("sha256"), "the subject"),
    )


def _resources(value: object, hash_type: str) -> tuple[Resource, ...]:
    if not isinstance(value, list):
        raise MalformedManifest("the resources are not an array")
    if not value:
        raise MalformedManifest("the manifest lists no file, so there is nothing to verify")
    resources = tuple(_resource(item, hash_type) for item in value)
    seen: set[str] = set()
    for resource in resources:
        if resource.name in seen:
            raise MalformedManifest(f"the manifest lists {visible(resource.name, 200)!r} twice")
        seen.add(resource.name)
    return resources


def _resource(value: object, hash_type: str) -> Resource:
    item = _object(value, "a resource")
    name = _text(item.get("name"), "a resource's name", limit=MAX_NAME)
    shown = visible(name, 200)
    if name == ".":
        raise UnsupportedSignature("the signature is over a single file and not over a folder")
    if wrong := check_name(name):
        raise MalformedManifest(f"the manifest lists {shown!r}: {wrong}")
    if item.get("algorithm") != hash_type:
        raise MalformedManifest(f"{shown!r} is listed with another algorithm than {hash_type}")
    return Resource(name, _digest(hash_type, item.get("digest"), repr(shown)))


def _digest(algorithm: str, value: object, what: str) -> Digest:
    try:
        return Digest(algorithm, _text(value, f"the digest of {what}"))
    except MalformedDigest as error:
        raise MalformedManifest(f"the digest of {what} is malformed: {error.message}") from error


def _ignore_paths(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > MAX_IGNORE_PATHS:
        raise MalformedManifest("ignore_paths is not a short array")
    paths = tuple(_text(item, "an ignored path", limit=MAX_NAME) for item in value)
    for path in paths:
        if wrong := check_name(path.rstrip("/")):
            raise MalformedManifest(f"the ignored path {visible(path, 200)!r}: {wrong}")
    return tuple(path.rstrip("/") for path in paths)


def _object(value: object, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise MalformedManifest(f"{what} is not an object")
    return value


def _text(value: object, what: str, *, limit: int = 1024) -> str:
    if not isinstance(value, str) or len(value) > limit:
        raise MalformedManifest(f"{what} is not a text of at most {limit} characters")
    if not _encodable(value):
        raise MalformedManifest(f"{what} is not Unicode text")
    return value


def _encodable(text: str) -> bool:
    """Whether a text has no lone surrogates, which JSON can spell and UTF-8 cannot."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
