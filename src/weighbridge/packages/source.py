"""What the readers of this room return: packages, and the source they were read from."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from weighbridge.model.errors import BoundExceeded, HostileInput

MAX_FILE_BYTES = 16 * 2**20
MAX_PACKAGES = 20_000
MAX_ISSUES = 1_000
MAX_NAME = 200
MAX_VERSION = 200

# PEP 508 environment that markers are evaluated in, every name given: what is not given would be
# filled in from the machine this runs on.
LINUX_311: Mapping[str, str] = MappingProxyType(
    {
        "implementation_name": "cpython",
        "implementation_version": "3.11.0",
        "os_name": "posix",
        "platform_machine": "x86_64",
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_system": "Linux",
        "platform_version": "",
        "python_full_version": "3.11.0",
        "python_version": "3.11",
        "sys_platform": "linux",
    }
)


def python_environment(minor: int, micro: int) -> Mapping[str, str]:
    """:data:`LINUX_311` with another version of CPython 3."""
    full = f"3.{minor}.{micro}"
    return MappingProxyType(
        {
            **LINUX_311,
            "implementation_version": full,
            "python_full_version": full,
            "python_version": f"3.{minor}",
        }
    )


# kind: whether it may hide a package
ISSUE_KINDS: Mapping[str, bool] = MappingProxyType(
    {
        "index": False,  # another index in place of the usual one; or one of several
        "extra-index": False,  # one that is asked beside the usual one (dependency confusion)
        "find-links": False,
        "trusted-host": False,
        "url": False,  # the package comes from an address of its own
        "path": True,  # a folder or file, whose own needs are not read
        "unparsed": True,
        "include-outside": True,  # leads out of the subject
        "include-remote": True,
        "include-missing": True,
        "include-cycle": False,
        "include-depth": True,
        "hash": False,  # a hash that is malformed or of a broken algorithm
        "marker": False,  # cannot be evaluated: the package is listed
        "newer-format": False,
        "dynamic": True,  # computed by a build, which is never run
        "unread": True,
    }
)

_NORMAL = re.compile(r"[-_.]+")
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?\Z")
_HEX_LENGTH = {"sha256": 64, "sha384": 96, "sha512": 128}
_HEX = re.compile(r"[0-9a-f]+\Z")


class MalformedSource(HostileInput):
    """A requirements file, lock file or metadata that does not say what its format demands."""


@dataclass(frozen=True, slots=True)
class Issue:
    """Something worth telling, at a line (from 1; 0 for the whole source)."""

    kind: str
    line: int
    detail: str

    def __post_init__(self) -> None:
        if self.kind not in ISSUE_KINDS:
            raise ValueError(f"{self.kind} is not a kind of issue")

    @property
    def incomplete(self) -> bool:
        """Whether it may hide a package."""
        return ISSUE_KINDS[self.kind]


@dataclass(frozen=True, slots=True)
class Package:
    """One package as one source names it; the fields are those of ``PackageFact``."""

    name: str
    version: str = ""
    specifier: str = ""
    pinned: bool = False
    hashes: tuple[str, ...] = ()
    line: int = 0
    direct: bool | None = None
    origin: str = "index"
    license: str = ""
    license_is_expression: bool = False
    spdx: str = ""
    requires: tuple[str, ...] = ()
    uploaded: str = ""
    supplier: str = ""
    url: str = ""
    groups: tuple[str, ...] = ()
    ecosystem: str = "pypi"  # or "conda": the type of the package URL
    qualifiers: tuple[tuple[str, str], ...] = ()  # of the package URL

    @property
    def purl(self) -> str:
        """The package URL (purl-spec, type ``pypi`` or ``conda``); no version where none is exact.

        A conda package's name is not normalized, and its qualifiers tell the build and channel.
        """
        from packageurl import PackageURL

        qualifiers = dict(self.qualifiers)
        return PackageURL(
            self.ecosystem, None, self.name, self.version or None, qualifiers
        ).to_string()


@dataclass(frozen=True, slots=True)
class PackageSource:
    """All that one source says. ``path`` is relative to the subject, or names the environment."""

    path: str
    format: str
    packages: tuple[Package, ...]
    format_version: str = ""
    environment: Mapping[str, str] = field(default_factory=lambda: LINUX_311)
    inactive: int = 0
    includes: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    issues: tuple[Issue, ...] = ()

    def __post_init__(self) -> None:
        if len(self.packages) > MAX_PACKAGES:
            raise BoundExceeded(f"the list of {self.path}", MAX_PACKAGES, "packages")
        if len(self.issues) > MAX_ISSUES:
            raise BoundExceeded(f"what is odd in {self.path}", MAX_ISSUES, "issues")


def normalized(name: str, *, source: str) -> str:
    """The PEP 503 form of a name.

    Raises:
        MalformedSource: it is not a valid name.
    """
    if len(name) > MAX_NAME or not _NAME.match(name):
        raise MalformedSource(f"{source} names a package {name[:80]!r}, which is no valid name")
    return _NORMAL.sub("-", name).lower()


def checked_version(version: str, *, source: str) -> str:
    """A version as written, if it is one (PEP 440).

    Raises:
        MalformedSource: it is not.
    """
    from packaging.version import InvalidVersion, Version

    if len(version) > MAX_VERSION:
        raise MalformedSource(f"{source} holds a version of {len(version)} characters")
    try:
        Version(version)
    except InvalidVersion as error:
        raise MalformedSource(f"{source} holds {version[:80]!r}, which is no version") from error
    return version.strip()


def day(value: object, *, source: str) -> str:
    """The day of a time stamp in UTC, as ISO 8601; a time without an offset is taken as UTC.

    Raises:
        MalformedSource: it is no time.
    """
    if value is None or value == "":
        return ""
    try:
        moment = dt.datetime.fromisoformat(value) if isinstance(value, str) else value
        if not isinstance(moment, dt.datetime):
            raise ValueError("it is no date with a time")
        if moment.tzinfo is not None:
            moment = moment.astimezone(dt.UTC)
    except (ValueError, OverflowError) as error:
        raise MalformedSource(f"{source} holds {str(value)[:40]!r}, which is no time") from error
    return moment.date().isoformat()


def strong_hash(text: str) -> str:
    """``algorithm:hex`` in lower case if it is a well-formed SHA-2 hash, else empty."""
    algorithm, _, value = text.strip().lower().partition(":")
    if len(value) == _HEX_LENGTH.get(algorithm) and _HEX.match(value):
        return f"{algorithm}:{value}"
    return ""


def unique(texts: Iterable[str]) -> tuple[str, ...]:
    """Sorted, each once, empty ones left out."""
    return tuple(sorted({text for text in texts if text}))
