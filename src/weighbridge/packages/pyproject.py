"""``pyproject.toml``: the dependencies that a project declares (PEP 621), as ranges."""

from __future__ import annotations

from weighbridge.edge.text import visible
from weighbridge.packages.addresses import names_a_commit, without_secrets
from weighbridge.packages.markers import MarkerUndecided, exact_version, holds
from weighbridge.packages.source import (
    LINUX_311,
    Issue,
    MalformedSource,
    Package,
    PackageSource,
    normalized,
)
from weighbridge.packages.toml import load_toml, table, text

_MAX_REQUIREMENT = 8 * 1024


def parse_pyproject(path: str, data: bytes) -> PackageSource | None:
    """The ``[project]`` table's dependencies; None where the file declares no project.

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
    reader = _Reader(path)
    if poetry:
        reader.issue("unread", "dependencies under tool.poetry are not read; poetry.lock is")
    dynamic = project.get("dynamic", [])
    if isinstance(dynamic, list) and "dependencies" in dynamic:
        reader.issue("dynamic", "the dependencies are computed by the build, which is not run")
    declared = project.get("dependencies", [])
    if not isinstance(declared, list):
        raise MalformedSource(f"dependencies of {path} is not an array")
    for item in declared:
        reader.requirement(text(item, f"dependencies of {path}"))
    return PackageSource(
        path,
        "pyproject",
        tuple(reader.packages),
        inactive=reader.inactive,
        issues=tuple(reader.issues),
    )


class _Reader:
    def __init__(self, path: str) -> None:
        self.path = path
        self.packages: list[Package] = []
        self.issues: list[Issue] = []
        self.inactive = 0

    def issue(self, kind: str, detail: str) -> None:
        self.issues.append(Issue(kind, 0, visible(detail, 200)))

    def requirement(self, item: str) -> None:
        from packaging.requirements import InvalidRequirement, Requirement

        try:
            if len(item) > _MAX_REQUIREMENT:
                raise MalformedSource(f"a requirement has {len(item)} characters")
            requirement = Requirement(item)
            name = normalized(requirement.name, source=self.path)
        except (InvalidRequirement, MalformedSource, RecursionError) as error:
            self.issue("unparsed", f"{item[:80]}: {str(error).splitlines()[0][:100]}")
            return
        try:
            active = holds(requirement.marker, LINUX_311)
        except MarkerUndecided as error:
            self.issue("marker", f"{name}: {error}")
            active = True
        self.inactive += not active
        if not active:
            return
        exact = exact_version(requirement)
        url = requirement.url or ""
        if url:
            self.issue("url", without_secrets(url))
        self.packages.append(
            Package(
                name,
                version=exact,
                specifier=visible(f"@ {without_secrets(url)}")
                if url
                else str(requirement.specifier),
                pinned=bool(exact) or names_a_commit(url),
                direct=True,
                origin="url" if url else "index",
            )
        )
