"""Requirements files, read as pip reads them and without installing or resolving anything.

The line rules are those of pip's "Requirements File Format": continuation lines, comments, options.
What pip would look up elsewhere (an address, a path, an environment variable) is told as an issue.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field

from weighbridge.edge.text import visible
from weighbridge.model.errors import BoundExceeded
from weighbridge.packages.addresses import (
    is_address,
    is_vcs,
    looks_like_path,
    masked,
    names_a_commit,
    of_address,
    without_secrets,
)
from weighbridge.packages.markers import MarkerUndecided, exact_version, holds
from weighbridge.packages.requirement_options import (
    FLAGS,
    PER_REQUIREMENT,
    WITH_VALUE,
    options,
    split_options,
)
from weighbridge.packages.source import (
    LINUX_311,
    MAX_PACKAGES,
    Issue,
    MalformedSource,
    Package,
    PackageSource,
    normalized,
    strong_hash,
    unique,
)
from weighbridge.packages.textfile import decode

MAX_LINES = 500_000
_MAX_REQUIREMENT = 8 * 1024


def parse_requirements(path: str, data: bytes) -> PackageSource:
    """Read one file, its includes named and not followed.

    Args:
        path: relative to the subject; includes are resolved against its folder.
        data: the file's bytes.

    Raises:
        MalformedSource: the text cannot be decoded.
        BoundExceeded: too many lines, packages or issues.
    """
    reader = RequirementReader(path)
    for line_number, line in _logical_lines(decode(data, source=path), path):
        reader.line(line_number, line)
    return PackageSource(
        path,
        "requirements",
        tuple(reader.packages),
        inactive=reader.inactive,
        includes=unique(reader.includes),
        constraints=unique(reader.constraints),
        issues=tuple(reader.issues),
    )


def _logical_lines(text: str, path: str) -> Iterator[tuple[int, str]]:
    """Lines with continuations joined and comments removed, each with its first line's number."""
    lines = text.splitlines()
    if len(lines) > MAX_LINES:
        raise BoundExceeded(path, MAX_LINES, "lines")
    parts: list[str] = []
    first = 0
    for number, line in enumerate(lines, 1):
        is_comment = line.lstrip().startswith("#")
        if not parts:
            first = number
        if line.endswith("\\") and not is_comment:
            parts.append(line.strip("\\"))
            continue
        # A comment ends a continuation; the blank keeps it recognizable once it is joined.
        parts.append(f" {line}" if is_comment else line)
        joined, parts = _without_comment("".join(parts)).strip(), []
        if joined:
            yield first, joined
    joined = _without_comment("".join(parts)).strip()
    if joined:
        yield first, joined


def _without_comment(line: str) -> str:
    position = line.find("#")
    while position > 0 and not line[position - 1].isspace():
        position = line.find("#", position + 1)
    return line if position < 0 else line[:position]


@dataclass(slots=True)
class RequirementReader:
    """Lines of requirements, one after the other, and what was found in them so far."""

    path: str
    packages: list[Package] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    includes: list[str] = field(default_factory=list)
    constraints: list[str] = field(default_factory=list)
    inactive: int = 0

    def line(self, number: int, text: str) -> None:
        """One line, without its continuations and comment."""
        if text.startswith("-"):
            self.option_line(number, text)
        else:
            self.requirement_line(number, text)

    def issue(self, kind: str, line: int, detail: str) -> None:
        """Note something odd."""
        self.issues.append(Issue(kind, line, visible(masked(detail), 200)))

    def add(self, package: Package) -> None:
        """Keep a package."""
        self.packages.append(package)
        if len(self.packages) > MAX_PACKAGES:
            raise BoundExceeded(f"the list of {self.path}", MAX_PACKAGES, "packages")

    def option_line(self, line: int, text: str) -> None:
        """A line of options alone."""
        try:
            found = list(options(text, {**WITH_VALUE, **FLAGS}))
        except ValueError as error:
            self.issue("unparsed", line, f"an option line cannot be read: {error}")
            return
        for kind, value in found:
            if kind in ("requirement", "constraint"):
                self.include(kind, line, value)
            elif kind == "editable":
                self.located(line, value, hashes=(), editable=True)
            elif kind:
                self.issue(kind, line, without_secrets(value))

    def include(self, kind: str, line: int, value: str) -> None:
        """Another requirements or constraints file, which is named and not followed."""
        if is_address(value):
            self.issue("include-remote", line, without_secrets(value))
            return
        target = posixpath.normpath(posixpath.join(posixpath.dirname(self.path), value))
        if value.startswith(("/", "~")) or target.split("/")[0] == ".." or "$" in value:
            self.issue("include-outside", line, value)
        elif target == self.path:
            self.issue("include-cycle", line, value)
        else:
            (self.includes if kind == "requirement" else self.constraints).append(target)

    def requirement_line(self, line: int, text: str) -> None:
        """One requirement, with its own options."""
        wanted, option_text = split_options(text)
        hashes: list[str] = []
        try:
            for kind, value in options(option_text, PER_REQUIREMENT):
                if kind == "hash":
                    hashes.append(strong_hash(value))
                    if not hashes[-1]:
                        self.issue("hash", line, f"{value[:20]} is no usable hash")
        except ValueError as error:
            self.issue("unparsed", line, f"the options cannot be read: {error}")
            return
        if is_address(wanted) or looks_like_path(wanted):
            self.located(line, wanted, hashes=unique(hashes))
        else:
            self.named(line, wanted, unique(hashes))

    def named(self, line: int, text: str, hashes: tuple[str, ...]) -> None:
        """``name[extras] specifier ; marker`` or ``name @ address ; marker`` (PEP 508)."""
        from packaging.requirements import InvalidRequirement, Requirement

        try:
            if len(text) > _MAX_REQUIREMENT:
                raise MalformedSource(f"a requirement has {len(text)} characters")
            requirement = Requirement(text)
            name = normalized(requirement.name, source=self.path)
        except (InvalidRequirement, MalformedSource, RecursionError) as error:
            self.issue("unparsed", line, f"{text[:80]}: {str(error).splitlines()[0][:100]}")
            return
        if not self.active(requirement.marker, line, name):
            return
        if requirement.url:
            self.located(line, requirement.url, hashes=hashes, name=name)
            return
        exact = exact_version(requirement)
        self.add(
            Package(
                name,
                version=exact,
                specifier=str(requirement.specifier),
                pinned=bool(exact),
                hashes=hashes,
                line=line,
                direct=True,
            )
        )

    def active(self, marker: object, line: int, name: str) -> bool:
        """Whether a marker holds; what does not is counted."""
        try:
            active = holds(str(marker) if marker is not None else None, LINUX_311)
        except MarkerUndecided as error:
            self.issue("marker", line, f"{name}: {error}")
            return True
        self.inactive += not active
        return active

    def tell_place(self, line: int, name: str, address: str, *, is_file: bool) -> None:
        """Say that a package comes from somewhere else; without a line, its entry says so."""
        shown = without_secrets(address)
        if line or not name:
            self.issue("path" if is_file else "url", line, shown)
        elif is_file:
            self.issue("unread", line, f"{name} comes from {shown}, whose own needs are not read")

    def located(
        self,
        line: int,
        text: str,
        *,
        hashes: tuple[str, ...],
        name: str = "",
        editable: bool = False,
    ) -> None:
        """A package given by an address or a path."""
        address, _, marker = text.partition("; " if is_address(text) else ";")
        if marker.strip() and not self.active(marker.strip(), line, address[:80]):
            return
        address = address.strip()
        is_file = not is_address(address) or address.lower().startswith("file:")
        from_address, version, from_fragment = of_address(address)
        name = name or from_address
        self.tell_place(line, name, address, is_file=is_file)
        if not name:
            if not is_file:
                self.issue("unparsed", line, "the address does not name its package")
            return
        hashes = unique((*hashes, from_fragment))
        vcs = is_vcs(address)
        origin = "editable" if editable else "vcs" if vcs else "path" if is_file else "url"
        self.add(
            Package(
                name,
                version=version,
                specifier=visible(f"@ {without_secrets(address)}"),
                pinned=bool(hashes) or (vcs and names_a_commit(address)),
                hashes=hashes,
                line=line,
                direct=True,
                origin=origin,
            )
        )
