"""``Manifest.json`` of a Core ML package: which files of its ``Data`` folder it is made of.

Source: ``modelpackage/src/ModelPackage.cpp`` of coremltools: an item's ``path`` is taken from the
package's ``Data`` folder on, and the root model is one of the items.
"""

from __future__ import annotations

from weighbridge.weights.inspection import Verdict
from weighbridge.weights.json_text import Json
from weighbridge.weights.log import Log
from weighbridge.weights.relative_path import outside

_ITEMS, _ROOT = "itemInfoEntries", "rootModelIdentifier"


def judge_manifest(value: Json, log: Log) -> None:
    """Check a manifest; any other document of that name says nothing here."""
    if not isinstance(value, dict) or _ITEMS not in value:
        return
    items = value[_ITEMS]
    if not isinstance(items, dict) or not isinstance(value.get("fileFormatVersion"), str):
        log.issue("bad-structure", "a package's manifest without items or without a version")
        return
    for item in items.values():
        path = item.get("path") if isinstance(item, dict) else None
        if not isinstance(path, str):
            log.issue("bad-structure", "an item of a package's manifest has no path")
        elif why := outside(path):
            log.operation(
                Verdict.DANGEROUS, "link", "package item", path,
                f"takes a file from outside the package: the path {why}", -1, "Manifest",
            )  # fmt: skip
    root = value.get(_ROOT)
    if root is not None and (not isinstance(root, str) or root not in items):
        log.issue("bad-reference", "the root model of a package's manifest is none of its items")
