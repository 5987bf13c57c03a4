"""Snapshots made by hand for tests: projects with a few releases."""

from __future__ import annotations

import datetime as dt
from typing import Any

from weighbridge.model.digest import Digest
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.maintainers_snapshot import MaintainersSnapshot, kept_projects

TAKEN = "2026-11-01T09:00:00Z"
AS_OF = dt.date(2026, 11, 20)


def release(number: int, **more: Any) -> dict[str, Any]:
    return {
        "version": f"1.{number}", "uploaded": f"2026-0{number}-01T09:00:00Z", "final": True,
        "yanked": False,
        "publisher": {"kind": "GitHub", "repository": "corp/demo", "workflow": "release.yml",
                      "environment": "", "user": ""},
        "attested": True, "tag": f"v1.{number}", "commit": "ab" * 20, "signed_by": "author",
        "signing_key": "SHA256:abc", "requires": ["numpy"], "hooks": [], "size": 1000,
        "binaries": [], "differs": [], "patterns": [], "sha256": [f"{number:02}" * 32], **more,
    }  # fmt: skip


def facts(name: str = "demo", **more: Any) -> dict[str, Any]:
    day = "2020-01-01T00:00:00Z"
    return {
        "system": "pypi", "name": name, "release": "1.3", "identity": "", "created": day,
        "status": "active", "status_reason": "", "owner": "corp", "owner_id": "12",
        "owner_created": day,
        "owners": [{"name": "ann", "role": "Owner", "id": "1", "created": day}],
        "domains": [{"name": "corp.example", "registered": day, "exists": True}],
        "repository": {"host": "github.com", "name": "corp/demo", "id": "4", "owner": "corp",
                       "owner_id": "12", "created": day, "pushed": day, "archived": False,
                       "disabled": False, "fork_of": ""},
        "releases": [release(1), release(2), release(3)], "order": "upload",
        "dependencies": [], "scorecard": {"date": "2026-10-01", "score": 7.3, "version": "5.5.0"},
        "malicious": [], "resembles": [],
        "asked": [{"what": "index.project", "url": "https://index.example/pypi/demo/json",
                   "state": "observed", "reason": "", "digest": "sha256:" + "ab" * 32}],
        **more,
    }  # fmt: skip


def project(name: str = "demo", **more: Any) -> Evidence:
    return Evidence(
        EvidenceKind.PROJECT, f"pkg:pypi/{name}", EvidenceState.OBSERVED, "index", "projects@1",
        data=facts(name, **more), raw=(Digest("sha256", "ab" * 32),),
    )  # fmt: skip


def unasked(
    name: str, reason: str = "offline", state: EvidenceState = EvidenceState.UNAVAILABLE
) -> Evidence:
    about = f"pkg:pypi/{name}"
    return Evidence(EvidenceKind.PROJECT, about, state, "index", "projects@1", reason)


def snapshot(*evidence: Evidence, taken: str = TAKEN, name: str = "model") -> MaintainersSnapshot:
    subject = Digest("dirHash1", "0" * 64)
    return MaintainersSnapshot(taken, name, subject, kept_projects(evidence), "0.1")
