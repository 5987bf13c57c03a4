"""Constraints files: what pip takes of them for the requirements that are installed with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from weighbridge.packages.source import Package, PackageSource, unique

_Pin = tuple[str, tuple[str, ...]]  # the version, and the hashes that the constraints demand


class Constraints:
    """Exact versions from constraints files, for the files that name them and all these include.

    pip applies a constraint to the whole installation; a package that only a constraint pins is
    pinned for every file that is installed together with it.
    """

    def __init__(self, read: Mapping[str, PackageSource]) -> None:
        self.read = read
        self.pins: dict[str, dict[str, _Pin]] = {}
        for path in sorted(read):
            exact = self._exact(read[path].constraints)
            if exact:
                for member in self._closure((path,)):
                    self.pins.setdefault(member, {}).update(exact)

    def apply(self, source: PackageSource) -> PackageSource:
        """A source with what its constraints pin, and with the hashes that these demand."""
        pins = self.pins.get(source.path)
        if not pins:
            return source
        packages = tuple(
            self._pinned(package, pins[package.name])
            if package.origin == "index" and package.ecosystem == "pypi" and package.name in pins
            else package
            for package in source.packages
        )
        return replace(source, packages=packages)

    def _pinned(self, package: Package, pin: _Pin) -> Package:
        version, hashes = pin
        if package.pinned and package.version != version:
            return package
        return replace(
            package, version=version, pinned=True, hashes=unique((*package.hashes, *hashes))
        )

    def _exact(self, paths: tuple[str, ...]) -> dict[str, _Pin]:
        """Names that the constraints pin; one with two versions is pinned by neither."""
        exact: dict[str, _Pin] = {}
        for path in self._closure(paths):
            for package in self.read[path].packages:
                if package.version and package.origin == "index":
                    version, hashes = exact.get(package.name, (package.version, ()))
                    same = version == package.version
                    exact[package.name] = (
                        package.version if same else "",
                        unique((*hashes, *package.hashes)),
                    )
        return {name: pin for name, pin in exact.items() if pin[0]}

    def _closure(self, paths: tuple[str, ...]) -> list[str]:
        seen: set[str] = set()
        waiting = list(paths)
        while waiting:
            path = waiting.pop()
            source = self.read.get(path)
            if path in seen or source is None:
                continue
            seen.add(path)
            waiting += [*source.includes, *source.constraints]
        return sorted(seen)
