"""Which files of a subject are license files, and what they hold."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from weighbridge.licensing.text import Identification, identify
from weighbridge.model.artifact import Artifact, Presence
from weighbridge.model.errors import HostileInput
from weighbridge.snapshot.snapshot import Snapshot

MAX_BYTES = 2**20
MAX_FILES = 64
MAX_TOTAL_BYTES = 4 * 2**20  # of all license files of one subject

_LICENSE = re.compile(r"(?:un)?licen[sc]es?(?:[^a-z].*|[a-z]*)?\Z|copying.*\Z")
_NOTICE = re.compile(r"notices?(?:[^a-z].*)?\Z")
_FOLDER = re.compile(r"licen[sc]es\Z")  # the REUSE layout: LICENSES/Apache-2.0.txt
_NOT_PROSE = (
    ".py", ".pyi", ".ipynb", ".js", ".ts", ".c", ".h", ".cc", ".cpp", ".rs", ".go", ".java", ".sh",
    ".json", ".jsonl", ".yaml", ".yml", ".toml", ".csv", ".png", ".jpg", ".jpeg", ".svg", ".gif",
    ".sig", ".sigstore", ".asc", ".safetensors", ".gguf", ".bin",
)  # fmt: skip
_COMPONENT = re.compile(r"code|third|3rd|part(?:y|ies)|depend|vendor|bundl|font|data|docs?\b")


class UnreadableLicense(HostileInput):
    """A license file whose text could not be had: a pointer, binary, UTF-16, too large."""


class EmptyLicense(HostileInput):
    """A license file without a word in it."""


@dataclass(frozen=True, slots=True)
class LicenseFile:
    """A file that by its name holds a license, or notices (``notice``)."""

    artifact: Artifact
    notice: bool

    @property
    def nested(self) -> bool:
        """Whether it lies in a folder of the subject."""
        return "/" in self.artifact.path

    @property
    def component(self) -> bool:
        """Whether its name says that it is not for the subject as a whole."""
        return _COMPONENT.search(self.artifact.path.lower()) is not None


def is_license_path(path: str) -> bool:
    """Whether a path, at the top or one folder below, is that of a license or notice file."""
    folder, _, name = path.lower().rpartition("/")
    if folder.count("/") or name.endswith(_NOT_PROSE):
        return False
    return bool(_LICENSE.match(name) or _NOTICE.match(name) or _FOLDER.match(folder))


def license_files(snapshot: Snapshot, also: tuple[str, ...] = ()) -> tuple[LicenseFile, ...]:
    """The license and notice files, sorted by path.

    Args:
        snapshot: the subject.
        also: paths that the model card calls its license, whatever their name.
    """
    return tuple(
        LicenseFile(artifact, _NOTICE.match(artifact.path.lower().rpartition("/")[2]) is not None)
        for artifact in snapshot.artifacts
        if is_license_path(artifact.path) or artifact.path in also
    )


def read_license(snapshot: Snapshot, artifact: Artifact) -> str:
    """A license file's text.

    Raises:
        UnreadableLicense: there is no text to be had.
        EmptyLicense: the text is blank.
        BoundExceeded: the file is larger than :data:`MAX_BYTES`.
    """
    if artifact.presence is not Presence.CONTENT:
        raise UnreadableLicense(f"it is a {artifact.presence}: its text is not here")
    try:
        data = snapshot.read(artifact, MAX_BYTES)
    except OSError as error:
        raise UnreadableLicense(f"it cannot be read: {error.strerror}") from error
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise UnreadableLicense("it is UTF-16 text; save it as UTF-8")
    if b"\0" in data:
        raise UnreadableLicense("it holds NUL bytes: it is not text")
    if data.startswith(b"version https://git-lfs.github.com/spec/"):
        raise UnreadableLicense("it is a Git LFS pointer: its text is not here")
    if data.startswith(b"%PDF-"):
        raise UnreadableLicense("it is a PDF document; add the text as plain text")
    try:
        text = data.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("latin-1")  # old files: the sign of copyright is the usual reason
    if not any(character.isalnum() for character in text):
        raise EmptyLicense("there is not a word in it")
    return text


def identify_file(snapshot: Snapshot, artifact: Artifact) -> Identification:
    """What a license file holds.

    Raises:
        UnreadableLicense, EmptyLicense, BoundExceeded: as :func:`read_license` and
            :func:`~weighbridge.licensing.text.identify`.
    """
    return identify(read_license(snapshot, artifact))
