"""Evidence of the kind ``documentation``: what the card and the folder say beyond the model facts.

Two pieces: about ``card``, with :class:`CardFacts`, and about ``prompts``, with
:class:`PromptsFacts`. The first is ``absent`` where there is neither a card nor another document,
and ``unavailable`` where the card could not be read; it then holds what other documents say. The
second is ``absent`` where no prompt is kept as a file, and ``unavailable`` where the record of
approvals could not be read. Texts have their control characters escaped; a list holds at most
:data:`MAX_ENTRIES`.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

MAX_ENTRIES = 1_000


class SectionFacts(TypedDict):
    """A part of a document about one topic of :mod:`weighbridge.model.documentation`.

    ``words``: those that say something, below this heading and the deeper ones under it; 0 where
    there are only placeholders, which ``placeholder`` then says. ``kind``: a ``heading`` of a text,
    a ``key`` of the card's front matter, or a ``file`` that is there for the topic.
    """

    topic: str
    kind: Literal["heading", "key", "file"]
    heading: str
    path: str
    line: int
    words: int
    placeholder: bool


class EvaluationFacts(TypedDict):
    """One result of an evaluation, or one section of the text that gives figures.

    ``result``: what was measured, in words. ``harness``, ``date`` (as written) and ``dataset`` are
    empty where they are not said.
    """

    origin: Literal["model-index", "text"]
    result: str
    harness: str
    date: str
    dataset: str
    path: str
    line: int


class EnergyStatementFacts(TypedDict):
    """An amount of carbon or energy as a document gives it.

    ``written``: the amount as it stands there, with its unit; ``amount`` in grams of CO2 or in kWh
    as decimal text, empty where ``problem`` (a clause) says why it is none.
    """

    quantity: Literal["carbon", "energy"]
    origin: Literal["key", "text"]
    written: str
    amount: str
    problem: str
    path: str
    line: int


class CardFacts(TypedDict):
    """What the documents say. ``documents`` are those that were read, the card first.

    ``unread`` are sentences on what was not read, each with its path.
    """

    part: Literal["card"]
    card: str
    documents: list[str]
    sections: list[SectionFacts]
    evaluations: list[EvaluationFacts]
    energy: list[EnergyStatementFacts]
    unread: list[str]


class ApprovalFacts(TypedDict):
    """Who let a prompt be used. ``sha256`` is of the content that was approved, in hex.

    ``path`` and ``line`` are where that is recorded; ``approved_on`` is an ISO 8601 date. Each is
    empty where the record does not say it.
    """

    approved_by: str
    approved_on: str
    sha256: str
    version: str
    path: str
    line: int


class PromptFacts(TypedDict):
    """A prompt that is kept as a file.

    ``sha256`` is of the whole file, ``body_sha256`` of what follows its front matter where it has
    one. ``git``: ``committed``, ``uncommitted``, ``untracked`` or ``uncompared`` against the newest
    commit, ``none`` where the subject lies in no repository.
    """

    path: str
    sha256: str
    body_sha256: str
    git: str
    approvals: list[ApprovalFacts]


class PromptsFacts(TypedDict):
    """Every prompt, and the entries of records that name no prompt there is."""

    part: Literal["prompts"]
    prompts: list[PromptFacts]
    records: list[str]
    strangers: list[str]
    unread: list[str]
    git_reason: NotRequired[str]
