"""Python files that lie in an archive of weights: torch.package's modules, TorchServe's handlers.

They are not judged line by line: that somebody's code comes along, and runs when the archive is
loaded the way it is meant to be, is what there is to know.
"""

from __future__ import annotations

from weighbridge.weights.inspection import Verdict
from weighbridge.weights.log import Log
from weighbridge.weights.source import Source


def inspect(source: Source, log: Log) -> None:
    """Record that there is code. An empty ``__init__.py`` is none."""
    if not source.head(4096).strip():
        return
    name = log.name
    log.operation(
        Verdict.UNLISTED,
        "import",
        name,
        f"import {name.removesuffix('.py').replace('/', '.')}",
        "is code of the archive's author, which runs when the archive's loader imports it",
        0,
        "source",
    )
