"""``Pipfile`` and ``Pipfile.lock`` of Pipenv (pipfile-spec 6)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from weighbridge.edge.json import load_json
from weighbridge.edge.text import visible
from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.packages.addresses import names_a_commit, without_secrets
from weighbridge.packages.indexes import index_issues
from weighbridge.packages.markers import Markers, environment_for, exact_version
from weighbridge.packages.source import (
    LINUX_311,
    MAX_FILE_BYTES,
    MAX_PACKAGES,
    MAX_VERSION,
    Issue,
    MalformedSource,
    Package,
    PackageSource,
    normalized,
    strong_hash,
    unique,
)
from weighbridge.packages.toml import Table, load_toml, table, tables, text, texts

SPEC = 6
MAX_SPECIFIER = 1_000
# Tables of a Pipfile that are no group of packages.
_NO_GROUP = frozenset({"source", "requires", "scripts", "pipenv", "build-system", "pipfile"})
_MAIN = frozenset({"default", "packages"})
_GROUPS = {"develop": "dev", "dev-packages": "dev"}
_VCS = ("git", "hg", "svn", "bzr")


def parse_pipfile_lock(
    path: str, data: bytes, direct: frozenset[str] | None = None
) -> PackageSource:
    """A ``Pipfile.lock``: the locked packages of every category.

    Args:
        path: relative to the subject.
        data: the file's bytes.
        direct: the names that the ``Pipfile`` beside it asks for, None where there is none.

    Raises:
        MalformedSource: it is of another version or shape.
        HostileInput: it is not JSON.
        BoundExceeded: it is too large.
    """
    body = load_json(data, source=path, max_bytes=MAX_FILE_BYTES)
    meta = table(table(body, path).get("_meta"), f"_meta of {path}")
    spec = meta.get("pipfile-spec")
    if spec != SPEC or isinstance(spec, bool):
        raise MalformedSource(f"{path} has the pipfile-spec {str(spec)[:40]!r}; 6 is understood")
    requires = table(meta.get("requires", {}), f"_meta.requires of {path}")
    reader = _reader(path, requires, tables(meta.get("sources"), f"_meta.sources of {path}"))
    reader.locked = True
    for category, items in body.items():
        if category != "_meta":
            reader.category(category, table(items, f"{category[:80]!r} of {path}"))
    return reader.source("pipfile.lock", str(SPEC), direct)


def parse_pipfile(path: str, data: bytes) -> PackageSource:
    """A ``Pipfile``: what was asked for, as ranges.

    Raises:
        MalformedSource: it is not TOML, or a table is none.
        BoundExceeded: it is too large.
    """
    body = load_toml(path, data)
    requires = table(body.get("requires", {}), f"requires of {path}")
    reader = _reader(path, requires, tables(body.get("source"), f"source of {path}"))
    for category, items in body.items():
        if category not in _NO_GROUP:
            reader.category(category, table(items, f"{category[:80]!r} of {path}"))
    names = frozenset(package.name for package in reader.packages.values())
    return reader.source("pipfile", "", names)


def asked_for(path: str, data: bytes) -> frozenset[str] | None:
    """The names in a ``Pipfile``, None where it cannot be read."""
    try:
        return frozenset(package.name for package in parse_pipfile(path, data).packages)
    except HostileInput:
        return None


def _reader(path: str, requires: Table, sources: list[Table]) -> _Pipfile:
    full = text(requires.get("python_full_version"), path)
    short = text(requires.get("python_version"), path)
    python = f"=={full}" if full else f"=={short}.*" if short and short != "*" else ""
    environment, doubts = environment_for(python, path)
    # Packages come from the first source unless they name another.
    indexes = [text(source.get("url"), f"a source of {path}") for source in sources]
    return _Pipfile(path, Markers(environment), [*doubts, *index_issues(indexes[1:], always=True)])


@dataclass(slots=True)
class _Pipfile:
    path: str
    markers: Markers
    issues: list[Issue]
    packages: dict[tuple[str, str], Package] = field(default_factory=dict)
    inactive: int = 0
    locked: bool = False  # a lock file lists what a folder's package needs, too

    def source(self, kind: str, version: str, direct: frozenset[str] | None) -> PackageSource:
        """All that was read."""
        return PackageSource(
            self.path,
            kind,
            tuple(
                replace(package, direct=package.name in direct if direct is not None else None)
                for package in self.packages.values()
            ),
            version,
            environment=self.markers.environment,
            inactive=self.inactive,
            issues=(*self.markers.issues, *self.issues),
        )

    def category(self, category: str, items: Table) -> None:
        """One group of packages; what the main group holds too is of the main group."""
        groups = () if category in _MAIN else (visible(_GROUPS.get(category, category), 80),)
        for written, value in items.items():
            name = normalized(written, source=self.path)
            where = f"{name} in {self.path}"
            entry = {"version": value} if isinstance(value, str) else table(value, where)
            if not self._holds(name, entry, where):
                self.inactive += 1
                continue
            package = self._package(name, entry, where, groups)
            key = (name, package.specifier)
            known = self.packages.get(key)
            if known is None or (known.groups and not groups):
                self.packages[key] = package
            elif known.groups and groups:
                self.packages[key] = _also(known, groups)
            if len(self.packages) > MAX_PACKAGES:
                raise BoundExceeded(f"the list of {self.path}", MAX_PACKAGES, "packages")

    def _holds(self, name: str, entry: Table, where: str) -> bool:
        """Markers stand under their own names too: ``sys_platform = "== 'win32'"``."""
        held = self.markers.hold(text(entry.get("markers"), where), name)
        for variable in LINUX_311:
            if variable in entry:
                marker = f"{variable} {text(entry[variable], where)}"
                held = self.markers.hold(marker, name) and held
        return held

    def _package(self, name: str, entry: Table, where: str, groups: tuple[str, ...]) -> Package:
        place = next((key for key in (*_VCS, "path", "file") if key in entry), "")
        hashes = unique(strong_hash(item) for item in texts(entry.get("hashes"), where))
        if place:
            return self._located(name, entry, place, hashes, groups)
        written = text(entry.get("version"), where).strip()
        specifier, version = self._version(name, written)
        return Package(
            name,
            version=version,
            specifier=specifier,
            pinned=bool(version),
            hashes=hashes,
            groups=groups,
        )

    def _version(self, name: str, written: str) -> tuple[str, str]:
        """The specifier, and the one version it allows; ``*`` is any version."""
        from packaging.requirements import InvalidRequirement, Requirement

        if written in ("", "*"):
            return "", ""
        try:
            if len(written) > MAX_SPECIFIER:
                raise InvalidRequirement("the specifier is too long")
            requirement = Requirement(f"{name}{written}")
            if requirement.url or requirement.marker or requirement.extras:
                raise InvalidRequirement("it is more than a specifier")
        except (InvalidRequirement, RecursionError) as error:
            raise MalformedSource(
                f"{self.path} asks for {name} {written[:80]!r}, which is no version specifier"
            ) from error
        return str(requirement.specifier), exact_version(requirement)

    def _located(
        self, name: str, entry: Table, place: str, hashes: tuple[str, ...], groups: tuple[str, ...]
    ) -> Package:
        where = f"{name} in {self.path}"
        address = text(entry[place], where)
        reference = text(entry.get("ref"), where)
        remote = place in _VCS or (place == "file" and "://" in address)
        shown = without_secrets(address) + (f"@{reference}" if reference else "")
        if not remote and not self.locked:
            detail = f"{name} comes from {shown}, whose own needs are not read"
            self.issues.append(Issue("unread", 0, visible(detail, 200)))
        if place in _VCS:
            origin = "vcs"
        elif entry.get("editable") is True:
            origin = "editable"
        else:
            origin = "url" if remote else "path"
        return Package(
            name,
            specifier=visible(f"@ {shown}", MAX_VERSION),
            pinned=bool(hashes) or names_a_commit(f"@{reference}"),
            hashes=hashes,
            origin=origin,
            groups=groups,
        )


def _also(package: Package, groups: tuple[str, ...]) -> Package:
    return replace(package, groups=unique((*package.groups, *groups)))
