"""What packages say is inside them (PEP 770), as things that advisories may be asked for.

Each is named ``<package URL> in <package>``: the same library may lie in several packages, and each
of them has to be repaired. A component without a package URL cannot be told from others of its
name, so it is not among them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from weighbridge.collect.context import CollectContext
from weighbridge.edge.text import visible
from weighbridge.model.errors import HostileInput
from weighbridge.model.evidence import EvidenceKind, EvidenceState
from weighbridge.model.facts.installation import InstallationFacts

if TYPE_CHECKING:
    from weighbridge.sources.osv import PackageVersion

_MAX_PURL = 300


@dataclass(frozen=True, slots=True)
class Embedded:
    """One component of one package; without ``asked``, ``reason`` says why it cannot be asked."""

    about: str
    package: str  # its package URL without a version
    version: str
    asked: PackageVersion | None
    reason: str


def embedded_components(ctx: CollectContext) -> list[Embedded]:
    """Every component with a package URL, once for each package that it is in, sorted.

    Taken from the evidence about installations; where none was collected, read anew. What a
    package says of itself is not inside it.
    """
    from weighbridge.sources.purls import question

    components, unread = _components(ctx)
    found: dict[str, Embedded] = {}
    for path, owner, reason in unread:
        why = f"what {owner} embeds is not known: {reason}"
        found[path] = Embedded(path, owner, "", None, why)
    for owner, purl, version in sorted(components):
        asked = question(purl, version)
        plain, _, _ = purl.partition("?")[0].partition("#")
        if plain.startswith(f"pkg:pypi/{owner}@"):
            continue
        if "@" not in plain.rpartition("/")[2] and version:
            plain = f"{plain}@{version}"
        about = f"{visible(plain, _MAX_PURL)} in {owner}"
        name, _, of_purl = plain.rpartition("@")
        one = Embedded(about, visible(name or plain, _MAX_PURL), visible(of_purl, 200),
                       asked.asked, asked.reason)  # fmt: skip
        # of several origins of one name, the one that can be asked for stands
        if about not in found or found[about].asked is None:
            found[about] = one
    return [found[about] for about in sorted(found)]


def _components(
    ctx: CollectContext,
) -> tuple[set[tuple[str, str, str]], set[tuple[str, str, str]]]:
    """Package, package URL and version of each; path, package and reason of what was not read."""
    components: set[tuple[str, str, str]] = set()
    unread: set[tuple[str, str, str]] = set()
    evidence = ctx.earlier.get(EvidenceKind.INSTALLATION)
    if evidence is None:
        return _read(ctx)
    for one in evidence:
        if one.state is EvidenceState.OBSERVED:
            facts = cast(InstallationFacts, one.data)
            components |= {(c["package"], c["purl"], c["version"]) for c in facts["components"]}
            unread |= {(s["path"], s["package"], s["reason"]) for s in facts["sboms"]}
    return {c for c in components if c[1]}, {s for s in unread if s[2]}


def _read(ctx: CollectContext) -> tuple[set[tuple[str, str, str]], set[tuple[str, str, str]]]:
    from weighbridge.packages.embedded import read_embedded

    components: set[tuple[str, str, str]] = set()
    unread: set[tuple[str, str, str]] = set()
    for folder in ctx.environments:
        try:
            embedded = read_embedded(folder)
        except (HostileInput, OSError):
            continue  # that it cannot be read is said of its packages
        components |= {(c.package, c.purl, c.version) for c in embedded.components if c.purl}
        unread |= {(s.path, s.package, s.reason) for s in embedded.sboms if s.reason}
    return components, unread
