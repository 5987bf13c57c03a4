"""The views of a record. A literal tuple: a reader sees what there is."""

from __future__ import annotations

import importlib
from typing import Protocol, cast

from weighbridge.model.errors import UsageError
from weighbridge.model.record import AuditRecord

# What a user calls the view, and its module in this room.
VIEWS: tuple[tuple[str, str], ...] = (
    ("console", "console"),
    ("json", "json_v1"),
    ("sarif", "sarif"),
    ("junit", "junit"),
    ("markdown", "markdown"),
    ("github", "github"),
    ("cyclonedx", "cyclonedx"),
    ("attestations", "cyclonedx.attestations"),
    ("spdx", "spdx"),
    ("vex", "vex"),
    ("oscal", "oscal"),
    ("vsa", "vsa"),
    ("svr", "svr"),
    ("maturity", "maturity"),
    ("model-documentation", "documentation"),
    ("model-documentation-json", "documentation.json_view"),
    ("html", "html"),
    ("pdf", "pdf"),
)

# Written beside audit.json in a pack. The PDF lies there too: the seal room signs it first, and it
# wraps and signs the statements vsa and svr.
PACK_VIEWS: tuple[str, ...] = (
    "sarif",
    "cyclonedx",
    "attestations",
    "spdx",
    "vex",
    "oscal",
    "vsa",
    "svr",
    "html",
)


class View(Protocol):
    """A module that draws a record. The same record gives the same bytes."""

    NAME: str
    FILENAME: str
    MEDIA_TYPE: str

    def render(self, record: AuditRecord) -> bytes:
        """The whole file."""
        ...


def names() -> tuple[str, ...]:
    """What ``--format`` accepts, in the registry's order."""
    return tuple(name for name, _ in VIEWS)


def view(name: str) -> View:
    """The view of that name; only its module is imported.

    Raises:
        UsageError: there is none of that name.
    """
    module = dict(VIEWS).get(name)
    if module is None:
        raise UsageError(
            f"there is no report format {name[:40]!r}",
            remedy=f"Use one of: {', '.join(names())}.",
        )
    return cast(View, importlib.import_module(f"weighbridge.report.{module}"))
