"""Pickles as text in JSON: Stable-Baselines3 keeps a model's attributes so, in the member ``data``.

Source: stable_baselines3/common/save_util.py, ``json_to_data`` (MIT): every value that is an object
with ``:serialized:`` is decoded from Base64 and given to cloudpickle.
"""

from __future__ import annotations

import base64
import binascii
import io

from weighbridge.weights import json_text
from weighbridge.weights.log import Log
from weighbridge.weights.pickle.stream import inspect_pickles
from weighbridge.weights.source import Source, file_source

MEMBER = "data"  # the name that the library looks for
_KEY = ":serialized:"
_SPACE = 2**16  # bytes in which a document begins
MAX_SERIALIZED = 1000  # values that are decoded


def may_hold(name: str, source: Source) -> bool:
    """Whether a member has the name that the library looks for, and starts as JSON may."""
    return name == MEMBER and source.head(_SPACE).lstrip()[:1] in (b"{", b"")


def inspect(source: Source, log: Log) -> None:
    """Look into every pickle that a document of such attributes holds.

    Raises:
        HostileInput: it is not JSON.
        BoundExceeded: it is nested too deeply.
    """
    document = json_text.read(source, log)
    if document is None:
        log.gap("too large to look for pickles in it")
        return
    if _KEY in document.twice:
        log.issue("duplicate-key", f"{_KEY} stands twice in one object, and the last one counts")
    values = document.value if isinstance(document.value, dict) else {}
    found = 0
    for key, value in values.items():
        text = value.get(_KEY) if isinstance(value, dict) else None
        if not isinstance(text, str):
            continue
        found += 1
        if found > MAX_SERIALIZED:
            log.gap(f"only the first {MAX_SERIALIZED} pickles in it were looked at")
            return
        with log.at(key):
            _inspect_text(text, log)


def _inspect_text(text: str, log: Log) -> None:
    try:
        raw = base64.b64decode(text)  # as the library: what is no Base64 is passed over
    except (binascii.Error, ValueError):
        log.issue("damaged-member", "the value is no Base64, and was to be a pickle")
        return
    inspect_pickles(file_source(io.BytesIO(raw), len(raw)), log)
