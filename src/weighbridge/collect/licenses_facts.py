"""What the collectors of licenses share: facts with nothing in them yet, and evidence of them."""

from __future__ import annotations

import re
from typing import Literal

from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.license import LicenseFacts, LicensePlace, Role

COLLECTOR = "licenses@2"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def no_facts(role: Role, raw: str) -> LicenseFacts:
    """Facts with nothing in them yet."""
    return {
        "role": role,
        "raw": raw,
        "key": "",
        "id": "",
        "symbols": [],
        "also": [],
        "family": [],
        "names_text": False,
        "status": "unknown",
        "why": "",
        "line": 0,
        "license_name": "",
        "license_link": "",
        "link_state": "",
        "nearest": "",
        "similarity_permille": 0,
        "held": [],
        "extra_words": 0,
        "places": [],
        "differences": [],
        "missing_runs": -1,
        "suggestions": [],
        "file_digest": "",
        "nested": False,
        "component": False,
        "covers": "",
        "words": "",
        "files": [],
        "file_count": 0,
        "sentences": [],
        "territory": [],
    }


def observed(path: str, facts: LicenseFacts) -> Evidence:
    """Evidence of one statement, about the file that makes it."""
    return Evidence(
        EvidenceKind.LICENSE,
        path,
        EvidenceState.OBSERVED,
        f"file:{path}",
        COLLECTOR,
        data=facts,
    )


def unavailable(
    path: str,
    reason: str,
    *,
    part: Literal["card", "prose", "file", "headers"] = "file",
    line: int = 0,
) -> Evidence:
    """Evidence that a file, or the rest of one, was not read."""
    place: LicensePlace = {"part": part, "path": path, "line": line}
    return Evidence(
        EvidenceKind.LICENSE,
        path,
        EvidenceState.UNAVAILABLE,
        f"file:{path}",
        COLLECTOR,
        reason,
        place,
    )


def shown(text: str) -> str:
    """Words of a file without characters that would change how a report looks."""
    return _CONTROL.sub("", text)
