"""The collectors, in the order they run. A literal tuple: a reader sees what there is."""

from __future__ import annotations

COLLECTORS: tuple[str, ...] = (
    "weighbridge.collect.files",
    "weighbridge.collect.weights",
    "weighbridge.collect.signatures",
    "weighbridge.collect.packages",
    "weighbridge.collect.vulnerabilities",
    "weighbridge.collect.licenses",
    "weighbridge.collect.datasets",
    "weighbridge.collect.maintainers",
)
