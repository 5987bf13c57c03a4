"""Whether bytes are a model of XGBoost, in one of its three formats."""

from __future__ import annotations

import re

_JSON_HEAD = re.compile(
    rb'\s*\{\s*(?:"version"\s*:\s*\[[\d,\s]{1,40}\]\s*,\s*)?(?:"learner"\s*:\s*\{'
    rb'|"Config"\s*:\s*\{.{0,200}"learner")',
    re.DOTALL,
)

_UBJ_KEYS = (b"learner", b"version", b"Config", b"Model")

_UBJ_WIDTHS = {b"i": 1, b"U": 1, b"I": 2, b"l": 4, b"L": 8}


def looks_like_xgboost_json(head: bytes, size: int) -> bool:
    """Whether a JSON document starts with XGBoost's ``learner``."""
    return size > 0 and _JSON_HEAD.match(head) is not None


def looks_like_xgboost_ubjson(head: bytes, size: int) -> bool:
    """Whether a UBJSON object starts with a key of XGBoost's."""
    width = _UBJ_WIDTHS.get(head[1:2])
    if head[:1] != b"{" or width is None or size < 16:
        return False
    length = int.from_bytes(head[2 : 2 + width], "big")
    key = head[2 + width : 2 + width + length]
    return key in _UBJ_KEYS and head[2 + width + length : 3 + width + length] in (b"{", b"[")


def looks_like_xgboost_binary(head: bytes, size: int) -> bool:
    """Whether a file has the mark of XGBoost's old binary format."""
    return head[:4] == b"binf" and size > 136
