"""The signature files of a model: at its top level, known by name and then by content."""

from __future__ import annotations

from dataclasses import dataclass

from weighbridge.model.artifact import Artifact, Presence
from weighbridge.signing.bundle import MAX_BYTES, looks_like_bundle
from weighbridge.signing.oms import DEFAULT_SIGNATURE
from weighbridge.snapshot.snapshot import ContentUnavailable, Snapshot

SUFFIXES = (".sig", ".sigstore.json", ".sigstore")


@dataclass(frozen=True, slots=True)
class SignatureFile:
    """A file that is, or by its name should be, a model's signature.

    ``data`` is None where it could not be read, and ``reason`` then says why.
    """

    path: str
    data: bytes | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Discovered:
    """Sorted by path. ``others`` have a signature's name and other content (such as PGP's)."""

    signatures: tuple[SignatureFile, ...]
    others: tuple[str, ...]

    @property
    def paths(self) -> tuple[str, ...]:
        """What no signature has to cover: the files that were read as bundles."""
        return tuple(s.path for s in self.signatures if s.data is not None)


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
            signatures.append(found)
        else:
            others.append(artifact.path)
    return Discovered(tuple(signatures), tuple(others))


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
