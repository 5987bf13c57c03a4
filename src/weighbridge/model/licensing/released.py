"""What a model's files say, sorted for looking up what a release must fulfill."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast

from weighbridge.model.evidence import Evidence, EvidenceState
from weighbridge.model.facts.license import LicenseFacts
from weighbridge.model.facts.release import PhraseFacts, ReleaseFacts
from weighbridge.model.licensing.obligations import Obligation

_FILES = frozenset({"detected", "notice", "use-policy"})


@dataclass(frozen=True, slots=True)
class Release:
    """What the model's files say, sorted for looking up.

    ``texts`` are the license, notice and policy files; ``places`` say where each phrase stands.
    """

    facts: ReleaseFacts
    texts: tuple[tuple[str, LicenseFacts], ...]
    places: Mapping[str, tuple[PhraseFacts, ...]]

    @classmethod
    def of(cls, release: Evidence, licenses: Iterable[Evidence]) -> Release:
        """From evidence of the kinds ``release`` and ``license``."""
        observed = (e for e in licenses if e.state is EvidenceState.OBSERVED)
        texts = ((e.about, cast(LicenseFacts, e.data)) for e in observed)
        files = tuple((path, facts) for path, facts in texts if facts["role"] in _FILES)
        said = cast(ReleaseFacts, release.data)
        places: dict[str, tuple[PhraseFacts, ...]] = {}
        for place in said["phrases"]:
            places[place["phrase"]] = (*places.get(place["phrase"], ()), place)
        return cls(said, files, places)

    def holds(self, phrases: Iterable[str]) -> tuple[PhraseFacts, ...]:
        """Where the phrases stand, in their order."""
        return tuple(place for phrase in phrases for place in self.places.get(phrase, ()))

    def unread(self, *roles: str) -> str:
        """A file of one of these roles that could not be read; empty where there is none."""
        found = (u for u in self.facts["unread"] if u["role"] in roles)
        return next((f"'{u['path']}' was not read: {u['reason']}" for u in found), "")

    def text_of(self, duty: Obligation) -> str:
        """The path of a file that is the license's text, word for word."""
        ids = {duty.license, *duty.also}
        for path, facts in self.texts:
            named = {*facts["symbols"], *facts["also"], *facts["held"]}
            if facts["role"] == "detected" and ids & named:
                return path
        return ""

    def variant_of(self, duty: Obligation) -> str:
        """The path of a file that is near the license's text."""
        ids = {duty.license, *duty.also}
        return next((path for path, facts in self.texts if facts["nearest"] in ids), "")
