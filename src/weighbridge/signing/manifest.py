"""The OMS statement: which files were signed, with which digests (model-signing-spec ``v1.0.md``).

An in-toto Statement v1 with one subject, whose SHA-256 is taken over the raw digests of all
resources in listed order. That root digest names no file; the list does, and it is the list that
files are compared with.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from weighbridge.edge.json import load_json
from weighbridge.edge.text import visible
from weighbridge.model.digest import Digest, tree_digest
from weighbridge.signing.dsse import IN_TOTO, Envelope
from weighbridge.signing.errors import (
    LegacyManifest,
    MalformedBundle,
    MalformedManifest,
    UnrelatedSignature,
    UnsupportedSignature,
)
from weighbridge.signing.resources import (
    MAX_NAME,
    Resource,
    SignedFile,
    check_name,
    encodable,
    join_shards,
    parse_digest,
    parse_resources,
    root_digest,
    sharded_name,
)
from weighbridge.snapshot.hashing import Shards

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://model_signing/signature/v1.0"
LEGACY_PREDICATE_TYPE = "https://model_signing/Digests/v0.1"

HASH_TYPES = ("sha256", "blake2b", "blake3")  # the algorithm registry of the spec
GIT_PATHS = (".git", ".gitattributes", ".github", ".gitignore")  # ignored at the top level
MAX_IGNORE_PATHS = 1000


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was signed. ``root`` is the subject's digest as stated, which may be wrong.

    ``ignore_paths`` are files and folders that the signer left out, on top of those that the
    format leaves out. ``shard_size`` is in bytes, 0 where the resources are whole files. ``legacy``
    marks the experimental statement of model_signing 0.2, which states no root digest.
    """

    model_name: str
    resources: tuple[Resource, ...]
    root: Digest
    hash_type: str = "sha256"
    allow_symlinks: bool = False
    ignore_paths: tuple[str, ...] = ()
    shard_size: int = 0
    legacy: bool = False
    _files: list[SignedFile] = field(default_factory=list, init=False, repr=False, compare=False)

    @property
    def shards(self) -> Shards | None:
        """How files were cut up; None where they were not."""
        return Shards(self.hash_type, self.shard_size) if self.shard_size else None

    @property
    def file_algorithm(self) -> str:
        """The algorithm of the digests of :meth:`files`."""
        return self.shards.name if self.shards else self.hash_type

    def files(self) -> tuple[SignedFile, ...]:
        """The signed files in listed order.

        Raises:
            MalformedManifest: the shards of one do not fit together.
        """
        if not self._files:
            shards = self.shards
            self._files.extend(
                join_shards(self.resources, shards)
                if shards
                else [SignedFile(name, digest) for name, digest in self.resources]
            )
        return tuple(self._files)

    @property
    def tree_digest(self) -> Digest:
        """A digest that binds names too, for those who name the model by one digest.

        ``dirHash1`` where whole files were signed with SHA-256.
        """
        return tree_digest(((file.path, file.digest) for file in self.files()), self.file_algorithm)

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
            "method": "shards" if self.shard_size else "files",
            "hash_type": self.hash_type,
            "allow_symlinks": self.allow_symlinks,
        }
        algorithm = self.hash_type
        if self.shard_size:
            serialization["shard_size"] = self.shard_size
            algorithm = sharded_name(self.hash_type, self.shard_size)
        if self.ignore_paths:
            serialization["ignore_paths"] = list(self.ignore_paths)
        statement = {
            "_type": STATEMENT_TYPE,
            "subject": [{"name": self.model_name, "digest": {"sha256": self.root.value}}],
            "predicateType": PREDICATE_TYPE,
            "predicate": {
                "serialization": serialization,
                "resources": [
                    {"name": r.name, "algorithm": algorithm, "digest": r.digest.value}
                    for r in self.resources
                ],
            },
        }
        return json.dumps(statement, ensure_ascii=False, separators=(",", ":")).encode("utf-8")

    @classmethod
    def from_envelope(cls, envelope: Envelope, *, legacy: bool = False) -> Manifest:
        """Read what an envelope claims was signed. It proves nothing until its signature holds.

        Args:
            envelope: of a bundle.
            legacy: take the experimental statement of model_signing 0.2 too.

        Raises:
            MalformedBundle: the payload is of another type than an in-toto statement.
            MalformedManifest: the statement breaks the format, or lists nothing.
            LegacyManifest, UnrelatedSignature, UnsupportedSignature: well-formed
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
            if legacy:
                return _legacy(statement.get("subject"))
            raise LegacyManifest(
                f"the signature has the experimental predicate {LEGACY_PREDICATE_TYPE} of "
                "model_signing 0.2, which is read only on request",
                remedy="Sign the model again with a current tool, or verify it with "
                "--allow-legacy-v0.2.",
            )
        if predicate_type != PREDICATE_TYPE:
            raise UnrelatedSignature(
                f"the signed statement is not about a model: {visible(predicate_type, 200)}",
                predicate_type=predicate_type,
            )
        predicate = _object(statement.get("predicate"), "the predicate")
        serialization = _object(predicate.get("serialization"), "the serialization")
        hash_type, shard_size = _method(serialization)
        model_name, root = _subject(statement.get("subject"))
        resources = parse_resources(predicate.get("resources"), hash_type, shard_size=shard_size)
        manifest = cls(
            model_name=model_name,
            resources=resources,
            root=root,
            hash_type=hash_type,
            allow_symlinks=_allow_symlinks(serialization),
            ignore_paths=_ignore_paths(serialization.get("ignore_paths")),
            shard_size=shard_size,
        )
        if shard_size:
            manifest.files()  # shards that do not fit together make the manifest malformed
        return manifest


def _method(serialization: dict[str, Any]) -> tuple[str, int]:
    """The hash type, and the size of shards, 0 for whole files."""
    method = _text(serialization.get("method"), "the serialization method")
    if method not in ("files", "shards"):
        raise UnsupportedSignature(f"unknown serialization method {visible(method, 50)!r}")
    hash_type = _text(serialization.get("hash_type"), "the hash type")
    if hash_type not in HASH_TYPES:
        raise UnsupportedSignature(f"unknown hash type {visible(hash_type, 50)!r}")
    size = serialization.get("shard_size")
    if method == "files":
        if size is not None:  # v1.0, section 5.2.2: it must be absent then
            raise MalformedManifest("a shard size is given for whole files")
        return hash_type, 0
    if isinstance(size, float) and size.is_integer():
        size = int(size)  # model_signing 1.1.1 passes it through a type that knows no integers
    if not isinstance(size, int) or isinstance(size, bool) or not 0 < size < 2**63:
        raise MalformedManifest("the shard size is not a number of bytes")
    return hash_type, size


def _legacy(subjects: object) -> Manifest:
    """The statement of model_signing 0.2: each file a subject, with its SHA-256."""
    if not isinstance(subjects, list):
        raise MalformedManifest("the statement's subjects are not an array")
    listed: list[dict[str, Any]] = []
    for value in subjects:
        subject = _object(value, "a subject")
        digests = _object(subject.get("digest"), "a subject's digest")
        listed.append(
            {"name": subject.get("name"), "algorithm": "sha256", "digest": digests.get("sha256")}
        )
    resources = parse_resources(listed, "sha256")
    return Manifest("", resources, root_digest(resources), legacy=True)


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
        parse_digest("sha256", digests.get("sha256"), "the subject"),
    )


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
    if not encodable(value):
        raise MalformedManifest(f"{what} is not Unicode text")
    return value
