"""Places by ISO 3166-1 alpha-2 code, with ``EU`` for the European Union's 27 members."""

from __future__ import annotations

from collections.abc import Iterable

EU = frozenset(
    {
        *("AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE"),
        *("IT", "LV", "LT", "LU", "MT", "NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE"),
    }
)
# What people write for the codes that ISO assigned otherwise.
_ALIASES = {"UK": "GB", "EL": "GR"}


def codes(places: Iterable[str]) -> frozenset[str]:
    """Codes in capitals, ``EU`` as its members."""
    found: set[str] = set()
    for place in places:
        code = _ALIASES.get(place.upper(), place.upper())
        found |= EU if code == "EU" else {code}
    return frozenset(found)


def not_granted(excluded: str, stated: Iterable[str]) -> tuple[str, ...]:
    """Which of the stated places a license leaves out, sorted; as they were stated.

    Args:
        excluded: codes without a grant, by spaces.
        stated: codes of the use.
    """
    out = codes(excluded.split())
    return tuple(sorted(place for place in stated if not codes([place]).isdisjoint(out)))
