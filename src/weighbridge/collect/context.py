"""What a collector is given, and what it must look like."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from weighbridge.model.digest import Digest, sha256
from weighbridge.model.evidence import Evidence, EvidenceKind
from weighbridge.model.policy import SignatureDemands, TrustedSigner
from weighbridge.snapshot.snapshot import Snapshot


class RawStore:
    """Keeps the bytes that came from outside, by their digest, before anyone parses them."""

    def __init__(self) -> None:
        self.blobs: dict[Digest, bytes] = {}

    def put(self, data: bytes) -> Digest:
        """Store and return the SHA-256. The same bytes are stored once."""
        digest = sha256(data)
        self.blobs[digest] = data
        return digest


@dataclass(frozen=True, slots=True)
class Services:
    """Where advisories, and the cards of ancestors, are looked up.

    ``osv`` is the address of an OSV service; empty for the client library's own default, ``none``
    for no service. ``osv_database`` is a folder with a local database (see
    :mod:`weighbridge.sources.osv_files`), which is then read in place of the service, offline too;
    its newest record may be ``database_days`` old. ``package_index`` is asked as well: the address
    of its simple API, or ``pip`` for the index that pip is configured with. ``model_advisories`` is
    a folder of advisories about models, see :mod:`weighbridge.sources.model_advisories`.
    ``license_lock`` is a license lock that is kept outside the subject. ``cards`` is a folder with
    the cards of other models and datasets (see :mod:`weighbridge.sources.card_folder`), read
    offline too. ``hub`` is the address of a Hugging Face Hub to ask for the others, ``hub`` for the
    one that its client is configured with; empty: none is asked. ``attestations`` is a folder
    of attestations that are kept outside the subject.

    Who keeps the projects that the subject stands on is asked at ``package_index`` and ``hub``, and
    at ``forge`` (the address of a forge's API, or ``github``), ``scorecards`` (of OpenSSF
    Scorecard, or ``scorecard``), ``deps_dev`` (or ``deps.dev``) and ``rdap`` (or ``rdap``); an
    empty one is not asked. ``baseline`` is the file of the projects as somebody accepted them.
    ``known_models`` are models (``owner/name``) that others may be taken for, beside those that are
    known anyway.
    ``answers`` is a folder that keeps answers, so that a service need only say that one still
    holds; None keeps none.
    """

    osv: str = ""
    package_index: str = ""
    osv_database: Path | None = None
    database_days: int = 5
    model_advisories: Path | None = None
    license_lock: Path | None = None
    cards: Path | None = None
    hub: str = ""
    attestations: Path | None = None
    forge: str = ""
    scorecards: str = ""
    deps_dev: str = ""
    rdap: str = ""
    baseline: Path | None = None
    answers: Path | None = None
    known_models: tuple[str, ...] = ()
    timeout_seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class CollectContext:
    """All a collector may use.

    ``environments`` are folders of installed packages (``site-packages``) to read, statically.
    """

    snapshot: Snapshot
    as_of: dt.date
    offline: bool
    trust: tuple[TrustedSigner, ...] = ()
    services: Services = field(default_factory=Services)
    environments: tuple[Path, ...] = ()
    store: RawStore = field(default_factory=RawStore)
    earlier: Mapping[EvidenceKind, tuple[Evidence, ...]] = field(default_factory=dict)
    timestamp_roots: tuple[str, ...] = ()  # sets in PEM: whose time on a signature counts
    demands: SignatureDemands | None = None  # the policy's, on signatures over a baseline too
    commit_signers: tuple[str, ...] = ()  # as in Policy


class Collector(Protocol):
    """A module with these names. ``NAME`` stands in each Evidence as ``collector``.

    Collectors run in the registry's order; ``ctx.earlier`` holds what the earlier ones found (the
    vulnerability collector reads the packages). A collector turns hostile input into evidence that
    is ``unavailable`` and never lets one file end the run; what it raises is a defect of its own.
    """

    NAME: str
    KINDS: tuple[EvidenceKind, ...]
    collect: Callable[[CollectContext], Iterable[Evidence]]
