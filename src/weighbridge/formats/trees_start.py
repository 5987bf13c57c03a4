"""Whether bytes are a model of LightGBM or CatBoost."""

from __future__ import annotations

import re

_HEAD = re.compile(rb"tree\r?\nversion=v[234]\r?\n")


def looks_like_lightgbm(head: bytes, size: int) -> bool:
    """Whether text starts as LightGBM's models do."""
    return size > 0 and _HEAD.match(head) is not None


def looks_like_catboost(head: bytes, size: int) -> bool:
    """Whether a file has CatBoost's mark and room for what it announces."""
    return head[:4] == b"CBM1" and 8 + int.from_bytes(head[4:8], "little") <= size
