"""Evidence of the kind ``installation``: the files of an installed environment, one each.

Read as files, never run. Texts have their control characters escaped; paths are relative to the
folder of installed packages; a list holds at most :data:`MAX_ENTRIES`, a count beside it says how
many there are. ``components`` may be :data:`MAX_COMPONENTS`, and ``recorded`` has every package.
"""

from __future__ import annotations

from typing import Literal, TypedDict

MAX_ENTRIES = 1_000
MAX_COMPONENTS = 20_000


class FileDifferenceFacts(TypedDict):
    """A file that is not as its package's ``RECORD`` says."""

    path: str
    what: Literal["changed", "missing", "unreadable", "outside"]


class RecordedFacts(TypedDict):
    """One package's files held against its ``RECORD``.

    A ``RECORD`` shows that nothing was changed since the installation; it does not show where the
    package came from. ``unhashed`` are entries without a SHA-2 digest (compiled caches, and
    ``RECORD`` itself). ``record_sha256`` is the digest of the ``RECORD`` file, hex, empty where
    there is none.
    """

    package: str
    version: str
    state: Literal["verified", "modified", "no-record", "unread"]
    reason: str
    record_sha256: str
    files: int
    verified: int
    unhashed: int
    differences: list[FileDifferenceFacts]
    difference_count: int


class HookFacts(TypedDict):
    """A file that Python runs, or takes lines from, whenever it starts in the environment.

    ``kind`` by its name. ``package``: who put it there by its ``RECORD``, empty where nobody says
    so. ``verdict``: ``path`` (it only adds folders), ``known`` (the very bytes of a hook that a
    known installer writes), ``code`` (it runs code), ``dangerous`` (that code starts processes,
    opens sockets, decodes or fetches code). ``lines`` are those that run, at most 20 of 300
    characters.
    """

    path: str
    kind: Literal["pth", "start", "sitecustomize", "usercustomize"]
    package: str
    sha256: str
    verdict: Literal["path", "known", "code", "dangerous"]
    reasons: list[str]
    lines: list[str]


class EmbeddedComponentFacts(TypedDict):
    """A component that a package's own bill of materials (PEP 770) says is inside it."""

    package: str
    sbom: str
    ref: str
    type: str
    name: str
    version: str
    purl: str
    license: str
    hashes: list[str]
    requires: list[str]


class EmbeddedSbomFacts(TypedDict):
    """A bill of materials under ``*.dist-info/sboms/``. ``reason`` says why it was not read."""

    package: str
    path: str
    format: str
    format_version: str
    sha256: str
    components: int
    reason: str


class ProvenanceFacts(TypedDict):
    """A provenance file (PEP 740) that lies beside what it attests.

    ``publisher`` is what the verified certificate says: ``GitHub owner/repository workflow``.
    """

    package: str
    version: str
    file: str
    sha256: str
    state: Literal["verified", "failed", "unread"]
    publisher: str
    reason: str


class InstallationFacts(TypedDict):
    """One environment."""

    recorded: list[RecordedFacts]
    unlisted: list[str]
    unlisted_count: int
    hooks: list[HookFacts]
    sboms: list[EmbeddedSbomFacts]
    components: list[EmbeddedComponentFacts]
    component_count: int
    provenance: list[ProvenanceFacts]
