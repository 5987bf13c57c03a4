"""What conda says is installed or wanted: ``conda-meta/*.json``, and ``environment.yml``.

A conda package that installs one Python distribution is listed as that distribution, because
advisories and licenses go by its name; everything else is a package of type ``conda``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from weighbridge.edge.json import load_json
from weighbridge.edge.text import visible
from weighbridge.edge.yaml import YamlDocument, load_yaml
from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.packages.addresses import is_address, masked, without_secrets
from weighbridge.packages.match_spec import (
    channel_name,
    conda_name,
    conda_version,
    parse_match_spec,
    qualifiers,
)
from weighbridge.packages.requirements import RequirementReader
from weighbridge.packages.source import (
    MAX_FILE_BYTES,
    MAX_PACKAGES,
    Issue,
    MalformedSource,
    Package,
    PackageSource,
    checked_version,
    normalized,
    strong_hash,
    unique,
)
from weighbridge.packages.textfile import decode
from weighbridge.packages.toml import Table, table, text, texts

MAX_DEPENDENCIES = 200_000
MAX_LISTED = 500
_DIST_INFO = re.compile(
    r"(?:.*/)?(?:site|dist)-packages/(?P<name>[^/]+?)-(?P<version>[^/-]+)\.dist-info/METADATA\Z"
)
_NO_REQUEST = ("", "None")


def parse_conda_prefix(
    path: str, records: Iterable[tuple[str, bytes]], installed: Iterable[str] = ()
) -> PackageSource:
    """The packages of an installed prefix, one record a package.

    Args:
        path: the ``conda-meta`` folder, relative to the subject.
        records: name and bytes of each ``*.json`` in it.
        installed: paths of ``*.dist-info/METADATA`` files in the prefix, relative to it. Those
            that no record owns came from another installer and are told.

    Raises:
        BoundExceeded: it holds too much.
    """
    reader = _Prefix(path)
    for name, data in records:
        try:
            reader.record(load_json(data, source=f"{path}/{name}", max_bytes=MAX_FILE_BYTES))
        except MalformedSource as error:
            reader.unread(f"{name}: {error.message}")
        except BoundExceeded:
            raise
        except HostileInput as error:
            reader.unread(error.message)
    others = sorted(set(installed) - reader.owned)
    for other in others[:MAX_LISTED]:
        reader.unread(f"{other} was installed by another tool than conda; it is not listed")
    if len(others) > MAX_LISTED:
        reader.unread(f"and {len(others) - MAX_LISTED} more that conda did not install")
    return PackageSource(path, "conda", reader.listed(), issues=tuple(reader.issues))


class _Prefix:
    def __init__(self, path: str) -> None:
        self.path = path
        self.issues: list[Issue] = []
        self.packages: list[tuple[Package, tuple[str, ...]]] = []  # with what it depends on
        self.by_name: dict[str, list[str]] = {}  # conda's names, and the names of what is listed
        self.owned: set[str] = set()
        self.asked = False
        self.dependencies = 0

    def unread(self, detail: str) -> None:
        self.issues.append(Issue("unread", 0, visible(masked(detail), 200)))

    def record(self, body: Any) -> None:
        record = table(body, f"a record of {self.path}")
        name = conda_name(text(record.get("name"), self.path), source=self.path)
        where = f"{name} in {self.path}"
        version = conda_version(text(record.get("version"), where), source=where)
        files = texts(record.get("files"), where)
        depends = tuple(self._depends(texts(record.get("depends"), where)))
        url = text(record.get("url"), where)
        requested = [text(record.get("requested_spec"), where)]
        requested += texts(record.get("requested_specs"), where)
        direct = any(spec not in _NO_REQUEST for spec in requested)
        self.asked = self.asked or direct
        base = Package(
            name,
            version=version,
            specifier=f"=={version}",
            pinned=True,
            hashes=unique([strong_hash(f"sha256:{text(record.get('sha256'), where)}")]),
            direct=direct,
            license=visible(text(record.get("license"), where), 300),
            url=visible(without_secrets(url), 500) if is_address(url) else "",
        )
        listed = [
            replace(base, name=n, version=v, specifier=f"=={v}")
            for n, v in self._distributions(files)
        ]
        if not listed:
            listed = [replace(base, ecosystem="conda", qualifiers=_told(record, url, where))]
        self.by_name.setdefault(name, []).extend(package.name for package in listed)
        self.packages += [(package, depends) for package in listed]
        if len(self.packages) > MAX_PACKAGES:
            raise BoundExceeded(f"the list of {self.path}", MAX_PACKAGES, "packages")

    def _depends(self, specs: list[str]) -> list[str]:
        """The names that a record depends on; names with two underscores are the system's."""
        self.dependencies += len(specs)
        if self.dependencies > MAX_DEPENDENCIES:
            raise BoundExceeded(f"the graph of {self.path}", MAX_DEPENDENCIES, "dependencies")
        return [parse_match_spec(spec).name for spec in specs if not spec.startswith("__")]

    def _distributions(self, files: list[str]) -> list[tuple[str, str]]:
        """The Python distributions among a package's files: name and version."""
        found = []
        for file in files:
            match = _DIST_INFO.match(file) if file.endswith(".dist-info/METADATA") else None
            if match is None:
                continue
            self.owned.add(file)
            try:
                name = normalized(match["name"], source=self.path)
                found.append((name, checked_version(match["version"], source=self.path)))
            except MalformedSource:
                continue  # listed as the conda package that it also is
        return sorted(set(found))

    def listed(self) -> tuple[Package, ...]:
        """Every package with what it requires, conda's names replaced by the listed ones."""
        missing: set[str] = set()
        listed = []
        for package, depends in self.packages:
            missing |= {name for name in depends if name not in self.by_name}
            requires = unique(n for name in depends for n in self.by_name.get(name, ()))
            listed.append(
                replace(package, requires=requires, direct=package.direct if self.asked else None)
            )
        for name in sorted(missing)[:MAX_LISTED]:
            self.unread(f"{name} is required, and no record of it is there")
        return tuple(listed)


def _told(record: Table, url: str, where: str) -> tuple[tuple[str, str], ...]:
    """What tells one build of a conda package from another."""
    return qualifiers(
        build=visible(text(record.get("build"), where), 100),
        channel=channel_name(text(record.get("channel"), where)),
        subdir=visible(text(record.get("subdir"), where), 40),
        type="conda" if url.endswith(".conda") else "tar.bz2" if url else "",
    )


def parse_conda_environment(path: str, data: bytes) -> PackageSource | None:
    """An ``environment.yml``; None where the file is no such thing.

    Raises:
        MalformedSource: a part of it has another shape.
        HostileInput: it is not YAML.
        BoundExceeded: it is too large.
    """
    document = load_yaml(decode(data, source=path), source=path)
    body = document.value
    if not isinstance(body, dict) or not {"dependencies", "channels"} & set(body):
        return None
    reader = RequirementReader(path)
    packages: list[Package] = []
    for number, channel in enumerate(texts(body.get("channels"), f"channels of {path}")):
        if is_address(channel):
            line = document.line(("channels", number))
            reader.issue("index", line, without_secrets(channel))
    dependencies = body.get("dependencies") or []
    if not isinstance(dependencies, list):
        raise MalformedSource(f"dependencies of {path} is not a list")
    for number, item in enumerate(dependencies):
        key = ("dependencies", number)
        if isinstance(item, dict):
            _nested(item, key, document, reader)
        elif isinstance(item, str):
            packages += _wanted(item, document.line(key), reader)
        else:
            reader.issue("unparsed", document.line(key), f"a dependency is {str(item)[:80]!r}")
        if len(packages) > MAX_PACKAGES:
            raise BoundExceeded(f"the list of {path}", MAX_PACKAGES, "packages")
    return PackageSource(
        path,
        "conda.yml",
        (*packages, *reader.packages),
        inactive=reader.inactive,
        includes=unique(reader.includes),
        constraints=unique(reader.constraints),
        issues=tuple(reader.issues),
    )


def _wanted(item: str, line: int, reader: RequirementReader) -> list[Package]:
    try:
        spec = parse_match_spec(item)
    except MalformedSource as error:
        reader.issue("unparsed", line, error.message)
        return []
    if spec.address:
        reader.issue("url", line, without_secrets(spec.address))
    return [spec.package(line)]


def _nested(
    item: Mapping[str, Any],
    key: tuple[str | int, ...],
    document: YamlDocument,
    reader: RequirementReader,
) -> None:
    """The ``pip`` list, whose items are lines of a requirements file; another key is told."""
    for name, lines in item.items():
        if name != "pip" or not isinstance(lines, list | None):
            reader.issue("unparsed", document.line(key), f"{name[:80]!r} is not read")
            continue
        for number, line in enumerate(lines or []):
            place = document.line((*key, name, number))
            if isinstance(line, str) and line.strip() and "\n" not in line.strip():
                reader.line(place, line.strip())
            else:
                reader.issue("unparsed", place, f"{str(line)[:80]!r} is no requirement")
