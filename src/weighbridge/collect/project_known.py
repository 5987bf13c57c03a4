"""What is known of projects without asking: installed files, advisories, accepted states."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from weighbridge.collect.context import CollectContext
from weighbridge.collect.project_facts import release, untold, version_key
from weighbridge.collect.project_installed import Installed, add_contents, installed
from weighbridge.collect.project_models import KnownModels, Origins, known_models, origins
from weighbridge.collect.project_subject import own_about, own_patterns
from weighbridge.collect.project_wanted import Wanted
from weighbridge.model.evidence import EvidenceKind, EvidenceState
from weighbridge.model.facts.installation import InstallationFacts
from weighbridge.model.facts.project import AskedFacts, ProjectFacts, ReleaseFacts
from weighbridge.model.facts.vulnerability import VulnerabilityFacts
from weighbridge.model.likeness import Likenesses
from weighbridge.model.popular_names import KNOWN_NEIGHBORS, POPULAR


@dataclass(frozen=True, slots=True)
class Known:
    """What a run knows before it asks.

    ``hooks`` are files that run when Python starts, by package, None where nobody looked;
    ``malicious`` the records that call a version malicious, by name and version; ``accepted`` the
    versions of each accepted state, by ``about``; ``own`` is the subject's own repository on a Hub,
    and ``patterns`` what its scripts do. ``models`` are those that others are taken for, and
    ``origins`` what the models here say they were made from.
    """

    installed: Mapping[str, Installed]
    hooks: Mapping[str, list[str]] | None
    malicious: Mapping[tuple[str, str], list[str]]
    accepted: Mapping[str, frozenset[str]]
    own: str = ""
    patterns: list[str] | None = None
    models: KnownModels = field(default_factory=lambda: known_models(()))
    origins: Origins = field(default_factory=lambda: Origins({}, frozenset()))

    @classmethod
    def of(cls, ctx: CollectContext) -> Known:
        """All of it, out of the environments and the evidence before."""
        own = own_about(ctx)
        return cls(
            installed(ctx.environments),
            _hooks(ctx),
            _malicious(ctx),
            _accepted(ctx),
            own,
            own_patterns(ctx) if own else None,
            known_models(ctx.services.known_models),
            origins(ctx, own),
        )

    def add(self, facts: ProjectFacts) -> bool:
        """Put in what is known of a project; whether that is anything to judge by."""
        if facts["system"] != "pypi":
            return False
        facts["malicious"] = self.malicious.get((facts["name"], facts["release"]))
        facts["resembles"] = resembled(facts["name"])
        package = self.in_use(facts)
        used = _used(facts)
        if package is None or used is None:
            return bool(facts["malicious"])
        hooks = None if self.hooks is None else self.hooks.get(facts["name"], [])
        add_contents(used, package, hooks)
        facts["asked"].append(
            AskedFacts(what="installation", url="", state="observed", reason="", digest="")
        )
        return True

    def in_use(self, facts: ProjectFacts) -> Installed | None:
        """The installed files of a project, where they are those of the release in use."""
        package = self.installed.get(facts["name"]) if facts["system"] == "pypi" else None
        used = _used(facts)
        if package is None or used is None:
            return None
        return package if _same(used["version"], package.version) else None

    def alone(self, wanted: Wanted, reason: str) -> ProjectFacts | None:
        """A project that nobody could be asked about; None where nothing at all is known of it."""
        facts = untold(wanted)
        if wanted.release:
            facts["releases"] = [release(wanted.release)]
        facts["asked"].append(
            AskedFacts(what="index.project", url="", state="unavailable", reason=reason, digest="")
        )
        self.add_likeness(wanted, facts, None)
        known = self.add_own(wanted, facts) or self.add(facts)
        return facts if known else None

    def add_likeness(
        self, wanted: Wanted, facts: ProjectFacts, on_hub: Sequence[str] | None
    ) -> None:
        """Put in what a model of a Hub could be taken for; no dataset is known to be copied.

        Args:
            wanted: the model.
            facts: are completed.
            on_hub: what the Hub says that it was made from, None where it does not tell.
        """
        if wanted.system == "huggingface" and wanted.kind == "models":
            said = self.origins.of(wanted.about, on_hub)
            facts["resembles"] = self.models.like(wanted.name, said)

    def add_own(self, wanted: Wanted, facts: ProjectFacts) -> bool:
        """Put in what the scripts of the subject do, where it is this project."""
        used = _used(facts)
        if wanted.about != self.own or used is None or self.patterns is None:
            return False
        used["patterns"] = self.patterns
        facts["asked"].append(
            AskedFacts(what="installation", url="", state="observed", reason="", digest="")
        )
        return True


def resembled(name: str) -> list[str]:
    """The popular package whose name is one slip of the keyboard away; empty for none."""
    found = None if name in KNOWN_NEIGHBORS else _popular().of(name)
    return [found[0]] if found else []


@functools.cache
def _popular() -> Likenesses:
    return Likenesses(POPULAR)


def _used(facts: ProjectFacts) -> ReleaseFacts | None:
    found = facts["releases"] or ()
    return next((one for one in found if one["version"] == facts["release"]), None)


def _same(version: str, installed_version: str) -> bool:
    """Whether an index's version is the installed one; a local part is of another index's build."""
    return version_key(version) == version_key(installed_version)


def _hooks(ctx: CollectContext) -> dict[str, list[str]] | None:
    found: dict[str, list[str]] = {}
    looked = False
    for one in ctx.earlier.get(EvidenceKind.INSTALLATION, ()):
        if one.state is EvidenceState.UNAVAILABLE:
            return None
        if one.state is EvidenceState.OBSERVED and one.about.startswith("environment:"):
            looked = True
            for hook in cast(InstallationFacts, one.data)["hooks"]:
                if hook["package"] and hook["verdict"] != "path":
                    found.setdefault(hook["package"], []).append(hook["path"])
    return {name: sorted(paths) for name, paths in found.items()} if looked else None


def _malicious(ctx: CollectContext) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], set[str]] = {}
    for one in ctx.earlier.get(EvidenceKind.VULNERABILITY, ()):
        if one.state is not EvidenceState.OBSERVED:
            continue
        facts = cast(VulnerabilityFacts, one.data)
        if facts["kind"] == "package":
            for version in {facts["version"], facts["asked_version"]}:
                ids = found.setdefault((facts["package"], version), set())
                ids.update(a["id"] for a in facts["advisories"] if a["malicious"])
    return {key: sorted(ids) for key, ids in found.items()}


def _accepted(ctx: CollectContext) -> dict[str, frozenset[str]]:
    found = {}
    for one in ctx.earlier.get(EvidenceKind.BASELINE, ()):
        if one.state is EvidenceState.OBSERVED and one.about:
            releases = cast(ProjectFacts, one.data)["releases"]
            found[one.about] = frozenset(r["version"] for r in releases or ())
    return found
