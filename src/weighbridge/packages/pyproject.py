"""``pyproject.toml``: the dependencies that a project declares (PEP 621, Poetry), as ranges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from weighbridge.edge.text import visible
from weighbridge.packages.addresses import is_vcs, masked, names_a_commit, without_secrets
from weighbridge.packages.indexes import index_issues
from weighbridge.packages.markers import Markers, environment_for, exact_version
from weighbridge.packages.poetry_project import Declared, poetry_dependencies
from weighbridge.packages.source import (
    Issue,
    MalformedSource,
    Package,
    PackageSource,
    normalized,
)
from weighbridge.packages.toml import Table, load_toml, table, tables, text, texts

_MAX_REQUIREMENT = 8 * 1024
_UV_INDEXES = ("index-url", "extra-index-url", "find-links")


def parse_pyproject(path: str, data: bytes) -> PackageSource | None:
    """The dependencies that hold by default; None where the file declares no project.

    Extras and dependency groups are not asked for by whoever installs the project.

    Raises:
        MalformedSource: it is not TOML, or a table is not one.
        BoundExceeded: it is too large.
    """
    body = load_toml(path, data)
    tools = table(body.get("tool", {}), f"tool of {path}")
    poetry = "dependencies" in table(tools.get("poetry", {}), f"tool.poetry of {path}")
    if "project" not in body and not poetry:
        return None
    project = table(body.get("project", {}), f"project of {path}")
    wanted_python = text(project.get("requires-python"), f"requires-python of {path}")
    environment, doubts = environment_for(wanted_python, path)
    reader = DeclaredReader(path, Markers(environment))
    dynamic = project.get("dynamic", [])
    if isinstance(dynamic, list) and "dependencies" in dynamic and not poetry:
        reader.issue("dynamic", "the dependencies are computed by the build, which is not run")
    reader.use_uv(tools)
    for item in texts(project.get("dependencies"), f"dependencies of {path}"):
        reader.requirement(item)
    if "dependencies" not in project:
        for declared in poetry_dependencies(body, path, every_group=False):
            reader.declared(declared)
    return PackageSource(
        path,
        "pyproject",
        tuple(reader.packages),
        environment=environment,
        inactive=reader.inactive,
        issues=(*doubts, *reader.markers.issues, *reader.issues),
    )


@dataclass(slots=True)
class DeclaredReader:
    """Requirements (PEP 508) that a project or script declares, one after the other."""

    path: str
    markers: Markers
    packages: list[Package] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    inactive: int = 0
    elsewhere: dict[str, tuple[str, str, bool]] = field(default_factory=dict)  # by name: origin…

    def issue(self, kind: str, detail: str, line: int = 0) -> None:
        """Note something odd."""
        self.issues.append(Issue(kind, line, visible(masked(detail), 200)))

    def use_uv(self, tools: Mapping[str, object]) -> None:
        """What ``tool.uv`` adds: indexes, and packages that come from somewhere else.

        Raises:
            MalformedSource: a table is none.
        """
        where = f"tool.uv of {self.path}"
        uv = table(tools.get("uv", {}), where)
        addresses = [text(item.get("url"), where) for item in tables(uv.get("index"), where)]
        for key in _UV_INDEXES:
            value = uv.get(key)
            addresses += texts(value, where) if isinstance(value, list) else [text(value, where)]
        self.issues += index_issues(addresses, always=True)
        for name, source in table(uv.get("sources", {}), where).items():
            for item in source if isinstance(source, list) else [source]:
                self._elsewhere(normalized(name, source=where), table(item, where), where)

    def _elsewhere(self, name: str, item: Table, where: str) -> None:
        for key, origin in (("git", "vcs"), ("url", "url"), ("path", "path")):
            if key not in item:
                continue
            address = text(item[key], where)
            commit = names_a_commit(f"@{text(item.get('rev'), where)}")
            editable = origin == "path" and item.get("editable") is True
            self.elsewhere[name] = ("editable" if editable else origin, address, commit)

    def requirement(self, item: str, line: int = 0) -> None:
        """One requirement; what is none is told."""
        from packaging.requirements import InvalidRequirement, Requirement

        try:
            if len(item) > _MAX_REQUIREMENT:
                raise MalformedSource(f"a requirement has {len(item)} characters")
            requirement = Requirement(item)
            name = normalized(requirement.name, source=self.path)
        except (InvalidRequirement, MalformedSource, RecursionError) as error:
            self.issue("unparsed", f"{item[:80]}: {str(error).splitlines()[0][:100]}", line)
            return
        if not self.markers.hold(str(requirement.marker or ""), name):
            self.inactive += 1
            return
        url = requirement.url or ""
        if name in self.elsewhere and not url:
            origin, address, commit = self.elsewhere[name]
            self._add(name, address, origin, pinned=commit, line=line)
        elif url:
            origin = "vcs" if is_vcs(url) else "url"
            self._add(name, url, origin, pinned=names_a_commit(url), line=line)
        else:
            version = exact_version(requirement)
            self.packages.append(
                Package(
                    name,
                    version=version,
                    specifier=str(requirement.specifier),
                    pinned=bool(version),
                    line=line,
                    direct=True,
                )
            )

    def declared(self, item: Declared) -> None:
        """One dependency in Poetry's tables."""
        if item.optional or not self.markers.hold(item.marker, item.name):
            self.inactive += 1
        elif item.address:
            self._add(item.name, item.address, item.origin, pinned=item.pinned)
        else:
            self.packages.append(
                Package(
                    item.name,
                    version=item.version,
                    specifier=item.specifier,
                    pinned=item.pinned,
                    direct=True,
                    origin=item.origin,
                )
            )

    def _add(self, name: str, address: str, origin: str, *, pinned: bool, line: int = 0) -> None:
        """A package that comes from an address or a path of its own."""
        if origin in ("path", "editable"):
            shown = without_secrets(address)
            self.issue("unread", f"{name} comes from {shown}, whose own needs are not read", line)
        self.packages.append(
            Package(
                name,
                specifier=visible(f"@ {without_secrets(address)}"),
                pinned=pinned,
                line=line,
                direct=True,
                origin=origin,
            )
        )
