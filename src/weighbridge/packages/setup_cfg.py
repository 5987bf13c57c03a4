"""``setup.cfg``: the dependencies that a project of setuptools declares without a program.

Setuptools, "Declarative config": ``[options]`` with ``install_requires``, a list of lines or, on
one line, of parts between semicolons; ``file:`` names files of requirements in its place. Extras
are not asked for by whoever installs the project. Other tools keep settings in the file too.
"""

from __future__ import annotations

import configparser
import posixpath

from weighbridge.packages.markers import Markers, environment_for
from weighbridge.packages.pyproject import DeclaredReader
from weighbridge.packages.source import MAX_PACKAGES, MalformedSource, PackageSource
from weighbridge.packages.textfile import decode

MAX_BYTES = 2**20


def parse_setup_cfg(path: str, data: bytes) -> PackageSource | None:
    """The dependencies that hold by default; None where the file declares none.

    Raises:
        MalformedSource: it is too large, no text, or not of the form.
    """
    if len(data) > MAX_BYTES:
        raise MalformedSource(f"{path} has {len(data)} bytes, and {MAX_BYTES} are read")
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(decode(data, source=path), source=path)
    except configparser.Error as error:
        said = str(error).partition("\n")[0]
        raise MalformedSource(f"{path} is no configuration file: {said[:200]}") from error
    if not parser.has_option("options", "install_requires"):
        return None
    stated = parser.get("options", "install_requires")
    wanted_python = parser.get("options", "python_requires", fallback="")
    environment, doubts = environment_for(wanted_python.strip(), path)
    reader = DeclaredReader(path, Markers(environment))
    includes: tuple[str, ...] = ()
    directive, colon, names = stated.strip().partition(":")
    if colon and directive == "file":
        includes = _files(reader, names)
    elif colon and directive == "attr":
        reader.issue("dynamic", "the dependencies are an attribute of a module, which is not run")
    else:
        lines = stated.splitlines() if "\n" in stated else stated.split(";")
        wanted = [line.strip() for line in lines]
        if len(wanted) > MAX_PACKAGES:
            raise MalformedSource(f"{path} has {len(wanted)} requirements")
        for line in wanted:
            if line and not line.startswith("#"):
                reader.requirement(line)
    return PackageSource(
        path,
        "setup.cfg",
        tuple(reader.packages),
        environment=environment,
        inactive=reader.inactive,
        includes=includes,
        issues=(*doubts, *reader.markers.issues, *reader.issues),
    )


def _files(reader: DeclaredReader, names: str) -> tuple[str, ...]:
    """The files of requirements that ``file:`` names; those outside of the subject are told."""
    folder = posixpath.dirname(reader.path)
    found: list[str] = []
    for name in names.replace("\n", ",").split(",")[:100]:
        target = posixpath.normpath(posixpath.join(folder, name.strip()))
        if not name.strip():
            continue
        if name.strip().startswith(("/", "~")) or target.split("/")[0] == "..":
            reader.issue("include-outside", name.strip())
        else:
            found.append(target)
    return tuple(found)
