"""The colors, light and dark. Text on its ground has a contrast of 4.5 to 1 or more (WCAG 1.4.3).

``ink`` on ``paper`` is the page; a tone is a pair of text and ground, by the name of what it says.
"""

from __future__ import annotations

LIGHT: dict[str, str] = {
    "paper": "#ffffff", "panel": "#f5f6f8", "ink": "#1b1f24", "muted": "#505a66",
    "line": "#d3d8de", "edge": "#6f7a86", "link": "#0b5394", "focus": "#0b5394",
    "red": "#a01218", "red-ground": "#fcebea", "amber": "#7a4a00", "amber-ground": "#fdf1dc",
    "blue": "#174f8a", "blue-ground": "#e7f0fa", "violet": "#5b2f91", "violet-ground": "#f1eafa",
    "green": "#1b5e33", "green-ground": "#e5f4ea", "gray": "#4b5560", "gray-ground": "#eceff2",
    "solid": "#ffffff", "solid-ground": "#a01218",
}  # fmt: skip
DARK: dict[str, str] = {
    "paper": "#14171b", "panel": "#1d2127", "ink": "#e8eaed", "muted": "#a9b2bd",
    "line": "#353c45", "edge": "#8792a0", "link": "#8ec1f7", "focus": "#8ec1f7",
    "red": "#ff9c96", "red-ground": "#3f1d1d", "amber": "#f1c27a", "amber-ground": "#3a2c12",
    "blue": "#9cc8f7", "blue-ground": "#182d45", "violet": "#cfb4f5", "violet-ground": "#2f2344",
    "green": "#93d7a9", "green-ground": "#16321f", "gray": "#b9c1ca", "gray-ground": "#2a3038",
    "solid": "#1a0606", "solid-ground": "#ff9c96",
}  # fmt: skip
TONES = ("red", "amber", "blue", "violet", "green", "gray", "solid")

# What stands on what: text, ground.
TEXT_ON: tuple[tuple[str, str], ...] = (
    ("ink", "paper"), ("ink", "panel"), ("muted", "paper"), ("muted", "panel"),
    ("link", "paper"), ("link", "panel"),
    *((tone, f"{tone}-ground") for tone in TONES),
    *((tone, "paper") for tone in TONES if tone != "solid"),
    *(("ink", f"{tone}-ground") for tone in ("red", "amber", "green", "blue")),
    *(("muted", f"{tone}-ground") for tone in ("amber", "blue")),  # in the lineage's boxes
)  # fmt: skip
# Edges of controls and the focus ring: 3 to 1 (WCAG 1.4.11).
EDGE_ON: tuple[tuple[str, str], ...] = (
    ("edge", "paper"), ("edge", "panel"), ("focus", "paper"), ("focus", "panel"),
)  # fmt: skip


def css() -> str:
    """Custom properties: as the system wants them, and as the reader chose."""
    light, dark = _properties(LIGHT), _properties(DARK)
    return (
        f":root{{color-scheme:light dark;{light}}}\n"
        f"@media (prefers-color-scheme:dark){{:root:not([data-colors=light]){{{dark}}}}}\n"
        f":root[data-colors=light]{{color-scheme:light}}\n"
        f":root[data-colors=dark]{{color-scheme:dark;{dark}}}\n"
        f"@media print{{:root:root:root{{color-scheme:light;{light}}}}}\n"
        + "".join(f".{t}{{color:var(--{t});background:var(--{t}-ground)}}" for t in TONES)
    )


def _properties(colors: dict[str, str]) -> str:
    return "".join(f"--{name}:{value};" for name, value in colors.items())
