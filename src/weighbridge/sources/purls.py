"""Which packages of other ecosystems than PyPI an OSV service can be asked about.

It takes package URLs (ECMA-427) of the ecosystems of programming languages. Those of distributions
of Linux it takes too, but compares a version with those of every release of the distribution, of
which a package URL need not tell one; so they are not asked about here.
"""

from __future__ import annotations

from dataclasses import dataclass

from weighbridge.sources.osv import PackageVersion

# The type of a package URL, and the OSV schema's name of its ecosystem.
ECOSYSTEMS = {
    "cargo": "crates.io",
    "composer": "Packagist",
    "gem": "RubyGems",
    "golang": "Go",
    "hackage": "Hackage",
    "hex": "Hex",
    "maven": "Maven",
    "npm": "npm",
    "nuget": "NuGet",
    "pub": "Pub",
    "pypi": "PyPI",
    "swift": "SwiftURL",
}
_DISTRIBUTIONS = ("apk", "deb", "rpm")
_ELSEWHERE = ("download_url", "repository_url", "vcs_url")  # qualifiers that say where it is from
_MAX_PURL = 1_000


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask about a package URL; without ``asked``, ``reason`` says why nothing can be."""

    asked: PackageVersion | None = None
    reason: str = ""


def question(purl: str, version: str = "") -> Question:
    """What to ask about a package URL, or the reason not to.

    Args:
        purl: the package URL as it stands somewhere.
        version: where the package URL has none.
    """
    from packageurl import PackageURL

    try:
        if len(purl) > _MAX_PURL:
            raise ValueError
        found = PackageURL.from_string(purl)
    except ValueError:
        return Question(reason="its package URL cannot be read")
    kind, exact = found.type, found.version or version
    if kind in _DISTRIBUTIONS:
        return Question(
            reason="which release of the distribution its package is from is not known, and "
            "advisories differ between them"
        )
    if kind not in ECOSYSTEMS:
        return Question(reason=f"OSV has no ecosystem for package URLs of the type {kind[:40]!r}")
    if any(_is_elsewhere(found.qualifiers, key) for key in _ELSEWHERE):
        return Question(
            reason=f"it does not come from the registry of {ECOSYSTEMS[kind]}, whose package of "
            "that name may be another"
        )
    if not exact:
        return Question(reason="no exact version is recorded to ask advisories for")
    if kind == "pypi":
        return _python(found.name, exact)
    plain = PackageURL(kind, found.namespace, found.name).to_string()
    return Question(PackageVersion(osv_name(kind, found.namespace or "", found.name), exact, plain))


def osv_name(kind: str, namespace: str, name: str) -> str:
    """The name as the OSV schema has it (``affected[].package.name``), by ecosystem."""
    if not namespace:
        return name
    return f"{namespace}{':' if kind == 'maven' else '/'}{name}"


def _python(name: str, version: str) -> Question:
    from packaging.utils import canonicalize_name
    from packaging.version import InvalidVersion, Version

    try:
        return Question(PackageVersion(canonicalize_name(name), Version(version).public))
    except InvalidVersion:
        return Question(reason="the recorded version is not one that advisories can be asked for")


def _is_elsewhere(qualifiers: object, key: str) -> bool:
    return isinstance(qualifiers, dict) and bool(qualifiers.get(key))
