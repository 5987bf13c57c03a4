"""Conda's match specifications: ``channel::name version build[key=value]`` (``MatchSpec``).

The forms are those of conda's "Package search and install specifications": ``==1.2`` and a bare
version after a blank are exact, ``=1.2`` is ``1.2.*``, and ``=1.2=build`` is exact.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from weighbridge.edge.text import visible
from weighbridge.packages.addresses import is_address, without_secrets
from weighbridge.packages.source import MAX_NAME, MalformedSource, Package, strong_hash

MAX_SPEC = 2_000
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*\Z")
_VERSION = re.compile(r"[0-9A-Za-z_.+!-]+\Z")
_SPEC = re.compile(r"([A-Za-z0-9_][A-Za-z0-9_.-]*)\s*(.*)\Z", re.DOTALL)
_BRACKETS = re.compile(r"\[([^\[\]]*)\]\Z")
_PAIR = re.compile(r"\s*([a-z_0-9]+)\s*=\s*(?:'([^']*)'|\"([^\"]*)\"|([^,'\"\s]+))\s*(?:,|\Z)")
_ARCHIVE = re.compile(
    r"(?P<name>[^/]+)-(?P<version>[^-/]+)-(?P<build>[^-/]+)\.(?:conda|tar\.bz2)\Z"
)


@dataclass(frozen=True, slots=True)
class MatchSpec:
    """What one specification asks for; ``version`` is empty unless it is exact."""

    name: str
    version: str
    build: str
    channel: str
    specifier: str
    sha256: str = ""
    address: str = ""

    def package(self, line: int = 0) -> Package:
        """The specification as a package that someone asked for directly."""
        hashes = (self.sha256,) if self.sha256 else ()
        return Package(
            self.name,
            version=self.version,
            specifier=self.specifier,
            pinned=bool(self.version),
            hashes=hashes,
            line=line,
            direct=True,
            origin="url" if self.address else "index",
            ecosystem="conda",
            qualifiers=qualifiers(
                build="" if "*" in self.build else self.build, channel=self.channel
            ),
        )


def conda_name(name: str, *, source: str) -> str:
    """A conda package's name in lower case; it is not normalized further.

    Raises:
        MalformedSource: it is no name.
    """
    if len(name) > MAX_NAME or not _NAME.match(name):
        raise MalformedSource(f"{source} names a package {name[:80]!r}, which is no conda name")
    return name.lower()


def conda_version(version: str, *, source: str) -> str:
    """A conda package's version, whose letters are freer than those of PEP 440.

    Raises:
        MalformedSource: it is no version.
    """
    if len(version) > MAX_NAME or not _VERSION.match(version):
        raise MalformedSource(f"{source} holds {version[:80]!r}, which is no conda version")
    return version


def qualifiers(**values: str) -> tuple[tuple[str, str], ...]:
    """What a package URL of type ``conda`` tells beside name and version (purl-spec)."""
    return tuple((key, value) for key, value in sorted(values.items()) if value)


def channel_name(channel: str) -> str:
    """A channel as a package URL names it: the last part of its address, without a secret."""
    shown = without_secrets(channel).rstrip("/")
    for subdir in ("/noarch", "/linux-64", "/linux-aarch64", "/osx-64", "/osx-arm64", "/win-64"):
        shown = shown.removesuffix(subdir)
    return visible(shown.rpartition("/")[2] if is_address(channel) else shown, 100)


def parse_archive(address: str) -> MatchSpec:
    """Name, version and build of a package's archive, which its file name tells.

    Raises:
        MalformedSource: the file name does not follow ``name-version-build.conda``.
    """
    before, _, fragment = address.partition("#")
    shown = without_secrets(before)
    match = _ARCHIVE.match(before.partition("?")[0].rpartition("/")[2])
    if match is None:
        raise MalformedSource(f"{shown[:80]!r} is no conda package's address")
    where = shown[:80]
    return MatchSpec(
        conda_name(match["name"], source=where),
        conda_version(match["version"], source=where),
        visible(match["build"], 100),
        channel_name(before.rpartition("/")[0]),
        visible(f"@ {shown}"),
        strong_hash(fragment if ":" in fragment else f"sha256:{fragment}"),
        before,
    )


def parse_match_spec(text: str) -> MatchSpec:
    """One specification.

    Raises:
        MalformedSource: it is none.
    """
    spec = text.strip()
    if len(spec) > MAX_SPEC:
        raise MalformedSource(f"a match specification has {len(spec)} characters")
    if is_address(spec) or spec.partition("#")[0].endswith((".conda", ".tar.bz2")):
        return parse_archive(spec)
    pairs, spec = _bracketed(spec)
    channel, separator, rest = spec.rpartition("::")
    match = _SPEC.match(rest if separator else spec)
    if match is None:
        raise MalformedSource(f"{text[:80]!r} is no conda match specification")
    written = (pairs.get("version") or match.group(2)).strip()
    version, build = _version(written)
    channel = pairs.get("channel") or channel
    return MatchSpec(
        conda_name(match.group(1), source="a match specification"),
        version,
        visible(pairs.get("build") or build, 100),
        channel_name(channel),
        visible(written, 200),
        strong_hash(f"sha256:{pairs.get('sha256', '')}"),
    )


def _bracketed(spec: str) -> tuple[dict[str, str], str]:
    """The ``[key=value]`` at the end, and what stands before it."""
    match = _BRACKETS.search(spec)
    if match is None:
        return {}, spec
    inside, pairs, position = match.group(1), {}, 0
    while position < len(inside):
        pair = _PAIR.match(inside, position)
        if pair is None:
            raise MalformedSource(f"{spec[:80]!r} is no conda match specification")
        pairs[pair.group(1)] = next(g for g in pair.groups()[1:] if g is not None)
        position = pair.end()
    return pairs, spec[: match.start()].strip()


def _version(written: str) -> tuple[str, str]:
    """The exact version (empty where it leaves a choice) and the build of a specifier.

    Raises:
        MalformedSource: it is none.
    """
    if not written:
        return "", ""
    if any(ord(c) < 32 or c in "[]{}$;\"'" for c in written):
        raise MalformedSource(f"{written[:80]!r} is no conda version specifier")
    parts = written.split()
    if len(parts) > 3 and not any(c in written for c in ",|"):
        raise MalformedSource(f"{written[:80]!r} is no conda version specifier")
    if written.startswith("=") and not written.startswith("=="):
        version, separator, build = "".join(parts).removeprefix("=").partition("=")
        return (version, build) if separator and _is_exact(version) else ("", build)
    if written[0] in "<>!~,|^*" or "," in written or "|" in written:
        return "", parts[1] if len(parts) == 2 and parts[0][-1] not in "<>=!~," else ""
    version, build = parts[0], parts[1] if len(parts) > 1 else ""
    if version == "==" and build:
        version, build = f"=={build}", parts[2] if len(parts) > 2 else ""
    version, separator, joined = version.removeprefix("==").partition("=")
    if not build and separator:
        build = joined
    return (version, build) if _is_exact(version) else ("", build)


def _is_exact(version: str) -> bool:
    return bool(_VERSION.match(version)) and not version.endswith(".")
