"""``conda-lock.yml`` of version 1: the locked packages of several platforms, conda's and pip's."""

from __future__ import annotations

from weighbridge.edge.text import visible
from weighbridge.edge.yaml import load_yaml
from weighbridge.model.errors import BoundExceeded
from weighbridge.packages.addresses import is_address, without_secrets
from weighbridge.packages.match_spec import (
    conda_name,
    conda_version,
    parse_archive,
    qualifiers,
)
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
from weighbridge.packages.toml import Table, table, tables, text

PLATFORM = "linux-64"


def parse_conda_lock(path: str, data: bytes) -> PackageSource:
    """A ``conda-lock.yml``, as it is installed on Linux with x86-64.

    Raises:
        MalformedSource: it is of another version or shape.
        HostileInput: it is not YAML.
        BoundExceeded: it is too large.
    """
    document = load_yaml(decode(data, source=path), source=path, max_bytes=MAX_FILE_BYTES)
    body = table(document.value, path)
    version = body.get("version")
    if version != 1 or isinstance(version, bool):
        raise MalformedSource(f"{path} has the version {str(version)[:40]!r}; 1 is understood")
    entries = tables(body.get("package"), f"package of {path}")
    if len(entries) > MAX_PACKAGES:
        raise BoundExceeded(f"the list of {path}", MAX_PACKAGES, "packages")
    active = [entry for entry in entries if _installed(entry, path)]
    names = {_name(entry, path) for entry in active}
    packages = tuple(_package(entry, names, path) for entry in active)
    issues = []
    if entries and not any(entry.get("platform") == PLATFORM for entry in entries):
        issues.append(Issue("unread", 0, f"it is locked for platforms other than {PLATFORM}"))
    return PackageSource(
        path,
        "conda-lock",
        packages,
        "1",
        inactive=len(entries) - len(active),
        issues=tuple(issues),
    )


def _installed(entry: Table, path: str) -> bool:
    """An optional package of the main category belongs to an extra, which nobody asks for."""
    category = text(entry.get("category"), path) or "main"
    optional = entry.get("optional") is True and category == "main"
    return text(entry.get("platform"), path) == PLATFORM and not optional


def _name(entry: Table, path: str) -> str:
    name = text(entry.get("name"), path)
    if entry.get("manager") == "pip":
        return normalized(name, source=path)
    if entry.get("manager") != "conda":
        raise MalformedSource(f"{path} names {name[:80]!r} of a manager that is not understood")
    return conda_name(name, source=path)


def _package(entry: Table, names: set[str], path: str) -> Package:
    name = _name(entry, path)
    where = f"{name} in {path}"
    written = text(entry.get("version"), where)
    url = text(entry.get("url"), where)
    hashes = table(entry.get("hash") or {}, where)
    category = text(entry.get("category"), where) or "main"
    from_pip = entry.get("manager") == "pip"
    check = checked_version if from_pip else conda_version
    version = check(written, source=where)
    told: tuple[tuple[str, str], ...] = ()
    if not from_pip:
        archive = parse_archive(url)
        form = "conda" if url.partition("#")[0].endswith(".conda") else "tar.bz2"
        told = qualifiers(
            build=archive.build, channel=archive.channel, subdir=_subdir(url), type=form
        )
    wanted = table(entry.get("dependencies") or {}, where)
    return Package(
        name,
        version=version,
        specifier=f"=={version}",
        pinned=True,
        hashes=unique([strong_hash(f"sha256:{text(hashes.get('sha256'), where)}")]),
        requires=unique(n for n in map(str.lower, wanted) if n in names),
        url=visible(without_secrets(url), 500) if is_address(url) else "",
        groups=() if category == "main" else (visible(category, 80),),
        ecosystem="pypi" if from_pip else "conda",
        qualifiers=told,
    )


def _subdir(url: str) -> str:
    """The folder of the channel that an archive lies in: the platform, or ``noarch``."""
    return visible(url.partition("#")[0].rpartition("/")[0].rpartition("/")[2], 40)
