"""Stand-ins for OpenSSF Scorecard and for deps.dev, on the loopback interface.

    with FakeScorecards({"github.com/corp/demo": scorecard("github.com/corp/demo", 6.2)}) as cards:
        ScorecardClient(http, cards.url).ask("github.com/corp/demo")

The shapes are those of Scorecard's ``openapi.yaml`` and of deps.dev's ``api.proto`` of version 3.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from weighbridge.testing.failing_http import FailingService, Mode

__all__ = ["FakeDepsDev", "FakeScorecards", "Mode", "attestation", "scorecard", "version"]


def scorecard(name: str, score: float, **more: Any) -> dict[str, Any]:
    """One result."""
    return {
        "date": "2026-10-01",
        "repo": {"name": name, "commit": "0" * 40},
        "scorecard": {"version": "v5.5.0", "commit": "c" * 40},
        "score": score,
        "checks": [
            {
                "name": "Code-Review",
                "score": 7,
                "reason": "found 3 unreviewed changesets out of 10",
                "details": None,
                "documentation": {"short": "…", "url": "https://docs.example"},
            },
            {"name": "Fuzzing", "score": -1, "reason": "internal error", "details": None},
        ],
        "metadata": None,
        **more,
    }


def attestation(repository: str, commit: str, *, verified: bool = True) -> dict[str, Any]:
    """An attestation of a version's publishing."""
    return {
        "type": "https://docs.example/attestations/publish/v1",
        "url": "https://index.example/provenance",
        "verified": verified,
        "sourceRepository": repository,
        "commit": commit,
    }


def version(
    name: str,
    number: str,
    *,
    published: str = "2026-10-01T09:00:00Z",
    attestations: Iterable[Mapping[str, Any]] = (),
    projects: Iterable[str] = (),
    system: str = "PYPI",
    **more: Any,
) -> dict[str, Any]:
    """One version of a package (``GetVersion``)."""
    return {
        "versionKey": {"system": system, "name": name, "version": number},
        "publishedAt": published,
        "isDefault": True,
        "isDeprecated": False,
        "licenses": ["Apache-2.0"],
        "advisoryKeys": [],
        "links": [],
        "slsaProvenances": [],
        "attestations": [dict(item) for item in attestations],
        "registries": ["https://index.example/simple"],
        "relatedProjects": [
            {
                "projectKey": {"id": project},
                "relationProvenance": "UNVERIFIED_METADATA",
                "relationType": "SOURCE_REPO",
            }
            for project in projects
        ],
        "projectStatus": {"status": "active", "reason": ""},
        **more,
    }


class FakeScorecards(FailingService):
    """Results by repository. ``Mode.WRONG_DETAIL`` answers with that of another one."""

    def __init__(
        self,
        results: Mapping[str, Mapping[str, Any]],
        *,
        mode: Mode = Mode.HONEST,
        delay_seconds: float = 1.0,
    ) -> None:
        super().__init__(mode=mode, delay_seconds=delay_seconds)
        self.results = dict(results)

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        """The honest answer to one request: status and JSON."""
        if self.mode is Mode.WRONG_DETAIL:
            return 200, scorecard("github.com/mallory/demo", 10.0)
        found = self.results.get(path.removeprefix("/projects/"))
        return (200, found) if found else (404, {"message": "no result"})


class FakeDepsDev(FailingService):
    """Versions of packages, as :func:`version` makes them, oldest first.

    ``Mode.WRONG_DETAIL`` answers with another package.
    """

    def __init__(
        self,
        versions: Iterable[Mapping[str, Any]] = (),
        *,
        mode: Mode = Mode.HONEST,
        delay_seconds: float = 1.0,
    ) -> None:
        super().__init__(mode=mode, delay_seconds=delay_seconds)
        self.versions = [dict(item) for item in versions]

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        """The honest answer to one request: status and JSON."""
        parts = [unquote(part) for part in path.split("/")]
        if len(parts) not in (6, 8) or parts[1:3] != ["v3", "systems"] or parts[4] != "packages":
            return 404, {"message": "not found"}
        if self.mode is Mode.WRONG_DETAIL:
            key = {"system": "PYPI", "name": "mallory", "version": "1.0"}
            return 200, {"versionKey": key, "packageKey": key, "versions": []}
        known = [
            item
            for item in self.versions
            if item["versionKey"]["system"].lower() == parts[3].lower()
            and item["versionKey"]["name"] == parts[5]
        ]
        if len(parts) == 6 and known:
            key = {k: v for k, v in known[0]["versionKey"].items() if k != "version"}
            listed = [
                {"versionKey": item["versionKey"], "publishedAt": item["publishedAt"],
                 "isDefault": item is known[-1]}
                for item in known
            ]  # fmt: skip
            return 200, {"packageKey": key, "versions": listed}
        found = [item for item in known if item["versionKey"]["version"] == parts[-1]]
        return (200, found[0]) if found else (404, {"message": "not found"})
