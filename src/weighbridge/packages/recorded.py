"""The files of an environment held against what each package's ``RECORD`` says of them.

This shows what was changed since the installation, and what nobody installed. It does not show
where a package came from: whoever changes a file can change its ``RECORD`` too. Compiled caches
(``__pycache__/*.pyc``) have no hash and are not compared with their source.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from weighbridge.edge.text import visible
from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.packages.installed import (
    MAX_ENTRIES,
    Place,
    metadata_folders,
    place_of,
    read_regular,
    unreadable,
)
from weighbridge.packages.record_file import (
    CACHE,
    MAX_BYTES,
    Entry,
    is_compiled_cache,
    parse_record,
)
from weighbridge.packages.record_files import Claim, Hashing, Met, What
from weighbridge.packages.source import MalformedSource, normalized

MAX_PATHS = 1_000_000  # rows of all RECORDs together
MAX_DEPTH = 64  # folders in each other
_SHOWN = 3
_OWN = ("RECORD", "RECORD.jws", "RECORD.p7s")  # files that no RECORD has a hash of

State = Literal["verified", "modified", "no-record", "unread"]


@dataclass(frozen=True, slots=True)
class Difference:
    """A file that is not as ``RECORD`` says."""

    path: str
    what: What


@dataclass(frozen=True, slots=True)
class Recorded:
    """One package; the fields are those of ``RecordedFacts``, with every difference."""

    package: str
    version: str
    state: State
    reason: str = ""
    record_sha256: str = ""
    files: int = 0
    verified: int = 0
    unhashed: int = 0
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class Recording:
    """A whole environment. ``unlisted`` are files that no ``RECORD`` lists, as they are named.

    ``owners`` says which package lists a file that lies directly in the folder, or in a folder
    directly in it.
    """

    packages: tuple[Recorded, ...]
    unlisted: tuple[str, ...]
    owners: Mapping[str, str]


def verify_records(folder: Path) -> Recording:
    """Hash every file that a ``RECORD`` names, and list those that none does.

    Raises:
        EnvironmentUnreadable: the folder cannot be listed.
        BoundExceeded: it holds too much.
    """
    place = place_of(folder)
    run = _Run(place)
    for number, name in enumerate(metadata_folders(Path(place.folder))):
        run.take(number, name)
    run.walk()
    run.hashing.finish()
    return run.result()


class _Package:
    """What is known of one package while its files are looked at."""

    def __init__(self, name: str, version: str) -> None:
        self.name = name
        self.version = version
        self.record_sha256 = ""
        self.files = 0
        self.unhashed = 0
        self.missing_record = ""
        self.wrong: dict[str, None] = {}


class _Run:
    def __init__(self, place: Place) -> None:
        self.place = place
        self._inside = place.folder + "/"
        self.packages: list[_Package] = []
        # folder -> name -> those who name the file; what the walk meets is taken out
        self.claims: dict[str, dict[str, list[Claim]]] = {}
        self.outside: dict[str, list[Claim]] = {}
        self.hashing = Hashing(place)
        self.unlisted: list[str] = []
        self.owners: dict[str, str] = {}
        self.rows = self.entries = 0

    def take(self, number: int, name: str) -> None:
        """Read one package's RECORD."""
        package = _Package(*_identity(name))
        self.packages.append(package)
        if not name.endswith(".dist-info"):
            package.missing_record = "it was installed in an old way, without a RECORD"
            return
        try:
            data = read_regular(f"{self.place.folder}/{name}/RECORD", MAX_BYTES)
        except FileNotFoundError:
            package.missing_record = "it has no RECORD"
            return
        except (HostileInput, OSError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            package.wrong[f"its RECORD cannot be read: {reason}"] = None
            return
        package.record_sha256 = hashlib.sha256(data).hexdigest()
        own = frozenset(f"{name}/{file}" for file in _OWN)
        for path in sorted(own):
            self._claim(path, Claim(number, "", b""))
        try:
            for entry in parse_record(data):
                self._add(number, package, entry, own)
        except MalformedSource as error:
            package.wrong[str(error)] = None

    def _add(self, number: int, package: _Package, entry: Entry, own: frozenset[str]) -> None:
        self.rows += 1
        if self.rows > MAX_PATHS:
            raise BoundExceeded("the RECORDs of the environment", MAX_PATHS, "rows")
        if entry.wrong:
            package.wrong[entry.wrong] = None
        if not entry.path:
            return
        package.files += 1
        path = entry.path
        if path.startswith(self._inside):
            path = path[len(self._inside) :]
        # Python compiles a cache anew: wheels that carry one with a hash could not be verified, and
        # none is missed
        cache = is_compiled_cache(path)
        if cache or not entry.digest:
            package.unhashed += 1
        if not entry.digest and path in own:
            return
        if not cache:
            self._claim(path, Claim(number, entry.algorithm, entry.digest))
        if path.count("/") < 2:
            self.owners.setdefault(path, package.name)

    def _claim(self, path: str, claim: Claim) -> None:
        if path.startswith(("/", "../")):
            self.outside.setdefault(path, []).append(claim)
            return
        folder, _, name = path.rpartition("/")
        names = self.claims.get(folder)
        if names is None:
            names = self.claims[folder] = {}
        claims = names.get(name)
        if claims is None:
            names[name] = [claim]
        else:
            claims.append(claim)

    def walk(self) -> None:
        """Every folder, links to folders left out: give claimed files to hash, list the others."""
        waiting = [("", 0)]
        while waiting:
            folder, depth = waiting.pop()
            claimed = self.claims.pop(folder, {})
            try:
                below = self._visit(folder, claimed)
            except OSError as error:
                if not folder:
                    raise unreadable(error) from error
                self.hashing.unreadable(folder, claimed)
                continue
            if below and depth >= MAX_DEPTH:
                raise BoundExceeded("the environment", MAX_DEPTH, "nested folders")
            waiting += [(path, depth + 1) for path in below]
            if claimed:
                self.claims[folder] = claimed
        # what is left was not met: it is missing, or lies behind a link to a folder
        for folder, names in self.claims.items():
            for name, claims in names.items():
                self.outside[f"{folder}/{name}" if folder else name] = claims
        for path, claims in self.outside.items():
            self.hashing.add_elsewhere(path, claims)

    def _visit(self, folder: str, claimed: dict[str, list[Claim]]) -> list[str]:
        """The files of one folder; those that are met are taken out of ``claimed``."""
        below: list[str] = []
        lead = folder + "/" if folder else ""
        caches = folder.endswith(CACHE)
        met: list[Met] = []
        try:
            with os.scandir(f"{self._inside}{folder}") as entries:
                for entry in entries:
                    self.entries += 1
                    if self.entries > MAX_ENTRIES:
                        raise BoundExceeded("the environment", MAX_ENTRIES, "entries")
                    name = entry.name
                    if entry.is_dir(follow_symlinks=False):
                        below.append(lead + name)
                        continue
                    claims = claimed.get(name)
                    if claims is None:
                        if not caches or not is_compiled_cache(lead + name):
                            self.unlisted.append(lead + name)
                        continue
                    if not entry.is_file(follow_symlinks=False):
                        self.outside[lead + name] = claims
                    elif len(claims) > 1 or claims[0].digest:
                        met.append((name, claims))
                    del claimed[name]
        finally:  # what was met before an error stands
            self.hashing.add(folder, met)
        return below

    def result(self) -> Recording:
        """All of it, sorted."""
        differences: dict[int, list[Difference]] = {}
        for number, path, what in self.hashing.differences:
            differences.setdefault(number, []).append(Difference(visible(path), what))
        recorded = [
            _judged(package, differences.get(number, []), self.hashing.verified.get(number, 0))
            for number, package in enumerate(self.packages)
        ]
        return Recording(
            tuple(sorted(recorded, key=lambda r: (r.package, r.version, r.record_sha256))),
            tuple(sorted(self.unlisted)),
            self.owners,
        )


def _judged(package: _Package, differences: list[Difference], verified: int) -> Recorded:
    differences.sort(key=lambda d: (d.path, d.what))
    reasons = list(package.wrong)[:_SHOWN]
    for what, words in (
        ("unreadable", "cannot be read"),
        ("outside", "lie outside the environment and were not looked at"),
    ):
        if count := sum(d.what == what for d in differences):
            reasons.append(f"files that {words}: {count}")
    state: State = "verified"
    if any(d.what in ("changed", "missing") for d in differences):
        state = "modified"
    elif package.missing_record:
        state, reasons = "no-record", [package.missing_record]
    elif reasons:
        state = "unread"
    return Recorded(
        package.name,
        package.version,
        state,
        visible("; ".join(reasons)),
        package.record_sha256,
        package.files,
        verified,
        package.unhashed,
        tuple(differences),
    )


def _identity(folder: str) -> tuple[str, str]:
    """Name and version from ``name-version.dist-info``; what is no valid name is kept visible."""
    name, _, version = folder.rpartition(".")[0].partition("-")
    try:
        return normalized(name, source=folder), visible(version, 200)
    except MalformedSource:
        return visible(name, 200), visible(version, 200)
