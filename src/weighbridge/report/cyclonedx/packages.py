"""The Python packages of a record: each name and version once, and what every source says of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from weighbridge.model.dependencies import Dependencies
from weighbridge.model.facts.installation import EmbeddedComponentFacts, InstallationFacts
from weighbridge.model.facts.packages import PackageFact
from weighbridge.report.cyclonedx.embedded import Embedded
from weighbridge.report.cyclonedx.material import Material
from weighbridge.report.cyclonedx.values import is_digest, reference

Key = tuple[str, str, str]  # the purl's type, the name, the version
MAX_EDGES = 500_000


@dataclass(slots=True)
class Package:
    """One name and version. ``notes`` are properties; ``depth`` is 0 where nobody asks for it."""

    key: Key
    purl: str
    facts: list[tuple[str, PackageFact]] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    record_sha256: str = ""
    depth: int = 0
    introduction: str = ""
    embedded: Embedded | None = None

    @property
    def identity(self) -> str:
        """``torch@2.0``; of another kind than PyPI's ``conda/zlib@1.3``."""
        kind, name, version = self.key
        name = name if kind == "pypi" else f"{kind}/{name}"
        return f"{name}@{version}" if version else name

    @property
    def ref(self) -> str:
        """Its reference in the document."""
        return reference("package", self.identity)

    def release_hashes(self) -> list[str]:
        """The hashes of the release files that may be installed."""
        found = {text for _, fact in self.facts for text in fact["hashes"]}
        return sorted(text for text in found if is_digest(text))


class Packages:
    """All packages of a record, and which of them each source names."""

    def __init__(self, material: Material) -> None:
        self._found: dict[Key, Package] = {}
        self._in_source: dict[str, dict[str, dict[Key, Package]]] = {}
        self._anywhere: dict[str, dict[Key, Package]] = {}
        self.cut = False  # whether something of them was left out here
        for about, facts in material.packages:
            for fact in facts["packages"]:
                self._add(about, fact)
            self._place(about, facts["packages"])
        for about, installation in material.installations.items():
            self._install(about, installation)

    def __iter__(self) -> Iterator[Package]:
        return (self._found[key] for key in sorted(self._found))

    def named(self, about: str, name: str) -> Iterable[Package]:
        """The packages of that name in one source; where it names none, in all."""
        here = self._in_source.get(about, {}).get(name)
        return (here or self._anywhere.get(name, {})).values()

    def _add(self, about: str, fact: PackageFact) -> None:
        kind = fact["purl"].removeprefix("pkg:").partition("/")[0] or "pypi"
        key = (kind, fact["name"], fact["version"])
        package = self._found.setdefault(key, Package(key, fact["purl"]))
        package.facts.append((about, fact))
        for names in (self._in_source.setdefault(about, {}), self._anywhere):
            names.setdefault(fact["name"], {})[key] = package

    def _place(self, about: str, facts: list[PackageFact]) -> None:
        """How deep each package of a source lies; of several sources, the shortest way."""
        graph = Dependencies(facts)
        for name, packages in self._in_source.get(about, {}).items():
            depth = graph.depth(name)
            for package in packages.values():
                if depth and (not package.depth or depth < package.depth):
                    package.depth = depth
                    package.introduction = graph.introduction(name)

    def _install(self, about: str, facts: InstallationFacts) -> None:
        for recorded in facts["recorded"]:
            words = f"{recorded['state']}, {recorded['verified']} of {recorded['files']} files"
            reason = f"; {recorded['reason']}" if recorded["reason"] else ""
            for package in self._of(about, recorded["package"], recorded["version"]):
                package.notes.append(("record", words + reason))
                package.record_sha256 = package.record_sha256 or recorded["record_sha256"]
        for found in facts["provenance"]:
            words = f"{found['state']}: {found['publisher'] or found['reason']}"
            for package in self._of(about, found["package"], found["version"]):
                package.notes.append(("provenance", words))
        for hook in facts["hooks"]:
            for package in self._of(about, hook["package"]):
                package.notes.append(("startup-hook", f"{hook['path']}: {hook['verdict']}"))
        inside: dict[str, list[EmbeddedComponentFacts]] = {}
        for component in facts["components"]:
            inside.setdefault(component["package"], []).append(component)
        self.cut = self.cut or facts["component_count"] > len(facts["components"])
        for name, components in inside.items():
            owners = list(self._of(about, name))
            if owners and owners[0].embedded is None:
                owners[0].embedded = Embedded(owners[0].identity, components)
            else:
                self.cut = True

    def _of(self, about: str, name: str, version: str = "") -> Iterator[Package]:
        for package in self.named(about, name):
            if version in ("", package.key[2]):
                yield package

    def edges(self) -> dict[str, set[str]]:
        """What each package requires, by reference; nothing past a bound, and ``cut`` says so.

        A requirement names no version: it leads to every version of the name that the same source
        records. Requirements whose markers do not hold are not among the facts.
        """
        graph: dict[str, set[str]] = {}
        count = 0
        for package in self:
            targets = {
                target.ref
                for about, fact in package.facts
                for name in fact["requires"]
                for target in self.named(about, name)
                if target is not package
            }
            inner = package.embedded.graph() if package.embedded else {}
            inside = set().union(*inner.values()) if inner else set()
            targets |= set(inner) - inside or set(inner)
            count += len(targets) + sum(map(len, inner.values()))
            if count > MAX_EDGES:
                self.cut = True
                return graph
            graph[package.ref] = targets
            graph.update(inner)
        return graph
