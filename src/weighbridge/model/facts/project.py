"""Evidence of the kinds ``project`` and ``baseline``: who keeps a project, and how it releases.

A project is a package of an index, a repository of a Hub, or a repository of a forge. ``project``
is what the services said when they were asked; ``baseline`` is the same shape, as it was when
somebody accepted it. ``about`` is the project's purl without a version (``pkg:pypi/torch``,
``pkg:huggingface/org/model``, ``pkg:huggingface/datasets/org/data``, ``pkg:github/org/repo``,
``pkg:npm/name``).

``None`` means everywhere that nobody could be asked, or that the service does not tell; an empty
list, that it was asked and there are none. Mirrors leave much of this out. Times are RFC 3339 in
UTC (``2026-10-01T09:00:00Z``), empty where unknown. Text is as the service sent it, cut, with
control characters escaped.
"""

from __future__ import annotations

from typing import Literal, TypedDict

System = Literal["pypi", "npm", "huggingface", "github"]


class AskedFacts(TypedDict):
    """One question to one service.

    ``what`` names the question: ``index.project``, ``index.files``, ``index.provenance``,
    ``hub.repository``, ``hub.commits``, ``hub.account``, ``forge.repository``, ``forge.releases``,
    ``forge.tags``, ``forge.commit``, ``forge.tree``, ``forge.account``, ``scorecard``,
    ``deps.dev``, ``advisories``, ``domain``, ``installation``. ``state`` is that of evidence:
    ``absent`` means asked, and there is none. ``digest`` is that of the raw answer, empty without
    one.
    """

    what: str
    url: str
    state: Literal["observed", "absent", "unavailable", "unsupported"]
    reason: str
    digest: str


class OwnerFacts(TypedDict):
    """Who may publish. ``id`` is the service's own number for the account, empty where untold.

    ``role`` is as the service calls it (``Owner``, ``Maintainer``), ``created`` the account's
    first day.
    """

    name: str
    role: str
    id: str
    created: str


class PublisherFacts(TypedDict):
    """How a release was published.

    ``kind`` is that of the trusted publisher (``GitHub``, ``GitLab``, ``Google``, ``ActiveState``),
    or ``token`` where an account or its token did; ``user`` is that account. The others are empty
    where they mean nothing.
    """

    kind: str
    repository: str
    workflow: str
    environment: str
    user: str


class BinaryFacts(TypedDict):
    """A file of a release that a person cannot read. ``size`` in bytes, -1 where untold."""

    path: str
    size: int


class ReleaseFacts(TypedDict):
    """One release, for a Hub one commit of the main branch.

    ``version`` is as published (for a Hub the commit's id). ``uploaded`` is the time of its first
    file. ``final``: no pre-release (PEP 440, SemVer). ``yanked``: withdrawn. ``attested``: whether
    every file has a provenance attestation. ``tag`` is the repository's tag for it, empty when the
    repository was asked and has none. ``commit`` is what the tag, or the attestation, stands for.
    ``signed_by`` says who signed that commit: ``author``, ``web-flow``, ``bot``, ``none``.
    ``signing_key`` is that key's fingerprint. ``requires`` are the normalized names of what it
    depends on without an extra. ``hooks`` run code when it is installed or when Python starts
    (``preinstall``, ``setup.py``, ``x.pth``). ``size`` is that of its largest file in bytes.
    ``binaries`` are executables, libraries and minified or packed code inside it. ``differs`` are
    paths of code in it which the tag's tree does not have with that content. ``patterns`` name
    what its start-up code does as thieves and miners do (ids of :mod:`weighbridge.model.hijack`).
    """

    version: str
    uploaded: str
    final: bool
    yanked: bool | None
    publisher: PublisherFacts | None
    attested: bool | None
    tag: str | None
    commit: str
    signed_by: Literal["author", "web-flow", "bot", "none"] | None
    signing_key: str
    requires: list[str] | None
    hooks: list[str] | None
    size: int | None
    binaries: list[BinaryFacts] | None
    differs: list[str] | None
    patterns: list[str] | None
    sha256: list[str]


class RepositoryFacts(TypedDict):
    """The source repository on a forge. ``id`` and ``owner_id`` survive a change of name.

    ``fork_of`` is the full name of what it was forked from, empty for none.
    """

    host: str
    name: str
    id: str
    owner: str
    owner_id: str
    created: str
    pushed: str
    archived: bool | None
    disabled: bool | None
    fork_of: str | None


class DomainFacts(TypedDict):
    """The domain of an owner's mail. ``registered`` is its present registration's day.

    ``exists``: false where nobody owns the name now, so that anybody may register it.
    """

    name: str
    registered: str
    exists: bool | None


class DependencyFacts(TypedDict):
    """A project that a release depends on, and when that project's first release was uploaded."""

    name: str
    created: str


class ScorecardFacts(TypedDict):
    """OpenSSF Scorecard: hygiene of a repository, shown and never counted as a hijack signal."""

    date: str
    score: float
    version: str


class ProjectFacts(TypedDict):
    """One project.

    ``release`` is the version that the subject uses, empty where it names none. ``identity`` is the
    service's own number for the project (a Hub's ``_id``, a forge's ``id``), which another project
    of the same name does not have. ``status`` is ``active``, ``archived``, ``quarantined``,
    ``disabled``, ``deleted``, empty where untold. ``owner`` is the account or organization it
    stands under, ``owner_id`` its number. ``releases`` are oldest first, the last
    :data:`MAX_RELEASES`; ``order`` says whether their times can be believed: ``mirror`` where the
    times follow when a mirror copied them. ``malicious`` are ids of records that call the release
    in use malicious (``MAL-…``). ``resembles`` are better known projects whose name is one edit
    away.
    """

    system: System
    name: str
    release: str
    identity: str
    created: str
    status: str
    status_reason: str
    owner: str
    owner_id: str
    owner_created: str
    owners: list[OwnerFacts] | None
    domains: list[DomainFacts] | None
    repository: RepositoryFacts | None
    releases: list[ReleaseFacts] | None
    order: Literal["upload", "mirror", "unknown"]
    dependencies: list[DependencyFacts] | None
    scorecard: ScorecardFacts | None
    malicious: list[str] | None
    resembles: list[str] | None
    asked: list[AskedFacts]


class BaselineFacts(TypedDict):
    """The baseline as a whole (``about`` empty).

    ``digest`` is that of the snapshot document; ``signer`` the policy's name of who signed it,
    empty where no trusted signer did; ``reason`` says why then. ``projects`` counts what it holds.
    ``entry`` is the index of its entry in the ledger, -1 where none was looked for.
    """

    digest: str
    taken: str
    signer: str
    trusted: bool
    reason: str
    projects: int
    entry: int


MAX_RELEASES = 400
