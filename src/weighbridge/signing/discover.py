"""The signature files of a model: at its top level, known by name and then by content."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from weighbridge.edge.text import visible
from weighbridge.model.artifact import Artifact, Presence
from weighbridge.model.errors import HostileInput
from weighbridge.signing.bundle import MAX_BYTES, looks_like_bundle
from weighbridge.signing.oms import DEFAULT_SIGNATURE, ReadSignature, read_signature
from weighbridge.snapshot.snapshot import ContentUnavailable, Snapshot

SUFFIXES = (".sig", ".sigstore.json", ".sigstore")


@dataclass(frozen=True, slots=True)
class SignatureFile:
    """A file that is, or by its name should be, a model's signature.

    ``data`` is None where it could not be read, and ``reason`` then says why. ``read`` is
    what it says where it is a well-formed signature of a model, a legacy one included; nothing of
    it is verified.
    """

    path: str
    data: bytes | None
    reason: str = ""
    read: ReadSignature | None = None

    def taken_apart(self, *, legacy: bool = False) -> ReadSignature:
        """The signature, read once.

        Raises:
            HostileInput: as :func:`read_signature`; or it could not be read at all.
        """
        if self.data is None:
            raise HostileInput(f"{visible(self.path)}: {self.reason}")
        if self.read is not None and (legacy or not self.read.manifest.legacy):
            return self.read
        return read_signature(self.data, legacy=legacy)


@dataclass(frozen=True, slots=True)
class Discovered:
    """Sorted by path. ``others`` have a signature's name and other content (such as PGP's)."""

    signatures: tuple[SignatureFile, ...]
    others: tuple[str, ...]

    @property
    def paths(self) -> tuple[str, ...]:
        """What no signature has to cover: the well-formed signatures of a model.

        Any other file of such a name is a file like any other, though it be a bundle: else whoever
        adds one could put into it what they like, and no signature would speak of it.
        """
        return tuple(s.path for s in self.signatures if s.read is not None)


def find_signatures(snapshot: Snapshot) -> Discovered:
    """Every signature file of a model.

    ``model.sig`` always counts, so that a damaged one is seen and not skipped.
    """
    signatures: list[SignatureFile] = []
    others: list[str] = []
    for artifact in snapshot.artifacts:
        if "/" in artifact.path or not artifact.path.endswith(SUFFIXES):
            continue
        found = _read(snapshot, artifact)
        known = artifact.path == DEFAULT_SIGNATURE
        if found.data is None or known or looks_like_bundle(found.data):
            signatures.append(dataclasses.replace(found, read=_of_model(found.data)))
        else:
            others.append(artifact.path)
    return Discovered(tuple(signatures), tuple(others))


def _of_model(data: bytes | None) -> ReadSignature | None:
    """What a well-formed signature of a model says, the legacy ones included."""
    if data is None:
        return None
    try:
        return read_signature(data, legacy=True)
    except HostileInput:
        return None


def _read(snapshot: Snapshot, artifact: Artifact) -> SignatureFile:
    if artifact.presence is not Presence.CONTENT:
        return SignatureFile(
            artifact.path, None, f"the signature's content is not here: a {artifact.presence}"
        )
    if artifact.size > MAX_BYTES:
        return SignatureFile(
            artifact.path, None, f"the signature is larger than the bound of {MAX_BYTES} bytes"
        )
    try:
        return SignatureFile(artifact.path, snapshot.read(artifact, MAX_BYTES))
    except (ContentUnavailable, OSError) as error:
        return SignatureFile(artifact.path, None, f"the signature could not be read: {error}")
