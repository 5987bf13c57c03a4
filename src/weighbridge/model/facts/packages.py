"""What a file or environment says of the Python packages that the model stands on."""

from __future__ import annotations

from typing import TypedDict


class PackageFact(TypedDict):
    """One package as one source names it.

    ``name`` is normalized (PEP 503). ``version`` is empty unless it is exact; ``specifier`` is
    what was written. ``hashes`` are ``algorithm:hex`` of the files that may be installed. ``line``
    counts from 1, 0 where lines mean nothing. ``direct`` is None where the source does not tell.
    ``origin`` is ``index``, ``url``, ``vcs``, ``path`` or ``editable``. ``license`` is as declared,
    empty where the source does not tell; ``license_is_expression`` when it was declared as an SPDX
    expression. ``spdx`` is the SPDX expression that this stands for, empty where it could not be
    told. ``requires`` are normalized names whose markers hold in the source's environment.
    ``uploaded`` is when the last of the release's locked files came into the index (ISO 8601 date,
    UTC), ``supplier`` and ``url`` are what the metadata declare; each empty where the source does
    not tell. ``groups`` are the dependency groups that alone ask for the package (``dev``,
    ``test``); empty where the model itself needs it or the source does not tell. A ``purl`` of type
    ``conda`` marks a conda package: its name and version follow conda's rules and are not
    normalized.
    """

    name: str
    version: str
    specifier: str
    pinned: bool
    hashes: list[str]
    line: int
    direct: bool | None
    origin: str
    purl: str
    license: str
    license_is_expression: bool
    spdx: str
    requires: list[str]
    uploaded: str
    supplier: str
    url: str
    groups: list[str]


class PackageIssue(TypedDict):
    """Something in a source that a reader should know.

    ``incomplete`` is true where it may hide a package, so that nothing about all packages of the
    source can be said. ``kind`` is one of ``ISSUE_KINDS`` in ``weighbridge.packages.source``.
    """

    kind: str
    line: int
    detail: str
    incomplete: bool


class PackagesFacts(TypedDict):
    """One source: a requirements file, a lock file, or an environment.

    ``format`` is ``requirements``, ``pyproject``, ``pylock``, ``uv.lock``, ``poetry.lock``,
    ``pdm.lock``, ``pipfile``, ``pipfile.lock``, ``conda`` (the ``conda-meta`` folder of an
    installed prefix), ``conda.yml`` (an environment file), ``conda-lock``, ``pixi.lock``,
    ``script`` (PEP 723), ``notebook`` or ``environment``. ``environment`` is the one that markers
    were evaluated in; ``inactive`` counts the entries that do not hold there. ``includes`` and
    ``constraints`` are paths of the subject.
    """

    format: str
    format_version: str
    environment: dict[str, str]
    packages: list[PackageFact]
    inactive: int
    includes: list[str]
    constraints: list[str]
    issues: list[PackageIssue]
