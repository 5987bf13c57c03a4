"""Asking a package index who keeps a project and how its releases were published.

Three questions: ``<index>/pypi/<name>/json`` (owners, metadata, files), ``<simple>/<name>/`` as
JSON (files, project status, which files have provenance) and ``<index>/integrity/<name>/<version>/
<file>/provenance`` (PEP 740: who published; 403: the index's administrators have turned it off). A
404 for provenance means that there is none only where the Simple page tells of provenance at all:
a mirror without such pages answers every question so. A quarantined project may be 404, as one is
that was never there.

Nothing is verified here: a publisher is what the index says. Whether its signature holds is for
:mod:`weighbridge.collect.provenance`, which needs the file itself.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from weighbridge.edge.json import load_json
from weighbridge.model.errors import ConfigurationError, HostileInput
from weighbridge.model.facts.project import AskedFacts, PublisherFacts
from weighbridge.sources.http import HttpClient
from weighbridge.sources.index_pages import (
    IndexFile,
    IndexListing,
    IndexPage,
    json_page,
    requirements,
    simple_page,
)
from weighbridge.sources.package_index import CONFIGURED, configured_index, json_api
from weighbridge.sources.questions import Questions, Reply, words

MAX_PAGE = 32 * 2**20  # of a project with thousands of releases
MAX_PROVENANCE = 8 * 2**20
MAX_BUNDLES = 100
MAX_STATEMENT = 2**20
_SIMPLE = "application/vnd.{}.simple.v1+json"
_INTEGRITY = "application/vnd.{}.integrity.v1+json"
_INDEX = "pypi"  # the media types' vendor (PEP 691, PEP 740)
_SERVICE = "the package index"


@dataclass(frozen=True, slots=True)
class IndexProject:
    """What the index says of one project; a page is None where it could not be had.

    ``files`` are those of both pages together. ``gone``: the index was asked and has no such
    project, or no longer.
    """

    name: str
    page: IndexPage | None
    listing: IndexListing | None
    files: tuple[IndexFile, ...] | None
    gone: bool
    asked: tuple[AskedFacts, ...]

    @property
    def reason(self) -> str:
        """Why there is no page; for a project of which there is none at all."""
        return next((one["reason"] for one in self.asked if one["reason"]), "")


@dataclass(frozen=True, slots=True)
class FileProvenance:
    """Who published one file. ``attested`` is None where nobody could be asked.

    ``publisher`` is None unless it is attested. ``certificate`` is the signing one, DER.
    """

    attested: bool | None
    asked: AskedFacts
    publisher: PublisherFacts | None = None
    certificate: bytes = b""


class ProjectIndex:
    """One index. ``address`` is that of its simple API, as pip is given it.

    Raises:
        ConfigurationError: the address is none, or pip cannot tell its own.
    """

    def __init__(self, http: HttpClient, address: str) -> None:
        address = configured_index() if address == CONFIGURED else address
        api, headers = json_api(address)
        accept = {"Accept": _SIMPLE.format(_INDEX)}
        self._simple = Questions(http, _simple_base(address), {**headers, **accept})
        self._json = Questions(http, api, headers)
        root = api.removesuffix(f"/{_INDEX}")
        accept = {"Accept": _INTEGRITY.format(_INDEX)}
        self._integrity = Questions(http, f"{root}/integrity", {**headers, **accept})
        self.name = self._simple.name

    def project(self, name: str) -> IndexProject:
        """Both pages of a project.

        Args:
            name: normalized (PEP 503).
        """
        first = self._json.ask("index.project", f"/{quote(name, safe='')}/json", max_bytes=MAX_PAGE)
        page: IndexPage | None = None
        if first.observed:
            read = json_page(first.body, name)
            if isinstance(read, str):
                first = first.refused(read)
            else:
                page = read
        second = self._simple.ask(
            "index.files",
            f"/{quote(name, safe='')}/",
            max_bytes=MAX_PAGE,
        )
        listing: IndexListing | None = None
        if second.observed:
            found = simple_page(second.body, name)
            if isinstance(found, str):
                second = second.refused(found)
            else:
                listing = found
        return IndexProject(
            name,
            page,
            listing,
            _together(page, listing),
            gone=first.absent and second.absent,
            asked=(first.asked, second.asked),
        )

    def requires(self, name: str, version: str) -> tuple[tuple[str, ...] | None, AskedFacts]:
        """What one release depends on without an extra (normalized names); None where untold."""
        place = f"/{quote(name, safe='')}/{quote(version, safe='')}/json"
        reply = self._json.ask("index.project", place, max_bytes=MAX_PAGE)
        info = reply.body.get("info") if isinstance(reply.body, dict) else None
        if not reply.observed:
            return None, reply.asked
        if not isinstance(info, dict) or not _same_version(info.get("version"), version):
            return None, reply.refused(f"{_SERVICE} answered with another release").asked
        return requirements(info), reply.asked

    def provenance(self, name: str, file: IndexFile) -> FileProvenance:
        """Who published a file, by its own index's word."""
        place = "/".join(quote(part, safe="") for part in (name, file.version, file.name))
        reply = self._integrity.ask(
            "index.provenance",
            f"/{place}/provenance",
            max_bytes=MAX_PROVENANCE,
        )
        if reply.absent and file.provenance:
            # a mirror passes on that there is one, and does not have it
            return _unread(reply, "the index lists a provenance for the file and does not have it")
        if reply.absent and file.provenance is None:
            return _unread(reply, "the index does not tell which files have provenance")
        if reply.absent:
            return FileProvenance(attested=False, asked=reply.asked)
        if reply.status == 403:
            return _unread(reply, "the index's administrators have turned provenance off (403)")
        if not reply.observed:
            return FileProvenance(attested=None, asked=reply.asked)
        try:
            publisher, certificate, attests = _bundles(reply.body)
        except HostileInput as error:
            return _unread(reply, error.message)
        if file.sha256 and attests != {file.sha256}:
            reply = reply.refused("the provenance attests another file than the index has")
            return FileProvenance(attested=False, asked=reply.asked)
        return FileProvenance(
            attested=True,
            asked=reply.asked,
            publisher=publisher,
            certificate=certificate,
        )


def _simple_base(address: str) -> str:
    """The simple API's address without user, password and query, which go elsewhere."""
    try:
        parts = urlsplit(address)
        host = parts.netloc.rpartition("@")[2]
    except ValueError as error:
        raise ConfigurationError(
            "the package index's address is none", remedy="Give --index-url https://…/simple."
        ) from error
    return urlunsplit((parts.scheme, host, parts.path.rstrip("/"), "", ""))


def _together(page: IndexPage | None, listing: IndexListing | None) -> tuple[IndexFile, ...] | None:
    """The files that either page names; where one does not tell of a file, the other does."""
    stated = page.files if page is not None else None
    if stated is None:
        return listing.files if listing is not None else None
    if listing is None:
        return stated
    found = {file.name: file for file in stated}
    for file in listing.files:
        known = found.get(file.name)
        found[file.name] = file if known is None else _merged(known, file)
    return tuple(found.values())


def _merged(stated: IndexFile, listed: IndexFile) -> IndexFile:
    """One file by both pages. Two digests for one name: neither is believed."""
    both = stated.sha256 and listed.sha256 and stated.sha256 != listed.sha256
    return replace(
        stated,
        sha256="" if both else stated.sha256 or listed.sha256,
        size=stated.size if stated.size >= 0 else listed.size,
        uploaded=stated.uploaded or listed.uploaded,
        yanked=listed.yanked if stated.yanked is None else stated.yanked or bool(listed.yanked),
        provenance=listed.provenance,
    )


def _unread(reply: Reply, reason: str) -> FileProvenance:
    return FileProvenance(attested=None, asked=reply.refused(reason).asked)


def _same_version(stated: object, version: str) -> bool:
    from packaging.version import InvalidVersion, Version

    try:
        return isinstance(stated, str) and Version(stated) == Version(version)
    except InvalidVersion:
        return stated == version


def _bundles(body: object) -> tuple[PublisherFacts, bytes, set[str]]:
    """The publisher, the first certificate, and the SHA-256 of all that is attested (PEP 740)."""
    bundles = body.get("attestation_bundles") if isinstance(body, dict) else None
    if not isinstance(bundles, list) or not 0 < len(bundles) <= MAX_BUNDLES:
        raise HostileInput(f"the provenance holds no list of 1 to {MAX_BUNDLES} bundles")
    publishers: list[PublisherFacts] = []
    certificate, attests = b"", set[str]()
    for bundle in bundles:
        if not isinstance(bundle, dict):
            raise HostileInput("a bundle of the provenance is no object")
        publishers.append(_publisher(bundle.get("publisher")))
        attestations = bundle.get("attestations")
        if not isinstance(attestations, list) or not 0 < len(attestations) <= MAX_BUNDLES:
            raise HostileInput(f"a bundle has no list of 1 to {MAX_BUNDLES} attestations")
        for attestation in attestations:
            der, digest = _attestation(attestation)
            certificate = certificate or der
            attests.add(digest)
    if any(publisher != publishers[0] for publisher in publishers):
        raise HostileInput("the provenance names several publishers for one file")
    return publishers[0], certificate, attests


def _publisher(value: object) -> PublisherFacts:
    """As the index writes it: GitHub, GitLab, Google, ActiveState and those to come."""
    fields: Mapping[str, Any] = value if isinstance(value, dict) else {}
    kind = words(fields.get("kind"), 40)
    if not kind or kind == "token":
        raise HostileInput("a bundle of the provenance names no publisher")
    return PublisherFacts(
        kind=kind,
        repository=words(fields.get("repository")),
        workflow=words(fields.get("workflow")) or words(fields.get("workflow_filepath")),
        environment=words(fields.get("environment")),
        user=words(fields.get("email")) or words(fields.get("actor")),
    )


def _attestation(value: object) -> tuple[bytes, str]:
    """An attestation's certificate, and the digest of the one file in its in-toto statement."""
    table = value if isinstance(value, dict) else {}
    envelope, material = table.get("envelope"), table.get("verification_material")
    if not isinstance(envelope, dict) or not isinstance(material, dict):
        raise HostileInput("an attestation has no envelope and no verification material")
    statement = load_json(
        _decoded(envelope.get("statement")), source="the statement", max_bytes=MAX_STATEMENT
    )
    subjects = statement.get("subject") if isinstance(statement, dict) else None
    if not isinstance(subjects, list) or len(subjects) != 1 or not isinstance(subjects[0], dict):
        raise HostileInput("an attestation's statement is not about one file")
    digest = subjects[0].get("digest")
    found = digest.get("sha256") if isinstance(digest, dict) else None
    if not isinstance(found, str):
        raise HostileInput("an attestation's statement gives no SHA-256")
    return _decoded(material.get("certificate")), found.lower()


def _decoded(value: object) -> bytes:
    try:
        return base64.b64decode(value if isinstance(value, str) else "", validate=True)
    except (binascii.Error, ValueError) as error:
        raise HostileInput("an attestation holds what is not base64") from error
