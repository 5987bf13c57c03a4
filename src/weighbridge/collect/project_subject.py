"""What the scripts in a model's own folder do, as facts of the commit that they are of.

Loading a model may run its code (``auto_map``), and its card may tell people to run a script first:
Open-OSS/privacy-filter (2026) came with a loader that fetched a thief of credentials.
"""

from __future__ import annotations

from typing import cast

from weighbridge.collect.context import CollectContext
from weighbridge.collect.project_wanted import hub_about
from weighbridge.model.artifact import Presence
from weighbridge.model.errors import HostileInput
from weighbridge.model.evidence import EvidenceKind, EvidenceState
from weighbridge.model.facts.model import ModelIdentityFacts
from weighbridge.packages.startup_patterns import startup_patterns

MAX_SCRIPTS = 200
MAX_SOURCE = 2**20  # bytes of one of them
_KINDS = {
    ".py": "module", ".sh": "script", ".bat": "script", ".cmd": "script", ".ps1": "script",
    ".js": "script",
}  # fmt: skip


def own_about(ctx: CollectContext) -> str:
    """The purl of the Hub repository that the subject is a revision of; empty where it is none."""
    for source in ctx.earlier.get(EvidenceKind.MODEL, ()):
        if source.state is EvidenceState.OBSERVED:
            own = cast(ModelIdentityFacts, source.data)
            if own["namespace"] and own["revision"]:
                return hub_about("models", f"{own['namespace']}/{own['name']}")
    return ""


def own_patterns(ctx: CollectContext) -> list[str] | None:
    """The patterns of all scripts together; None where one of them could not be judged."""
    found: set[str] = set()
    chosen = [
        (artifact, kind)
        for artifact in ctx.snapshot.artifacts
        for suffix, kind in _KINDS.items()
        if artifact.path.lower().endswith(suffix)
    ]
    if len(chosen) > MAX_SCRIPTS:
        return None
    for artifact, kind in chosen:
        if artifact.presence is not Presence.CONTENT or artifact.size > MAX_SOURCE:
            return None
        try:
            with ctx.snapshot.open(artifact) as stream:
                text = stream.read(MAX_SOURCE + 1).decode("utf-8", "replace")
            found.update(startup_patterns(text, kind=kind))
        except (HostileInput, OSError):
            return None
    return sorted(found)
