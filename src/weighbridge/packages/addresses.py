"""Packages given by an address or a path instead of a name: what such a text tells."""

from __future__ import annotations

import posixpath
import re
from urllib.parse import unquote

from weighbridge.packages.source import (
    MalformedSource,
    checked_version,
    normalized,
    strong_hash,
)

_ARCHIVES = (".whl", ".zip", ".tar.gz", ".tgz", ".tar", ".tar.bz2", ".tbz", ".tar.xz", ".txz")
_VCS = re.compile(r"(git|hg|svn|bzr)\+", re.IGNORECASE)
_COMMIT = re.compile(r"@[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")
_USER = re.compile(r"(://)[^/\s@'\"]{1,1000}@")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}://?")


def is_address(text: str) -> bool:
    """Whether it begins like an address: ``https://``, ``git+ssh://``, ``file:/``."""
    return bool(_URL.match(text) or _VCS.match(text))


def is_vcs(address: str) -> bool:
    """Whether it is to be checked out of version control."""
    return bool(_VCS.match(address))


def names_a_commit(address: str) -> bool:
    """Whether it names a full commit id, which no one can move as they can a branch or tag."""
    return bool(_COMMIT.search(address.partition("#")[0].partition("?")[0]))


def looks_like_path(text: str) -> bool:
    """Whether pip would take it for a file or folder: a slash, a leading dot, an archive's name."""
    before_marker = text.partition(";")[0].strip()
    if "@" in before_marker and not before_marker.startswith((".", "/")):
        return False  # name @ address
    return (
        "/" in before_marker
        or before_marker.startswith(".")
        or before_marker.lower().endswith(_ARCHIVES)
    )


def of_address(address: str) -> tuple[str, str, str]:
    """Name, version and hash where an address tells them (wheel name, ``#egg=``, ``#sha256=``)."""
    from packaging.utils import InvalidWheelFilename, parse_wheel_filename

    before, _, fragment = address.partition("#")
    name = version = found_hash = ""
    file_name = unquote(posixpath.basename(before.partition("?")[0]))
    if file_name.lower().endswith(".whl") and len(file_name) < 500:
        try:
            wheel_name, wheel_version, _, _ = parse_wheel_filename(file_name)
            name, version = normalized(wheel_name, source=address[:80]), str(wheel_version)
            checked_version(version, source=address[:80])
        except (InvalidWheelFilename, MalformedSource):
            name = version = ""
    for part in fragment.split("&"):
        key, _, value = part.partition("=")
        if key == "egg" and not name:
            try:
                name = normalized(value.partition("[")[0], source=address[:80])
            except MalformedSource:
                name = ""
        elif key in ("sha256", "sha384", "sha512"):
            found_hash = strong_hash(f"{key}:{value}")
    return name, version, found_hash


def without_secrets(address: str) -> str:
    """An address without the user, the password and the query, which may hold a token."""
    before = address.partition("?")[0] if _URL.match(address) else address
    scheme, separator, rest = before.partition("://")
    if not separator:
        return before
    authority, slash, path = rest.partition("/")
    return f"{scheme}://{authority.rpartition('@')[2]}{slash}{path}"


def masked(text: str) -> str:
    """Any text, without the user and password of the addresses in it."""
    return _USER.sub(r"\1", text)
