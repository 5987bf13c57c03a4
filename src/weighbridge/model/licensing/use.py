"""The use a verdict is asked for. What nobody stated is asked for, never assumed."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Activity(enum.StrEnum):
    """What is done with the model. A use may be several."""

    INTERNAL = "internal"
    SERVICE = "service"  # others use it over a network
    WEIGHTS = "weights"  # its weights are given to others
    APPLICATION = "application"  # a product that holds it is given to others


class Purpose(enum.StrEnum):
    """What for."""

    RESEARCH = "research"
    COMMERCIAL = "commercial"


@dataclass(frozen=True, slots=True)
class Use:
    """A stated use. Empty and ``None`` mean: not stated.

    ``territory``: ISO 3166-1 alpha-2 codes, and ``EU``. ``users``: monthly active users of all the
    licensee's products. ``revenue``: US dollars a year.
    """

    activities: frozenset[Activity] = frozenset()
    purpose: Purpose | None = None
    territory: frozenset[str] = frozenset()
    users: int | None = None
    revenue: int | None = None
