"""A stand-in for a package index that tells of projects, on the loopback interface.

    release = FakeRelease(("demo-1.0.tar.gz",), "2026-10-01T09:00:00Z")
    with FakeProjectIndex({"demo": Package({"1.0": release})}) as index:
        audit(..., services=Services(package_index=index.simple_url))

It speaks ``GET /pypi/<name>/json``, ``/pypi/<name>/<version>/json``, ``/simple/<name>/`` as JSON
and ``/integrity/<name>/<version>/<file>/provenance``. With ``stripped`` it is a mirror that passes
on names and files alone. ``Mode.WRONG_DETAIL`` answers about another project.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from weighbridge.testing.failing_http import FailingService, Mode

__all__ = ["FakeProjectIndex", "FakeRelease", "Mode", "Package", "file_digest", "trusted"]

_OTHER = "mallory"


@dataclass(frozen=True, slots=True)
class FakeRelease:
    """One release. ``publishers`` are trusted publishers by file; a file without one has none."""

    files: tuple[str, ...]
    uploaded: str
    requires: tuple[str, ...] = ()
    yanked: bool = False
    publishers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    certificate: bytes = b"no certificate"


@dataclass(slots=True)
class Package:
    """One project. ``status`` is its status; a quarantined one has no JSON page and no files."""

    releases: dict[str, FakeRelease]
    owners: Sequence[tuple[str, str]] = (("ann", "Owner"),)
    organization: str | None = None
    author_email: str | None = None
    urls: Mapping[str, str] = field(default_factory=dict)
    status: str = "active"
    status_reason: str = ""


def trusted(
    repository: str, workflow: str = "release.yml", environment: str = ""
) -> dict[str, Any]:
    """A trusted publisher on GitHub."""
    return {
        "kind": "GitHub",
        "repository": repository,
        "workflow": workflow,
        "environment": environment or None,
        "claims": None,
    }


def file_digest(name: str) -> str:
    """The SHA-256 that the stand-in gives for a file of a name."""
    return hashlib.sha256(name.encode()).hexdigest()


class FakeProjectIndex(FailingService):
    """The index, a context manager.

    Args:
        packages: by normalized name.
        stripped: no owners, no mail, no provenance, no status and no pages of releases.
        integrity: the status that provenance is answered with in place of the honest one; 0: none.
        attests: what provenance attests in place of the file, hex; empty for the file itself.
        lists_provenance: whether the simple page tells which files have provenance.
    """

    def __init__(
        self,
        packages: Mapping[str, Package],
        *,
        stripped: bool = False,
        integrity: int = 0,
        attests: str = "",
        lists_provenance: bool = True,
        mode: Mode = Mode.HONEST,
        delay_seconds: float = 1.0,
    ) -> None:
        super().__init__(mode=mode, delay_seconds=delay_seconds)
        self.packages = dict(packages)
        self.stripped = stripped
        self.integrity = integrity
        self.attests = attests
        self.lists_provenance = lists_provenance

    @property
    def simple_url(self) -> str:
        """The address of its simple API, as pip is given it."""
        return f"{self.url}/simple/"

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        """The honest answer to one request: status and JSON."""
        parts = [unquote(part) for part in path.strip("/").split("/")]
        name = parts[1] if len(parts) > 1 else ""
        package = self.packages.get(name)
        if method != "GET" or package is None:
            return _missing()
        if self.mode is Mode.WRONG_DETAIL:
            name = _OTHER
        if parts[0] == "simple":
            return 200, self._simple(name, package)
        if parts[0] == "pypi" and parts[-1] == "json":
            return self._json(name, package, parts[2] if len(parts) == 4 else "")
        if parts[0] == "integrity" and len(parts) == 5:
            return self._integrity(package, parts[2], parts[3])
        return _missing()

    def _simple(self, name: str, package: Package) -> dict[str, Any]:
        files = []
        for release in package.releases.values() if package.status != "quarantined" else ():
            for file in release.files:
                entry: dict[str, Any] = {
                    "filename": file,
                    "hashes": {"sha256": file_digest(file)},
                    "url": f"{self.url}/files/{file}",
                }
                if not self.stripped:
                    entry |= {"size": len(file), "upload-time": release.uploaded,
                              "yanked": release.yanked}  # fmt: skip
                    if self.lists_provenance:
                        there = f"{self.url}/elsewhere" if file in release.publishers else None
                        entry["provenance"] = there
                files.append(entry)
        page: dict[str, Any] = {"meta": {"api-version": "1.4"}, "name": name, "files": files}
        if not self.stripped:
            page["versions"] = list(package.releases)
            page["project-status"] = {"status": package.status}
            if package.status_reason:
                page["project-status"]["reason"] = package.status_reason
        return page

    def _json(self, name: str, package: Package, version: str) -> tuple[int, Any]:
        if package.status == "quarantined" or (version and self.stripped):
            return _missing()
        if version and version not in package.releases:
            return _missing()
        shown = version or list(package.releases)[-1]
        info: dict[str, Any] = {"name": name, "version": shown}
        if not self.stripped:
            info |= {
                "author_email": package.author_email,
                "maintainer_email": None,
                "home_page": None,
                "project_urls": dict(package.urls) or None,
                "requires_dist": list(package.releases[shown].requires) or None,
            }
        page: dict[str, Any] = {"info": info, "urls": []}
        if not version:
            page["releases"] = {
                number: [self._file(file, release) for file in release.files]
                for number, release in package.releases.items()
            }
        if not self.stripped:
            page["ownership"] = {
                "roles": [{"role": role, "user": user} for user, role in package.owners],
                "organization": package.organization,
            }
        return 200, page

    def _file(self, name: str, release: FakeRelease) -> dict[str, Any]:
        return {
            "filename": name,
            "packagetype": "bdist_wheel" if name.endswith(".whl") else "sdist",
            "digests": {"sha256": file_digest(name)},
            "size": len(name),
            "upload_time_iso_8601": release.uploaded,
            "yanked": release.yanked,
            "yanked_reason": None,
        }

    def _integrity(self, package: Package, version: str, file: str) -> tuple[int, Any]:
        if self.integrity:
            return self.integrity, {"message": "no"}
        release = package.releases.get(version)
        publisher = release.publishers.get(file) if release is not None else None
        if release is None or publisher is None or self.stripped:
            return _missing()
        statement = {
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [{"name": file, "digest": {"sha256": self.attests or file_digest(file)}}],
            "predicateType": "https://slsa.dev/provenance/v1",
            "predicate": None,
        }
        attestation = {
            "version": 1,
            "envelope": {"statement": _base64(json.dumps(statement).encode()), "signature": "AA=="},
            "verification_material": {
                "certificate": _base64(release.certificate),
                "transparency_entries": [{"logIndex": "1"}],
            },
        }
        bundle = {"publisher": dict(publisher), "attestations": [attestation]}
        return 200, {"version": 1, "attestation_bundles": [bundle]}


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _missing() -> tuple[int, Any]:
    return 404, {"message": "Not Found"}
