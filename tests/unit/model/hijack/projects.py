"""Projects for tests: a quiet one, and ways to change it."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any, cast

from weighbridge.model.facts.project import (
    OwnerFacts,
    ProjectFacts,
    PublisherFacts,
    ReleaseFacts,
)
from weighbridge.model.hijack.view import Reading, SignalState, View

AS_OF = dt.date(2026, 11, 20)
FIRED, CLEAR = SignalState.FIRED, SignalState.CLEAR
UNAVAILABLE, NOT_APPLICABLE = SignalState.UNAVAILABLE, SignalState.NOT_APPLICABLE
START = dt.datetime(2024, 1, 1, 12, tzinfo=dt.UTC)


def stamp(days: float) -> str:
    """A time so many days after the start."""
    return (START + dt.timedelta(days=days)).isoformat().replace("+00:00", "Z")


def owner(name: str = "alice", number: str = "1", created: str = "2015-03-01") -> OwnerFacts:
    return {"name": name, "role": "Owner", "id": number, "created": created}


def trusted(
    repository: str = "org/repo", workflow: str = "release.yml", environment: str = "pypi"
) -> PublisherFacts:
    return {"kind": "GitHub", "repository": repository, "workflow": workflow,
            "environment": environment, "user": ""}  # fmt: skip


def token(user: str = "alice", repository: str = "") -> PublisherFacts:
    return {"kind": "token", "repository": repository, "workflow": "", "environment": "",
            "user": user}  # fmt: skip


def release(version: str, days: float = 0, **changes: Any) -> ReleaseFacts:
    """A release that shows nothing: tagged, attested, by the trusted publisher."""
    facts: dict[str, Any] = {
        "version": version, "uploaded": stamp(days), "final": True, "yanked": False,
        "publisher": trusted(), "attested": True, "tag": f"v{version}", "commit": "c" * 40,
        "signed_by": "author", "signing_key": "SHA256:key", "requires": ["numpy"], "hooks": [],
        "size": 1000, "binaries": [], "differs": [], "patterns": [],
        "sha256": [hashlib.sha256(version.encode()).hexdigest()],
    }  # fmt: skip
    unknown = changes.keys() - facts.keys()
    assert not unknown, unknown
    return cast(ReleaseFacts, facts | changes)


def history(count: int = 24, gap: float = 30, **changes: Any) -> list[ReleaseFacts]:
    """Releases 1.0.0, 1.1.0, … a month apart."""
    return [release(f"1.{n}.0", n * gap, **changes) for n in range(count)]


def project(releases: list[ReleaseFacts] | None = None, **changes: Any) -> ProjectFacts:
    """A project that shows nothing."""
    facts: dict[str, Any] = {
        "system": "pypi", "name": "torch", "release": "", "identity": "42",
        "created": stamp(0), "status": "active", "status_reason": "", "owner": "org",
        "owner_id": "7", "owner_created": "2015-03-01", "owners": [owner()],
        "domains": [{"name": "example.org", "registered": "1995-08-31T00:00:00Z", "exists": True}],
        "repository": {
            "host": "github.com", "name": "org/repo", "id": "9", "owner": "org", "owner_id": "7",
            "created": stamp(-30), "pushed": stamp(800), "archived": False, "disabled": False,
            "fork_of": "",
        },
        "releases": history() if releases is None else releases, "order": "upload",
        "dependencies": [{"name": "numpy", "created": "2006-12-02T00:00:00Z"}], "scorecard": None,
        "malicious": [], "resembles": [], "asked": [],
    }  # fmt: skip
    unknown = changes.keys() - facts.keys()
    assert not unknown, unknown
    return cast(ProjectFacts, facts | changes)


def view(now: ProjectFacts, before: ProjectFacts | None = None) -> View:
    return View(now, before, AS_OF)


def states(readings: Any) -> set[SignalState]:
    return {reading.state for reading in readings}


def fired(readings: Any) -> list[Reading]:
    return [reading for reading in readings if reading.state is FIRED]
