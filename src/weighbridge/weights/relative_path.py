"""File names that a model holds: whether one stays in the model's own folder, on every system."""

from __future__ import annotations

import re

_DRIVE = re.compile(r"[A-Za-z]:")
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
# Windows leaves out dots and blanks at the end of a name: ".. " is the folder above as well.
_ABOVE = re.compile(r"(?:\A|[/\\])\.\.[. ]*(?:[/\\]|\Z)")


def leads_out(name: str) -> bool:
    """Whether an archive member's name leads out of the folder where it is unpacked."""
    if name.startswith(("/", "\\")) or _DRIVE.match(name) or "\0" in name:
        return True
    depth = 0
    for part in name.replace("\\", "/").split("/"):
        depth += {"..": -1, "": 0, ".": 0}.get(part, 1)
        if depth < 0:
            return True
    return False


def outside(path: str) -> str:
    """How a file name leads out of its folder, as a clause; empty where it does not.

    A name with ``..`` counts wherever it ends: a part of it may be a symbolic link, and checks that
    only compare the normalized name were passed by this (CVE-2024-27318).
    """
    if _ADDRESS.match(path):
        return "is a network address or a URL"
    if path.startswith(("/", "\\")):
        return "is an absolute path"
    if _DRIVE.match(path):
        return "names a drive of Windows"
    if path.startswith(("~/", "~\\")):
        return "starts in the home folder"
    if _ABOVE.search(path):
        return "goes up to the folder above"
    if "\0" in path:
        return "holds a NUL byte, which ends it for some readers"
    return ""
