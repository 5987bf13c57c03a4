"""Takes credentials out of evidence: collectors quote cards, code and metadata.

A record is sealed, kept for years and shown to auditors; what must not lie in the model must not
lie there either. What is replaced says which pattern it was, so a reader knows that it was there.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from typing import Any

from weighbridge.collect.secret_patterns import TOKENS
from weighbridge.collect.secret_scan import Breadth, scan
from weighbridge.model.canonical import thaw
from weighbridge.model.evidence import Evidence, EvidenceKind

_NEVER = frozenset({EvidenceKind.SNAPSHOT, EvidenceKind.SECRET})  # names and digests; no values
# A text that was cut to its bound, perhaps within a token: its last word, and the mark of the cut.
_CUT = re.compile(r"[^\s…]{8,4000}+…(?: \(\d{1,12} more characters\))?\Z")
_BEGINNINGS = tuple(
    anchor.decode() for pattern in TOKENS for anchor in pattern.anchors if len(anchor) > 2
)


def redacted(evidence: Evidence) -> Evidence:
    """The same evidence, with every credential in its texts replaced; mostly itself."""
    if evidence.kind in _NEVER:
        return evidence
    texts = [evidence.reason, *_texts(evidence.data)]
    found = scan("\n".join(texts).encode("utf-8", "replace"), Breadth.WIDE)
    if not found.hits and not found.cut and not any(_cut_token(text) for text in texts):
        return evidence
    return dataclasses.replace(
        evidence, reason=clean(evidence.reason), data=_cleaned(thaw(evidence.data))
    )


def clean(text: str) -> str:
    """A text with each credential in it replaced by the name of its pattern."""
    raw = text.encode("utf-8", "replace")
    found = scan(raw, Breadth.WIDE)
    if found.dropped or found.cut:
        return "[redacted: many secrets]"
    for hit in reversed(found.hits):
        mark = f"[redacted: {hit.pattern.id}]".encode()
        raw = raw[: hit.offset] + mark + raw[hit.offset + hit.length :]
    cleaned = raw.decode("utf-8", "replace") if found.hits else text
    begun = _cut_token(cleaned)
    return cleaned[: begun.start()] + "[redacted]" + cleaned[begun.end() :] if begun else cleaned


def _cut_token(text: str) -> re.Match[str] | None:
    if "…" not in text[-40:]:
        return None
    start = max(0, len(text) - 4_200)
    match = _CUT.search(text, start)
    if match is None:
        return None
    return match if any(beginning in match[0] for beginning in _BEGINNINGS) else None


def _texts(value: Any) -> Iterator[str]:
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, Mapping):
            stack.extend(item.values())
        elif isinstance(item, list | tuple):
            stack.extend(item)


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {key: _cleaned(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_cleaned(inner) for inner in value]
    return value
