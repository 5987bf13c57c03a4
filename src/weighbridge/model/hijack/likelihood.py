"""How much more often a signal is seen with a hijack than without one: counts, and their source.

The points of a signal are ``round(10 * log10(LR))``, where the likelihood ratio ``LR`` sets the
share of incidents that show the signal against the share of benign releases that do. Both shares
are smoothed by Jeffreys' prior, ``(k + 1/2) / (n + 1)``, so that no count of zero makes a signal
worth nothing or everything. Decision 22 has the reasons, and what is not scored.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from weighbridge.model.hijack.view import Reading, View

INCIDENTS = 20
"""Each ratio counts all the incidents, also those of which nobody recorded whether the signal was
there: they count as if it was not, which makes the ratio smaller."""

ASSUMED = (1, 100)
"""What is taken for benign releases where nobody has measured: one in a hundred shows the signal.

It is the same for all of them, so that no single one is tuned, and above what is published for
signals of the same kind (decision 22).
"""


class Group(enum.StrEnum):
    """What a signal looks at. Signals of one group that fire together are not independent.

    Of one group the greatest counts, once. Of ``timing`` they are added up and held below the
    warning line: many benign releases come late, or many on one day.
    """

    OWNERSHIP = "ownership"
    PUBLISHING = "publishing"
    SOURCE = "source"
    TIMING = "timing"
    DEPENDENCIES = "dependencies"
    ACCOUNT = "account"
    CONTENT = "content"
    IDENTITY = "identity"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Likelihood:
    """Counts: incidents that showed the signal, of how many; benign releases that did, of how many.

    ``source`` names the incidents and says where the benign count comes from, or that it is an
    assumption.
    """

    incidents: int
    incidents_judged: int
    benign: int
    benign_judged: int
    source: str

    def __post_init__(self) -> None:
        for fired, judged in (
            (self.incidents, self.incidents_judged),
            (self.benign, self.benign_judged),
        ):
            if not 0 <= fired <= judged or judged < 1:
                raise ValueError(f"{fired} of {judged} is no count")

    @property
    def numerator(self) -> float:
        """The smoothed share of incidents that show the signal."""
        return (self.incidents + 0.5) / (self.incidents_judged + 1)

    @property
    def denominator(self) -> float:
        """The smoothed share of benign releases that show it."""
        return (self.benign + 0.5) / (self.benign_judged + 1)

    @property
    def ratio(self) -> float:
        """The likelihood ratio."""
        return self.numerator / self.denominator

    @property
    def points(self) -> int:
        """What the signal is worth where it fires; never below 0."""
        return max(0, round(10 * math.log10(self.ratio)))

    def __str__(self) -> str:
        return (
            f"({self.incidents} + 1/2) / ({self.incidents_judged} + 1) = {self.numerator:.4f} of "
            f"incidents, ({self.benign} + 1/2) / ({self.benign_judged} + 1) = "
            f"{self.denominator:.5f} of benign releases, ratio {self.ratio:.1f}"
        )


@dataclass(frozen=True, slots=True)
class Signal:
    """One signal: its id (the rule's), how it is read, what it is worth."""

    id: str
    read: Callable[[View], Iterator[Reading]]
    group: Group
    likelihood: Likelihood
