"""The index of a sharded checkpoint: which files a loader opens for which tensors.

Source: ``save_pretrained`` and ``load_sharded_checkpoint`` of transformers.
"""

from __future__ import annotations

import re

from weighbridge.weights.json_text import Json
from weighbridge.weights.log import Log


def judge_index(value: Json, log: Log) -> None:
    """A sharded checkpoint opens the files that ``weight_map`` names."""
    table = value.get("weight_map") if isinstance(value, dict) else None
    if isinstance(value, dict) and "weight_map" in value and not (
        isinstance(table, dict) and all(isinstance(one, str) for one in table.values())
    ):  # fmt: skip
        log.issue("bad-structure", "weight_map is no table of file names")
    if isinstance(table, dict):
        for file in {one for one in table.values() if isinstance(one, str)}:
            if file.endswith(("/", "\\")) or file in ("", "."):
                log.issue("bad-structure", f"weight_map names {file[:80]!r}, which is no file")
            judge_path(file, "weight_map", log)
    metadata = value.get("metadata") if isinstance(value, dict) else None
    total = metadata.get("total_size") if isinstance(metadata, dict) else None
    if isinstance(total, int | float) and total < 0:
        log.issue("bad-number", f"the tensors are {total} bytes in all")


def judge_shard_index(value: Json, log: Log) -> None:
    """The index of a sharded checkpoint, by its name: it says where each tensor is."""
    if not isinstance(value, dict) or "weight_map" not in value:
        log.issue("bad-structure", "the index has no weight_map, which says where tensors are")


def judge_path(path: str, what: str, log: Log) -> None:
    """A path that leads out of the model's folder."""
    parts = path.replace("\\", "/").split("/")
    if ".." in parts or path.startswith(("/", "\\")) or re.match(r"[A-Za-z]:|\w+://", path):
        log.issue("path-outside", f"{what} names {path[:120]!r}, which is outside of the model")
