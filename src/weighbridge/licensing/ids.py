"""What a declared license id stands for: a hub id, an SPDX expression, a family, or nothing."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from weighbridge.licensing.hub_ids import EXTRA_SPDX_IDS, HUB_IDS

Status = Literal["known", "family", "other", "unknown"]

MAX_ID = 500  # characters; no license expression in use comes near it

_REFERENCES = ("licenseref-", "documentref-")
_SPDX_NO_LICENSE = {
    "NONE": "it says that there is no license",
    "NOASSERTION": "it says that nobody looked",
}
# Keys that ScanCode files texts under when it has no closer name for them.
_NO_TEXT = frozenset(
    f"LicenseRef-scancode-{name}"
    for name in (
        "commercial-license", "free-unknown", "other-copyleft", "other-permissive",
        "proprietary-license", "public-domain", "unknown", "unknown-license-reference",
        "unknown-spdx", "warranty-disclaimer",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a declared id was resolved to.

    ``id``: an SPDX expression, whose parts may be LicenseRefs; empty where none could be had.
    ``symbols``: the licenses in it, sorted, with every wording that a hub id stands for.
    ``status``: ``known`` names texts; ``family`` (``gpl``) says which family and not which text;
    ``other`` is an id that leaves the text to the author (``other``, a LicenseRef of the author's
    own); ``unknown`` is no id that SPDX or the Hub has. ``family``: how the ids of a family begin.
    ``why``: half a sentence, empty for ``known``.
    """

    id: str
    symbols: tuple[str, ...]
    status: Status
    why: str = ""
    family: tuple[str, ...] = ()

    @property
    def names_text(self) -> bool:
        """Whether the id by itself says which text holds."""
        return self.status == "known"


def resolve(raw: str) -> Resolution:
    """Resolve an id as a model card, a dataset record or a CITATION.cff gives it. Never raises."""
    text = raw.strip()
    if not text:
        return Resolution("", (), "unknown", "it is empty")
    if len(text) > MAX_ID:
        return Resolution("", (), "unknown", f"it is longer than {MAX_ID} characters")
    hub = HUB_IDS.get(text.lower())
    if hub is None:
        return _resolve_spdx(text)
    if hub.ids:
        return Resolution(hub.ids[0], tuple(sorted(hub.ids)), "known")
    if hub.family:
        return Resolution(
            "", (), "family", "it names a family of licenses and not one text", hub.family
        )
    return Resolution("", (), "other", "it names no license text")


def suggestions(raw: str) -> tuple[str, ...]:
    """Hub ids that look like what was written, the likeliest first, at most three."""
    return tuple(difflib.get_close_matches(raw.strip().lower()[:80], HUB_IDS, n=3, cutoff=0.6))


def _resolve_spdx(text: str) -> Resolution:
    if text.upper() in _SPDX_NO_LICENSE:
        return Resolution("", (), "other", _SPDX_NO_LICENSE[text.upper()])
    try:
        parsed = _spdx().parse(text, strict=True)
        symbols = sorted(_licenses(parsed.symbols)) if parsed is not None else []
        unknown = _unknown(text)
        rendered = str(parsed.render()) if parsed is not None else ""
    except Exception:  # noqa: BLE001
        # license-expression lets AttributeError, IndexError, TypeError and its own errors out for
        # text that is no expression ("Apache License, Version 2.0"): each means the same here.
        return Resolution("", (), "unknown", "it is no license expression")
    if not symbols:
        return Resolution("", (), "unknown", "it is no license expression")
    own = [key for key in unknown if key.lower().startswith(_REFERENCES)]
    if len(own) < len(unknown):
        odd = ", ".join(key for key in unknown if key not in own)
        return Resolution("", (), "unknown", f"SPDX and the Hub have no {odd}")
    if own or not _NO_TEXT.isdisjoint(symbols):
        return Resolution(
            rendered, tuple(symbols), "other", "the LicenseRef leaves the text to its author"
        )
    return Resolution(rendered, tuple(symbols), "known")


def _licenses(symbols: Iterable[Any]) -> set[str]:
    """The license ids of an expression; an exception (``WITH``) is left to the text."""
    return {str(getattr(symbol, "license_symbol", symbol).key) for symbol in symbols}


def _unknown(text: str) -> list[str]:
    from weighbridge.licensing.knowledge import known_ids  # reads files, and few ids come here

    known_here = EXTRA_SPDX_IDS.union(known_ids(), *(hub.ids for hub in HUB_IDS.values()))
    return [str(k) for k in _spdx().unknown_license_keys(text) if str(k) not in known_here]


@functools.cache
def _spdx() -> Any:
    """The SPDX ids as license-expression has them: some 15 ms, so only when one is met."""
    import license_expression

    return license_expression.get_spdx_licensing()
