"""A folder of attestations that is kept outside of the subject.

Every ``*.json`` in it that says it is a Sigstore bundle is looked at, in subfolders too; symbolic
links are not followed. What signs something else than an attestation is left out.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from weighbridge.edge.text import visible
from weighbridge.model.digest import Digest
from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.signing.attestation import MAX_FILE_BYTES, SUFFIX, read_attestation
from weighbridge.signing.attested import AttestationFile, taken_apart
from weighbridge.signing.bundle import looks_like_bundle
from weighbridge.signing.errors import UnrelatedSignature

MAX_ENTRIES = 10_000  # files and folders, of which the first so many by path are looked at
MAX_ATTESTATIONS = 1_000
MAX_DEPTH = 4
MAX_EVIDENCE_BYTES = 2**30  # of one evidence file, which may be a recording
_CHUNK = 2**20


@dataclass(frozen=True, slots=True)
class HeldAttestation:
    """An attestation of the folder; its path is relative to it, with ``/``.

    ``beside`` are the SHA-256 of the evidence files that it names and that lie beside it;
    ``unread`` are those that could not be hashed.
    """

    file: AttestationFile
    beside: dict[str, Digest] = field(default_factory=dict)
    unread: tuple[str, ...] = ()


def held_attestations(folder: Path) -> Iterator[HeldAttestation]:
    """The attestations in a folder, by path.

    A folder that cannot be listed, or that holds more than the bounds allow, ends with one more of
    no path, whose reason says so.
    """
    try:
        yield from _held(folder)
    except HostileInput as error:
        yield HeldAttestation(AttestationFile("", b"", None, error.message))


def _held(folder: Path) -> Iterator[HeldAttestation]:
    """The same.

    Raises:
        HostileInput: see above.
    """
    found = 0
    for path, name in _json_files(folder):
        data = _read(path, MAX_FILE_BYTES)
        if data is None:
            if name.endswith(SUFFIX):
                reason = f"it cannot be read, or is larger than {MAX_FILE_BYTES} bytes"
                yield HeldAttestation(AttestationFile(name, b"", None, reason))
            continue
        if not name.endswith(SUFFIX) and not _is_attestation(data):
            continue
        found += 1
        if found > MAX_ATTESTATIONS:
            raise BoundExceeded("the folder of attestations", MAX_ATTESTATIONS, "attestations")
        yield with_evidence(taken_apart(name, data), path.parent)


def _is_attestation(data: bytes) -> bool:
    """Whether a file of any name is one; a bundle that cannot be read is, so that it is seen."""
    if not looks_like_bundle(data):
        return False
    try:
        read_attestation(data)
    except UnrelatedSignature:
        return False
    except HostileInput:
        return True
    return True


def with_evidence(file: AttestationFile, folder: Path) -> HeldAttestation:
    """An attestation with the evidence files that lie in its folder."""
    if file.read is None:
        return HeldAttestation(file)
    beside: dict[str, Digest] = {}
    unread: list[str] = []
    for evidence in file.read.attestation.evidence:
        path = folder / evidence.name
        if not os.path.lexists(path):
            continue
        hashed = hash_file(path)
        if hashed is None:
            unread.append(evidence.name)
        else:
            beside[evidence.name] = hashed[0]
    return HeldAttestation(file, beside, tuple(unread))


def _json_files(folder: Path) -> Iterator[tuple[Path, str]]:
    """The JSON files below a folder with their names in it, sorted. Raises HostileInput."""
    entries: list[tuple[str, Path]] = []
    count = 0
    waiting = [(folder, "", 0)]
    while waiting:
        here, prefix, depth = waiting.pop()
        try:
            with os.scandir(here) as listed:
                for entry in listed:
                    count += 1
                    if count > MAX_ENTRIES:
                        raise BoundExceeded("the folder of attestations", MAX_ENTRIES, "entries")
                    name = f"{prefix}{os.fsencode(entry.name).decode('utf-8', 'backslashreplace')}"
                    if entry.is_dir(follow_symlinks=False):
                        if depth < MAX_DEPTH:
                            waiting.append((Path(entry.path), f"{name}/", depth + 1))
                    elif name.endswith(".json"):
                        entries.append((name, Path(entry.path)))
        except OSError as error:
            what = f"the folder of attestations, {visible(prefix, 200)}" if prefix else "the folder"
            raise HostileInput(f"{what} cannot be listed: {error.strerror}") from error
    for name, path in sorted(entries):
        yield path, name


def _opened(path: Path) -> int | None:
    """A regular file's descriptor; None where it is none, or a link, or cannot be opened."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
    try:
        descriptor = os.open(path, flags)
    except OSError:
        return None
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    return None


def _read(path: Path, limit: int) -> bytes | None:
    descriptor = _opened(path)
    if descriptor is None:
        return None
    try:
        with os.fdopen(descriptor, "rb") as stream:
            data = stream.read(limit + 1)
    except OSError:
        return None
    return data if len(data) <= limit else None


def hash_file(path: Path) -> tuple[Digest, int] | None:
    """The SHA-256 and size of a regular file; None where it cannot be read or is too large."""
    descriptor = _opened(path)
    if descriptor is None:
        return None
    total, hashed = 0, hashlib.sha256()
    try:
        with os.fdopen(descriptor, "rb") as stream:
            while chunk := stream.read(_CHUNK):
                total += len(chunk)
                if total > MAX_EVIDENCE_BYTES:
                    return None
                hashed.update(chunk)
    except OSError:
        return None
    return Digest("sha256", hashed.hexdigest()), total
