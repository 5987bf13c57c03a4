"""Which files of a subject are license files, and what they hold."""

from __future__ import annotations

import codecs
import html
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
_FOLDER = re.compile(r"licen[sc]es?\Z")  # the REUSE layout: LICENSES/Apache-2.0.txt
# USE_POLICY.md, ACCEPTABLE_USE_POLICY.txt, "Prohibited Use Policy.md", Notice of use restrictions
_POLICY = re.compile(
    r"(?:[a-z0-9.]+[ _-])*?(?:(?:acceptable|prohibited|responsible|permitted"
    r"|allowed)[ _-]?us(?:e|age)s?"
    r"|us(?:e|age)[ _-]?(?:polic(?:y|ies)|restrictions?|guidelines|based[ _-]restrictions)"
    r"|aup|content[ _-]polic(?:y|ies))(?:[^a-z].*)?\Z"
)
_NOT_PROSE = (
    ".py", ".pyi", ".ipynb", ".js", ".ts", ".c", ".h", ".cc", ".cpp", ".rs", ".go", ".java", ".sh",
    ".json", ".jsonl", ".yaml", ".yml", ".toml", ".csv", ".png", ".jpg", ".jpeg", ".svg", ".gif",
    ".sig", ".sigstore", ".asc", ".safetensors", ".gguf", ".bin",
)  # fmt: skip
_COMPONENT = re.compile(r"code|third|3rd|part(?:y|ies)|depend|vendor|bundl|font|data|docs?\b")


_MARKS = (  # the longer first: UTF-32's begins with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)
_DOCUMENTS = (
    (b"%PDF-", "a PDF document"),
    (b"{\\rtf", "an RTF document"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"\xd0\xcf\x11\xe0", "an office document"),
)
_HTML = re.compile(
    r"\s{0,200}(?:<\?xml[^<>]{0,200}>\s{0,200})?<(?:!doctype html|html|head|body)\b",
    re.I,
)
_COMMENTED = re.compile(r"<!--(?:(?!-->)[\s\S]){0,20000}-->")
_UNSHOWN = re.compile(r"<(script|style|title)\b[^<>]{0,1000}>[^<]{0,20000}</\1\s{0,20}>", re.I)
_TAG = re.compile(r"</?[a-zA-Z!?][^<>]{0,2000}>")


class UnreadableLicense(HostileInput):
    """A license file whose text could not be had: a pointer, binary, a document."""


class EmptyLicense(HostileInput):
    """A license file without a word in it."""


@dataclass(frozen=True, slots=True)
class LicenseFile:
    """A file that by its name holds a license, notices (``notice``), or a ``use_policy``."""

    artifact: Artifact
    notice: bool
    use_policy: bool = False

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


def is_policy_path(path: str) -> bool:
    """Whether a path, at the top or one folder below, is that of a use policy."""
    folder, _, name = path.lower().rpartition("/")
    if folder.count("/") or name.endswith(_NOT_PROSE):
        return False
    return _POLICY.match(name) is not None


def license_files(snapshot: Snapshot, also: tuple[str, ...] = ()) -> tuple[LicenseFile, ...]:
    """The license, notice and use-policy files, sorted by path.

    Args:
        snapshot: the subject.
        also: paths that the model card calls its license, whatever their name.
    """
    return tuple(
        LicenseFile(
            artifact,
            notice=_NOTICE.match(artifact.path.lower().rpartition("/")[2]) is not None,
            use_policy=artifact.path not in also and is_policy_path(artifact.path),
        )
        for artifact in snapshot.artifacts
        if is_license_path(artifact.path) or is_policy_path(artifact.path) or artifact.path in also
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
    text = decode_text(data)
    if not any(character.isalnum() for character in text):
        raise EmptyLicense("there is not a word in it")
    return text


def decode_text(data: bytes) -> str:
    """A file's bytes as text: UTF-8, UTF-16 and UTF-32 with their marks, Latin-1; HTML's own words.

    Raises:
        UnreadableLicense: it is no text, or a document of another kind.
    """
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "")
    if not encoding:
        if b"\0" in data:
            raise UnreadableLicense("it holds NUL bytes: it is not text")
        if data.startswith(b"version https://git-lfs.github.com/spec/"):
            raise UnreadableLicense("it is a Git LFS pointer: its text is not here")
        kind = next((kind for magic, kind in _DOCUMENTS if data.startswith(magic)), "")
        if kind:
            raise UnreadableLicense(f"it is {kind}; add the text as plain text")
    try:
        text = data.decode(encoding or "utf-8")
    except UnicodeDecodeError as error:
        if encoding:
            name = encoding.upper().removesuffix("-SIG")
            raise UnreadableLicense(f"it begins as {name} text and is not") from error
        text = data.decode("latin-1")  # old files: the sign of copyright is the usual reason
    if "\0" in text:
        raise UnreadableLicense("it holds NUL characters: it is not text")
    return _without_html(text) if _HTML.match(text) else text


def _without_html(text: str) -> str:
    """The words of an HTML page, on the lines where they stand."""
    for pattern in (_COMMENTED, _UNSHOWN, _TAG):
        text = pattern.sub(lambda match: " " + "\n" * match[0].count("\n"), text)
    return html.unescape(text)


def identify_file(snapshot: Snapshot, artifact: Artifact) -> Identification:
    """What a license file holds.

    Raises:
        UnreadableLicense, EmptyLicense, BoundExceeded: as :func:`read_license` and
            :func:`~weighbridge.licensing.text.identify`.
    """
    return identify(read_license(snapshot, artifact))
